"""Numbers in English words, as digits: `two thousand and five`, `one and a half`, `minus three quarters`, `a dozen`.

Reads runs of number words in a text and leaves the rest of it alone; words that make no number stay as they are.
Ordinals are no numbers here: a `third` without a numerator stays.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

__all__ = ["spelled_in_digits"]

_ONES: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES: Final = {"dozen": 12, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS: Final = {
    "half": 2, "halves": 2, "third": 3, "fourth": 4, "quarter": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "fifteenth": 15, "sixteenth": 16, "twentieth": 20,
    "hundredth": 100, "thousandth": 1000,
}  # fmt: skip
_NEGATIVE: Final = ("negative", "minus")
_ARTICLES: Final = ("a", "an")

_WORDS: Final = "|".join(
    sorted((*_ONES, *_TENS, *_SCALES, "hundred", *(f"{word}s?" for word in _PARTS)), key=len, reverse=True)
)
_RUN: Final = re.compile(
    rf"(?i)(?<![\w\\-])(?:(?:negative|minus)[ ])?(?:an?[ ])?(?:{_WORDS})"
    rf"(?:(?:[ ]|-|[ ,-]and[ -](?:an?[ -])?|[ ]an?[ ])(?:{_WORDS}))*+(?![\w-])"
)
_HINT: Final = re.compile(
    "(?i)" + "|".join((*list(_ONES)[:13], "teen", "ty(?![a-z])", "hundred", "half", "quarter", "third", *_SCALES))
)
_GAP: Final = re.compile("[ ,-]+")


def spelled_in_digits(text: str) -> str:
    """`text` with every number that stands in words in digits, fractions as `3/2`."""
    return _RUN.sub(_in_digits, text) if _HINT.search(text) else text


def _in_digits(run: re.Match[str]) -> str:
    return _Words(_GAP.split(run[0].lower())).in_digits()


class _Words:
    """A run of words, read from the left; methods named after what they read leave the position behind it."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.at = 0

    def in_digits(self) -> str:
        written = []
        while self.at < len(self.words):
            value = self.number()
            written.append(self.words[self.at] if value is None else str(value))
            self.at += value is None
        return " ".join(written)

    def peek(self, ahead: int = 0) -> str:
        return self.words[self.at + ahead] if self.at + ahead < len(self.words) else ""

    def number(self) -> Fraction | None:
        start = self.at
        sign = -1 if self.peek() in _NEGATIVE else 1
        self.at += sign < 0
        value = self.fraction()
        if value is None:
            value = self.whole()
            value = None if value is None else value + self.added_fraction()
        if value is None:
            self.at = start
            return None
        return sign * value

    def fraction(self) -> Fraction | None:
        """`two thirds`, `a quarter`, `half`, `half a million`."""
        start = self.at
        numerator = self.below_thousand()
        if numerator is None:
            if self.peek() in _ARTICLES:
                self.at += 1
            elif self.peek() != "half":
                return None
            numerator = 1
        part = _PARTS.get(self.peek()) or _PARTS.get(self.peek().removesuffix("s"))
        if part is None:
            self.at = start
            return None
        self.at += 1
        article = self.peek() in _ARTICLES
        scale = _SCALES.get(self.peek(article), 1)
        self.at += article + 1 if scale > 1 else 0
        return Fraction(numerator, part) * scale

    def added_fraction(self) -> Fraction:
        """`and a half` behind a whole number."""
        start = self.at
        self.at += self.peek() == "and"
        value = self.fraction()
        if value is None or value >= 1:
            self.at = start
            return Fraction(0)
        return value

    def whole(self) -> Fraction | None:
        """Groups of up to three digits, each with its scale, the scales falling."""
        total, last = None, max(_SCALES.values()) + 1
        while True:
            start = self.at
            self.at += total is not None and self.peek() == "and"
            group = self.below_thousand()
            scale = _SCALES.get(self.peek(), 1)
            if group is None or scale >= last or (total is not None and last == 12):
                self.at = start
                return None if total is None else Fraction(total)
            total = (total or 0) + group * scale
            self.at += scale > 1
            last = scale

    def below_thousand(self) -> int | None:
        if self.peek() in _ARTICLES and self.peek(1) in {"hundred", *_SCALES}:
            hundreds: int | None = 1
            self.at += 1
        else:
            hundreds = 1 if self.peek() == "hundred" else self.below_hundred()
        if hundreds is None or self.peek() != "hundred":
            return hundreds
        self.at += 1
        joint = self.peek() == "and" and (self.peek(1) in _ONES or self.peek(1) in _TENS)
        self.at += joint
        return 100 * hundreds + (self.below_hundred() or 0)

    def below_hundred(self) -> int | None:
        word = self.peek()
        if word in _ONES:
            self.at += 1
            return _ONES[word]
        if word not in _TENS:
            return None
        self.at += 1
        digit = _ONES.get(self.peek(), 0)
        if not 0 < digit < 10:
            return _TENS[word]
        self.at += 1
        return _TENS[word] + digit
