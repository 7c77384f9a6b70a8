"""What a story may say next: how one amount compares with others, and what changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import NamedTuple

from llm_envs.envs.math.draws import between, one_of, some_of
from llm_envs.envs.math.latex import product
from llm_envs.envs.math.word_problems.amounts import Amount

__all__ = ["EVENTS", "Happening", "comparison", "happening"]

_LEAST, _MOST = 6, 400
"""Comparisons lead to amounts between these."""

_TIMES = {2: "twice", 3: "three times", 4: "four times"}
_PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}

Amounts = Mapping[str, Amount]
Event = Callable[[str, str, Amounts, str, Iterator[float]], "Happening"]


class Happening(NamedTuple):
    """A sentence, the amounts that it sets, and how each is worked out."""

    sentence: str
    amounts: Amounts
    workings: tuple[str, ...]


def comparison(holder: str, known: Amounts, things: str, draws: Iterator[float]) -> Happening:
    """Tell the amount of one more holder by way of those known."""
    names = list(known)
    other = one_of(next(draws), names)
    have, count, factor = known[other], between(next(draws), 3, 40), between(next(draws), 2, 4)
    parts, another = between(next(draws), 2, 5), one_of(next(draws), [*(n for n in names if n != other), ""])
    more = f"{count} more {things} than {other}", have.plus(count), f"{have.text} + {count}"
    fewer = f"{count} fewer {things} than {other}", have.plus(-count), f"{have.text} - {count}"
    times = f"{_TIMES[factor]} as many {things} as {other}", have.times(factor), f"{factor} \\cdot {have.grouped}"
    choices = [more, fewer, times]
    if have.value % parts == 0:
        text = f"{_PARTS[parts]} as many {things} as {other}"
        choices.append((text, have.parted(parts), f"{have.grouped} \\div {parts}"))
    if another:
        text = f"as many {things} as {other} and {another} together"
        choices.append((text, have.plus(known[another]), f"{have.text} + {known[another].text}"))
    words, amount, working = one_of(next(draws), [c for c in choices if _LEAST <= c[1].value <= _MOST] or [more])
    return Happening(f"{holder} has {words}.", {holder: amount}, (_result(holder, working, amount),))


def _gift(holder: str, other: str, amounts: Amounts, things: str, draws: Iterator[float]) -> Happening:
    have, theirs = amounts[holder], amounts[other]
    count = between(next(draws), 2, have.value - 2)
    less, more = have.plus(-count), theirs.plus(count)
    workings = _result(holder, f"{have.text} - {count}", less), _result(other, f"{theirs.text} + {count}", more)
    return Happening(f"Then {holder} gives {count} {things} to {other}.", {holder: less, other: more}, workings)


def _boxes(holder: str, _other: str, amounts: Amounts, things: str, draws: Iterator[float]) -> Happening:
    boxes, size = between(next(draws), 2, 7), between(next(draws), 4, 15)
    sentence = f"Then {holder} buys {boxes} boxes of {size} {things} each."
    return _gain(holder, amounts, sentence, (boxes, size))


def _dozens(holder: str, _other: str, amounts: Amounts, things: str, draws: Iterator[float]) -> Happening:
    dozens = between(next(draws), 2, 6)
    return _gain(holder, amounts, f"Then {holder} buys {dozens} dozen {things}.", (dozens, 12))


def _daily(holder: str, _other: str, amounts: Amounts, things: str, draws: Iterator[float]) -> Happening:
    weeks, each_day = between(next(draws), 2, 4), between(next(draws), 2, 6)
    sentence = f"Over the next {weeks} weeks, {holder} gets {each_day} new {things} every day."
    return _gain(holder, amounts, sentence, (weeks, 7, each_day))


def _gain(holder: str, amounts: Amounts, sentence: str, factors: tuple[int, ...]) -> Happening:
    more = amounts[holder].plus(prod(factors))
    working = f"{amounts[holder].text} + {product(factors)}"
    return Happening(sentence, {holder: more}, (_result(holder, working, more),))


def _loss(holder: str, _other: str, amounts: Amounts, things: str, draws: Iterator[float]) -> Happening:
    have = amounts[holder]
    parts = one_of(next(draws), [parts for parts in _PARTS if have.value % parts == 0] or [0])
    if not parts:
        count = between(next(draws), 2, have.value - 2)
        left, working = have.plus(-count), f"{have.text} - {count}"
        return Happening(f"Then {holder} loses {count} {things}.", {holder: left}, (_result(holder, working, left),))
    part = have.parted(parts)
    left = part.times(parts - 1)
    working = f"{have.grouped} - {have.grouped} \\div {parts}"
    sentence = f"Then {_PARTS[parts]} of {holder}'s {things} are given away."
    return Happening(sentence, {holder: left}, (_result(holder, working, left),))


EVENTS = (_gift, _boxes, _dozens, _daily, _loss)
"""Kinds of events."""


def happening(kind: Event, amounts: Amounts, things: str, draws: Iterator[float]) -> Happening:
    """Let an event of this kind happen to one of the holders."""
    holder, other = some_of(draws, list(amounts), 2)
    return kind(holder, other, amounts, things, draws)


def _result(holder: str, working: str, amount: Amount) -> str:
    shown = working if working == amount.text else f"{working} = {amount.text}"
    return f"{holder}: ${shown}$"
