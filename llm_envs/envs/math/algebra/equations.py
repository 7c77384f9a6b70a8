"""Linear equations in one unknown, linear systems in up to four."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import added, cases, combination, number, numbers, polynomial, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["linear_equation", "linear_system"]

Matrix: TypeAlias = list[list[int]]


class _Term(NamedTuple):
    """`factor (slope x + shift) / divisor`, one term of a side."""

    slope: int
    shift: int
    factor: int = 1
    divisor: int = 1

    @property
    def text(self) -> str:
        inside = polynomial([self.slope, self.shift])
        sign, size = ("-" if self.factor < 0 else ""), abs(self.factor)
        if self.divisor > 1:
            top = inside if size == 1 else f"{size}({inside})"
            return sign + ratio(top, self.divisor)
        return inside if self.factor == 1 else f"{sign}{size if size > 1 else ''}({inside})"

    def expanded(self, scale: int) -> tuple[int, int]:
        """Slope and shift of `scale` times this term."""
        factor = self.factor * scale // self.divisor
        return factor * self.slope, factor * self.shift


_SIDES = ("l=c", "l=l", "bl=l", "bb=l", "dd=c", "ddb=d")
"""Terms by difficulty: c a constant, l linear, b a bracket with a factor, d a bracket with factor and divisor."""


def linear_equation(rng: np.random.Generator, difficulty: int) -> Problem:
    """Solve for x; from level 2 on there are brackets, from level 4 on denominators."""
    left_kinds, _, right_kinds = _SIDES[difficulty].partition("=")
    draws = uniforms(rng, 4 * (len(left_kinds) + len(right_kinds)))
    left = [_term(kind, draws) for kind in left_kinds]
    right = [_term(kind, draws) for kind in right_kinds]
    scale = lcm(*(term.divisor for term in left + right))
    if _collected(left, scale)[0] == _collected(right, scale)[0]:
        left[0] = left[0]._replace(slope=2 * left[0].slope)
    (slope, shift), (right_slope, right_shift) = _collected(left, scale), _collected(right, scale)
    solution = Fraction(right_shift - shift, slope - right_slope)
    steps = [f"Multiply by {scale}."] if scale > 1 else []
    if difficulty > 1:
        steps.append(f"Expand: ${polynomial([slope, shift])} = {polynomial([right_slope, right_shift])}$.")
    steps.append(f"Collect: ${polynomial([slope - right_slope, 0])} = {right_shift - shift}$.")
    steps.append(f"Divide: $x = {number(solution)}$.")
    question = f"Solve for $x$: ${added(term.text for term in left)} = {added(term.text for term in right)}$."
    return Problem(question, number(solution), steps)


def _term(kind: str, draws: Iterator[float]) -> _Term:
    slope, shift = nonzero(next(draws), 12), nonzero(next(draws), 60)
    factor, divisor = nonzero(next(draws), 7), between(next(draws), 2, 9)
    if kind == "c":
        return _Term(0, shift)
    if kind == "l":
        return _Term(slope, shift)
    return _Term(slope, shift, factor, divisor if kind == "d" else 1)


def _collected(side: Sequence[_Term], scale: int) -> tuple[int, int]:
    """Slope and shift of `scale` times a side."""
    slopes, shifts = zip(*(term.expanded(scale) for term in side), strict=True)
    return sum(slopes), sum(shifts)


_SHAPES = ((2, 0, 1), (2, 1, 1), (3, 0, 2), (3, 2, 2), (4, 1, 1), (4, 3, 3))
"""By difficulty: number of unknowns, and how many diagonals below and above the main one may be filled."""

_UNKNOWNS = {2: "xy", 3: "xyz", 4: "wxyz"}


def linear_system(rng: np.random.Generator, difficulty: int) -> Problem:
    """Solve a system with one integer solution.

    Its matrix is a lower triangle with ones on the diagonal times an upper one without zeros there: it is regular, and
    elimination stays within whole numbers.
    """
    size, below, above = _SHAPES[difficulty]
    draws = uniforms(rng, size * (size + 1))
    solution = [between(next(draws), -12, 12) for _ in range(size)]
    lower = [[nonzero(next(draws), 3) if 0 < i - j <= below else int(i == j) for j in range(size)] for i in range(size)]
    upper = [[nonzero(next(draws), 5) if 0 <= j - i <= above else 0 for j in range(size)] for i in range(size)]
    rows = _augmented(_product(lower, upper), solution)
    names = _UNKNOWNS[size]
    system = cases(_equation(row, names) for row in rows)
    answer = f"({numbers(solution)})"
    question = f"Solve for $({', '.join(names)})$: ${system}$."
    steps = [*_eliminations(rows, lower, names), *_substitutions(solution, names)]
    return Problem(question, answer, steps)


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [[sum(a * b for a, b in zip(row, column, strict=True)) for column in columns] for row in left]


def _augmented(matrix: Matrix, solution: Sequence[int]) -> Matrix:
    """The matrix with the right-hand sides as its last column."""
    return [[*row, sum(a * x for a, x in zip(row, solution, strict=True))] for row in matrix]


def _equation(row: Sequence[int], names: str) -> str:
    return f"{combination(zip(row, names, strict=False))} = {row[-1]}"


def _eliminations(rows: Matrix, lower: Matrix, names: str) -> Iterator[str]:
    """Subtract multiples of each equation from those below, until the system is a triangle."""
    rows = [list(row) for row in rows]
    for pivot, i in combinations(range(len(rows)), 2):
        if factor := lower[i][pivot]:
            rows[i] = [a - factor * b for a, b in zip(rows[i], rows[pivot], strict=True)]
            sign, times = "minus" if factor > 0 else "plus", f" {abs(factor)} times" if abs(factor) > 1 else ""
            yield f"Equation {i + 1} {sign}{times} equation {pivot + 1}: ${_equation(rows[i], names)}$."


def _substitutions(solution: Sequence[int], names: str) -> Iterator[str]:
    """Solve the triangle from its last equation up."""
    for i in reversed(range(len(solution))):
        yield f"Equation {i + 1} gives ${names[i]} = {solution[i]}$."
