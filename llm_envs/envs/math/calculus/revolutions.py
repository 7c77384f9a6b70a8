"""Solids of revolution: discs, rings and shells, with polynomials for profiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.calculus.polynomials import primitive_of, value
from llm_envs.envs.math.draws import between, uniforms
from llm_envs.envs.math.latex import combination, number, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["revolution"]


def revolution(rng: np.random.Generator, difficulty: int) -> Problem:
    """The volume of a solid of revolution, a multiple of pi."""
    draws = uniforms(rng, 8)
    makers = (_line, _parabola, _around_y_axis, _between_curves, _around_horizontal, _around_vertical)
    return makers[difficulty](draws)


def _line(draws: Iterator[float]) -> Problem:
    return _discs([between(next(draws), 1, 12), between(next(draws), 1, 20)], draws)


def _parabola(draws: Iterator[float]) -> Problem:
    return _discs([between(next(draws), 1, 6), between(next(draws), 0, 6), between(next(draws), 1, 9)], draws)


def _discs(p: Sequence[int], draws: Iterator[float]) -> Problem:
    low = between(next(draws), 0, 4)
    high = low + between(next(draws), 1, 6)
    question = (
        f"The region between the curve $y = {polynomial(p)}$ and the $x$-axis, from $x = {low}$ to $x = {high}$, is "
        "rotated about the $x$-axis. What is the volume of the solid?"
    )
    steps = [
        "The slice at $x$ is a disc whose radius is $y$, with the area $\\pi y^2$.",
        f"$y^2 = {polynomial(ring.times(p, p))}$",
    ]
    return _integrated(question, ring.times(p, p), 1, (low, high), steps)


def _around_y_axis(draws: Iterator[float]) -> Problem:
    p = [between(next(draws), 1, 6), between(next(draws), 0, 6), between(next(draws), 1, 9)]
    low = between(next(draws), 0, 4)
    high = low + between(next(draws), 1, 6)
    question = (
        f"The region between the curve $y = {polynomial(p)}$ and the $x$-axis, from $x = {low}$ to $x = {high}$, is "
        "rotated about the $y$-axis. What is the volume of the solid?"
    )
    steps = [
        "The strip at $x$ becomes a shell of circumference $2 \\pi x$ and height $y$.",
        f"So the volume is $2 \\pi$ times the integral of $xy = {polynomial([*p, 0])}$.",
    ]
    return _integrated(question, [*p, 0], 2, (low, high), steps)


def _between_curves(draws: Iterator[float]) -> Problem:
    """A line above a parabola that opens upwards, both above the axis."""
    line, parabola, low, high = _lens(draws)
    question = (
        f"The region enclosed by the curves $y = {polynomial(parabola)}$ and $y = {polynomial(line)}$ is rotated "
        "about the $x$-axis. What is the volume of the solid?"
    )
    outer, inner = ring.times(line, line), ring.times(parabola, parabola)
    steps = [
        (
            f"The curves meet where ${polynomial(ring.plus(parabola, line, -1))} = 0$: at $x = {low}$ and $x = "
            f"{high}$. Between these the line lies above."
        ),
        "The slice at $x$ is a ring: its area is $\\pi$ times the difference of the squares of the two heights.",
        f"The squares: ${polynomial(outer)}$ and ${polynomial(inner)}$.",
    ]
    return _integrated(question, ring.plus(outer, inner, -1), 1, (low, high), steps)


def _around_horizontal(draws: Iterator[float]) -> Problem:
    line, parabola, low, high = _lens(draws)
    level = -between(next(draws), 1, 6)
    question = (
        f"The region enclosed by the curves $y = {polynomial(parabola)}$ and $y = {polynomial(line)}$ is rotated "
        f"about the line $y = {level}$. What is the volume of the solid?"
    )
    far, near = ring.plus(line, [-level], 1), ring.plus(parabola, [-level], 1)
    outer, inner = ring.times(far, far), ring.times(near, near)
    steps = [
        (
            f"The curves meet where ${polynomial(ring.plus(parabola, line, -1))} = 0$: at $x = {low}$ and $x = "
            f"{high}$. Between these the line lies above."
        ),
        (
            f"The slice at $x$ is a ring around the axis of rotation with the radii ${polynomial(far)}$ and "
            f"${polynomial(near)}$."
        ),
        f"Their squares: ${polynomial(outer)}$ and ${polynomial(inner)}$.",
    ]
    return _integrated(question, ring.plus(outer, inner, -1), 1, (low, high), steps)


def _around_vertical(draws: Iterator[float]) -> Problem:
    line, parabola, low, high = _lens(draws)
    axis = low - between(next(draws), 1, 9)
    question = (
        f"The region enclosed by the curves $y = {polynomial(parabola)}$ and $y = {polynomial(line)}$ is rotated "
        f"about the line $x = {axis}$. What is the volume of the solid?"
    )
    height = ring.plus(line, parabola, -1)
    shell = ring.times(height, [1, -axis])
    steps = [
        (
            f"The curves meet where ${polynomial(ring.plus(parabola, line, -1))} = 0$: at $x = {low}$ and $x = "
            f"{high}$. Between these the line lies above."
        ),
        (
            f"The strip at $x$ has the height ${polynomial(height)}$ and the distance ${polynomial([1, -axis])}$ "
            "from the axis."
        ),
        "It becomes a shell; its area is $2 \\pi$ times distance times height.",
        f"Multiplied out: ${polynomial(shell)}$.",
    ]
    return _integrated(question, shell, 2, (low, high), steps)


def _lens(draws: Iterator[float]) -> tuple[list[int], list[int], int, int]:
    """A line, a parabola below it, and where they meet; both are positive there."""
    factor, low = between(next(draws), 1, 5), between(next(draws), 0, 4)
    high, slope = low + between(next(draws), 2, 6), between(next(draws), 1, 6)
    difference = [factor * c for c in ring.from_roots([low, high])]
    lift = factor * (high - low) ** 2 // 4 + between(next(draws), 1, 12)
    line = [slope, lift]
    return line, ring.plus(difference, line, 1), low, high


def _integrated(question: str, p: Sequence[int], factor: int, ends: tuple[int, int], steps: list[str]) -> Problem:
    """The problem whose answer is a multiple of pi times the integral of p."""
    (low, high), primitive = ends, primitive_of(p)
    at_low, at_high = value(primitive, low), value(primitive, high)
    answer = combination([(factor * (at_high - at_low), "\\pi")])
    multiple = "" if factor == 1 else "2 \\cdot "
    steps = [
        *steps,
        f"A primitive of ${polynomial(p)}$ is $F(x) = {polynomial(primitive)}$.",
        f"$F({high}) = {number(at_high)}$, $F({low}) = {number(at_low)}$",
        f"The volume is ${multiple}\\pi \\cdot {number(at_high - at_low)} = {answer}$.",
    ]
    return Problem(question, answer, steps)
