"""Sums of series with rational values: geometric, telescoping, and those found from them by shifting."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import added, bracketed, number, polynomial
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.sequences.powers import times_power

__all__ = ["series"]

Answer = tuple[str, Fraction, list[str]]


def series(rng: np.random.Generator, difficulty: int) -> Problem:
    """The value of a finite or an infinite sum."""
    draws = uniforms(rng, 8)
    makers = (_geometric, _two_geometric, _telescoping, _telescoping_far, _times_linear, _times_quadratic)
    text, answer, steps = makers[difficulty](draws)
    return Problem(f"Find the value of {text}.", number(answer), steps)


def _geometric(draws: Iterator[float]) -> Answer:
    first, r = nonzero(next(draws), 60), _ratio(draws, 9)
    shown = added(number(first * r**k) for k in range(3))
    sign = "-" if first * r < 0 else "+"
    steps = [
        f"Each term is the one before times ${number(r)}$.",
        f"The sum is the first term over $1 - {bracketed(r)} = {number(1 - r)}$.",
    ]
    return f"the infinite geometric series ${shown} {sign} \\ldots$", first / (1 - r), steps


def _two_geometric(draws: Iterator[float]) -> Answer:
    below = between(next(draws), 4, 12)
    p, q = between(next(draws), 1, below // 2 - 1), between(next(draws), below // 2, below - 1)
    a, b = nonzero(next(draws), 9), nonzero(next(draws), 9)
    sums = [1 / (1 - Fraction(top, below)) for top in (p, q)]
    top = added([times_power(a, p, "k"), times_power(b, q, "k")])
    steps = [
        "Split the sum into two geometric series.",
        f"$\\sum_{{k=0}}^{{\\infty}} {_power_of(Fraction(p, below))} = {number(sums[0])}$",
        f"$\\sum_{{k=0}}^{{\\infty}} {_power_of(Fraction(q, below))} = {number(sums[1])}$",
        f"Together: ${a} \\cdot {number(sums[0])} + {bracketed(b)} \\cdot {number(sums[1])}$.",
    ]
    return f"$\\sum_{{k=0}}^{{\\infty}} \\frac{{{top}}}{{{below}^k}}$", a * sums[0] + b * sums[1], steps


def _telescoping(draws: Iterator[float]) -> Answer:
    """One over a product of neighbours in an arithmetic sequence."""
    step, shift, count = between(next(draws), 1, 6), between(next(draws), 1, 9), between(next(draws), 8, 60)
    top = between(next(draws), 2, 9)
    first, last = step + shift, step * (count + 1) + shift
    low, high = polynomial([step, shift], "k"), polynomial([step, shift + step], "k")
    steps = [
        f"$\\frac{{1}}{{({low})({high})}} = \\frac{{1}}{{{step}}} \\left(\\frac{{1}}{{{low}}} - "
        f"\\frac{{1}}{{{high}}}\\right)$"
        if step > 1
        else f"$\\frac{{1}}{{({low})({high})}} = \\frac{{1}}{{{low}}} - \\frac{{1}}{{{high}}}$",
        "In the sum all but the first and the last of these cancel.",
        (
            f"What is left is $\\frac{{1}}{{{first}}} - \\frac{{1}}{{{last}}} = "
            f"{number(Fraction(last - first, first * last))}$."
        ),
        f"This times ${number(Fraction(top, step))}$ is the sum.",
    ]
    text = f"$\\sum_{{k=1}}^{{{count}}} \\frac{{{top}}}{{({low})({high})}}$"
    return text, Fraction(top * (last - first), step * first * last), steps


def _telescoping_far(draws: Iterator[float]) -> Answer:
    """The two factors are further apart: several terms are left."""
    gap, shift, top = between(next(draws), 2, 5), between(next(draws), 0, 30), nonzero(next(draws), 60)
    left = [Fraction(1, shift + k) for k in range(1, gap + 1)]
    low, high = (polynomial([1, at], "k") for at in (shift, shift + gap))
    product = f"{f'({low})' if shift else 'k'}({high})"
    steps = [
        (
            f"$\\frac{{1}}{{{product}}} = \\frac{{1}}{{{gap}}} \\left(\\frac{{1}}{{{low}}} - "
            f"\\frac{{1}}{{{high}}}\\right)$"
        ),
        (
            f"Each negative term cancels a positive one that comes {gap} places later; the negative ones at the end "
            "go to 0."
        ),
        (
            f"What is left are the first {gap} positive ones: ${added(map(number, left))} = "
            f"{number(sum(left, Fraction(0)))}$."
        ),
        f"This times ${number(Fraction(top, gap))}$ is the sum.",
    ]
    return (
        f"$\\sum_{{k=1}}^{{\\infty}} \\frac{{{top}}}{{{product}}}$",
        sum(left, Fraction(0)) * Fraction(top, gap),
        steps,
    )


def _times_linear(draws: Iterator[float]) -> Answer:
    r, a, b = _ratio(draws, 7), nonzero(next(draws), 9), nonzero(next(draws), 20)
    plain, linear = r / (1 - r), r / (1 - r) ** 2
    power = _power_of(r)
    steps = [
        f"With $r = {number(r)}$: $\\sum_{{k=1}}^{{\\infty}} r^k = \\frac{{r}}{{1 - r}} = {number(plain)}$.",
        (
            "Let $T = \\sum_{k=1}^{\\infty} k r^k$. Then $T - rT$ is that sum again, so $T = "
            f"\\frac{{{number(plain)}}}{{1 - r}} = {number(linear)}$."
        ),
        f"Together: ${a} \\cdot {bracketed(linear)} + {bracketed(b)} \\cdot {bracketed(plain)}$.",
    ]
    text = f"$\\sum_{{k=1}}^{{\\infty}} ({polynomial([a, b], 'k')}) {power}$"
    return text, a * linear + b * plain, steps


def _times_quadratic(draws: Iterator[float]) -> Answer:
    r, a, b, c = _ratio(draws, 5), nonzero(next(draws), 6), nonzero(next(draws), 9), nonzero(next(draws), 20)
    plain, linear, square = r / (1 - r), r / (1 - r) ** 2, r * (1 + r) / (1 - r) ** 3
    steps = [
        f"With $r = {number(r)}$: $\\sum_{{k=1}}^{{\\infty}} r^k = \\frac{{r}}{{1 - r}} = {number(plain)}$.",
        (
            "Let $T = \\sum_{k=1}^{\\infty} k r^k$. Then $T - rT$ is that sum again, so $T = "
            f"\\frac{{{number(plain)}}}{{1 - r}} = {number(linear)}$."
        ),
        (
            "Let $U = \\sum_{k=1}^{\\infty} k^2 r^k$. Since $k^2 - (k-1)^2 = 2k - 1$, $U - rU = 2T - "
            "\\sum_{k=1}^{\\infty} r^k$."
        ),
        f"So $U = \\frac{{2 \\cdot {bracketed(linear)} - {bracketed(plain)}}}{{1 - r}} = {number(square)}$.",
        (
            f"Together: ${a} \\cdot {bracketed(square)} + {bracketed(b)} \\cdot {bracketed(linear)} + {bracketed(c)} "
            f"\\cdot {bracketed(plain)}$."
        ),
    ]
    text = f"$\\sum_{{k=1}}^{{\\infty}} ({polynomial([a, b, c], 'k')}) {_power_of(r)}$"
    return text, a * square + b * linear + c * plain, steps


def _ratio(draws: Iterator[float], largest: int) -> Fraction:
    """A fraction between -1 and 1, other than 0."""
    below = between(next(draws), 2, largest)
    return Fraction(one_of(next(draws), [p for p in range(1 - below, below) if p and gcd(p, below) == 1]), below)


def _power_of(r: Fraction) -> str:
    return f"\\left({number(r)}\\right)^k"
