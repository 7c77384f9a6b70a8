"""Calls as a list of Python calls: `[look(what="door"), look(what="wall")]`, with or without markers around it.

Arguments are given by name, and are literals; nothing is ever evaluated.

Sources: the prompt formats of Llama 3.2 and Llama 4, and the chat templates of LFM2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from llm_envs.chat.calls.call import Call, CallAttempt, CallStatus
from llm_envs.chat.calls.literals import LITERALS
from llm_envs.chat.calls.markers import MOST_ATTEMPTS, any_blanks, behind, pattern, resume, scan
from llm_envs.chat.calls.strict_json import BadJson, unique

__all__ = ["Pythonic"]

_NAME = re.compile(r"([A-Za-z_][\w.]{0,127})\s*\(")
_KEYWORD = re.compile(r"([A-Za-z_]\w{0,127})\s*=")


@dataclass(frozen=True)
class Pythonic:
    """A list of calls.

    Args:
        opening, closing: markers around the list; "" where it stands alone, on a line of its own.
    """

    name: str
    opening: str = ""
    closing: str = ""

    def read(self, reply: str) -> list[CallAttempt]:
        """Every marker, or every line that begins as a list of calls, holds an attempt or more."""
        return scan(reply, self._opening, lambda text, found: list(self._calls(text, *found.span())))

    def write(self, calls: Sequence[Call]) -> str:
        """As Python would print them."""
        written = (
            f"{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})" for name, arguments in calls
        )
        return f"{self.opening}[{', '.join(written)}]{self.closing}"

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        if self.opening:
            return re.compile(rf"{pattern(self.opening)}\s*\[?")
        return re.compile(r"^[ \t]*\[(?=\s*[A-Za-z_][\w.]{0,127}\()", re.MULTILINE)

    def _calls(self, text: str, start: int, at: int) -> Iterator[CallAttempt]:
        """At least one attempt: the first begins at `start`, each other one where the one before it ends."""
        for _ in range(MOST_ATTEMPTS):
            attempt, end = self._call(text, start, at)
            if attempt.status != "ok":
                yield attempt
                return
            at = behind(text, ",", end)
            if at < 0:
                yield self._last(text, attempt, end)
                return
            yield attempt
            start = end

    def _last(self, text: str, attempt: CallAttempt, end: int) -> CallAttempt:
        closed = max(end, behind(text, "]", end))
        closed = behind(text, self.closing, closed) if self.closing and closed > end else closed
        if closed > end:
            return replace(attempt, end=closed)
        why = f"the calls do not end with ]{self.closing}"
        return CallAttempt("unclosed", attempt.start, end, attempt.name, why=why)

    def _call(self, text: str, start: int, at: int) -> tuple[CallAttempt, int]:
        name = _NAME.match(text, any_blanks(text, at))
        try:
            if name is None:
                raise BadJson("calls are written [name(key=value)]", at)
            pairs, end = LITERALS.items(text, name.end(), ")", lambda place: _keyword(text, place))
            return CallAttempt("ok", start, end, name.group(1), unique(pairs)), end
        except ValueError as fault:
            end = resume(text, self._opening, self.closing or "]", at)
            status: CallStatus = "malformed" if name else "missing_name"
            return CallAttempt(status, start, end, name.group(1) if name else "", why=str(fault)), end


def _keyword(text: str, at: int) -> tuple[tuple[str, object], int]:
    key = _KEYWORD.match(text, at)
    if key is None:
        raise BadJson("arguments are given by name: key=value", at)
    value, end = LITERALS.read(text, key.end())
    return (key.group(1), value), end
