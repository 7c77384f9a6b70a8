"""JSON objects that hold a name and arguments, between markers: `<tool_call>{...}</tool_call>`.

One object for each pair of markers, a list of them (`[TOOL_CALLS][{...}, {...}]`), or one after the other.

Sources: the Hermes function-calling format (Nous Research), which Qwen, and many others, are trained on; the chat
templates of Mistral, Cohere, Granite, Nemotron, Apertus and MiniMax-M1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from llm_envs.chat.calls.call import Call, CallAttempt
from llm_envs.chat.calls.markers import MOST_ATTEMPTS, any_blanks, as_json, behind, pattern, resume, scan
from llm_envs.chat.calls.strict_json import BadJson, read_json

__all__ = ["TaggedJson", "called"]

_EXTRAS = frozenset({"id", "type", "tool_call_id"})
"""What else APIs put beside a name and arguments; it says nothing."""


@dataclass(frozen=True)
class TaggedJson:
    """Between markers.

    Args:
        opening, closing: markers; "" as closing where the turn's end closes.
        keys: of the name and of the arguments; ("", "") where the one key is the name, and its value the arguments.
        several: how one pair of markers holds more than one call; "no" where each call has its own pair.
        pad: written around the objects.
    """

    opening: str = "<tool_call>"
    closing: str = "</tool_call>"
    name: str = "tagged json"
    keys: tuple[str, str] = ("name", "arguments")
    several: Literal["no", "list", "lines"] = "no"
    pad: str = "\n"

    def read(self, reply: str) -> list[CallAttempt]:
        """Every opening marker is an attempt; what stands in its strings is not looked at."""
        return scan(reply, self._opening, self._read_here)

    def write(self, calls: Sequence[Call]) -> str:
        """As the templates do."""
        objects = [as_json(self._object(call)) for call in calls]
        if self.several == "no":
            return "\n".join(f"{self.opening}{self.pad}{text}{self.pad}{self.closing}" for text in objects)
        inside = "\n".join(objects) if self.several == "lines" else f"[{', '.join(objects)}]"
        return f"{self.opening}{self.pad}{inside}{self.pad}{self.closing}"

    def _object(self, call: Call) -> dict[str, Any]:
        name_key, arguments_key = self.keys
        if not name_key:
            return {call.name: dict(call.arguments)}
        return {name_key: call.name, arguments_key: dict(call.arguments)}

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        return re.compile(pattern(self.opening))

    def _read_here(self, reply: str, found: re.Match[str]) -> list[CallAttempt]:
        at = found.end()
        if self.several == "list":
            at = behind(reply, "[", at)
            if at < 0:
                end = resume(reply, self._opening, self.closing, found.end())
                return [CallAttempt("malformed", found.start(), end, why="calls are a JSON list of objects")]
        attempts = list(self._objects(reply, found.start(), at))
        last = attempts[-1]
        if last.status == "invalid_json" or not self.closing:
            return attempts
        end = behind(reply, self.closing, last.end)
        if end >= 0:
            return [*attempts[:-1], replace(last, end=end)]
        why = f"the call does not end with {self.closing}"
        return [*attempts[:-1], CallAttempt("unclosed", last.start, last.end, last.name, why=why)]

    def _objects(self, reply: str, start: int, at: int) -> Iterator[CallAttempt]:
        """At least one attempt: the first begins at `start`, each other one where the one before it ends."""
        for _ in range(MOST_ATTEMPTS):
            try:
                value, end = read_json(reply, at)
            except BadJson as fault:
                yield CallAttempt("invalid_json", start, self._end(reply, at), why=fault.message)
                return
            at = self._next(reply, end)
            closed = behind(reply, "]", end) if self.several == "list" else end
            if at < 0 and closed < 0:
                yield CallAttempt("invalid_json", start, self._end(reply, end), why="the list of calls is not closed")
                return
            yield called(value, start, end if at >= 0 else closed, keys=self.keys)
            if at < 0:
                return
            start = end

    def _end(self, reply: str, at: int) -> int:
        return resume(reply, self._opening, self.closing, at)

    def _next(self, reply: str, end: int) -> int:
        """Where another object begins; -1 where none does."""
        if self.several == "list":
            return behind(reply, ",", end)
        start = any_blanks(reply, end)
        return start if self.several == "lines" and reply.startswith("{", start) else -1


def called(value: object, start: int, end: int, *, keys: tuple[str, str] = ("name", "arguments")) -> CallAttempt:
    """The attempt that a JSON value makes which should be a call."""
    if not isinstance(value, dict):
        return CallAttempt("malformed", start, end, why="a call is a JSON object")
    name_key, arguments_key = keys
    if not name_key:
        return _called_by_key(value, start, end)
    name, arguments = value.get(name_key), value.get(arguments_key, {})
    if not isinstance(name, str) or not name:
        return CallAttempt("missing_name", start, end, why=f'a call has a "{name_key}"')
    if extra := value.keys() - {*keys, *_EXTRAS}:
        return CallAttempt("malformed", start, end, name, why=f"a call has no {min(extra)[:64]!r}")
    return _with_arguments(name, arguments, start, end, arguments_key)


def _called_by_key(value: Mapping[str, Any], start: int, end: int) -> CallAttempt:
    if len(value) != 1:
        return CallAttempt("missing_name", start, end, why='a call is {"NAME": {arguments}}')
    [(name, arguments)] = value.items()
    if not name:
        return CallAttempt("missing_name", start, end, why="the name of a call is empty")
    return _with_arguments(name, arguments, start, end, name[:64])


def _with_arguments(name: str, arguments: object, start: int, end: int, what: str) -> CallAttempt:
    if not isinstance(arguments, dict):
        return CallAttempt("malformed", start, end, name, why=f'the "{what}" of a call are a JSON object')
    return CallAttempt("ok", start, end, name, arguments)
