"""Messages made safe to render: every string in them guarded, or stood in for by a word that marks its place.

The words serve as a proof. A conversation rendered with a word in place of each content shows which contents a
template drops, and which control tokens are the template's own; the guarded conversation must show the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_envs.chat.encoder import GuardedEncoder
from llm_envs.chat.tokenizer import Tools
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["Guard", "changed_structure", "place", "placed", "require_shown"]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:/-]*")
"""Names as APIs have them: no bracket, bar or space."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Makes messages and tools safe to render.

    Args:
        whole: break every character of contents and names, not only the control strings in them: for text that becomes
            a control string only together with the template's own text around it.
    """

    encoder: GuardedEncoder
    whole: bool = False

    def messages(self, messages: Sequence[Message]) -> list[Message]:
        """The messages with their contents guarded, and whatever else they hold."""
        return [{**self.turn(message), "content": self._content(message["content"])} for message in messages]

    def turn(self, message: Message) -> Message:
        """The message with everything guarded as `messages` does, save that its words stay whole."""
        safe: Message = {"role": message["role"], "content": self.encoder.guard(message["content"])}
        if "name" in message:
            safe["name"] = self._name(message["name"])
        if "tool_call_id" in message:
            safe["tool_call_id"] = self._id(message["tool_call_id"])
        if "tool_calls" in message:
            safe["tool_calls"] = [self._call(call) for call in message["tool_calls"]]
        return safe

    def tools(self, tools: Tools) -> list[dict[str, Any]]:
        """The tools with every string in them guarded."""
        return [_each_string(dict(tool), self.encoder.guard) for tool in tools]

    def _content(self, text: str) -> str:
        return self.encoder.guard_whole(text) if self.whole else self.encoder.guard(text)

    def _name(self, name: str) -> str:
        return self.encoder.guard_whole(name) if self.whole else self._id(name)

    def _id(self, name: str) -> str:
        return name if _PLAIN_NAME.fullmatch(name) else self.encoder.guard_whole(name)

    def _call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        safe: dict[str, Any] = _each_string(dict(call), self.encoder.guard)
        safe["function"]["name"] = self._name(call["function"]["name"])
        if "id" in call:
            safe["id"] = self._id(call["id"])
        return safe


def place(index: int) -> str:
    """The word that stands for the content of message `index`."""
    return f"place{index}word"


def placed(messages: Sequence[Message], encoder: GuardedEncoder) -> list[Message]:
    """The messages with a word of its own in place of each content, and names that complete nothing."""
    safe = map(Guard(encoder, whole=True).turn, messages)
    return [{**message, "content": place(index)} for index, message in enumerate(safe)]


def require_shown(text: str, messages: Sequence[Message]) -> None:
    """Raise TemplateRefused unless `text`, rendered from the placed messages, shows each content once."""
    for index, message in enumerate(messages):
        shown = text.count(place(index))
        if shown != 1:
            raise TemplateRefused(
                f"the chat template {'repeats' if shown else 'drops'} the content of a {message['role']!r} message",
                expected="each message shown once, where it stands",
                received=", ".join(other["role"] for other in messages),
                next_step="Put its text into a user message, or use a chat template that has this role.",
            )


def changed_structure(messages: Sequence[Message]) -> TemplateRefused:
    """The error for messages that bring other control tokens than their places do, even with every character broken."""
    return TemplateRefused(
        "the content of these messages changes the structure that the chat template gives them",
        expected="a template that prints contents as they are",
        received=", ".join(message["role"] for message in messages),
        next_step="Set tokenizer.chat_template to one that does.",
    )


def _each_string(value: Any, guard: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, Mapping):
        return {_each_string(key, guard): _each_string(item, guard) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each_string(item, guard) for item in value]
    return value
