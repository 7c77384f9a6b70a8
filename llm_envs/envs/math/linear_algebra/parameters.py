"""Matrices and systems with a parameter k: for which of its values something special happens.

From the third row on, a triangular matrix with k on its diagonal is hidden by row operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.draws import between, different, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, bracketed, cases, combination, matrix, number, numbers, polynomial, product
from llm_envs.envs.math.linear_algebra.determinants import two_by_two
from llm_envs.envs.math.linear_algebra.matrices import conjugate, determinant, diagonal, drawn, mixed
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.ring import Polynomial

__all__ = ["parameter"]

Row: TypeAlias = list[Polynomial]


def parameter(rng: np.random.Generator, difficulty: int) -> Problem:
    """The set of all values of k for which a matrix is singular, vectors are dependent, or a system has no solution."""
    draws = uniforms(rng, 20)
    makers = (_singular, _dependent, _homogeneous, _not_one_solution, _none_or_many, _singular_of_four_rows)
    question, values, steps = makers[difficulty](draws)
    return Problem(question, f"\\{{{numbers(sorted(values))}\\}}", steps)


def _singular(draws: Iterator[float]) -> tuple[str, list[Number], list[str]]:
    a, b, c = (nonzero(next(draws), 12) for _ in range(3))
    turned = between(next(draws), 0, 3)
    rows = [["k", number(b)], [number(c), number(a)]]
    rows = rows[::-1] if turned % 2 else rows
    rows = [row[::-1] for row in rows] if turned // 2 else rows
    steps = [
        f"The determinant, up to its sign, is ${combination([(a, 'k')])} - {bracketed(b)} \\cdot {bracketed(c)}$.",
        f"It is 0 where ${combination([(a, 'k')])} = {b * c}$.",
    ]
    return f"Find all real numbers $k$ for which the matrix ${matrix(rows)}$ is singular.", [Fraction(b * c, a)], steps


def _dependent(draws: Iterator[float]) -> tuple[str, list[Number], list[str]]:
    """One entry is k, and its minor is not 0."""
    rest = mixed(draws, diagonal([1, nonzero(next(draws), 4)]), 2)
    row, column = between(next(draws), 0, 2), between(next(draws), 0, 2)
    (beside,), (above,) = drawn(draws, 1, 2, 7), drawn(draws, 1, 3, 7)
    lines = [[*line[:column], x, *line[column:]] for line, x in zip(rest, beside, strict=True)]
    above[column] = 0
    lines.insert(row, above)
    without, slope = determinant(lines), (-1) ** (row + column) * determinant(rest)
    written = [[*map(number, line)] for line in lines]
    written[row][column] = "k"
    steps = [
        "Three vectors are dependent where the determinant with them as columns is 0.",
        (
            f"Without the row and the column of $k$: ${two_by_two(rest)}$; its sign there is "
            f"{'plus' if slope == determinant(rest) else 'minus'}."
        ),
        f"With 0 in the place of $k$ the determinant is ${number(without)}$.",
        f"So it is ${combination([(slope, 'k'), (without, '')])}$.",
    ]
    vectors = ", ".join(f"${matrix([x] for x in vector)}$" for vector in zip(*written, strict=True))
    question = f"Find all real numbers $k$ for which the vectors {vectors} are linearly dependent."
    return question, [Fraction(-without, slope)], steps


def _homogeneous(draws: Iterator[float]) -> tuple[str, list[Number], list[str]]:
    values = different(draws, -20, 20, 2)
    (a, b), (c, d) = conjugate(draws, diagonal(values), 2)
    first, last = polynomial([1, -a], "k"), polynomial([1, -d], "k")
    system = _system([[[1, -a], [-b], [0]], [[-c], [1, -d], [0]]])
    steps = [
        "Solutions other than $(0, 0)$ exist where the determinant of the coefficients is 0.",
        f"$({first})({last}) - {product([-b, -c])} = {polynomial(ring.from_roots(values), 'k')}$",
        _factored(values),
    ]
    return f"For which real $k$ does ${system}$ have a solution other than $x = y = 0$?", [*values], steps


def _not_one_solution(draws: Iterator[float]) -> tuple[str, list[Number], list[str]]:
    values = different(draws, -12, 12, 2)
    rows = _triangle([[1], *([1, -value] for value in values)], draws)
    hidden, steps = _hidden([[*row, [nonzero(next(draws), 9)]] for row in rows], draws)
    steps += ["The system has exactly one solution unless the product of the diagonal is 0.", _factored(values)]
    return f"For which real $k$ does ${_system(hidden)}$ not have exactly one solution?", [*values], steps


def _none_or_many(draws: Iterator[float]) -> tuple[str, list[Number], list[str]]:
    many, none = different(draws, -25, 25, 2)
    factor, wanted = nonzero(next(draws), 3), one_of(next(draws), ("no solution", "infinitely many solutions"))
    rows = _triangle([[1], [1], ring.from_roots([many, none])], draws)
    right = [[nonzero(next(draws), 9)], [nonzero(next(draws), 9)], [factor, -factor * many]]
    hidden, steps = _hidden([[*row, last] for row, last in zip(rows, right, strict=True)], draws)
    steps += [
        f"The last row says: $({polynomial(rows[2][2], 'k')})z = {polynomial(right[2], 'k')}$.",
        _factored([many, none]),
        f"At $k = {many}$ it says $0 = 0$, and $z$ is free: infinitely many solutions.",
        f"At $k = {none}$ it says $0 = {factor * (none - many)}$: no solution.",
    ]
    value = none if wanted == "no solution" else many
    return f"For which real $k$ does ${_system(hidden)}$ have {wanted}?", [value], steps


def _singular_of_four_rows(draws: Iterator[float]) -> tuple[str, list[Number], list[str]]:
    values = different(draws, -9, 9, 3)
    hidden, steps = _hidden(_triangle([[1], *([1, -value] for value in values)], draws), draws)
    steps += ["The determinant, unchanged by all this, is the product of the diagonal.", _factored(values)]
    written = matrix([polynomial(p, "k") for p in row] for row in hidden)
    return f"Find all real numbers $k$ for which the matrix ${written}$ is singular.", [*values], steps


def _triangle(diagonal: Sequence[Polynomial], draws: Iterator[float]) -> list[Row]:
    size = len(diagonal)
    return [
        [diagonal[i] if i == j else [nonzero(next(draws), 4) if j > i else 0] for j in range(size)] for i in range(size)
    ]


def _hidden(rows: Sequence[Row], draws: Iterator[float]) -> tuple[list[Row], list[str]]:
    """To each row a multiple of the one before is added, and how this is undone."""
    hidden, undone = list(rows), []
    for i, row in enumerate(rows):
        factor, before = nonzero(next(draws), 2), (i - 1) % len(rows) + 1
        hidden[i] = [ring.plus(p, q, factor) for p, q in zip(row, hidden[i - 1], strict=True)]
        verb, direction = ("Subtract", "from") if factor > 0 else ("Add", "to")
        times = "" if abs(factor) == 1 else f"{abs(factor)} times "
        entries = ", ".join(polynomial(p, "k") for p in row)
        undone.append(f"{verb} {times}row {before} {direction} row {i + 1}, which becomes $({entries})$.")
    return hidden, undone[::-1]


def _system(rows: Iterable[Row]) -> str:
    lines = []
    for *coefficients, right in rows:
        left = combination(_term(p, name) for p, name in zip(coefficients, "xyz", strict=False))
        lines.append(f"{left} = {polynomial(right, 'k')}")
    return cases(lines)


def _term(coefficient: Polynomial, name: str) -> tuple[int, str]:
    """A constant times the unknown; or once a polynomial in k times the unknown."""
    if any(coefficient[:-1]):
        return 1, f"({polynomial(coefficient, 'k')}){name}"
    return coefficient[-1], name


def _factored(values: Iterable[int]) -> str:
    factors = "".join(f"({polynomial([1, -value], 'k')})" if value else "k" for value in sorted(values, key=bool))
    return f"${factors} = 0$ at $k = {numbers(sorted(values))}$."
