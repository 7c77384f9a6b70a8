"""A name and arguments in braces, texts in quotes of their own: `call:look{what:<|"|>door<|"|>}` between markers.

Source: the chat template of Gemma 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llm_envs.chat.calls.call import Call, CallAttempt
from llm_envs.chat.calls.literals import Literals
from llm_envs.chat.calls.markers import as_json, behind, resume, scan
from llm_envs.chat.calls.named_json import opening_of, without_name
from llm_envs.chat.calls.strict_json import BadJson

__all__ = ["Braces"]


@dataclass(frozen=True)
class Braces:
    """Keys are bare; texts stand between quotes that no text holds, and know no escapes."""

    name: str
    opening: str
    closing: str
    quote: str

    def read(self, reply: str) -> list[CallAttempt]:
        """Every opening marker is an attempt."""
        return scan(reply, self._opening, self._read_here)

    def write(self, calls: Sequence[Call]) -> str:
        """As the template does."""
        return "".join(
            f"{self.opening.replace('NAME', name)}{self._braced(arguments)}{self.closing}" for name, arguments in calls
        )

    def _braced(self, arguments: Mapping[str, Any]) -> str:
        inside = ",".join(f"{key}:{self._written(value)}" for key, value in sorted(arguments.items()))
        return f"{{{inside}}}"

    def _written(self, value: Any) -> str:
        if isinstance(value, str):
            return f"{self.quote}{value}{self.quote}"
        if isinstance(value, Mapping):
            return self._braced(value)
        if isinstance(value, (list, tuple)):
            return f"[{','.join(map(self._written, value))}]"
        return as_json(value)

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        return opening_of([self.opening])

    @cached_property
    def _literals(self) -> Literals:
        return Literals(quotes=(self.quote,), escapes=False, bare_keys=True)

    def _read_here(self, reply: str, found: re.Match[str]) -> list[CallAttempt]:
        start, at = found.span()
        name = next(filter(None, found.groups()), "")
        if not name:
            return [without_name(reply, found, self.opening, resume(reply, self._opening, self.closing, at))]
        try:
            arguments, end = self._literals.read(reply, at)
        except BadJson as fault:
            end = resume(reply, self._opening, self.closing, at)
            return [CallAttempt("malformed", start, end, name, why=fault.message)]
        closed = behind(reply, self.closing, end)
        if closed < 0:
            return [CallAttempt("unclosed", start, end, name, why=f"the call does not end with {self.closing}")]
        if not isinstance(arguments, dict):
            return [CallAttempt("malformed", start, closed, name, why="arguments stand in braces")]
        return [CallAttempt("ok", start, closed, name, arguments)]
