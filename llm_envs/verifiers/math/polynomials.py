"""Polynomials in one variable with rational coefficients: reading them from a tree, and their real roots.

A polynomial is a tuple of Fractions, the constant term first, without zeros at the end; () is zero. Degrees and
coefficients are bounded, so that everything here takes milliseconds.

Source: D. E. Knuth, "The Art of Computer Programming" 2, 4.6.1 (greatest common divisors), 4.6.2 (Sturm's theorem).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from llm_envs.verifiers.math import exact
from llm_envs.verifiers.math.trees import Node, symbols

__all__ = ["Polynomial", "Quotient", "quotient", "real_roots", "value"]

Polynomial = tuple[Fraction, ...]
Quotient = tuple[Polynomial, Polynomial]
"""Numerator and denominator."""

MAX_DEGREE: Final = 8
MAX_BITS: Final = 400
"""Of a coefficient."""
ROOT_BITS: Final = 220
"""Halvings of the interval that a root is alone in: more than 50 digits."""
MAX_HALVINGS: Final = 200
"""Until every root has an interval of its own."""
MAX_DENOMINATOR: Final = 10**6
"""Of a rational root that is recognised."""
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


@functools.lru_cache(maxsize=256)
def real_roots(polynomial: Polynomial) -> tuple[Fraction, ...] | None:
    """The distinct real roots in order, irrational ones to some `ROOT_BITS` bits; None where they lie too close."""
    if len(polynomial) < 2:
        return ()
    simple = _divided(polynomial, _common_divisor(polynomial, _derivative(polynomial)))[0]
    chain = _sturm_chain(simple)
    bound = Fraction(1 << math.ceil(1 + max(abs(c / simple[-1]) for c in simple)).bit_length())
    places = _apart(chain, -bound, bound)
    if places is None:
        return None
    return tuple(_plain(simple, _refined(simple, low, high)) for low, high in places)


def _sturm_chain(simple: Polynomial) -> list[Polynomial]:
    """The polynomials whose changes of sign count the roots of one without multiple roots."""
    chain = [simple, _derivative(simple)]
    while len(chain[-1]) > 1:
        rest = _divided(chain[-2], chain[-1])[1]
        chain.append(tuple(-coefficient / abs(rest[-1]) for coefficient in rest))
    return chain


def _changes(chain: Sequence[Polynomial], place: Fraction) -> int:
    """Changes of sign along the chain; they fall by one at every root."""
    signs = [positive > 0 for positive in (value(polynomial, place) for polynomial in chain) if positive]
    return sum(left != right for left, right in itertools.pairwise(signs))


def _apart(chain: Sequence[Polynomial], low: Fraction, high: Fraction) -> list[tuple[Fraction, Fraction]] | None:
    """Intervals, each open below and closed above, with one root each."""
    open_ones = [(low, high, _changes(chain, low), _changes(chain, high))]
    found: list[tuple[Fraction, Fraction]] = []
    for _ in range(MAX_HALVINGS):
        if not open_ones:
            return sorted(found)
        low, high, at_low, at_high = open_ones.pop()
        if at_low - at_high == 1:
            found.append((low, high))
        elif at_low > at_high:
            middle = (low + high) / 2
            at_middle = _changes(chain, middle)
            open_ones += [(low, middle, at_low, at_middle), (middle, high, at_middle, at_high)]
    return None


def _refined(polynomial: Polynomial, low: Fraction, high: Fraction) -> Fraction:
    """The one root above `low` and up to `high`."""
    positive = value(polynomial, high)
    if positive == 0:
        return high
    for _ in range(ROOT_BITS):
        middle = (low + high) / 2
        sign = value(polynomial, middle)
        if sign == 0:
            return middle
        low, high = (low, middle) if (sign > 0) == (positive > 0) else (middle, high)
    return high


def _plain(polynomial: Polynomial, root: Fraction) -> Fraction:
    """A root that is a plain fraction is exactly that."""
    plain = root.limit_denominator(MAX_DENOMINATOR)
    return plain if value(polynomial, plain) == 0 else root
