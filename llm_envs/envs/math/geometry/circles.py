"""Arcs, sectors, segments, chords and tangents: lengths and areas with pi and square roots."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import added, combination, number, root, rooted, times_pi
from llm_envs.envs.math.problem import Problem

__all__ = ["circle"]


def circle(rng: np.random.Generator, difficulty: int) -> Problem:
    """A length or an area, exact."""
    draws = uniforms(rng, 8)
    makers = (_arc_or_sector, _chord_or_tangent, _ring_sector, _segment, _common_tangent, _belt)
    return makers[difficulty](draws)


def _arc_or_sector(draws: Iterator[float]) -> Problem:
    radius, degrees = between(next(draws), 2, 40), between(next(draws), 10, 350)
    share = Fraction(degrees, 360)
    told = f"The central angle is ${number(share)}$ of a full turn."
    if next(draws) < 0.5:
        question = f"A circle has radius {radius}. How long is an arc of it with a central angle of ${degrees}^\\circ$?"
        steps = [told, f"The circumference is $2 \\cdot {radius} \\cdot \\pi = {times_pi(2 * radius)}$; multiply."]
        return Problem(question, times_pi(2 * radius * share), steps)
    question = (
        f"A circle has radius {radius}. What is the area of a sector of it with a central angle of ${degrees}^\\circ$?"
    )
    steps = [told, f"The area of the disc is ${radius}^2 \\cdot \\pi = {times_pi(radius**2)}$; multiply."]
    return Problem(question, times_pi(radius**2 * share), steps)


def _chord_or_tangent(draws: Iterator[float]) -> Problem:
    near = between(next(draws), 2, 60)
    far = between(next(draws), near + 1, 90)
    square = far**2 - near**2
    if next(draws) < 0.5:
        question = f"A chord of a circle of radius {far} is at distance {near} from the centre. How long is the chord?"
        steps = [
            "Half the chord, the distance and a radius form a right triangle.",
            (f"Half the chord: $\\sqrt{{{far}^2 - {near}^2}} = {rooted(square)}$; the chord is twice it."),
        ]
        return Problem(question, root(square, 2), steps)
    question = (
        f"A point lies at distance {far} from the centre of a circle of radius {near}. How long is a tangent from "
        "the point to the circle, up to the point where it touches?"
    )
    steps = [
        "The tangent is perpendicular to the radius at the point where it touches.",
        f"By Pythagoras its length is $\\sqrt{{{far}^2 - {near}^2}} = {rooted(square)}$.",
    ]
    return Problem(question, root(square), steps)


def _ring_sector(draws: Iterator[float]) -> Problem:
    inner, degrees = between(next(draws), 2, 30), between(next(draws), 10, 350)
    outer = inner + between(next(draws), 1, 20)
    share = Fraction(degrees, 360)
    given = (
        f"From a sector of a circle of radius {outer} with a central angle of ${degrees}^\\circ$, the sector of "
        f"radius {inner} with the same centre and the same angle is cut away."
    )
    told = f"The angle is ${number(share)}$ of a full turn."
    if next(draws) < 0.5:
        square = outer**2 - inner**2
        steps = [
            told,
            f"The areas of the discs differ by ${outer}^2 \\cdot \\pi - {inner}^2 \\cdot \\pi = {times_pi(square)}$.",
            f"The area is ${number(share)}$ of this.",
        ]
        return Problem(f"{given} What is the area of the rest?", times_pi(square * share), steps)
    answer = combination([(2 * (outer - inner), ""), (2 * (outer + inner) * share, "\\pi")])
    steps = [
        told,
        f"The two arcs: ${times_pi(2 * outer * share)}$ and ${times_pi(2 * inner * share)}$.",
        f"The two straight pieces are ${outer} - {inner} = {outer - inner}$ long each. Add all four.",
    ]
    return Problem(f"{given} What is the perimeter of the rest?", answer, steps)


_SINES = {30: (1, 1), 45: (1, 2), 60: (1, 3), 90: (2, 1), 120: (1, 3), 135: (1, 2), 150: (1, 1)}
"""By angle: `(a, n)` where the sine is a sqrt(n) / 2."""


def _segment(draws: Iterator[float]) -> Problem:
    radius, degrees = between(next(draws), 2, 400), one_of(next(draws), tuple(_SINES))
    factor, inside = _SINES[degrees]
    sector, triangle = Fraction(radius**2 * degrees, 360), root(inside, Fraction(factor * radius**2, 4))
    minor = next(draws) < 0.5
    question = (
        f"A chord of a circle of radius {radius} is seen from the centre under an angle of ${degrees}^\\circ$. It "
        f"cuts the disc into two parts. What is the area of the {'smaller' if minor else 'larger'} one?"
    )
    rest = radius**2 - sector
    steps = [
        (
            f"The sector with this angle has area $\\frac{{{degrees}}}{{360}} \\cdot {radius}^2 \\cdot \\pi = "
            f"{times_pi(sector)}$."
        ),
        (
            f"The sine of the angle is ${root(inside, Fraction(factor, 2))}$, so the triangle of the chord and the "
            f"centre has area $\\frac{{1}}{{2}} \\cdot {radius}^2 \\cdot {root(inside, Fraction(factor, 2))} = "
            f"{triangle}$."
        ),
        f"The smaller part is the sector without the triangle: ${added([times_pi(sector), '-' + triangle])}$.",
    ]
    if minor:
        return Problem(question, added([times_pi(sector), f"-{triangle}"]), steps)
    steps.append(f"The larger part is the rest of ${times_pi(radius**2)}$.")
    return Problem(question, added([times_pi(rest), triangle]), steps)


def _common_tangent(draws: Iterator[float]) -> Problem:
    small, gap = between(next(draws), 2, 25), between(next(draws), 1, 20)
    large = small + between(next(draws), 1, 15)
    distance, outer = large + small + gap, next(draws) < 0.5
    leg = large - small if outer else large + small
    square = distance**2 - leg**2
    side = "the same side of" if outer else "different sides of"
    question = (
        f"Two circles have radii {large} and {small}, and their centres are {distance} apart. A line touches both of "
        f"them, and they lie on {side} this line. What is the distance between the two points where it touches?"
    )
    sign = "-" if outer else "+"
    steps = [
        "Both radii to the points where it touches are perpendicular to the line.",
        (
            "Shift the line along these radii until it goes through the smaller circle's centre: a right triangle "
            "arises whose hypotenuse joins the centres."
        ),
        f"One leg is ${large} {sign} {small} = {leg}$, the other one the distance that is asked for.",
        f"By Pythagoras it is $\\sqrt{{{distance}^2 - {leg}^2}} = {rooted(square)}$.",
    ]
    return Problem(question, root(square), steps)


def _belt(draws: Iterator[float]) -> Problem:
    """The radius to a point where the belt leaves a circle makes 60 degrees with the line of the centres."""
    small, crossed = between(next(draws), 2, 60), next(draws) < 0.5
    large = (small if crossed else 3 * small) + between(next(draws), 1, 90)
    leg = large + small if crossed else large - small
    arcs = [Fraction(4 * large, 3), Fraction(4 * small, 3) if crossed else Fraction(2 * small, 3)]
    question = (
        f"Two wheels have radii {large} and {small}, and their centres are {2 * leg} apart. A belt runs tightly "
        f"around both{', crossing itself once between them' if crossed else ' without crossing itself'}. How long is "
        "the belt?"
    )
    steps = [
        "Each straight piece is perpendicular to the radii at its ends.",
        (
            f"Shifted to one of the centres it is a leg of a right triangle with the hypotenuse {2 * leg} and the "
            f"other leg ${large} {'+' if crossed else '-'} {small} = {leg}$."
        ),
        f"So it is $\\sqrt{{{2 * leg}^2 - {leg}^2}} = {root(3, leg)}$ long, and there are two of them.",
        (
            f"The leg {leg} is half the hypotenuse: the radii to the ends make angles of $60^\\circ$ with the line "
            "of centres."
        ),
        f"Around the large wheel the belt touches $360 - 2 \\cdot 60 = 240$ degrees: ${times_pi(arcs[0])}$.",
        f"Around the small one it touches {240 if crossed else 120} degrees: ${times_pi(arcs[1])}$.",
    ]
    return Problem(question, combination([(2 * leg, "\\sqrt{3}"), (sum(arcs), "\\pi")]), steps)
