"""Is the last number of a reply this integer?

Exact and linear in the reply's length; it parses nothing but digits. For mathematics beyond one integer, see
`llm_envs.verifiers.math`.

Covered: text around the number, `</think>`, thousands separators, a sign, Unicode minus, bold and boxed numbers.
Not covered, and so never right: decimals that are whole (`95.0`), fractions, exponents, units, number words, digits
other than ASCII.
"""

from __future__ import annotations

import re

from llm_envs.errors import BadReference
from llm_envs.types import Verdict

__all__ = ["integer"]

_WORD = re.compile(r"[\w.,/^*+%-]*\d[\w.,/^*+%-]*", re.ASCII)
"""A run of characters that could belong to one number or expression, with a digit in it."""

_INTEGER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)", re.ASCII)
_DECORATION = "*_.,"
_REASONING_END = "</think>"

_MAX_DIGITS = 1000
"""Python refuses to convert longer digit strings by default (4,300), and no task asks for one."""


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
    answer = reply.rpartition(_REASONING_END)[2].replace("\N{MINUS SIGN}", "-")
    word = None
    for match in _WORD.finditer(answer):
        word = match[0]
    return word


def _read(word: str) -> int | None:
    match = _INTEGER.fullmatch(word.strip(_DECORATION))
    if match is None or len(match[2]) > _MAX_DIGITS:
        return None
    return int(match[1] + match[2].replace(",", ""))
