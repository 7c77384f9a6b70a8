"""Limits: cancelled factors, conjugates, standard limits, series."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.draws import between, different, nonzero, some_of, uniforms
from llm_envs.envs.math.latex import Number, combination, number, polynomial, product, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["limit"]


def limit(rng: np.random.Generator, difficulty: int) -> Problem:
    """A limit at a point or at infinity."""
    draws = uniforms(rng, 10)
    makers = (_at_infinity, _common_factor, _conjugate, _difference_of_roots, _standard, _second_order)
    at, function, answer, steps = makers[difficulty](draws)
    return Problem(f"Find the limit $\\lim_{{x \\to {at}}} {function}$.", number(answer), steps)


Answer = tuple[str, str, Number, list[str]]


def _at_infinity(draws: Iterator[float]) -> Answer:
    degree = between(next(draws), 2, 3)
    top, bottom = ([nonzero(next(draws), 20) for _ in range(degree)] for _ in range(2))
    steps = [
        f"Divide above and below by the highest power, $x^{degree - 1}$."
        if degree > 2
        else "Divide above and below by $x$.",
        f"All other terms go to 0, so the leading coefficients decide: {number(top[0])} over {number(bottom[0])}.",
    ]
    return "\\infty", ratio(polynomial(top), polynomial(bottom)), Fraction(top[0], bottom[0]), steps


def _common_factor(draws: Iterator[float]) -> Answer:
    at, above, below = different(draws, -9, 9, 3)
    first, second = nonzero(next(draws), 5), nonzero(next(draws), 5)
    top = [first * c for c in ring.from_roots([at, above])]
    bottom = [second * c for c in ring.from_roots([at, below])]
    steps = [
        f"Both vanish at $x = {at}$: take out ${polynomial([1, -at])}$ above and below.",
        f"What is left is ${ratio(polynomial([first, -first * above]), polynomial([second, -second * below]))}$.",
        f"At $x = {at}$ it is ${ratio(first * (at - above), second * (at - below))}$.",
    ]
    return (
        str(at),
        ratio(polynomial(top), polynomial(bottom)),
        Fraction(first * (at - above), second * (at - below)),
        steps,
    )


def _conjugate(draws: Iterator[float]) -> Answer:
    slope, at, value, factor = (
        nonzero(next(draws), 9),
        nonzero(next(draws), 9),
        between(next(draws), 1, 12),
        nonzero(next(draws), 5),
    )
    inside = polynomial([slope, value * value - slope * at])
    inside_root = f"\\sqrt{{{inside}}}"
    top, bottom = f"{inside_root} - {value}", polynomial([factor, -factor * at])
    steps = [
        f"Multiply above and below by ${inside_root} + {value}$.",
        f"Above stands ${inside} - {value * value} = {polynomial([slope, -slope * at])}$.",
        (
            f"Cancel ${polynomial([1, -at])}$: ${slope}$ is left above, "
            f"${combination([(factor, f'({inside_root} + {value})')])}$ below."
        ),
        f"At $x = {at}$ the root is {value}, so the limit is ${ratio(slope, product([factor, 2 * value]))}$.",
    ]
    return str(at), ratio(top, bottom), Fraction(slope, 2 * value * factor), steps


def _difference_of_roots(draws: Iterator[float]) -> Answer:
    lead, first, second = between(next(draws), 1, 6), nonzero(next(draws), 20), nonzero(next(draws), 20)
    second -= second == first
    second = second or -first
    shifts = nonzero(next(draws), 20), nonzero(next(draws), 20)
    insides = [polynomial([lead * lead, b, c]) for b, c in zip((first, second), shifts, strict=True)]
    rest = [first - second, shifts[0] - shifts[1]]
    steps = [
        "Multiply and divide by the sum of the two roots.",
        f"Above stands the difference of the squares: ${polynomial(rest)}$.",
        (
            f"Below, divide by $x$ under each root: $\\sqrt{{{lead * lead} + \\ldots}} + \\sqrt{{{lead * lead} + "
            f"\\ldots}}$, where all that is left out goes to 0; this goes to ${lead} + {lead} = {2 * lead}$."
        ),
        f"Above, ${polynomial(rest)}$ divided by $x$ goes to ${rest[0]}$.",
        f"The limit is ${ratio(rest[0], 2 * lead)}$.",
    ]
    function = f"\\left(\\sqrt{{{insides[0]}}} - \\sqrt{{{insides[1]}}}\\right)"
    return "\\infty", function, Fraction(first - second, 2 * lead), steps


class _Small(NamedTuple):
    """A function that is about `factor x^order` near 0, and why."""

    text: str
    factor: Fraction
    why: str


def _first_order(kind: int, a: int) -> _Small:
    inside = polynomial([a, 0])
    text = (f"\\sin({inside})", f"\\tan({inside})", f"(e^{{{inside}}} - 1)", f"\\ln({polynomial([a, 1])})")[kind]
    return _Small(text, Fraction(a), f"${text}$ is ${inside}$ plus terms of higher order.")


def _standard(draws: Iterator[float]) -> Answer:
    first, second, third = (_first_order(kind, nonzero(next(draws), 9)) for kind in some_of(draws, range(4), 3))
    factor, below = nonzero(next(draws), 9), between(next(draws), 2, 9)
    top = combination([(factor, first.text + second.text)])
    above, under = factor * first.factor * second.factor, below * third.factor
    steps = [
        "Near $x = 0$ each factor is as good as the first term of its series:",
        first.why,
        second.why,
        third.why,
        (
            f"So above stands ${combination([(above, 'x^2')])}$, below ${combination([(under, 'x^2')])}$, each plus "
            "terms of higher order."
        ),
        f"The limit is ${ratio(number(above), number(under))}$.",
    ]
    return "0", ratio(top, f"{below}x{third.text}"), above / under, steps


def _quadratic_term(kind: int, a: int) -> _Small:
    """What is left of a series when its constant and linear terms are taken away."""
    inside, half = polynomial([a, 0]), Fraction(a * a, 2)
    sign = -1 if kind == 2 else 1
    square = combination([(sign * half, "x^2")])
    if kind == 0:
        text = combination([(1, f"e^{{{inside}}}"), (-1, ""), (-a, "x")])
        series = f"e^{{{inside}}} = {combination([(1, ''), (a, 'x'), (half, 'x^2')])} + \\ldots"
    elif kind == 1:
        text = f"1 - \\cos({inside})"
        series = f"\\cos({inside}) = {combination([(1, ''), (-half, 'x^2')])} + \\ldots"
    else:
        text = combination([(1, f"\\ln({polynomial([a, 1])})"), (-a, "x")])
        series = f"\\ln({polynomial([a, 1])}) = {combination([(a, 'x'), (-half, 'x^2')])} + \\ldots"
    return _Small(text, sign * half, f"${series}$, so ${text} = {square} + \\ldots$")


def _second_order(draws: Iterator[float]) -> Answer:
    kinds = some_of(draws, range(3), 2)
    first, second = (_quadratic_term(kind, nonzero(next(draws), 9)) for kind in kinds)
    p, q = between(next(draws), 1, 6), nonzero(next(draws), 9)
    wave = _first_order(between(next(draws), 0, 1), q)
    top = combination([(p, f"({first.text})" if p > 1 else first.text), (1, f"x{wave.text}")])
    above = p * first.factor + wave.factor
    steps = [
        "Above and below go to 0, and so do their derivatives: compare the quadratic terms of the series.",
        first.why,
        wave.why,
        (
            f"So above stands ${combination([(p * first.factor, 'x^2'), (wave.factor, 'x^2')])}$ plus terms of "
            "higher order."
        ),
        second.why,
        f"The limit is ${number(above)}$ over ${number(second.factor)}$.",
    ]
    return "0", ratio(top, second.text), above / second.factor, steps
