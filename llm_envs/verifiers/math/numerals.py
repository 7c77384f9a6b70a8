"""Numbers as people write them, in the one way the parser reads: scales, separators, repeating digits, bases.

Text in, text out: `1.5 million` becomes `1500000`, `1'234` becomes `1234`, `1.2 x 10^5` becomes `1.2\\times 10^5`,
`0.\\dot{1}\\dot{2}` becomes `0.(12)`, `101 base 2` becomes `101_{2}`. What may be read in two ways stays as it is: a
comma that may group thousands, part decimals or part items is the business of `comma_readings`, whose caller knows
what is wanted. Everything is linear in the text.

Not covered: Roman numerals.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from llm_envs.verifiers.math.number_words import spelled_in_digits

__all__ = ["comma_readings", "in_digits"]

_SCALES: Final = {
    "dozen": 12,
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_SUFFIXES: Final = ("st", "nd", "rd", "th")
MAX_SCALED_DIGITS: Final = 40
"""Of a number before `million`."""

_SCALED: Final = re.compile(
    r"(?<![\w.,^])(\d[\d,]*+(?:\.\d++)?)\$?(?:\s|-|~|\\[ ,;])*+(\\(?:text|textrm|mathrm|mbox)\s*\{\s*+)?"
    rf"(?:({'|'.join(_SCALES)})s?)(?![A-Za-z])"
)
_APOSTROPHES: Final = re.compile(r"(?<![\d'])\d{1,3}(?:'\d{3})+(?![\d'])")
_UNDERSCORES: Final = re.compile(r"(?<![\w}])\d{1,3}(?:_\d{3})+(?!\d)")
_POINTS: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:\.\d{3}){2,}(?:,\d+)?(?![\d.,])")
"""`1.234.567,89`: points that group, and a comma that parts decimals."""
_BRACED_COMMA: Final = re.compile(r"\d++(?:\s?\{\s?,\s?\}\s?\d++)+")
_REPEATING: Final = re.compile(
    r"(\d*+\.\d*+)\s?(?:\\dot\s?\{?\s?(\d)\s?\}?(\d*+)\\dot\s?\{?\s?(\d)\s?\}?"
    r"|\{?\\(?:overline|bar|dot)\s?(?:\{\s?(\d++)\s?\}|(\d))\}?)"
)
_RECURRING: Final = re.compile(r"(\d*+\.)(\d),? (?:repeating|recurring|repeated)\b")
_WRITTEN_PARTS: Final = {"half": "1/2", "third": "1/3", "quarter": "1/4"}
_AND_A_PART: Final = re.compile(r"(?<![\w.,/])(\d{1,12}) and (?:an?|one) (half|third|quarter)(?![A-Za-z])")
_TIMES_TEN: Final = re.compile(r"(?<=\d)\s?[xX]\s?(?=10\s?(?:\^|\*\*))")
_BASE_PREFIX: Final = re.compile(r"(?<!\w)0(?:b([01]++)|o([0-7]++)|x([0-9A-Fa-f]++))(?!\w)")
_FRACTION_PERCENT: Final = re.compile(r"(?<![\w/.,])(\d{1,300})/(\d{1,300})\s?\\?%")
_BASE_WORD: Final = re.compile(
    r"(?<!\d)(\d{1,300})\s?(?:\\text\s?\{\s?)?,?\s?\(?(?:in )?base[ -]?(\d{1,2})\)?(?:\s?\})?"
)


_ORDINAL: Final = re.compile(
    r"(?<![\w.,])(\d{1,12})\s?\^?\s?\{?\s?(?:\\(?:text|mathrm|textrm)\s?\{\s?)?(st|nd|rd|th)(?![A-Za-z])(?:\s?\}){0,2}"
)


def in_digits(text: str) -> str:
    """`text` with its numbers in plain digits."""
    if not text.isascii() or not text.isdigit():
        for hint, pattern, rewrite in _REWRITINGS:
            if hint in text:
                text = pattern.sub(rewrite, text)
        text = spelled_in_digits(text)
        if any(suffix in text for suffix in _SUFFIXES):
            text = _ORDINAL.sub(_ordinal, text)
        if "on" in text or "ed" in text or "nd" in text or "dozen" in text:
            text = _SCALED.sub(_scaled, text)
    return text


def _ordinal(match: re.Match[str]) -> str:
    """`12th` as 12; the ending must be that of the number."""
    last, teen = match[1][-1], match[1][-2:-1] == "1"
    ending = "th" if teen else {"1": "st", "2": "nd", "3": "rd"}.get(last, "th")
    braces = match[0].count("}") == match[0].count("{")
    return match[1] if match[2] == ending and braces else match[0]


def _scaled(match: re.Match[str]) -> str:
    digits = match[1].replace(",", "")
    if len(digits) > MAX_SCALED_DIGITS:
        return match[0]
    value = Decimal(digits) * _SCALES[match[3]]
    return f"{value.normalize():f}" + ("\\text{" if match[2] else "")


def _repeating(match: re.Match[str]) -> str:
    period = f"{match[2]}{match[3]}{match[4]}" if match[2] else match[5] or match[6]
    return f"{match[1]}({period})"


def _braced(match: re.Match[str]) -> str:
    """`1{,}234` groups thousands, `3{,}14` and `0{,}125` part decimals."""
    first, *groups = re.split(r"\D+", match[0])
    grouped = first[0] != "0" and len(first) <= 3 and all(len(group) == 3 for group in groups)
    if grouped or len(groups) > 1:
        return first + "".join(groups) if grouped else match[0]
    return f"{first}.{groups[0]}"


def _points(match: re.Match[str]) -> str:
    return match[0].replace(".", "").replace(",", ".")


def _without(sign: str) -> Callable[[re.Match[str]], str]:
    return lambda match: match[0].replace(sign, "")


def _based(match: re.Match[str]) -> str:
    base = 2 if match[1] else 8 if match[2] else 16
    return f"{(match[1] or match[2] or match[3]).upper()}_{{{base}}}"


_REWRITINGS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str] | str], ...]] = (
    # what the text must contain, the pattern, what becomes of it
    ("'", _APOSTROPHES, _without("'")),
    ("_", _UNDERSCORES, _without("_")),
    (",", _BRACED_COMMA, _braced),
    (".", _POINTS, _points),
    (".", _REPEATING, _repeating),
    (" and ", _AND_A_PART, lambda match: f"{match[1]} {_WRITTEN_PARTS[match[2]]}"),
    (" re", _RECURRING, r"\1(\2)"),
    ("10", _TIMES_TEN, r"\\times "),
    ("base", _BASE_WORD, r"\1_{\2}"),
    ("0", _BASE_PREFIX, _based),
    ("%", _FRACTION_PERCENT, r"\\frac{\1}{\2}\\%"),
)

# Commas

_INDIAN: Final = re.compile(r"(?<![\d.,])\d{1,2}(?:,\d{2})+,\d{3}(?![\d,])")
_DECIMAL_COMMA: Final = re.compile(
    r"(?<![\d.,(\[{|])(?![1-9]\d{0,2},\d{3}(?!\d))(\d++),(?!0+(?!\d))(\d++)(?![\d,.)\]}|])"
)
_POINT_AND_COMMA: Final = re.compile(r"(?<![\d.,])[1-9]\d{0,2}\.\d{3},\d+(?![\d.,])")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3})")


def comma_readings(text: str, *, several: bool) -> tuple[str, ...]:
    """Other ways to read the commas of a text, most likely first.

    Args:
        several: items are wanted, so `1,234` is 1 and 234; else one number is, so `1,00,000` is 100000, `3,14` is
            3.14 and `1.234,5` is 1234.5.
    """
    if "," not in text:
        return ()
    if several:
        ways: tuple[str, ...] = (_THOUSANDS.sub(", ", text),)
    else:
        ways = (
            _INDIAN.sub(_without(","), text),
            _DECIMAL_COMMA.sub(r"\1.\2", text),
            _POINT_AND_COMMA.sub(_points, text),
        )
    return tuple(way for way in ways if way != text)
