"""Values as Python and its relatives write them: one from a place in a text, strictly, and within bounds.

Strings, numbers, truth values, None, lists and dicts: what JSON can say as well. It is no `ast`: the compiler of
Python is neither bounded nor safe on hostile text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llm_envs.chat.calls.markers import any_blanks
from llm_envs.chat.calls.strict_json import MAX_DEPTH, BadJson, integer, number, unique

__all__ = ["LITERALS", "Literals"]

_WORDS = {"True": True, "true": True, "False": False, "false": False, "None": None, "null": None}
_WORD = re.compile(rf"({'|'.join(_WORDS)})(?![\w(])")
_NUMBER = re.compile(r"[+-]?(?:\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?(?![\w.])")
_BARE_KEY = re.compile(r"[A-Za-z_][\w.\-]{0,127}(?=\s*:)")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0", "\n": ""}
_ITSELF = "\\'\"/"


@dataclass(frozen=True)
class Literals:
    """One way to write values.

    Args:
        quotes: around strings, the longest first.
        escapes: a backslash in a string means what it means in Python.
        bare_keys: of dicts need no quotes.
    """

    quotes: tuple[str, ...] = ('"""', "'''", '"', "'")
    escapes: bool = True
    bare_keys: bool = False

    def read(self, text: str, start: int) -> tuple[Any, int]:
        """The value that begins at `start`, blanks left out, and the place behind it.

        Raises:
            BadJson: there is none.
        """
        return self._value(text, start, MAX_DEPTH)

    def _value(self, text: str, start: int, depth: int) -> tuple[Any, int]:
        at = any_blanks(text, start)
        if not depth:
            raise BadJson(f"the value is nested more than {MAX_DEPTH} deep", at)
        if text[at : at + 1] in {"[", "("}:
            closing = "]" if text[at] == "[" else ")"
            return self.items(text, at + 1, closing, lambda place: self._value(text, place, depth - 1))
        if text[at : at + 1] == "{":
            pairs, end = self.items(text, at + 1, "}", lambda place: self._pair(text, place, depth - 1))
            return _unique(pairs, at), end
        return self._scalar(text, at)

    def _pair(self, text: str, start: int, depth: int) -> tuple[tuple[str, Any], int]:
        at = any_blanks(text, start)
        bare = _BARE_KEY.match(text, at) if self.bare_keys else None
        key, end = (bare.group(), bare.end()) if bare else self._scalar(text, at)
        end = any_blanks(text, end)
        if not isinstance(key, str) or text[end : end + 1] != ":":
            raise BadJson("a dict has texts as keys, and a colon behind each", end)
        value, end = self._value(text, end + 1, depth)
        return (key, value), end

    def items(self, text: str, at: int, closing: str, read: Callable[[int], tuple[Any, int]]) -> tuple[list[Any], int]:
        """What stands between commas, a last comma allowed, and the place behind the closing bracket."""
        items: list[Any] = []
        while True:
            at = any_blanks(text, at)
            if text.startswith(closing, at):
                return items, at + 1
            item, end = read(at)
            items.append(item)
            at = any_blanks(text, end)
            if text.startswith(",", at):
                at += 1
            elif not text.startswith(closing, at):
                raise BadJson(f"expected a comma or {closing}", at)

    def _scalar(self, text: str, at: int) -> tuple[Any, int]:
        if word := _WORD.match(text, at):
            return _WORDS[word.group(1)], word.end()
        if digits := _NUMBER.match(text, at):
            return _number(digits, at), digits.end()
        quote = next((quote for quote in self.quotes if text.startswith(quote, at)), "")
        if not quote:
            raise BadJson("expected a text in quotes, a number, True, False, None, a list or a dict", at)
        end = self._end_of_string(text, at + len(quote), quote)
        inside = text[at + len(quote) : end]
        return (_unescaped(inside, at) if self.escapes else inside), end + len(quote)

    def _end_of_string(self, text: str, at: int, quote: str) -> int:
        sought = re.compile(rf"(?:\\.|[^\\])*?(?={re.escape(quote)})", re.DOTALL)
        if not self.escapes:
            end = text.find(quote, at)
        else:
            found = sought.match(text, at)
            end = found.end() if found else -1
        if end < 0:
            raise BadJson("a text has no closing quote", at)
        return end


LITERALS = Literals()
"""As Python writes them."""


def _number(digits: re.Match[str], at: int) -> int | float:
    try:
        return (
            number(digits.group())
            if digits.group(1) or digits.group(2) or "." in digits.group()
            else integer(digits.group())
        )
    except ValueError as error:
        raise BadJson(str(error), at) from None


def _unique(pairs: list[tuple[str, Any]], at: int) -> dict[str, Any]:
    try:
        return unique(pairs)
    except ValueError as error:
        raise BadJson(str(error), at) from None


def _unescaped(text: str, at: int) -> str:
    def plain(escape: re.Match[str]) -> str:
        code = escape.group(1) or escape.group(2) or escape.group(3)
        if code:
            return chr(int(code, 16))
        letter = escape.group(4)
        return letter if letter in _ITSELF else _ESCAPES.get(letter, escape.group())

    try:
        return _ESCAPE.sub(plain, text)
    except (ValueError, OverflowError):
        raise BadJson("an escape stands for no character", at) from None
