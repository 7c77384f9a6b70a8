"""Coordinates, projections, reflections and least squares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, different, nonzero, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, listed, number, product, vector
from llm_envs.envs.math.linear_algebra.matrices import determinant, dot, dot_text, invertible
from llm_envs.envs.math.problem import Problem

__all__ = ["projection"]

Answer = tuple[str, Sequence[Number], list[str]]


def projection(rng: np.random.Generator, difficulty: int) -> Problem:
    """Coordinates in a basis, or the point of a line or plane that is closest, or the line closest to points."""
    draws = uniforms(rng, 20)
    makers = (_coordinates, _onto_line, _mirrored, _onto_plane, _least_squares, _onto_span)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, vector(answer), steps)


def _coordinates(draws: Iterator[float]) -> Answer:
    (a, b), (c, d) = basis = invertible(draws, 9)
    s, t = (nonzero(next(draws), 9) for _ in range(2))
    u, v = [a, b], [c, d]
    w = [s * x + t * y for x, y in zip(u, v, strict=True)]
    below = determinant(basis)
    steps = [
        f"Solve ${combination([(a, 's'), (c, 't')])} = {w[0]}$ and ${combination([(b, 's'), (d, 't')])} = {w[1]}$.",
        f"Eliminate $t$: ${combination([(below, 's')])} = {dot_text([d, -c], w)} = {number(below * s)}$, so $s = {s}$.",
        (
            f"Eliminate $s$: ${combination([(below, 't')])} = {dot_text([a, -b], w[::-1])} = {number(below * t)}$, "
            f"so $t = {t}$."
        ),
    ]
    question = (
        f"Let $u = {vector(u)}$, $v = {vector(v)}$ and $w = {vector(w)}$. Find the pair $(s, t)$ with $w = su + tv$."
    )
    return question, [s, t], steps


def _onto_line(draws: Iterator[float]) -> Answer:
    u, v = _vector(draws, 6), _vector(draws, 4)
    question = (
        f"Find the orthogonal projection of $u = {vector(u)}$ onto the line through the origin along $v = {vector(v)}$."
    )
    return question, _along(u, v), _line_steps(u, v)


def _mirrored(draws: Iterator[float]) -> Answer:
    u, v = _vector(draws, 6), _vector(draws, 4)
    foot = _along(u, v)
    steps = [*_line_steps(u, v), f"This is $p = {vector(foot)}$, the midpoint of $u$ and its image, which is $2p - u$."]
    question = f"Reflect the point $u = {vector(u)}$ across the line through the origin along $v = {vector(v)}$."
    return f"{question} Find its image.", [2 * p - x for p, x in zip(foot, u, strict=True)], steps


def _onto_plane(draws: Iterator[float]) -> Answer:
    p, n, shift = _vector(draws, 8), _vector(draws, 5), nonzero(next(draws), 20)
    excess, square = dot(n, p) - shift, dot(n, n)
    shift, excess = (shift, excess) if excess else (shift - 1, 1)
    t = Fraction(-excess, square)
    plane = combination(zip(n, "xyz", strict=True))
    steps = [
        f"The shortest way goes along the normal $n = {vector(n)}$: the point is $p + tn$ with $p = {vector(p)}$.",
        f"$n \\cdot p = {dot_text(n, p)} = {dot(n, p)}$ and $n \\cdot n = {dot_text(n, n)} = {square}$.",
        f"It lies in the plane where ${dot(n, p)} + {square}t = {shift}$, so $t = {number(t)}$.",
    ]
    question = f"Which point of the plane ${plane} = {shift}$ is closest to ${vector(p)}$?"
    return question, [x + t * y for x, y in zip(p, n, strict=True)], steps


def _least_squares(draws: Iterator[float]) -> Answer:
    xs, ys = sorted(different(draws, -4, 6, 4)), [between(next(draws), -9, 9) for _ in range(4)]
    sums = [sum(xs), sum(ys), dot(xs, xs), dot(xs, ys)]
    below = 4 * sums[2] - sums[0] ** 2
    slope = Fraction(4 * sums[3] - sums[0] * sums[1], below)
    start = (sums[1] - slope * sums[0]) / 4
    points = [f"${vector(point)}$" for point in zip(xs, ys, strict=True)]
    steps = [
        f"Sums: $\\sum x = {sums[0]}$, $\\sum y = {sums[1]}$, $\\sum x^2 = {sums[2]}$, $\\sum xy = {sums[3]}$.",
        (
            f"Normal equations: ${combination([(4, 'a'), (sums[0], 'b')])} = {sums[1]}$ and "
            f"${combination([(sums[0], 'a'), (sums[2], 'b')])} = {sums[3]}$."
        ),
        f"Eliminate $a$: ${below}b = {product([4, sums[3]])} - {product(sums[:2])} = {slope * below}$.",
        f"So $b = {number(slope)}$.",
        f"$a = ({sums[1]} - {bracketed(slope)} \\cdot {bracketed(sums[0])}) / 4 = {number(start)}$",
    ]
    question = (
        f"The line $y = a + bx$ fits the points {listed(points)} best in the sense of least squares, that is, the "
        "sum of the squares of the vertical distances is smallest. Find $(a, b)$."
    )
    return question, [start, slope], steps


def _onto_span(draws: Iterator[float]) -> Answer:
    u, v = [1, 0, *(nonzero(next(draws), 2) for _ in range(2))], [0, *(nonzero(next(draws), 2) for _ in range(3))]
    w = [between(next(draws), -6, 6) for _ in range(4)]
    v = [y + x for x, y in zip(u, v, strict=True)] if next(draws) < 0.5 else v
    uu, uv, vv, uw, vw = (dot(*pair) for pair in ((u, u), (u, v), (v, v), (u, w), (v, w)))
    below = uu * vv - uv * uv
    s, t = Fraction(uw * vv - vw * uv, below), Fraction(uu * vw - uv * uw, below)
    steps = [
        "Seek $p = su + tv$ such that $w - p$ is orthogonal to $u$ and to $v$.",
        f"$u \\cdot u = {dot_text(u, u)} = {uu}$",
        f"$u \\cdot v = {dot_text(u, v)} = {uv}$",
        f"$v \\cdot v = {dot_text(v, v)} = {vv}$",
        f"$u \\cdot w = {dot_text(u, w)} = {uw}$",
        f"$v \\cdot w = {dot_text(v, w)} = {vw}$",
        f"So ${combination([(uu, 's'), (uv, 't')])} = {uw}$ and ${combination([(uv, 's'), (vv, 't')])} = {vw}$.",
        f"The determinant is ${uu} \\cdot {vv} - {bracketed(uv)}^2 = {below}$: $s = {number(s)}$, $t = {number(t)}$.",
    ]
    question = (
        f"Find the orthogonal projection of $w = {vector(w)}$ onto the plane spanned by $u = {vector(u)}$ and $v = "
        f"{vector(v)}$ in $\\mathbb{{R}}^4$."
    )
    return question, [s * x + t * y for x, y in zip(u, v, strict=True)], steps


def _vector(draws: Iterator[float], size: int) -> list[int]:
    return [nonzero(next(draws), size) for _ in range(3)]


def _along(u: Sequence[int], v: Sequence[int]) -> list[Fraction]:
    factor = Fraction(dot(u, v), dot(v, v))
    return [factor * x for x in v]


def _line_steps(u: Sequence[int], v: Sequence[int]) -> list[str]:
    return [
        f"$u \\cdot v = {dot_text(u, v)} = {dot(u, v)}$",
        f"$v \\cdot v = {dot_text(v, v)} = {dot(v, v)}$",
        f"The projection is ${combination([(Fraction(dot(u, v), dot(v, v)), 'v')])}$.",
    ]
