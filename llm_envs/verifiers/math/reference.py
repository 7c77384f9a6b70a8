"""Read a reference answer once: a number, a collection of them, LaTeX, words, or the letter of a choice.

Task code gives references as Python values or as text in the notation of data sets; this module brings both to one
`Reference`, and says no (`BadReference`) to what the verifier could never judge fairly.
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
from llm_envs.verifiers.math.forms import is_literal, unfinished
from llm_envs.verifiers.math.members import items
from llm_envs.verifiers.math.normalise import normalise, split_unit
from llm_envs.verifiers.math.parser import Unreadable, parse
from llm_envs.verifiers.math.trees import SCALARS, Node, children
from llm_envs.verifiers.math.vocabulary import SPELT

__all__ = ["Reference", "choice_of", "read_reference", "words_of"]

CACHED_REFERENCES = 4096
"""A group of G replies shares one reference; so do epochs over a small data set."""


class Reference(NamedTuple):
    """A reference answer, ready to be compared with.

    Args:
        shown: the reference as a person would write it.
        node: its tree; None where it is words or a choice.
        integer: its value, where it is a plain integer.
        words: its canonical words, where it is words.
        choice: its letter, where it is one choice among several.
        unit: its unit, canonical; "" for none.
        size: how many items it has.
        literal: it is a number written out, with nothing left to calculate, so an answer must be one too.
    """

    shown: str
    node: Node | None = None
    integer: int | None = None
    words: str = ""
    choice: str = ""
    unit: str = ""
    size: int = 1
    literal: bool = False


_SHOWN_BITS = 4000
"""Python refuses to write integers of more than 4,300 digits."""

_CHOICE = re.compile(r"(?:\\text\{)?\s*\(?\s*([A-J])\s*\)?\s*[.:]?\s*\}?")
_CHOSEN = re.compile(
    r"(?:(?:the )?(?:correct )?(?:answer|option|choice) (?:is )?)?(?:\\text\{)?\s*"
    r"(?:\(\s*([A-Ja-j])\s*\)|([A-Ja-j])\s*[).:]|([A-Ja-j])(?![A-Za-z]))\s*\}?(?P<rest>.{0,200})"
)
_OTHER_CHOICE = re.compile(r"\([A-Ja-j]\)|(?<![A-Za-z\\])[A-J](?![A-Za-z])")
_MARKUP = re.compile(r"\\text\{([^{}]*)\}|\\[a-zA-Z]*|[\s${}*\"“”.,;:!?()]+")
_ARTICLE = re.compile(r"(?:an?|the) (?=\w{2})")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_COMMAND = re.compile(r"\\(?!text\{)[A-Za-z]")
_FORMULA = re.compile(r"[\\=<>^_+*/\[\]|\d]")


def read_reference(reference: Any) -> Reference:
    """Read a reference: text, an int, Fraction, Decimal, float, bool, or a set, tuple or list of these.

    Passing a `Reference` gives it back, so reading once and verifying often costs nothing extra.

    Raises:
        BadReference: the verifier could not judge any answer by it.
    """
    if isinstance(reference, Reference):
        return reference
    if isinstance(reference, str):
        return _read_text(reference)
    if type(reference) is int:
        return _read_integer(reference)
    node = _node_of(reference)
    if node[0] == "text":
        return Reference(str(node[1]), words=str(node[1]))
    return _reference(_show(reference), node)


@functools.lru_cache(maxsize=CACHED_REFERENCES)
def _read_integer(value: int) -> Reference:
    return Reference(_show(value), ("num", value), integer=value, literal=True)


@functools.lru_cache(maxsize=CACHED_REFERENCES)
def _read_text(text: str) -> Reference:
    shown = text.strip()
    normal = normalise(text)
    if not normal:
        raise _bad(text, "the reference is empty")
    choice = _CHOICE.fullmatch(normal)
    if choice:
        return Reference(shown, choice=choice[1])
    if _is_prose(normal):
        return Reference(shown, words=words_of(normal))
    body, unit = split_unit(normal)
    try:
        node = parse(body)
    except Unreadable as error:
        if _WORDS.search(normal) and not _FORMULA.search(_MARKUP.sub(" ", normal)) and words_of(normal):
            return Reference(shown, words=words_of(normal))
        raise _bad(text, str(error)) from None
    return Reference(shown, words=words_of(normal)) if node[0] == "text" else _reference(shown, node, unit)


def _reference(shown: str, node: Node, unit: str = "") -> Reference:
    try:
        _evaluate(node)
        size = len(node[1]) if node[0] == "tuple" else len(items(node))
    except exact.Undefined:
        raise _bad(shown, "it divides by zero") from None
    integer = node[1] if node[0] == "num" and isinstance(node[1], int) else None
    literal = is_literal(node) and node[0] != "degree" and not unfinished(node, node)
    return Reference(shown, node, integer, unit=unit, size=size, literal=literal)


def _evaluate(node: Node) -> None:
    """Every value in the tree is defined, or `Undefined` is raised."""
    if node[0] in SCALARS:
        exact.rational(node)
        return
    for child in children(node):
        _evaluate(child)


def _is_prose(normal: str) -> bool:
    """Words without a formula: at least one of four letters, or everything inside `\\text{}`."""
    bare = _MARKUP.sub(lambda match: f" {match[1] or ''} ", normal)
    if _COMMAND.search(normal) or _FORMULA.search(bare) or not _WORDS.search(bare):
        return False
    if "(" in normal and SPELT.issuperset(_WORDS.findall(bare)):
        return False
    return "\\text{" in normal or any(len(word) > 3 for word in _WORDS.findall(bare)) or bare.lower().strip() in _SHORT


_SHORT = frozenset({"yes", "no", "odd", "red", "one", "two", "six", "ten"})


def words_of(text: str) -> str:
    """The words of a normalised text without markup, punctuation, case and a leading article."""
    bare = _MARKUP.sub(" ", _MARKUP.sub(lambda match: f" {match[1] or ''} ", text))
    words = " ".join(bare.strip(" .,;:!?\"'").casefold().split())
    return _ARTICLE.sub("", words, count=1) if _ARTICLE.match(words) else words


def choice_of(normal: str) -> str:
    """The one letter that a normalised text chooses; "" where it chooses none or several."""
    match = _CHOSEN.fullmatch(normal)
    if match is None or _OTHER_CHOICE.search(match["rest"]):
        return ""
    letter = match[1] or match[2] or match[3]
    if match[3] and match["rest"].strip():
        return ""
    return str(letter).upper()


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
        return inner.node or (("sym", inner.choice) if inner.choice else ("text", inner.words))
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
