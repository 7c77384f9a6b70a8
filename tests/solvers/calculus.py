"""Solvers of the calculus families, from the text of a problem alone."""

from __future__ import annotations

import re
from itertools import pairwise

import sympy

from solvers.reading import X, expression, formulas


def integrate(question):
    """Integrals, areas between zeros or crossings."""
    if integral := re.search(r"\\int_\{(-?\d+)\}\^\{(-?\d+)\} ([(|])(.*)[)|] \\, dx", question):
        low, high, bracket, text = integral.groups()
        integrand = expression(text)
        return sympy.integrate(abs(integrand) if bracket == "|" else integrand, (X, int(low), int(high)))
    curves = [expression(text.split(" = ")[1]) for text in formulas(question) if text.startswith("y = ")]
    height = curves[0] - (curves[1] if len(curves) > 1 else 0)
    crossings = sorted(sympy.solve(height, X))
    pieces = [sympy.integrate(height, (X, *ends)) for ends in pairwise(crossings)]
    return sum(map(abs, pieces))


def differentiate(question):
    """By the rules."""
    return sympy.diff(expression(re.search(r"f\(x\) = (.*?)\$", question)[1]), X)


SOLVERS = {
    "derivative": differentiate,
    "integral": integrate,
}
