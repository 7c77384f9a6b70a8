"""Arguments that a format writes as texts, as the values that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llm_envs.chat.calls.literals import LITERALS
from llm_envs.chat.calls.strict_json import BadJson, read_json

__all__ = ["decode_text", "value_of"]

_WORDS: Mapping[str, Any] = {"true": True, "false": False, "none": None}


def value_of(text: Any) -> Any:
    """What a text says as JSON, or as Python prints it (some chat templates do, and teach it); else the text itself.

    The texts in a list or a dict are read one by one.
    """
    if isinstance(text, dict):
        return {key: value_of(item) for key, item in text.items()}
    if isinstance(text, list):
        return list(map(value_of, text))
    if not isinstance(text, str):
        return text
    for read in (read_json, LITERALS.read):
        try:
            value, end = read(text, 0)
        except BadJson:
            continue
        if not text[end:].strip():
            return value
    return _WORDS.get(text.strip().lower(), text)


def decode_text(text: Any, schema: Mapping[str, Any]) -> Any:
    """The value that a text means under a JSON schema: as it is, where a text is declared."""
    return text if schema.get("type") == "string" else value_of(text)
