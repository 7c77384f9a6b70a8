"""Polygons with corners in the lattice: their areas, and the lattice points inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import gcd
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import added, bracketed, line, listed, number
from llm_envs.envs.math.problem import Problem

__all__ = ["polygon"]

Point: TypeAlias = tuple[int, int]


def polygon(rng: np.random.Generator, difficulty: int) -> Problem:
    """An area, or a number of lattice points."""
    draws = uniforms(rng, 16)
    makers = (_triangle_on_base, _triangle, _quadrilateral, _pentagon, _between_lines, _inner_points)
    return makers[difficulty](draws)


def _triangle_on_base(draws: Iterator[float]) -> Problem:
    left, level = between(next(draws), -9, 3), between(next(draws), -9, 9)
    right, top = left + between(next(draws), 2, 15), (between(next(draws), -9, 12), level + nonzero(next(draws), 15))
    points = [(left, level), (right, level), top]
    height = abs(top[1] - level)
    if next(draws) < 0.5:
        points = [(y, x) for x, y in points]
    steps = [
        f"The side $AB$ is parallel to an axis and ${right} - {bracketed(left)} = {right - left}$ long.",
        f"The altitude from $C$ is $|{top[1]} - {bracketed(level)}| = {height}$.",
        f"Half the product: ${number(Fraction((right - left) * height, 2))}$.",
    ]
    return Problem(_area_of("triangle", points), number(Fraction((right - left) * height, 2)), steps)


def _triangle(draws: Iterator[float]) -> Problem:
    (x, y), (a, b) = _shift(draws), _arrow(draws)
    c, d = _arrow(draws)
    c, d = (c, d) if a * d != b * c else (-d, c)
    points = [(x, y), (x + a, y + b), (x + c, y + d)]
    steps = [
        f"$AB = ({a}, {b})$, $AC = ({c}, {d})$",
        (
            f"The area is half of $|{a} \\cdot {bracketed(d)} - {bracketed(b)} \\cdot {bracketed(c)}| = "
            f"{abs(a * d - b * c)}$."
        ),
    ]
    return Problem(_area_of("triangle", points), number(Fraction(abs(a * d - b * c), 2)), steps)


def _quadrilateral(draws: Iterator[float]) -> Problem:
    points = _around(draws, 4)
    return Problem(_area_of("quadrilateral", points), number(_area(points)), list(_shoelace(points)))


def _pentagon(draws: Iterator[float]) -> Problem:
    points = _around(draws, 5)
    return Problem(_area_of("pentagon", points), number(_area(points)), list(_shoelace(points)))


def _inner_points(draws: Iterator[float]) -> Problem:
    points = _around(draws, 5)
    area, onto = _area(points), [gcd(c - a, d - b) for (a, b), (c, d) in _edges(points)]
    answer = area - Fraction(sum(onto), 2) + 1
    question = (
        f"A pentagon has the corners {_corners(points)}, in this order. How many points with two integer coordinates "
        "lie inside it, not on its boundary?"
    )
    steps = [
        *_shoelace(points),
        "A side from $(a, b)$ to $(c, d)$ holds $\\gcd(c - a, d - b)$ lattice points, counted with one of its ends.",
        f"On the boundary: ${' + '.join(map(str, onto))} = {sum(onto)}$.",
        f"By Pick's theorem, inside: ${number(area)} - {number(Fraction(sum(onto), 2))} + 1 = {answer}$.",
    ]
    return Problem(question, str(answer), steps)


def _between_lines(draws: Iterator[float]) -> Problem:
    (x, y), (a, b) = _shift(draws), _arrow(draws)
    c, d = _arrow(draws)
    c, d = (c, d) if a * d != b * c else (-d, c)
    points = [(x, y), (x + a, y + b), (x + c, y + d)]
    lines = [_through(*edge) for edge in _edges(points)]
    steps = [
        *(
            f"${lines[i]}$ and ${lines[j]}$ meet at $({points[k][0]}, {points[k][1]})$."
            for i, j, k in ((0, 2, 0), (0, 1, 1), (1, 2, 2))
        ),
        f"From the first corner to the others: $({a}, {b})$ and $({c}, {d})$.",
        (
            f"The area is half of $|{a} \\cdot {bracketed(d)} - {bracketed(b)} \\cdot {bracketed(c)}| = "
            f"{abs(a * d - b * c)}$."
        ),
    ]
    question = f"Find the area of the triangle enclosed by the lines {listed([f'${equation}$' for equation in lines])}."
    return Problem(question, number(Fraction(abs(a * d - b * c), 2)), steps)


def _through(first: Point, second: Point) -> str:
    (x, y), (u, v) = first, second
    return line(v - y, x - u, (v - y) * x + (x - u) * y)


def _shift(draws: Iterator[float]) -> Point:
    return between(next(draws), -9, 9), between(next(draws), -9, 9)


def _arrow(draws: Iterator[float]) -> Point:
    return nonzero(next(draws), 12), nonzero(next(draws), 12)


_QUADRANTS = ((1, 1), (-1, 1), (-1, -1), (1, -1))


def _around(draws: Iterator[float], count: int) -> list[Point]:
    """Corners one after the other around an inner point: one a quadrant, a fifth to the right of the point."""
    x, y = between(next(draws), -5, 5), between(next(draws), -5, 5)
    points = [(x + s * between(next(draws), 1, 9), y + t * between(next(draws), 1, 9)) for s, t in _QUADRANTS]
    return points if count == 4 else [*points, (x + between(next(draws), 10, 15), y)]


def _edges(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(points, [*points[1:], points[0]], strict=True)


def _area(points: Sequence[Point]) -> Fraction:
    """The corners stand counterclockwise."""
    return Fraction(sum(a * d - b * c for (a, b), (c, d) in _edges(points)), 2)


def _shoelace(points: Sequence[Point]) -> Iterator[str]:
    terms = [a * d - b * c for (a, b), (c, d) in _edges(points)]
    for (a, b), (c, d) in _edges(points):
        yield f"${bracketed(a)} \\cdot {bracketed(d)} - {bracketed(c)} \\cdot {bracketed(b)} = {a * d - b * c}$"
    yield f"The area is half of ${added(map(str, terms))} = {sum(terms)}$: ${number(_area(points))}$."


def _corners(points: Sequence[Point]) -> str:
    return listed([f"${name}({x}, {y})$" for name, (x, y) in zip("ABCDE", points, strict=False)])


def _area_of(shape: str, points: Sequence[Point]) -> str:
    order = "" if shape == "triangle" else ", in this order"
    return f"Find the area of the {shape} with the corners {_corners(points)}{order}."
