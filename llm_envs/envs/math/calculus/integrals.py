"""Definite integrals of polynomials and absolute values, and areas between curves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.calculus.polynomials import primitive_of, value
from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import Number, bracketed, number, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["integral"]


def integral(rng: np.random.Generator, difficulty: int) -> Problem:
    """Integrate polynomials, absolute values, and find areas between curves."""
    draws = uniforms(rng, 8)
    makers = (_of_line, _of_parabola, _of_cubic, _of_absolute_value, _area_between, _area_of_cubic)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


def _of_line(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    return _plain([nonzero(next(draws), 9) for _ in range(2)], draws)


def _of_parabola(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    return _plain([nonzero(next(draws), 9) for _ in range(3)], draws)


def _of_cubic(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    return _plain([nonzero(next(draws), 9) for _ in range(4)], draws)


def _plain(p: Sequence[int], draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    low = between(next(draws), -5, 4)
    high = between(next(draws), low + 1, 6)
    question = f"Evaluate $\\int_{{{low}}}^{{{high}}} ({polynomial(p)}) \\, dx$."
    primitive = primitive_of(p)
    steps = [f"A primitive is $F(x) = {polynomial(primitive)}$.", _difference(primitive, low, high)]
    return question, value(primitive, high) - value(primitive, low), steps


def _of_absolute_value(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a, b = between(next(draws), 2, 9), nonzero(next(draws), 20)
    zero = Fraction(-b, a)
    low, high = (-b // a) - between(next(draws), 0, 5), (-b // a) + between(next(draws), 1, 6)
    primitive = primitive_of([a, b])
    at_low, at_zero, at_high = (value(primitive, x) for x in (low, zero, high))
    answer = at_low + at_high - 2 * at_zero
    steps = [
        f"${polynomial([a, b])}$ changes sign at $x = {number(zero)}$.",
        f"A primitive is $F(x) = {polynomial(primitive)}$.",
        f"$F({low}) = {number(at_low)}$, $F({number(zero)}) = {number(at_zero)}$, $F({high}) = {number(at_high)}$",
        f"Both sides of it count positive: $F({low}) + F({high}) - 2F({number(zero)}) = {number(answer)}$.",
    ]
    return f"Evaluate $\\int_{{{low}}}^{{{high}}} |{polynomial([a, b])}| \\, dx$.", answer, steps


def _area_between(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a, low = between(next(draws), 1, 7), between(next(draws), -9, 5)
    high = low + between(next(draws), 1, 14)
    slope, shift = nonzero(next(draws), 9), nonzero(next(draws), 15)
    difference = [a, -a * (low + high), a * low * high]
    parabola = [a, difference[1] + slope, difference[2] + shift]
    primitive = primitive_of(difference)
    answer = value(primitive, low) - value(primitive, high)
    steps = [
        f"The curves meet where ${polynomial(difference)} = 0$: at $x = {low}$ and $x = {high}$.",
        f"A primitive is $F(x) = {polynomial(primitive)}$.",
        _difference(primitive, low, high),
        "Between the two the line lies above, so the area is the opposite.",
    ]
    line = polynomial([slope, shift])
    question = f"Find the area enclosed by the curves $y = {polynomial(parabola)}$ and $y = {line}$."
    return question, answer, steps


def _area_of_cubic(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a, low = nonzero(next(draws), 9), between(next(draws), -9, 3)
    middle = low + between(next(draws), 1, 6)
    high = middle + between(next(draws), 1, 6)
    symmetric = (low + middle + high, low * middle + low * high + middle * high, low * middle * high)
    cubic = [a, -a * symmetric[0], a * symmetric[1], -a * symmetric[2]]
    primitive = primitive_of(cubic)
    at_low, at_middle, at_high = (value(primitive, x) for x in (low, middle, high))
    answer = abs(2 * at_middle - at_low - at_high)
    steps = [
        f"The zeros are $x = {low}, {middle}, {high}$.",
        f"A primitive is $F(x) = {polynomial(primitive)}$.",
        f"{_difference(primitive, low, middle)} {_difference(primitive, middle, high)}",
        f"These have opposite signs; their sizes add up to ${number(answer)}$.",
    ]
    return f"Find the total area enclosed by the curve $y = {polynomial(cubic)}$ and the $x$-axis.", answer, steps


def _difference(primitive: Sequence[Number], low: int, high: int) -> str:
    at_low, at_high = value(primitive, low), value(primitive, high)
    return f"$F({high}) - F({low}) = {number(at_high)} - {bracketed(at_low)} = {number(at_high - at_low)}$."
