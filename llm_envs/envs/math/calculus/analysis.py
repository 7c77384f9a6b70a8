"""Calculus: derivatives of elementary functions, definite integrals and areas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, number, polynomial, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["derivative", "integral"]


def derivative(rng: np.random.Generator, difficulty: int) -> Problem:
    """Differentiate: powers, chain rule, product rule, quotient rule, then several at once."""
    draws = uniforms(rng, 8)
    makers = (_of_polynomial, _of_power, _of_exponential, _of_wave, _of_quotient, _of_triple_product)
    function, answer, steps = makers[difficulty](draws)
    return Problem(f"Find the derivative of $f(x) = {function}$ with respect to $x$.", answer, steps)


def _of_polynomial(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    function = [nonzero(next(draws), 9) for _ in range(between(next(draws), 3, 4))]
    steps = ["Each $x^n$ becomes $nx^{n-1}$."]
    return polynomial(function), polynomial(_slope(function)), steps


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
    slope = _slope(p)
    steps = [
        f"$({polynomial(p)})' = {polynomial(slope)}$",
        f"$({exponential})' = {combination([(rate, exponential)])}$",
        "Product rule: $(uv)' = u'v + uv'$.",
    ]
    answer = [rate * p[0], rate * p[1] + slope[0], rate * p[2] + slope[1]]
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


def _slope(p: Sequence[int]) -> list[int]:
    degree = len(p) - 1
    return [coefficient * (degree - i) for i, coefficient in enumerate(p[:-1])]


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
    primitive = _primitive(p)
    steps = [f"A primitive is $F(x) = {polynomial(primitive)}$.", _difference(primitive, low, high)]
    return question, _value(primitive, high) - _value(primitive, low), steps


def _of_absolute_value(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a, b = between(next(draws), 2, 9), nonzero(next(draws), 20)
    zero = Fraction(-b, a)
    low, high = (-b // a) - between(next(draws), 0, 5), (-b // a) + between(next(draws), 1, 6)
    primitive = _primitive([a, b])
    at_low, at_zero, at_high = (_value(primitive, x) for x in (low, zero, high))
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
    primitive = _primitive(difference)
    answer = _value(primitive, low) - _value(primitive, high)
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
    primitive = _primitive(cubic)
    at_low, at_middle, at_high = (_value(primitive, x) for x in (low, middle, high))
    answer = abs(2 * at_middle - at_low - at_high)
    steps = [
        f"The zeros are $x = {low}, {middle}, {high}$.",
        f"A primitive is $F(x) = {polynomial(primitive)}$.",
        f"{_difference(primitive, low, middle)} {_difference(primitive, middle, high)}",
        f"These have opposite signs; their sizes add up to ${number(answer)}$.",
    ]
    return f"Find the total area enclosed by the curve $y = {polynomial(cubic)}$ and the $x$-axis.", answer, steps


def _primitive(p: Sequence[int]) -> list[Number]:
    degree = len(p)
    return [*(Fraction(coefficient, degree - i) for i, coefficient in enumerate(p)), 0]


def _value(p: Sequence[Number], x: Number) -> Fraction:
    value = Fraction(0)
    for coefficient in p:
        value = value * x + coefficient
    return value


def _difference(primitive: Sequence[Number], low: int, high: int) -> str:
    at_low, at_high = _value(primitive, low), _value(primitive, high)
    return f"$F({high}) - F({low}) = {number(at_high)} - {bracketed(at_low)} = {number(at_high - at_low)}$."
