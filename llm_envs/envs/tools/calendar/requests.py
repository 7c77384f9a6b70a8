"""What the owner of a calendar asks for, and what a perfect assistant makes of it.

Each kind of request is a function of a plan; it gives None where this plan has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.calendar.calls import (
    create_meeting,
    find_meeting,
    find_person,
    free_times,
    move_meeting,
    to_utc,
)
from llm_envs.envs.tools.calendar.plan import TOMORROW, Plan
from llm_envs.envs.tools.calendar.service import PRIORITIES
from llm_envs.envs.tools.calendar.talk import agenda
from llm_envs.envs.tools.calendar.zones import ZONES
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.talk import quoted
from llm_envs.tools.user import Agenda
from llm_envs.world import Row

__all__ = ["KINDS"]

_TITLES = ("Kick-off {n}", "Contract {n}", "Ticket {n}", "Proposal {n}", "Order {n}")
_CANCELLING, _BOOKING, _MOVING = "cancel a meeting", "book a room for a meeting", "move a meeting"
_MINUTES = 30
_EARLIEST = "the earliest time that suits everybody who is invited to it, and that is not today"
_TWO_DAYS = 96
"""In half hours."""


def _scenario(plan: Plan, kind: str, words: str, calls: Sequence[Call], talk: Agenda, **goal: Any) -> Scenario:
    return Scenario(plan.rows, f"{words} {plan.owner['name']}", tuple(calls), kind, now=plan.now, agenda=talk, **goal)


def _named(meeting: Row) -> dict[str, str]:
    """A meeting, in a talk."""
    return {"meeting": quoted(meeting["title"])}


def _single(meetings: Sequence[Row]) -> list[Row]:
    """Those whose title is no other's."""
    return [meeting for meeting in meetings if not meeting["series"]]


def _begins(meeting: Row) -> datetime:
    return datetime.fromisoformat(meeting["starts"])


def _length(plan: Plan, meeting: Row) -> int:
    begin, end = plan.span(meeting)
    return end - begin


def _names(people: Sequence[Row]) -> str:
    return " and ".join(str(person["name"]) for person in people)


# What is asked


def _asked_when(plan: Plan) -> Scenario | None:
    meetings = _single(plan.of(plan.owner))
    return _when(plan, "when", plan.chance.pick(meetings), plan.owner, "my") if meetings else None


def _asked_when_there(plan: Plan) -> Scenario | None:
    found = [
        (meeting, person)
        for meeting in _single(plan.of(plan.owner))
        for person in plan.invited(meeting)
        if person["zone"] != plan.owner["zone"]
    ]
    if not found:
        return None
    meeting, person = plan.chance.pick(found)
    return _when(plan, "when there", meeting, person, f"{person['name']}'s")


def _when(plan: Plan, kind: str, meeting: Row, person: Row, whose: str) -> Scenario:
    words = f'When does the meeting "{meeting["title"]}" begin in {whose} local time? Write it as YYYY-MM-DD HH:MM.'
    calls = (
        find_meeting(meeting),
        find_person(person),
        Call("to_local", {"time": meeting["starts"], "zone": person["zone"]}),
    )
    others = {} if person is plan.owner else {"person": person["name"]}
    by_whom = "somebody's" if others else "my"
    wish = f"know when a meeting begins in {by_whom} local time, written as YYYY-MM-DD HH:MM"
    talk = agenda(plan, wish, _named(meeting) | others)
    return _scenario(plan, kind, words, calls, talk, answer=ZONES[person["zone"]].local(_begins(meeting)))


def _asked_day(plan: Plan) -> Scenario | None:
    return _day(plan, "day", plan.owner, "am I", "my")


def _asked_day_there(plan: Plan) -> Scenario | None:
    person = plan.others(1)[0]
    return _day(plan, "day there", person, f"is {person['name']}", f"{person['name']}'s")


def _day(plan: Plan, kind: str, person: Row, who: str, whose: str) -> Scenario | None:
    meetings, zone = plan.of(person), ZONES[person["zone"]]
    if not meetings:
        return None
    day = zone.local(_begins(plan.chance.pick(meetings))).date()
    found = [meeting for meeting in meetings if zone.local(_begins(meeting)).date() == day]
    first = min(found, key=_begins)
    words = (
        f"To how many meetings that begin on {day} in {whose} local time {who} invited, and which is the title of the "
        "first of these? Write it as in: 3, Budget review."
    )
    calls = (find_person(person), Call("find_meetings", {"person_id": person["id"]}))
    others = {} if person is plan.owner else {"person": person["name"]}
    is_, by_whose = ("somebody is", "their") if others else ("I am", "my")
    wish = (
        f"know to how many meetings that begin on a certain day in {by_whose} local time {is_} invited, and the title "
        "of the first of these, written as in: 3, Budget review"
    )
    talk = agenda(plan, wish, others | {"day": day.isoformat()})
    return _scenario(plan, kind, words, calls, talk, answer=(len(found), first["title"]))


def _asked_first_time(plan: Plan) -> Scenario | None:
    people = [plan.owner, *plan.others(2)]
    length = plan.chance.between(1, 4)
    slots = plan.later(people, length)
    if not slots:
        return None
    words = (
        f"What is the earliest time at which a meeting of {length * _MINUTES} minutes suits {_names(people[1:])} and "
        "me? Write it in UTC, as YYYY-MM-DD HH:MM."
    )
    wish = "know the earliest time at which a meeting suits some people and me, in UTC, written as YYYY-MM-DD HH:MM"
    talk = agenda(plan, wish, _gathering(people[1:], length))
    calls = free_times(plan, people, slots[0])
    return _scenario(plan, "first time", words, calls, talk, answer=plan.time(slots[0]))


def _gathering(others: Sequence[Row], length: int) -> dict[str, str]:
    """A meeting that is not there yet, in a talk."""
    return {"group": _names(others), "length": f"{length * _MINUTES} minutes"}


# What is done with one meeting


def _cancel(plan: Plan) -> Scenario | None:
    meetings = _single(plan.mine)
    if not meetings:
        return None
    return _cancelling(plan, "cancel", plan.chance.pick(meetings))


def _cancelling(plan: Plan, kind: str, meeting: Row, **goal: Any) -> Scenario:
    """A meeting is called off; not so where the goal is a refusal."""
    words = f'Please cancel the meeting "{meeting["title"]}".'
    cancel = Call("cancel_meeting", {"meeting_id": meeting["id"]})
    calls = (find_meeting(meeting), *(() if goal else (cancel,)))
    return _scenario(plan, kind, words, calls, agenda(plan, _CANCELLING, _named(meeting), "cancel"), **goal)


def _invite(plan: Plan) -> Scenario | None:
    found = []
    for meeting in _single(plan.mine):
        begin, end = plan.span(meeting)
        seats = next((room["seats"] for room in plan.rooms if room["id"] == meeting["room"]), len(plan.people))
        for person in plan.people:
            fits = person["id"] not in meeting["invited"] and len(plan.invited(meeting)) < seats
            if fits and begin in plan.slots([person], end - begin):
                found.append((meeting, person))
    if not found:
        return None
    meeting, person = plan.chance.pick(found)
    words = f'Please invite {person["name"]} to the meeting "{meeting["title"]}" as well.'
    add = Call("invite", {"meeting_id": meeting["id"], "person_id": person["id"]})
    talk = agenda(plan, "invite somebody to a meeting as well", _named(meeting) | {"person": person["name"]}, "plan")
    return _scenario(plan, "invite", words, (find_person(person), find_meeting(meeting), add), talk)


def _book(plan: Plan) -> Scenario | None:
    found = [
        (meeting, rooms[0])
        for meeting in _single(plan.mine)
        if not meeting["room"] and (rooms := plan.seating(len(plan.invited(meeting)), *plan.span(meeting)))
    ]
    if not found:
        return None
    meeting, room = plan.chance.pick(found)
    words = (
        f'Please book a room for the meeting "{meeting["title"]}": the smallest that seats everybody who is invited, '
        "and that is free then."
    )
    book = Call("book_room", {"meeting_id": meeting["id"], "room_id": room["id"]})
    room_told = {"room": "the smallest that seats everybody who is invited, and that is free then"}
    talk = agenda(plan, _BOOKING, _named(meeting) | room_told, "plan")
    return _scenario(plan, "book", words, (find_meeting(meeting), Call("list_rooms", {}), book), talk)


def _book_named(plan: Plan) -> Scenario | None:
    found = [
        (meeting, room)
        for meeting in _single(plan.mine)
        for room in plan.seating(len(plan.invited(meeting)), *plan.span(meeting))
    ]
    return _booking(plan, "book that room", *plan.chance.pick(found)) if found else None


def _booking(plan: Plan, kind: str, meeting: Row, room: Row, **goal: Any) -> Scenario:
    """A meeting gets a certain room; not so where the goal is a refusal."""
    words = f'Please book the room {room["name"]} for the meeting "{meeting["title"]}".'
    talk = agenda(plan, _BOOKING, _named(meeting) | {"room": f"the room {room['name']}"}, "plan")
    book = Call("book_room", {"meeting_id": meeting["id"], "room_id": room["id"]})
    calls = (find_meeting(meeting), Call("list_rooms", {}), *(() if goal else (book,)))
    return _scenario(plan, kind, words, calls, talk, **goal)


def _move(plan: Plan) -> Scenario | None:
    found = []
    for meeting in _single(plan.mine):
        if not meeting["room"]:
            slots = plan.later(plan.invited(meeting), _length(plan, meeting), meeting)
            found += [(meeting, slot) for slot in slots if slot != plan.span(meeting)[0]]
    if not found:
        return None
    meeting, slot = plan.chance.pick(found)
    person = plan.chance.pick(plan.invited(meeting))
    words = f'Please move the meeting "{meeting["title"]}" to {plan.told(slot, person)}.'
    talk = agenda(plan, _MOVING, _named(meeting) | {"new time": plan.told(slot, person)}, "move")
    calls = (find_meeting(meeting), *to_utc(plan, slot, person), move_meeting(plan, meeting, slot))
    return _scenario(plan, "move", words, calls, talk)


def _move_behind(plan: Plan) -> Scenario | None:
    found = [item for item in _behind(plan) if item[2] >= TOMORROW]
    return _following(plan, "move behind", *plan.chance.pick(found)) if found else None


def _behind(plan: Plan) -> list[tuple[Row, Row, int]]:
    """Meetings of the owner that could follow another one, which ends at that half hour: as far as R5 allows it."""
    meetings = _single(plan.meetings)
    return [
        (meeting, other, end)
        for meeting in _single(plan.mine)
        if not meeting["room"]
        for slots in [set(plan.slots(plan.invited(meeting), _length(plan, meeting), meeting))]
        for other in meetings
        if other is not meeting and (end := plan.span(other)[1]) in slots and end != plan.span(meeting)[0]
    ]


def _following(plan: Plan, kind: str, meeting: Row, other: Row, slot: int, **goal: Any) -> Scenario:
    """A meeting moves to the end of another one; not so where the goal is a refusal."""
    time = f'the time at which the meeting "{other["title"]}" ends'
    words = f'Please move the meeting "{meeting["title"]}" to {time}.'
    talk = agenda(plan, _MOVING, _named(meeting) | {"new time": time}, "move")
    reads = (find_meeting(meeting), find_meeting(other), *free_times(plan, plan.invited(meeting), slot))
    write = () if goal else (move_meeting(plan, meeting, slot),)
    return _scenario(plan, kind, words, (*reads, *write), talk, **goal)


def _move_to_first(plan: Plan) -> Scenario | None:
    found = [meeting for meeting in _single(plan.mine) if not meeting["room"]]
    if not found:
        return None
    meeting = plan.chance.pick(found)
    people = plan.invited(meeting)
    slots = plan.later(people, _length(plan, meeting), meeting)
    if not slots or slots[0] == plan.span(meeting)[0]:
        return None
    calls = (find_meeting(meeting), *free_times(plan, people, slots[0]), move_meeting(plan, meeting, slots[0]))
    return _advancing(plan, "move to the first time", meeting, calls)


def _advancing(plan: Plan, kind: str, meeting: Row, calls: Sequence[Call], **goal: Any) -> Scenario:
    words = f'Please move the meeting "{meeting["title"]}" to {_EARLIEST}.'
    talk = agenda(plan, _MOVING, _named(meeting) | {"new time": _EARLIEST}, "move")
    return _scenario(plan, kind, words, calls, talk, **goal)


# What is planned


def _title(plan: Plan) -> str:
    return plan.chance.pick(_TITLES).format(n=plan.chance.between(10, 9_999))


def _plan_at(plan: Plan) -> Scenario | None:
    people, length = [plan.owner, *plan.others(2)], plan.chance.between(1, 4)
    slots = plan.later(people, length)
    return _asking(plan, "plan", people, plan.chance.pick(slots), length) if slots else None


def _asking(plan: Plan, kind: str, people: Sequence[Row], slot: int, length: int, **goal: Any) -> Scenario:
    """A meeting at a given time; not planned where the goal is a refusal."""
    title, others = _title(plan), people[1:]
    words = (
        f'Please plan a meeting "{title}" of {length * _MINUTES} minutes with {_names(others)} on '
        f"{plan.told(slot, plan.owner)}. It needs no room."
    )
    talk = _wanted(plan, title, _gathering(others, length), plan.told(slot, plan.owner))
    reads = (*to_utc(plan, slot, plan.owner), *free_times(plan, others, slot))
    write = () if goal else (create_meeting(plan, title, others, slot, length),)
    return _scenario(plan, kind, words, (*reads, *write), talk, **goal)


def _wanted(plan: Plan, title: str, gathering: dict[str, str], time: str, room: str = "none is needed") -> Agenda:
    """A meeting to be planned, in a talk."""
    told = {"title": quoted(title), **gathering, "time": time, "room": room}
    return agenda(plan, "plan a meeting", told, "plan")


def _plan_first(plan: Plan) -> Scenario | None:
    people, length = [plan.owner, *plan.others(2)], plan.chance.between(1, 4)
    slots = plan.later(people, length)
    if not slots:
        return None
    title, others = _title(plan), people[1:]
    words = (
        f'Please plan a meeting "{title}" of {length * _MINUTES} minutes with {_names(others)}, at the earliest time '
        "that suits them and me. It needs no room."
    )
    calls = (*free_times(plan, people, slots[0]), create_meeting(plan, title, others, slots[0], length))
    talk = _wanted(plan, title, _gathering(others, length), "the earliest that suits them and me")
    return _scenario(plan, "plan at the first time", words, calls, talk)


def _plan_with_room(plan: Plan) -> Scenario | None:
    people, length = [plan.owner, *plan.others(plan.chance.between(1, 4))], plan.chance.between(1, 3)
    found = plan.seated(people, length)
    if found is None:
        return None
    slot, room = found
    title, others = _title(plan), people[1:]
    words = (
        f'Please plan a meeting "{title}" of {length * _MINUTES} minutes with {_names(others)}, at the earliest time '
        "that suits them and me and at which a room that seats us all is free. Take the smallest such room."
    )
    write = create_meeting(plan, title, others, slot, length, room_id=room["id"])
    time = "the earliest that suits them and me, and at which there is such a room"
    talk = _wanted(plan, title, _gathering(others, length), time, "the smallest that seats us all and is free then")
    calls = (*free_times(plan, people, slot), Call("list_rooms", {}), write)
    return _scenario(plan, "plan with a room", words, calls, talk)


# What takes several steps


def _conflict(plan: Plan) -> Scenario | None:
    found = [meeting for meeting in _single(plan.mine) if not meeting["room"] and plan.span(meeting)[0] >= TOMORROW]
    if not found:
        return None
    meeting = plan.chance.pick(found)
    begin, end = plan.span(meeting)
    people = [person for person in plan.people[1:] if begin in plan.slots([person], end - begin)]
    if not people:
        return None
    used = {row["id"] for row in plan.meetings}
    numbers = plan.chance.numbers(len(used) + 1, 100, 999)
    row = {
        **meeting,
        "id": next(free for number in numbers if (free := f"mtg-{number}") not in used),
        "title": _title(plan),
        "invited": ",".join(sorted([plan.owner["id"], plan.chance.pick(people)["id"]])),
        "priority": plan.chance.pick([level for level in PRIORITIES if level != meeting["priority"]]),
    }
    other = plan.add(row, begin, end)
    lower = min((meeting, other), key=lambda row: PRIORITIES.index(row["priority"]))
    invited = plan.invited(lower)
    slots = plan.later(invited, end - begin, lower)
    if not slots:
        return None
    words = (
        "Two meetings that I organise are at the same time. Please move the one with the lower priority to the "
        "earliest time that suits everybody who is invited to it, and that is not today. Leave the other one."
    )
    look = Call("find_meetings", {"person_id": plan.owner["id"]})
    calls = (find_person(plan.owner), look, *free_times(plan, invited, slots[0]), move_meeting(plan, lower, slots[0]))
    told = {"meeting to move": "the one with the lower priority", "new time": _EARLIEST}
    talk = agenda(plan, "see to two meetings that I organise and that are at the same time", told)
    return _scenario(plan, "conflict", words, calls, talk)


def _cancel_series(plan: Plan) -> Scenario | None:
    series = [meeting for meeting in plan.meetings if meeting["series"]]
    later = [meeting for meeting in series if plan.span(meeting)[0] >= _TWO_DAYS]
    if len(later) < 2:
        return None
    day = plan.time(plan.span(later[0])[0]).date()
    words = (
        f'Please cancel all meetings of my series "{series[0]["title"]}" that begin on {day} or later, in UTC, and '
        "tell me their ids."
    )
    cancels = (Call("cancel_meeting", {"meeting_id": meeting["id"]}) for meeting in later)
    answer = frozenset(meeting["id"] for meeting in later)
    wish = "cancel all meetings of a series of mine from some day on, in UTC, and know their ids"
    talk = agenda(plan, wish, {"series": quoted(series[0]["title"]), "first day": day.isoformat()}, "cancel")
    return _scenario(plan, "cancel a series", words, (find_meeting(series[0]), *cancels), talk, answer=answer)


# What a rule forbids


def _forbidden_hours(plan: Plan) -> Scenario | None:
    people, length = [plan.owner, *plan.others(2)], plan.chance.between(1, 4)
    mine, all_of_us = plan.later(people[:1], length), plan.working(people)
    found = [slot for slot in mine if not all_of_us[slot : slot + length].all()]
    found = [slot for slot in found if not _busy(plan, people, slot, length)]
    return _asking(plan, "against R1", people, plan.chance.pick(found), length, refusal="R1") if found else None


def _busy(plan: Plan, people: Sequence[Row], slot: int, length: int) -> bool:
    """Somebody is in a meeting in so many half hours from then on."""
    return any(plan.busy(person)[slot : slot + length].any() for person in people)


def _forbidden_overlap(plan: Plan) -> Scenario | None:
    people, length = [plan.owner, *plan.others(2)], plan.chance.between(1, 4)
    works = plan.working(people)
    slots = (slot for slot in range(TOMORROW, len(works) - length + 1) if works[slot : slot + length].all())
    found = [slot for slot in slots if _busy(plan, people, slot, length)]
    return _asking(plan, "against R2", people, plan.chance.pick(found), length, refusal="R2") if found else None


def _forbidden_room(plan: Plan) -> Scenario | None:
    found = []
    for meeting in _single(plan.mine):
        count = len(plan.invited(meeting))
        free = plan.seating(1, *plan.span(meeting))
        found += [(meeting, room) for room in free if room["seats"] < count and room["id"] != meeting["room"]]
    return _booking(plan, "against R3", *plan.chance.pick(found), refusal="R3") if found else None


def _forbidden_cancel(plan: Plan) -> Scenario | None:
    found = _organised_by_others(plan)
    return _cancelling(plan, "against R4", plan.chance.pick(found), refusal="R4") if found else None


def _organised_by_others(plan: Plan) -> list[Row]:
    """Meetings to which the owner is invited."""
    return [meeting for meeting in _single(plan.of(plan.owner)) if meeting["organiser"] != plan.owner["id"]]


def _forbidden_move(plan: Plan) -> Scenario | None:
    found = _organised_by_others(plan)
    if not found:
        return None
    meeting = plan.chance.pick(found)
    return _advancing(plan, "move against R4", meeting, (find_meeting(meeting),), refusal="R4")


def _forbidden_today(plan: Plan) -> Scenario | None:
    found = [item for item in _behind(plan) if TOMORROW / 2 <= item[2] < TOMORROW]
    return _following(plan, "against R5", *plan.chance.pick(found), refusal="R5") if found else None


_Kind = Callable[[Plan], Scenario | None]

KINDS: tuple[tuple[_Kind, ...], ...] = (
    (_asked_when, _asked_day),
    (_cancel, _invite, _book),
    (
        *(_asked_day_there, _plan_at, _asked_when_there) * 4,
        *(_cancel, _move_behind) * 2,
        *(_forbidden_cancel, _cancel, _forbidden_today, _move_behind),
    ),
    (
        *(_move, _asked_first_time, _plan_at) * 4,
        *(_book_named, _book_named, _book_named, _forbidden_hours),
        *(_forbidden_overlap, _plan_at, _forbidden_room, _book_named),
    ),
    (*(_plan_first, _move_to_first) * 7, *(_plan_at,) * 4, _forbidden_overlap, _forbidden_move),
    (
        *(_cancel_series, _plan_with_room, _conflict) * 4,
        *(_book_named, _plan_at) * 2,
        *(_forbidden_hours, _book_named, _forbidden_room, _plan_at),
    ),
)
"""By difficulty; a kind that stands there more often is drawn more often.

Whatever is forbidden is asked more often, in the same words, where it is not: who refuses by the words of a request
alone is mostly wrong.
"""
