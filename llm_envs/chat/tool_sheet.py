"""Tools for models whose chat template knows none: a sheet in the prompt, and results in messages of the user.

The sheet describes each tool as one line of JSON and shows what a call looks like. It stands at the end of the system
message, or, where there can be none, at the beginning of the first user message. Where a template knows no calls
either, they are tagged JSON: its markers occur in no prose and survive any string, and most models have seen them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal

from llm_envs.chat.calls import Call, Calling
from llm_envs.chat.tokenizer import Tools
from llm_envs.types import Message

__all__ = ["carried", "carried_result", "sheet", "with_sheet"]

_EXAMPLE = Call("tool_name", {"argument_name": "value"})


def sheet(tools: Tools, calling: Calling) -> str:
    """What a model must know to call tools."""
    listed = "\n".join(json.dumps(tool.get("function", tool), ensure_ascii=False) for tool in tools)
    example = calling.format.write([_EXAMPLE])
    number = "Several calls may follow each other." if calling.parallel else "Make one call at a time."
    return (
        f"You can call these tools:\n{listed}\n\n"
        f"To call one, write its name and your arguments exactly like this:\n{example}\n"
        f"{number} The results come in the next message. To answer without a tool, just write your answer."
    )


def with_sheet(messages: Sequence[Message], tools: Tools, calling: Calling, *, in_system: bool) -> list[Message]:
    """The messages with the sheet in the system message, or else in the first message of the user."""
    written = sheet(tools, calling)
    role: Literal["system", "user"] = "system" if in_system else "user"
    for index, message in enumerate(messages):
        if message["role"] == role:
            parts = [message["content"], written] if in_system else [written, message["content"]]
            joined: Message = {**message, "content": "\n\n".join(parts)}
            return [*messages[:index], joined, *messages[index + 1 :]]
    return [{"role": role, "content": written}, *messages]


def carried(messages: Sequence[Message], *, several: bool) -> list[Message]:
    """The messages with tool results as messages of the user.

    Args:
        several: the template takes one message of the user after another; or else they are joined.
    """
    users: list[Message] = []
    is_carried = [message["role"] == "tool" for message in messages]
    for index, message in enumerate(messages):
        user = carried_result(message) if is_carried[index] else message
        follows = index > 0 and user["role"] == users[-1]["role"] == "user"
        if follows and (not several or (is_carried[index] and is_carried[index - 1])):
            users[-1] = {**users[-1], "content": f"{users[-1]['content']}\n{user['content']}"}
        else:
            users.append(user)
    return users


def carried_result(message: Message) -> Message:
    """One result as a message of the user."""
    return {"role": "user", "content": f"<tool_response>\n{message['content']}\n</tool_response>"}
