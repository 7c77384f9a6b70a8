"""Solvers of the number theory families, from the text of a problem alone."""

from __future__ import annotations

import re
from itertools import count
from math import gcd, lcm

from solvers.reading import formulas, integers


def divide(question):
    """Greatest common divisors and least common multiples by the standard library, counts by counting."""
    numbers = integers(question)
    if "greatest common divisor" in question:
        return gcd(*numbers)
    if "least common multiple" in question:
        return lcm(*numbers)
    _, limit, *divisors = numbers
    hit = [any(n % divisor == 0 for divisor in divisors) for n in range(1, limit + 1)]
    return sum(hit) if "none of" not in question else limit - sum(hit)


def take_remainder(question):
    """Modular powers by Python."""
    modulus = integers(question)[-1]
    total = 0
    for term in formulas(question)[0].split(" + "):
        value = 1
        for factor in term.split(r" \cdot "):
            base, *exponents = integers(factor)
            value *= pow(base, exponents[0] ** (exponents[1] if len(exponents) > 1 else 1) if exponents else 1, modulus)
        total += value
    return total % modulus


def solve_congruences(question):
    """Try 0, 1, 2, and so on."""
    system = re.findall(r"(?:(\d*)x)( \+ \d+)? \\equiv (\d+) \\pmod\{(\d+)\}", question)
    rows = [(int(a or 1), int((b or "0").replace("+", "")), int(c), int(m)) for a, b, c, m in system]
    return next(x for x in count() if all((a * x + b - c) % m == 0 for a, b, c, m in rows))


SOLVERS = {
    "divisibility": divide,
    "remainder": take_remainder,
    "congruence": solve_congruences,
}
