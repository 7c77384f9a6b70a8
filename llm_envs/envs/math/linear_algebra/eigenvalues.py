"""Eigenvalues of matrices that are conjugate to ones whose eigenvalues can be seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.draws import between, different, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import added, bracketed, combination, matrix, number, polynomial, product, root
from llm_envs.envs.math.linear_algebra.determinants import two_by_two
from llm_envs.envs.math.linear_algebra.matrices import Matrix, conjugate, determinant, diagonal, minor
from llm_envs.envs.math.problem import Problem

__all__ = ["eigenvalues"]

_SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13)


def eigenvalues(rng: np.random.Generator, difficulty: int) -> Problem:
    """The set of all eigenvalues; they are real."""
    draws = uniforms(rng, 16)
    makers = (_two_integers, _two_surds, _blocks, _three_integers, _integer_and_surds, _of_quadratic)
    question, members, steps = makers[difficulty](draws)
    return Problem(question, f"\\{{{', '.join(members)}\\}}", steps)


def _two_integers(draws: Iterator[float]) -> tuple[str, list[str], list[str]]:
    values = different(draws, -12, 12, 2)
    a = conjugate(draws, diagonal(values), 2)
    return _asked(a), _written(sorted(values)), [_of_two_rows(a), _factored(values)]


def _two_surds(draws: Iterator[float]) -> tuple[str, list[str], list[str]]:
    middle, square = between(next(draws), -9, 9), _square(draws)
    a = conjugate(draws, [[middle, square], [1, middle]], 2)
    return _asked(a), _plus_minus(middle, square), [_of_two_rows(a), _solved(middle, square)]


def _blocks(draws: Iterator[float]) -> tuple[str, list[str], list[str]]:
    """A zero below the diagonal, twice in one column or one row."""
    values = different(draws, -9, 9, 3)
    single, *pair = values
    block, beside = conjugate(draws, diagonal(pair), 2), [nonzero(next(draws), 9) for _ in range(2)]
    if next(draws) < 0.5:
        line, a = "first column", [[single, *beside], *([0, *row] for row in block)]
    else:
        line, a = "last row", [*([*row, x] for row, x in zip(block, beside, strict=True)), [0, 0, single]]
    steps = [
        (
            f"Apart from {single} the {line} holds zeros: {single} is an eigenvalue, the others are those of $B = "
            f"{matrix(block)}$."
        ),
        _of_two_rows(block, "B"),
        _factored(sorted(pair)),
    ]
    return _asked(a), _written(sorted(values)), steps


def _three_integers(draws: Iterator[float]) -> tuple[str, list[str], list[str]]:
    values = sorted(different(draws, -6, 6, 3))
    a = conjugate(draws, _triangle(values, draws), 1)
    return _asked(a), _written(values), [*_of_three_rows(a, ring.from_roots(values)), _factored(values)]


def _integer_and_surds(draws: Iterator[float]) -> tuple[str, list[str], list[str]]:
    single, middle, square = between(next(draws), -5, 5), between(next(draws), -4, 4), one_of(next(draws), _SQUARE_FREE)
    start = [[middle, square, nonzero(next(draws), 2)], [1, middle, nonzero(next(draws), 2)], [0, 0, single]]
    a = conjugate(draws, start, 1)
    quadratic = [1, -2 * middle, middle * middle - square]
    steps = [
        *_of_three_rows(a, ring.times(quadratic, [1, -single])),
        f"$t = {single}$ is a zero: ${_factor(single)}({polynomial(quadratic, 't')}) = 0$.",
        _solved(middle, square),
    ]
    return _asked(a), [str(single), *_plus_minus(middle, square)], steps


def _of_quadratic(draws: Iterator[float]) -> tuple[str, list[str], list[str]]:
    values, p, q = sorted(different(draws, -5, 5, 3)), nonzero(next(draws), 6), nonzero(next(draws), 9)
    a = conjugate(draws, _triangle(values, draws), 1)
    images = [value * value + p * value + q for value in values]
    steps = [*_of_three_rows(a, ring.from_roots(values)), _factored(values)]
    steps.append(
        "If $Av = tv$, then $Bv = f(t)v$ with the same polynomial $f$: each eigenvalue $t$ of $A$ gives $f(t)$."
    )
    for value, image in zip(values, images, strict=True):
        worked = f"{bracketed(value)}^2 + {product([p, value])} + {bracketed(q)}"
        steps.append(f"$f({value}) = {worked} = {image}$")
    wanted = combination([(1, "A^2"), (p, "A"), (q, "I")])
    question = f"Let $A = {matrix(a)}$. Find all eigenvalues of $B = {wanted}$, where $I$ is the identity matrix."
    return question, _written(sorted(set(images))), steps


def _asked(a: Matrix) -> str:
    return f"Find all eigenvalues of ${matrix(a)}$."


def _written(values: list[int]) -> list[str]:
    return [str(value) for value in values]


def _square(draws: Iterator[float]) -> int:
    """Of no integer."""
    return between(next(draws), 1, 3) ** 2 * one_of(next(draws), _SQUARE_FREE)


def _triangle(values: list[int], draws: Iterator[float]) -> Matrix:
    a, b, c = (nonzero(next(draws), 2) for _ in range(3))
    return [[values[0], a, b], [0, values[1], c], [0, 0, values[2]]]


def _plus_minus(middle: int, square: int) -> list[str]:
    return [combination([(middle, ""), (sign, root(square))]) for sign in (-1, 1)]


def _of_two_rows(a: Matrix, name: str = "A") -> str:
    trace, last = a[0][0] + a[1][1], determinant(a)
    told = f"{number(a[0][0])} + {bracketed(a[1][1])} = {number(trace)}"
    return (
        f"With the trace ${told}$ and the determinant ${two_by_two(a)}$, $\\det(tI - {name}) = "
        f"{polynomial([1, -trace, last], 't')}$."
    )


def _of_three_rows(a: Matrix, characteristic: Sequence[int]) -> Iterator[str]:
    trace = " + ".join(bracketed(a[i][i]) for i in range(3))
    yield f"Trace: ${trace} = {-characteristic[1]}$"
    minors = (f"${two_by_two(minor(a, i, i))}$" for i in range(3))
    yield f"Minors of the diagonal entries: {'; '.join(minors)}; their sum is ${characteristic[2]}$."
    yield f"Determinant, along the first row: ${_along_first_row(a)} = {-characteristic[3]}$"
    yield f"So $\\det(tI - A) = {polynomial(characteristic, 't')}$."


def _along_first_row(a: Matrix) -> str:
    terms = (
        f"{'-' if j % 2 else ''}{bracketed(x)} \\cdot {bracketed(determinant(minor(a, 0, j)))}"
        for j, x in enumerate(a[0])
    )
    return added(terms)


def _factored(values: Sequence[int]) -> str:
    return f"Factor: ${''.join(map(_factor, sorted(values, key=bool)))} = 0$."


def _factor(value: int) -> str:
    return f"({polynomial([1, -value], 't')})" if value else "t"


def _solved(middle: int, square: int) -> str:
    squared = f"({polynomial([1, -middle], 't')})^2" if middle else "t^2"
    told = f"\\sqrt{{{square}}}"
    return f"So ${squared} = {square}$" + ("." if root(square) == told else f", and ${told} = {root(square)}$.")
