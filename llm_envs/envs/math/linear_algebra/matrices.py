"""Matrices of integers and fractions, as lists of rows: what the families of this topic calculate with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

from llm_envs.envs.math.draws import between, nonzero
from llm_envs.envs.math.latex import Number, added, bracketed, number

__all__ = [
    "Matrix",
    "Vector",
    "cofactors",
    "conjugate",
    "determinant",
    "diagonal",
    "dot",
    "dot_text",
    "drawn",
    "identity",
    "inverse",
    "invertible",
    "minor",
    "mixed",
    "plus",
    "scaled",
    "times",
    "transposed",
    "unimodular",
]

Vector: TypeAlias = Sequence[Number]
Matrix: TypeAlias = Sequence[Vector]


def identity(size: int) -> list[list[int]]:
    """Ones on the diagonal."""
    return [[int(i == j) for j in range(size)] for i in range(size)]


def transposed(a: Matrix) -> list[list[Number]]:
    """Columns for rows."""
    return [list(column) for column in zip(*a, strict=True)]


def dot(u: Vector, v: Vector) -> Number:
    """The dot product."""
    return sum((x * y for x, y in zip(u, v, strict=True)), 0)


def dot_text(u: Vector, v: Vector) -> str:
    r"""The dot product before it is worked out: `2 \cdot 3 + 5 \cdot (-1)`."""
    return added(f"{number(x)} \\cdot {bracketed(y)}" for x, y in zip(u, v, strict=True))


def times(a: Matrix, b: Matrix) -> list[list[Number]]:
    """`A B`."""
    columns = transposed(b)
    return [[dot(row, column) for column in columns] for row in a]


def plus(a: Matrix, b: Matrix, factor: Number = 1) -> list[list[Number]]:
    """`A + factor B`."""
    return [[x + factor * y for x, y in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)]


def scaled(factor: Number, a: Matrix) -> list[list[Number]]:
    """`factor A`."""
    return [[factor * x for x in row] for row in a]


def minor(a: Matrix, row: int, column: int) -> list[list[Number]]:
    """The matrix without one row and one column."""
    return [[x for j, x in enumerate(line) if j != column] for i, line in enumerate(a) if i != row]


def determinant(a: Matrix) -> Number:
    """By expansion along the first row."""
    if len(a) == 1:
        return a[0][0]
    return sum(((-x if j % 2 else x) * determinant(minor(a, 0, j)) for j, x in enumerate(a[0]) if x), 0)


def cofactors(a: Matrix) -> list[list[Number]]:
    """The signed minors; transposed, they are the adjugate."""
    places = range(len(a))
    return [[(-1) ** (i + j) * determinant(minor(a, i, j)) for j in places] for i in places]


def inverse(a: Matrix) -> list[list[Number]]:
    """`A` to the power -1; its determinant is not 0."""
    below = determinant(a)
    above = [[a[1][1], -a[0][1]], [-a[1][0], a[0][0]]] if len(a) == 2 else transposed(cofactors(a))
    return [[Fraction(x) / below for x in row] for row in above]


def drawn(draws: Iterator[float], rows: int, columns: int, size: int) -> list[list[int]]:
    """A matrix of integers in [-size, size]."""
    return [[between(next(draws), -size, size) for _ in range(columns)] for _ in range(rows)]


def invertible(draws: Iterator[float], size: int) -> list[list[int]]:
    """Two rows of integers other than 0 in [-size, size] whose determinant is not 0."""
    a, b, c, d = (nonzero(next(draws), size) for _ in range(4))
    return [[a, b], [c, d if a * d != b * c else -d]]


def unimodular(draws: Iterator[float], size: int, largest: int) -> list[list[Number]]:
    """A matrix of integers with determinant 1: to each row of the identity a multiple of the one before is added.

    It takes `size` draws.
    """
    rows: list[list[Number]] = [list(row) for row in identity(size)]
    for i in range(size):
        factor = nonzero(next(draws), largest)
        rows[i] = [x + factor * y for x, y in zip(rows[i], rows[i - 1], strict=True)]
    return rows


def mixed(draws: Iterator[float], a: Matrix, largest: int) -> list[list[int]]:
    """A matrix of integers with the same determinant: `U A V` with unimodular U and V."""
    left = unimodular(draws, len(a), largest)
    return _whole(times(times(left, a), unimodular(draws, len(a), largest)))


def conjugate(draws: Iterator[float], a: Matrix, largest: int) -> list[list[int]]:
    """A matrix of integers with the same eigenvalues: `U A U` to the -1 with a unimodular U."""
    basis = unimodular(draws, len(a), largest)
    return _whole(times(times(basis, a), inverse(basis)))


def diagonal(values: Vector) -> list[list[Number]]:
    """Values on the diagonal, 0 elsewhere."""
    return [[value if i == j else 0 for j in range(len(values))] for i, value in enumerate(values)]


def _whole(a: Matrix) -> list[list[int]]:
    """Entries known to be integers, as such."""
    return [[int(x) for x in row] for row in a]
