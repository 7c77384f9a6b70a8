"""Messages made safe to render: every string in them guarded, or stood in for by a word that marks its place.

The words serve as a proof. A conversation rendered with a word in place of each content shows which contents a
template drops, and which control tokens are the template's own; the guarded conversation must show the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llm_envs.chat.encoder import GuardedEncoder
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["guarded", "guarded_strings", "placed", "place", "require_shown"]

Guard = Callable[[str], str]

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.:/-]*")
"""Names that no template can complete to a control string: they hold no bracket, bar or space."""


def guarded(messages: Sequence[Message], encoder: GuardedEncoder, guard: Guard) -> list[Message]:
    """The messages with each content through `guard`, and names and tool calls guarded as well."""
    return [_guarded_message(message, encoder, guard) for message in messages]


def guarded_strings(value: Any, guard: Guard) -> Any:
    """`value`, JSON-like, with every string in it guarded, keys included."""
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, dict):
        return {guarded_strings(key, guard): guarded_strings(item, guard) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [guarded_strings(item, guard) for item in value]
    return value


def place(index: int) -> str:
    """The word that stands for the content of message `index`."""
    return f"place{index}word"


def placed(messages: Sequence[Message], encoder: GuardedEncoder) -> list[Message]:
    """The messages with a word of its own in place of each content."""
    safe = guarded(messages, encoder, encoder.guard)
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


def _guarded_message(message: Message, encoder: GuardedEncoder, guard: Guard) -> Message:
    safe: Message = {"role": message["role"], "content": guard(message["content"])}
    if "name" in message:
        safe["name"] = _guarded_name(message["name"], encoder)
    if "tool_call_id" in message:
        safe["tool_call_id"] = _guarded_name(message["tool_call_id"], encoder)
    if "tool_calls" in message:
        safe["tool_calls"] = [_guarded_call(call, encoder) for call in message["tool_calls"]]
    return safe


def _guarded_call(call: Mapping[str, Any], encoder: GuardedEncoder) -> dict[str, Any]:
    safe: dict[str, Any] = guarded_strings(dict(call), encoder.guard)
    safe["function"]["name"] = _guarded_name(call["function"]["name"], encoder)
    if "id" in call:
        safe["id"] = _guarded_name(call["id"], encoder)
    return safe


def _guarded_name(name: str, encoder: GuardedEncoder) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else encoder.guard_whole(name)
