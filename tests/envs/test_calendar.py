"""`llm/Calendar-v0`: local times, what its tools answer, and what its tasks promise."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pytest
from drawn import at_tasks

from llm_envs.envs.tools.calendar.plan import TOMORROW, open_plan
from llm_envs.envs.tools.calendar.requests import KINDS
from llm_envs.envs.tools.calendar.service import TABLES, TOOLS, work_span
from llm_envs.envs.tools.calendar.zones import ZONES
from llm_envs.envs.tools.chance import Chance
from llm_envs.tools import ToolError
from llm_envs.world import World

MONDAY = date(2026, 3, 23)
"""Clocks change in Europe at the end of this week."""

NOW = datetime(2026, 3, 23, 7, 0)  # noqa: DTZ001 (UTC throughout)
CALL = {tool.name: tool for tool in TOOLS}
DRAWN = 300


def plans(seed, count):
    """So many calendars."""
    chance = Chance(np.random.default_rng(seed))
    return [open_plan(chance, MONDAY) for _ in range(count)]


@pytest.fixture
def world():
    """Three people, two rooms and two meetings, one of them the owner's."""
    people = [
        ("per-1", "Ada Berg", "Europe/Berlin"),
        ("per-2", "Ben Dahl", "Asia/Kolkata"),
        ("per-3", "Cy Ito", "Asia/Tokyo"),
    ]
    meeting = {"invited": "per-1,per-2", "room": None, "priority": "low"}
    rows = {
        "people": [
            {"id": i, "name": name, "zone": zone, "works_from": 9, "works_until": 17} for i, name, zone in people
        ],
        "rooms": [{"id": "rom-1", "name": "Fir", "seats": 2}, {"id": "rom-2", "name": "Elder", "seats": 5}],
        "meetings": [
            meeting
            | {
                "id": "mtg-1",
                "title": "Mine",
                "organiser": "per-1",
                "starts": "2026-03-24 09:00",
                "ends": "2026-03-24 10:00",
            },
            meeting
            | {
                "id": "mtg-2",
                "title": "Theirs",
                "organiser": "per-2",
                "starts": "2026-03-24 11:00",
                "ends": "2026-03-24 11:30",
                "room": "rom-1",
            },
        ],
        "settings": [{"id": "owner", "value": "per-1"}],
    }
    world = World(TABLES, rows, now=NOW)
    yield world
    world.close()


@pytest.fixture(scope="module")
def drawn():
    """A few hundred tasks."""
    return [env.task for env in at_tasks("llm/Calendar-v0", DRAWN, seed=5)]


@pytest.mark.parametrize("name", sorted(ZONES))
def test_clocks_go_as_everywhere(name):
    """In each hour of the year, and back again."""
    try:
        official = ZoneInfo(name)
    except ZoneInfoNotFoundError:
        pytest.skip("this machine has no time zones")
    moments = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=i) for i in range(24 * 365)]
    shown = [moment.astimezone(official).replace(tzinfo=None) for moment in moments]
    assert [ZONES[name].local(moment.replace(tzinfo=None)) for moment in moments] == shown
    unique = Counter(shown)
    for moment, local in zip(moments, shown, strict=True):
        if unique[local] == 1:
            assert ZONES[name].utc(local) == moment.replace(tzinfo=None)


def test_working_hours_follow_the_clock():
    """On Monday behind the change they begin an hour earlier, in UTC; at weekends there are none."""
    berlin = {"zone": "Europe/Berlin", "works_from": 9, "works_until": 17}
    spans = [work_span(berlin, MONDAY + timedelta(days=day)) for day in (0, 5, 6, 7)]
    assert [span and span[0].hour for span in spans] == [8, None, None, 7]


def test_free_times_are_what_meetings_leave(world):
    """Within working hours, in UTC; a day is one of that person's."""
    assert CALL["free_times"](world, "per-1", "2026-03-24") == [
        {"from": "2026-03-24 08:00", "until": "2026-03-24 09:00"},
        {"from": "2026-03-24 10:00", "until": "2026-03-24 11:00"},
        {"from": "2026-03-24 11:30", "until": "2026-03-24 16:00"},
    ]
    assert CALL["free_times"](world, "per-3", "2026-03-25") == [
        {"from": "2026-03-25 00:00", "until": "2026-03-25 08:00"}
    ]
    assert CALL["free_times"](world, "per-1", "2026-03-28") == []


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["mtg-1", "mtg-2"]),
        ({"title": "MINE"}, ["mtg-1"]),
        ({"person_id": "per-3"}, []),
        ({"person_id": "per-"}, []),
        ({"room_id": "rom-1"}, ["mtg-2"]),
        ({"since": "2026-03-24T09:30"}, ["mtg-2"]),
        ({"until": "2026-03-24T11:00Z"}, ["mtg-1"]),
    ],
)
def test_a_search_holds_everything_given(world, given, found):
    """The earliest meeting comes first."""
    assert [row["id"] for row in CALL["find_meetings"](world, **given)] == found


def test_one_moment_may_be_written_in_many_ways(world):
    """The row is the same."""
    before = world.snapshot()
    diffs = []
    for starts in ("2026-03-25 09:00", "2026-03-25T09:00:00", "2026-03-25T09:00Z", "2026-03-25T10:00+01:00"):
        with world.rehearsal():
            CALL["move_meeting"](world, "mtg-1", starts)
            diffs.append(world.diff(before))
    assert all(diff == diffs[0] for diff in diffs)


def test_a_new_meeting_has_its_organiser(world):
    """Whether or not that is said, and in whatever order."""
    plan = {"title": "New", "starts": "2026-03-25 09:00", "minutes": 60}
    one = CALL["create_meeting"](world, **plan, invited=["per-3", "per-2"])
    other = CALL["create_meeting"](world, **plan, invited=["per-2", "per-1", "per-3"])
    assert one["invited"] == other["invited"] == "per-1,per-2,per-3"
    assert one["ends"] == "2026-03-25 10:00"


def test_a_meeting_is_not_in_its_own_way(world):
    """When it moves by half its length, in its room."""
    CALL["book_room"](world, "mtg-1", "rom-2")
    assert CALL["move_meeting"](world, "mtg-1", "2026-03-24 09:30")["ends"] == "2026-03-24 10:30"


PLANNED = {"title": "New", "starts": "2026-03-25 09:00", "minutes": 60, "invited": ["per-2"]}


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("cancel_meeting", {"meeting_id": "mtg-2"}, "E_POLICY"),
        ("move_meeting", {"meeting_id": "mtg-2", "starts": "2026-03-25 09:00"}, "E_POLICY"),
        ("cancel_meeting", {"meeting_id": "mtg-9"}, "E_NOT_FOUND"),
        ("book_room", {"meeting_id": "mtg-1", "room_id": "rom-9"}, "E_NOT_FOUND"),
        ("invite", {"meeting_id": "mtg-1", "person_id": "per-9"}, "E_NOT_FOUND"),
        ("invite", {"meeting_id": "mtg-1", "person_id": "per-2"}, "E_PRECONDITION"),
        ("uninvite", {"meeting_id": "mtg-1", "person_id": "per-1"}, "E_PRECONDITION"),
        ("create_meeting", PLANNED | {"starts": "2026-03-24 11:00", "room_id": "rom-1"}, "E_PRECONDITION"),
        ("create_meeting", PLANNED | {"minutes": 45}, "E_ARGS"),
        ("create_meeting", PLANNED | {"minutes": -(10**30)}, "E_ARGS"),
        ("create_meeting", PLANNED | {"starts": "2026-03-25 09:10"}, "E_ARGS"),
        ("create_meeting", PLANNED | {"starts": "2027-03-25 09:00"}, "E_ARGS"),
        ("create_meeting", PLANNED | {"starts": "0001-01-01T00:00+23:00"}, "E_ARGS"),
        ("create_meeting", PLANNED | {"starts": "soon"}, "E_ARGS"),
        ("create_meeting", PLANNED | {"invited": ["per-9"]}, "E_NOT_FOUND"),
        ("set_priority", {"meeting_id": "mtg-1", "priority": "urgent"}, "E_ARGS"),
        ("set_working_hours", {"person_id": "per-1", "works_from": 9, "works_until": 9}, "E_ARGS"),
    ],
)
def test_what_cannot_be_done_is_told(world, name, arguments, code):
    """And nothing is changed."""
    before = world.snapshot()
    with pytest.raises(ToolError) as caught:
        CALL[name](world, **arguments)
    assert caught.value.code == code
    assert not world.diff(before)


def test_unknown_zones_are_told():
    """With the nearest that there is."""
    with pytest.raises(ToolError, match="Europe/Berlin"):
        CALL["to_utc"]("2026-03-25 09:00", "Europe/Berlinn")


def test_no_calendar_breaks_its_rules():
    """Meetings lie within working hours, in rooms that seat everybody, and nobody is in two at once."""
    for plan in plans(1, 30):
        seats = {room["id"]: room["seats"] for room in plan.rooms}
        for person in plan.people:
            spans = [plan.span(meeting) for meeting in plan.of(person)]
            assert sum(end - begin for begin, end in spans) == plan.busy(person).sum()
        for meeting in plan.meetings:
            begin, end = plan.span(meeting)
            people = plan.invited(meeting)
            assert plan.working(people)[begin:end].all()
            assert seats.get(meeting["room"], 9) >= len(people)
            assert meeting["organiser"] in {person["id"] for person in people}


def test_the_earliest_time_is_the_first_that_nothing_speaks_against():
    """By a search that knows nothing of grids."""
    for plan in plans(2, 20):
        people = plan.people[:3]
        found = plan.later(people, 2)
        begin, end = plan.time(TOMORROW), plan.time(14 * 48)
        moments = [begin + timedelta(minutes=30 * i) for i in range((end - begin) // timedelta(minutes=30))]
        suits = [m for m in moments if all(is_free(plan, person, m, m + timedelta(hours=1)) for person in people)]
        assert [plan.time(slot) for slot in found] == suits


def test_people_are_seated_at_the_first_time_that_has_a_room():
    """Not at one that would suit them, and at which all rooms are taken."""
    for plan in plans(6, 5):
        people = plan.people[:2]
        first, second, *_ = plan.later(people, 2)
        for room in plan.rooms:
            plan.add({"id": room["name"], "room": room["id"], "invited": ""}, first, first + 1)
        assert plan.seated(people, 2) == (second, plan.seating(2, second, second + 2)[0])


def is_free(plan, person, begin, end):
    """Somebody works then and is in no meeting."""
    local = ZONES[person["zone"]].local(begin)
    span = work_span(person, local.date())
    held = [tuple(datetime.fromisoformat(m[at]) for at in ("starts", "ends")) for m in plan.of(person)]
    return bool(span and span[0] <= begin and end <= span[1] and all(end <= a or begin >= b for a, b in held))


@pytest.mark.parametrize("kind", sorted({kind for level in KINDS for kind in level}, key=lambda kind: kind.__name__))
def test_every_kind_is_soon_found(kind):
    """A calendar that has none of it is not the rule."""
    assert sum(kind(plan) is not None for plan in plans(3, 40)) >= 8


def test_no_rule_is_worth_guessing(drawn):
    """Most requests are allowed, and each rule forbids few of them."""
    rules = Counter(task.metadata["goal"].refusal for task in drawn)
    assert rules.pop("") > 0.7 * DRAWN
    assert set(rules) == {"R1", "R2", "R3", "R4", "R5"}
    assert max(rules.values()) < DRAWN / 16


def test_tasks_differ(drawn):
    """In what is asked and what is wanted."""
    assert len({(task.messages[-1]["content"], str(task.answer)) for task in drawn}) == DRAWN
