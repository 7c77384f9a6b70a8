"""Solvers of the calculus families, from the text of a problem alone."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise

import mpmath
import sympy

from solvers.reading import NAMES, X, expression, formulas, integers, sides


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


def take_limit(question):
    """The simplest fraction at hand where the function is evaluated very close to the point, in many digits."""
    at, function = re.search(r"\\lim_\{x \\to (.*?)\} (.*)\$", question).groups()
    function = expression(re.sub(r"(sin|cos|tan|ln)\(", r"\1 (", function))
    with mpmath.workdps(200):
        near = mpmath.mpf(10) ** 40 if at == r"\infty" else int(at) + mpmath.mpf(10) ** -40
        value = sympy.lambdify(X, function, "mpmath")(near)
        return sympy.Rational(Fraction(mpmath.nstr(value, 35)).limit_denominator(10**6))


def touch(question):
    """Left minus right of a line with the direction of the curve."""
    x, y = X, NAMES["y"]
    texts = formulas(question)
    if "is given by" in question:
        t = sympy.Symbol("t")
        curve = [expression(text.split(" = ")[1].replace("t", "x")).subs(X, t) for text in texts[:2]]
        at = {t: int(texts[2].split(" = ")[1])}
        (a, b), (u, v) = ([part.subs(at) for part in parts] for parts in (curve, [part.diff(t) for part in curve]))
        return v * (x - a) - u * (y - b)
    if "at the point $(" in question:
        curve = sides(re.sub(r"xy", "x y", texts[0]))
        a, b = integers(texts[1])
    else:
        curve = y - expression(texts[0].split(" = ")[1])
        a = int(texts[1].split(" = ")[1])
        b = sympy.solve(curve.subs(x, a), y)[0]
    along = [curve.diff(name).subs({x: a, y: b}) for name in (x, y)]
    if "normal" in question:
        along = [along[1], -along[0]]
    return along[0] * (x - a) + along[1] * (y - b)


def find_extremum(question):
    """The ends and all critical points, by SymPy."""
    x, y = X, NAMES["y"]
    texts = formulas(question)
    if "fence" in question:
        area, along, across = integers(question)
        cost = along * x + 2 * across * area / x
        return min(cost.subs(x, root) for root in sympy.solve(cost.diff(x), x) if root > 0)
    if "satisfy" in question:
        condition, form = sides(texts[2]), expression(texts[3])
        factor = sympy.Symbol("m")
        lagrangian = form - factor * condition
        found = sympy.solve([lagrangian.diff(name) for name in (x, y, factor)], [x, y, factor], dict=True)
        return form.subs(found[0])
    function = expression(re.sub(r"xy", "x y", texts[0].split(" = ")[1]))
    if "f(x, y)" in question:
        assert sympy.hessian(function, (x, y)).is_positive_definite
        return function.subs(sympy.solve([function.diff(x), function.diff(y)], [x, y]))
    places = sympy.roots(function.diff(X))
    if "interval" in question:
        low, high = integers(texts[1])
        places = [low, high, *(place for place in places if low < place < high)]
    choose = max if "greatest" in question else min
    return choose(function.subs(X, place) for place in places)


def solve_initial_value(question):
    """A sum of exponentials: each must fit the equation, the free ones the conditions."""
    equation = re.search(r"with \$(.*?)\$", question)[1].replace("y''", "w").replace("y'", "z")
    apart = sympy.expand(sides(equation))
    unknowns = [NAMES[name] for name in "yzw"]
    parts, forcing = [apart.coeff(name) for name in unknowns], -apart.subs(dict.fromkeys(unknowns, 0))
    conditions = re.findall(r"\$y('?)\((-?\d+)\) = (-?\d+)", question)
    if not parts[0]:
        ((_, place, height),) = conditions
        return int(height) + sympy.integrate(forcing, (X, int(place), X))
    free, solution = sympy.symbols("c:2"), sympy.S.Zero
    r = sympy.Symbol("r")
    characteristic = sum(part * r**power for power, part in enumerate(parts))
    for rate in {
        0,
        *map(int, re.findall(r"e\^\{(-?\d+)x\}", question.replace("{x}", "{1x}").replace("{-x}", "{-1x}"))),
    }:
        factor = forcing.coeff(sympy.exp(rate * X)) if rate else forcing.as_independent(X, as_Add=True)[0]
        solution += factor / characteristic.subs(r, rate) * sympy.exp(rate * X)
    solution += sum(c * sympy.exp(rate * X) for c, rate in zip(free, sympy.roots(characteristic, r), strict=False))
    known = [
        (solution.diff(X) if prime else solution).subs(X, int(place)) - int(height)
        for prime, place, height in conditions
    ]
    return solution.subs(sympy.solve(known, free[: len(known)]))


def revolve(question):
    """Pappus: area times the way of its centre, by integrals over the region."""
    curves = [expression(text.split(" = ")[1]) for text in re.findall(r"\$(y = [^$]*x[^$]*)\$", question)]
    axis = re.search(r"the line \$([xy]) = (-?\d+)\$", question)
    name, level = axis.groups() if axis else ("y" if "about the $x$-axis" in question else "x", 0)
    if "enclosed by" in question:
        ends = sorted(sympy.solve(curves[0] - curves[1], X))
    else:
        curves, ends = [*curves, sympy.S.Zero], [int(end) for end in re.findall(r"x = (-?\d+)\$", question)]
    y = NAMES["y"]
    apart = y - int(level) if name == "y" else X - int(level)
    moment = sympy.integrate(sympy.integrate(apart, (y, curves[1], curves[0])), (X, *ends))
    return 2 * sympy.pi * abs(moment)


def differentiate_often(question):
    """The coefficient is a derivative at 0 over a factorial; derivatives from values near 0, by Cauchy's integral."""
    function = re.search(r"f\(x\) = (.*?)\$", question)[1]
    function = sympy.lambdify(X, expression(re.sub(r"(ln)\(", r"\1 (", function)), "mpmath")
    power = int(re.search(r"coefficient of \$x\^(\d)\$", question)[1])
    with mpmath.workdps(60):
        value = mpmath.taylor(function, 0, power)[power]
        return sympy.Rational(Fraction(mpmath.nstr(value, 25)).limit_denominator(10**6))


def integrate_in_digits(question):
    """By quadrature, in more digits than anybody needs."""
    low, high, integrand = re.search(r"\\int_\{(.*?)\}\^\{(.*)\} (\S.*) \\, dx", question).groups()
    integrand = re.sub(r"(sin|cos)\(", r"\1 (", integrand)
    with mpmath.workdps(50):
        ends = [mpmath.mpf(str(expression(end).evalf(50))) for end in (low, high)]
        value = mpmath.quad(sympy.lambdify(X, expression(integrand), "mpmath"), ends)
        return sympy.Float(mpmath.nstr(value, 45), 45)


SOLVERS = {
    "derivative": differentiate,
    "integral": integrate,
    "limit": take_limit,
    "tangent_line": touch,
    "extremum": find_extremum,
    "initial_value": solve_initial_value,
    "revolution": revolve,
    "series_coefficient": differentiate_often,
    "exact_integral": integrate_in_digits,
}
