"""Fractions of fractions: quotients, sums over sums, continued fractions, and one that hides an x."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, bracketed, number, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["nested_fraction"]

Layers: TypeAlias = Sequence[tuple[int, int]]
"""Of a continued fraction, from outside in: a whole number, and the numerator over all that is further in."""


def nested_fraction(rng: np.random.Generator, difficulty: int) -> Problem:
    """Evaluate fractions within fractions; at the last level, find what stands innermost."""
    draws = uniforms(rng, 16)
    makers = (_quotient, _sum_over, _continued, _signed, _over_each_other, _hidden)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


Asked: TypeAlias = tuple[str, Number, list[str]]


def _proper(draws: Iterator[float], largest: int) -> Fraction:
    bottom = between(next(draws), 3, largest)
    return Fraction(between(next(draws), 2, bottom - 1), bottom)


def _quotient(draws: Iterator[float]) -> Asked:
    top, bottom = _proper(draws, 40), _proper(draws, 40)
    answer = top / bottom
    upside = number(1 / bottom)
    steps = [f"${number(top)} \\div {number(bottom)} = {number(top)} \\cdot {upside} = {number(answer)}$"]
    return f"Evaluate ${ratio(number(top), number(bottom))}$.", answer, steps


def _sum_over(draws: Iterator[float]) -> Asked:
    first, second, bottom = (_proper(draws, 12) for _ in range(3))
    sign, total = one_of(next(draws), (("+", first + second), ("-", first - second)))
    answer = total / bottom
    text = f"{number(first)} {sign} {number(second)}"
    steps = [f"${text} = {number(total)}$", f"${number(total)} \\div {number(bottom)} = {number(answer)}$"]
    return f"Evaluate ${ratio(text, number(bottom))}$.", answer, steps


def _continued(draws: Iterator[float]) -> Asked:
    layers = [(between(next(draws), 1, 9), 1) for _ in range(2)]
    return _evaluated(layers, between(next(draws), 2, 99))


def _signed(draws: Iterator[float]) -> Asked:
    """Numerators up to 3 of either sign under whole numbers from 3 on: no denominator is 0."""
    layers = [(between(next(draws), 3, 9), nonzero(next(draws), 3)) for _ in range(3)]
    return _evaluated(layers, between(next(draws), 2, 9))


def _evaluated(layers: Layers, last: int) -> Asked:
    answer, steps = _from_inside(layers, last)
    return f"Evaluate ${_written(layers, str(last))}$.", answer, steps


def _from_inside(layers: Layers, last: int) -> tuple[Fraction, list[str]]:
    """The value of a continued fraction, and how it is found."""
    value, steps = Fraction(last), []
    for whole, top in reversed(layers):
        before, value = value, whole + top / value
        sign = "-" if top < 0 else "+"
        steps.append(f"${whole} {sign} {abs(top)} \\div {bracketed(before)} = {number(value)}$")
    return value, steps


def _written(layers: Layers, last: str) -> str:
    text = last
    for whole, top in reversed(layers):
        text = f"{whole} {'-' if top < 0 else '+'} {ratio(abs(top), text)}"
    return text


def _over_each_other(draws: Iterator[float]) -> Asked:
    layers = [[(between(next(draws), 3, 9), nonzero(next(draws), 2)) for _ in range(2)] for _ in range(2)]
    lasts = [between(next(draws), 2, 9) for _ in range(2)]
    (top, steps), (bottom, more) = (_from_inside(*part) for part in zip(layers, lasts, strict=True))
    answer = top / bottom
    texts = [_written(part, str(last)) for part, last in zip(layers, lasts, strict=True)]
    steps += [*more, f"${number(top)} \\div {number(bottom)} = {number(answer)}$"]
    return f"Evaluate ${ratio(*texts)}$.", answer, steps


def _hidden(draws: Iterator[float]) -> Asked:
    """Peel off layer after layer: subtract the whole number, and turn the rest over."""
    layers = [(between(next(draws), 1, 9), 1) for _ in range(3)]
    answer = Fraction(between(next(draws), 2, 30), between(next(draws), 1, 9))
    value = answer
    for whole, _ in reversed(layers):
        value = whole + 1 / value
    question = f"For which $x$ is ${_written(layers, 'x')} = {number(value)}$?"
    steps = []
    for i, (whole, _) in enumerate(layers):
        rest = value - whole
        inner = _written(layers[i + 1 :], "x")
        steps.append(f"${number(value)} - {whole} = {number(rest)}$, so ${inner} = {number(1 / rest)}$.")
        value = 1 / rest
    return question, answer, steps
