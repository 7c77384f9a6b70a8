"""Logic: how many belong to sets that overlap, by inclusion and exclusion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed
from llm_envs.envs.math.problem import Problem

__all__ = ["overlapping_sets"]


class _Survey(NamedTuple):
    """Whom one asks, and what they may answer."""

    people: str
    answers: tuple[str, ...]


_SURVEYS = (
    _Survey("students", ("play chess", "play football", "sing in the choir", "learn Latin", "paint")),
    _Survey("guests", ("order soup", "order salad", "order fish", "order cake", "order tea")),
    _Survey("travellers", ("speak Spanish", "speak French", "speak Arabic", "speak Hindi", "speak Polish")),
    _Survey("households", ("own a car", "own a bicycle", "own a dog", "own a boat", "own a piano")),
    _Survey("programmers", ("use Linux", "drink coffee", "work at night", "know Fortran", "wear glasses")),
    _Survey("farms", ("grow wheat", "grow maize", "keep sheep", "keep goats", "sell honey")),
)


_Regions: TypeAlias = dict[frozenset[int], int]
"""How many belong to these sets, and to no others."""

_Parts: TypeAlias = tuple[str, str, int, list[str]]
"""What is known, what is asked, the answer, the steps."""

_INCLUSIVE = "Each number counts all for whom this is true, whatever else is true for them."


def overlapping_sets(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count who belongs to some of several sets from how many belong to others."""
    draws = uniforms(rng, 24)
    survey = one_of(next(draws), _SURVEYS)
    makers = (_neither, _exactly_one_of_two, _none_of_three, _some_of_three, _all_three, _of_four)
    answers = some_of(draws, survey.answers, (2, 2, 3, 3, 3, 4)[difficulty])
    known, asked, answer, steps = makers[difficulty](answers, draws)
    return Problem(f"Of {known.format(survey.people)} {asked}", str(answer), steps)


def _regions(draws: Iterator[float], sets: int) -> _Regions:
    return {
        frozenset(inside): between(next(draws), 3, 60)
        for size in range(sets + 1)
        for inside in combinations(range(sets), size)
    }


def _size(regions: _Regions, *inside: int) -> int:
    """How many belong to all of these sets, whatever else they belong to."""
    return sum(count for region, count in regions.items() if region.issuperset(inside))


def _sum(values: Sequence[int]) -> str:
    return f"{' + '.join(map(str, values))} = {sum(values)}"


def _neither(answers: Sequence[str], draws: Iterator[float]) -> _Parts:
    regions = _regions(draws, 2)
    total, first, second, both = (_size(regions, *inside) for inside in ((), (0,), (1,), (0, 1)))
    some = first + second - both
    steps = [
        f"In ${first} + {second} = {first + second}$, {both} are counted twice.",
        f"At least one is true for ${first + second} - {both} = {some}$.",
        f"Neither: ${total} - {some} = {total - some}$.",
    ]
    known = f"{total} {{}}, {first} {answers[0]} and {second} {answers[1]}; both are true for {both}."
    return known, f"How many neither {answers[0]} nor {answers[1]}?", total - some, steps


def _exactly_one_of_two(answers: Sequence[str], draws: Iterator[float]) -> _Parts:
    regions = _regions(draws, 2)
    total, first, second, both = (_size(regions, *inside) for inside in ((), (0,), (1,), (0, 1)))
    some = first + second - both
    steps = [
        f"At least one is true for ${total} - {total - some} = {some}$.",
        f"Both are true for ${first} + {second} - {some} = {both}$, who are counted twice in ${first} + {second}$.",
        f"Exactly one: ${some} - {both} = {some - both}$.",
    ]
    known = f"{total} {{}}, {first} {answers[0]} and {second} {answers[1]}; neither is true for {total - some}."
    return known, "For how many is exactly one of the two true?", some - both, steps


class _Three(NamedTuple):
    """Three sets that overlap: how many there are in all, in one, two and three sets."""

    total: int
    singles: list[int]
    doubles: list[int]
    triple: int
    known: str

    @property
    def some(self) -> int:
        """How many belong to a set at all."""
        return sum(self.singles) - sum(self.doubles) + self.triple


def _three(answers: Sequence[str], draws: Iterator[float]) -> _Three:
    regions, pairs = _regions(draws, 3), [*combinations(range(3), 2)]
    singles, doubles = [_size(regions, i) for i in range(3)], [_size(regions, *pair) for pair in pairs]
    known = (
        f"{_size(regions)} {{}}, {listed([f'{n} {answer}' for n, answer in zip(singles, answers, strict=True)])}; "
        f"{listed([f'{n} {answers[i]} and {answers[j]}' for n, (i, j) in zip(doubles, pairs, strict=True)])}"
    )
    return _Three(_size(regions), singles, doubles, _size(regions, 0, 1, 2), known)


def _none_of_three(answers: Sequence[str], draws: Iterator[float]) -> _Parts:
    three = _three(answers, draws)
    answer = three.total - three.some
    steps = [
        f"One by one: ${_sum(three.singles)}$. In pairs: ${_sum(three.doubles)}$.",
        f"At least one is true for ${sum(three.singles)} - {sum(three.doubles)} + {three.triple} = {three.some}$.",
        f"The rest: ${three.total} - {three.some} = {answer}$.",
    ]
    known = f"{three.known}; all three are true for {three.triple}. {_INCLUSIVE}"
    return known, "For how many is none of the three true?", answer, steps


def _some_of_three(answers: Sequence[str], draws: Iterator[float]) -> _Parts:
    three = _three(answers, draws)
    singles, doubles, triple = sum(three.singles), sum(three.doubles), three.triple
    steps = [
        f"One by one: ${_sum(three.singles)}$. In pairs: ${_sum(three.doubles)}$.",
        (
            f"Those with all three are in each of the three pairs: exactly two are true for "
            f"${doubles} - 3 \\cdot {triple} = {doubles - 3 * triple}$."
        ),
    ]
    known = f"{three.known}; all three are true for {triple}. {_INCLUSIVE}"
    if next(draws) < 0.5:
        steps.append(f"At least two: ${doubles - 3 * triple} + {triple} = {doubles - 2 * triple}$.")
        return known, "For how many are at least two of the three true?", doubles - 2 * triple, steps
    answer = singles - 2 * doubles + 3 * triple
    steps.append(
        f"The sum of all counts those with two twice, and those with three three times: exactly one is true for "
        f"${singles} - 2 \\cdot {doubles - 3 * triple} - 3 \\cdot {triple} = {answer}$."
    )
    return known, "For how many is exactly one of the three true?", answer, steps


def _all_three(answers: Sequence[str], draws: Iterator[float]) -> _Parts:
    three = _three(answers, draws)
    singles, doubles, triple, some = sum(three.singles), sum(three.doubles), three.triple, three.some
    answer = doubles - 3 * triple
    steps = [
        f"One by one: ${_sum(three.singles)}$. In pairs: ${_sum(three.doubles)}$.",
        f"At least one is true for ${three.total} - {three.total - some} = {some}$.",
        f"With $t$ for all three: ${singles} - {doubles} + t = {some}$, so $t = {triple}$.",
        f"They are in each of the three pairs: ${doubles} - 3 \\cdot {triple} = {answer}$ for exactly two.",
        f"Exactly one: ${some} - {answer} - {triple} = {some - answer - triple}$.",
    ]
    known = f"{three.known}; none of the three is true for {three.total - some}. {_INCLUSIVE}"
    if next(draws) < 0.5:
        return known, "For how many are exactly two of the three true?", answer, steps[:-1]
    return known, "For how many is exactly one of the three true?", some - answer - triple, steps


class _Four(NamedTuple):
    """Four sets, any two of which have as many members in common, and any three: how many are in exactly so many."""

    four: int
    three: int
    two: int
    alone: list[int]
    none: int

    @property
    def singles(self) -> list[int]:
        """How many are in each set."""
        return [one + 3 * self.two + 3 * self.three + self.four for one in self.alone]

    @property
    def some(self) -> int:
        """How many are in a set at all."""
        return sum(self.alone) + 6 * self.two + 4 * self.three + self.four


def _of_four(answers: Sequence[str], draws: Iterator[float]) -> _Parts:
    four, three, two = (between(next(draws), low, 25) for low in (2, 2, 2))
    sets = _Four(four, three, two, [between(next(draws), 3, 40) for _ in answers], between(next(draws), 3, 40))
    asked, answer, count = one_of(
        next(draws),
        (
            ("For how many is none of the four true?", sets.none, 5),
            ("For how many is exactly one of the four true?", sum(sets.alone), 3),
            ("For how many is at least one of the four true?", sets.some, 4),
        ),
    )
    told = listed([f"{n} {answer}" for n, answer in zip(sets.singles, answers, strict=True)])
    known = (
        f"{sets.some + sets.none} {{}}, {told}. Any two of these are true for {two + 2 * three + four}, any three for "
        f"{three + four}, and all four for {four}. {_INCLUSIVE}"
    )
    return known, asked, answer, [*_counted_down(sets)][:count]


def _counted_down(sets: _Four) -> Iterator[str]:
    """From those in all four sets down to those in none."""
    four, three, two, alone, none = sets
    pair = two + 2 * three + four
    yield f"Exactly three: ${three + four} - {four} = {three}$ for any three, in all $4 \\cdot {three} = {4 * three}$."
    yield (
        f"Any two are true for {pair}, of whom $2 \\cdot {three}$ have one more, and {four} have all: exactly two, "
        f"${pair} - {2 * three} - {four} = {two}$. There are 6 pairs, in all ${6 * two}$."
    )
    yield (
        f"${_sum(sets.singles)}$ counts those with more than one as often as they have: exactly one, "
        f"${sum(sets.singles)} - 2 \\cdot {6 * two} - 3 \\cdot {4 * three} - 4 \\cdot {four} = {sum(alone)}$."
    )
    yield f"At least one: ${sum(alone)} + {6 * two} + {4 * three} + {four} = {sets.some}$."
    yield f"The rest: ${sets.some + none} - {sets.some} = {none}$."
