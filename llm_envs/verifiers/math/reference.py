"""Read a reference answer once: a number, a collection of them, LaTeX, words, a date, or the letters of a choice.

Task code gives references as Python values or as text in the notation of data sets, where the text may be a worked
solution with the answer marked in it; this module brings all to one `Reference`, and says no (`BadReference`) to what
the verifier could never judge fairly.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from llm_envs.errors import BadReference
from llm_envs.verifiers.math import exact
from llm_envs.verifiers.math.choices import Choice, read_choice, read_letters
from llm_envs.verifiers.math.dates import Date, Time, is_sure, read_moment
from llm_envs.verifiers.math.extract import Kind, extract
from llm_envs.verifiers.math.forms import is_literal, unfinished
from llm_envs.verifiers.math.members import items
from llm_envs.verifiers.math.normalise import normalise
from llm_envs.verifiers.math.parser import Unreadable, parse
from llm_envs.verifiers.math.phrases import Phrase, as_node, is_prose, read_phrase, says_words
from llm_envs.verifiers.math.quantities import split_unit
from llm_envs.verifiers.math.trees import SCALARS, Node, children
from llm_envs.verifiers.math.units import Unit

__all__ = ["Reference", "read_reference"]

CACHED_REFERENCES = 4096
"""A group of G replies shares one reference; so do epochs over a small data set."""


class Reference(NamedTuple):
    """A reference answer, ready to be compared with, in each of the ways it can be read.

    Args:
        shown: the reference as a person would write it.
        node: its tree.
        integer: its value, where it is a plain integer without a unit.
        phrase: what it says in words.
        choice: the options it chooses.
        moment: the date or time of day that it is.
        unit: the unit of the tree.
        size: how many items it has.
        literal: it is a number written out, with nothing left to calculate, so an answer must be one too.
        otherwise: the number that it is if its comma parts decimals: `2,74` is a list of two, or 2.74.
    """

    shown: str
    node: Node | None = None
    integer: int | None = None
    phrase: Phrase | None = None
    choice: Choice | None = None
    moment: Date | Time | None = None
    unit: Unit | None = None
    size: int = 1
    literal: bool = False
    otherwise: Node | None = None

    @property
    def kind(self) -> Kind:
        """Where in a reply to look for its like."""
        if self.choice is not None:
            return "choice"
        return "words" if self.phrase or self.moment is not None else "formula"


_PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
"""The answers of GSM8K and AIME: read at once, in a tenth of the time, to what the long way makes of them."""

_SHOWN_BITS = 4000
"""Python refuses to write integers of more than 4,300 digits."""
_MARKED = frozenset({"box", "boxes", "answer tag", "hashes", "phrase"})
"""Rules that take an answer out of a worked solution because it is marked as one."""


def read_reference(reference: Any) -> Reference:
    """Read a reference: text, an int, Fraction, Decimal, float, bool, or a set, tuple or list of these.

    Passing a `Reference` gives it back, so reading once and verifying often costs nothing extra.

    Raises:
        BadReference: the verifier could not judge any answer by it.
    """
    if isinstance(reference, Reference):
        return reference
    if isinstance(reference, str):
        return _read_integer(int(reference)) if _PLAIN_INTEGER.fullmatch(reference) else _read_text(reference)
    if type(reference) is int:
        return _read_integer(reference)
    node = _node_of(reference)
    if node[0] == "text":
        return Reference(str(node[1]), phrase=read_phrase(str(node[1])))
    return _reference(_show(reference), node)


@functools.lru_cache(maxsize=CACHED_REFERENCES)
def _read_integer(value: int) -> Reference:
    return Reference(_show(value), ("num", value), integer=value, literal=True)


@functools.lru_cache(maxsize=CACHED_REFERENCES)
def _read_text(text: str) -> Reference:
    normal = normalise(text)
    if not normal:
        raise _bad(text, "the reference is empty")
    try:
        return _read_normal(text.strip(), normal)
    except Unreadable as error:
        found = _extracted(text)
        if found is None and says_words(normal):
            return Reference(text.strip(), phrase=read_phrase(normal))
        if found is None:
            raise _bad(text, str(error)) from None
        return found


def _read_normal(shown: str, normal: str) -> Reference:
    """A reference that is nothing but an answer.

    Raises:
        Unreadable: it is none.
    """
    choice = read_choice(normal)
    if choice is not None:
        return _read_choice(shown, choice)
    moment = read_moment(normal)
    if moment is not None and is_sure(normal):
        return Reference(shown, moment=moment)
    if is_prose(normal):
        phrase = read_phrase(normal)
        return Reference(shown, as_node(phrase), phrase=phrase)
    body, unit = split_unit(_IN_BRACKETS.sub(_apart, normal.removeprefix("\\approx")))
    node = parse(body)
    if node[0] == "text":
        return Reference(shown, phrase=read_phrase(normal))
    found = _reference(shown, node, unit)._replace(choice=read_letters(normal))
    otherwise = _DECIMAL.fullmatch(normal) and parse(normal.replace(",", "."))
    return found._replace(moment=moment, otherwise=otherwise or None, phrase=_TRUE if normal == "T" else found.phrase)


def _read_choice(shown: str, choice: Choice) -> Reference:
    """The letters, or the text of the option where it came with its letter."""
    if not choice.option:
        return Reference(shown, choice=choice, phrase=_FALSE if choice.letters == "F" else None)
    try:
        option = _read_normal(shown, normalise(choice.option))
    except Unreadable:
        option = Reference(shown, phrase=read_phrase(choice.option))
    return option._replace(choice=choice)


def _extracted(text: str) -> Reference | None:
    """The reference that is marked as the answer in a worked solution."""
    found = extract(text)
    if found.rule not in _MARKED or found.items == (text,):
        return None
    if len(found.items) == 1:
        return _read_text(found.items[0])
    return _reference(text.strip(), ("list", tuple(map(_node_of, found.items))))


_DECIMAL = re.compile(r"-?(?![1-9]\d{0,2},\d{3}\Z)\d{1,20},\d{1,20}")
_IN_BRACKETS = re.compile(r"[(\[][^()\[\]]*+[)\]]|\\\{[^{}]*+\\\}")
_BETWEEN_DIGITS = re.compile(r"(?<=\d),(?=\d)")


def _apart(match: re.Match[str]) -> str:
    """`(312,123)` in brackets is a pair, not a number."""
    return _BETWEEN_DIGITS.sub(", ", match[0])


_TRUE, _FALSE = read_phrase("true"), read_phrase("false")
"""What the letters T and F may stand for."""


def _reference(shown: str, node: Node, unit: Unit | None = None) -> Reference:
    try:
        _evaluate(node)
        size = len(node[1]) if node[0] == "tuple" else len(items(node))
    except exact.Undefined:
        raise _bad(shown, "it divides by zero") from None
    integer = node[1] if node[0] == "num" and isinstance(node[1], int) and unit is None else None
    literal = is_literal(node) and node[0] != "degree" and not unfinished(node, node)
    return Reference(shown, node, integer, unit=unit, size=size, literal=literal)


def _evaluate(node: Node) -> None:
    """Every value in the tree is defined, or `Undefined` is raised."""
    if node[0] in SCALARS:
        exact.rational(node)
        return
    for child in children(node):
        _evaluate(child)


def _node_of(value: Any) -> Node:  # noqa: PLR0911 - one return for each type
    """A Python value as a tree."""
    if isinstance(value, bool):
        return ("text", str(value).lower())
    if isinstance(value, int):
        return ("num", value)
    if isinstance(value, Fraction):
        return ("num", value.numerator if value.denominator == 1 else value)
    if isinstance(value, str):
        inner = _read_text(value)
        letters = inner.choice.letters if inner.choice else ""
        return inner.node or (("sym", letters) if letters else ("text", inner.shown.lower()))
    if isinstance(value, (float, Decimal)) and math.isfinite(value):
        return _node_of(f"{value:f}" if isinstance(value, Decimal) else repr(value))
    if isinstance(value, (set, frozenset)):
        return ("set", tuple(map(_node_of, value))) if value else ("const", "empty")
    if isinstance(value, (tuple, list)) and value:
        return ("tuple", tuple(map(_node_of, value)))
    raise _bad(value, f"a {type(value).__name__} is no answer" if not isinstance(value, Mapping) else "it is a mapping")


def _show(value: Any) -> str:
    """The reference for a person, the same in every process."""
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(_show, value))) + "}"
    if isinstance(value, (tuple, list)):
        return "(" + ", ".join(map(_show, value)) + ")"
    if isinstance(value, int) and value.bit_length() > _SHOWN_BITS:
        return f"an integer of {value.bit_length():,} bits"
    return str(value)


def _bad(reference: Any, why: str) -> BadReference:
    return BadReference(
        f"the reference cannot be read: {why}",
        expected="LaTeX or plain text, an int, Fraction, Decimal or float, or a set, tuple or list of these",
        received=reference,
        next_step="Give the answer in one of these forms, or verify this task with a verifier of your own.",
    )
