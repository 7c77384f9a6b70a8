"""Is the last number of a reply this integer?

Exact and linear in the reply's length; it parses nothing but digits. For mathematics beyond one integer, see
`llm_envs.verifiers.math`.

Covered: text around the number, `</think>`, thousands separators, a sign, Unicode minus, bold and boxed numbers.
Not covered, and so never right: decimals that are whole (`95.0`), fractions, exponents, units, number words, digits
other than ASCII.
"""

from __future__ import annotations

import re
import string
from itertools import takewhile

from llm_envs.errors import BadReference
from llm_envs.types import Verdict

__all__ = ["integer"]

_WORD = frozenset(string.ascii_letters + string.digits + "_.,/^*+%-")
"""What could belong to the number, or to an expression that it is a part of."""

_INTEGER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)", re.ASCII)
_DECORATION = "*_.,"
_REASONING_END = "</think>"

_MAX_CHARS = 1000
"""Python refuses to convert digit strings above 4,300 by default, and no task asks for such a number."""


def integer(reply: str, reference: int) -> Verdict:
    """1 when the last number of `reply`, read as a whole, is the integer `reference`; else 0.

    Raises:
        BadReference: the reference is no integer.
    """
    if not isinstance(reference, int) or isinstance(reference, bool):
        raise BadReference("the reference is no integer", expected="an int", received=reference)
    word = _last_word(reply)
    if word is None:
        return Verdict.of(0.0, "the reply has no number")
    value = _read(word)
    if value is None:
        return Verdict.of(0.0, f"the last number, {word[:40]!r}, is no integer", extracted=word[:40])
    return Verdict.of(float(value == reference), f"read {value}, expected {reference}", extracted=word[:40])


def _last_word(reply: str) -> str | None:
    """The characters around the last digit that belong together, at most `_MAX_CHARS` to either side."""
    answer = reply.rpartition(_REASONING_END)[2].replace("\N{MINUS SIGN}", "-")
    last = max(map(answer.rfind, string.digits))
    if last < 0:
        return None
    before = takewhile(_WORD.__contains__, reversed(answer[max(0, last - _MAX_CHARS) : last]))
    after = takewhile(_WORD.__contains__, answer[last : last + _MAX_CHARS])
    return "".join(before)[::-1] + "".join(after)


def _read(word: str) -> int | None:
    match = _INTEGER.fullmatch(word.strip(_DECORATION))
    if match is None or len(match[2]) > _MAX_CHARS:
        return None
    return int(match[1] + match[2].replace(",", ""))
