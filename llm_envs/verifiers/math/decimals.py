"""Decimals: how exact a written decimal is, and what it may stand for.

A decimal reference of three digits and two places or more stands for a rounded number and goes by its own digits; an
answer in decimals to an exact reference must have so many digits that they single the reference out. A power of ten
behind the decimal (`6.02 \\times 10^{23}`) shifts its digits.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.trees import Node, symbols

__all__ = ["ROUND_TRIP_DIGITS", "Decimal", "is_cut_to", "is_within", "rounds_to", "written"]

ROUND_TRIP_DIGITS: Final = 7
"""So many significant digits single out an exact number: 0.3333333 is 1/3, 0.33 is not."""
ROUNDED_DIGITS: Final = 3
ROUNDED_PLACES: Final = 2
"""A decimal with so many significant digits and places stands for a rounded number: 3.14, but not 2.5."""
CUT_DIGITS: Final = 5
"""So long a decimal is right to its last digit, cut or rounded."""
MAX_SHIFT: Final = 400
"""Powers of ten beyond are no decimal any more."""


class Decimal(NamedTuple):
    """A decimal as it was written.

    Args:
        value: its value.
        shown: its decimal places as written, before any power of ten.
        places: the place of its last digit; below 0 where that is worth more than 1.
        digits: its significant digits.
    """

    value: Fraction
    shown: int
    places: int
    digits: int

    @property
    def is_rounded(self) -> bool:
        """It stands for every number that rounds to it."""
        return self.shown >= ROUNDED_PLACES and self.digits >= ROUNDED_DIGITS


def written(node: Node) -> Decimal | None:
    """A tree as a decimal; None where it is none."""
    if node[0] == "dec":
        return Decimal(node[1], node[2], node[2], len(str(abs(int(node[1] * 10 ** node[2])))))
    if node[0] == "neg":
        inner = written(node[1])
        return inner and inner._replace(value=-inner.value)
    if node[0] == "mul" and len(node[1]) == 2 and node[1][1][:2] == ("pow", ("num", 10)):
        mantissa, exponent = written(node[1][0]), exact.whole(node[1][1][2])
        if mantissa is not None and exponent is not None and abs(exponent) <= MAX_SHIFT:
            power = Fraction(10) ** exponent
            return mantissa._replace(value=mantissa.value * power, places=mantissa.places - exponent)
    return None


def rounds_to(node: Node, decimal: Decimal) -> bool:
    """The value of `node` rounds to `decimal` at the places that `decimal` shows."""
    return _is_near(node, decimal.value, Fraction(10) ** -decimal.places / 2)


def is_cut_to(node: Node, decimal: Decimal) -> bool:
    """`decimal` has `CUT_DIGITS` or more, and is the value of `node` with the further digits cut off."""
    if decimal.digits < CUT_DIGITS:
        return False
    half = Fraction(10) ** -decimal.places / 2 * (1 if decimal.value > 0 else -1)
    return _is_near(node, decimal.value + half, abs(half)) and exact.rational(node) != decimal.value + 2 * half


def is_within(node: Node, reference: Node, tolerance: float) -> bool:
    """The values of two closed expressions differ by no more than `tolerance` times that of the reference."""
    value = exact.rational(reference)
    if value is None and not symbols(reference):
        value = numeric.as_fraction(reference)
    return value is not None and _is_near(node, Fraction(value), abs(Fraction(value)) * Fraction(str(tolerance)))


def _is_near(node: Node, target: Fraction, distance: Fraction) -> bool:
    value = exact.rational(node)
    if value is not None:
        return abs(value - target) <= distance
    return not symbols(node) and numeric.within(node, target, distance)
