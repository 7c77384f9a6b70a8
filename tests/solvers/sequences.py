"""Solvers of the sequences families, from the text of a problem alone."""

from __future__ import annotations

import re
from fractions import Fraction

import mpmath
import sympy

from solvers.reading import NAMES, X, expression, formulas, integers


def find_term(question):
    """Write the terms down one by one."""
    if "a_{n" in question:
        return recur(question)
    texts = formulas(question)
    if texts[0].startswith(r"\sum"):
        last, rule = re.fullmatch(r"\\sum_\{k=1\}\^\{(\d+)\} \((.*)\)", texts[0]).groups()
        rule = expression(rule)
        return sum(rule.subs(NAMES["k"], k) for k in range(1, int(last) + 1))
    terms = integers(texts[0])
    place = integers(question)[-1]
    while len(terms) < place:
        arithmetic = "arithmetic" in question
        terms.append(terms[-1] + terms[1] - terms[0] if arithmetic else terms[-1] * terms[1] // terms[0])
    return sum(terms) if "sum of its first" in question else terms[place - 1]


def recur(question):
    """A recurrence, step by step."""
    terms = [int(value) for value in re.findall(r"a_\d+ = (-?\d+)", question)]
    order = len(terms)
    rule = re.search(r"a_\{n\+\d\} = (.*?)\$", question)[1].replace("a_{n+1}", "y").replace("a_n", "z")
    rule = expression(rule)
    place = int(re.search(r"What is \$a_(\d+)", question)[1])
    while len(terms) < place:
        terms.append(rule.subs({NAMES["y"]: terms[-1], NAMES["z"]: terms[-order]}))
    return terms[place - 1]


def add_series(question):
    """Term by term; infinite sums in many digits, and the simplest fraction there."""
    text = formulas(question)[0]
    if "geometric" in question:
        first, second, third = shown(text)
        assert second * second == first * third
        return first / (1 - second / first)
    start, end, rule = re.fullmatch(r"\\sum_\{k=(\d)\}\^\{(.*?)\} (.*)", text).groups()
    rule = expression(rule)
    if end != r"\infty":
        return sum(rule.subs(NAMES["k"], k) for k in range(int(start), int(end) + 1))
    term = sympy.lambdify(NAMES["k"], rule, "mpmath")
    with mpmath.workdps(40):
        total = sum(map(term, map(mpmath.mpf, range(int(start), 1500)))) if "^k" in text else far_sum(term, start)
        return sympy.Rational(Fraction(mpmath.nstr(total, 30)).limit_denominator(10**10))


def far_sum(term, start):
    """Of terms that fall slowly, by extrapolation."""
    return mpmath.nsum(term, [int(start), mpmath.inf])


def shown(text):
    """The terms of a sum, in the order in which they are written."""
    terms = re.findall(r"(?:^|[+-] ?)(?:\d+|\\frac\{\d+\}\{\d+\})|^-(?:\d+|\\frac\{\d+\}\{\d+\})", text)
    return [expression(term.replace("- ", "-").lstrip("+ ")) for term in terms]


def fit(values, functions, start):
    """The combination of functions of x with these values from `start` on; the values are more than enough."""
    places = range(start, start + len(values))
    rows = sympy.Matrix([[function.subs(X, place) for function in functions] for place in places])
    weights = rows.gauss_jordan_solve(sympy.Matrix(values))[0]
    return sum(weight * function for weight, function in zip(weights, functions, strict=True))


def find_sum(question):
    """Add up for the first x, and fit."""
    low, high, rule = re.search(r"\\sum_\{k=(.*?)\}\^\{(.*?)\} (.*?)\$", question).groups()
    low, high, rule = expression(low), expression(high), expression(rule)
    values = [sum(rule.subs(NAMES["k"], k) for k in range(low.subs(X, x), high.subs(X, x) + 1)) for x in range(1, 9)]
    base = re.search(r"(\d+)\^k", question)
    functions = [sympy.Integer(1), X, X**2]
    functions += [int(base[1]) ** X, X * int(base[1]) ** X] if base else [X**3, X**4]
    return fit(values, functions, 1)


def find_formula(question):
    """Compute the first terms, and fit."""
    known = {int(place): int(value) for place, value in re.findall(r"a_\{?(\d+)\}? = (-?\d+)", question)}
    if "arithmetic" in question:
        (early, first), (late, second) = known.items()
        return first + (X - early) * sympy.Rational(second - first, late - early)
    rule = (
        re.search(r"a_\{n\+\d\} = (.*?)\$", question)[1].replace("a_{n+1}", "y").replace("a_n", "z").replace("n", "x")
    )
    rule, terms = expression(rule), list(known.values())
    while len(terms) < 9:
        now = {NAMES["y"]: terms[-1], NAMES["z"]: terms[-len(known)], X: len(terms) - 1}
        terms.append(rule.subs(now))
    r = sympy.Symbol("r")
    bases = sympy.roots(r**2 - r * rule.coeff(NAMES["y"]) - rule.coeff(NAMES["z"]), r)
    if len(known) == 1:
        bases = {rule.coeff(NAMES["z"]): 1}
    functions = [sympy.Integer(1), X, X**2]
    functions += [X**power * base**X for base, times in bases.items() if base != 1 for power in range(times)]
    return fit(terms, functions, 0)


SOLVERS = {
    "sequence": find_term,
    "series": add_series,
    "closed_sum": find_sum,
    "recurrence": find_formula,
}
