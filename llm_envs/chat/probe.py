"""Small conversations to find out about a chat template with, made of words that no template writes by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llm_envs.types import Message

__all__ = [
    "AGAIN",
    "REPLY",
    "SYSTEM",
    "TOOL",
    "USER",
    "call_id",
    "calling",
    "reply",
    "result",
    "tool_call",
    "user",
    "words",
]

TOOL: Mapping[str, Any] = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Look at a thing.",
        "parameters": {
            "type": "object",
            "properties": {"what": {"type": "string", "description": "Its name."}},
            "required": ["what"],
        },
    },
}
"""What is offered to templates that look at tools."""


def user(content: str) -> Message:
    """A user's message."""
    return {"role": "user", "content": content}


def reply(content: str) -> Message:
    """An assistant's turn in words."""
    return {"role": "assistant", "content": content}


def calling(*arguments: str) -> Message:
    """An assistant's turn that calls the tool once for each argument."""
    calls = [tool_call("look", {"what": argument}, call_id(index)) for index, argument in enumerate(arguments)]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def result(content: str, index: int = 0) -> Message:
    """What the call with this index brought."""
    return {"role": "tool", "content": content, "name": "look", "tool_call_id": call_id(index)}


def tool_call(name: str, arguments: Mapping[str, Any], given_id: str) -> dict[str, Any]:
    """One entry of a message's `tool_calls`."""
    return {"type": "function", "id": given_id, "function": {"name": name, "arguments": dict(arguments)}}


def call_id(index: int) -> str:
    """A tool call id that every template takes: nine letters and digits."""
    return f"call{index:05d}"


SYSTEM: Message = {"role": "system", "content": "rule7word"}
USER, AGAIN = user("ask7word"), user("again7word")
REPLY = reply("reply7word")


def words(messages: Sequence[Message]) -> list[str]:
    """The contents and arguments that a rendering of these messages must show."""
    calls = [call["function"]["arguments"] for message in messages for call in message.get("tool_calls", ())]
    contents = [message["content"] for message in messages]
    return [word for word in (*contents, *(word for arguments in calls for word in arguments.values())) if word]
