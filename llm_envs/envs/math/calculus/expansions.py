"""Maclaurin series: single coefficients of products, quotients, roots and compositions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import factorial
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, added, bracketed, combination, number, polynomial, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["series_coefficient"]

Series: TypeAlias = list[Fraction]
"""Coefficients, the constant term first."""


def series_coefficient(rng: np.random.Generator, difficulty: int) -> Problem:
    """The coefficient of a power of x in the Maclaurin series of a function."""
    draws = uniforms(rng, 8)
    makers = (_standard, _times_polynomial, _two_series, _composition, _root_times_polynomial, _quotient)
    function, power, answer, steps = makers[difficulty](draws)
    question = f"Find the coefficient of $x^{power}$ in the Maclaurin series of $f(x) = {function}$."
    return Problem(question, number(answer), steps)


Answer = tuple[str, int, Fraction, list[str]]


def _standard(draws: Iterator[float]) -> Answer:
    a, factor, power = nonzero(next(draws), 9), _factor(draws, 30), between(next(draws), 3, 6)
    inside = polynomial([a, 0])
    if next(draws) < 0.5:
        function, known, coefficient = (
            f"e^{{{inside}}}",
            "e^t = \\sum \\frac{t^n}{n!}",
            Fraction(a**power, factorial(power)),
        )
    else:
        function, known = f"\\ln({polynomial([a, 1])})", "\\ln(1 + t) = \\sum (-1)^{n+1} \\frac{t^n}{n}"
        coefficient = Fraction(-((-a) ** power), power)
    steps = [
        f"Put $t = {inside}$ into ${known}$.",
        f"The term with $x^{power}$ has the coefficient ${number(coefficient)}$; times {factor}.",
    ]
    return combination([(factor, function)]), power, factor * coefficient, steps


def _times_polynomial(draws: Iterator[float]) -> Answer:
    p, a, power = [nonzero(next(draws), 9) for _ in range(3)], nonzero(next(draws), 6), between(next(draws), 3, 5)
    exponential = _exponential(a, power)
    answer = sum((c * exponential[power - 2 + i] for i, c in enumerate(p)), Fraction(0))
    terms = (f"{c} \\cdot {bracketed(exponential[power - 2 + i])}" for i, c in enumerate(p))
    steps = [
        f"$e^{{{polynomial([a, 0])}}} = {_written(exponential)}$",
        (
            f"$x^{power}$ comes from $x^2$ times ${_x(power - 2)}$, from $x$ times $x^{power - 1}$ and from 1 times "
            f"$x^{power}$."
        ),
        f"Together: ${added(terms)}$.",
    ]
    return f"({polynomial(p)})e^{{{polynomial([a, 0])}}}", power, answer, steps


def _two_series(draws: Iterator[float]) -> Answer:
    a, b, factor = nonzero(next(draws), 6), nonzero(next(draws), 6), _factor(draws, 9)
    power = between(next(draws), 3, 4)
    exponential, geometric = _exponential(a, power), [Fraction(b**n) for n in range(power + 1)]
    products = [exponential[n] * geometric[power - n] for n in range(power + 1)]
    bottom = polynomial([-b, 1])
    steps = [
        f"$e^{{{polynomial([a, 0])}}} = {_written(exponential)}$",
        f"$\\frac{{1}}{{{bottom}}} = {_written(geometric)}$, a geometric series",
        f"$x^{power}$ comes from each term of the first times the one of the second that completes the power:",
        f"${added(map(number, products))} = {number(sum(products))}$",
        f"Times {factor}.",
    ]
    top = combination([(factor, f"e^{{{polynomial([a, 0])}}}")])
    return ratio(top, bottom), power, factor * sum(products, Fraction(0)), steps


def _composition(draws: Iterator[float]) -> Answer:
    a, b, factor = nonzero(next(draws), 9), nonzero(next(draws), 9), _factor(draws, 9)
    power, is_exponential = between(next(draws), 3, 4), next(draws) < 0.5
    inner: Series = [Fraction(0), Fraction(b), Fraction(a), *[Fraction(0)] * (power - 2)]
    text, known = polynomial([a, b, 0]), "e^t = \\sum \\frac{t^n}{n!}"
    function, weights = f"e^{{{text}}}", [Fraction(1, factorial(n)) for n in range(1, power + 1)]
    if not is_exponential:
        known, function = "\\ln(1 + t) = \\sum (-1)^{n+1} \\frac{t^n}{n}", f"\\ln({polynomial([a, b, 1])})"
        weights = [Fraction((-1) ** (n + 1), n) for n in range(1, power + 1)]
    held = [_power(inner, n)[power] for n in range(1, power + 1)]
    answer = sum((weight * c for weight, c in zip(weights, held, strict=True)), Fraction(0))
    steps = [f"Put $t = {text}$ into ${known}$; only $t^2$ to $t^{power}$ hold $x^{power}$."]
    for n, weight, c in list(zip(range(1, power + 1), weights, held, strict=True))[1:]:
        steps.append(f"$t^{n}$ holds ${combination([(c, _x(power))])}$, and its factor is ${number(weight)}$.")
    steps.append(f"Together: ${number(answer)}$; times {factor}.")
    return combination([(factor, function)]), power, factor * answer, steps


def _root_times_polynomial(draws: Iterator[float]) -> Answer:
    a, p, power = nonzero(next(draws), 9), [nonzero(next(draws), 9) for _ in range(2)], between(next(draws), 3, 4)
    exponent, name = one_of(next(draws), ((Fraction(1, 2), "\\sqrt{T}"), (Fraction(-1, 2), "\\frac{1}{\\sqrt{T}}")))
    root: Series = [Fraction(1)]
    for n in range(1, power + 1):
        root.append(root[-1] * (exponent - n + 1) / n * a)
    answer = p[0] * root[power - 1] + p[1] * root[power]
    inside = polynomial([a, 1])
    written = name.replace("T", inside)
    steps = [
        (
            f"${written} = ({inside})^{{{number(exponent)}}}$: in the binomial series the coefficient of $x^n$ is "
            f"the one before times $\\frac{{{number(exponent)} - (n - 1)}}{{n}} \\cdot {bracketed(a)}$."
        ),
        *(f"$n = {n}$: ${number(c)}$" for n, c in enumerate(root)),
        (
            f"With the factor ${polynomial(p)}$: ${p[0]} \\cdot {bracketed(root[power - 1])} + {bracketed(p[1])} "
            f"\\cdot {bracketed(root[power])} = {number(answer)}$."
        ),
    ]
    return (
        f"({polynomial(p)}){written}" if exponent > 0 else ratio(polynomial(p), f"\\sqrt{{{inside}}}"),
        power,
        answer,
        steps,
    )


def _quotient(draws: Iterator[float]) -> Answer:
    """The unknown series times the denominator is the series of the numerator."""
    a, b, c, factor = *(nonzero(next(draws), size) for size in (6, 5, 5)), _factor(draws, 9)
    power = between(next(draws), 4, 5)
    exponential = _exponential(a, power)
    found: Series = []
    lines = []
    for n, wanted in enumerate(exponential):
        before = found[-1] if found else Fraction(0)
        further = found[-2] if len(found) > 1 else Fraction(0)
        found.append(wanted - b * before - c * further)
        lines.append(f"$c_{n} = {number(found[-1])}$")
    rule = combination([(1, f"\\frac{{{bracketed(a)}^n}}{{n!}}"), (-b, "c_{n-1}"), (-c, "c_{n-2}")])
    steps = [
        (
            f"Let $\\sum c_n x^n$ be the series without the factor {factor}. Multiply by the denominator: "
            f"$({polynomial([c, b, 1])}) \\sum c_n x^n = e^{{{polynomial([a, 0])}}}$."
        ),
        f"Compare the coefficients of $x^n$: $c_n = {rule}$, where $c_{{-1}} = c_{{-2}} = 0$.",
        *lines,
        f"Times {factor}.",
    ]
    top = combination([(factor, f"e^{{{polynomial([a, 0])}}}")])
    return ratio(top, polynomial([c, b, 1])), power, factor * found[power], steps


def _factor(draws: Iterator[float], size: int) -> int:
    """Neither 0 nor 1."""
    factor = nonzero(next(draws), size)
    return factor + (factor > 0)


def _exponential(a: int, order: int) -> Series:
    return [Fraction(a**n, factorial(n)) for n in range(order + 1)]


def _power(series: Series, exponent: int) -> Series:
    """Up to the order of the series."""
    product: Series = [Fraction(1), *[Fraction(0)] * (len(series) - 1)]
    for _ in range(exponent):
        product = [sum((product[i] * series[n - i] for i in range(n + 1)), Fraction(0)) for n in range(len(series))]
    return product


def _written(series: Sequence[Number]) -> str:
    """From the constant term up."""
    return combination((c, _x(n) if n else "") for n, c in enumerate(series)) + " + \\ldots"


def _x(power: int) -> str:
    return "x" if power == 1 else f"x^{power}"
