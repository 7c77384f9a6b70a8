"""Volumes and surfaces of solids, with pi and square roots."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import combination, number, root, times_pi
from llm_envs.envs.math.problem import Problem

__all__ = ["solid"]


def solid(rng: np.random.Generator, difficulty: int) -> Problem:
    """A volume or an area of a solid, exact."""
    draws = uniforms(rng, 8)
    makers = (_volume, _surface, _pyramid, _frustum, _cut_sphere, _circumscribed)
    return makers[difficulty](draws)


def _volume(draws: Iterator[float]) -> Problem:
    radius, height = between(next(draws), 2, 50), between(next(draws), 2, 80)
    shape, factor = one_of(next(draws), (("cylinder", Fraction(1)), ("cone", Fraction(1, 3))))
    share = "" if factor == 1 else f"{number(factor)} \\cdot "
    answer = times_pi(factor * radius**2 * height)
    steps = [
        f"The base has area $\\pi \\cdot {radius}^2 = {times_pi(radius**2)}$.",
        f"The volume is ${share}{times_pi(radius**2)} \\cdot {height} = {answer}$.",
    ]
    return Problem(
        f"A {shape} has a base of radius {radius} and a height of {height}. What is its volume?", answer, steps
    )


def _surface(draws: Iterator[float]) -> Problem:
    radius, height = between(next(draws), 2, 50), between(next(draws), 2, 80)
    base = f"The base has area ${times_pi(radius**2)}$ and circumference ${times_pi(2 * radius)}$."
    if next(draws) < 0.5:
        question = (
            f"A closed cylinder has a base of radius {radius} and a height of {height}. What is its whole surface area?"
        )
        steps = [
            base,
            f"The side is ${times_pi(2 * radius)} \\cdot {height} = {times_pi(2 * radius * height)}$; add two bases.",
        ]
        return Problem(question, times_pi(2 * radius * (height + radius)), steps)
    square = radius**2 + height**2
    question = (
        f"A cone has a base of radius {radius}, and its apex stands {height} above the centre of the base. What is "
        "the area of its curved side, without the base?"
    )
    steps = [
        f"From the apex to the rim it is $s = \\sqrt{{{radius}^2 + {height}^2}} = {root(square)}$.",
        (
            f"Unrolled, the side is a sector with radius $s$ and arc ${times_pi(2 * radius)}$: its area is $\\pi "
            f"\\cdot "
            f"{radius} \\cdot s$."
        ),
    ]
    return Problem(question, f"{root(square, radius)}\\pi", steps)


def _pyramid(draws: Iterator[float]) -> Problem:
    side, edge = _square_base(draws)
    square = edge**2 - Fraction(side**2, 2)
    question = (
        f"A right pyramid has a square base with sides of length {side}, and its four other edges are {edge} long. "
        "What is its volume?"
    )
    answer = root(square, Fraction(side**2, 3))
    steps = [
        *_height_steps(side, edge),
        (
            f"The volume is a third of base times height: $\\frac{{1}}{{3}} \\cdot {side}^2 \\cdot {root(square)} = "
            f"{answer}$."
        ),
    ]
    return Problem(question, answer, steps)


def _frustum(draws: Iterator[float]) -> Problem:
    small, height = between(next(draws), 2, 20), between(next(draws), 2, 40)
    large = small + between(next(draws), 1, 15)
    top = Fraction(height * small, large - small)
    answer = Fraction(height * (large**2 + large * small + small**2), 3)
    question = (
        f"A bucket has the shape of a cone whose tip was cut off parallel to its base. It is {height} high, its "
        f"bottom has radius {small} and its opening has radius {large}. What is its volume?"
    )
    steps = [
        "Complete the cone: let $t$ be the height of the tip that is missing.",
        f"The tip and the whole cone are similar: $t : (t + {height}) = {small} : {large}$.",
        f"So ${combination([(large - small, 't')])} = {small * height}$ and $t = {number(top)}$.",
        (
            f"The whole cone: $\\frac{{1}}{{3}} \\pi \\cdot {large}^2 \\cdot {number(top + height)} = "
            f"{times_pi(Fraction(large**2, 3) * (top + height))}$."
        ),
        (
            f"The tip: $\\frac{{1}}{{3}} \\pi \\cdot {small}^2 \\cdot {number(top)} = "
            f"{times_pi(Fraction(small**2, 3) * top)}$."
        ),
        f"The difference is ${times_pi(answer)}$.",
    ]
    return Problem(question, times_pi(answer), steps)


def _cut_sphere(draws: Iterator[float]) -> Problem:
    radius = between(next(draws), 4, 99)
    distance, smaller = between(next(draws), 1, radius - 2), next(draws) < 0.5
    height = radius - distance if smaller else radius + distance
    answer = height**2 * Fraction(3 * radius - height, 3)
    low, high = (distance, radius) if smaller else (-distance, radius)
    ends = [Fraction(radius**2 * x) - Fraction(x**3, 3) for x in (high, low)]
    question = (
        f"A plane at distance {distance} from the centre of a ball of radius {radius} cuts the ball into two parts. "
        f"What is the volume of the {'smaller' if smaller else 'larger'} one?"
    )
    steps = [
        "Put the $x$-axis through the centre, perpendicular to the plane.",
        f"The plane at $x$ cuts the ball in a disc; the square of its radius is ${radius**2} - x^2$.",
        (
            f"The part reaches from $x = {low}$ to $x = {high}$: its volume is $\\pi \\int_{{{low}}}^{{{high}}} "
            f"({radius**2} - x^2) \\, dx$."
        ),
        (
            f"A primitive is $F(x) = {radius**2}x - \\frac{{1}}{{3}}x^3$, with $F({high}) = {number(ends[0])}$ and "
            f"$F({low}) = {number(ends[1])}$."
        ),
        f"The difference is ${number(answer)}$; times $\\pi$.",
    ]
    return Problem(question, times_pi(answer), steps)


def _circumscribed(draws: Iterator[float]) -> Problem:
    side, edge = _square_base(draws)
    square = edge**2 - Fraction(side**2, 2)
    radius_square = Fraction(edge**4) / (4 * square)
    volume = next(draws) < 0.5
    question = (
        f"A right pyramid has a square base with sides of length {side}, and its four other edges are {edge} long. "
        f"What is the {'volume' if volume else 'surface area'} of the sphere through all its corners?"
    )
    steps = [
        *_height_steps(side, edge),
        (
            "The centre lies on the line of the height $h$, at the distance $R$ below the apex, and as far from "
            "each corner of the base."
        ),
        (
            f"So $(h - R)^2 + {number(Fraction(side**2, 2))} = R^2$, that is, $2hR = h^2 + "
            f"{number(Fraction(side**2, 2))} = {edge**2}$."
        ),
        f"$R^2 = \\frac{{{edge**2}^2}}{{4h^2}} = {number(radius_square)}$",
    ]
    if not volume:
        steps.append(f"The surface is $4 \\pi R^2 = {times_pi(4 * radius_square)}$.")
        return Problem(question, times_pi(4 * radius_square), steps)
    answer = f"{root(radius_square, Fraction(4, 3) * radius_square)}\\pi"
    steps.append(f"$R = {root(radius_square)}$, and the volume is $\\frac{{4}}{{3}} \\pi R^3 = {answer}$.")
    return Problem(question, answer, steps)


def _square_base(draws: Iterator[float]) -> tuple[int, int]:
    """Side of the base and length of the other edges, which reach above the centre of the base."""
    side = between(next(draws), 2, 80)
    return side, between(next(draws), side * 5 // 7 + 1, 99)


def _height_steps(side: int, edge: int) -> list[str]:
    half, square = Fraction(side**2, 2), edge**2 - Fraction(side**2, 2)
    return [
        f"Half a diagonal of the base: its square is $\\frac{{{side}^2}}{{2}} = {number(half)}$.",
        (
            f"With the height and an edge it forms a right triangle: $h^2 = {edge}^2 - {number(half)} = "
            f"{number(square)}$, $h = {root(square)}$."
        ),
    ]
