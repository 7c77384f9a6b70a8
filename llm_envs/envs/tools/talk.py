"""How families of worlds make a scenario a conversation: the things their users tell when asked, and small talk.

A family has one `Talk`: its slots, with words that ask for them, and what its agents can do. Its requests say of each
scenario what the user wants and which values the slots have; these are the values of the request, so the two cannot
tell different things. Nothing here draws: wordings and slips follow from the agenda's own seed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from llm_envs.tools.user import Agenda, Fact, Plan

__all__ = ["DESCRIBED", "SAID", "Slot", "Talk", "quoted"]

_PLAIN = ("The {slot} is {value}.", "My {slot} is {value}.", "{value}, that is the {slot}.")
DESCRIBED = ("The {slot} is {value}.", "As for the {slot}: {value}.")
"""Wordings of what is nobody's own."""

SAID = ("As for the {slot}: {value}.", "This is the {slot}: {value}.")
"""Wordings of what takes many words."""

_CHATTER = (
    "Sorry, it is rather loud here.",
    "I hope this does not take long.",
    "My neighbour told me that you are quick at this.",
    "I had wanted to do this yesterday, but then there were guests.",
    "It has been raining the whole day, by the way.",
    "Last time somebody else helped me.",
)
"""Nothing of it matters to any task."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Something that users tell when asked.

    Args:
        questions: words that ask for it, besides its name.
        wordings: ways to say it; see `Fact`.
        named: a proposal to act must name it.
    """

    questions: tuple[str, ...] = ()
    wordings: tuple[str, ...] = _PLAIN
    named: bool = True


def quoted(text: str) -> str:
    """As people say what is written somewhere."""
    return f'"{text}"'


def _nothing(slot: str, value: str) -> tuple[str, ...]:  # noqa: ARG001 (it is so for all of them)
    return ()


@dataclass(frozen=True, slots=True)
class Talk:
    """What the users of a family talk about.

    Args:
        slots: by name.
        actions: what agents can do, each with the verbs for it.
    """

    slots: Mapping[str, Slot]
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def fact(self, slot: str, value: str, slips: Sequence[str] = (), *, needed: bool = True) -> Fact:
        """A slot with its value, and values that may be said by mistake."""
        known = self.slots[slot]
        return Fact(slot, value, known.questions, known.wordings, tuple(slips), needed)

    def facts(self, told: Mapping[str, str], like: Callable[[str, str], Sequence[str]] = _nothing) -> list[Fact]:
        """Slots with their values.

        Args:
            told: values by slot.
            like: what may be said by mistake instead of a slot's value; nothing that tells one of the values.
        """
        return [
            self.fact(
                slot, value, [slip for slip in like(slot, value) if not any(said in slip for said in told.values())]
            )
            for slot, value in told.items()
        ]

    def agenda(self, wish: str, facts: Sequence[Fact], who: Sequence[Fact] = (), plan: Plan | None = None) -> Agenda:
        """Of a user who wants something.

        Args:
            wish: what follows "I want to".
            facts: about what is wanted.
            who: facts about the user.
        """
        return Agenda(wish, (*facts, *who), plan, self.actions, _CHATTER)

    def told(
        self,
        wish: str,
        values: Mapping[str, str],
        who: Sequence[Fact],
        action: str,
        like: Callable[[str, str], Sequence[str]],
    ) -> Agenda:
        """Of a user who wants something that slots with their values describe.

        Args:
            action: what it will come to; who wants something done may slip, who only asks does not.
            like: see `facts`.
        """
        facts = self.facts(values, like if action else _nothing)
        return self.agenda(wish, facts, who, self.plan(action, facts))

    def plan(self, action: str, facts: Sequence[Fact]) -> Plan | None:
        """What it will come to, with all that a proposal must name; None where the user cannot tell."""
        named = tuple(fact.value for fact in facts if fact.needed and self.slots[fact.slot].named)
        return Plan(action, named) if action else None
