r"""Square roots: numbers of the form a + b \sqrt{r}, their products, quotients, powers and roots.

The questions ask for a + b, so that to write the number once more is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, combination, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["surd"]

_SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19)


class _Surd(NamedTuple):
    r"""`whole + factor \sqrt{radicand}`."""

    whole: int
    factor: int
    radicand: int

    @property
    def text(self) -> str:
        return combination([(self.whole, ""), (self.factor, f"\\sqrt{{{self.radicand}}}")])

    @property
    def conjugate(self) -> _Surd:
        return self._replace(factor=-self.factor)

    @property
    def norm(self) -> int:
        """The product with the conjugate."""
        return self.whole**2 - self.radicand * self.factor**2

    def times(self, other: _Surd) -> _Surd:
        """The product with a surd of the same radicand."""
        return _Surd(
            self.whole * other.whole + self.radicand * self.factor * other.factor,
            self.whole * other.factor + self.factor * other.whole,
            self.radicand,
        )

    def product_text(self, other: _Surd) -> str:
        """The four products of `self` times `other`, not yet added up."""
        pairs = ((self.whole, other.whole), (self.whole, other.factor), (self.factor, other.whole))
        root = f" \\cdot \\sqrt{{{self.radicand}}}"
        wholes, *mixed = (f"{bracketed(a)} \\cdot {bracketed(b)}" for a, b in pairs)
        both = f"{bracketed(self.factor)} \\cdot {bracketed(other.factor)} \\cdot {self.radicand}"
        return " + ".join([wholes, *(term + root for term in mixed), both])


def surd(rng: np.random.Generator, difficulty: int) -> Problem:
    r"""Bring a number to the form a + b \sqrt{r}."""
    draws = uniforms(rng, 10)
    makers = (_one_root, _sum_of_roots, _product, _quotient, _power, _nested)
    return makers[difficulty](draws)


def _one_root(draws: Iterator[float]) -> Problem:
    factor, root = between(next(draws), 2, 40), between(next(draws), 2, 25)
    radicand = one_of(next(draws), _SQUARE_FREE)
    answer = factor * root + radicand
    inside = root * root * radicand
    steps = [
        f"${inside} = {root}^2 \\cdot {radicand}$, so $\\sqrt{{{inside}}} = {root}\\sqrt{{{radicand}}}$.",
        f"${factor}\\sqrt{{{inside}}} = {factor * root}\\sqrt{{{radicand}}}$",
        f"$a + b = {factor * root} + {radicand} = {answer}$",
    ]
    question = (
        f"The number ${factor}\\sqrt{{{inside}}}$ equals $a\\sqrt{{b}}$ with positive integers $a$ and $b$, where $b$ "
        "has no square factor greater than 1. What is $a + b$?"
    )
    return Problem(question, str(answer), steps)


def _sum_of_roots(draws: Iterator[float]) -> Problem:
    radicand = one_of(next(draws), _SQUARE_FREE)
    roots = [between(next(draws), 2, 12) for _ in range(3)]
    factors = [between(next(draws), 1, 12) for _ in range(2)]
    factors.append(nonzero(next(draws), 12))
    total = sum(a * b for a, b in zip(factors, roots, strict=True))
    if total <= 0:
        factors[2] = -factors[2]
        total = sum(a * b for a, b in zip(factors, roots, strict=True))
    terms = [(factor, f"\\sqrt{{{root * root * radicand}}}") for factor, root in zip(factors, roots, strict=True)]
    simplest = f"\\sqrt{{{radicand}}}"
    steps = [
        f"$\\sqrt{{{root * root * radicand}}} = {root}\\sqrt{{{radicand}}}$, since "
        f"${root * root * radicand} = {root}^2 \\cdot {radicand}$."
        for root in dict.fromkeys(roots)
    ]
    simplified = combination((a * b, simplest) for a, b in zip(factors, roots, strict=True))
    steps.append(f"${simplified} = {combination([(total, simplest)])}$")
    steps.append(f"$a + b = {total} + {radicand} = {total + radicand}$")
    question = (
        f"The number ${combination(terms)}$ equals $a\\sqrt{{b}}$ with positive integers $a$ and $b$, where $b$ has "
        "no square factor greater than 1. What is $a + b$?"
    )
    return Problem(question, str(total + radicand), steps)


def _asked(text: str, value: _Surd, steps: list[str]) -> Problem:
    """A number is given; the sum of its two coefficients is asked for."""
    answer = value.whole + value.factor
    question = (
        f"The number ${text}$ equals $a + b\\sqrt{{{value.radicand}}}$ with integers $a$ and $b$. What is $a + b$?"
    )
    last = f"$a + b = {value.whole} + {bracketed(value.factor)} = {answer}$"
    return Problem(question, str(answer), [*steps, last])


def _drawn(draws: Iterator[float], radicand: int, size: int) -> _Surd:
    return _Surd(nonzero(next(draws), size), nonzero(next(draws), size), radicand)


def _product(draws: Iterator[float]) -> Problem:
    radicand = one_of(next(draws), _SQUARE_FREE)
    first, second = _drawn(draws, radicand, 15), _drawn(draws, radicand, 15)
    value = first.times(second)
    steps = [
        f"Multiply out: ${first.product_text(second)}$, where $(\\sqrt{{{radicand}}})^2 = {radicand}$.",
        f"This is ${value.text}$.",
    ]
    return _asked(f"({first.text})({second.text})", value, steps)


def _quotient(draws: Iterator[float]) -> Problem:
    radicand = one_of(next(draws), _SQUARE_FREE)
    value, bottom = _drawn(draws, radicand, 30), _drawn(draws, radicand, 7)
    top = value.times(bottom)
    conjugate = bottom.conjugate
    multiplied = top.times(conjugate)
    steps = [
        f"Multiply top and bottom by ${conjugate.text}$.",
        f"Bottom: ${bracketed(bottom.whole)}^2 - {radicand} \\cdot {bracketed(bottom.factor)}^2 = {bottom.norm}$.",
        f"Top: ${top.product_text(conjugate)} = {multiplied.text}$.",
        f"Divide by ${bottom.norm}$: ${value.text}$.",
    ]
    return _asked(ratio(top.text, bottom.text), value, steps)


def _power(draws: Iterator[float]) -> Problem:
    base = _drawn(draws, one_of(next(draws), _SQUARE_FREE[:8]), 8)
    exponent = between(next(draws), 3, 5)
    reached, steps = base, []
    for power in range(2, exponent + 1):
        told = reached.product_text(base)
        reached = reached.times(base)
        steps.append(f"$({base.text})^{power} = {told} = {reached.text}$")
    return _asked(f"({base.text})^{exponent}", reached, steps)


def _nested(draws: Iterator[float]) -> Problem:
    """The sum of the roots of two squares, of which only the squares are seen."""
    radicand = one_of(next(draws), _SQUARE_FREE[:8])
    first, second = _positive(draws, radicand), _positive(draws, radicand)
    factor = one_of(next(draws), (-3, -2, 2, 3))
    value = _Surd(first.whole + factor * second.whole, first.factor + factor * second.factor, radicand)
    steps = [step for part in (first, second) for step in _root_taken(part)]
    steps.append(f"${first.text} {'+' if factor > 0 else '-'} {abs(factor)}({second.text}) = {value.text}$")
    terms = [(1, f"\\sqrt{{{first.times(first).text}}}"), (factor, f"\\sqrt{{{second.times(second).text}}}")]
    return _asked(combination(terms), value, steps)


def _positive(draws: Iterator[float], radicand: int) -> _Surd:
    """A positive surd whose coefficients have no common factor."""
    drawn = _drawn(draws, radicand, 9)
    common = gcd(drawn.whole, drawn.factor)
    drawn = _Surd(drawn.whole // common, drawn.factor // common, radicand)
    negative = drawn.whole < 0 if drawn.norm > 0 else drawn.factor < 0
    return _Surd(-drawn.whole, -drawn.factor, radicand) if negative else drawn


def _root_taken(part: _Surd) -> Iterator[str]:
    square = part.times(part)
    yield (
        f"For ${square.text}$ find $u^2 + {part.radicand}v^2 = {square.whole}$ and $2uv = {square.factor}$: "
        f"$u = {part.whole}$ and $v = {part.factor}$."
    )
    yield f"${part.text} > 0$, so $\\sqrt{{{square.text}}} = {part.text}$."
