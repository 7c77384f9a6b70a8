"""Products and powers of matrices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, different, nonzero, uniforms
from llm_envs.envs.math.latex import bracketed, combination, matrix, number, product
from llm_envs.envs.math.linear_algebra.matrices import (
    Matrix,
    diagonal,
    dot,
    dot_text,
    drawn,
    identity,
    inverse,
    plus,
    scaled,
    times,
    transposed,
    unimodular,
)
from llm_envs.envs.math.problem import Problem

__all__ = ["entry_by_entry", "matrix_product"]


def matrix_product(rng: np.random.Generator, difficulty: int) -> Problem:
    """A product, a difference of two, a polynomial or a power of matrices."""
    draws = uniforms(rng, 20)
    makers = (_of_two, _commutator, _of_three_rows, _quadratic, _power_by_eigenvalues, _power_of_triangle)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, matrix(answer), steps)


def entry_by_entry(name: str, a: Matrix, b: Matrix) -> Iterator[str]:
    """The entries of a product, a row a line."""
    columns = transposed(b)
    for i, row in enumerate(a, 1):
        entries = (f"${dot_text(row, column)} = {number(dot(row, column))}$" for column in columns)
        yield f"Row {i} of ${name}$: {'; '.join(entries)}"


def _of_two(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, b = drawn(draws, 2, 2, 9), drawn(draws, 2, 2, 9)
    return f"Find the product ${matrix(a)} {matrix(b)}$.", times(a, b), list(entry_by_entry("AB", a, b))


def _commutator(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, b = drawn(draws, 2, 2, 6), drawn(draws, 2, 2, 6)
    first, second = times(a, b), times(b, a)
    steps = [
        *entry_by_entry("AB", a, b),
        *entry_by_entry("BA", b, a),
        f"$AB = {matrix(first)}$, $BA = {matrix(second)}$",
    ]
    return f"Let $A = {matrix(a)}$ and $B = {matrix(b)}$. Find $AB - BA$.", plus(first, second, -1), steps


def _of_three_rows(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, b, factor = drawn(draws, 3, 3, 5), drawn(draws, 3, 2, 5), between(next(draws), 2, 5)
    once = times(a, b)
    steps = [*entry_by_entry("AB", a, b), f"$AB = {matrix(once)}$; multiply each entry by {factor}."]
    return f"Let $A = {matrix(a)}$ and $B = {matrix(b)}$. Find ${factor}AB$.", scaled(factor, once), steps


def _quadratic(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, p, q = drawn(draws, 3, 3, 4), nonzero(next(draws), 6), nonzero(next(draws), 9)
    square = times(a, a)
    steps = [
        *entry_by_entry("A^2", a, a),
        f"$A^2 = {matrix(square)}$",
        f"${combination([(p, 'A')])} = {matrix(scaled(p, a))}$; ${combination([(q, 'I')])}$ has {q} on its diagonal.",
    ]
    wanted = combination([(1, "A^2"), (p, "A"), (q, "I")])
    question = f"Let $A = {matrix(a)}$ and let $I$ be the $3 \\times 3$ identity matrix. Find ${wanted}$."
    return question, plus(plus(square, a, p), identity(3), q), steps


def _power_by_eigenvalues(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    values, basis = different(draws, -3, 4, 2), unimodular(draws, 2, 3)
    exponent, back = between(next(draws), 5, 9), inverse(basis)
    a = times(times(basis, diagonal(values)), back)
    powers = [value**exponent for value in values]
    half = times(basis, diagonal(powers))
    polynomial = combination([(1, "t^2"), (-sum(values), "t"), (values[0] * values[1], "")])
    columns = [matrix([[x] for x in column]) for column in transposed(basis)]
    steps = [
        f"The characteristic polynomial is ${polynomial}$: the eigenvalues are {values[0]} and {values[1]}.",
        f"Eigenvectors: ${columns[0]}$ for {values[0]}, ${columns[1]}$ for {values[1]}.",
        f"So $A = PDP^{{-1}}$ with $P = {matrix(basis)}$, $P^{{-1}} = {matrix(back)}$.",
        f"$D^{exponent}$ has ${powers[0]}$ and ${powers[1]}$ on its diagonal, so $PD^{exponent} = {matrix(half)}$.",
        "Multiply this by $P^{-1}$.",
        *entry_by_entry(f"A^{exponent}", half, back),
    ]
    return f"Let $A = {matrix(a)}$. Find $A^{exponent}$.", times(half, back), steps


def _power_of_triangle(draws: Iterator[float]) -> tuple[str, Matrix, list[str]]:
    a, b, c = (nonzero(next(draws), 9) for _ in range(3))
    n, value = between(next(draws), 20, 99), nonzero(next(draws), 1)
    nilpotent, square = [[0, a, b], [0, 0, c], [0, 0, 0]], [[0, 0, a * c], [0, 0, 0], [0, 0, 0]]
    pairs = n * (n - 1) // 2
    factors = [value**n, n * value ** (n - 1), pairs * value ** (n - 2)]
    answer = plus(plus(scaled(factors[0], identity(3)), nilpotent, factors[1]), square, factors[2])
    steps = [
        f"Write $A = {combination([(value, 'I')])} + N$ with $N = {matrix(nilpotent)}$.",
        f"$N^2 = {matrix(square)}$, for ${product([a, c])} = {a * c}$, and $N^3 = 0$.",
        "The binomial theorem stops after three terms, since $I$ and $N$ commute.",
        (
            f"Their coefficients: ${bracketed(value)}^{{{n}}} = {factors[0]}$, ${n} \\cdot "
            f"{bracketed(value)}^{{{n - 1}}} = {factors[1]}$, $\\binom{{{n}}}{{2}} \\cdot "
            f"{bracketed(value)}^{{{n - 2}}} = {factors[2]}$."
        ),
        f"$A^{{{n}}} = {combination([(factors[0], 'I'), (factors[1], 'N'), (factors[2], 'N^2')])}$",
        f"In the corner: ${product([factors[1], b])} + {product([factors[2], a * c])} = {answer[0][2]}$.",
    ]
    triangle = plus(nilpotent, identity(3), value)
    return f"Let $A = {matrix(triangle)}$. Find $A^{{{n}}}$.", answer, steps
