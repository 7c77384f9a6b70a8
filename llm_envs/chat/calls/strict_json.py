"""JSON as a policy may write it: one value from a place in a text, strictly, and within bounds.

No NaN and no infinity, no key twice, no number of thousands of digits, no nesting that nobody reads.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

__all__ = ["MAX_DEPTH", "BadJson", "integer", "number", "read_json", "unique"]

MAX_DEPTH = 32
_NUMBER_CHARS = 400
"""A double has at most 309 digits before its point."""

_WINDOW = 4096
"""Characters that are decoded first: an error costs time linear in what was decoded, and most come early."""

_AT_THE_EDGE = 16
"""An error that close to the end of the window may be due to it: no escape and no literal is longer."""

_BLANKS = re.compile(r"[ \t\r\n]*")


class BadJson(ValueError):
    """Says what is wrong, for the policy to read.

    Args:
        place: in the text.
    """

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.message, self.place = message, place


def read_json(text: str, start: int = 0) -> tuple[Any, int]:
    """The value that begins at `start`, blanks left out, and the place behind it.

    Raises:
        BadJson: there is none.
    """
    blanks = _BLANKS.match(text, start)
    start = blanks.end() if blanks else start
    window = text[start : start + _WINDOW]
    cut = len(window) < len(text) - start
    try:
        value, length = _decoded(window)
    except BadJson as fault:
        if not cut or not (fault.place >= _WINDOW - _AT_THE_EDGE or fault.message.startswith("Unterminated")):
            raise BadJson(fault.message, start + fault.place) from None
        value, length = _decoded(text[start:])
    else:
        if cut and length == _WINDOW:
            value, length = _decoded(text[start:])
    if _is_deeper(value, MAX_DEPTH):
        raise BadJson(f"the JSON is nested more than {MAX_DEPTH} deep", start)
    return value, start + length


def _decoded(text: str) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at character {error.pos} of the JSON", error.pos) from None
    except RecursionError:
        raise BadJson(f"the JSON is nested more than {MAX_DEPTH} deep", 0) from None
    except ValueError as error:
        raise BadJson(str(error), 0) from None


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth + 1):
        inner: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                inner += one.values()
            elif isinstance(one, list):
                inner += one
        if not inner:
            return False
        level = inner
    return True


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a dict.

    Raises:
        ValueError: a key is there twice.
    """
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:64]!r} is there twice")
        found[key] = value
    return found


def integer(digits: str) -> int:
    """The number that the digits mean.

    Raises:
        ValueError: there are too many.
    """
    if len(digits) > _NUMBER_CHARS:
        raise ValueError("a number has too many digits")
    return int(digits)


def number(digits: str) -> float:
    """The finite number that the digits mean.

    Raises:
        ValueError: it is too large.
    """
    value = float(digits) if len(digits) <= _NUMBER_CHARS else math.inf
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=unique, parse_int=integer, parse_float=number, parse_constant=_constant, strict=False
)
