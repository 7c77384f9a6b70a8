"""Derivatives of elementary functions, by the rules."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.calculus.polynomials import slope
from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import combination, polynomial, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["derivative"]


def derivative(rng: np.random.Generator, difficulty: int) -> Problem:
    """Differentiate: powers, chain rule, product rule, quotient rule, then several at once."""
    draws = uniforms(rng, 8)
    makers = (_of_polynomial, _of_power, _of_exponential, _of_wave, _of_quotient, _of_triple_product)
    function, answer, steps = makers[difficulty](draws)
    return Problem(f"Find the derivative of $f(x) = {function}$ with respect to $x$.", answer, steps)


def _of_polynomial(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    function = [nonzero(next(draws), 9) for _ in range(between(next(draws), 3, 4))]
    steps = ["Each $x^n$ becomes $nx^{n-1}$."]
    return polynomial(function), polynomial(slope(function)), steps


def _of_power(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    factor, a, b = nonzero(next(draws), 5), nonzero(next(draws), 9), nonzero(next(draws), 9)
    exponent, inner = between(next(draws), 3, 9), f"({polynomial([a, 0, b])})"
    steps = [
        f"Outer derivative: ${combination([(factor * exponent, f'{inner}^{exponent - 1}')])}$.",
        f"Inner derivative: ${combination([(2 * a, 'x')])}$.",
    ]
    answer = combination([(2 * a * factor * exponent, f"x{_power(inner, exponent - 1)}")])
    return combination([(factor, _power(inner, exponent))]), answer, steps


def _of_exponential(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    p, rate = [nonzero(next(draws), 9) for _ in range(3)], nonzero(next(draws), 7)
    exponential = f"e^{{{polynomial([rate, 0])}}}"
    change = slope(p)
    steps = [
        f"$({polynomial(p)})' = {polynomial(change)}$",
        f"$({exponential})' = {combination([(rate, exponential)])}$",
        "Product rule: $(uv)' = u'v + uv'$.",
    ]
    answer = [rate * p[0], rate * p[1] + change[0], rate * p[2] + change[1]]
    return f"({polynomial(p)}){exponential}", f"({polynomial(answer)}){exponential}", steps


def _of_wave(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    factor, exponent, rate = nonzero(next(draws), 9), between(next(draws), 2, 7), between(next(draws), 2, 9)
    inside = polynomial([rate, nonzero(next(draws), 9)])
    sine, cosine = f"\\sin({inside})", f"\\cos({inside})"
    wave, other, sign = (sine, cosine, 1) if next(draws) < 0.5 else (cosine, sine, -1)
    lower = _power("x", exponent - 1)
    steps = [
        f"$(x^{exponent})' = {exponent}{lower}$",
        f"$({wave})' = {combination([(sign * rate, other)])}$",
        "Product rule: $(uv)' = u'v + uv'$.",
    ]
    terms = [(factor * exponent, f"{lower}{wave}"), (sign * factor * rate, f"x^{exponent}{other}")]
    return combination([(factor, f"x^{exponent}{wave}")]), combination(terms), steps


def _of_quotient(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    a, b = nonzero(next(draws), 9), nonzero(next(draws), 9)
    c, d = between(next(draws), 1, 5), between(next(draws), 1, 9)
    top, bottom = polynomial([a, b]), polynomial([c, 0, d])
    above = polynomial([-a * c, -2 * b * c, a * d])
    steps = [
        f"Quotient rule: $(u/v)' = (u'v - uv')/v^2$ with $u' = {a}$, $v' = {polynomial([2 * c, 0])}$.",
        f"$u'v - uv' = {above}$",
    ]
    return ratio(top, bottom), ratio(above, f"({bottom})^2"), steps


def _of_triple_product(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    factor, exponent = nonzero(next(draws), 9), between(next(draws), 2, 6)
    growth, rate = nonzero(next(draws), 6), between(next(draws), 2, 9)
    exponential, sine, cosine = f"e^{{{polynomial([growth, 0])}}}", f"\\sin({rate}x)", f"\\cos({rate}x)"
    lower = _power("x", exponent - 1)
    steps = [
        "$(uvw)' = u'vw + uv'w + uvw'$",
        f"$u = x^{exponent}$, $u' = {exponent}{lower}$",
        f"$v = {exponential}$, $v' = {combination([(growth, exponential)])}$",
        f"$w = {sine}$, $w' = {rate}{cosine}$",
    ]
    inside = combination([(exponent, sine), (growth, f"x{sine}"), (rate, f"x{cosine}")])
    answer = combination([(factor, f"{lower}{exponential}({inside})")])
    return combination([(factor, f"x^{exponent}{exponential}{sine}")]), answer, steps


def _power(base: str, exponent: int) -> str:
    return base if exponent == 1 else f"{base}^{exponent}"
