"""What the owner of a calendar wants and knows, where a task is a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from llm_envs.envs.tools.calendar.plan import Plan
from llm_envs.envs.tools.talk import DESCRIBED, SAID, Slot, Talk, quoted
from llm_envs.tools.user import Agenda

__all__ = ["agenda"]

_ASKED_WHEN = ("when", "which day", "what day", "which date", "date", "day", "start", "at which hour")
_ASKED_WHOM = ("who", "whom", "attendee", "participant", "guest", "invitee", "colleague")
_TALK = Talk(
    slots={
        "meeting": Slot(
            ("which one", "title", "what is it called", "which of your meetings", "name of the meeting", "topic"),
            DESCRIBED,
        ),
        "series": Slot(("which meetings", "meeting", "meetings", "title", "name of the series"), DESCRIBED),
        "title": Slot(
            ("what is it about", "what should it be called", "subject", "topic", "called", "name of the meeting"),
            DESCRIBED,
        ),
        "person": Slot(("whose", "name of the person", *_ASKED_WHOM), DESCRIBED),
        "group": Slot(
            (
                *("people", "attendees", "participants", "guests", "invitees", "with whom", "who else", "persons"),
                *("names of the people", "be invited", *_ASKED_WHOM),
            ),
            DESCRIBED,
            named=False,
        ),
        "length": Slot(("how long", "duration", "how many minutes", "minutes", "last"), DESCRIBED),
        "time": Slot(("what time", "which time", *_ASKED_WHEN), DESCRIBED, named=False),
        "new time": Slot(("time", "to when", "move it to", "where to", *_ASKED_WHEN), DESCRIBED, named=False),
        "room": Slot(
            ("which room", "rooms", "where", "location", "place"),
            SAID,
            named=False,
        ),
        "day": Slot(_ASKED_WHEN, DESCRIBED),
        "first day": Slot(("from when", "since when", "starting", *_ASKED_WHEN), DESCRIBED, named=False),
        "meeting to move": Slot(
            ("which of the two", "which of them", "which one", "which meeting", "meeting"), DESCRIBED, named=False
        ),
        "name": Slot(
            (
                "who are you",
                "who am i",
                "speaking with",
                "talking to",
                "full name",
                "owner",
                "whose calendar",
                "identity",
            )
        ),
    },
    actions={
        "cancel": ("cancel", "delete", "call off"),
        "move": ("move", "reschedule", "postpone", "shift"),
        "plan": ("plan", "create", "schedule", "set up", "invite", "add", "book", "reserve"),
        "priority": ("priority",),
        "hours": ("working hours",),
    },
)


def agenda(plan: Plan, wish: str, told: Mapping[str, str], action: str = "") -> Agenda:
    """Of the owner.

    Args:
        told: values by slot.
        action: what it will come to; who wants something done may slip, who only asks does not.
    """
    return _TALK.told(wish, told, (_TALK.fact("name", plan.owner["name"]),), action, partial(_like, plan))


def _like(plan: Plan, slot: str, value: str) -> tuple[str, ...]:
    """What is said by mistake: something else of the same kind."""
    known = {
        "meeting": [quoted(meeting["title"]) for meeting in plan.meetings if not meeting["series"]],
        "person": [person["name"] for person in plan.people[1:]],
        "length": [f"{minutes} minutes" for minutes in (30, 60, 90, 120)],
    }
    among = known.get(slot, [])
    return tuple(other for other in among if other != value) if value in among else ()
