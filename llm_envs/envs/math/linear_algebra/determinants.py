"""Determinants: by expansion, and of matrices of any size that follow a pattern."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, different, nonzero, uniforms
from llm_envs.envs.math.latex import Number, added, bracketed, combination, matrix, number, product
from llm_envs.envs.math.linear_algebra.matrices import Matrix, determinant, drawn, minor
from llm_envs.envs.math.problem import Problem

__all__ = ["matrix_determinant", "two_by_two"]


def matrix_determinant(rng: np.random.Generator, difficulty: int) -> Problem:
    """The determinant of a matrix."""
    draws = uniforms(rng, 20)
    makers = (
        _two_rows,
        _three_rows,
        _four_rows_one_entry,
        _four_rows_two_entries,
        _one_value_outside,
        _three_diagonals,
    )
    text, answer, steps = makers[difficulty](draws)
    return Problem(f"Find the determinant of {text}.", number(answer), steps)


def two_by_two(a: Matrix) -> str:
    """`ad - bc` with numbers, and its value."""
    (p, q), (r, s) = a
    return f"{product([p, s])} - {product([q, r])} = {number(determinant(a))}"


def _two_rows(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a = drawn(draws, 2, 2, 25)
    return f"${matrix(a)}$", determinant(a), [f"$ad - bc = {two_by_two(a)}$"]


def _three_rows(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a = drawn(draws, 3, 3, 9)
    return f"${matrix(a)}$", determinant(a), list(_expanded(a, 0))


def _four_rows_one_entry(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    return _four_rows(1, draws)


def _four_rows_two_entries(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    return _four_rows(2, draws)


def _four_rows(entries: int, draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    """One row has but so many entries other than 0."""
    a, row = drawn(draws, 3, 4, 5), between(next(draws), 0, 3)
    sparse = [0] * 4
    for column in different(draws, 0, 3, entries):
        sparse[column] = nonzero(next(draws), 6)
    a.insert(row, sparse)
    return f"${matrix(a)}$", determinant(a), list(_expanded(a, row))


def _expanded(a: Matrix, row: int, its: str = "") -> Iterator[str]:
    """The minors of the entries of a row other than 0, and the determinant from them."""
    terms = []
    for column, entry in enumerate(a[row]):
        if entry == 0:
            continue
        rest = minor(a, row, column)
        place = f"Without {its}row {row + 1} and {its}column {column + 1}"
        if len(rest) == 2:
            yield f"{place}: ${two_by_two(rest)}$"
        else:
            yield f"{place}: ${matrix(rest)}$"
            yield from _expanded(rest, 0, "its ")
        terms.append(f"{'-' if (row + column) % 2 else ''}{bracketed(entry)} \\cdot {bracketed(determinant(rest))}")
    yield f"Expand along {its}row {row + 1}: ${added(terms or ['0'])} = {number(determinant(a))}$"


def _one_value_outside(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    size, (inside, outside) = between(next(draws), 4, 8), different(draws, -15, 15, 2)
    outside = outside or 16
    total, difference = inside + (size - 1) * outside, inside - outside
    answer = total * difference ** (size - 1)
    text = (
        f"the ${size} \\times {size}$ matrix with {inside} in each place on the diagonal and {outside} everywhere else"
    )
    steps = [
        f"Add all rows to the first: each of its entries is ${inside} + {product([size - 1, outside])} = {total}$.",
        f"Take the factor {total} out of it: a row of ones is left.",
        (
            f"Subtract this row, times {outside}, from each other row. On the diagonal stands ${inside} - "
            f"{bracketed(outside)} = {difference}$, and 0 everywhere else in those {size - 1} rows."
        ),
        "The matrix is now triangular, with a one in the first place of its diagonal.",
        (
            f"$\\det = {total} \\cdot {bracketed(difference)}^{{{size - 1}}} = {total} \\cdot "
            f"{bracketed(difference ** (size - 1))} = {answer}$"
        ),
    ]
    return text, answer, steps


def _three_diagonals(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    size, inside, above, below = between(next(draws), 6, 9), *(nonzero(next(draws), 9) for _ in range(3))
    outside = above * below
    text = (
        f"the ${size} \\times {size}$ matrix with {inside} in each place on the diagonal, {above} in each place "
        f"directly above the diagonal, {below} in each place directly below it, and 0 everywhere else"
    )
    before, value = 1, inside
    steps = [
        "Let $D_n$ be the determinant of the matrix of this kind with $n$ rows.",
        (
            "Expand along the first row, then the second minor along its first column: $D_n = "
            f"{combination([(inside, 'D_{n-1}'), (-outside, 'D_{n-2}')])}$, with $D_0 = 1$ and $D_1 = {inside}$."
        ),
    ]
    for n in range(2, size + 1):
        told = f"{product([inside, value])} - {product([outside, before])}"
        before, value = value, inside * value - outside * before
        steps.append(f"$D_{n} = {told} = {value}$")
    return text, value, steps
