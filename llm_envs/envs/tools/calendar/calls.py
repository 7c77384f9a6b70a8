"""What a perfect assistant calls to find things out in a calendar, and to plan."""

from __future__ import annotations

from collections.abc import Sequence

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.calendar.plan import Plan
from llm_envs.envs.tools.calendar.service import written
from llm_envs.envs.tools.calendar.zones import ZONES
from llm_envs.world import Row

__all__ = ["create_meeting", "find_meeting", "find_person", "free_times", "move_meeting", "to_utc"]

_MINUTES = 30


def find_person(person: Row) -> Call:
    """Somebody's zone and working hours."""
    return Call("find_person", {"name": person["name"]})


def find_meeting(meeting: Row) -> Call:
    """A meeting by its title, or all of its series."""
    return Call("find_meetings", {"title": meeting["title"]})


def free_times(plan: Plan, people: Sequence[Row], slot: int) -> tuple[Call, ...]:
    """Reads that show that all of them are free then."""
    days = [ZONES[person["zone"]].local(plan.time(slot)).date().isoformat() for person in people]
    free = (
        Call("free_times", {"person_id": person["id"], "day": day}) for person, day in zip(people, days, strict=True)
    )
    return (*map(find_person, people), *free)


def to_utc(plan: Plan, slot: int, person: Row) -> tuple[Call, ...]:
    """What clocks show where somebody is at that half hour, converted."""
    time = written(ZONES[person["zone"]].local(plan.time(slot)))
    return (find_person(person), Call("to_utc", {"time": time, "zone": person["zone"]}))


def move_meeting(plan: Plan, meeting: Row, slot: int) -> Call:
    """Move it to that half hour."""
    return Call("move_meeting", {"meeting_id": meeting["id"], "starts": written(plan.time(slot))})


def create_meeting(plan: Plan, title: str, people: Sequence[Row], slot: int, length: int, **room: str) -> Call:
    """Plan it from that half hour on.

    Args:
        people: beside the owner.
        length: in half hours.
    """
    arguments = {"title": title, "starts": written(plan.time(slot)), "minutes": length * _MINUTES}
    return Call("create_meeting", {**arguments, "invited": [person["id"] for person in people], **room})
