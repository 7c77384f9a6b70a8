"""Tangents and normals: of graphs, of parametric and of implicit curves."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.calculus.polynomials import slope
from llm_envs.envs.math.draws import nonzero, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, line, number, polynomial, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["tangent_line"]


def tangent_line(rng: np.random.Generator, difficulty: int) -> Problem:
    """The equation of a tangent or of a normal."""
    draws = uniforms(rng, 10)
    makers = (_of_parabola, _of_cubic, _of_quotient, _normal, _parametric, _implicit)
    return makers[difficulty](draws)


def _of_parabola(draws: Iterator[float]) -> Problem:
    return _of_polynomial([nonzero(next(draws), 9) for _ in range(3)], draws)


def _of_cubic(draws: Iterator[float]) -> Problem:
    return _of_polynomial([nonzero(next(draws), 6) for _ in range(4)], draws)


def _of_polynomial(p: list[int], draws: Iterator[float]) -> Problem:
    x = nonzero(next(draws), 5)
    y, rise = ring.value(p, x), ring.value(slope(p), x)
    steps = [
        f"$f({x}) = {y}$",
        f"$f'(x) = {polynomial(slope(p))}$, so the slope is $f'({x}) = {rise}$.",
        (
            f"At $x = {x}$ the line $y = {combination([(rise, 'x')])} + b$ must have the height {y}: $b = {y} - "
            f"{bracketed(rise * x)} = {y - rise * x}$."
        ),
    ]
    question = f"Find an equation of the tangent to the curve $y = {polynomial(p)}$ at the point with $x = {x}$."
    return Problem(question, f"y = {polynomial([rise, y - rise * x])}", steps)


def _of_quotient(draws: Iterator[float]) -> Problem:
    a, b, c, d = (nonzero(next(draws), 9) for _ in range(4))
    x = nonzero(next(draws), 6)
    x = x if c * x + d else -x
    b = b if a * d != b * c else -b
    y, rise = Fraction(a * x + b, c * x + d), Fraction(a * d - b * c, (c * x + d) ** 2)
    top, bottom = polynomial([a, b]), polynomial([c, d])
    steps = [
        f"At $x = {x}$: $y = {number(y)}$.",
        (
            f"Quotient rule: $y' = {ratio(combination([(a, f'({bottom})'), (-c, f'({top})')]), f'({bottom})^2')} = "
            f"{ratio(a * d - b * c, f'({bottom})^2')}$."
        ),
        f"At $x = {x}$ the slope is ${number(rise)}$.",
        f"The line ${_through(x, y, rise)}$, without fractions:",
    ]
    question = f"Find an equation of the tangent to the curve $y = {ratio(top, bottom)}$ at the point with $x = {x}$."
    return Problem(question, line(rise, -1, rise * x - y), steps)


def _normal(draws: Iterator[float]) -> Problem:
    p, x = [nonzero(next(draws), 5) for _ in range(4)], nonzero(next(draws), 4)
    p[2] += ring.value(slope(p), x) == 0
    y, rise = ring.value(p, x), ring.value(slope(p), x)
    steps = [
        f"$f({x}) = {y}$",
        f"$f'(x) = {polynomial(slope(p))}$, so the tangent has the slope $f'({x}) = {rise}$.",
        f"The normal is perpendicular to it: its slope is ${number(Fraction(-1, rise))}$.",
        f"Through $({x}, {y})$: ${_through(x, y, Fraction(-1, rise))}$, and without fractions:",
    ]
    question = (
        f"Find an equation of the normal to the curve $y = {polynomial(p)}$, that is, the line perpendicular to its "
        f"tangent, at the point with $x = {x}$."
    )
    return Problem(question, line(1, rise, x + rise * y), steps)


def _parametric(draws: Iterator[float]) -> Problem:
    first = [nonzero(next(draws), 5), nonzero(next(draws), 6), nonzero(next(draws), 9)]
    second = [nonzero(next(draws), 4), 0, nonzero(next(draws), 6), nonzero(next(draws), 9)]
    t = nonzero(next(draws), 3)
    first[1] += ring.value(slope(first), t) == 0
    x, y = ring.value(first, t), ring.value(second, t)
    across, up = ring.value(slope(first), t), ring.value(slope(second), t)
    steps = [
        f"At $t = {t}$ the point is $({x}, {y})$.",
        f"$x'(t) = {polynomial(slope(first), 't')}$, which is {across} there.",
        f"$y'(t) = {polynomial(slope(second), 't')}$, which is {up} there.",
        f"The slope is $y' / x' = {number(Fraction(up, across))}$.",
        f"Through $({x}, {y})$: ${_through(x, y, Fraction(up, across))}$, and without fractions:",
    ]
    question = (
        f"A curve is given by $x = {polynomial(first, 't')}$ and $y = {polynomial(second, 't')}$. Find an equation "
        f"of its tangent at the point with $t = {t}$."
    )
    return Problem(question, line(up, -across, up * x - across * y), steps)


def _implicit(draws: Iterator[float]) -> Problem:
    a, b, c, d = (nonzero(next(draws), 5) for _ in range(4))
    x, y = nonzero(next(draws), 4), nonzero(next(draws), 4)
    along_y = b * x + 2 * c * y + 3 * d * y * y
    b, along_y = (b, along_y) if along_y else (-b, -2 * b * x)
    along_x = 2 * a * x + b * y
    a, along_x = (a, along_x) if along_x else (-a, -4 * a * x)
    right = a * x * x + b * x * y + c * y * y + d * y**3
    left = combination([(a, "x^2"), (b, "xy"), (c, "y^2"), (d, "y^3")])
    rise = Fraction(-along_x, along_y)
    prime = "y'"
    by_x = combination([(2 * a, "x"), (b, "y")])
    by_y = combination([(b, "x"), (2 * c, "y"), (3 * d, "y^2")])
    steps = [
        f"Differentiate both sides, with $y$ as a function of $x$: ${by_x} + ({by_y})y' = 0$.",
        f"At $({x}, {y})$: ${by_x} = {along_x}$ and ${by_y} = {along_y}$.",
        f"So ${combination([(along_x, ''), (along_y, prime)])} = 0$, and the slope is $y' = {number(rise)}$.",
        f"The line through $({x}, {y})$ with this slope: ${_through(x, y, rise)}$.",
        (
            f"Multiply by {along_y} and collect: ${combination([(along_x, 'x'), (along_y, 'y')])} = "
            f"{along_x * x + along_y * y}$."
        ),
    ]
    common = gcd(along_x, along_y)
    if common > 1:
        steps.append(f"Divide by {common}.")
    question = f"Find an equation of the tangent to the curve ${left} = {right}$ at the point $({x}, {y})$."
    return Problem(question, line(along_x, along_y, along_x * x + along_y * y), steps)


def _through(x: int, y: Number, rise: Number) -> str:
    """The line with this slope through a point, as one writes it down at first."""
    return f"y - {bracketed(y)} = {combination([(rise, f'({polynomial([1, -x])})')])}"
