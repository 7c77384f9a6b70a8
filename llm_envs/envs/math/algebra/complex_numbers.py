"""Complex numbers a + bi: sums, products, quotients, powers, equations with the conjugate.

The questions ask for a + b, so that to write the number once more is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, combination, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["complex_number"]


class _Gaussian(NamedTuple):
    """`real + imaginary i`, both integers."""

    real: int
    imaginary: int

    @property
    def text(self) -> str:
        """As LaTeX: `3 - 2i`."""
        return combination([(self.real, ""), (self.imaginary, "i")])

    @property
    def conjugate(self) -> _Gaussian:
        return _Gaussian(self.real, -self.imaginary)

    @property
    def norm(self) -> int:
        """The square of the absolute value."""
        return self.real**2 + self.imaginary**2

    def times(self, other: _Gaussian) -> _Gaussian:
        """The product."""
        return _Gaussian(
            self.real * other.real - self.imaginary * other.imaginary,
            self.real * other.imaginary + self.imaginary * other.real,
        )

    def product_text(self, other: _Gaussian) -> str:
        """The product, not yet added up."""
        (a, b), (c, d) = map(bracketed, self), map(bracketed, other)
        return f"({a} \\cdot {c} - {b} \\cdot {d}) + ({a} \\cdot {d} + {b} \\cdot {c})i"


def complex_number(rng: np.random.Generator, difficulty: int) -> Problem:
    """Bring a complex number to the form a + bi."""
    draws = uniforms(rng, 10)
    makers = (_combination, _product, _quotient, _power, _with_conjugate, _high_power)
    told, value, steps = makers[difficulty](draws)
    answer = value.real + value.imaginary
    last = f"$a + b = {value.real} + {bracketed(value.imaginary)} = {answer}$"
    question = f"{told} with real numbers $a$ and $b$, where $i^2 = -1$. What is $a + b$?"
    return Problem(question, str(answer), [*steps, last])


Asked = tuple[str, _Gaussian, list[str]]


def _drawn(draws: Iterator[float], size: int) -> _Gaussian:
    return _Gaussian(nonzero(next(draws), size), nonzero(next(draws), size))


def _named(text: str) -> str:
    return f"The complex number ${text}$ equals $a + bi$"


def _combination(draws: Iterator[float]) -> Asked:
    first, second = _drawn(draws, 20), _drawn(draws, 20)
    p, q = between(next(draws), 2, 9), one_of(next(draws), (-9, -8, -7, -6, -5, -4, -3, -2, 2, 3, 4, 5, 6, 7, 8, 9))
    value = _Gaussian(p * first.real + q * second.real, p * first.imaginary + q * second.imaginary)
    steps = [
        (
            f"Real part: ${p} \\cdot {bracketed(first.real)} + {bracketed(q)} \\cdot {bracketed(second.real)} = "
            f"{value.real}$."
        ),
        (
            f"Imaginary part: ${p} \\cdot {bracketed(first.imaginary)} + {bracketed(q)} \\cdot "
            f"{bracketed(second.imaginary)} = {value.imaginary}$."
        ),
    ]
    return _named(combination([(p, f"({first.text})"), (q, f"({second.text})")])), value, steps


def _product(draws: Iterator[float]) -> Asked:
    """Two factors, and a number added."""
    first, second, added = _drawn(draws, 15), _drawn(draws, 15), _drawn(draws, 30)
    product = first.times(second)
    value = _Gaussian(product.real + added.real, product.imaginary + added.imaginary)
    steps = [
        f"$({first.text})({second.text}) = {first.product_text(second)} = {product.text}$",
        f"Added: ${value.text}$.",
    ]
    return _named(f"({first.text})({second.text}) + ({added.text})"), value, steps


def _quotient(draws: Iterator[float]) -> Asked:
    value, bottom = _drawn(draws, 30), _drawn(draws, 9)
    top = value.times(bottom)
    conjugate = bottom.conjugate
    multiplied = top.times(conjugate)
    steps = [
        f"Multiply top and bottom by ${conjugate.text}$.",
        f"Bottom: ${bracketed(bottom.real)}^2 + {bracketed(bottom.imaginary)}^2 = {bottom.norm}$.",
        f"Top: ${top.product_text(conjugate)} = {multiplied.text}$.",
        f"Divide by ${bottom.norm}$: ${value.text}$.",
    ]
    return _named(ratio(top.text, bottom.text)), value, steps


def _power(draws: Iterator[float]) -> Asked:
    base, exponent, factor = _drawn(draws, 5), between(next(draws), 3, 4), _drawn(draws, 9)
    reached, steps = base, []
    for power in range(2, exponent + 1):
        told = reached.product_text(base)
        reached = reached.times(base)
        steps.append(f"$({base.text})^{power} = {told} = {reached.text}$")
    value = reached.times(factor)
    steps.append(f"$({reached.text})({factor.text}) = {reached.product_text(factor)} = {value.text}$")
    return _named(f"({base.text})^{exponent}({factor.text})"), value, steps


def _with_conjugate(draws: Iterator[float]) -> Asked:
    """An equation: pz + q times the conjugate of z = w with complex p, compared part by part."""
    value, p, q = _drawn(draws, 20), _drawn(draws, 6), nonzero(next(draws), 7)
    q += q * q == p.norm
    product = p.times(value)
    right = _Gaussian(product.real + q * value.real, product.imaginary - q * value.imaginary)
    u, v = p
    real, imaginary = [(u + q, "a"), (-v, "b")], [(v, "a"), (u - q, "b")]
    determinant = p.norm - q * q
    total_a = (u - q) * right.real + v * right.imaginary
    total_b = (u + q) * right.imaginary - v * right.real
    steps = [
        (
            f"With $z = a + bi$ and $\\overline{{z}} = a - bi$ the real parts give ${combination(real)} = "
            f"{right.real}$, "
            f"the imaginary parts ${combination(imaginary)} = {right.imaginary}$."
        ),
        f"Eliminate $b$: ${combination([(determinant, 'a')])} = {total_a}$, so $a = {value.real}$.",
        f"Eliminate $a$: ${combination([(determinant, 'b')])} = {total_b}$, so $b = {value.imaginary}$.",
    ]
    equation = f"({p.text})z {'-' if q < 0 else '+'} {abs(q) if abs(q) > 1 else ''}\\overline{{z}} = {right.text}"
    return f"The complex number $z = a + bi$ satisfies ${equation}$", value, steps


_TURNS = (_Gaussian(1, 1), _Gaussian(1, -1), _Gaussian(-1, 1), _Gaussian(-1, -1))


def _high_power(draws: Iterator[float]) -> Asked:
    """A quotient that is k(1 + i), or like it, to a high power, plus a number."""
    turn, scale, bottom = one_of(next(draws), _TURNS), between(next(draws), 1, 3), _drawn(draws, 6)
    exponent, added = between(next(draws), 6, 13), _drawn(draws, 40)
    base = _Gaussian(scale * turn.real, scale * turn.imaginary)
    top = base.times(bottom)
    square, fourth = base.times(base), base.times(base).times(base.times(base))
    reached, power = fourth, 4
    steps = [
        (
            f"Multiply top and bottom by ${bottom.conjugate.text}$: "
            f"$\\frac{{{top.times(bottom.conjugate).text}}}{{{bottom.norm}}} = {base.text}$."
        ),
        f"$({base.text})^2 = {square.text}$",
        f"$({base.text})^4 = {fourth.text}$",
    ]
    while power < exponent:
        step = min(4, exponent - power)
        factor = (base, square, square.times(base), fourth)[step - 1]
        power, before, reached = power + step, reached, reached.times(factor)
        steps.append(f"$({base.text})^{{{power}}} = ({before.text})({factor.text}) = {reached.text}$")
    value = _Gaussian(reached.real + added.real, reached.imaginary + added.imaginary)
    steps.append(f"Added: ${value.text}$.")
    left = f"\\left({ratio(top.text, bottom.text)}\\right)^{{{exponent}}}"
    return _named(f"{left} + ({added.text})"), value, steps
