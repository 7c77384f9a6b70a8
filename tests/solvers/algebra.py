"""Solvers of the algebra families, from the text of a problem alone."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import mpmath
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


def solve_absolute(question):
    """Take every choice of signs, solve, and keep what solves the equation itself."""
    text = re.sub(r"\\big\|(.*)\\big\|", r"Abs(\1)", formulas(question)[0])
    left, right = re.sub(r"\|([^|]*)\|", r" Abs(\1)", text).split(" = ")
    difference = expression(left) - expression(right)
    candidates = {root for branch in _branches(difference) for root in sympy.solve(branch, X)}
    return sympy.FiniteSet(*(root for root in candidates if difference.subs(X, root) == 0))


def _branches(difference):
    for size in difference.atoms(sympy.Abs):
        if not any(size in other.args[0].atoms(sympy.Abs) for other in difference.atoms(sympy.Abs)):
            for sign in (1, -1):
                yield from _branches(difference.xreplace({size: sign * size.args[0]}))
            return
    yield difference


LOGARITHM = re.compile(r"([+-]? ?\d*)\\log_\{(\d+)\}\(([^()]*)\)")


def solve_exponential(question):
    """Powers by bisection, logarithms by taking powers and leaving out what has no logarithm."""
    (equation,) = formulas(question)
    return _solve_logarithms(equation) if "log" in equation else _bisect(sympy.lambdify(X, sides(equation), "mpmath"))


def _bisect(value):
    low, high = mpmath.mpf(-300), mpmath.mpf(300)
    assert value(low) * value(high) < 0
    while high - low > mpmath.mpf(10) ** -12:
        middle = (low + high) / 2
        low, high = (middle, high) if value(low) * value(middle) > 0 else (low, middle)
    return sympy.Rational(Fraction(float(low)).limit_denominator(500))


def _solve_logarithms(equation):
    left, right = equation.split(" = ")
    constant = int(right) - int(LOGARITHM.sub("", left).replace(" ", "") or 0)
    terms = [(_coefficient(c), int(base), expression(inside)) for c, base, inside in LOGARITHM.findall(left)]
    root = min(base for _, base, _ in terms)
    exponents = [sympy.Rational(c) / sympy.Integer(round(math.log(base, root))) for c, base, _ in terms]
    scale = math.lcm(*(int(exponent.q) for exponent in exponents))
    product = sympy.prod(inside ** (scale * power) for power, (_, _, inside) in zip(exponents, terms, strict=True))
    numerator = sympy.numer(sympy.together(product - sympy.Integer(root) ** (scale * constant)))
    roots = sympy.roots(sympy.Poly(numerator, X))
    (solution,) = [x for x in roots if x.is_real and all(inside.subs(X, x) > 0 for _, _, inside in terms)]
    return solution


def _coefficient(text):
    digits = text.replace(" ", "")
    return int(f"{digits}1") if digits in {"", "+", "-"} else int(digits)


def find_surd(question):
    """An integer relation between the number's digits, 1 and the root; or the square's largest square factor."""
    text, form = formulas(question)[:2]
    number = expression(text)
    if form == r"a\sqrt{b}":
        square = sympy.expand(number**2)
        factor = max(a for a in range(1, 2000) if square % (a * a) == 0)
        return factor + square // factor**2
    radicand = int(re.search(r"sqrt\{(\d+)\}", form)[1])
    with mpmath.workdps(60):
        digits = [mpmath.mpf(str(sympy.N(value, 70))) for value in (number, sympy.Integer(1), sympy.sqrt(radicand))]
        relation = mpmath.pslq(digits, maxcoeff=10**9, maxsteps=10**5)
    scale, whole, factor = relation
    return sympy.Rational(-whole - factor, scale)


def find_complex(question):
    """SymPy's own arithmetic with i, or two real equations."""
    a, b = sympy.symbols("a b", real=True)

    def read(latex):
        text = latex.replace(r"\overline{z}", "conj").replace("z", " z").replace("conj", " zc ")
        names = {"i": sympy.I, "z": a + sympy.I * b, "zc": a - sympy.I * b}
        return sympy.expand(_with_names(text, names))

    if "satisfies" in question:
        left, right = re.search(r"satisfies \$(.*?) = (.*?)\$", question).groups()
        difference = sympy.expand(read(left) - read(right))
        values = sympy.solve([sympy.re(difference), sympy.im(difference)], [a, b])
        return values[a] + values[b]
    value = sympy.expand(sympy.simplify(read(formulas(question)[0])))
    return sympy.re(value) + sympy.im(value)


def _with_names(text, names):
    """An expression in which these names have values."""
    symbols = {sympy.Symbol(name): value for name, value in names.items()}
    return expression(re.sub(r"(?<=\d)i", " i", text)).subs(symbols)


def evaluate_at_roots(question):
    """At the roots' own digits, and back to a fraction."""
    *names, polynomial, asked = formulas(question)
    with mpmath.workdps(40):
        coefficients = [int(c) for c in sympy.Poly(expression(polynomial), X).all_coeffs()]
        roots = mpmath.polyroots(coefficients, maxsteps=2000, extraprec=400)
        asked = expression(re.sub(r"(?<=[rst])(?=[rst])", " ", asked))
        value = sympy.lambdify([NAMES[name] for name in names], asked, "mpmath")(*roots)
        assert abs(mpmath.im(value)) < 1e-12
        return sympy.Rational(Fraction(str(mpmath.re(value))).limit_denominator(10**5))


def find_function_value(question):
    """Substitute, or solve; a functional equation is a linear system along the orbit of the place asked for."""
    definitions = {name: expression(text) for name, text in re.findall(r"\$([fg])\(x\) = (.*?)\$", question)}
    if not definitions:
        return _from_functional_equation(question)
    if composed := re.search(r"\$f\(g\(x\)\) = (-?\d+)\$", question):
        return sympy.solve(definitions["f"].subs(X, definitions["g"]) - int(composed[1]), X)[0]
    if inverse := re.search(r"f\^\{-1\}\((-?\d+)\)", question):
        return sympy.solve(definitions["f"] - int(inverse[1]), X)[0]
    calls, start = re.search(r"What is \$([fg(]+)(-?\d+)\)+\$", question).groups()
    value = sympy.Integer(start)
    for name in reversed(calls.replace("(", "")):
        value = definitions[name].subs(X, value)
    return value


def _from_functional_equation(question):
    p, q, inside, right, place = re.search(
        r"\$(\d*)f\(x\) \+ (\d*)f(?:\\left)?\((.*?)(?:\\right)?\) = ([^$]*)\$.*What is \$f\((-?\d+)\)\$", question
    ).groups()
    other, side, orbit = expression(inside), expression(right), [sympy.Integer(place)]
    while (following := other.subs(X, orbit[-1])) not in orbit:
        orbit.append(following)
    values = sympy.symbols(f"f:{len(orbit)}")
    equations = [
        int(p or 1) * values[i] + int(q or 1) * values[(i + 1) % len(orbit)] - side.subs(X, at)
        for i, at in enumerate(orbit)
    ]
    return sympy.linsolve(equations, values).args[0][0]


SOLVERS = {
    "linear_equation": solve_for_x,
    "linear_system": solve_system,
    "coefficient": find_coefficient,
    "polynomial_search": find_polynomial,
    "quadratic_equation": find_roots,
    "inequality": solve_inequality,
    "absolute_value_equation": solve_absolute,
    "exponential_equation": solve_exponential,
    "surd": find_surd,
    "complex_number": find_complex,
    "root_expression": evaluate_at_roots,
    "function_value": find_function_value,
}
