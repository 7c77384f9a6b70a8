"""The worked solutions of `llm/Math-v0` calculate rightly: every equation between plain numbers in them holds."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from llm_envs.envs.math import FAMILIES
from llm_envs.envs.math.problem import LEVELS

CONTRADICTION = "no solution"
"""A step with these words may show what cannot be."""

PROBLEMS = 10
"""Of each family and level."""

FORMULA = re.compile(r"\$([^$]+)\$")
FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
SIGNS = ((r"\left", ""), (r"\right", ""), (r"\cdot", "*"), (r"\times", "*"), (r"\div", "/"), ("{,}", ""), ("^", "**"))
PLAIN = re.compile(r"[\d\s.+*/()-]*\d[\d\s.+*/()-]*")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
LARGEST_EXPONENT = 99


def value(latex):
    """A calculation with plain numbers as a fraction; None where there is more in it, or less than a number."""
    text = latex
    for sign, plain in SIGNS:
        text = text.replace(sign, plain)
    while (flat := FRACTION.sub(r"((\1)/(\2))", text)) != text:
        text = flat
    text = re.sub(r"\*\*\{(-?\d+)\}", r"**(\1)", text)
    text = re.sub(r"(?<=[\d)])\s*(?=\()", "*", text)
    exponents = [int(exponent) for exponent in re.findall(r"\*\*\s*\(?(-?\d+)", text)]
    if not PLAIN.fullmatch(text) or max(map(abs, exponents), default=0) > LARGEST_EXPONENT:
        return None
    try:
        return Fraction(eval(NUMBER.sub(r"Fraction('\g<0>')", text), {"Fraction": Fraction}))
    except SyntaxError:
        return None


@pytest.mark.parametrize(
    ("latex", "number"),
    [
        (r"3 + 4 \cdot (-2)", Fraction(-5)),
        (r"\frac{1}{2} \div \left(-\frac{3}{4}\right)", Fraction(-2, 3)),
        (r"2(3 + 4)^2", Fraction(98)),
        (r"12.50 \times 4", Fraction(50)),
        (r"2^{10}", Fraction(1024)),
        ("3x", None),
        (r"\sqrt{4}", None),
        ("3 +", None),
    ],
)
def test_calculations_are_read(latex, number):
    """Sums, products, quotients and powers have values; what else there is has none."""
    assert value(latex) == number


@pytest.mark.parametrize("difficulty", LEVELS)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_equations_between_numbers_hold(family, difficulty):
    """In `a = b = c`, neighbours that are both calculations with plain numbers are equal."""
    for seed in range(PROBLEMS):
        for step in family.draw(np.random.default_rng([seed, difficulty, 3]), difficulty).steps:
            for formula in FORMULA.findall(step):
                for left, right in pairwise(formula.split(" = ")):
                    values = value(left), value(right)
                    assert None in values or values[0] == values[1] or CONTRADICTION in step, step
