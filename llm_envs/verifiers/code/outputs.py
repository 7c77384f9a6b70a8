"""Is this what the program was to print? Comparisons of text with text, for tests that read standard output.

| comparison | equal are |
|---|---|
| `tokens` | the same words in the same order, however they are parted |
| `exact` | the same texts, but for one newline at the end |
| `floats` | the same words, except that a number close enough stands for an expected one with a point or an exponent |
| `unordered` | the same lines in any order, each as often, and each compared by its words |

Words are parted by ASCII blanks (space, tab, newline, carriage return, form feed, vertical tab) and by nothing else, so
that other characters cannot be hidden in them. Nothing is interpreted: digits of other scripts, `1_000`, `0x10`, `+1`
for `1`, colours and NUL are what they are. `nan` and infinities equal nothing but the same word.

What comes here was written by an adversary. Every comparison is linear in it, and raises on no text whatsoever.
"""

from __future__ import annotations

import math
import re
from collections import Counter

__all__ = ["exact", "floats", "tokens", "unordered"]

MOST_DIGITS = 1_000
"""Of a number that is compared by value; the largest float has 309 before the point, and few ask for 600 behind it."""

_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_FLOAT = re.compile(rb"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?")


def tokens(output: str, expected: str) -> bool:
    """Whether both are the same words in the same order."""
    return _words(output) == _words(expected)


def exact(output: str, expected: str) -> bool:
    """Whether both are the same, one newline at the end of either aside."""
    return output.removesuffix("\n") == expected.removesuffix("\n")


def floats(output: str, expected: str, *, absolute: float, relative: float) -> bool:
    """Whether both are the same words, or numbers close enough where one with a point or an exponent is expected.

    Args:
        absolute, relative: how far off a number may be; by the larger of both, relative to the one expected.
    """
    found, wanted = _words(output), _words(expected)
    return len(found) == len(wanted) and all(
        word == want or _is_near(word, want, absolute, relative) for word, want in zip(found, wanted, strict=True)
    )


def unordered(output: str, expected: str) -> bool:
    """Whether both have the same lines, each as often; blank ones do not count."""
    return Counter(_lines(output)) == Counter(_lines(expected))


def _words(text: str) -> list[bytes]:
    """As bytes, which know no other blanks and no other digits than those of ASCII."""
    return text.encode("utf-8", "surrogatepass").split()


def _lines(text: str) -> list[tuple[bytes, ...]]:
    lines = (tuple(line.split()) for line in text.encode("utf-8", "surrogatepass").split(b"\n"))
    return [line for line in lines if line]


def _is_near(word: bytes, wanted: bytes, absolute: float, relative: float) -> bool:
    if max(len(word), len(wanted)) > MOST_DIGITS or not _FLOAT.fullmatch(wanted) or not _NUMBER.fullmatch(word):
        return False
    number, target = float(word), float(wanted)
    if not (math.isfinite(number) and math.isfinite(target)):
        return False  # 1e400 is no float: nothing is close to it
    return abs(number - target) <= max(absolute, relative * abs(target))
