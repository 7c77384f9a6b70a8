"""Greatest and least values: of polynomials, in words, under a condition, in two variables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.calculus.polynomials import primitive_of, value
from llm_envs.envs.math.draws import between, different, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, combination, number, numbers, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["extremum"]


def extremum(rng: np.random.Generator, difficulty: int) -> Problem:
    """The greatest or the least value of a function."""
    draws = uniforms(rng, 10)
    makers = (_of_parabola, _of_cubic, _fence, _of_quartic, _on_line, _of_two_variables)
    return makers[difficulty](draws)


def _of_parabola(draws: Iterator[float]) -> Problem:
    a, b, c = (nonzero(next(draws), size) for size in (7, 15, 30))
    top = Fraction(-b, 2 * a)
    word = "least" if a > 0 else "greatest"
    steps = [
        f"$f'(x) = {polynomial([2 * a, b])} = 0$ at $x = {number(top)}$.",
        f"$f({number(top)}) = {number(value([a, b, c], top))}$",
    ]
    question = f"What is the {word} value of $f(x) = {polynomial([a, b, c])}$ for real $x$?"
    return Problem(question, number(value([a, b, c], top)), steps)


def _of_cubic(draws: Iterator[float]) -> Problem:
    """The derivative is a multiple of 6, so that the function has integer coefficients."""
    turning = sorted(different(draws, -5, 5, 2))
    factor = nonzero(next(draws), 2)
    return _on_interval([6 * factor * c for c in ring.from_roots(turning)], turning, draws)


def _of_quartic(draws: Iterator[float]) -> Problem:
    turning = sorted(different(draws, -4, 4, 3))
    return _on_interval([12 * c for c in ring.from_roots(turning)], turning, draws)


def _on_interval(derivative: Sequence[int], turning: Sequence[int], draws: Iterator[float]) -> Problem:
    p = [int(c) for c in primitive_of(derivative)]
    p[-1] = nonzero(next(draws), 20)
    low, high = between(next(draws), -7, -1), between(next(draws), 1, 7)
    inner = [x for x in turning if low < x < high]
    heights = {x: ring.value(p, x) for x in (low, *inner, high)}
    word, choose = one_of(next(draws), (("greatest", max), ("least", min)))
    factors = "".join(f"({polynomial([1, -x])})" if x else "x" for x in sorted(turning, key=bool))
    steps = [
        f"$f'(x) = {polynomial(derivative)} = {combination([(derivative[0], factors)])}$",
        f"Its zeros are ${numbers(turning)}$; "
        + (f"inside the interval: ${numbers(inner)}$." if inner else "none of them is inside the interval."),
        *(f"$f({x}) = {height}$" for x, height in heights.items()),
        f"The {word} of these is {choose(heights.values())}.",
    ]
    question = f"What is the {word} value of $f(x) = {polynomial(p)}$ on the interval $[{low}, {high}]$?"
    return Problem(question, str(choose(heights.values())), steps)


def _fence(draws: Iterator[float]) -> Problem:
    """X metres along the river and y away from it, with px + 2qy least where px = 2qy."""
    along, across, scale = between(next(draws), 2, 25), between(next(draws), 2, 25), between(next(draws), 2, 15)
    x, y = 2 * across * scale, along * scale
    cost = along * x + 2 * across * y
    question = (
        f"A rectangular field of {x * y} square metres lies along a straight river and needs no fence there. On the "
        f"side opposite to the river a metre of fence costs {along} euros, on the two other sides {across} euros. "
        "How many euros does the fence cost at least?"
    )
    steps = [
        f"Let the field be $x$ metres long along the river and ${x * y}/x$ metres wide.",
        (
            f"The cost is $c(x) = {along}x + 2 \\cdot {across} \\cdot \\frac{{{x * y}}}{{x}} = {along}x + "
            f"\\frac{{{2 * across * x * y}}}{{x}}$."
        ),
        f"$c'(x) = {along} - \\frac{{{2 * across * x * y}}}{{x^2}} = 0$ where $x^2 = {x * x}$, so $x = {x}$.",
        f"The cost is ${along} \\cdot {x} + {2 * across * y} = {cost}$.",
    ]
    return Problem(question, str(cost), steps)


def _on_line(draws: Iterator[float]) -> Problem:
    a, b = between(next(draws), 1, 9), between(next(draws), 1, 9)
    p, q, r = nonzero(next(draws), 7), between(next(draws), 1, 7), nonzero(next(draws), 30)
    square = a * q * q + b * p * p
    x, answer = Fraction(b * p * r, square), Fraction(a * b * r * r, square)
    y = (r - p * x) / q
    steps = [
        f"From the condition, $y = ({polynomial([-p, r])}) / {q}$.",
        (
            f"Put this into $f = {combination([(a, 'x^2'), (b, 'y^2')])}$ and multiply by ${q}^2$: "
            f"${combination([(q * q, 'f'), (-a * q * q, 'x^2')])} = "
            f"{combination([(b, f'({polynomial([-p, r])})^2')])}$."
        ),
        (
            f"Half the derivative of ${combination([(q * q, 'f')])}$ is ${polynomial([square, -b * p * r])}$, which "
            f"is 0 at $x = {number(x)}$."
        ),
        f"Then $y = {number(y)}$.",
        (
            f"The value there is ${a} \\cdot {number(x * x)} + {b} \\cdot {number(y * y)} = {number(answer)}$; the "
            "parabola in $x$ opens upwards, so it is the least."
        ),
    ]
    question = (
        f"Real numbers $x$ and $y$ satisfy ${combination([(p, 'x'), (q, 'y')])} = {r}$. What is the least possible "
        f"value of ${combination([(a, 'x^2'), (b, 'y^2')])}$?"
    )
    return Problem(question, number(answer), steps)


def _of_two_variables(draws: Iterator[float]) -> Problem:
    """The quadratic part is positive for all x and y, since 4ac is at least 16 and b at most 3."""
    a, c, b = between(next(draws), 2, 6), between(next(draws), 2, 6), nonzero(next(draws), 3)
    d, e, g = nonzero(next(draws), 12), nonzero(next(draws), 12), nonzero(next(draws), 20)
    below = 4 * a * c - b * b
    x, y = Fraction(b * e - 2 * c * d, below), Fraction(b * d - 2 * a * e, below)
    answer = g + (d * x + e * y) / 2
    function = combination([(a, "x^2"), (b, "xy"), (c, "y^2"), (d, "x"), (e, "y"), (g, "")])
    steps = [
        (
            f"Both partial derivatives are 0: ${combination([(2 * a, 'x'), (b, 'y'), (d, '')])} = 0$ and "
            f"${combination([(b, 'x'), (2 * c, 'y'), (e, '')])} = 0$."
        ),
        f"The determinant is ${2 * a} \\cdot {2 * c} - {bracketed(b)}^2 = {below}$, which is positive: a minimum.",
        f"Cramer's rule: $x = {number(x)}$ and $y = {number(y)}$.",
        "At the minimum the quadratic terms are half of what the linear terms are, with the opposite sign.",
        (
            f"So the value is ${g} + \\frac{{1}}{{2}}({d} \\cdot {bracketed(x)} + {bracketed(e)} \\cdot "
            f"{bracketed(y)}) = {number(answer)}$."
        ),
    ]
    question = f"What is the least value of $f(x, y) = {function}$ for real $x$ and $y$?"
    return Problem(question, number(answer), steps)
