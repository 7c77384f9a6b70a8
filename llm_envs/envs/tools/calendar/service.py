"""The tables of a calendar, and what an assistant can do with them.

All times are UTC and written `YYYY-MM-DD HH:MM`. The tools keep two rules themselves: who may cancel or move a meeting,
and that a room holds one meeting at a time. To keep the others is the agent's task.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from llm_envs.envs.tools.calendar.zones import ZONES, Zone
from llm_envs.envs.tools.lookup import look_up
from llm_envs.errors import did_you_mean
from llm_envs.tools import Injected, Tool, ToolError, tool
from llm_envs.world import Row, Tables, World

__all__ = ["PRIORITIES", "STEP", "TABLES", "TOOLS", "work_span", "written"]

STEP = timedelta(minutes=30)
"""Meetings begin and end at multiples of it."""

PRIORITIES = ("low", "normal", "high")

TABLES = Tables("""
    CREATE TABLE people (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL, works_from INTEGER NOT NULL,
        works_until INTEGER NOT NULL
    );
    CREATE TABLE rooms (id TEXT PRIMARY KEY, name TEXT NOT NULL, seats INTEGER NOT NULL);
    CREATE TABLE meetings (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, organiser TEXT NOT NULL, invited TEXT NOT NULL, starts TEXT NOT NULL,
        ends TEXT NOT NULL, room TEXT, priority TEXT NOT NULL DEFAULT 'normal', series TEXT NOT NULL DEFAULT ''
    );
    CREATE TABLE settings (id TEXT PRIMARY KEY, value TEXT NOT NULL);
""")
"""Working hours are full hours of local time. `invited` are ids parted by commas, the organiser among them."""

_LONGEST = timedelta(hours=8)
_LONGEST_TITLE = 200
_SATURDAY = 5
_LAST_HOUR = 23


@tool
def find_person(world: Injected[World], name: str = "") -> list[Row]:
    """Find people by name, with their time zones and working hours in local time.

    Args:
        name: part of it; everybody where it is left out.
    """
    return world.query("SELECT * FROM people WHERE instr(lower(name), ?) ORDER BY id", name.strip().casefold())


@tool
def list_rooms(world: Injected[World]) -> list[Row]:
    """List all rooms and how many people they seat."""
    return world.query("SELECT * FROM rooms ORDER BY seats")


@tool
def find_meetings(
    world: Injected[World], *, title: str = "", person_id: str = "", room_id: str = "", since: str = "", until: str = ""
) -> list[Row]:
    """Find meetings for which everything given holds, earliest first.

    Args:
        title: part of it.
        person_id: somebody invited, such as per-417.
        room_id: such as rom-203.
        since: a time in UTC; the meeting begins then or later.
        until: a time in UTC; the meeting begins before it.
    """
    holds = ["instr(lower(title), ?)", "instr(',' || invited || ',', ?)"]
    values = [title.strip().casefold(), f",{person_id.strip()}," if person_id.strip() else ","]
    for condition, given in (("starts >= ?", since), ("starts < ?", until)):
        if given.strip():
            holds.append(condition)
            values.append(written(_time(given)))
    if room_id.strip():
        holds.append("room = ?")
        values.append(room_id.strip())
    sql = f"SELECT * FROM meetings WHERE {' AND '.join(holds)} ORDER BY starts, id"  # noqa: S608 (constants)
    return world.query(sql, *values)


@tool
def free_times(world: Injected[World], person_id: str, day: str) -> list[Row]:
    """Tell when somebody is free within working hours, in UTC.

    Args:
        person_id: such as per-417.
        day: a date in that person's time zone, such as 2026-03-10.
    """
    person = _person(world, person_id)
    span = work_span(person, _date(day))
    if span is None:
        return []
    held = "SELECT starts, ends FROM meetings WHERE instr(',' || invited || ',', ?) AND ends > ? AND starts < ?"
    values = (f",{person_id},", written(span[0]), written(span[1]))
    free, since = [], values[1]
    for row in world.query(f"{held} ORDER BY starts", *values):
        if row["starts"] > since:
            free.append({"from": since, "until": row["starts"]})
        since = max(since, row["ends"])
    return [*free, {"from": since, "until": values[2]}] if since < values[2] else free


@tool
def to_local(time: str, zone: str) -> str:
    """Convert a time from UTC to a time zone.

    Args:
        time: in UTC, such as 2026-03-10 14:30.
        zone: such as Europe/Berlin.
    """
    return written(_zone(zone).local(_time(time)))


@tool
def to_utc(time: str, zone: str) -> str:
    """Convert a time from a time zone to UTC.

    Args:
        time: in that time zone, such as 2026-03-10 14:30.
        zone: such as Europe/Berlin.
    """
    return written(_zone(zone).utc(_time(time)))


@tool(kind="write")
def create_meeting(
    world: Injected[World], *, title: str, starts: str, minutes: int, invited: list[str], room_id: str = ""
) -> Row:
    """Plan a meeting that the owner of the calendar organises.

    Args:
        title: of the meeting.
        starts: in UTC, such as 2026-03-10 14:30.
        minutes: a multiple of 30.
        invited: ids of people; the organiser is added.
        room_id: left out, there is no room.
    """
    owner, begin = _owner(world), _time(starts)
    if not 0 < len(title) <= _LONGEST_TITLE:
        raise ToolError("E_ARGS", f"a title has between 1 and {_LONGEST_TITLE} characters")
    for person_id in invited:
        _person(world, person_id)
    row = {
        "id": world.new_id("new"),
        "title": title,
        "organiser": owner,
        "invited": _joined([owner, *invited]),
        "starts": written(begin),
        "ends": written(begin + _length(minutes)),
        "room": _free_room(world, room_id, begin, begin + _length(minutes)) if room_id else None,
    }
    world.insert("meetings", **row)
    return row


@tool(kind="write")
def move_meeting(world: Injected[World], meeting_id: str, starts: str) -> Row:
    """Move a meeting to another time; it keeps its length and its room.

    Args:
        meeting_id: such as mtg-417.
        starts: in UTC, such as 2026-03-10 14:30.
    """
    meeting, begin = _own(world, meeting_id), _time(starts)
    end = begin + (_time(meeting["ends"]) - _time(meeting["starts"]))
    if meeting["room"]:
        _free_room(world, meeting["room"], begin, end, meeting_id)
    world.execute("UPDATE meetings SET starts = ?, ends = ? WHERE id = ?", written(begin), written(end), meeting_id)
    return {"meeting": meeting_id, "starts": written(begin), "ends": written(end)}


@tool(kind="write")
def cancel_meeting(world: Injected[World], meeting_id: str) -> Row:
    """Cancel one meeting; the others of its series take place.

    Args:
        meeting_id: such as mtg-417.
    """
    _own(world, meeting_id)
    world.execute("DELETE FROM meetings WHERE id = ?", meeting_id)
    return {"cancelled": meeting_id}


@tool(kind="write")
def invite(world: Injected[World], meeting_id: str, person_id: str) -> Row:
    """Invite one more person.

    Args:
        meeting_id: such as mtg-417.
        person_id: such as per-417.
    """
    _person(world, person_id)
    invited = _meeting(world, meeting_id)["invited"].split(",")
    if person_id in invited:
        raise ToolError("E_PRECONDITION", f"{person_id} is invited already")
    return _inviting(world, meeting_id, [*invited, person_id])


@tool(kind="write")
def uninvite(world: Injected[World], meeting_id: str, person_id: str) -> Row:
    """Take back an invitation.

    Args:
        meeting_id: such as mtg-417.
        person_id: such as per-417; not the organiser.
    """
    meeting = _meeting(world, meeting_id)
    invited = meeting["invited"].split(",")
    if person_id not in invited or person_id == meeting["organiser"]:
        raise ToolError("E_PRECONDITION", f"{person_id[:64]} is not among those who could be left out")
    return _inviting(world, meeting_id, [other for other in invited if other != person_id])


@tool(kind="write")
def book_room(world: Injected[World], meeting_id: str, room_id: str) -> Row:
    """Book a room for a meeting, instead of the one that it has.

    Args:
        meeting_id: such as mtg-417.
        room_id: such as rom-203.
    """
    meeting = _meeting(world, meeting_id)
    _free_room(world, room_id, _time(meeting["starts"]), _time(meeting["ends"]), meeting_id)
    world.execute("UPDATE meetings SET room = ? WHERE id = ?", room_id, meeting_id)
    return {"meeting": meeting_id, "room": room_id}


@tool(kind="write")
def set_priority(world: Injected[World], meeting_id: str, priority: str) -> Row:
    """Say how much a meeting matters.

    Args:
        meeting_id: such as mtg-417.
        priority: low, normal or high.
    """
    _meeting(world, meeting_id)
    if priority not in PRIORITIES:
        raise ToolError("E_ARGS", f"a priority is {' or '.join(PRIORITIES)}")
    world.execute("UPDATE meetings SET priority = ? WHERE id = ?", priority, meeting_id)
    return {"meeting": meeting_id, "priority": priority}


@tool(kind="write")
def set_working_hours(world: Injected[World], person_id: str, works_from: int, works_until: int) -> Row:
    """Change somebody's working hours.

    Args:
        person_id: such as per-417.
        works_from: a full hour of local time, such as 9.
        works_until: the same, such as 17.
    """
    _person(world, person_id)
    if not 0 <= works_from < works_until <= _LAST_HOUR:
        raise ToolError("E_ARGS", "working hours are between 0 and 23, and end after they begin")
    hours = "UPDATE people SET works_from = ?, works_until = ? WHERE id = ?"
    world.execute(hours, works_from, works_until, person_id)
    return {"person": person_id, "works_from": works_from, "works_until": works_until}


def work_span(person: Row, day: date) -> tuple[datetime, datetime] | None:
    """When somebody works on a day of the local calendar, in UTC; None at weekends."""
    if day.weekday() >= _SATURDAY:
        return None
    zone = ZONES[person["zone"]]
    begin, end = (datetime(day.year, day.month, day.day, person[at]) for at in ("works_from", "works_until"))  # noqa: DTZ001 (local)
    return zone.utc(begin), zone.utc(end)


def written(time: datetime) -> str:
    """As it stands in tables and answers."""
    return time.isoformat(" ", "minutes")


def _time(text: str) -> datetime:
    """A time in UTC, without a zone."""
    try:
        found = datetime.fromisoformat(text.strip())
        found = found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ToolError("E_ARGS", f"{text[:64]!r} is no time such as 2026-03-10 14:30") from None
    if (found.minute % 30, found.second, found.microsecond) != (0, 0, 0):
        raise ToolError("E_ARGS", "times are full or half hours")
    if found.year != 2026:
        raise ToolError("E_ARGS", "the calendar is of the year 2026")
    return found


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise ToolError("E_ARGS", f"{text[:64]!r} is no date such as 2026-03-10") from None
    _time(found.isoformat())
    return found


def _zone(name: str) -> Zone:
    if name not in ZONES:
        raise ToolError("E_NOT_FOUND", f"there is no time zone {name[:64]!r}. {did_you_mean(name, ZONES)}")
    return ZONES[name]


def _length(minutes: int) -> timedelta:
    length = timedelta(minutes=min(max(minutes, 0), 1_440))
    if not timedelta() < length <= _LONGEST or length % STEP:
        raise ToolError("E_ARGS", "a meeting lasts a multiple of 30 minutes, and no longer than 8 hours")
    return length


def _owner(world: World) -> str:
    return str(look_up(world, "owner", "SELECT value FROM settings WHERE id = 'owner'")["value"])


def _person(world: World, person_id: str) -> Row:
    return look_up(world, f"person {person_id}", "SELECT * FROM people WHERE id = ?", person_id)


def _meeting(world: World, meeting_id: str) -> Row:
    return look_up(world, f"meeting {meeting_id}", "SELECT * FROM meetings WHERE id = ?", meeting_id)


def _own(world: World, meeting_id: str) -> Row:
    """A meeting that the owner may cancel and move."""
    meeting = _meeting(world, meeting_id)
    if meeting["organiser"] != _owner(world):
        raise ToolError("E_POLICY", f"{meeting_id} is organised by {meeting['organiser']}, who alone may do that")
    return meeting


def _free_room(world: World, room_id: str, begin: datetime, end: datetime, except_for: str = "") -> str:
    """The room, where no other meeting is in it."""
    look_up(world, f"room {room_id}", "SELECT * FROM rooms WHERE id = ?", room_id)
    taken = "SELECT id FROM meetings WHERE room = ? AND ends > ? AND starts < ? AND id != ?"
    other = world.one(taken, room_id, written(begin), written(end), except_for)
    if other:
        raise ToolError("E_PRECONDITION", f"{room_id} is taken by {other['id']} then")
    return room_id


def _inviting(world: World, meeting_id: str, people: Iterable[str]) -> Row:
    invited = _joined(people)
    world.execute("UPDATE meetings SET invited = ? WHERE id = ?", invited, meeting_id)
    return {"meeting": meeting_id, "invited": invited}


def _joined(people: Iterable[str]) -> str:
    return ",".join(sorted(set(people)))


TOOLS: tuple[Tool, ...] = (
    find_person,
    list_rooms,
    find_meetings,
    free_times,
    to_local,
    to_utc,
    create_meeting,
    move_meeting,
    cancel_meeting,
    invite,
    uninvite,
    book_room,
    set_priority,
    set_working_hours,
)
