"""Roots and signs: equations that are or lead to quadratic ones, and inequalities.

Roots are chosen first, and polynomials multiplied out from them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, added, combination, number, numbers, polynomial, ratio
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.ring import Polynomial

__all__ = ["inequality", "quadratic_equation"]


def quadratic_equation(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find all solutions of an equation that is, or leads to, a quadratic one."""
    draws = uniforms(rng, 8)
    makers = (_integer_roots, _rational_roots, _on_both_sides, _irrational_roots, _with_denominators, _by_substitution)
    equation, answer, steps = makers[difficulty](draws)
    return Problem(f"Find all real solutions of ${equation}$.", answer, steps)


def _integer_roots(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    roots, factor = _two_roots(draws, 40), between(next(draws), 1, 4)
    quadratic = [factor * a for a in ring.from_roots(roots)]
    return f"{polynomial(quadratic)} = 0", _set(roots), [_factored(roots)]


def _rational_roots(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    p = [between(next(draws), 2, 7), nonzero(next(draws), 12)]
    q = [between(next(draws), 1, 7), nonzero(next(draws), 12)]
    if p[0] * q[1] == p[1] * q[0]:
        q[1] = -q[1]
    steps = [f"$({polynomial(p)})({polynomial(q)}) = 0$, so one factor is 0."]
    roots = [Fraction(-p[1], p[0]), Fraction(-q[1], q[0])]
    return f"{polynomial(ring.times(p, q))} = 0", _set(roots), steps


def _on_both_sides(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    roots = _two_roots(draws, 15)
    quadratic = ring.from_roots(roots)
    factor = between(next(draws), 1, 3)
    right = [between(next(draws), 1, 3), nonzero(next(draws), 20), nonzero(next(draws), 60)]
    left = ring.plus(right, quadratic, factor)
    steps = [f"Bring all to one side: ${polynomial([factor * a for a in quadratic])} = 0$.", _factored(roots)]
    return f"{polynomial(left)} = {polynomial(right)}", _set(roots), steps


def _irrational_roots(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    middle, multiple = nonzero(next(draws), 25), between(next(draws), 1, 5)
    radicand, factor = one_of(next(draws), _SQUARE_FREE), between(next(draws), 1, 4)
    square = multiple * multiple * radicand
    quadratic = [factor * a for a in (1, -2 * middle, middle * middle - square)]
    surd = combination([(multiple, f"\\sqrt{{{radicand}}}")])
    simplified = "" if multiple == 1 else f" = {middle} \\pm {surd}"
    steps = [
        f"Complete the square: $({polynomial([1, -middle])})^2 = {square}$.",
        f"Take roots: $x = {middle} \\pm \\sqrt{{{square}}}{simplified}$.",
    ]
    return f"{polynomial(quadratic)} = 0", f"\\{{{middle} - {surd}, {middle} + {surd}\\}}", steps


def _with_denominators(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    p = between(next(draws), -9, 9)
    q = p + nonzero(next(draws), 6)
    free = [root for root in range(-12, 13) if root not in (p, q)]
    roots = [one_of(next(draws), free)]
    free.remove(roots[0])
    roots.append(one_of(next(draws), free))
    factor = nonzero(next(draws), 2)
    over_p, over_q = (sign * factor * ring.value(ring.from_roots(roots), pole) for sign, pole in ((1, p), (-1, q)))
    right = factor * (q - p)
    fractions = [_over(over_p, [1, -p]), _over(over_q, [1, -q])]
    steps = [
        f"Multiply by both denominators and collect: ${polynomial([right * a for a in ring.from_roots(roots)])} = 0$.",
        _factored(roots),
        "No denominator is 0 there.",
    ]
    return f"{added(fractions)} = {right}", _set(roots), steps


def _by_substitution(draws: Iterator[float]) -> tuple[str, str, list[str]]:
    slope = nonzero(next(draws), 20)
    first = between(next(draws), -24, 24)
    free = [root for root in range(-24, 25) if root not in (first, -slope - first)]
    second = one_of(next(draws), free)
    inner = f"({polynomial([1, slope, 0])})"
    values = [root * (root + slope) for root in (first, second)]
    terms = [(1, f"{inner}^2"), (-sum(values), inner), (values[0] * values[1], "")]
    steps = [f"Let $u = {polynomial([1, slope, 0])}$. Then $u = {values[0]}$ or $u = {values[1]}$."]
    for root, value in zip((first, second), values, strict=True):
        steps.append(
            f"${polynomial([1, slope, -value])} = 0$ has the solutions ${numbers(sorted({root, -slope - root}))}$."
        )
    roots = {first, second, -slope - first, -slope - second}
    return f"{combination(terms)} = 0", _set(roots), steps


_SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15)


def _two_roots(draws: Iterator[float], size: int) -> list[int]:
    first = between(next(draws), -size, size)
    second = between(next(draws), -size, size - 1)
    return [first, second + (second >= first)]


def _factored(roots: Iterable[int]) -> str:
    return f"Factor: ${_product_text(roots)} = 0$."


def _product_text(roots: Iterable[int]) -> str:
    return "".join(f"({polynomial([1, -root])})" if root else "x" for root in sorted(roots, key=bool))


def _over(top: int, bottom: Polynomial) -> str:
    return ("-" if top < 0 else "") + ratio(abs(top), polynomial(bottom))


def _set(values: Iterable[Number]) -> str:
    return f"\\{{{numbers(sorted(values))}\\}}"


_RELATIONS = {"<": (False, False), ">": (True, False), r"\le": (False, True), r"\ge": (True, True)}
"""For each sign: is the positive side asked for, do the zeros count."""


class _Chart(NamedTuple):
    """Where a function of x changes sign: at each zero and each pole, and nowhere else."""

    zeros: Sequence[Number]
    poles: Sequence[Number]
    positive_at_right: bool

    def solution(self, relation: str) -> str:
        """The intervals in which `function relation 0` holds."""
        wants_positive, closed = _RELATIONS[relation]
        points = sorted([*self.zeros, *self.poles])
        texts = ["-\\infty", *map(number, points), "\\infty"]
        is_closed = [False, *(closed and point in self.zeros for point in points), False]
        first = (len(points) + self.positive_at_right + wants_positive) % 2
        pieces = [
            f"{'[' if is_closed[i] else '('}{texts[i]}, {texts[i + 1]}{']' if is_closed[i + 1] else ')'}"
            for i in range(first, len(points) + 1, 2)
        ]
        return r" \cup ".join(pieces)

    def steps(self) -> Iterator[str]:
        """What has to be known of the function to read off the intervals."""
        yield f"Left minus right is 0 at $x = {numbers(sorted(self.zeros))}$."
        if self.poles:
            yield f"It is undefined at $x = {numbers(sorted(self.poles))}$."
        sign = "positive" if self.positive_at_right else "negative"
        yield f"It is {sign} for large $x$ and changes sign there."


def inequality(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find where an inequality holds."""
    draws = uniforms(rng, 8)
    relation = one_of(next(draws), tuple(_RELATIONS))
    makers = (_linear, _linear_both_sides, _quadratic, _quotient, _cubic_sign, _two_fractions)
    left, right, chart = makers[difficulty](draws)
    question = f"For which real $x$ is ${left} {relation} {right}$?"
    return Problem(question, chart.solution(relation), list(chart.steps()))


def _linear(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    a, b, c = nonzero(next(draws), 12), nonzero(next(draws), 60), nonzero(next(draws), 60)
    return polynomial([a, b]), str(c), _Chart([Fraction(c - b, a)], [], a > 0)


def _linear_both_sides(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    a, b, c, d = (nonzero(next(draws), size) for size in (12, 60, 12, 60))
    c = -c if a == c else c
    return polynomial([a, b]), polynomial([c, d]), _Chart([Fraction(d - b, a - c)], [], a > c)


def _quadratic(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    roots, factor = _two_roots(draws, 20), nonzero(next(draws), 4)
    return polynomial([factor * a for a in ring.from_roots(roots)]), "0", _Chart(roots, [], factor > 0)


def _quotient(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    a, b, c, d = (nonzero(next(draws), size) for size in (9, 30, 9, 30))
    d = -d if a * d == b * c else d
    text = ratio(polynomial([a, b]), polynomial([c, d]))
    return text, "0", _Chart([Fraction(-b, a)], [Fraction(-d, c)], a * c > 0)


def _cubic_sign(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    roots, factor = _two_roots(draws, 20), nonzero(next(draws), 2)
    roots.append(one_of(next(draws), [root for root in (-3, -2, -1, 1, 2, 3) if root not in roots]))
    return polynomial([factor * a for a in ring.from_roots(roots)]), "0", _Chart(roots, [], factor > 0)


def _two_fractions(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    p, q = _two_roots(draws, 9)
    top_p, top_q = nonzero(next(draws), 9), nonzero(next(draws), 9)
    top_q = -top_q if top_p == top_q else top_q
    zero = Fraction(top_p * q - top_q * p, top_p - top_q)
    return _over(top_p, [1, -p]), _over(top_q, [1, -q]), _Chart([zero], [p, q], top_p > top_q)
