"""Calls of tools as a person types them: `get(cell="deg")`, or `get(deg)`, where a model would write JSON.

Values are literals of Python; whatever is none, such as ord-17 or deg * 2, is text. Nothing is evaluated.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llm_envs.chat.calls import Call

__all__ = ["as_call", "explained", "signatures"]

_BEGINNING = re.compile(r"\s*(\w+)\s*\(")
_WORDS = {"true": True, "false": False, "null": None}


def as_call(line: str, tools: Sequence[Mapping[str, Any]], write: Callable[[Sequence[Call]], str]) -> str:
    """The line as the model would write it, where it is a call of one of the tools; else the line.

    Args:
        tools: their schemas, as templates take them.
        write: see `Calling.write`.

    Raises:
        ValueError: it begins as a call and does not end as one, which nobody means as a reply; with what to type.
    """
    begun = _BEGINNING.match(line)
    tool = next((tool for tool in tools if begun and tool["function"]["name"] == begun[1]), None)
    if tool is None:
        return line
    text = line.strip()
    node = _parsed(text)
    if not isinstance(node, ast.Call) or len(node.args) > len(_parameters(tool)):
        raise ValueError(f"A call is written {signatures([tool])}; put what has blanks or commas into quotes.")
    by_place = zip(_parameters(tool), node.args, strict=False)
    by_name = ((keyword.arg or "", keyword.value) for keyword in node.keywords)
    return write([Call(tool["function"]["name"], {name: _value(text, value) for name, value in (*by_place, *by_name)})])


def signatures(tools: Sequence[Mapping[str, Any]]) -> str:
    """All of them, in one line."""
    return ", ".join(f"{tool['function']['name']}({', '.join(_parameters(tool))})" for tool in tools)


def explained(tools: Sequence[Mapping[str, Any]]) -> str:
    """What each does and takes."""
    return "\n".join(line for tool in tools for line in _lines(tool)) or "This task has no tools."


def _parsed(line: str) -> ast.expr | None:
    try:
        with warnings.catch_warnings(action="ignore"):  # of Python's, about what was never meant as Python
            return ast.parse(line, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _parameters(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = tool["function"]["parameters"].get("properties", {})
    return found


def _value(line: str, node: ast.expr) -> Any:
    text = ast.get_source_segment(line, node) or ""
    try:
        value = _WORDS[text] if text in _WORDS else ast.literal_eval(node)
        json.dumps(value, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        return text
    return value


def _lines(tool: Mapping[str, Any]) -> list[str]:
    inner = tool["function"]
    required = inner["parameters"].get("required", ())
    lines = [f"{signatures([tool])}: {inner['description']}"]
    for name, schema in _parameters(tool).items():
        kind = schema.get("enum") or schema.get("type", "anything")
        may_lack = "" if name in required else ", may be left out"
        words = f": {schema['description']}" if "description" in schema else ""
        lines.append(f"  {name} ({kind}{may_lack}){words}")
    return lines
