"""What a task of a world is: rows, a request in words, and what a perfect agent would call.

The calls are made once when the task is drawn; what they change is what the policy's calls must change. So a task can
always be solved, by the same tools, and there is no second description of its goal that could be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from llm_envs.chat.calls import Call
from llm_envs.tools import tool
from llm_envs.tools.user import Agenda
from llm_envs.types import Task
from llm_envs.world import Diff, Rows

__all__ = ["CLOSING", "CONTROL", "Goal", "Scenario", "last_call", "questions", "refuse", "submit", "written"]

CLOSING = """\
Where a rule forbids what is asked, change nothing and call refuse with that rule. Where a question is asked, call
submit with the answer. Otherwise do what is asked, no more and no less, and then say so."""
"""How most families end what they tell the agent."""

_NOW = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 (a world has no time zone but its own)


@tool(kind="control")
def submit(answer: str) -> str:  # noqa: ARG001 (the verdict reads it)
    """Give the final answer and end the conversation.

    Args:
        answer: exactly what was asked for and nothing else, such as 42, ord-7, 2026-03-14, or ids parted by commas.
    """
    return "The answer was taken."


@tool(kind="control")
def refuse(rule: str) -> str:  # noqa: ARG001 (the verdict reads it)
    """Decline a request that a rule forbids, and end the conversation.

    Args:
        rule: which rule forbids it, such as R3.
    """
    return "The refusal was taken."


CONTROL = frozenset({submit.name, refuse.name})
"""What ends an episode."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One task, as a family draws it.

    Args:
        request: what the user says.
        calls: what a perfect agent calls, reads included, in order; `submit` and `refuse` are added.
        answer: what must be submitted; None where nothing is asked.
        refusal: the rule by which the request must be refused, a letter and a number; "" where it must not.
        failing: names of tools whose first call fails, and must be made again.
        agenda: what the user wants and knows, where the task may be a conversation.
    """

    rows: Rows
    request: str
    calls: tuple[Call, ...]
    kind: str
    answer: Any = field(default=None, repr=False)  # a set looks otherwise in every process
    refusal: str = ""
    failing: frozenset[str] = field(default=frozenset(), repr=False)
    now: datetime = _NOW
    agenda: Agenda | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What must have happened in the end."""

    changes: Diff
    answer: Any = field(default=None, repr=False)  # a set looks otherwise in every process
    refusal: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What says something, as plain JSON."""
        changes = {
            table: {str(key): list(change) for key, change in rows.items()} for table, rows in self.changes.items()
        }
        answer = None if self.answer is None else written(self.answer)
        said = {"changes": changes, "answer": answer, "refusal": self.refusal}
        return {name: value for name, value in said.items() if value}


def questions(task: Task) -> list[str]:
    """What a perfect agent asks the user."""
    agenda: Agenda | None = task.metadata.get("agenda")
    if agenda is None:
        return []
    asked = [fact.question for fact in agenda.facts if fact.needed]
    return asked if agenda.wish in task.messages[-1]["content"] else ["What can I do for you?", *asked]


def last_call(task: Task) -> tuple[Call, ...]:
    """The call that ends a perfect agent's episode; none where words do."""
    goal: Goal = task.metadata["goal"]
    if goal.refusal:
        return (Call("refuse", {"rule": goal.refusal}),)
    return () if goal.answer is None else (Call("submit", {"answer": written(goal.answer)}),)


def written(answer: Any) -> str:
    """An answer as a perfect agent submits it."""
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    if isinstance(answer, list | tuple | set | frozenset):
        items = sorted(answer) if isinstance(answer, set | frozenset) else answer
        return ", ".join(map(written, items))
    return str(answer)
