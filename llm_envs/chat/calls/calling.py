"""How the model behind a tokenizer calls tools, and the one door through which its replies are read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
        attempts: calls, in order; those inside reasoning have the status `in_reasoning`. Where there are more than a
            turn may have, one more attempt, `too_many`, covers all the others.
        text: the rest, without reasoning.
    """

    attempts: tuple[CallAttempt, ...]
    text: str


class _Piece(NamedTuple):
    """Some of a reply, from `start` to `end`, markers of reasoning left out."""

    start: int
    end: int
    is_reasoning: bool


@dataclass(frozen=True)
class Calling:
    """Of one chat template.

    Args:
        parallel: several calls in one turn are answered each.
        thinking: the strings around reasoning.
        opened: the template has opened the reasoning before the policy's turn begins.
        headers: a pattern for what a turn of several messages holds between them; it is no text. "" for none.
    """

    format: CallFormat
    parallel: bool = True
    thinking: tuple[str, str] = ("<think>", "</think>")
    opened: bool = False
    headers: str = ""

    def read(self, reply: str) -> Reading:
        """The calls and the text of a reply; it never raises.

        Reasoning is what stands between its markers, however often; it may be unclosed, and the first of it may be
        unopened. Markers inside a well-formed call are text.
        """
        seen = reply[:_MOST_CHARS]
        attempts: list[CallAttempt] = []
        texts: list[str] = []
        for piece in self._pieces(seen):
            found = self._attempts(seen, piece)
            attempts += found
            if not piece.is_reasoning:
                texts += _between(seen, piece, found)
        text = "".join(texts)
        return Reading(tuple(_bounded(attempts)), (re.sub(self.headers, "", text) if self.headers else text).strip())

    def write(self, calls: Sequence[Call], text: str = "") -> str:
        """The calls as the model would write them, behind `text`, and behind the end of reasoning that is open."""
        said = "\n".join(filter(None, (text, self.format.write(calls) if calls else "")))
        return f"{self.thinking[1]}\n\n{said}" if self.opened else said

    def _attempts(self, reply: str, piece: _Piece) -> list[CallAttempt]:
        found = self.format.read(reply[piece.start : piece.end])
        if piece.is_reasoning:
            found = [replace(attempt, status="in_reasoning") for attempt in found]
        if piece.start:
            found = [replace(one, start=one.start + piece.start, end=one.end + piece.start) for one in found]
        return found

    def _pieces(self, reply: str) -> Iterator[_Piece]:
        """Reply and reasoning in turn, none of them empty."""
        opening, closing = self.thinking
        marks = self._marks(reply)
        start, thinks = 0, self.opened or self._begins_unopened(marks)
        for mark in marks:
            if mark.group() == (closing if thinks else opening):
                if mark.start() > start:
                    yield _Piece(start, mark.start(), thinks)
                start, thinks = mark.end(), not thinks
        if start < len(reply):
            yield _Piece(start, len(reply), thinks)

    def _begins_unopened(self, marks: Sequence[re.Match[str]]) -> bool:
        return bool(marks) and marks[0].group() == self.thinking[1]

    @cached_property
    def _mark(self) -> re.Pattern[str]:
        return re.compile("|".join(map(re.escape, self.thinking)))

    def _marks(self, reply: str) -> list[re.Match[str]]:
        """The markers of reasoning that stand in no well-formed call, in order."""
        marks = list(self._mark.finditer(reply))
        if not marks:
            return []
        calls = iter([attempt for attempt in self.format.read(reply) if attempt.status == "ok"])
        call = next(calls, None)
        outside = []
        for mark in marks:
            while call is not None and call.end <= mark.start():
                call = next(calls, None)
            if call is None or mark.start() < call.start:
                outside.append(mark)
        return outside


def _between(reply: str, piece: _Piece, attempts: Sequence[CallAttempt]) -> Iterator[str]:
    at = piece.start
    for attempt in attempts:
        yield reply[at : attempt.start]
        at = attempt.end
    yield reply[at : piece.end]


def _bounded(attempts: Sequence[CallAttempt]) -> Iterator[CallAttempt]:
    """The attempts, those beyond the most that a turn may have as one."""
    said = [attempt for attempt in attempts if attempt.status != "in_reasoning"]
    if len(said) <= _MOST_CALLS:
        yield from attempts
        return
    first, last = said[_MOST_CALLS], said[-1]
    yield from (one for one in attempts if one.start < first.start)
    why = f"a turn has at most {_MOST_CALLS} calls"
    yield CallAttempt("too_many", first.start, last.end, first.name, why=why)
