"""A JSON object with a name and parameters, and no markers around it: `{"name": "look", "parameters": {...}}`.

It counts where a line begins with it, or where `<|python_tag|>` stands before it, and only where its first key is the
name: other JSON in a reply is text.

Source: the prompt format of Llama 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from llm_envs.chat.calls.call import Call, CallAttempt
from llm_envs.chat.calls.markers import any_blanks, as_json, resume, scan
from llm_envs.chat.calls.strict_json import BadJson, read_json
from llm_envs.chat.calls.tagged_json import called

__all__ = ["BareJson"]


@dataclass(frozen=True)
class BareJson:
    """One object, or several with semicolons between them."""

    name: str = "bare json"
    keys: tuple[str, str] = ("name", "parameters")
    tag: str = "<|python_tag|>"

    def read(self, reply: str) -> list[CallAttempt]:
        """Every object that begins as a call is an attempt; what stands in its strings is not looked at."""
        return scan(reply, self._opening, self._read_here)

    def write(self, calls: Sequence[Call]) -> str:
        """As the template does."""
        name_key, arguments_key = self.keys
        return "; ".join(as_json({name_key: name, arguments_key: dict(arguments)}) for name, arguments in calls)

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        key = re.escape(self.keys[0])
        return re.compile(
            rf'{re.escape(self.tag)}|^[ \t]*(?=\{{\s*"(?:{key}|type)"\s*:)|;[ \t]*(?=\{{\s*"{key}"\s*:)', re.MULTILINE
        )

    def _read_here(self, reply: str, found: re.Match[str]) -> list[CallAttempt]:
        start, at = found.start(), any_blanks(reply, found.end())
        if not found.group().strip():
            start = at
        try:
            value, end = read_json(reply, at)
        except BadJson as fault:
            end = resume(reply, self._opening, "", at + 1)
            return [CallAttempt("invalid_json", start, end, why=fault.message)]
        if isinstance(value, dict) and "parameters" not in value and "arguments" in value:
            return [called(value, start, end)]
        return [called(value, start, end, keys=self.keys)]
