"""Polynomials with rational coefficients, highest power first: derivatives, primitives, values."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from llm_envs.envs.math.latex import Number

__all__ = ["primitive_of", "slope", "value"]


def slope(p: Sequence[int]) -> list[int]:
    """The derivative."""
    degree = len(p) - 1
    return [coefficient * (degree - i) for i, coefficient in enumerate(p[:-1])]


def primitive_of(p: Sequence[Number]) -> list[Number]:
    """The primitive that is 0 at 0."""
    degree = len(p)
    return [*(Fraction(coefficient) / (degree - i) for i, coefficient in enumerate(p)), 0]


def value(p: Sequence[Number], x: Number) -> Fraction:
    """At x, by Horner's rule."""
    total = Fraction(0)
    for coefficient in p:
        total = total * x + coefficient
    return total
