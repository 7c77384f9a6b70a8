"""Combinatorics: rows of things of three kinds, of which those of one kind are alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import comb
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import binomial
from llm_envs.envs.math.problem import Problem

__all__ = ["arrangements"]

_COLOURS = ("red", "blue", "green", "white", "yellow", "black", "pink", "purple", "grey")
_THINGS = ("flags", "beads", "tiles", "bricks", "lanterns", "cards", "tulips")


def arrangements(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count the rows of coloured things, with conditions on neighbours."""
    draws = uniforms(rng, 12)
    makers = (_any_row, _with_ends, _together, _apart, _apart_and_not_together, _no_equal_neighbours)
    things, colours = one_of(next(draws), _THINGS), some_of(draws, _COLOURS, 3)
    counts, condition, answer, steps = makers[difficulty](colours, draws)
    told = [f"{count} {colour}" for count, colour in zip(counts, colours, strict=True)]
    question = (
        f"In how many ways can {told[0]}, {told[1]} and {told[2]} {things} be put in a row{condition}? "
        f"{things.capitalize()} of one colour are alike, and all of them are used; a row and its reverse count as two, "
        "unless they are equal."
    )
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[Sequence[int], str, int, list[str]]
"""How many there are of each colour, the condition, the answer, the steps."""


def _counts(draws: Iterator[float], low: int, high: int) -> list[int]:
    return [between(next(draws), low, high) for _ in range(3)]


def _rows(counts: Sequence[int]) -> int:
    first, second, third = counts
    return comb(first + second + third, first) * comb(second + third, second)


def _placed(counts: Sequence[int]) -> str:
    """How rows are counted: places for the first colour, then for the second."""
    first, second, third = counts
    told = f"{binomial(first + second + third, first)} \\cdot {binomial(second + third, second)}"
    return f"{told} = {comb(first + second + third, first)} \\cdot {comb(second + third, second)} = {_rows(counts)}"


def _any_row(colours: Sequence[str], draws: Iterator[float]) -> _Parts:
    counts = _counts(draws, 2, 10)
    steps = [
        (
            f"Choose the places of the {colours[0]} ones, then those of the {colours[1]} ones among the rest: "
            f"${_placed(counts)}$."
        )
    ]
    return counts, "", _rows(counts), steps


def _with_ends(colours: Sequence[str], draws: Iterator[float]) -> _Parts:
    counts = _counts(draws, 2, 9)
    left = [counts[0] - 1, counts[1] - 1, counts[2]]
    steps = [
        (
            f"Put a {colours[0]} one first and a {colours[1]} one last. "
            f"Then {left[0]} {colours[0]}, {left[1]} {colours[1]} and {left[2]} {colours[2]} ones are left."
        ),
        f"They fill the places between in ${_placed(left)}$ ways.",
    ]
    return counts, f" that begins with a {colours[0]} and ends with a {colours[1]} one", _rows(left), steps


def _together(colours: Sequence[str], draws: Iterator[float]) -> _Parts:
    counts = _counts(draws, 2, 14)
    units = [1, counts[1], counts[2]]
    steps = [
        (
            f"The {counts[0]} {colours[0]} ones are one block, which is put in a row with {counts[1]} {colours[1]} and "
            f"{counts[2]} {colours[2]} ones: {sum(units)} things."
        ),
        (
            f"The block has {sum(units)} places, the {colours[1]} ones share the rest with the {colours[2]} ones: "
            f"${_placed(units)}$."
        ),
    ]
    return counts, f" in which all {colours[0]} ones are next to each other, without a gap", _rows(units), steps


def _apart(colours: Sequence[str], draws: Iterator[float]) -> _Parts:
    return _kept_apart(colours, between(next(draws), 2, 6), between(next(draws), 3, 9), between(next(draws), 3, 9))


def _kept_apart(colours: Sequence[str], first: int, second: int, third: int) -> _Parts:
    """The first colour goes to the gaps that the others leave."""
    others, gaps = comb(second + third, second), comb(second + third + 1, first)
    steps = [
        f"Rows of the {colours[1]} and {colours[2]} ones: ${binomial(second + third, second)} = {others}$.",
        (
            f"They leave {second + third + 1} gaps, with both ends; the {colours[0]} ones go to {first} different "
            "gaps: "
            f"${binomial(second + third + 1, first)} = {gaps}$."
        ),
        f"${others} \\cdot {gaps} = {others * gaps}$",
    ]
    condition = f" in which no two {colours[0]} ones are next to each other"
    return (first, second, third), condition, others * gaps, steps


def _apart_and_not_together(colours: Sequence[str], draws: Iterator[float]) -> _Parts:
    first, second, third = between(next(draws), 2, 5), between(next(draws), 2, 6), between(next(draws), 3, 9)
    counts, condition, everything, steps = _kept_apart(colours, first, second, third)
    bad = (third + 1) * comb(third + 2, first)
    steps += [
        (
            f"Take off the rows where the {colours[1]} ones are one block, which has {third + 1} places among the "
            f"{colours[2]} ones, and leaves {third + 2} gaps: "
            f"${third + 1} \\cdot {binomial(third + 2, first)} = {bad}$."
        ),
        f"${everything} - {bad} = {everything - bad}$",
    ]
    condition += f", and the {colours[1]} ones do not all stand together in one block"
    return counts, condition, everything - bad, steps


def _no_equal_neighbours(colours: Sequence[str], draws: Iterator[float]) -> _Parts:
    """Rows of the other two colours, sorted by their equal neighbours, which the first colour must part."""
    first, second = between(next(draws), 3, 7), between(next(draws), 2, 9)
    third = between(next(draws), max(2, abs(first - second) - 1), min(9, first + second))
    both, answer = second + third, 0
    steps = [
        (
            f"Sort the rows of the {both} {colours[1]} and {colours[2]} ones by the number $k$ of equal neighbours: "
            "such a row "
            f"consists of ${both} - k$ runs. A {colours[0]} one must go to each of the $k$ gaps between equal ones, "
            "the others "
            f"to any of the other ${both + 1} - k$ gaps. Rows of that kind, times ways to fill them:"
        )
    ]
    for equal in range(min(first, both - 2) + 1):
        rows, ways = _with_runs(second, third, both - equal), comb(both + 1 - equal, first - equal)
        if rows * ways:
            chosen = binomial(both + 1 - equal, first - equal)
            steps.append(f"$k = {equal}$: ${rows} \\cdot {chosen} = {rows} \\cdot {ways} = {rows * ways}$")
        answer += rows * ways
    steps.append(f"The sum is {answer}.")
    return (first, second, third), " in which no two neighbours have the same colour", answer, steps


def _with_runs(first: int, second: int, runs: int) -> int:
    """Rows of two colours that consist of so many runs."""
    more, less = (runs - 1) // 2, runs // 2 - 1
    return comb(first - 1, more) * comb(second - 1, less) + comb(second - 1, more) * comb(first - 1, less)
