r"""The built-in tokenizer: 256 bytes, three control tokens, and a ChatML-like layout.

It needs no download, reads any text, and cannot be injected: content is bytes, and control ids are not bytes.
A conversation reads `<|im_start|>role\ncontent<|im_end|>\n` and so on, with no newline rules to remember.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_envs.chat.calls import Calling, TaggedJson
from llm_envs.chat.tokenizer import Tools
from llm_envs.types import Message

__all__ = ["ByteTokenizer"]

PAD_ID, START_ID, END_ID = 256, 257, 258
_CONTROL = {PAD_ID: b"<|pad|>", START_ID: b"<|im_start|>", END_ID: b"<|im_end|>"}


class ByteTokenizer:
    """Chat over raw bytes; ids 0 to 255 are bytes, 256 pads, 257 opens a message, 258 closes one."""

    name = "bytes"
    calling = Calling(TaggedJson())
    vocab_size = 256 + len(_CONTROL)
    pad_id = PAD_ID
    stop_ids = frozenset({END_ID})
    max_chars_per_id = max(map(len, _CONTROL.values()))

    def encode_prompt(self, messages: Sequence[Message], tools: Tools = ()) -> list[int]:
        """The opening context; tools stand in a system message, a line each: `get(cell: string) Read a cell.`."""
        ids = self._encode_message("system", _tool_sheet(tools)) if tools else []
        for message in messages:
            ids += self._encode_message(message["role"], message["content"])
        return ids + _OPEN_ASSISTANT

    def encode_delta(
        self, messages: Sequence[Message], new: Sequence[Message], stop_id: int, tools: Tools = ()
    ) -> list[int]:
        """The newline that closes the sampled turn, the new messages, and the opening of the next turn."""
        ids = [_NEWLINE]
        for message in new:
            ids += self._encode_message(message["role"], message["content"])
        return ids + _OPEN_ASSISTANT

    def encode_reply(self, text: str) -> list[int]:
        """The bytes of `text` and the closing id; a control string inside stays plain bytes."""
        return [*text.encode("utf-8", "replace"), END_ID]

    def decode(self, ids: Sequence[int] | NDArray[Any]) -> str:
        """The text of `ids`; control ids read as their names, malformed UTF-8 as U+FFFD."""
        array = np.asarray(ids, np.int32)
        if not array.size:
            return ""
        if array.max() < PAD_ID:
            return array.astype(np.uint8).tobytes().decode("utf-8", "replace")
        return b"".join(_CONTROL.get(i) or bytes((i,)) for i in array.tolist()).decode("utf-8", "replace")

    def _encode_message(self, role: str, content: str) -> list[int]:
        return [START_ID, *f"{role}\n{content}".encode("utf-8", "replace"), END_ID, _NEWLINE]


_NEWLINE = ord("\n")
_OPEN_ASSISTANT = [START_ID, *b"assistant\n"]


def _tool_sheet(tools: Tools) -> str:
    return "Tools:\n" + "\n".join(map(_tool, tools))


def _tool(tool: Mapping[str, Any]) -> str:
    """Much shorter than its schema, because small models pay for every byte; what is no function stays JSON."""
    function = tool.get("function")
    if not isinstance(function, Mapping) or "name" not in function:
        return json.dumps(dict(tool), sort_keys=True)
    parameters = function.get("parameters") or {}
    properties, required = parameters.get("properties", {}), parameters.get("required", ())
    taken = ", ".join(f"{name}{'' if name in required else '?'}: {_type(of)}" for name, of in properties.items())
    told = (f"  {name}: {of['description']}" for name, of in properties.items() if of.get("description"))
    return "\n".join((f"{function['name']}({taken}) {function.get('description', '')}".rstrip(), *told))


def _type(schema: Mapping[str, Any]) -> str:
    """`integer`, `string[]`, `"a" | "b"`; a schema that says more stays JSON."""
    if "enum" in schema:
        return " | ".join(map(json.dumps, schema["enum"]))
    if schema.get("type") == "array" and "items" in schema:
        return f"{_type(schema['items'])}[]"
    if isinstance(schema.get("type"), str) and schema["type"] != "object":
        return str(schema["type"])
    return json.dumps({key: value for key, value in schema.items() if key != "description"}, sort_keys=True)
