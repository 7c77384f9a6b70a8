"""Arithmetic: integer, fraction and decimal expressions, percentages in words.

An expression grows from its numbers: an operation joins two neighbours, until one term is left. The order in which
they were joined is the worked solution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod
from typing import Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np

from llm_envs.envs.math.latex import decimal, number
from llm_envs.envs.math.problem import Problem

__all__ = ["decimal_expression", "fraction_expression", "integer_expression", "percentage"]

_LARGEST_PRODUCT = 20_000
"""Products stay within what is multiplied on paper."""

_LARGEST_DENOMINATOR = 2_000
"""Common denominators stay within what is found by hand."""

_SUM, _QUOTIENT, _PRODUCT, _NUMBER = range(4)
"""How tightly a term holds together."""

_RESULT = {"+": _SUM, "-": _SUM, r"\times": _PRODUCT, r"\div": _QUOTIENT}
_BRACKETS_BELOW = {"+": (_SUM, _SUM), "-": (_SUM, _QUOTIENT), r"\times": (_PRODUCT, _PRODUCT), r"\div": (_NUMBER,) * 2}
"""Looser terms than these, left and right of the operation, stand in brackets."""


N = TypeVar("N", int, Fraction)


class _Term(NamedTuple, Generic[N]):
    text: str
    value: N
    tightness: int


Join: TypeAlias = Callable[[N, N, float], tuple[str, N]]


def integer_expression(rng: np.random.Generator, difficulty: int) -> Problem:
    """Evaluate an expression of `difficulty + 1` operations on integers."""
    count = difficulty + 2
    draws = rng.random(3 * count).tolist()
    spread = 900 if difficulty == 0 else 90
    return _evaluation([10 + int(spread * draw) for draw in draws[:count]], draws[count:], _join_integers)


def fraction_expression(rng: np.random.Generator, difficulty: int) -> Problem:
    """Evaluate an expression of `difficulty + 1` operations on fractions."""
    count = difficulty + 2
    draws = rng.random(4 * count).tolist()
    largest = 24 if difficulty == 0 else 12
    values = [_proper_fraction(largest, *pair) for pair in zip(draws[:count], draws[count : 2 * count], strict=True)]
    return _evaluation(values, draws[2 * count :], _join_fractions)


def decimal_expression(rng: np.random.Generator, difficulty: int) -> Problem:
    """Evaluate an expression of `difficulty + 1` operations on decimals."""
    count = difficulty + 2
    draws = rng.random(4 * count).tolist()
    values = [_decimal_number(*pair) for pair in zip(draws[:count], draws[count : 2 * count], strict=True)]
    return _evaluation(values, draws[2 * count :], _join_decimals, decimal)


def percentage(rng: np.random.Generator, difficulty: int) -> Problem:
    """Follow a price through its changes; from level 3 on, backwards."""
    *picks, item, size = rng.random((1, 2, 3, 2, 3, 4)[difficulty] + 2).tolist()
    changes = [_CHANGES[int(len(_CHANGES) * pick)] for pick in picks]
    factors = [Fraction(100 + change, 100) for change in changes]
    total = prod(factors)
    first = total.denominator * (1 + int(size * max(30, 4000 // total.denominator)))
    thing = _THINGS[int(len(_THINGS) * item)]
    if difficulty < 3:
        return _price_now(thing, first, changes, factors)
    return _price_at_first(thing, Fraction(first * total), changes, factors)


def _evaluation(
    values: Sequence[N], draws: Sequence[float], join: Join[N], write: Callable[[N], str] = number
) -> Problem:
    terms = [_Term(write(value), value, _NUMBER) for value in values]
    steps = []
    for place, choice in zip(draws[::2], draws[1::2], strict=True):
        if len(terms) == 1:
            break
        at = int(place * (len(terms) - 1))
        left, right = terms[at : at + 2]
        symbol, value = join(left.value, right.value, choice)
        second = f"({write(right.value)})" if right.value < 0 else write(right.value)
        steps.append(f"${write(left.value)} {symbol} {second} = {write(value)}$")
        terms[at : at + 2] = [_Term(_written(left, symbol, right), value, _RESULT[symbol])]
    return Problem(f"Evaluate ${terms[0].text}$.", write(terms[0].value), steps)


def _written(left: _Term[N], symbol: str, right: _Term[N]) -> str:
    left_limit, right_limit = _BRACKETS_BELOW[symbol]
    left_text = f"({left.text})" if left.tightness < left_limit else left.text
    right_text = f"({right.text})" if right.tightness < right_limit else right.text
    return f"{left_text} {symbol} {right_text}"


def _join_integers(left: int, right: int, choice: float) -> tuple[str, int]:
    """One of the four operations that keeps integers whole and small."""
    if choice > 0.4 and right not in (-1, 0, 1) and left and left % right == 0:
        return r"\div", left // right
    if choice > 0.5 and 0 < abs(left * right) <= _LARGEST_PRODUCT:
        return r"\times", left * right
    return ("+", left + right) if choice * 8 % 2 < 1 else ("-", left - right)


def _join_fractions(left: Fraction, right: Fraction, choice: float) -> tuple[str, Fraction]:
    """One of the four operations, the first from a random one on that keeps the denominator small."""
    first = int(4 * choice)
    for operation in range(first, first + 3):
        symbol, value = _operate(operation % 4, left, right)
        if value.denominator <= _LARGEST_DENOMINATOR:
            break
    return symbol, value


_DIVISORS = tuple(
    Fraction(digits, 1000) for digits in (20, 40, 50, 125, 160, 200, 250, 400, 500, 800, 1250, 1600, 2500)
)
"""Decimals by which every decimal can be divided exactly."""

_PLACES = 10**4
"""Results have at most four decimal places."""


def _decimal_number(kind: float, size: float) -> Fraction:
    if kind < 0.3:
        return _DIVISORS[int(size * len(_DIVISORS))]
    if kind < 0.65:
        return Fraction(11 + int(size * 980), 10)
    return Fraction(101 + int(size * 3900), 100)


def _join_decimals(left: Fraction, right: Fraction, choice: float) -> tuple[str, Fraction]:
    """A quotient or a product where one has few places; else a sum or a difference."""
    if choice > 0.4 and right in _DIVISORS and _is_short(left / right):
        return r"\div", left / right
    if choice > 0.5 and _is_short(left * right):
        return r"\times", left * right
    return ("+", left + right) if choice * 8 % 2 < 1 else ("-", left - right)


def _is_short(value: Fraction) -> bool:
    return 0 < abs(value) <= _LARGEST_PRODUCT and _PLACES % value.denominator == 0


def _operate(operation: int, left: Fraction, right: Fraction) -> tuple[str, Fraction]:
    if operation == 0:
        return "+", left + right
    if operation == 1 or not right:
        return "-", left - right
    return (r"\times", left * right) if operation == 2 else (r"\div", left / right)


def _proper_fraction(largest: int, lower: float, upper: float) -> Fraction:
    denominator = 2 + int((largest - 1) * lower)
    return Fraction(1 + int((denominator - 1) * upper), denominator)


_CHANGES = (-75, -60, -50, -40, -30, -25, -20, -10, 10, 20, 25, 30, 40, 50, 60, 75)
_THINGS = ("a bicycle", "a violin", "a lamp", "a ticket", "a carpet", "a telescope", "a kettle", "a chess set")


def _price_now(thing: str, first: int, changes: Sequence[int], factors: Sequence[Fraction]) -> Problem:
    price = Fraction(first)
    steps = []
    for change, factor in zip(changes, factors, strict=True):
        steps.append(
            f"After it {_told(change)}: ${decimal(price)} \\times {decimal(factor)} = {decimal(price * factor)}$."
        )
        price *= factor
    question = f"The price of {thing} is {first} coins. It {_story(changes)}. What is it then, in coins?"
    return Problem(question, number(price), steps)


def _price_at_first(thing: str, last: Fraction, changes: Sequence[int], factors: Sequence[Fraction]) -> Problem:
    price = last
    steps = ["Undo the changes, the last one first."]
    for change, factor in zip(reversed(changes), reversed(factors), strict=True):
        steps.append(
            f"Before it {_told(change)}: ${decimal(price)} \\div {decimal(factor)} = {decimal(price / factor)}$."
        )
        price /= factor
    question = (
        f"The price of {thing} {_story(changes)}. After that it is {decimal(last)} coins. "
        "What was it before all this, in coins?"
    )
    return Problem(question, number(price), steps)


def _told(change: int) -> str:
    return f"{'rises' if change > 0 else 'falls'} by {abs(change)}%"


def _story(changes: Sequence[int]) -> str:
    return ", then ".join(map(_told, changes))
