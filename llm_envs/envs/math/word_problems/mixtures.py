"""Mixtures: what is in them, how to dilute them, how to get a given one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import number
from llm_envs.envs.math.problem import Problem

__all__ = ["mixture"]


class _Liquid(NamedTuple):
    """A mixture, what it is a mixture of, and what else may be said."""

    name: str
    part: str
    rest: str
    vessel: str
    aside: str


_LIQUIDS = (
    _Liquid("brine", "salt", "water", "tub", "The tub was bought {} years ago."),
    _Liquid("syrup", "sugar", "water", "pot", "The pot is {} cm high."),
    _Liquid("vinegar", "acid", "water", "bottle", "The bottle cost {} coins."),
    _Liquid("fertiliser", "nitrate", "water", "can", "The garden has {} rose bushes."),
    _Liquid("squash", "juice", "water", "jug", "There are {} guests."),
)


def mixture(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find what is in a mixture, or what to mix; all percentages are by mass."""
    draws = uniforms(rng, 16)
    makers = (_content, _concentration, _diluted, _two_to_one, _replaced, _three_alloys)
    question, answer, steps = makers[difficulty](one_of(next(draws), _LIQUIDS), draws)
    return Problem(question, number(answer), steps)


def _two_percentages(draws: Iterator[float], most: int) -> tuple[int, int]:
    """Different ones, the lower one first, both multiples of five."""
    low = 5 * between(next(draws), 1, most // 5 - 3)
    return low, 5 * between(next(draws), low // 5 + 2, most // 5)


def _content(liquid: _Liquid, draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    (p, q), masses = _two_percentages(draws, 40), [10 * between(next(draws), 10, 90) for _ in range(2)]
    parts = [Fraction(mass * percent, 100) for mass, percent in zip(masses, (p, q), strict=True)]
    steps = [
        f"${mass} \\cdot \\frac{{{percent}}}{{100}} = {number(part)}$ g of {liquid.part}"
        for mass, percent, part in zip(masses, (p, q), parts, strict=True)
    ]
    answer = sum(parts, Fraction(0))
    steps.append(f"${number(parts[0])} + {number(parts[1])} = {number(answer)}$ g")
    question = (
        f"{masses[0]} g of {liquid.name} with {p}% {liquid.part} and {masses[1]} g of {liquid.name} with {q}% "
        f"{liquid.part} (percentages by mass) are mixed. How many grams of {liquid.part} are in the mixture?"
    )
    return question, answer, steps


def _concentration(liquid: _Liquid, draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    (p, q), masses = _two_percentages(draws, 40), [10 * between(next(draws), 5, 60) for _ in range(2)]
    parts = [Fraction(mass * percent, 100) for mass, percent in zip(masses, (p, q), strict=True)]
    total, whole = sum(parts, Fraction(0)), sum(masses)
    answer = 100 * total / whole
    steps = [
        (
            f"{liquid.part.capitalize()}: ${masses[0]} \\cdot \\frac{{{p}}}{{100}} + {masses[1]} \\cdot "
            f"\\frac{{{q}}}{{100}} = {number(total)}$ g."
        ),
        f"Mixture: ${masses[0]} + {masses[1]} = {whole}$ g.",
        f"$100 \\cdot {number(total)} \\div {whole} = {number(answer)}$ percent",
    ]
    question = (
        f"{masses[0]} g of {liquid.name} with {p}% {liquid.part} and {masses[1]} g of {liquid.name} with {q}% "
        f"{liquid.part} (percentages by mass) are mixed. What percentage of the mixture is {liquid.part}?"
    )
    return question, answer, steps


def _diluted(liquid: _Liquid, draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """The mass is told in kilograms and asked in grams; either more of the rest is added, or it boils off."""
    low, high = _two_percentages(draws, 60)
    kilograms = Fraction(between(next(draws), 5, 60), 10)
    grams, boils = int(1000 * kilograms), next(draws) < 0.5
    before, after = (low, high) if boils else (high, low)
    part = Fraction(grams * before, 100)
    mass = 100 * part / after
    answer = abs(mass - grams)
    steps = [
        f"{liquid.part.capitalize()}: ${grams} \\cdot \\frac{{{before}}}{{100}} = {number(part)}$ g, before and after.",
        f"This is to be {after}% of the whole: $100 \\cdot {number(part)} \\div {after} = {number(mass)}$ g.",
        f"${grams} - {number(mass)} = {number(answer)}$ g"
        if boils
        else f"${number(mass)} - {grams} = {number(answer)}$ g",
    ]
    done = f"of {liquid.rest} must evaporate from" if boils else f"of {liquid.rest} must be added to"
    question = (
        f"A {liquid.vessel} holds {_kilograms(kilograms)} kg of {liquid.name} with {before}% {liquid.part} by mass. "
        f"{_aside(liquid, draws)} How many grams {done} the {liquid.name} so that it has {after}% {liquid.part}?"
    )
    return question, answer, steps


def _kilograms(value: Fraction) -> str:
    return f"{float(value):.1f}" if value.denominator > 1 else str(value)


def _aside(liquid: _Liquid, draws: Iterator[float]) -> str:
    return liquid.aside.format(between(next(draws), 6, 40))


def _two_to_one(liquid: _Liquid, draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    low, high = _two_percentages(draws, 70)
    wanted = between(next(draws), low + 1, high - 1)
    kilograms = between(next(draws), 2, 15)
    grams = 1000 * kilograms
    strong = Fraction(grams * (wanted - low), high - low)
    asks_strong = next(draws) < 0.5
    answer = strong if asks_strong else grams - strong
    steps = [
        f"Let $x$ be the grams of {high}% {liquid.name}; then there are ${grams} - x$ of the other.",
        (
            f"{liquid.part.capitalize()}, in hundredths of a gram: ${high}x + {low}({grams} - x) = {wanted} \\cdot "
            f"{grams}$."
        ),
        f"${high - low}x = {wanted * grams - low * grams}$, so $x = {number(strong)}$.",
    ]
    if not asks_strong:
        steps.append(f"${grams} - {number(strong)} = {number(answer)}$")
    question = (
        f"{liquid.name.capitalize()} with {low}% {liquid.part} and {liquid.name} with {high}% {liquid.part} (by mass) "
        f"are mixed to get {kilograms} kg with {wanted}% {liquid.part}. {_aside(liquid, draws)} How many grams of the "
        f"{'stronger' if asks_strong else 'weaker'} one are needed?"
    )
    return question, answer, steps


def _replaced(liquid: _Liquid, draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """Some of it is taken out and replaced by water, several times."""
    kilograms, percent = between(next(draws), 2, 9), between(next(draws), 20, 80)
    grams = 1000 * kilograms
    out = 50 * kilograms * between(next(draws), 2, 10)
    times = between(next(draws), 2, 3)
    keeps = Fraction(grams - out, grams)
    part = Fraction(grams * percent, 100)
    asks_percent = next(draws) < 0.5
    answer = Fraction(percent) * keeps**times if asks_percent else part * keeps**times
    steps = [
        f"Each time $\\frac{{{grams} - {out}}}{{{grams}}} = {number(keeps)}$ of the {liquid.part} stays.",
        f"After {times} times, $\\left({number(keeps)}\\right)^{times} = {number(keeps**times)}$ of it is left.",
    ]
    if asks_percent:
        steps.append(f"The whole stays the same: ${percent} \\cdot {number(keeps**times)} = {number(answer)}$ percent.")
    else:
        steps.append(
            f"At first there are ${grams} \\cdot \\frac{{{percent}}}{{100}} = {number(part)}$ g of {liquid.part}."
        )
        steps.append(f"${number(part)} \\cdot {number(keeps**times)} = {number(answer)}$ g")
    asked = (
        f"What percentage of it is {liquid.part} then" if asks_percent else f"How many grams of {liquid.part} are left"
    )
    question = (
        f"A {liquid.vessel} holds {kilograms} kg of {liquid.name} with {percent}% {liquid.part} by mass. "
        f"{_aside(liquid, draws)} {out} g of the {liquid.name} are poured out and replaced by the same mass of "
        f"{liquid.rest}, and all is stirred well. This is done {('twice', 'three times')[times - 2]} in all. {asked}?"
    )
    return question, answer, steps


_METALS = (("copper", "tin"), ("silver", "copper"), ("gold", "silver"), ("zinc", "copper"), ("lead", "tin"))


_SHARES = sorted({Fraction(a, a + b) for a in range(1, 8) for b in range(1, 9 - a)})
"""Of the first metal, for all ratios of integers with a sum of at most eight."""


def _three_alloys(_liquid: _Liquid, draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """Alloys told by ratios: so much of the second one is added to the first that the third comes out."""
    first, second = one_of(next(draws), _METALS)
    low, middle, high = (one_of(next(draws), shares) for shares in (_SHARES[:7], _SHARES[7:14], _SHARES[14:]))
    start, end = (low, high) if next(draws) < 0.5 else (high, low)
    grams = 20 * between(next(draws), 10, 90)
    answer = grams * (middle - start) / (end - middle)
    names = f"{first} and {second}"
    steps = [
        f"The shares of {first} are ${number(start)}$, ${number(end)}$ and ${number(middle)}$.",
        f"Let $x$ grams be added: ${grams} \\cdot {number(start)} + {number(end)}x = {number(middle)}({grams} + x)$.",
        f"${number(end - middle)}x = {number(grams * (middle - start))}$"
        if end > middle
        else f"${number(middle - end)}x = {number(grams * (start - middle))}$",
        f"$x = {number(answer)}$",
    ]
    question = (
        f"Alloy A holds {names} in the ratio {_told(start)} by mass, alloy B in the ratio {_told(end)}. How many grams "
        f"of alloy B must be melted together with {_kilograms_of(grams)} kg of alloy A to get {names} in the ratio "
        f"{_told(middle)}?"
    )
    return question, answer, steps


def _told(share: Fraction) -> str:
    return f"{share.numerator} : {share.denominator - share.numerator}"


def _kilograms_of(grams: int) -> str:
    return f"{grams / 1000:.2f}"
