"""Polynomials in one variable with rational coefficients: reading them from a tree, and their real roots.

A polynomial is a tuple of Fractions, the constant term first, without zeros at the end; () is zero. Degrees and
coefficients are bounded, so that everything here takes milliseconds.

Source: D. E. Knuth, "The Art of Computer Programming" 2, 4.6.1 (greatest common divisors), 4.6.2 (Sturm's theorem).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import mpmath  # type: ignore[import-untyped]

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.trees import Node, symbols

__all__ = ["Polynomial", "Quotient", "quotient", "real_roots", "value"]

Polynomial = tuple[Fraction, ...]
Quotient = tuple[Polynomial, Polynomial]
"""Numerator and denominator."""

MAX_DEGREE: Final = 16
MAX_BITS: Final = 2000
"""Of a coefficient."""
ROOT_DIGITS: Final = 60
MAX_STEPS: Final = 200
"""Of the search for the roots; simple roots need some twenty."""
_ONE: Final[Polynomial] = (Fraction(1),)


def quotient(node: Node, name: str) -> Quotient | None:
    """The tree as a quotient of polynomials in `name`; None where it is none, or too large a one.

    Raises:
        Undefined: it divides by zero.
    """
    if not symbols(node):
        constant = exact.rational(node)
        return None if constant is None else (_trimmed((Fraction(constant),)), _ONE)
    if node[0] == "sym":
        return (Fraction(0), Fraction(1)), _ONE
    if node[0] not in {"add", "mul", "div", "neg", "pow"}:
        return None
    if node[0] == "pow":
        return _power(node, name)
    parts = [quotient(part, name) for part in (node[1] if node[0] in {"add", "mul"} else node[1:])]
    read = [part for part in parts if part is not None]
    return _combined(node[0], read) if len(read) == len(parts) else None


def _combined(kind: str, parts: Sequence[Quotient]) -> Quotient | None:
    first = parts[0]
    if kind == "neg":
        return _product(first[0], (Fraction(-1),)), first[1]
    for above, below in parts[1:]:
        if kind == "add":
            first = _sum(_product(first[0], below), _product(above, first[1])), _product(first[1], below)
        else:
            factor = (above, below) if kind == "mul" else (below, above)
            first = _product(first[0], factor[0]), _product(first[1], factor[1])
        if not all(map(_is_small, first)):
            return None
    if not first[1]:
        raise exact.Undefined("division by zero")
    return first


def _power(node: Node, name: str) -> Quotient | None:
    base, exponent = quotient(node[1], name), exact.whole(node[2])
    if base is None or exponent is None or not 0 <= exponent <= MAX_DEGREE:
        return None
    return _combined("mul", [(_ONE, _ONE), *[base] * exponent])


def _is_small(polynomial: Polynomial) -> bool:
    return len(polynomial) <= MAX_DEGREE + 1 and all(
        coefficient.numerator.bit_length() + coefficient.denominator.bit_length() <= MAX_BITS
        for coefficient in polynomial
    )


# Arithmetic


def value(polynomial: Polynomial, place: Fraction) -> Fraction:
    """The value at `place`, by Horner's scheme."""
    result = Fraction(0)
    for coefficient in reversed(polynomial):
        result = result * place + coefficient
    return result


def _trimmed(coefficients: Sequence[Fraction]) -> Polynomial:
    end = len(coefficients)
    while end and not coefficients[end - 1]:
        end -= 1
    return tuple(coefficients[:end])


def _sum(left: Polynomial, right: Polynomial) -> Polynomial:
    return _trimmed([a + b for a, b in itertools.zip_longest(left, right, fillvalue=Fraction(0))])


def _product(left: Polynomial, right: Polynomial) -> Polynomial:
    result = [Fraction(0)] * max(len(left) + len(right) - 1, 0)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            result[i + j] += a * b
    return _trimmed(result)


def _divided(left: Polynomial, right: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Quotient and remainder."""
    rest, result = list(left), [Fraction(0)] * max(len(left) - len(right) + 1, 0)
    for place in reversed(range(len(result))):
        result[place] = rest[place + len(right) - 1] / right[-1]
        for index, coefficient in enumerate(right):
            rest[place + index] -= result[place] * coefficient
    return _trimmed(result), _trimmed(rest[: len(right) - 1])


def _derivative(polynomial: Polynomial) -> Polynomial:
    return tuple(power * coefficient for power, coefficient in enumerate(polynomial))[1:]


def _common_divisor(left: Polynomial, right: Polynomial) -> Polynomial:
    while right:
        left, right = right, _divided(left, right)[1]
        right = tuple(coefficient / right[-1] for coefficient in right)
    return left


# Roots


def real_roots(polynomial: Polynomial) -> list[Fraction] | None:
    """The distinct real roots in order, irrational ones to `ROOT_DIGITS` digits; None where they are not found."""
    if len(polynomial) < 2:
        return []
    simple = _divided(polynomial, _common_divisor(polynomial, _derivative(polynomial)))[0]
    count = _count_real_roots(simple)
    if not count:
        return []
    with numeric.precision(ROOT_DIGITS):
        coefficients = [mpmath.mpf(c.numerator) / c.denominator for c in reversed(simple)]
        try:
            found = mpmath.polyroots(coefficients, maxsteps=MAX_STEPS, extraprec=MAX_STEPS)
        except mpmath.libmp.NoConvergence:
            return None
    nearest = sorted(found, key=lambda root: abs(mpmath.im(root)))[:count]
    return sorted(_rational_or_near(simple, numeric.fraction(mpmath.re(root))) for root in nearest)


def _rational_or_near(polynomial: Polynomial, root: Fraction) -> Fraction:
    """A root that is a plain fraction is exactly that."""
    plain = root.limit_denominator(10**6)
    return plain if value(polynomial, plain) == 0 else root


def _count_real_roots(simple: Polynomial) -> int:
    """By Sturm's theorem, for a polynomial without multiple roots."""
    chain = [simple, _derivative(simple)]
    while len(chain[-1]) > 1:
        chain.append(tuple(-coefficient for coefficient in _divided(chain[-2], chain[-1])[1]))
    highest = [polynomial[-1] for polynomial in chain if polynomial]
    lowest = [polynomial[-1] * (-1) ** (len(polynomial) - 1) for polynomial in chain if polynomial]
    return _changes(lowest) - _changes(highest)


def _changes(values: Sequence[Fraction]) -> int:
    """Changes of sign along a sequence without zeros."""
    return sum((left > 0) != (right > 0) for left, right in itertools.pairwise(values))
