r"""Solves the problems of `llm/Math-v0` again, from their text alone and by other means, and compares the answers.

The solvers know nothing of how a problem was made: SymPy solves what it can, the rest is counted out by brute force.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import count, pairwise, product
from math import comb, gcd, lcm

import numpy as np
import pytest
import sympy
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations

from llm_envs.envs.math import FAMILIES
from llm_envs.envs.math.problem import LEVELS

PROBLEMS = 12
"""Of each family and level; enough to meet every branch of a family."""

X = sympy.Symbol("x", real=True)
NAMES = {"x": X} | {name: sympy.Symbol(name) for name in "wyzk"}


def expression(latex):
    r"""LaTeX as the families write it, as SymPy."""
    text = latex.replace(r"\left", "").replace(r"\right", "").replace(r"\,", "")
    text = re.sub(r"e\^\{([^{}]*)\}", r" exp(\1)", text)
    while (flat := re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", r"((\1)/(\2))", text)) != text:
        text = flat
    text = re.sub(r"\\sqrt\{(\d+)\}", r"sqrt(\1)", text)
    for command, plain in ((r"\times", "*"), (r"\cdot", "*"), (r"\div", "/"), (r"\infty", "oo"), ("^", "**")):
        text = text.replace(command, plain)
    transformations = (*standard_transformations, implicit_multiplication)
    return parse_expr(text.replace("\\", " "), local_dict=NAMES, transformations=transformations)


def formulas(question):
    """What stands between dollar signs."""
    return re.findall(r"\$(.+?)\$", question)


def integers(question):
    """All whole numbers in a text."""
    return [int(digits) for digits in re.findall(r"-?\d+", question)]


def sides(equation):
    """Left minus right."""
    left, right = equation.split(" = ")
    return expression(left) - expression(right)


# Numbers


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


def solve_for_x(question):
    """A linear equation."""
    (solution,) = sympy.solve(sides(formulas(question)[1]), X)
    return solution


def find_coefficient(question):
    """Expand, and look."""
    term, text, *functions = formulas(question)
    if functions:
        f, g = (expression(function.split(" = ")[1]) for function in functions)
        whole = f.subs(X, g)
    else:
        whole = expression(text)
    return sympy.Poly(sympy.expand(whole), X).coeff_monomial(expression(term))


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


def ways(sizes, chosen, holds):
    """Choices of `chosen` things out of groups of these sizes whose numbers by group hold a condition."""
    return sum(
        np.prod([comb(n, k) for n, k in zip(sizes, split, strict=True)], dtype=object)
        for split in product(*(range(min(size, chosen) + 1) for size in sizes))
        if sum(split) == chosen and holds(*split)
    )


def count_committees(question):
    """Add up all ways to divide the seats among the groups."""
    numbers = integers(question)
    if "order does not matter" in question:
        half = len(numbers) // 2
        return ways(numbers[half:], sum(numbers[:half]), lambda *split: list(split) == numbers[:half])
    if "at least one of" in question or "at least two of" in question:
        least = 1 if "least one of" in question else 2
        return ways(numbers[1:], numbers[0], lambda first, _: first >= least)
    if "refuse to serve together" in question:
        j, k, m, n = numbers
        groups = (1, m - 1, 1, n - 1)
        return ways(groups, j + k, lambda a, b, c, d: a + b == j and c + d == k and not (a and c))
    return ways(numbers[1:], numbers[0], lambda *split: min(split) > 0)


def draw_balls(question):
    """Count the draws that are asked for, and all draws."""
    if "Urn A" in question:
        red_a, blue_a, red_b, blue_b = integers(question)[:4]
        rolled = 1 if "a 1 means" in question else int(re.search(r"at most (\d)", question)[1])
        first = Fraction(rolled, 6) * red_a * (red_a - 1) / ((red_a + blue_a) * (red_a + blue_a - 1))
        second = Fraction(6 - rolled, 6) * red_b * (red_b - 1) / ((red_b + blue_b) * (red_b + blue_b - 1))
        return sympy.Rational(first / (first + second))
    balls = integers(question)[:3]
    word = re.search(r"(\w+) balls? (?:is|are) drawn", question)[1]
    drawn = ("One", "Two", "Three", "Four", "Five").index(word) + 1
    colour = re.search(r"(red|blue|green)\?$", question)
    wanted = ("red", "blue", "green").index(colour[1]) if colour else 0
    conditions = {
        "same colour": lambda *split: max(split) == drawn,
        "exactly two": lambda red, *_: red == 2,
        "at least two": lambda red, *_: red >= 2,
        "": lambda *split: split[wanted] == drawn,
    }
    holds = next(condition for words, condition in conditions.items() if words in question)
    return sympy.Rational(ways(balls, drawn, holds), comb(sum(balls), drawn))


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


# Everything else


def solve_system(question):
    """A linear system."""
    unknowns, system = formulas(question)
    symbols = [NAMES[name] for name in re.findall(r"[wxyz]", unknowns)]
    lines = system.removeprefix(r"\begin{cases} ").removesuffix(r" \end{cases}").split(r" \\ ")
    (solution,) = sympy.linsolve([sides(line) for line in lines], symbols)
    return sympy.Tuple(*solution)


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


def differentiate(question):
    """By the rules."""
    return sympy.diff(expression(re.search(r"f\(x\) = (.*?)\$", question)[1]), X)


SOLVERS = {
    "integer_expression": evaluate,
    "fraction_expression": evaluate,
    "percentage": follow_price,
    "linear_equation": solve_for_x,
    "linear_system": solve_system,
    "coefficient": find_coefficient,
    "polynomial_search": find_polynomial,
    "quadratic_equation": find_roots,
    "inequality": solve_inequality,
    "divisibility": divide,
    "remainder": take_remainder,
    "congruence": solve_congruences,
    "committee": count_committees,
    "urn": draw_balls,
    "derivative": differentiate,
    "integral": integrate,
    "sequence": find_term,
}


def region(answer):
    """An answer in interval notation, as a set."""
    pieces = []
    for piece in answer.split(r" \cup "):
        low, high = (expression(end) for end in piece[1:-1].split(", "))
        pieces.append(sympy.Interval(low, high, left_open=piece[0] == "(", right_open=piece[-1] == ")"))
    return sympy.Union(*pieces)


READERS = {
    "set": lambda answer: sympy.FiniteSet(*map(expression, answer[2:-2].split(", "))),
    "tuple": lambda answer: sympy.Tuple(*map(expression, answer[1:-1].split(", "))),
    "interval": region,
}


def agree(kind, answer, solved):
    """Whether a reference says what a solver found."""
    read = READERS.get(kind, expression)(answer)
    if kind == "expression":
        apart = [(read - solved).subs(X, place).evalf(30) for place in (Fraction(3, 7), Fraction(-5, 4))]
        return max(map(abs, apart)) < 1e-12
    return read == solved


@pytest.mark.parametrize("difficulty", LEVELS)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_answers_are_right(family, difficulty):
    """Whoever solves a problem from its text finds the reference answer."""
    for seed in range(PROBLEMS):
        problem = family.draw(np.random.default_rng([seed, difficulty]), difficulty)
        solved = SOLVERS[family.name](problem.question)
        assert agree(family.kind, problem.answer, solved), (problem.question, problem.answer, solved)
