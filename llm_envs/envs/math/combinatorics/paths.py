"""Combinatorics: paths on the integer grid, by single steps to the right and up."""

from __future__ import annotations

from collections.abc import Iterator
from math import comb
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import added, binomial, combination
from llm_envs.envs.math.problem import Problem

__all__ = ["lattice_paths"]

_Point: TypeAlias = tuple[int, int]

_MOVERS = ("A robot", "An ant", "A beetle", "A cleaning machine", "A token", "A snail")


def lattice_paths(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count the paths from one point to another, by way of some points and around others."""
    draws = uniforms(rng, 12)
    makers = (_free, _through, _around, _through_and_around, _below, _below_and_through)
    mover, start = one_of(next(draws), _MOVERS), (between(next(draws), 0, 9), between(next(draws), 0, 9))
    end, condition, answer, steps = makers[difficulty](start, draws)
    question = (
        f"{mover} moves from ${start}$ to ${end}$. Each step adds 1 to one of its two coordinates. "
        f"How many different paths are there{condition}?"
    )
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[_Point, str, int, list[str]]
"""The end, the condition, the answer, the steps."""


def _ahead(point: _Point, draws: Iterator[float], low: int, high: int) -> _Point:
    """A point to the right of this one and above it."""
    return point[0] + between(next(draws), low, high), point[1] + between(next(draws), low, high)


def _ways(start: _Point, end: _Point) -> int:
    right, up = end[0] - start[0], end[1] - start[1]
    return comb(right + up, right) if right >= 0 and up >= 0 else 0


def _told(start: _Point, end: _Point) -> str:
    """How the paths between two points are counted."""
    right, up = end[0] - start[0], end[1] - start[1]
    count = f"{binomial(right + up, right)} = {_ways(start, end)}"
    return f"From ${start}$ to ${end}$, {right} to the right and {up} up: ${count}$."


def _free(start: _Point, draws: Iterator[float]) -> _Parts:
    end = _ahead(start, draws, 3, 15)
    return end, "", _ways(start, end), [_told(start, end)]


def _through(start: _Point, draws: Iterator[float]) -> _Parts:
    middle = _ahead(start, draws, 2, 6)
    end = _ahead(middle, draws, 2, 6)
    first, second = _ways(start, middle), _ways(middle, end)
    steps = [_told(start, middle), _told(middle, end), f"${first} \\cdot {second} = {first * second}$"]
    return end, f" that pass through ${middle}$", first * second, steps


def _around(start: _Point, draws: Iterator[float]) -> _Parts:
    hole = _ahead(start, draws, 2, 6)
    end = _ahead(hole, draws, 2, 6)
    everything, first, second = _ways(start, end), _ways(start, hole), _ways(hole, end)
    answer = everything - first * second
    steps = [
        _told(start, end),
        _told(start, hole),
        _told(hole, end),
        f"Not through ${hole}$: ${everything} - {first} \\cdot {second} = {answer}$.",
    ]
    return end, f" that do not pass through ${hole}$", answer, steps


def _through_and_around(start: _Point, draws: Iterator[float]) -> _Parts:
    middle = _ahead(start, draws, 1, 4)
    first_hole = _ahead(middle, draws, 1, 4)
    second_hole = _ahead(first_hole, draws, 1, 3)
    end = _ahead(second_hole, draws, 1, 3)
    before, after = _ways(start, middle), _ways(middle, end)
    one = _ways(middle, first_hole) * _ways(first_hole, end)
    other = _ways(middle, second_hole) * _ways(second_hole, end)
    both = _ways(middle, first_hole) * _ways(first_hole, second_hole) * _ways(second_hole, end)
    left = after - one - other + both
    steps = [
        _told(start, middle),
        _told(middle, end),
        _told(middle, first_hole) + " " + _told(first_hole, end),
        _told(middle, second_hole) + " " + _told(second_hole, end),
        _told(first_hole, second_hole),
        f"Through ${first_hole}$: {one}. Through ${second_hole}$: {other}. Through both: {both}.",
        f"Around both: ${after} - {one} - {other} + {both} = {left}$.",
        f"${before} \\cdot {left} = {before * left}$",
    ]
    condition = f" that pass through ${middle}$, but neither through ${first_hole}$ nor through ${second_hole}$"
    return end, condition, before * left, steps


def _line(shift: int) -> str:
    """The line `y = x + shift`."""
    return f"y = {combination([(1, 'x'), (shift, '')])}"


def _ways_below(start: _Point, end: _Point, shift: int) -> int:
    return _ways(start, end) - _ways((start[1] - shift - 1, start[0] + shift + 1), end)


def _told_below(start: _Point, end: _Point, shift: int) -> Iterator[str]:
    """Reflection: paths that touch the line above the bound are as many as those from the start's mirror image."""
    image = (start[1] - shift - 1, start[0] + shift + 1)
    everything, bad = _ways(start, end), _ways(image, end)
    yield _told(start, end)
    touched = _line(shift + 1)
    yield f"Those that go above touch ${touched}$. Reflected there up to the first touch, they start in ${image}$."
    yield _told(image, end) if bad else f"From ${image}$ no path leads to ${end}$: 0."
    yield f"${added([str(everything), f'-{bad}'])} = {everything - bad}$"


def _under(point: _Point, shift: int, draws: Iterator[float], furthest: int) -> _Point:
    """A point to the right of this one, on the line or a little below it."""
    x = point[0] + between(next(draws), 4, furthest)
    return x, x + shift - between(next(draws), 0, 3)


def _below(start: _Point, draws: Iterator[float]) -> _Parts:
    shift = start[1] - start[0] + between(next(draws), 0, 3)
    end = _under(start, shift, draws, 16)
    steps = [*_told_below(start, end, shift)]
    return end, f" that never go above the line ${_line(shift)}$", _ways_below(start, end, shift), steps


def _below_and_through(start: _Point, draws: Iterator[float]) -> _Parts:
    shift = start[1] - start[0] + between(next(draws), 0, 3)
    middle = _under(start, shift, draws, 8)
    end = _under(middle, shift, draws, 8)
    first, second = _ways_below(start, middle, shift), _ways_below(middle, end, shift)
    steps = [*_told_below(start, middle, shift), *_told_below(middle, end, shift)]
    steps.append(f"${first} \\cdot {second} = {first * second}$")
    condition = f" that pass through ${middle}$ and never go above the line ${_line(shift)}$"
    return end, condition, first * second, steps
