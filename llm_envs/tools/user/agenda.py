"""What a user wants and knows.

Nothing of what an agent must find out stands here: what a user does not know cannot leak.

Agenda(
    wish="cancel an order",
    facts=(Fact("order number", "ord-17", ("which order",)), Fact("e-mail address", "ada@example.com")),
    plan=Plan("cancel", ("ord-17",)),
    actions={"cancel": ("cancel",), "return": ("return", "refund")},
)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Agenda", "Fact", "Plan"]

_WORDINGS = ("The {slot} is {value}.", "My {slot} is {value}.", "{value}, that is the {slot}.")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the user says when asked.

    Args:
        slot: its name, such as "order number"; a question that holds it asks for it.
        value: as the user says it.
        questions: other words that ask for it, such as "which order".
        wordings: ways to say it, with {slot} and {value} in them.
        slips: values that the user may say by mistake, and then put right.
        needed: a perfect agent asks for it.
    """

    slot: str
    value: str
    questions: tuple[str, ...] = ()
    wordings: tuple[str, ...] = _WORDINGS
    slips: tuple[str, ...] = ()
    needed: bool = True

    @property
    def question(self) -> str:
        """What a perfect agent says."""
        return f"What is the {self.slot}?"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the user says yes to.

    Args:
        action: one of the agenda's actions.
        values: what a proposal must name, all of it.
        others: names, not numbers or ids, of things that it must not name.
    """

    action: str
    values: tuple[str, ...]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a user wants and knows.

    Args:
        wish: what follows "I want to": all that the user says unasked, so no fact stands in it.
        facts: slots have different names.
        plan: None where the user cannot tell which action it will come to.
        actions: what agents can do, each with the verbs for it.
        chatter: what the user says besides, now and then; none of it matters.
        patience: how many turns that bring the talk no further the user takes; the last of them ends it.
        seed: of wordings and slips; the env draws it.
    """

    wish: str
    facts: tuple[Fact, ...] = ()
    plan: Plan | None = None
    actions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    chatter: tuple[str, ...] = ()
    patience: int = 4
    seed: int = 0
