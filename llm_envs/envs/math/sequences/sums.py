"""Closed forms of sums whose upper end is x: polynomials and geometric terms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import Number, added, bracketed, combination, number, polynomial
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.sequences.powers import times_power

__all__ = ["closed_sum"]

_POWER_SUMS: tuple[tuple[Number, ...], ...] = (
    (1, 0),
    (Fraction(1, 2), Fraction(1, 2), 0),
    (Fraction(1, 3), Fraction(1, 2), Fraction(1, 6), 0),
    (Fraction(1, 4), Fraction(1, 2), Fraction(1, 4), 0, 0),
)
"""By power: the sum of the first x powers as a polynomial in x (Faulhaber)."""
_KNOWN = (
    ("1", "x"),
    ("k", "\\frac{x(x+1)}{2}"),
    ("k^2", "\\frac{x(x+1)(2x+1)}{6}"),
    ("k^3", "\\frac{x^2(x+1)^2}{4}"),
)
"""The same as one finds them in books."""


def closed_sum(rng: np.random.Generator, difficulty: int) -> Problem:
    """A formula without a sum sign."""
    draws = uniforms(rng, 8)
    makers = (_linear, _quadratic, _cubic, _upper_half, _with_powers, _with_powers_times_k)
    term, ends, answer, steps = makers[difficulty](draws)
    question = f"Let $S(x) = \\sum_{{k={ends[0]}}}^{{{ends[1]}}} {term}$ for positive integers $x$."
    return Problem(f"{question} Find a formula for $S(x)$ without a sum sign.", answer, steps)


Answer = tuple[str, tuple[str, str], str, list[str]]
_FROM_ONE = ("1", "x")


def _linear(draws: Iterator[float]) -> Answer:
    return _of_polynomial([nonzero(next(draws), 30), nonzero(next(draws), 60)])


def _quadratic(draws: Iterator[float]) -> Answer:
    return _of_polynomial([nonzero(next(draws), 9), nonzero(next(draws), 12), nonzero(next(draws), 20)])


def _cubic(draws: Iterator[float]) -> Answer:
    return _of_polynomial([nonzero(next(draws), size) for size in (6, 6, 9, 12)])


def _of_polynomial(p: Sequence[int]) -> Answer:
    known = _KNOWN[: len(p)]
    steps = [f"$\\sum_{{k=1}}^{{x}} {power} = {value}$" for power, value in known]
    multiples = added(f"{factor} \\cdot {value}" for factor, (_, value) in zip(reversed(p), known, strict=True))
    steps.append(f"So $S(x) = {multiples}$, collected by powers of $x$:")
    return f"({polynomial(p, 'k')})", _FROM_ONE, polynomial(_summed(p)), steps


def _upper_half(draws: Iterator[float]) -> Answer:
    """From x + 1 to 2x: the sum to 2x without the sum to x."""
    p = [nonzero(next(draws), 9), nonzero(next(draws), 12), nonzero(next(draws), 20)]
    whole = _summed(p)
    doubled = [c * 2 ** (len(whole) - 1 - i) for i, c in enumerate(whole)]
    answer = [a - b for a, b in zip(doubled, whole, strict=True)]
    steps = [
        *(f"$\\sum_{{k=1}}^{{x}} {power} = {value}$" for power, value in _KNOWN[:3]),
        f"So $F(x) = \\sum_{{k=1}}^{{x}} ({polynomial(p, 'k')}) = {polynomial(whole)}$.",
        f"The sum to $2x$ is $F(2x) = {polynomial(doubled)}$.",
        "The terms up to $x$ are too many: the answer is $F(2x) - F(x)$.",
    ]
    return f"({polynomial(p, 'k')})", ("x+1", "2x"), polynomial(answer), steps


def _with_powers(draws: Iterator[float]) -> Answer:
    base, factor = between(next(draws), 2, 9), nonzero(next(draws), 9)
    p = [nonzero(next(draws), 9), nonzero(next(draws), 9)]
    whole, lead = _summed(p), Fraction(factor * base, base - 1)
    steps = [
        *(f"$\\sum_{{k=1}}^{{x}} {power} = {value}$" for power, value in _KNOWN[:2]),
        f"So the sum of ${polynomial(p, 'k')}$ is ${polynomial(whole)}$.",
        f"$\\sum_{{k=1}}^{{x}} {base}^k = \\frac{{{base}^{{x+1}} - {base}}}{{{base - 1}}}$, a geometric series",
        (
            f"With the factor {factor}, and with ${base}^{{x+1}} = {base} \\cdot {base}^x$, this is "
            f"${times_power(lead, base)} - "
            f"{bracketed(lead)}$."
        ),
    ]
    answer = combination([(1, times_power(lead, base)), *_terms([*whole[:-1], -lead])])
    term = combination([(1, times_power(factor, base, "k")), *_terms(p, "k")])
    return f"({term})", _FROM_ONE, answer, steps


def _with_powers_times_k(draws: Iterator[float]) -> Answer:
    """If G(x) = (ux + v) b^x, then G(k) - G(k - 1) = (ak + c) b^k for u = ab/(b-1) and v = (c b - u)/(b - 1)."""
    base, a, c = between(next(draws), 2, 9), nonzero(next(draws), 12), nonzero(next(draws), 20)
    u = Fraction(a * base, base - 1)
    v = (c * base - u) / (base - 1)
    steps = [
        (
            f"Look for $G(x) = (ux + v) \\cdot {base}^x$ with $G(k) - G(k-1) = ({polynomial([a, c], 'k')}) \\cdot "
            f"{base}^k$; then the sum is $G(x) - G(0)$."
        ),
        (
            f"Multiply by ${base}$ and divide by ${base}^k$: $({base}u - u)k + {base}v - v + u = "
            f"{polynomial([a * base, c * base], 'k')}$."
        ),
        f"The coefficient of $k$: ${combination([(base - 1, 'u')])} = {a * base}$, so $u = {number(u)}$.",
        f"The rest: ${combination([(base - 1, 'v'), (1, 'u')])} = {c * base}$, so $v = {number(v)}$.",
        f"$G(0) = v = {number(v)}$",
    ]
    answer = added([f"({polynomial([u, v])}) \\cdot {base}^x", *([number(-v)] if v else [])])
    return f"({polynomial([a, c], 'k')}) \\cdot {base}^k", _FROM_ONE, answer, steps


def _summed(p: Sequence[int]) -> list[Number]:
    """The sum of p(k) for k from 1 to x, as a polynomial in x."""
    total: list[Number] = [0] * (len(p) + 1)
    for factor, powers in zip(reversed(p), _POWER_SUMS, strict=False):
        for place, coefficient in enumerate(reversed(powers)):
            total[-1 - place] += factor * coefficient
    return total


def _terms(p: Sequence[Number], symbol: str = "x") -> Iterator[tuple[Number, str]]:
    """Coefficients and powers, the highest first."""
    for place, coefficient in enumerate(p, 1 - len(p)):
        yield coefficient, f"{symbol}^{-place}" if place < -1 else symbol if place else ""
