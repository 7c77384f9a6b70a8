"""Inverse matrices, and equations between matrices."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import nonzero, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, matrix, number
from llm_envs.envs.math.linear_algebra.determinants import two_by_two
from llm_envs.envs.math.linear_algebra.matrices import (
    Matrix,
    cofactors,
    determinant,
    diagonal,
    dot_text,
    drawn,
    identity,
    inverse,
    invertible,
    minor,
    mixed,
    plus,
    scaled,
    times,
)
from llm_envs.envs.math.linear_algebra.products import entry_by_entry
from llm_envs.envs.math.problem import Problem

__all__ = ["inverse_matrix"]


def inverse_matrix(rng: np.random.Generator, difficulty: int) -> Problem:
    """An inverse, or the solution of an equation between matrices."""
    draws = uniforms(rng, 24)
    makers = (_two_rows, _left_factor, _unknown_on_both_sides, _between_factors, _three_rows, _three_rows_left_factor)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, matrix(answer), steps)


def _two_rows(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a = invertible(draws, 7)
    return f"Find the inverse of the matrix $A = {matrix(a)}$.", inverse(a), [_inverse_of_two_rows("A", a)]


def _left_factor(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, x = invertible(draws, 7), drawn(draws, 2, 2, 7)
    b = times(a, x)
    steps = [_inverse_of_two_rows("A", a), *entry_by_entry("A^{-1}B", inverse(a), b)]
    return f"Find the matrix $X$ with $AX = B$, where $A = {matrix(a)}$ and $B = {matrix(b)}$.", x, steps


def _unknown_on_both_sides(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    difference, x = invertible(draws, 7), drawn(draws, 2, 2, 7)
    factor = nonzero(next(draws), 4)
    a, b = plus(difference, identity(2), factor), times(x, difference)
    right = combination([(factor, "X")])
    steps = [
        f"Collect: $X(A - {bracketed(factor)}I) = B$, and $C = A - {bracketed(factor)}I = {matrix(difference)}$.",
        _inverse_of_two_rows("C", difference),
        *entry_by_entry("BC^{-1}", b, inverse(difference)),
    ]
    question = f"Find the matrix $X$ with $XA = {right} + B$, where $A = {matrix(a)}$ and $B = {matrix(b)}$."
    return question, x, steps


def _between_factors(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, b, x = invertible(draws, 7), invertible(draws, 7), drawn(draws, 2, 2, 5)
    half = times(a, x)
    c = times(half, b)
    steps = [
        "$X = A^{-1}CB^{-1}$.",
        _inverse_of_two_rows("A", a),
        _inverse_of_two_rows("B", b),
        *entry_by_entry("A^{-1}C", inverse(a), c),
        f"$A^{{-1}}C = {matrix(times(x, b))}$",
        *entry_by_entry("A^{-1}CB^{-1}", times(x, b), inverse(b)),
    ]
    given = f"$A = {matrix(a)}$, $B = {matrix(b)}$ and $C = {matrix(c)}$"
    return f"Find the matrix $X$ with $AXB = C$, where {given}.", x, steps


def _three_rows(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a = _of_small_determinant(draws)
    return f"Find the inverse of the matrix $A = {matrix(a)}$.", inverse(a), list(_inverse_of_three_rows(a))


def _three_rows_left_factor(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, x = _of_small_determinant(draws), drawn(draws, 3, 2, 5)
    b, (adjugate, below) = times(a, x), _adjugate(a)
    steps = [
        *_inverse_of_three_rows(a),
        "$X = A^{-1}B$; first without the denominator, with $C = \\det(A) A^{-1}$:",
        *entry_by_entry("CB", adjugate, b),
        f"Divide by $\\det A = {number(below)}$.",
    ]
    return f"Find the matrix $X$ with $AX = B$, where $A = {matrix(a)}$ and $B = {matrix(b)}$.", x, steps


def _of_small_determinant(draws: Iterator[float]) -> Matrix:
    """A matrix with three rows and a determinant in [-5, 5]."""
    return mixed(draws, diagonal([1, 1, nonzero(next(draws), 5)]), 2)


def _inverse_of_two_rows(name: str, a: Matrix) -> str:
    adjugate, below = _adjugate(a)
    return (
        f"$\\det {name} = {two_by_two(a)}$; swap the diagonal, change the other signs, divide: ${name}^{{-1}} = "
        f"{_divided(adjugate, below)}$."
    )


def _inverse_of_three_rows(a: Matrix) -> Iterator[str]:
    signed, (adjugate, below) = cofactors(a), _adjugate(a)
    for i in range(3):
        minors = (f"${two_by_two(minor(a, i, j))}$" for j in range(3))
        yield f"Minors of row {i + 1}: {'; '.join(minors)}"
    yield f"With signs in a chequerboard: ${matrix(signed)}$"
    yield f"$\\det A = {dot_text(a[0], signed[0])} = {number(below)}$"
    yield f"Transpose and divide: $A^{{-1}} = {_divided(adjugate, below)}$"


def _adjugate(a: Matrix) -> tuple[Matrix, Number]:
    """`det(A)` times the inverse, and `det(A)`."""
    below = determinant(a)
    return scaled(below, inverse(a)), below


def _divided(above: Matrix, below: Number) -> str:
    return combination([(1 / Fraction(below), matrix(above))])
