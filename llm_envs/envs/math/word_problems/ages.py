"""Ages: of people, trees and buildings; then, now and in years to come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import polynomial
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.word_problems.people import NAMES, opened
from llm_envs.envs.math.word_problems.units import counted

__all__ = ["ages"]


class _Kind(NamedTuple):
    """Whose ages, how far they reach in years, and what else may be said of {0}."""

    names: Sequence[str]
    size: int
    asides: Sequence[str]


_KINDS = (
    _Kind(NAMES, 1, ("{0} lives at number {1} of the street.", "{0} is {1} places from the front of the queue.")),
    _Kind(
        ("the oak", "the lime tree", "the beech", "the chestnut tree", "the yew"),
        4,
        ("{0} is {1} metres high.", "There are {1} nests in {0}."),
    ),
    _Kind(
        ("the old bridge", "the town hall", "the mill", "the lighthouse", "the abbey"),
        5,
        ("{0} is {1} metres long.", "{0} has been painted {1} times."),
    ),
)

_TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times", 6: "six times"}


def ages(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find an age from what is known of sums, differences and multiples at several times."""
    draws = uniforms(rng, 16)
    makers = (_sum_and_difference, _sum_and_multiple, _multiple_later, _two_times, _three_of_them, _when_as_old)
    kind = one_of(next(draws), _KINDS)
    names = some_of(draws, kind.names, 3)
    question, answer, steps = makers[difficulty](names, kind, draws)
    sentences = [opened(sentence) for sentence in question]
    return Problem(" ".join(sentences), str(answer), steps)


Asked = tuple[list[str], int, list[str]]


def _sum_and_difference(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> Asked:
    older, younger, _ = names
    young, more = between(next(draws), 5, 40 * kind.size), between(next(draws), 2, 30 * kind.size)
    total = 2 * young + more
    wants_older = next(draws) < 0.5
    answer = young + more if wants_older else young
    steps = [
        f"Without the {more} years of difference, both together would be ${total} - {more} = {2 * young}$ years old.",
        f"So {younger} is ${2 * young} \\div 2 = {young}$ years old.",
    ]
    if wants_older:
        steps.append(f"{opened(older)}: ${young} + {more} = {answer}$.")
    question = [
        f"{older} is {more} years older than {younger}.",
        f"Together they are {total} years old.",
        f"How old is {older if wants_older else younger}?",
    ]
    return question, answer, steps


def _sum_and_multiple(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> Asked:
    older, younger, other = names
    factor = between(next(draws), 2, 5)
    young = between(next(draws), 4, 72 * kind.size // factor)
    more = between(next(draws), 2, 25)
    total = young + factor * young + factor * young + more
    wanted = one_of(next(draws), (0, 1, 2))
    answer = (factor * young, young, factor * young + more)[wanted]
    steps = [
        f"Let $y$ be the age of {younger}. Then {older} is ${factor}y$ and {other} is ${factor}y + {more}$ years old.",
        f"Together: ${1 + 2 * factor}y + {more} = {total}$.",
        f"$y = ({total} - {more}) \\div {1 + 2 * factor} = {young}$",
        f"{opened(names[wanted])} is {answer} years old.",
    ]
    question = [
        f"{older} is {_TIMES[factor]} as old as {younger}.",
        f"{other} is {more} years older than {older}.",
        f"Together the three are {total} years old.",
        f"How old is {names[wanted]}?",
    ]
    return question, answer, steps


def _multiple_later(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> Asked:
    """The sum now, and a multiple in some years."""
    older, younger, _ = names
    factor, years = between(next(draws), 2, 5), between(next(draws), 3, 12 * kind.size)
    young = between(next(draws), 2, max(3, 90 * kind.size // factor - years))
    old = factor * (young + years) - years
    total, sum_then = young + old, young + old + 2 * years
    wants_older = next(draws) < 0.5
    answer = old if wants_older else young
    steps = [
        f"In {years} years they will be ${total} + 2 \\cdot {years} = {sum_then}$ years old together.",
        f"Then {younger} will be one of ${factor} + 1$ equal parts: ${sum_then} \\div {factor + 1} = {young + years}$.",
        f"Now {younger} is ${young + years} - {years} = {young}$ years old.",
    ]
    if wants_older:
        steps.append(f"{opened(older)}: ${total} - {young} = {old}$.")
    question = [
        f"{older} and {younger} are {total} years old together.",
        _aside(names, kind, draws),
        f"In {years} years, {older} will be {_TIMES[factor]} as old as {younger}.",
        f"How old is {older if wants_older else younger} now?",
    ]
    return question, answer, steps


def _aside(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> str:
    return one_of(next(draws), kind.asides).format(one_of(next(draws), names), between(next(draws), 11, 60))


def _two_times(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> Asked:
    """A multiple some years ago, and a smaller one in some years."""
    older, younger, _ = names
    before, after = one_of(next(draws), [(k, m) for k in range(3, 7) for m in range(2, k)])
    part = between(next(draws), 2, 95 * kind.size // (before * (after - 1) + before - after))
    young_then = (after - 1) * part
    span = young_then * (before - after) // (after - 1)
    ago = between(next(draws), 1, span - 1)
    young, old, years = young_then + ago, before * young_then + ago, span - ago
    wants_older = next(draws) < 0.5
    answer = old if wants_older else young
    steps = [
        f"Let $y$ be the age of {younger} {counted(ago, 'year')} ago; {older} was ${before}y$ then.",
        f"{ago + years} years after that: ${before}y + {span} = {after}(y + {span})$.",
        f"So $y = {(after - 1) * span} \\div {before - after} = {young_then}$.",
        f"Now {younger} is ${young_then} + {ago} = {young}$ and {older} is ${before * young_then} + {ago} = {old}$.",
    ]
    question = [
        f"{counted(ago, 'year')} ago, {older} was {_TIMES[before]} as old as {younger}.",
        f"In {counted(years, 'year')}, {older} will be {_TIMES[after]} as old as {younger}.",
        _aside(names, kind, draws),
        f"How old is {older if wants_older else younger} now?",
    ]
    return question, answer, steps


def _three_of_them(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> Asked:
    oldest, middle, youngest = names
    factor, ago = between(next(draws), 2, 5), between(next(draws), 2, 15)
    then = between(next(draws), 3, 14 * kind.size)
    young, old = then + ago, factor * then + ago
    less = between(next(draws), 1, old - 1)
    total = young + 2 * old - less
    wanted = one_of(next(draws), (0, 1, 2))
    answer = (old, old - less, young)[wanted]
    coefficient, constant = 2 * factor + 1, 3 * ago - less
    steps = [
        f"Let $y$ be the age of {youngest} {ago} years ago; {oldest} was ${factor}y$ then.",
        (
            f"Now {youngest} is $y + {ago}$, {oldest} ${factor}y + {ago}$ and {middle} "
            f"${polynomial([factor, ago - less], 'y')}$ years old."
        ),
        f"Together: ${polynomial([coefficient, constant], 'y')} = {total}$, so $y = {then}$.",
        f"So {oldest} is {old}, {middle} {old - less} and {youngest} {young} years old.",
    ]
    question = [
        f"{ago} years ago, {oldest} was {_TIMES[factor]} as old as {youngest}.",
        f"{middle} is {counted(less, 'year')} younger than {oldest}.",
        _aside(names, kind, draws),
        f"Together the three are {total} years old now.",
        f"How old is {names[wanted]} now?",
    ]
    return question, answer, steps


def _when_as_old(names: Sequence[str], kind: _Kind, draws: Iterator[float]) -> Asked:
    """With ages a and b now, a = k (b - (a - b)), so that a : b = 2k : (k + 1)."""
    older, younger, _ = names
    factor = between(next(draws), 2, 5)
    common = gcd(2 * factor, factor + 1)
    a, b = 2 * factor // common, (factor + 1) // common
    part = between(next(draws), 2, 80 * kind.size // a)
    old, young, years = a * part, b * part, between(next(draws), 2, 40)
    told_later = next(draws) < 0.5
    total = 3 * old - young if told_later else old + young
    parts = 3 * a - b if told_later else a + b
    steps = [
        (
            f"Let $a$ and $b$ be the ages now. {opened(older)} was $b$ years old $a - b$ years ago; {younger} was $b - "
            "(a - b) = 2b - a$ then."
        ),
        f"So $a = {factor}(2b - a)$, ${factor + 1}a = {2 * factor}b$: $a = {a}p$ and $b = {b}p$ for some $p$.",
    ]
    if told_later:
        steps.append(f"{opened(younger)} will be $a$ years old in $a - b$ years; {older} will be $2a - b$ then.")
        told = f"When {younger} is as old as {older} is now, the two will be {total} years old together."
    else:
        told = f"Now {older} and {younger} are {total} years old together."
    steps += [
        f"${'3a - b' if told_later else 'a + b'} = {parts}p = {total}$, so $p = {part}$ and $a = {old}$.",
        f"In {years} years: ${old} + {years} = {old + years}$.",
    ]
    question = [
        f"{older} is {_TIMES[factor]} as old as {younger} was when {older} was as old as {younger} is now.",
        _aside(names, kind, draws),
        told,
        f"How old will {older} be in {years} years?",
    ]
    return question, old + years, steps
