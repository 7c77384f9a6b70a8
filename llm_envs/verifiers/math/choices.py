"""Multiple choice: the letters that an answer chooses.

A reference is a choice where it is a letter (`B`, `(B)`), letters (`A, C`), or a letter before its option (`(B) 12`,
`C. Paris`). An answer may bring the option's text along; several letters are a set.

Not covered: Roman numerals, letters beyond J.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Choice", "chosen", "read_choice", "read_letters"]

MAX_OPTION: Final = 300
"""Characters of an option's text."""


class Choice(NamedTuple):
    """A choice.

    Args:
        letters: capital letters, in alphabetical order.
        option: the text that came with a single letter; "" for none.
    """

    letters: str
    option: str = ""


_TEXT: Final = re.compile(r"\\(?:text|textbf)\s*\{([^{}]*)\}")
_ONE: Final = re.compile(r"(?:\(([A-Ja-e])\)|([A-J]))[.:)]?")
_SEVERAL: Final = re.compile(r"\(?[A-J]\)?(?:\s?(?:,|;|/|&|\band\b|, and\b)\s?\(?[A-J]\)?){1,9}")
_WITH_OPTION: Final = re.compile(
    rf"(?:\(\s*([A-J])\s*\)\s*[.:]?|([A-J])[.:)](?=\s))\s*(?P<option>[^\s].{{0,{MAX_OPTION}}})"
)
_SAID: Final = re.compile(
    r"(?:(?:the )?(?:correct |right |final )?(?:answer|option|choice)s? ?(?:is|are|:)? ?)?(?:option |choice )?"
    r"(?:\(\s*([A-Ja-j])\s*\)|([A-Ja-j])\s?[).:]|([A-Ja-j])(?![A-Za-z]))\s*"
    rf"(?P<option>.{{0,{MAX_OPTION}}})",
    re.IGNORECASE,
)
_REJECTED: Final = re.compile(r"(?i)(?:is |it )?(?:wrong|incorrect|false|not\b|isn't)")
_RUN: Final = re.compile("[A-J]{2,10}")
_LETTER: Final = re.compile(r"\([A-Ja-j]\)|(?<![A-Za-z\\])[A-J](?![A-Za-z])")


def read_choice(text: str) -> Choice | None:
    """The choice that a normalised reference is; None where it is something else."""
    plain = _plain(text)
    one = _ONE.fullmatch(plain)
    if one:
        return Choice((one[1] or one[2]).upper())
    if _SEVERAL.fullmatch(plain):
        return Choice(_letters(plain))
    option = _WITH_OPTION.fullmatch(plain)
    return Choice(option[1] or option[2], option["option"].strip()) if option else None


def read_letters(text: str) -> Choice | None:
    """`AC` as a choice of two options, which it may be besides a product; None where it is none."""
    rising = _RUN.fullmatch(text) and "".join(sorted(set(text))) == text
    return Choice(text) if rising else None


def chosen(text: str) -> Choice | None:
    """What a normalised answer chooses; None where it chooses nothing, or two things at once."""
    plain = _plain(text)
    if len(plain) > 2 * MAX_OPTION:
        return None
    if _SEVERAL.fullmatch(plain) or _RUN.fullmatch(plain):
        letters = _letters(plain)
        return Choice(letters) if len(letters) > 1 else None
    said = _SAID.fullmatch(plain)
    if said is None or _LETTER.search(said["option"]) or _REJECTED.match(said["option"].strip(" ,:")):
        return None
    if said[3] and said["option"].strip():
        return None
    return Choice((said[1] or said[2] or said[3]).upper(), said["option"].strip())


def _plain(text: str) -> str:
    return " ".join(_TEXT.sub(r" \1 ", text).replace("\\{", " ").replace("\\}", " ").split()).strip(" .")


def _letters(text: str) -> str:
    """Each capital letter once, in order; "" where one is there twice."""
    found = re.findall("[A-J]", text)
    return "".join(sorted(found)) if len(set(found)) == len(found) else ""
