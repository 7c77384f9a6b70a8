"""A JSON object with `name` and `arguments` between two tags: `<tool_call>{...}</tool_call>`.

Source: the Hermes function-calling format (Nous Research), which Qwen, and many others, are trained on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from llm_envs.chat.calls.call import Call, CallAttempt
from llm_envs.chat.calls.strict_json import BadJson, read_json

__all__ = ["TaggedJson"]


@dataclass(frozen=True)
class TaggedJson:
    """Between tags of its own, once for each call."""

    opening: str = "<tool_call>"
    closing: str = "</tool_call>"
    name: str = "tagged json"

    def read(self, reply: str) -> list[CallAttempt]:
        """Every opening tag is an attempt; what stands in its strings is not looked at."""
        attempts: list[CallAttempt] = []
        start = reply.find(self.opening)
        while start >= 0:
            attempts.append(self._attempt(reply, start))
            start = reply.find(self.opening, attempts[-1].end)
        return attempts

    def _attempt(self, reply: str, start: int) -> CallAttempt:
        try:
            value, end = read_json(reply, start + len(self.opening))
        except BadJson as fault:
            found = reply.find(self.closing, start)
            end = found + len(self.closing) if found >= 0 else len(reply)
            return CallAttempt("invalid_json", start, end, why=fault.message)
        behind = end + len(reply[end:]) - len(reply[end:].lstrip())
        if not reply.startswith(self.closing, behind):
            return CallAttempt("unclosed", start, end, why=f"the call does not end with {self.closing}")
        return called(value, start, behind + len(self.closing))

    def write(self, calls: Sequence[Call]) -> str:
        """One line for each tag, one for the object."""
        written = (json.dumps({"name": name, "arguments": arguments}) for name, arguments in calls)
        return "\n".join(f"{self.opening}\n{text}\n{self.closing}" for text in written)


def called(value: object, start: int, end: int, *, arguments_key: str = "arguments") -> CallAttempt:
    """The attempt that a JSON value makes which should be a call."""
    if not isinstance(value, dict):
        return CallAttempt("malformed", start, end, why="a call is a JSON object")
    name, arguments = value.get("name"), value.get(arguments_key, {})
    if not isinstance(name, str) or not name:
        return CallAttempt("missing_name", start, end, why='a call has a "name"')
    if extra := value.keys() - {"name", arguments_key, "id", "type"}:
        return CallAttempt("malformed", start, end, name, why=f"a call has no {min(extra)!r}")
    if not isinstance(arguments, dict):
        return CallAttempt("malformed", start, end, name, why=f'the "{arguments_key}" of a call are a JSON object')
    return CallAttempt("ok", start, end, name, arguments)
