"""Lengths and areas in triangles, with their square roots simplified."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, combination, number, product, ratio, root, rooted
from llm_envs.envs.math.problem import Problem

__all__ = ["triangle_length"]


def triangle_length(rng: np.random.Generator, difficulty: int) -> Problem:
    """A side, an area, a median, an altitude, a bisector or a radius."""
    draws = uniforms(rng, 8)
    makers = (_right, _isosceles, _two_sides_and_angle, _heron, _median_or_altitude, _bisector_or_radius)
    return makers[difficulty](draws)


def _right(draws: Iterator[float]) -> Problem:
    short = between(next(draws), 2, 60)
    other = between(next(draws), short + 1, 90)
    if next(draws) < 0.5:
        square, sign, given = short**2 + other**2, "+", f"The legs of a right triangle are {short} and {other} long"
        wanted = "the hypotenuse"
    else:
        square, sign = other**2 - short**2, "-"
        given = f"The hypotenuse of a right triangle is {other} long and one leg is {short} long"
        wanted = "the other leg"
    steps = [
        f"By Pythagoras its square is ${other}^2 {sign} {short}^2 = {square}$.",
        f"The length is ${rooted(square)}$.",
    ]
    return Problem(f"{given}. How long is {wanted}?", root(square), steps)


def _isosceles(draws: Iterator[float]) -> Problem:
    base = between(next(draws), 2, 70)
    side = between(next(draws), base // 2 + 1, 90)
    square = side**2 - Fraction(base**2, 4)
    question = f"An isosceles triangle has a base of length {base} and two sides of length {side}. What is its area?"
    steps = [
        f"The altitude $h$ halves the base: $h^2 = {side}^2 - {_squared(Fraction(base, 2))} = {number(square)}$.",
        f"So $h = {root(square)}$.",
        f"The area is half the base times the altitude: ${number(Fraction(base, 2))} \\cdot {root(square)}$.",
    ]
    return Problem(question, root(square, Fraction(base, 2)), steps)


_COSINES = {30: (3, 1), 45: (2, 1), 60: (1, 1), 120: (1, -1), 135: (2, -1), 150: (3, -1)}
"""By angle: the square of twice its cosine, and the sign. One side is a multiple of the root of that square."""


def _two_sides_and_angle(draws: Iterator[float]) -> Problem:
    degrees = one_of(next(draws), tuple(_COSINES))
    inside, sign = _COSINES[degrees]
    p, q = between(next(draws), 2, 40), between(next(draws), 2, 40)
    squares, twice = inside * p * p + q * q, sign * inside * p * q
    first = combination([(p, "" if inside == 1 else root(inside))])
    cosine = f"\\frac{{{root(inside)}}}{{2}}" if sign > 0 else f"(-\\frac{{{root(inside)}}}{{2}})"
    question = (
        f"Two sides of a triangle are ${first}$ and ${q}$ long, and the angle between them is ${degrees}^\\circ$. "
        "How long is the third side?"
    )
    steps = [
        (
            f"By the law of cosines the square of the third side is ${inside * p * p} + {q * q} - 2 \\cdot {first} "
            f"\\cdot {q} \\cdot {cosine}$."
        ),
        f"This is ${squares} {'-' if twice > 0 else '+'} {abs(twice)} = {squares - twice}$.",
        f"The length is ${rooted(squares - twice)}$.",
    ]
    return Problem(question, root(squares - twice), steps)


def _heron(draws: Iterator[float]) -> Problem:
    a, b, c = _sides(draws)
    question = f"The sides of a triangle are {a}, {b} and {c} long. What is its area?"
    return Problem(question, root(_sixteen_squares(a, b, c), Fraction(1, 4)), _area_steps(a, b, c))


def _median_or_altitude(draws: Iterator[float]) -> Problem:
    a, b, c = _sides(draws)
    given = f"The sides of triangle $ABC$ are $BC = {a}$, $CA = {b}$ and $AB = {c}$."
    if next(draws) < 0.5:
        answer = root(_sixteen_squares(a, b, c), Fraction(1, 2 * a))
        steps = [*_area_steps(a, b, c), f"The altitude is twice the area, divided by $BC = {a}$: ${answer}$."]
        return Problem(f"{given} How long is the altitude from $A$?", answer, steps)
    four = 2 * b * b + 2 * c * c - a * a
    cosine = Fraction(a * a + c * c - b * b, 2 * a * c)
    steps = [
        (
            f"Law of cosines in the whole triangle: $\\cos B = \\frac{{{a}^2 + {c}^2 - "
            f"{b}^2}}{{{product([2, a, c])}}} = {number(cosine)}$."
        ),
        f"Let $M$ be the midpoint of $BC$: $BM = {number(Fraction(a, 2))}$.",
        (
            f"Law of cosines in triangle $ABM$: $AM^2 = {c}^2 + {_squared(Fraction(a, 2))} - 2 \\cdot {c} \\cdot "
            f"{number(Fraction(a, 2))} \\cdot {bracketed(cosine)} = "
            f"{number(Fraction(four, 4))}$."
        ),
        f"The length is ${rooted(Fraction(four, 4))}$.",
    ]
    return Problem(f"{given} How long is the median from $A$?", root(four, Fraction(1, 2)), steps)


def _bisector_or_radius(draws: Iterator[float]) -> Problem:
    a, b, c = _sides(draws)
    given = f"The sides of triangle $ABC$ are $BC = {a}$, $CA = {b}$ and $AB = {c}$."
    if next(draws) < 0.5:
        near, far = Fraction(a * c, b + c), Fraction(a * b, b + c)
        square = b * c - near * far
        steps = [
            f"The bisector from $A$ meets $BC$ at $D$ with $BD : DC = AB : AC = {c} : {b}$.",
            (
                f"So $BD = \\frac{{{product([a, c])}}}{{{c} + {b}}} = {number(near)}$ and $DC = {a} - {number(near)} "
                f"= {number(far)}$."
            ),
            (
                f"By Stewart's theorem $AD^2 = AB \\cdot AC - BD \\cdot DC = {b * c} - {number(near * far)} = "
                f"{number(square)}$."
            ),
            f"The length is ${rooted(square)}$.",
        ]
        question = f"{given} The bisector of the angle at $A$ meets $BC$ at $D$. How long is $AD$?"
        return Problem(question, root(b * c * ((b + c) ** 2 - a * a), Fraction(1, b + c)), steps)
    sixteen = _sixteen_squares(a, b, c)
    answer = root(sixteen, Fraction(a * b * c, sixteen))
    steps = [
        *_area_steps(a, b, c),
        "The circumradius is the product of the sides divided by four times the area: $R = \\frac{abc}{4S}$.",
        f"${product([a, b, c])} = {a * b * c}$ and $4S = {root(sixteen)}$, so $R = {ratio(a * b * c, root(sixteen))}$.",
        f"Rationalised: ${answer}$.",
    ]
    return Problem(f"{given} What is the radius of its circumscribed circle?", answer, steps)


def _sides(draws: Iterator[float]) -> tuple[int, int, int]:
    """Of a triangle that is not flat."""
    a, b = between(next(draws), 4, 30), between(next(draws), 4, 30)
    return a, b, between(next(draws), abs(a - b) + 1, a + b - 1)


def _sixteen_squares(a: int, b: int, c: int) -> int:
    """16 times the square of the area."""
    return (a + b + c) * (a + b - c) * (a - b + c) * (-a + b + c)


def _area_steps(a: int, b: int, c: int) -> list[str]:
    s, sixteen = Fraction(a + b + c, 2), _sixteen_squares(a, b, c)
    factors = product([s, s - a, s - b, s - c])
    return [
        f"Half the perimeter: $s = ({a} + {b} + {c}) / 2 = {number(s)}$.",
        f"By Heron's formula $S^2 = {factors} = {number(Fraction(sixteen, 16))}$.",
        f"So the area is $S = {root(sixteen, Fraction(1, 4))}$.",
    ]


def _squared(value: Fraction) -> str:
    return f"{value}^2" if value.denominator == 1 else f"\\left({number(value)}\\right)^2"
