"""Distances and areas in space, by vectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import bracketed, combination, root, rooted, vector
from llm_envs.envs.math.linear_algebra.matrices import dot, dot_text
from llm_envs.envs.math.problem import Problem

__all__ = ["distance_in_space"]

Vector: TypeAlias = Sequence[int]


def distance_in_space(rng: np.random.Generator, difficulty: int) -> Problem:
    """A distance between points, lines and planes, or an area."""
    draws = uniforms(rng, 16)
    makers = (_two_points, _point_and_plane, _area, _point_and_line, _plane_of_three_points, _skew_lines)
    return makers[difficulty](draws)


def _two_points(draws: Iterator[float]) -> Problem:
    a, v = _point(draws), _arrow(draws, 12)
    b = _plus(a, v)
    steps = [f"$AB = {vector(v)}$", f"${_squares(v)} = {_dot(v, v)}$", f"The distance is ${rooted(_dot(v, v))}$."]
    return Problem(f"Find the distance between $A{vector(a)}$ and $B{vector(b)}$.", root(_dot(v, v)), steps)


def _point_and_plane(draws: Iterator[float]) -> Problem:
    p, n, shift = _point(draws), _arrow(draws, 6), nonzero(next(draws), 30)
    shift += _dot(p, n) == shift
    shift = shift or 31
    excess, square = abs(_dot(p, n) - shift), _dot(n, n)
    steps = [
        f"The normal vector $n = {vector(n)}$ has the square ${_squares(n)} = {square}$.",
        f"Put the point into left minus right: ${dot_text(n, p)} - {bracketed(shift)} = {_dot(p, n) - shift}$.",
        (
            f"The distance is the absolute value over the length of $n$: $\\frac{{{excess}}}{{\\sqrt{{{square}}}}} = "
            f"{root(square, Fraction(excess, square))}$."
        ),
    ]
    plane = combination(zip(n, "xyz", strict=True))
    question = f"Find the distance of the point ${vector(p)}$ from the plane ${plane} = {shift}$."
    return Problem(question, root(square, Fraction(excess, square)), steps)


def _area(draws: Iterator[float]) -> Problem:
    a, (u, v) = _point(draws), _two_arrows(draws)
    n = _cross(u, v)
    square = _dot(n, n)
    steps = [
        f"$AB = {vector(u)}$, $AC = {vector(v)}$",
        *_cross_steps("AB \\times AC", u, v),
        f"Its square: ${_squares(n)} = {square}$.",
        f"The area is half its length: $\\frac{{1}}{{2}} \\sqrt{{{square}}} = {root(square, Fraction(1, 2))}$.",
    ]
    corners = [vector(point) for point in (a, _plus(a, u), _plus(a, v))]
    question = f"Find the area of the triangle with the corners $A{corners[0]}$, $B{corners[1]}$ and $C{corners[2]}$."
    return Problem(question, root(square, Fraction(1, 2)), steps)


def _point_and_line(draws: Iterator[float]) -> Problem:
    a, (u, v) = _point(draws), _two_arrows(draws)
    n = _cross(u, v)
    top, below = _dot(n, n), _dot(u, u)
    p, b = _plus(a, v), _plus(a, u)
    steps = [
        f"$AB = {vector(u)}$, $AP = {vector(v)}$",
        *_cross_steps("AB \\times AP", u, v),
        f"$|AB \\times AP|^2 = {_squares(n)} = {top}$ and $|AB|^2 = {_squares(u)} = {below}$.",
        (
            f"The distance is height over base of a parallelogram: $\\sqrt{{\\frac{{{top}}}{{{below}}}}} = "
            f"{root(Fraction(top, below))}$."
        ),
    ]
    question = f"Find the distance of the point $P{vector(p)}$ from the line through $A{vector(a)}$ and $B{vector(b)}$."
    return Problem(question, root(Fraction(top, below)), steps)


def _plane_of_three_points(draws: Iterator[float]) -> Problem:
    a, (u, v), w = _point(draws), _two_arrows(draws), _arrow(draws, 5)
    n = _cross(u, v)
    if _dot(n, w) == 0:
        w = _plus(w, n)
    top, below = abs(_dot(n, w)), _dot(n, n)
    steps = [
        f"$AB = {vector(u)}$, $AC = {vector(v)}$, $AD = {vector(w)}$",
        *_cross_steps("AB \\times AC", u, v),
        f"This vector $n$ is normal to the plane, and $n \\cdot n = {_squares(n)} = {below}$.",
        f"$n \\cdot AD = {dot_text(n, w)} = {_dot(n, w)}$",
        (
            f"The distance is $\\frac{{|n \\cdot AD|}}{{|n|}} = \\frac{{{top}}}{{\\sqrt{{{below}}}}} = "
            f"{root(below, Fraction(top, below))}$."
        ),
    ]
    points = [vector(point) for point in (a, _plus(a, u), _plus(a, v), _plus(a, w))]
    question = (
        f"Find the distance of the point $D{points[3]}$ from the plane through $A{points[0]}$, $B{points[1]}$ and "
        f"$C{points[2]}$."
    )
    return Problem(question, root(below, Fraction(top, below)), steps)


def _skew_lines(draws: Iterator[float]) -> Problem:
    a, (u, v), w = _point(draws), _two_arrows(draws), _arrow(draws, 5)
    n = _cross(u, v)
    if _dot(n, w) == 0:
        w = _plus(w, n)
    top, below = abs(_dot(n, w)), _dot(n, n)
    c = _plus(a, w)
    points = [vector(point) for point in (a, _plus(a, u), c, _plus(c, v))]
    steps = [
        f"The lines run along $AB = {vector(u)}$ and $CD = {vector(v)}$, and $AC = {vector(w)}$.",
        "The shortest way from one to the other is perpendicular to both: it runs along $n = AB \\times CD$.",
        *_cross_steps("n", u, v),
        f"Its square: ${_squares(n)} = {below}$.",
        f"The part of $AC$ along $n$ is the distance: $n \\cdot AC = {dot_text(n, w)} = {_dot(n, w)}$.",
        (
            f"Divide its absolute value by the length of $n$: $\\frac{{{top}}}{{\\sqrt{{{below}}}}} = "
            f"{root(below, Fraction(top, below))}$."
        ),
    ]
    question = (
        f"Find the distance between the line through $A{points[0]}$ and $B{points[1]}$ and the line through "
        f"$C{points[2]}$ and $D{points[3]}$."
    )
    return Problem(question, root(below, Fraction(top, below)), steps)


def _point(draws: Iterator[float]) -> Vector:
    return [between(next(draws), -8, 8) for _ in range(3)]


def _arrow(draws: Iterator[float], size: int) -> Vector:
    return [nonzero(next(draws), size) for _ in range(3)]


def _two_arrows(draws: Iterator[float]) -> tuple[Vector, Vector]:
    """Not parallel: else the first coordinate of one is turned around."""
    u, v = _arrow(draws, 5), _arrow(draws, 5)
    return (u, v) if any(_cross(u, v)) else (u, [-v[0], *v[1:]])


def _plus(a: Vector, b: Vector) -> Vector:
    return [x + y for x, y in zip(a, b, strict=True)]


def _dot(a: Vector, b: Vector) -> int:
    return int(dot(a, b))


def _cross(u: Vector, v: Vector) -> Vector:
    (a, b, c), (d, e, f) = u, v
    return [b * f - c * e, c * d - a * f, a * e - b * d]


def _cross_steps(name: str, u: Vector, v: Vector) -> Iterator[str]:
    (a, b, c), (d, e, f) = (tuple(map(bracketed, vector)) for vector in (u, v))
    terms = (f"{p} \\cdot {q} - {r} \\cdot {s}" for p, q, r, s in ((b, f, c, e), (c, d, a, f), (a, e, b, d)))
    yield f"${name} = ({', '.join(terms)}) = {vector(_cross(u, v))}$"


def _squares(v: Vector) -> str:
    return " + ".join(f"{bracketed(x)}^2" for x in v)
