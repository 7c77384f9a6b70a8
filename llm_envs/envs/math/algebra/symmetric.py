"""Vieta: expressions in the roots of a polynomial, found from its coefficients.

The roots themselves, which may be complex, are never needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, number, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["root_expression"]


_SIZES = ((9, 15), (7, 15), (7, 15), (7, 15), (5, 12), (2, 6))
"""By difficulty: bounds of the leading coefficient and of the others."""


def root_expression(rng: np.random.Generator, difficulty: int) -> Problem:
    """Evaluate a symmetric expression in the roots of a quadratic, or from level 3 on of a cubic."""
    draws = uniforms(rng, 6)
    makers = (_sum_and_product, _squares, _quotients, _three_squares, _reciprocals, _power_sum)
    names = "rs" if difficulty in {0, 1, 2} else "rst"
    leading, others = _SIZES[difficulty]
    coefficients = [between(next(draws), 1, leading), *(nonzero(next(draws), others) for _ in names)]
    elementary = [Fraction(sign * c, coefficients[0]) for sign, c in zip((-1, 1, -1), coefficients[1:], strict=False)]
    expression, answer, steps = makers[difficulty](elementary, draws)
    listed = " and ".join([", ".join(f"${name}$" for name in names[:-1]), f"${names[-1]}$"])
    question = (
        f"Let {listed} be the complex roots of ${polynomial(coefficients)}$, each taken as often as it occurs. "
        f"What is ${expression}$?"
    )
    known = zip(_ELEMENTARY[names], elementary, strict=True)
    vieta = ", ".join(f"${text} = {number(value)}$" for text, value in known)
    return Problem(question, number(answer), [f"By Vieta: {vieta}.", *steps])


_ELEMENTARY = {"rs": ("r + s", "rs"), "rst": ("r + s + t", "rs + rt + st", "rst")}

Asked: TypeAlias = tuple[str, Fraction, list[str]]


def _sum_and_product(elementary: Sequence[Fraction], draws: Iterator[float]) -> Asked:
    total, product = elementary
    p, q = nonzero(next(draws), 9), nonzero(next(draws), 9)
    answer = p * total + q * product
    steps = [f"${_times(p, total)} + {_times(q, product)} = {number(answer)}$"]
    return combination([(p, "(r + s)"), (q, "rs")]), answer, steps


def _squares(elementary: Sequence[Fraction], draws: Iterator[float]) -> Asked:
    total, product = elementary
    factor = nonzero(next(draws), 9)
    squares = total**2 - 2 * product
    answer = squares + factor * product
    steps = [
        f"$r^2 + s^2 = (r + s)^2 - 2rs = {number(total**2)} - {_times(2, product)} = {number(squares)}$",
        f"${number(squares)} + {_times(factor, product)} = {number(answer)}$",
    ]
    return combination([(1, "r^2"), (1, "s^2"), (factor, "rs")]), answer, steps


def _quotients(elementary: Sequence[Fraction], draws: Iterator[float]) -> Asked:
    total, product = elementary
    factor = one_of(next(draws), (-7, -6, -5, -4, -3, -2, 2, 3, 4, 5, 6, 7))
    squares = total**2 - 2 * product
    quotients, reciprocals = squares / product, total / product
    answer = quotients + factor * reciprocals
    steps = [
        f"$r^2 + s^2 = (r + s)^2 - 2rs = {number(total**2)} - {_times(2, product)} = {number(squares)}$",
        f"$\\frac{{r}}{{s}} + \\frac{{s}}{{r}} = \\frac{{r^2 + s^2}}{{rs}} = {number(quotients)}$",
        f"$\\frac{{1}}{{r}} + \\frac{{1}}{{s}} = \\frac{{r + s}}{{rs}} = {number(reciprocals)}$",
        f"${number(quotients)} + {_times(factor, reciprocals)} = {number(answer)}$",
    ]
    sum_text = "\\left(\\frac{1}{r} + \\frac{1}{s}\\right)"
    expression = combination([(1, "\\frac{r}{s}"), (1, "\\frac{s}{r}"), (factor, sum_text)])
    return expression, answer, steps


def _three_squares(elementary: Sequence[Fraction], draws: Iterator[float]) -> Asked:
    total, pairs, product = elementary
    factor = nonzero(next(draws), 9)
    squares = total**2 - 2 * pairs
    answer = squares + factor * product
    steps = [
        "$r^2 + s^2 + t^2 = (r + s + t)^2 - 2(rs + rt + st)$",
        f"$= {number(total**2)} - {_times(2, pairs)} = {number(squares)}$",
        f"${number(squares)} + {_times(factor, product)} = {number(answer)}$",
    ]
    return combination([(1, "r^2"), (1, "s^2"), (1, "t^2"), (factor, "rst")]), answer, steps


def _reciprocals(elementary: Sequence[Fraction], draws: Iterator[float]) -> Asked:
    """The reciprocals are the roots of the reversed polynomial."""
    total, pairs, product = elementary
    factor = one_of(next(draws), (-5, -4, -3, -2, 2, 3, 4, 5))
    first, second = pairs / product, total / product
    squares = first**2 - 2 * second
    answer = squares + factor * first
    reciprocal = [f"\\frac{{1}}{{{name}}}" for name in "rst"]
    steps = [
        f"${' + '.join(reciprocal)} = \\frac{{rs + rt + st}}{{rst}} = {number(first)}$",
        f"$\\frac{{1}}{{rs}} + \\frac{{1}}{{rt}} + \\frac{{1}}{{st}} = \\frac{{r + s + t}}{{rst}} = {number(second)}$",
        f"The squares of the reciprocals: ${bracketed(first)}^2 - {_times(2, second)} = {number(squares)}$.",
        f"${number(squares)} + {_times(factor, first)} = {number(answer)}$",
    ]
    terms = [(1, f"\\frac{{1}}{{{name}^2}}") for name in "rst"]
    terms.append((factor, f"\\left({' + '.join(reciprocal)}\\right)"))
    return combination(terms), answer, steps


def _power_sum(elementary: Sequence[Fraction], draws: Iterator[float]) -> Asked:
    """Newton: each power sum from the three before."""
    total, pairs, product = elementary
    power = between(next(draws), 4, 6)
    sums = [Fraction(3), total, total**2 - 2 * pairs]
    steps = [
        (
            "Let $p_n = r^n + s^n + t^n$. Each root satisfies the equation, so "
            f"$p_n = {combination([(total, 'p_{n-1}'), (-pairs, 'p_{n-2}'), (product, 'p_{n-3}')])}$."
        ),
        f"$p_0 = 3$, $p_1 = {number(total)}$, $p_2 = (r + s + t)^2 - 2(rs + rt + st) = {number(sums[2])}$",
    ]
    for n in range(3, power + 1):
        terms = list(zip((total, -pairs, product), reversed(sums[-3:]), strict=True))
        told = " + ".join(_times(factor, value) for factor, value in terms)
        sums.append(sum((factor * value for factor, value in terms), Fraction(0)))
        steps.append(f"$p_{n} = {told} = {number(sums[n])}$")
    return " + ".join(f"{name}^{power}" for name in "rst"), sums[power], steps


def _times(factor: Number, value: Number) -> str:
    return f"{bracketed(factor)} \\cdot {bracketed(value)}"
