"""Solvers of the arithmetic families, from the text of a problem alone."""

from __future__ import annotations

import itertools
import math
import re
from decimal import Decimal
from fractions import Fraction

import sympy

from solvers.reading import X, expression, formulas, sides


def evaluate(question):
    """An expression."""
    return expression(formulas(question)[0])


def evaluate_nested(question):
    """As it stands, or solved for x."""
    if "For which" in question:
        return sympy.solve(sides(formulas(question)[1]), X)[0]
    return evaluate(question)


def follow_price(question):
    """Each change in turn; backwards where the last price is given."""
    price = Fraction(re.search(r"is (\d+) coins", question)[1])
    factors = [
        1 + Fraction(int(percent), 100) * (1 if verb == "rises" else -1)
        for verb, percent in re.findall(r"(rises|falls) by (\d+)%", question)
    ]
    for factor in factors:
        price = price / factor if "before all this" in question else price * factor
    return sympy.Rational(price)


def calculate_in_bases(question):
    """By Python's own numerals."""
    text = re.sub(r"(\d+)_\{(\d)\}", lambda match: str(int(match[1], int(match[2]))), question)
    base = int(re.search(r"in base (\d)\. ", text)[1])
    if given := re.search(r"number (\d+), given in base ten", text):
        value = int(given[1])
    elif equation := re.search(r"\$(\d+) \\cdot n \+ (\d+) = (\d+)\$", text):
        factor, shift, right = map(int, equation.groups())
        value = next(n for n in range(right) if factor * n + shift == right)
    else:
        value = int(expression(formulas(text)[0]))
    return int("".join(_digits(value, base)))


def _digits(value, base):
    places = next(n for n in range(40) if base**n > value)
    return [str(value // base**place % base) for place in reversed(range(places))]


def undo_rounding(question):
    """Decimal's rounding; otherwise all candidates, one by one."""
    plain = question.replace(",", "")
    numbers = [int(digits) for digits in re.findall(r"\d+", plain)]
    if nearest := re.search(r"nearest (ten thousand|ten|hundred|thousand)\.", plain):
        return _round(numbers[0], {"ten": 1, "hundred": 2, "thousand": 3, "ten thousand": 4}[nearest[1]])
    if digits := re.search(r"(one|two|three|four) significant digit", plain):
        kept = ("one", "two", "three", "four").index(digits[1]) + 1
        return math.prod(_round(number, len(str(number)) - kept) for number in numbers)
    if multiple := re.search(r"the (largest|smallest) multiple of (\d+) that is nearer to (\d+) .* of (\d+)\?", plain):
        divisor, target, place = map(int, multiple.groups()[1:])
        near = [n for n in range(target - place, target + place) if 2 * abs(n - target) < place and n % divisor == 0]
        return max(near) if multiple[1] == "largest" else min(near)
    if "metal" in plain:
        lengths = [10 * number for number in numbers[:4]]
        areas = [
            (lengths[0] + a) * (lengths[1] + b) - (lengths[2] + c) * (lengths[3] + d)
            for a, b, c, d in itertools.product((-5, 0, 5), repeat=4)
        ]
        return min(areas) if "least possible" in plain else max(areas)
    p, first, q, second = map(int, re.findall(r"\d+", plain.replace("nearest integer", "")))
    near = range(p * (first - 1), p * (first + 1))
    return sum(round(Fraction(n, p)) == first and round(Fraction(n, q)) == second for n in near)


def _round(number, places):
    return int(Decimal(number).quantize(Decimal(1).scaleb(places)))


SOLVERS = {
    "integer_expression": evaluate,
    "fraction_expression": evaluate,
    "nested_fraction": evaluate_nested,
    "decimal_expression": evaluate,
    "percentage": follow_price,
    "rounding": undo_rounding,
    "number_base": calculate_in_bases,
}
