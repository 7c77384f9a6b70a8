"""JSON as a policy may write it: one value from a place in a text, strictly, and within bounds.

No NaN and no infinity, no key twice, no number of thousands of digits, no nesting that nobody reads.
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

__all__ = ["BadJson", "read_json"]

_DEPTH = 32
_NUMBER_CHARS = 400
"""A double has at most 309 digits before its point."""


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
    while start < len(text) and text[start] in " \t\r\n":
        start += 1
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise BadJson(f"{error.msg} at character {error.pos - start} of the JSON", error.pos) from None
    except RecursionError:
        raise BadJson(f"the JSON is nested more than {_DEPTH} deep", start) from None
    except ValueError as error:
        raise BadJson(str(error), start) from None
    if _is_deeper(value, _DEPTH):
        raise BadJson(f"the JSON is nested more than {_DEPTH} deep", start)
    return value, end


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


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:64]!r} is there twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _NUMBER_CHARS:
        raise ValueError("a number has too many digits")
    return int(digits)


def _number(digits: str) -> float:
    value = float(digits) if len(digits) <= _NUMBER_CHARS else math.inf
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_number, parse_constant=_constant, strict=False
)
