"""Solvers of the arithmetic families, from the text of a problem alone."""

from __future__ import annotations

import re
from fractions import Fraction

import sympy

from solvers.reading import expression, formulas


def evaluate(question):
    """An expression."""
    return expression(formulas(question)[0])


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


SOLVERS = {
    "integer_expression": evaluate,
    "fraction_expression": evaluate,
    "percentage": follow_price,
}
