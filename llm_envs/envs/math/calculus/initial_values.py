"""Ordinary differential equations with initial values, of first and second order."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.calculus.polynomials import slope
from llm_envs.envs.math.draws import between, different, nonzero, uniforms
from llm_envs.envs.math.latex import bracketed, combination, number, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["initial_value"]


def initial_value(rng: np.random.Generator, difficulty: int) -> Problem:
    """The function that solves a differential equation and has given values."""
    draws = uniforms(rng, 8)
    makers = (_primitive, _growth, _limited_growth, _driven, _two_exponentials, _damped_wave)
    return makers[difficulty](draws)


def _primitive(draws: Iterator[float]) -> Problem:
    answer = [nonzero(next(draws), 4), *(nonzero(next(draws), size) for size in (6, 9, 20))]
    start = nonzero(next(draws), 2)
    at_start = ring.value(answer, start)
    without = [*answer[:-1], 0]
    steps = [
        f"A primitive is ${polynomial(without)} + C$.",
        f"At $x = {start}$: ${ring.value(without, start)} + C = {at_start}$, so $C = {answer[-1]}$.",
    ]
    question = f"Find the function $y(x)$ with $y' = {polynomial(slope(answer))}$ and $y({start}) = {at_start}$."
    return Problem(question, polynomial(answer), steps)


def _growth(draws: Iterator[float]) -> Problem:
    rate, start, height = nonzero(next(draws), 9), nonzero(next(draws), 6), nonzero(next(draws), 30)
    steps = [
        (
            f"The solutions are $y = Ce^{{{polynomial([rate, 0])}}}$, since $(e^{{{polynomial([rate, 0])}}})' = "
            f"{combination([(rate, f'e^{{{polynomial([rate, 0])}}}')])}$."
        ),
        (
            f"At $x = {start}$: $Ce^{{{rate * start}}} = {height}$, so $C = "
            f"{combination([(height, f'e^{{{-rate * start}}}')])}$."
        ),
    ]
    question = f"Find the function $y(x)$ with $y' = {combination([(rate, 'y')])}$ and $y({start}) = {height}$."
    return Problem(question, combination([(height, _exp(rate, -rate * start))]), steps)


def _limited_growth(draws: Iterator[float]) -> Problem:
    rate, level, height = nonzero(next(draws), 7), nonzero(next(draws), 12), nonzero(next(draws), 20)
    height += height == level
    height = height or -1
    steps = [
        f"The constant solution: $0 = {combination([(rate, 'y'), (-rate * level, '')])}$ at $y = {level}$.",
        f"For $z = y - {bracketed(level)}$ the equation is $z' = {combination([(rate, 'z')])}$: $z = C{_exp(rate)}$.",
        f"At $x = 0$: $C = {height} - {bracketed(level)} = {height - level}$.",
    ]
    rule = combination([(rate, "y"), (-rate * level, "")])
    question = f"Find the function $y(x)$ with $y' = {rule}$ and $y(0) = {height}$."
    return Problem(question, combination([(height - level, _exp(rate)), (level, "")]), steps)


def _driven(draws: Iterator[float]) -> Problem:
    rate, other = different(draws, -5, 5, 2)
    rate, other = rate or 6, other or -6
    factor, height = nonzero(next(draws), 9), nonzero(next(draws), 12)
    particular = Fraction(factor, other - rate)
    rest = height - particular
    steps = [
        f"Without the last term the solutions are $C{_exp(rate)}$.",
        (
            f"Try $y = A{_exp(other)}$: ${combination([(other, 'A')])} = "
            f"{combination([(rate, 'A'), (factor, '')])}$, so $A = {number(particular)}$."
        ),
        f"All solutions: $y = {combination([(1, f'C{_exp(rate)}'), (particular, _exp(other))])}$.",
        f"At $x = 0$: $C + {bracketed(particular)} = {height}$, so $C = {number(rest)}$.",
    ]
    rule = combination([(rate, "y"), (factor, _exp(other))])
    question = f"Find the function $y(x)$ with $y' = {rule}$ and $y(0) = {height}$."
    return Problem(question, combination([(rest, _exp(rate)), (particular, _exp(other))]), steps)


def _two_exponentials(draws: Iterator[float]) -> Problem:
    first, second = different(draws, -6, 6, 2)
    first, second = first or 7, second or -7
    p, q = nonzero(next(draws), 9), nonzero(next(draws), 9)
    height, rise = p + q, first * p + second * q
    characteristic = ring.from_roots([first, second])
    steps = [
        f"Characteristic equation: ${polynomial(characteristic, 'r')} = 0$, with the zeros {first} and {second}.",
        f"So $y = A{_exp(first)} + B{_exp(second)}$.",
        f"At $x = 0$: $A + B = {height}$ and ${combination([(first, 'A'), (second, 'B')])} = {rise}$.",
        (
            f"${first}$ times the first minus the second: ${combination([(first - second, 'B')])} = "
            f"{first * height - rise}$, so $B = {q}$ and $A = {p}$."
        ),
    ]
    return Problem(
        _second_order(characteristic, height, rise), combination([(p, _exp(first)), (q, _exp(second))]), steps
    )


def _damped_wave(draws: Iterator[float]) -> Problem:
    real, wave = nonzero(next(draws), 5), between(next(draws), 2, 7)
    p, q = nonzero(next(draws), 9), nonzero(next(draws), 9)
    rise = real * p + wave * q
    characteristic = [1, -2 * real, real * real + wave * wave]
    cosine, sine = f"\\cos({wave}x)", f"\\sin({wave}x)"
    steps = [
        f"Characteristic equation: ${polynomial(characteristic, 'r')} = 0$.",
        f"Complete the square: $({polynomial([1, -real], 'r')})^2 = {-wave * wave}$, so $r = {real} \\pm {wave}i$.",
        f"So $y = {_exp(real)}(A{cosine} + B{sine})$.",
        f"At $x = 0$: $A = {p}$.",
        (
            f"$y' = {_exp(real)}\\left(({combination([(real, 'A'), (wave, 'B')])}){cosine} + "
            f"({combination([(real, 'B'), (-wave, 'A')])}){sine}\\right)$"
        ),
        (
            f"At $x = 0$: ${combination([(real, 'A'), (wave, 'B')])} = {rise}$, so ${wave}B = {rise} - "
            f"{bracketed(real * p)} = {wave * q}$ and $B = {q}$."
        ),
    ]
    answer = f"{_exp(real)}({combination([(p, cosine), (q, sine)])})"
    return Problem(_second_order(characteristic, p, rise), answer, steps)


def _second_order(characteristic: list[int], height: int, rise: int) -> str:
    left = combination(zip(characteristic, ("y''", "y'", "y"), strict=True))
    return f"Find the function $y(x)$ with ${left} = 0$, $y(0) = {height}$ and $y'(0) = {rise}$."


def _exp(rate: int, shift: int = 0) -> str:
    return f"e^{{{polynomial([rate, shift])}}}"
