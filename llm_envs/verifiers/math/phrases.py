"""Answers in words: which of them say the same.

`No solutions.`, `There is no solution` and `none` are one answer; so are `DNE` and `does not exist`, `yes` and `true`.
All other words must be the same words, but for case, punctuation, markup, articles, a subject before them (`The colour
is blue`) and the order of a list.

Not here: numbers in words (`number_words`), the letters of a choice (`choices`), dates (`dates`).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from llm_envs.verifiers.math.trees import Node
from llm_envs.verifiers.math.vocabulary import SPELT

__all__ = ["MAX_CHARS", "Phrase", "as_node", "is_prose", "read_phrase", "same_phrase", "says_words"]


class Phrase(NamedTuple):
    """What a text says in words.

    Args:
        items: the items of a list of words; a phrase is a list of one.
        rest: the same without a subject before it (`The colour is blue`); empty where there is none.
    """

    items: frozenset[str]
    rest: frozenset[str] = frozenset()


MAX_CHARS: Final = 2000
"""A longer text is no answer in words."""

_MEANINGS: Final = {
    # what is meant: ways to say it, words joined by _
    "true": "true yes t y",
    "false": "false no f n",
    "no solution": "no_solution no_solutions none no_real_solution no_real_solutions no_integer_solutions empty_set "
    "null_set no_root no_roots no_real_root no_real_roots no_value no_values no_such_number no_such_numbers "
    "no_such_value no_such_values no_such_integers",
    "does not exist": "does_not_exist do_not_exist doesn't_exist dne nonexistent",
    "undefined": "undefined not_defined",
    "infinite": "infinite infinitely_many infinitely_many_solutions infinite_solutions infinite_number_of_solutions "
    "infinitely_many_values",
    "divergent": "divergent diverges",
    "convergent": "convergent converges",
    "cannot be determined": "cannot_be_determined can_not_be_determined can't_be_determined not_enough_information "
    "insufficient_information impossible_to_determine",
    "impossible": "impossible not_possible",
}
_MEANING: Final = {
    phrase.replace("_", " "): meaning for meaning, phrases in _MEANINGS.items() for phrase in phrases.split()
}
_NODES: Final[dict[str, Node]] = {"no solution": ("const", "empty"), "infinite": ("const", "inf")}
_OPPOSITES: Final = {"true": "false", "false": "true"}

_TEXT: Final = re.compile(r"\\text\s*\{([^{}]*)\}")
_MARKUP: Final = re.compile(r"\\[a-zA-Z]*|[\s${}*\"“”.;:!?()\[\]-]+")
_ARTICLE: Final = re.compile(r"(?:an?|the) (?=\w{2})")
_SUBJECT: Final = re.compile(r"(?:there|it|(?:the|this|its) [a-z ]{1,60}?) (?:is|are|was|has|have|exists?) (?=\w)")
_BARE_SUBJECT: Final = re.compile(r"(?:it|(?:the|this) \w+) (?=does not|diverges|converges)")
_HEDGES: Final = frozenset({"or", "not", "either", "neither", "and", "maybe"})
_DOUBTS: Final = frozenset({"or", "maybe", "perhaps", "either", "neither"})
_JOINT: Final = re.compile(r"\s*(?:,\s*and\b|,|\band\b|&)\s*")
_FIRST_WORD: Final = re.compile(r"(yes|no|true|false)\b(?:\s?[,.;:-]| (?=(?:it|they|there|he|she) ))")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_COMMANDS: Final = re.compile(r"\\[A-Za-z]+")
_FORMULA_SIGN: Final = re.compile(r"\\(?!text)|[=<>^]")
_COMMAND: Final = re.compile(r"\\(?!text\s*\{|ldots)[A-Za-z]")
_FORMULA: Final = re.compile(r"[\\=<>^_+*/\[\]|\d]")
_SHORT_WORDS: Final = frozenset({"yes", "no", "odd", "red", "dne", "tie"})
"""Answers of fewer than four letters that are no products of letters."""


def is_prose(text: str) -> bool:
    """A normalised text is words without a formula: one of four letters at least, or some inside `\\text{}`."""
    bare = _bare(text)
    if _COMMAND.search(text) or _FORMULA.search(bare):
        return False
    words = [word for word in _WORDS.findall(bare) if len(word) > 1]
    if "(" in text and SPELT.issuperset(words):
        return False
    return bool(words) and (
        "\\text" in text or max(map(len, words)) > 3 or bare in _SHORT_WORDS or bool(_boolean(text))
    )


def says_words(text: str) -> bool:
    """There is a word in it and nothing that only a formula has; or there are words enough to be prose around one."""
    words = [word for word in _WORDS.findall(_COMMANDS.sub(" ", _TEXT.sub(r" \1 ", text))) if len(word) > 1]
    prose = [word for word in words if len(word) > 2 and word not in SPELT]
    named = text[:1].isalpha() and text.isalnum()
    return named or len(prose) > 1 or (bool(words) and not _FORMULA_SIGN.search(text))


def read_phrase(text: str) -> Phrase | None:
    """What a normalised text says in words; None where it says nothing."""
    if len(text) > MAX_CHARS:
        return None
    bare = _bare(text)
    items = _MEANT.get(bare) or _boolean(text) or _items(bare)
    return Phrase(items, _items(_without_subject(bare))) if items else None


def same_phrase(answer: Phrase | None, reference: Phrase) -> bool:
    """Whether two phrases say the same.

    A subject may be left out. Where both have one, it may differ only before a verdict that is about the whole
    question: `There is no solution` and `The equation has no solution`, but not `The first is true` and `The second
    is true`.
    """
    if answer is None:
        return False
    whole = answer.rest == reference.rest and _WHOLE.issuperset(answer.rest) and bool(answer.rest)
    return whole or reference.items in {answer.items, answer.rest} or answer.items == reference.rest


def as_node(phrase: Phrase | None) -> Node | None:
    """What a phrase is in formulas: `no solution` is the empty set."""
    if phrase is None or len(phrase.rest) > 1:
        return None
    return _NODES.get(next(iter(phrase.rest), ""))


def _bare(text: str) -> str:
    """The words without markup and case; commas stay."""
    bare = _MARKUP.sub(" ", _TEXT.sub(r" \1 ", text))
    return " ".join(bare.strip(" ,'").casefold().split())


def _boolean(text: str) -> frozenset[str] | None:
    """`Yes, because 17 is prime.` says yes; `yes, no` says neither."""
    first = _FIRST_WORD.match(_TEXT.sub(r"\1", text).strip().lower())
    if first is None:
        return None
    meaning = _MEANING[first[1]]
    against = {word for word, other in _MEANING.items() if other == _OPPOSITES[meaning] and len(word) > 1}
    return None if (against | _DOUBTS).intersection(_WORDS.findall(text.lower())) else frozenset({meaning})


def _without_subject(bare: str) -> str:
    subject = _SUBJECT.match(bare) or _BARE_SUBJECT.match(bare)
    if subject is None or _HEDGES.intersection(subject[0].split()):
        return bare
    return bare[subject.end() :]


def _items(bare: str) -> frozenset[str]:
    words = (_ARTICLE.sub("", item, count=1) if _ARTICLE.match(item) else item for item in _JOINT.split(bare))
    return frozenset(_MEANING.get(item, item) for item in words if item)


_WHOLE: Final = _MEANINGS.keys() - _OPPOSITES.keys()
"""Verdicts about the whole question."""
_MEANT: Final = {phrase: frozenset({meaning}) for phrase, meaning in _MEANING.items()}
