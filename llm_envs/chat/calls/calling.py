"""How the model behind a tokenizer calls tools, and the one door through which its replies are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from llm_envs.chat.calls.call import Call, CallAttempt, CallFormat

__all__ = ["Calling", "Reading"]

_MOST_CALLS = 16
"""In one turn."""

_MOST_CHARS = 200_000
"""Of a reply that are looked at for calls; no context holds as much."""


class Reading(NamedTuple):
    """What a reply holds.

    Args:
        attempts: calls, in order; those inside reasoning have the status `in_reasoning`.
        text: the rest, without reasoning.
    """

    attempts: tuple[CallAttempt, ...]
    text: str


@dataclass(frozen=True)
class Calling:
    """Of one chat template.

    Args:
        parallel: several calls in one turn are answered each.
        thinking: the strings around reasoning.
        opened: the template has opened the reasoning before the policy's turn begins.
    """

    format: CallFormat
    parallel: bool = True
    thinking: tuple[str, str] = ("<think>", "</think>")
    opened: bool = False

    def read(self, reply: str) -> Reading:
        """The calls and the text of a reply; it never raises."""
        seen = reply[:_MOST_CHARS]
        begins = self._end_of_reasoning(seen)
        thought = [replace(attempt, status="in_reasoning") for attempt in self.format.read(seen[:begins])]
        said = [_moved(attempt, begins) for attempt in self.format.read(seen[begins:])]
        text, at = "", begins
        for attempt in said:
            text, at = text + seen[at : attempt.start], attempt.end
        return Reading((*thought, *map(_counted, said, range(len(said)))), (text + seen[at:]).strip())

    def write(self, calls: Sequence[Call]) -> str:
        """The calls as the model would write them."""
        return self.format.write(calls)

    def _end_of_reasoning(self, reply: str) -> int:
        """Where the reply proper begins; at its end, where reasoning was never closed."""
        opening, closing = self.thinking
        end = reply.find(closing)
        if end >= 0:
            return end + len(closing)
        return len(reply) if self.opened or reply.lstrip().startswith(opening) else 0


def _moved(attempt: CallAttempt, by: int) -> CallAttempt:
    return replace(attempt, start=attempt.start + by, end=attempt.end + by)


def _counted(attempt: CallAttempt, number: int) -> CallAttempt:
    if number < _MOST_CALLS:
        return attempt
    return replace(attempt, status="too_many", why=f"a turn has at most {_MOST_CALLS} calls")
