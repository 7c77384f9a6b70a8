"""Equations of lines and circles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, line, number, numbers, polynomial, vector
from llm_envs.envs.math.problem import Problem

__all__ = ["locus"]

Point: TypeAlias = Sequence[Number]


def locus(rng: np.random.Generator, difficulty: int) -> Problem:
    """The equation of a line or a circle that some points or a condition determine."""
    draws = uniforms(rng, 10)
    makers = (_through_two, _through_one, _through_centroid, _on_diameter, _centre_on_line, _through_three)
    return makers[difficulty](draws)


def _through_two(draws: Iterator[float]) -> Problem:
    slope, shift, x = nonzero(next(draws), 9), nonzero(next(draws), 20), between(next(draws), -9, 5)
    u = x + between(next(draws), 1, 6)
    y, v = slope * x + shift, slope * u + shift
    steps = [
        f"The slope is $({v} - {bracketed(y)}) / ({u} - {bracketed(x)}) = {slope}$.",
        f"From $({x}, {y})$: ${y} = {slope} \\cdot {bracketed(x)} + b$, so $b = {shift}$.",
    ]
    question = f"Find an equation of the line through ${vector((x, y))}$ and ${vector((u, v))}$."
    return Problem(question, f"y = {polynomial([slope, shift])}", steps)


def _through_one(draws: Iterator[float]) -> Problem:
    a, b, c = nonzero(next(draws), 9), nonzero(next(draws), 9), nonzero(next(draws), 20)
    x, y = between(next(draws), -9, 9), between(next(draws), -9, 9)
    parallel = next(draws) < 0.5
    normal, kind = ((a, b), "parallel") if parallel else ((b, -a), "perpendicular")
    steps = [
        (
            f"The line ${combination([(a, 'x'), (b, 'y')])} = {c}$ has the normal vector $({a}, {b})$ and runs along "
            f"$({b}, {-a})$."
        ),
        (
            f"The {kind} line has the normal vector $({normal[0]}, {normal[1]})$: its equation is "
            f"${combination(zip(normal, 'xy', strict=True))} = d$."
        ),
        (
            f"It holds at ${vector((x, y))}$: $d = {normal[0]} \\cdot {bracketed(x)} + {bracketed(normal[1])} \\cdot "
            f"{bracketed(y)} = {normal[0] * x + normal[1] * y}$."
        ),
    ]
    question = (
        f"Find an equation of the line through ${vector((x, y))}$ that is {kind} to the line "
        f"${combination([(a, 'x'), (b, 'y')])} = {c}$."
    )
    return Problem(question, line(*normal, normal[0] * x + normal[1] * y), steps)


def _through_centroid(draws: Iterator[float]) -> Problem:
    a, b, c = (_drawn(draws) for _ in range(3))
    c = (c[0] + 20 * (b[0] == c[0]), c[1])
    s, t = c[0] - b[0], c[1] - b[1]
    a = a if s * (a[1] - b[1]) != t * (a[0] - b[0]) else (a[0] - t, a[1] + s)
    centre = (Fraction(a[0] + b[0] + c[0], 3), Fraction(a[1] + b[1] + c[1], 3))
    right = s * centre[0] + t * centre[1]
    steps = [
        f"The centroid is the mean of the corners: $({numbers(centre)})$.",
        f"A normal vector is $BC = ({s}, {t})$, so the equation is ${combination([(s, 'x'), (t, 'y')])} = d$.",
        (
            f"At the centroid: $d = {s} \\cdot {bracketed(centre[0])} + {bracketed(t)} \\cdot {bracketed(centre[1])} "
            f"= {number(right)}$."
        ),
    ]
    question = (
        f"A triangle has the corners $A{vector(a)}$, $B{vector(b)}$ and $C{vector(c)}$. Find an equation of the line "
        "through its centroid that is perpendicular to $BC$."
    )
    return Problem(question, line(s, t, right), steps)


def _on_diameter(draws: Iterator[float]) -> Problem:
    (x, y), (s, t) = _drawn(draws), (nonzero(next(draws), 9), nonzero(next(draws), 9))
    u, v = x + s, y + t
    centre, square = (Fraction(x + u, 2), Fraction(y + v, 2)), Fraction(s * s + t * t, 4)
    steps = [
        f"The centre is the midpoint of $AB$: $({numbers(centre)})$.",
        f"$AB^2 = {bracketed(s)}^2 + {bracketed(t)}^2 = {s * s + t * t}$",
        f"The radius is half of $AB$, so its square is a quarter of this: $r^2 = {number(square)}$.",
    ]
    question = (
        f"Find an equation of the circle with the diameter $AB$, where $A{vector((x, y))}$ and $B{vector((u, v))}$."
    )
    return Problem(question, _circle(centre, square), steps)


def _centre_on_line(draws: Iterator[float]) -> Problem:
    (x, y), (s, t) = _drawn(draws), (nonzero(next(draws), 9), nonzero(next(draws), 9))
    slope, shift = nonzero(next(draws), 4), nonzero(next(draws), 12)
    slope += slope == -Fraction(s, t)
    slope = slope or 5
    right = s * x + t * y + Fraction(s * s + t * t, 2)
    p = (right - t * shift) / (s + t * slope)
    q = slope * p + shift
    square = (p - x) ** 2 + (q - y) ** 2
    steps = [
        "The centre $(p, q)$ lies on the perpendicular bisector of $AB$.",
        (
            f"Its normal vector is $AB = ({s}, {t})$, and it goes through the midpoint "
            f"$({numbers((x + Fraction(s, 2), y + Fraction(t, 2)))})$: ${combination([(s, 'p'), (t, 'q')])} = "
            f"{number(right)}$."
        ),
        (
            f"With $q = {polynomial([slope, shift], 'p')}$: ${combination([(s + t * slope, 'p')])} = "
            f"{number(right - t * shift)}$."
        ),
        f"So $p = {number(p)}$ and $q = {number(q)}$.",
        (
            f"The square of the radius is the square of the distance from $A$: ${number((p - x) ** 2)} + "
            f"{number((q - y) ** 2)} = {number(square)}$."
        ),
    ]
    question = (
        f"Find an equation of the circle through $A{vector((x, y))}$ and $B{vector((x + s, y + t))}$ whose centre "
        f"lies on the line $y = {polynomial([slope, shift])}$."
    )
    return Problem(question, _circle((p, q), square), steps)


def _through_three(draws: Iterator[float]) -> Problem:
    (x, y), (a, b) = _drawn(draws), (nonzero(next(draws), 7), nonzero(next(draws), 7))
    c, d = nonzero(next(draws), 7), nonzero(next(draws), 7)
    c, d = (c, d) if a * d != b * c else (-d, c)
    below, first, second = 2 * (a * d - b * c), a * a + b * b, c * c + d * d
    p, q = Fraction(d * first - b * second, below), Fraction(a * second - c * first, below)
    points = [vector(point) for point in ((x, y), (x + a, y + b), (x + c, y + d))]
    steps = [
        f"Shift the origin to ${points[0]}$: the other points become $({a}, {b})$ and $({c}, {d})$.",
        (
            "The centre $(p, q)$ is as far from the origin as from them: "
            f"${combination([(2 * a, 'p'), (2 * b, 'q')])} = {first}$ and "
            f"${combination([(2 * c, 'p'), (2 * d, 'q')])} = {second}$."
        ),
        f"Cramer's rule, with the determinant ${2 * below}$: $p = {number(p)}$, $q = {number(q)}$.",
        f"$r^2 = p^2 + q^2 = {number(p * p)} + {number(q * q)} = {number(p * p + q * q)}$",
        f"Shift back: the centre is $({numbers((x + p, y + q))})$.",
    ]
    question = f"Find an equation of the circle through ${points[0]}$, ${points[1]}$ and ${points[2]}$."
    return Problem(question, _circle((x + p, y + q), p * p + q * q), steps)


def _drawn(draws: Iterator[float]) -> tuple[int, int]:
    return between(next(draws), -9, 9), between(next(draws), -9, 9)


def _circle(centre: Point, square: Number) -> str:
    return f"{_distance(centre)} = {number(square)}"


def _distance(point: Point) -> str:
    """The square of the distance from a point."""
    terms = (f"({polynomial([1, -at], name)})^2" if at else f"{name}^2" for at, name in zip(point, "xy", strict=True))
    return " + ".join(terms)
