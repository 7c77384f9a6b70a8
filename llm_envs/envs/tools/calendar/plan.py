"""The rows of a calendar of two weeks, and ways to choose among them.

The two weeks are a grid of half hours in UTC, from Monday on; today is that Monday. Meetings are drawn where all who
are invited work and have time, so that no rule is broken before the episode begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from llm_envs.envs.tools.calendar.service import PRIORITIES, STEP, work_span, written
from llm_envs.envs.tools.calendar.zones import ZONES, Zone
from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.people import full_names, ids
from llm_envs.world import Row

__all__ = ["PEOPLE", "TOMORROW", "Plan", "open_plan"]

_DAYS, _SLOTS = 14, 14 * 48
TOMORROW = 48
"""The first half hour of it."""

_REGIONS = (
    ("Europe/London", "Europe/Berlin", "Europe/Helsinki", "Africa/Nairobi", "Asia/Dubai"),
    ("America/New_York", "America/Sao_Paulo", "Europe/London", "Europe/Berlin"),
    ("Australia/Sydney", "Asia/Tokyo", "Asia/Singapore", "Asia/Kolkata"),
)
"""Zones in which people can meet."""

PEOPLE = 7
_HOURS = ((8, 16), (9, 17), (10, 18))
_MEETINGS, _SERIES_LENGTH = 22, 3
_SEATS = (2, 3, 5, 8)
_ROOMS = ("Aspen", "Birch", "Cedar", "Dogwood", "Elder", "Fir", "Gingko", "Hazel")
_ABOUT = ("Budget", "Hiring", "Launch", "Roadmap", "Support", "Pricing", "Security", "Website", "Training", "Audit")
_FORM = ("review", "planning", "sync", "workshop", "interview", "demo")
_SERIES = ("Stand-up", "Office hour", "Reading circle")


@dataclass(slots=True)
class Plan:
    """The rows of one calendar, and ways to choose among them.

    Args:
        works: half hours in which each person works, shape [people, half hours].
        spans: the first half hour of each meeting and the one behind its last, by id.
    """

    chance: Chance
    monday: date
    people: list[Row]
    rooms: list[Row]
    works: NDArray[np.bool_]
    meetings: list[Row] = field(default_factory=list)
    spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """Monday morning at seven."""
        return self.time(14)

    @property
    def owner(self) -> Row:
        """Whose assistant acts."""
        return self.people[0]

    @property
    def zone(self) -> Zone:
        """The owner's."""
        return ZONES[self.owner["zone"]]

    @property
    def rows(self) -> dict[str, list[Row]]:
        """By table."""
        settings = [{"id": "owner", "value": self.owner["id"]}]
        return {"people": self.people, "rooms": self.rooms, "meetings": self.meetings, "settings": settings}

    @property
    def mine(self) -> list[Row]:
        """What the owner organises."""
        return [meeting for meeting in self.meetings if meeting["organiser"] == self.owner["id"]]

    def time(self, slot: int) -> datetime:
        """When a half hour begins, in UTC."""
        return datetime(self.monday.year, self.monday.month, self.monday.day) + slot * STEP  # noqa: DTZ001 (UTC)

    def told(self, slot: int, person: Row) -> str:
        """The same as people say it: in the local time of one of them."""
        time = ZONES[person["zone"]].local(self.time(slot))
        whose = "my" if person is self.owner else f"{person['name']}'s"
        return f"{time:%Y-%m-%d} at {time:%H:%M} in {whose} local time"

    def span(self, meeting: Row) -> tuple[int, int]:
        """The half hours of a meeting: the first, and the one behind the last."""
        return self.spans[meeting["id"]]

    def add(self, meeting: Row, begin: int, end: int) -> Row:
        """One more meeting, from one half hour to another."""
        row = {**meeting, "starts": written(self.time(begin)), "ends": written(self.time(end))}
        self.meetings.append(row)
        self.spans[row["id"]] = begin, end
        return row

    def invited(self, meeting: Row) -> list[Row]:
        """To a meeting."""
        return [person for person in self.people if person["id"] in meeting["invited"]]

    def of(self, person: Row) -> list[Row]:
        """The meetings to which somebody is invited."""
        return [meeting for meeting in self.meetings if person["id"] in meeting["invited"]]

    def others(self, count: int) -> list[Row]:
        """So many people beside the owner."""
        return self.chance.some(self.people[1:], count)

    def busy(self, person: Row, except_for: Row | None = None) -> NDArray[np.bool_]:
        """Half hours in which somebody is in a meeting."""
        found = np.zeros(_SLOTS, np.bool_)
        for meeting in self.of(person):
            if meeting is not except_for:
                begin, end = self.span(meeting)
                found[begin:end] = True
        return found

    def slots(self, people: Sequence[Row], length: int, except_for: Row | None = None) -> list[int]:
        """Half hours at which a meeting of that length suits everybody, today included."""
        free = self.working(people)
        for person in people:
            free &= ~self.busy(person, except_for)
        return _runs(free, length)

    def later(self, people: Sequence[Row], length: int, except_for: Row | None = None) -> list[int]:
        """The same, from tomorrow on."""
        return [slot for slot in self.slots(people, length, except_for) if slot >= TOMORROW]

    def working(self, people: Sequence[Row]) -> NDArray[np.bool_]:
        """Half hours in which all of them work."""
        return _all(self.works, [self.people.index(person) for person in people])

    def seated(self, people: Sequence[Row], length: int) -> tuple[int, Row] | None:
        """The first half hour of those in `later` with a room that seats them all, and the smallest such room."""
        for slot in self.later(people, length):
            if rooms := self.seating(len(people), slot, slot + length):
                return slot, rooms[0]
        return None

    def seating(self, count: int, begin: int, end: int) -> list[Row]:
        """Rooms that seat so many and are free, the smallest first."""
        taken = set()
        for meeting in self.meetings:
            first, last = self.span(meeting)
            if first < end and last > begin:
                taken.add(meeting["room"])
        return [room for room in self.rooms if room["seats"] >= count and room["id"] not in taken]


def _all(grid: NDArray[np.bool_], people: Sequence[int]) -> NDArray[np.bool_]:
    """Half hours that are so for each of them."""
    found: NDArray[np.bool_] = grid[people[0]].copy()
    for person in people[1:]:
        found &= grid[person]
    return found


def _runs(free: NDArray[np.bool_], length: int) -> list[int]:
    """Where so many free half hours begin."""
    found = free[: _SLOTS - length + 1].copy()
    for ahead in range(1, length):
        found &= free[ahead : _SLOTS - length + 1 + ahead]
    return np.flatnonzero(found).tolist()


def open_plan(chance: Chance, monday: date, names: Sequence[str] = ()) -> Plan:
    """A calendar as it stands on that Monday morning.

    Args:
        names: of its seven people, the owner first; drawn by default.
    """
    zones, rng = chance.pick(_REGIONS), chance.rng
    people = []
    for name, number in zip(names or full_names(rng, PEOPLE), ids(rng, "per", PEOPLE), strict=True):
        begin, end = chance.pick(_HOURS)
        row = {"id": number, "name": name, "zone": chance.pick(zones), "works_from": begin, "works_until": end}
        people.append(row)
    names = chance.some(_ROOMS, len(_SEATS))
    rooms = [
        {"id": number, "name": name, "seats": seats}
        for number, name, seats in zip(ids(rng, "rom", len(_SEATS)), names, _SEATS, strict=True)
    ]
    plan = Plan(chance, monday, people, rooms, np.zeros((PEOPLE, _SLOTS), np.bool_))
    _work(plan)
    _meet(plan)
    return plan


def _work(plan: Plan) -> None:
    """Working hours on the grid."""
    start = plan.time(0)
    for person, works in zip(plan.people, plan.works, strict=True):
        for day in range(_DAYS):
            span = work_span(person, plan.monday + timedelta(days=day))
            if span:
                works[max(0, (span[0] - start) // STEP) : (span[1] - start) // STEP] = True


def _meet(plan: Plan) -> None:
    """Meetings of two to four people, and a weekly or daily series of the owner."""
    chance = plan.chance
    numbers = iter(ids(chance.rng, "mtg", _MEETINGS))
    topics = iter(chance.some([f"{about} {form}" for about in _ABOUT for form in _FORM], _MEETINGS))
    free = plan.works.copy()
    _add_series(plan, free, numbers)
    for number in numbers:
        group = chance.some(range(PEOPLE), chance.between(2, 4))
        if chance.happens(0.6) and 0 not in group:
            group[-1] = 0
        length = chance.between(1, 4)
        slots = _runs(_all(free, group), length)
        if slots:
            slot = slots[int(chance.fraction() ** 2 * len(slots))]
            _add(plan, free, group, (slot, slot + length), {"id": number, "title": next(topics)})


def _add_series(plan: Plan, free: NDArray[np.bool_], numbers: Iterator[str]) -> None:
    chance, title = plan.chance, plan.chance.pick(_SERIES)
    group = [0, *chance.some(range(1, PEOPLE), 2)]
    days = chance.some(range(1, 10), _SERIES_LENGTH)
    for day in sorted(days):
        first = (day // 5 * 7 + day % 5) * 48
        slots = [slot for slot in _runs(_all(free, group), 1) if first <= slot < first + 48]
        if slots:
            row = {"id": next(numbers), "title": title, "series": title}
            slot = chance.pick(slots)
            _add(plan, free, group, (slot, slot + 1), row)


def _add(plan: Plan, free: NDArray[np.bool_], group: list[int], span: tuple[int, int], row: Row) -> None:
    chance, (begin, end) = plan.chance, span
    free[group, begin:end] = False
    people = [plan.people[i]["id"] for i in group]
    rooms = plan.seating(len(group), begin, end)
    meeting = {
        "series": "",
        **row,
        "organiser": people[0] if row.get("series") else chance.pick(people),
        "invited": ",".join(sorted(people)),
        "room": rooms[0]["id"] if rooms and chance.happens(0.4) else None,
        "priority": chance.pick(PRIORITIES),
    }
    plan.add(meeting, begin, end)
