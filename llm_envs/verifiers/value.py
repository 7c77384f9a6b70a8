"""Is this the value? For answers that are one thing of a known type: a number, a date, a name, a list of ids.

The whole answer must be the value: nothing is searched for in it, so that naming every candidate does not pay.

Covered: `1,250.00` for a number; `$`, `€`, `%` around one; quotes and a final stop; kinds of dash and of accents;
case and blanks of words; `yes` and `no`; lists parted by commas, semicolons or lines, in brackets or without, in any
order where the reference is a set; `none` for an empty one.
Not covered: numbers in words, dates that are not written YYYY-MM-DD, units, times of another zone than the reference's.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from llm_envs.errors import BadReference
from llm_envs.types import Verdict

__all__ = ["value"]

_LONGEST = 2_000
_MOST_DIGITS = 40
_NUMBER = re.compile(r"[$€£]? ?([+-]?)[$€£]? ?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?) ?[$€£%]?", re.ASCII)
_SAID = {"yes": True, "true": True, "no": False, "false": False}
_PARTS = re.compile(r"[,;\n]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_QUOTES = "\"'`"


def value(answer: str, reference: Any) -> Verdict:
    """1 where `answer` is `reference`, else 0.

    Args:
        reference: a bool, int, Decimal, date, datetime or text, or a list, tuple, set or frozenset of these; lists and
            tuples are compared in order, sets are not.

    Raises:
        BadReference: it is of another type.
    """
    read = _reader(reference)
    found = read(_plain(answer)) if len(answer) <= _LONGEST else None
    if found is None:
        return Verdict.of(0.0, f"{_shown(answer)} is no {_called(reference)}")
    return Verdict.of(float(found == _canonical(reference)), f"the answer is {_shown(answer)}")


def _plain(text: str) -> str:
    return _DASHES.sub("-", unicodedata.normalize("NFC", text)).strip()


def _reader(reference: Any) -> Callable[[str], Any]:
    """What reads an answer of the reference's type; None where the answer is of another."""
    if isinstance(reference, list | tuple | set | frozenset):
        return lambda text: _items(text, reference)
    for kind, read in _READERS:
        if isinstance(reference, kind):
            return read
    raise BadReference(
        "a value cannot be compared with this",
        expected="a bool, int, Decimal, date, datetime or text, or a list or set of these",
        received=repr(reference),
    )


def _items(text: str, reference: Any) -> Any:
    """The items of a list, in order or counted; None where one cannot be read."""
    parts = _parts(text) if reference or _word(text) != "none" else []
    readers = [_reader(item) for item in reference] or [_word]
    if isinstance(reference, set | frozenset):
        readers = [readers[0]] * len(parts)
    elif len(parts) != len(reference):
        return None
    found = [read(part) for read, part in zip(readers, parts, strict=True)]
    if None in found:
        return None
    return found if isinstance(reference, list | tuple) else Counter(found)


def _parts(text: str) -> list[str]:
    with suppress(ValueError, RecursionError):
        plain = json.loads(text)
        if isinstance(plain, list):
            return [str(item).strip() for item in plain]
    inside = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return [part.strip() for part in _PARTS.split(inside) if part.strip()]


def _bare(text: str) -> str:
    """Without quotes around and a stop behind."""
    return text.strip(_QUOTES).removesuffix(".").strip(_QUOTES)


def _number(text: str) -> Decimal | None:
    found = _NUMBER.fullmatch(_bare(text))
    if not found or len(found[2]) > _MOST_DIGITS:
        return None
    with suppress(InvalidOperation):
        return Decimal(found[1] + found[2].replace(",", ""))
    return None


def _truth(text: str) -> bool | None:
    return _SAID.get(_bare(text).casefold())


def _moment(text: str) -> dt.datetime | None:
    with suppress(ValueError):
        return dt.datetime.fromisoformat(_bare(text))
    return None


def _date(text: str) -> dt.date | None:
    with suppress(ValueError):
        return dt.date.fromisoformat(_bare(text))
    return None


def _word(text: str) -> str | None:
    return " ".join(_bare(text).casefold().split()) or None


_READERS: tuple[tuple[type, Callable[[str], Any]], ...] = (
    (bool, _truth),
    (int, _number),
    (Decimal, _number),
    (dt.datetime, _moment),
    (dt.date, _date),
    (str, _word),
)
"""By type; a bool is an int, and a datetime a date, so the narrower comes first."""


def _canonical(reference: Any) -> Any:
    if isinstance(reference, set | frozenset):
        return Counter(map(_canonical, reference))
    if isinstance(reference, list | tuple):
        return list(map(_canonical, reference))
    if isinstance(reference, str):
        return _word(_plain(reference))
    return reference


def _called(reference: Any) -> str:
    names = {bool: "yes or no", int: "number", Decimal: "number", str: "text", dt.date: "date", dt.datetime: "time"}
    return names.get(type(reference), "list of that kind and length")


def _shown(answer: str) -> str:
    return repr(answer if len(answer) <= 80 else answer[:80] + "...")
