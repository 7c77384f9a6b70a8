"""Probability: what several dice show together."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import comb, prod
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.latex import added, number, product, reduced
from llm_envs.envs.math.problem import Problem

__all__ = ["dice"]


def dice(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the probability of a sum, of a largest number, or of one given the other."""
    draws = uniforms(rng, 8)
    makers = (_sum_of_two, _least_sum_of_two, _largest, _sum_of_three, _smallest_given_largest, _sum_of_many)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


_Parts: TypeAlias = tuple[str, Fraction, list[str]]


def _faces(*sides: int) -> str:
    """Which numbers are on the dice."""
    others = ("another", "a third one")
    told = [f"those of {other} 1 to {side}" for other, side in zip(others, sides[1:], strict=False)]
    *before, last = [f"The faces of one fair die show the numbers 1 to {sides[0]}", *told]
    return f"{', '.join(before)} and {last}."


def _pairs(a: int, b: int, total: int) -> int:
    """How many results of two dice have this sum."""
    return max(0, min(a, total - 1) - max(1, total - b) + 1)


def _sum_of_two(draws: Iterator[float]) -> _Parts:
    a, b = different(draws, 4, 30, 2)
    missing = between(next(draws), 3, min(a, b) - 1)
    total = one_of(next(draws), (missing + 1, a + b - missing + 1))
    low, high = max(1, total - b), min(a, total - 1)
    count = _pairs(a, b, total)
    steps = [
        f"There are ${a} \\cdot {b} = {a * b}$ results, all equally likely.",
        f"The first die can show {low} to {high}, and the second one must show the rest of {total}: {count} results.",
        f"${reduced(count, a * b)}$",
    ]
    question = f"{_faces(a, b)} Both are rolled. What is the probability that the sum is {total}?"
    return question, Fraction(count, a * b), steps


def _least_sum_of_two(draws: Iterator[float]) -> _Parts:
    a, b = different(draws, 4, 40, 2)
    least = between(next(draws), max(a, b) + 1, a + b - 2)
    rows = [(first, first + b - least + 1) for first in range(least - b, a + 1)]
    count = sum(ways for _, ways in rows)
    steps = [
        f"There are ${a} \\cdot {b} = {a * b}$ results, all equally likely.",
        f"If the first die shows {rows[0][0]}, the second one must show {b}: {rows[0][1]} result.",
        (
            "With each point more on the first die there is one more result: "
            f"${_added([ways for _, ways in rows])} = {count}$."
        ),
        f"${reduced(count, a * b)}$",
    ]
    question = f"{_faces(a, b)} Both are rolled. What is the probability that the sum is at least {least}?"
    return question, Fraction(count, a * b), steps


def _added(values: list[int]) -> str:
    return " + ".join(map(str, values))


def _largest(draws: Iterator[float]) -> _Parts:
    sides = sorted(different(draws, 4, 20, 3))
    largest = between(next(draws), 3, sides[1])
    most, less = (prod(min(top, side) for side in sides) for top in (largest, largest - 1))
    everything = prod(sides)
    told = [product(min(top, side) for side in sides) for top in (largest, largest - 1)]
    steps = [
        f"There are ${product(sides)} = {everything}$ results, all equally likely.",
        f"No number above {largest}: ${told[0]} = {most}$ results.",
        f"No number above {largest - 1}: ${told[1]} = {less}$ results.",
        f"${most} - {less} = {most - less}$ results have the largest number {largest}.",
        f"${reduced(most - less, everything)}$",
    ]
    question = (
        f"{_faces(*sides)} All three are rolled. What is the probability that the largest number shown is {largest}?"
    )
    return question, Fraction(most - less, everything), steps


def _sum_of_three(draws: Iterator[float]) -> _Parts:
    c, a, b = sorted(different(draws, 4, 18, 3))
    total = between(next(draws), c + 4, a + b)
    counts = [_pairs(a, b, total - shown) for shown in range(1, c + 1)]
    everything = a * b * c
    steps = [f"There are ${c} \\cdot {a} \\cdot {b} = {everything}$ results, all equally likely."]
    for shown, count in enumerate(counts, 1):
        steps.append(f"First die {shown}: the others have the sum {total - shown} in {count} ways.")
    steps.append(f"${_added(counts)} = {sum(counts)}$")
    steps.append(f"${reduced(sum(counts), everything)}$")
    question = f"{_faces(c, a, b)} All three are rolled. What is the probability that the sum is {total}?"
    return question, Fraction(sum(counts), everything), steps


def _smallest_given_largest(draws: Iterator[float]) -> _Parts:
    count, sides = between(next(draws), 3, 5), between(next(draws), 8, 50)
    largest = between(next(draws), 6, sides)
    least = between(next(draws), 2, largest - 2)
    width = largest - least + 1
    top, bottom = width**count - (width - 1) ** count, largest**count - (largest - 1) ** count
    steps = [
        (
            f"Results with the largest number {largest}: all at most {largest}, but not all at most {largest - 1}, "
            f"${largest}^{count} - {largest - 1}^{count} = {bottom}$."
        ),
        (
            f"Of these, all numbers are at least {least}: between {least} and {largest}, but not all between "
            f"{least} and "
            f"{largest - 1}, ${width}^{count} - {width - 1}^{count} = {top}$."
        ),
        "All results are equally likely, so the probability is the quotient.",
        f"${reduced(top, bottom)}$",
    ]
    question = (
        f"{('Three', 'Four', 'Five')[count - 3]} fair dice with the numbers 1 to {sides} are rolled. The largest "
        "number "
        f"shown is {largest}. Given this, what is the probability that no number shown is below {least}?"
    )
    return question, Fraction(top, bottom), steps


def _sum_of_many(draws: Iterator[float]) -> _Parts:
    """Inclusion and exclusion over the dice that show more than they have."""
    many, few = one_of(next(draws), ((2, 2), (3, 1), (1, 3), (3, 2), (2, 3)))
    a, b = different(draws, 4, 18, 2)
    total = between(next(draws), many + few + max(a, b), (many * (a + 1) + few * (b + 1)) // 2 + 3)
    terms: list[int] = []
    steps = [
        (
            f"Ways to write {total} as an ordered sum of {many + few} positive integers, with {a} taken off for "
            "each of $i$ "
            f"dice that would show more than {a}, and {b} for each of $j$ dice that would show more than {b}:"
        )
    ]
    for i, j in ((i, j) for i in range(many + 1) for j in range(few + 1)):
        rest = total - i * a - j * b - 1
        if rest < many + few - 1:
            continue
        factors = comb(many, i) * comb(few, j), comb(rest, many + few - 1)
        told = f"\\binom{{{many}}}{{{i}}} \\binom{{{few}}}{{{j}}} \\binom{{{rest}}}{{{many + few - 1}}}"
        steps.append(f"$i = {i}, j = {j}$: ${told} = {prod(factors)}$")
        terms.append((-1) ** (i + j) * prod(factors))
    everything = a**many * b**few
    steps.append(f"${added(map(str, terms))} = {sum(terms)}$ of ${a}^{many} \\cdot {b}^{few} = {everything}$ results.")
    steps.append(f"${reduced(sum(terms), everything)}$")
    words = ("", "one fair die", "two fair dice", "three fair dice")
    question = (
        f"{words[many].capitalize()} with the numbers 1 to {a} and {words[few]} with the numbers 1 to {b} are rolled. "
        f"What is the probability that the sum of all numbers shown is {total}?"
    )
    return question, Fraction(sum(terms), everything), steps
