"""A call as a tree of tags, each behind a mark that no prose holds: `]<]minimax[>[<invoke name="look">`.

An argument is a tag of its name; in it stand a text, tags of a dict's keys, or `item` tags of a list. Texts at the
leaves are decoded by the declared types. What such a tree cannot say (an empty list, null) is written as JSON.

Source: the chat template of MiniMax-M3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from llm_envs.chat.calls.call import Call, CallAttempt
from llm_envs.chat.calls.markers import as_json, behind, filled, resume, scan
from llm_envs.chat.calls.named_json import opening_of, without_name
from llm_envs.chat.calls.strict_json import MAX_DEPTH, BadJson, unique

__all__ = ["NestedTags"]

_ITEM = "item"


@dataclass
class _Node:
    """A tag that is open: where its inside begins, and what was closed in it."""

    key: str
    start: int
    children: list[tuple[str, Any]] = field(default_factory=list)

    def value(self, text: str, end: int) -> Any:
        """A text, a list or a dict."""
        if not self.children:
            return text[self.start : end]
        if all(key == _ITEM for key, _ in self.children):
            return [value for _, value in self.children]
        return unique(self.children)


@dataclass(frozen=True)
class NestedTags:
    """Every tag stands behind the mark."""

    name: str
    mark: str

    def read(self, reply: str) -> list[CallAttempt]:
        """Every marker that opens a call, or a section without one, is an attempt."""
        return scan(reply, self._opening, self._read_here)

    def write(self, calls: Sequence[Call]) -> str:
        """As the template does."""
        written = "\n".join(map(self._written, calls))
        return f"{self.mark}<tool_call>\n{written}\n{self.mark}</tool_call>"

    def _written(self, call: Call) -> str:
        return f"{filled(self._call, {'NAME': call.name})}{self._tags(call.arguments)}{self.mark}</invoke>"

    def _tags(self, values: Mapping[str, Any]) -> str:
        return "".join(self._tag(key, value) for key, value in values.items())

    def _tag(self, key: str, value: Any) -> str:
        if isinstance(value, Mapping) and value and _ITEM not in value:
            inside = self._tags(value)
        elif isinstance(value, (list, tuple)) and value:
            inside = "".join(self._tag(_ITEM, item) for item in value)
        else:
            inside = value if isinstance(value, str) else as_json(value)
        return f"{self.mark}<{key}>{inside}{self.mark}</{key}>"

    @property
    def _call(self) -> str:
        return f'{self.mark}<invoke name="NAME">'

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        return opening_of([self._call], f"{self.mark}<tool_call>")

    @cached_property
    def _any_tag(self) -> re.Pattern[str]:
        return re.compile(rf"{re.escape(self.mark)}<(/?)([\w.\-]{{1,128}})>")

    def _read_here(self, reply: str, found: re.Match[str]) -> list[CallAttempt]:
        start, at = found.span()
        name, closing = found.group(1), f"{self.mark}</invoke>"
        if not name:
            return [without_name(reply, found, self._call, resume(reply, self._opening, closing, at))]
        try:
            arguments, end = self._arguments(reply, at)
        except BadJson as fault:
            end = resume(reply, self._opening, closing, fault.place)
            return [CallAttempt("malformed", start, end, name, why=fault.message)]
        end = max(end, behind(reply, f"{self.mark}</tool_call>", end))
        return [CallAttempt("ok", start, end, name, arguments, typed=False)]

    def _arguments(self, text: str, at: int) -> tuple[dict[str, Any], int]:
        """The tree of a call, and the place behind it."""
        nodes = [_Node("invoke", at)]
        for tag in self._any_tag.finditer(text, at):
            closes, key = tag.groups()
            if not closes and len(nodes) <= MAX_DEPTH:
                nodes.append(_Node(key, tag.end()))
                continue
            node = nodes.pop()
            if not closes or key != node.key:
                raise BadJson(f"</{node.key}> is missing, or tags are nested too deep", tag.start())
            try:
                if not nodes:
                    return unique(node.children), tag.end()
                nodes[-1].children.append((key, node.value(text, tag.start())))
            except ValueError as error:
                raise BadJson(str(error), tag.start()) from None
        raise BadJson(f"</{nodes[-1].key}> is missing", at)
