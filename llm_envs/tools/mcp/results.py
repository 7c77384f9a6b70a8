"""What a server answers, as a policy reads it: texts as they are, everything else described in words.

Texts come from strangers. They are data: no tokenizer makes control ids of them, and their length is bounded where all
answers of tools are.
"""

from __future__ import annotations

import json

from mcp import types

from llm_envs.tools.errors import ToolError

__all__ = ["text_of"]


def text_of(name: str, result: types.CallToolResult) -> str:
    """The answer in words.

    Args:
        name: of the tool.

    Raises:
        ToolError: E_TOOL_CRASH, with the server's own words, where it says that the call has failed.
    """
    text = "\n".join(map(_words, result.content))
    if result.is_error:
        raise ToolError("E_TOOL_CRASH", text or f"{name} has failed")
    if not text and result.structured_content is not None:
        return json.dumps(result.structured_content, ensure_ascii=False)
    return text


def _words(block: types.ContentBlock) -> str:
    match block:
        case types.TextContent():
            return block.text
        case types.ImageContent() | types.AudioContent():
            return f"[{block.mime_type}, {_size(block.data)}, not shown]"
        case types.ResourceLink():
            return f"[resource {block.uri}: {block.description or block.title or block.name}]"
        case types.EmbeddedResource(resource=types.TextResourceContents() as resource):
            return f"[resource {resource.uri}]\n{resource.text}"
        case types.EmbeddedResource(resource=types.BlobResourceContents() as resource):
            return f"[resource {resource.uri}: {resource.mime_type or 'data'}, {_size(resource.blob)}, not shown]"
        case _:
            return f"[{block.type}, not shown]"


def _size(base64_text: str) -> str:
    return f"{len(base64_text) * 3 // 4:,} bytes"
