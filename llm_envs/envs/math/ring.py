"""Polynomials with integer coefficients: the ring operations that families build their problems with.

A polynomial is the list of its coefficients, highest power first, as `numpy.polyval` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

__all__ = ["Polynomial", "from_roots", "plus", "power", "times", "value"]

Polynomial: TypeAlias = list[int]


def times(p: Sequence[int], q: Sequence[int]) -> Polynomial:
    """`p q`."""
    product = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b
    return product


def plus(p: Sequence[int], q: Sequence[int], factor: int) -> Polynomial:
    """`p + factor q`."""
    length = max(len(p), len(q))
    padded = ([0] * (length - len(p)) + [*p], [0] * (length - len(q)) + [*q])
    return [a + factor * b for a, b in zip(*padded, strict=True)]


def power(p: Sequence[int], exponent: int) -> Polynomial:
    """`p` to the power `exponent`."""
    product = [1]
    for _ in range(exponent):
        product = times(product, p)
    return product


def value(p: Sequence[int], x: int) -> int:
    """`p` at x, by Horner's rule."""
    total = 0
    for coefficient in p:
        total = total * x + coefficient
    return total


def from_roots(roots: Iterable[int]) -> Polynomial:
    """The monic polynomial with these roots."""
    product = [1]
    for root in roots:
        product = times(product, [1, -root])
    return product
