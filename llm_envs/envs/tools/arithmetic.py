"""Whole numbers, + - * and brackets, worked out exactly.

Bounded by the length of what it is given, and nothing of that is ever run. There are no names, no powers and no
division.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import add, mul, sub

__all__ = ["evaluate"]

_CHARS = 100
"""A longer expression is refused: products grow no further, and brackets nest no deeper."""

_TOKEN = re.compile(r"\s*+(\d++|[-+*()])", re.ASCII)
_SUMS: Mapping[str, Callable[[int, int], int]] = {"+": add, "-": sub}


def evaluate(expression: str) -> int:
    """The value of such as `(12 + 3) * -4`.

    Raises:
        ValueError: it is something else; the message says what is wrong, in words that a policy can act on.
    """
    if len(expression) > _CHARS:
        raise ValueError(f"an expression has at most {_CHARS} characters")
    reader = _Reader(_tokens(expression.strip()))
    value = reader.sum()
    if reader.next:
        raise ValueError(f"nothing can follow here: {reader.next!r}")
    return value


def _tokens(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"only digits, + - * and brackets are understood, not {text[at:].lstrip()[0]!r}")
        tokens.append(found[1])
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent: a method for each rule of the grammar."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0

    @property
    def next(self) -> str:
        """The token to come; empty at the end."""
        return self._tokens[self._at]

    def sum(self) -> int:
        """Products, added and subtracted."""
        value = self._product()
        while self.next in _SUMS:
            value = _SUMS[self._take()](value, self._product())
        return value

    def _product(self) -> int:
        value = self._factor()
        while self.next == "*":
            self._take()
            value = mul(value, self._factor())
        return value

    def _factor(self) -> int:
        first = self._take()
        if first == "-":
            return -self._factor()
        if first != "(":
            if not first.isdigit():
                raise ValueError(f"a number is missing before {first!r}" if first else "the expression is not complete")
            return int(first)
        value = self.sum()
        if self._take() != ")":
            raise ValueError("a bracket is not closed")
        return value

    def _take(self) -> str:
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token
