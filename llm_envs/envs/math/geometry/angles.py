"""Angles in triangles, in whole degrees."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["angle"]

_TRIANGLES = ("ABC", "JKL", "KLM", "PQR", "RST", "UVW", "XYZ")
"""None of them uses D, E, H, I or O, which name further points."""

Answer = tuple[str, int, list[str]]


def angle(rng: np.random.Generator, difficulty: int) -> Problem:
    """An angle of a triangle, or one between two of its special lines."""
    draws = uniforms(rng, 8)
    makers = (_third_angle, _angles_in_x, _between_bisectors, _altitude_and_bisector, _two_isosceles, _centres)
    a, b, c = tuple(one_of(next(draws), _TRIANGLES))
    question, answer, steps = makers[difficulty](a, b, c, draws)
    return Problem(question, str(answer), steps)


def _third_angle(a: str, b: str, c: str, draws: Iterator[float]) -> Answer:
    at_a, at_b = _two_angles(draws)
    at_c = 180 - at_a - at_b
    given = f"In triangle ${a}{b}{c}$, {_is(a, at_a)} and {_is(b, at_b)}."
    steps = [f"The angles add up to $180^\\circ$, so the one at ${c}$ is $180 - {at_a} - {at_b} = {at_c}$ degrees."]
    if next(draws) < 0.5:
        return f"{given} How many degrees is the angle at ${c}$?", at_c, steps
    steps.append(f"The exterior angle completes it to 180 degrees: $180 - {at_c} = {180 - at_c}$.")
    return f"{given} How many degrees is an exterior angle at ${c}$?", 180 - at_c, steps


def _angles_in_x(a: str, b: str, c: str, draws: Iterator[float]) -> Answer:
    x, slopes = between(next(draws), 8, 25), [between(next(draws), 1, 4) for _ in range(3)]
    angles = [*_two_angles(draws)]
    angles.append(180 - sum(angles))
    shifts = [size - slope * x for size, slope in zip(angles, slopes, strict=True)]
    terms = [polynomial([slope, shift]) for slope, shift in zip(slopes, shifts, strict=True)]
    wanted = between(next(draws), 0, 2)
    question = (
        f"The angles of triangle ${a}{b}{c}$ at ${a}$, ${b}$ and ${c}$ are $({terms[0]})^\\circ$, "
        f"$({terms[1]})^\\circ$ and $({terms[2]})^\\circ$. How many degrees is the angle at ${(a, b, c)[wanted]}$?"
    )
    steps = [
        f"They add up to 180: ${polynomial([sum(slopes), sum(shifts)])} = 180$.",
        f"So ${sum(slopes)}x = {180 - sum(shifts)}$ and $x = {x}$.",
        f"${terms[wanted]} = {angles[wanted]}$ at $x = {x}$.",
    ]
    return question, angles[wanted], steps


def _between_bisectors(a: str, b: str, c: str, draws: Iterator[float]) -> Answer:
    at_a, at_b = _two_angles(draws)
    at_b += (at_a + at_b) % 2
    half = (at_a + at_b) // 2
    question = (
        f"In triangle ${a}{b}{c}$, {_is(a, at_a)} and {_is(b, at_b)}. The bisectors of these two angles meet at $I$. "
        f"How many degrees is the angle ${a}I{b}$?"
    )
    steps = [
        f"In triangle ${a}I{b}$ the angles at ${a}$ and ${b}$ are half as large as in triangle ${a}{b}{c}$.",
        f"Together they are $({at_a} + {at_b}) / 2 = {half}$ degrees.",
        f"The third one is $180 - {half} = {180 - half}$ degrees.",
    ]
    return question, 180 - half, steps


def _altitude_and_bisector(a: str, b: str, c: str, draws: Iterator[float]) -> Answer:
    at_a = between(next(draws), 15, 70)
    apart = between(next(draws), 2, (88 - at_a) // 2)
    at_b = at_a + 2 * apart
    at_c = 180 - at_a - at_b
    question = (
        f"In triangle ${a}{b}{c}$, {_is(a, at_a)}, and the angle at ${b}$ is larger. The altitude from ${c}$ and the "
        f"bisector of the angle at ${c}$ make an angle of ${apart}^\\circ$. How many degrees is the angle at ${c}$?"
    )
    steps = [
        f"Let $s$ be the angle at ${b}$. Measured from the side ${c}{b}$, the altitude is at $90 - s$ degrees.",
        f"The bisector is at half of $180 - {at_a} - s$ degrees.",
        f"The difference, $\\frac{{180 - {at_a} - s}}{{2}} - (90 - s) = \\frac{{s - {at_a}}}{{2}}$, is {apart}.",
        (
            f"So $s = {at_a} + 2 \\cdot {apart} = {at_b}$, and the angle at ${c}$ is $180 - {at_a} - {at_b} = "
            f"{at_c}$ degrees."
        ),
    ]
    return question, at_c, steps


def _two_isosceles(a: str, b: str, c: str, draws: Iterator[float]) -> Answer:
    at_a = between(next(draws), 48, 88)
    at_b = between(next(draws), 93 - at_a, at_a - 1)
    at_c = 180 - at_a - at_b
    question = (
        f"In triangle ${a}{b}{c}$, {_is(b, at_b)} and {_is(c, at_c)}. The point $D$ lies on the side ${b}{c}$ with "
        f"${a}D = {b}D$, and the point $E$, different from ${c}$, lies on the side ${a}{c}$ with $DE = D{c}$. How "
        f"many degrees is the angle ${a}DE$?"
    )
    steps = [
        f"Triangle ${a}{b}D$ is isosceles: its angles at ${a}$ and ${b}$ are {at_b} degrees each.",
        f"So the exterior angle ${a}D{c}$ is $2 \\cdot {at_b} = {2 * at_b}$ degrees.",
        f"Triangle $DE{c}$ is isosceles: its angles at $E$ and ${c}$ are {at_c} degrees each.",
        f"So the angle $ED{c}$ is $180 - 2 \\cdot {at_c} = {180 - 2 * at_c}$ degrees.",
        f"The angle ${a}DE$ is what is left: ${2 * at_b} - {180 - 2 * at_c} = {2 * (at_b + at_c) - 180}$.",
    ]
    return question, 2 * (at_b + at_c) - 180, steps


def _centres(a: str, b: str, c: str, draws: Iterator[float]) -> Answer:
    at_b, at_c = between(next(draws), 47, 88), between(next(draws), 47, 88)
    at_c += (at_b + at_c) % 2
    at_c -= 2 * (at_b + 2 * at_c == 180)
    at_a, seen = 180 - at_b - at_c, 180 - (at_b + at_c) // 2
    question = (
        f"Triangle ${a}{b}{c}$ has only acute angles. Its incentre is $I$, its circumcentre $O$, its orthocentre "
        f"$H$. The angle ${b}I{c}$ is ${seen}^\\circ$ and {_is(b, at_b)}. How many degrees is the angle $O{b}H$?"
    )
    steps = [
        f"In triangle ${b}I{c}$, half the angles at ${b}$ and ${c}$ add up to $180 - {seen} = {180 - seen}$ degrees.",
        f"So these two angles add up to {at_b + at_c} degrees; the one at ${c}$ is ${at_b + at_c} - {at_b} = {at_c}$.",
        f"The angle at ${a}$ is $180 - {at_b + at_c} = {at_a}$ degrees.",
        f"The altitude ${b}H$ makes $90 - {at_a} = {90 - at_a}$ degrees with the side ${a}{b}$.",
        f"The central angle ${a}O{b}$ is $2 \\cdot {at_c} = {2 * at_c}$ degrees, and triangle ${a}O{b}$ is isosceles.",
        f"So $O{b}$ makes $90 - {at_c} = {90 - at_c}$ degrees with the side ${a}{b}$.",
        f"Both lie inside the triangle: the angle between them is $|{90 - at_a} - {90 - at_c}| = {abs(at_a - at_c)}$.",
    ]
    return question, abs(at_a - at_c), steps


def _two_angles(draws: Iterator[float]) -> tuple[int, int]:
    """Both at most 85 degrees."""
    return between(next(draws), 15, 84), between(next(draws), 15, 84)


def _is(point: str, size: int) -> str:
    return f"the angle at ${point}$ is ${size}^\\circ$"
