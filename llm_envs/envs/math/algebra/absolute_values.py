"""Equations with absolute values: of one, of two, nested, and sums of three.

Every case is linear; what is hard is which cases there are, and which of their solutions lie where the case holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, some_of, uniforms
from llm_envs.envs.math.latex import Number, combination, number, numbers, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["absolute_value_equation"]


def absolute_value_equation(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find all solutions of an equation with absolute values."""
    draws = uniforms(rng, 8)
    makers = (_of_number, _with_factor, _of_two, _of_line, _nested, _sum_of_three)
    equation, roots, steps = makers[difficulty](draws)
    answer = f"\\{{{numbers(sorted(roots))}\\}}"
    return Problem(f"Find all real solutions of ${equation}$.", answer, steps)


def _of_number(draws: Iterator[float]) -> tuple[str, set[Fraction], list[str]]:
    a, b, size = between(next(draws), 1, 9), nonzero(next(draws), 40), between(next(draws), 1, 60)
    inside = polynomial([a, b])
    return f"|{inside}| = {size}", {Fraction(size - b, a), Fraction(-size - b, a)}, list(_two_cases([a, b], size))


def _with_factor(draws: Iterator[float]) -> tuple[str, set[Fraction], list[str]]:
    a, b, size = between(next(draws), 1, 9), nonzero(next(draws), 20), between(next(draws), 1, 30)
    factor, shift = one_of(next(draws), (-5, -4, -3, -2, 2, 3, 4, 5)), nonzero(next(draws), 40)
    term = f"|{polynomial([a, b])}|"
    steps = [
        f"{'Subtract' if shift > 0 else 'Add'} {abs(shift)}: ${factor}{term} = {factor * size}$.",
        f"Divide: ${term} = {size}$.",
        *_two_cases([a, b], size),
    ]
    equation = f"{combination([(factor, term), (shift, '')])} = {factor * size + shift}"
    return equation, {Fraction(size - b, a), Fraction(-size - b, a)}, steps


def _two_cases(inside: Sequence[int], size: int) -> Iterator[str]:
    a, b = inside
    for right in (size, -size):
        yield f"Case ${polynomial(inside)} = {right}$: $x = {number(Fraction(right - b, a))}$."


def _of_two(draws: Iterator[float]) -> tuple[str, set[Fraction], list[str]]:
    a, b = between(next(draws), 1, 9), nonzero(next(draws), 30)
    c, d = one_of(next(draws), [c for c in range(1, 10) if c != a]), nonzero(next(draws), 30)
    left, right = polynomial([a, b]), polynomial([c, d])
    equal, opposite = Fraction(d - b, a - c), Fraction(-b - d, a + c)
    steps = [
        "The insides are equal or opposite.",
        f"Case ${left} = {right}$: $x = {number(equal)}$.",
        f"Case ${left} = {polynomial([-c, -d])}$: $x = {number(opposite)}$.",
    ]
    return f"|{left}| = |{right}|", {equal, opposite}, steps


def _of_line(draws: Iterator[float]) -> tuple[str, set[Fraction], list[str]]:
    """The right side is positive at the solution that is drawn, so there is at least one."""
    a, root, height = between(next(draws), 2, 9), between(next(draws), -15, 15), between(next(draws), 1, 40)
    c = one_of(next(draws), [c for c in range(-9, 10) if c and abs(c) != a])
    sign = one_of(next(draws), (-1, 1))
    b, d = sign * height - a * root, height - c * root
    roots = set()
    steps = ["The inside is the right side or its opposite, and the right side is not negative."]
    for told, slope, shift in (("", a - c, d - b), ("-", a + c, -d - b)):
        x = Fraction(shift, slope)
        side = c * x + d
        holds = side >= 0
        roots |= {x} if holds else set()
        right = polynomial([c, d]) if not told else polynomial([-c, -d])
        steps.append(
            f"Case ${polynomial([a, b])} = {right}$: $x = {number(x)}$, where the right side of the equation is "
            f"${number(side)}$, so it {'counts' if holds else 'does not count'}."
        )
    return f"|{polynomial([a, b])}| = {polynomial([c, d])}", roots, steps


def _nested(draws: Iterator[float]) -> tuple[str, set[Fraction], list[str]]:
    a, b = between(next(draws), 1, 7), nonzero(next(draws), 30)
    less, size = between(next(draws), 2, 30), between(next(draws), 1, 30)
    inside = polynomial([a, b])
    roots: set[Fraction] = set()
    steps = [f"Between the outer bars stands ${size}$ or ${-size}$, so $|{inside}| = {less} \\pm {size}$."]
    for right in (less + size, less - size):
        if right < 0:
            steps.append(f"Case $|{inside}| = {less} - {size} = {right}$: impossible.")
            continue
        found = {Fraction(right - b, a), Fraction(-right - b, a)}
        roots |= found
        sign = "+" if right == less + size else "-"
        solved = " or ".join(f"$x = {number(x)}$" for x in sorted(found))
        steps.append(f"Case $|{inside}| = {less} {sign} {size} = {right}$: {solved}.")
    return f"\\big||{inside}| - {less}\\big| = {size}", roots, steps


_CORNERS = [corner for corner in range(-12, 13) if corner]
_WEIGHTS = (1, 2, 4)
"""No choice of signs makes their sum 0: on no piece is the left side constant."""


def _sum_of_three(draws: Iterator[float]) -> tuple[str, set[Fraction], list[str]]:
    corners = some_of(draws, _CORNERS, 3)
    first = int(next(draws) * 3)
    weights = [_WEIGHTS[(i + first) % 3] * one_of(next(draws), (-1, 1)) for i in range(3)]
    root = between(next(draws), -15, 15)
    value = sum(weight * abs(root - corner) for weight, corner in zip(weights, corners, strict=True))
    terms = zip(weights, (f"|{polynomial([1, -corner])}|" for corner in corners), strict=True)
    roots, steps = _pieces(weights, corners, value)
    return f"{combination(terms)} = {value}", roots, steps


def _pieces(weights: Sequence[int], corners: Sequence[int], value: int) -> tuple[set[Fraction], list[str]]:
    """Solve on each of the four pieces between the corners."""
    roots, steps = set(), []
    for low, high in pairwise([None, *sorted(corners), None]):
        signs = [1 if low is not None and corner <= low else -1 for corner in corners]
        slope, shift = _line(weights, corners, signs)
        x = Fraction(value - shift, slope)
        holds = (low is None or low <= x) and (high is None or x <= high)
        roots |= {x} if holds else set()
        end = "inside" if holds else "outside"
        steps.append(f"{_told(low, high)}: ${polynomial([slope, shift])} = {value}$ gives $x = {number(x)}$, {end}.")
    return roots, steps


def _line(weights: Iterable[int], corners: Sequence[int], signs: Sequence[int]) -> tuple[int, int]:
    signed = [weight * sign for weight, sign in zip(weights, signs, strict=True)]
    return sum(signed), -sum(factor * corner for factor, corner in zip(signed, corners, strict=True))


def _told(low: Number | None, high: Number | None) -> str:
    if low is None:
        return f"For $x \\le {high}$"
    return f"For $x \\ge {low}$" if high is None else f"For ${low} \\le x \\le {high}$"
