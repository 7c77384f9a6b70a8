"""Solvers of the algebra families, from the text of a problem alone."""

from __future__ import annotations

import re

import sympy

from solvers.reading import NAMES, X, expression, formulas, sides


def solve_for_x(question):
    """A linear equation."""
    (solution,) = sympy.solve(sides(formulas(question)[1]), X)
    return solution


def solve_system(question):
    """A linear system."""
    unknowns, system = formulas(question)
    symbols = [NAMES[name] for name in re.findall(r"[wxyz]", unknowns)]
    lines = system.removeprefix(r"\begin{cases} ").removesuffix(r" \end{cases}").split(r" \\ ")
    (solution,) = sympy.linsolve([sides(line) for line in lines], symbols)
    return sympy.Tuple(*solution)


def find_coefficient(question):
    """Expand, and look."""
    term, text, *functions = formulas(question)
    if functions:
        f, g = (expression(function.split(" = ")[1]) for function in functions)
        whole = f.subs(X, g)
    else:
        whole = expression(text)
    return sympy.Poly(sympy.expand(whole), X).coeff_monomial(expression(term))


def find_polynomial(question):
    """Interpolate, divide or substitute."""
    if points := re.findall(r"p\((-?\d+)\) = (-?\d+)", question):
        return sympy.interpolate([(int(x), int(y)) for x, y in points], X)
    texts = formulas(question)
    if "remainder" in question:
        return sympy.rem(expression(texts[0]), expression(texts[1]), X)
    inside, right = re.search(r"\$p\((.*?)\) = (.*?)\$", question).groups()
    return expression(right).subs(X, 2 * X - expression(inside))


def find_roots(question):
    """All real solutions."""
    return sympy.solveset(sides(formulas(question)[0]), X, sympy.S.Reals)


def solve_inequality(question):
    """Where it holds."""
    left, relation, right = re.fullmatch(r"(.*) (<|>|\\le|\\ge) (.*)", formulas(question)[1]).groups()
    relations = {"<": sympy.Lt, ">": sympy.Gt, r"\le": sympy.Le, r"\ge": sympy.Ge}
    holds = relations[relation](expression(left), expression(right))
    return sympy.solve_univariate_inequality(holds, X, relational=False)


SOLVERS = {
    "linear_equation": solve_for_x,
    "linear_system": solve_system,
    "coefficient": find_coefficient,
    "polynomial_search": find_polynomial,
    "quadratic_equation": find_roots,
    "inequality": solve_inequality,
}
