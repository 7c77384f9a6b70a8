"""Polynomials: coefficients of expansions, and polynomials to be found from what they do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from llm_envs.envs.math import ring
from llm_envs.envs.math.draws import between, nonzero, uniforms
from llm_envs.envs.math.latex import bracketed, combination, polynomial, product
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.ring import Polynomial

__all__ = ["coefficient", "polynomial_search"]


def coefficient(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find one coefficient of an expansion."""
    draws = uniforms(rng, 8)
    makers = (_of_product, _of_difference, _of_three_factors, _of_composition, _of_power, _of_power_times)
    text, expanded, steps = makers[difficulty](draws)
    power = between(next(draws), 1, len(expanded) - 2)
    answer = expanded[len(expanded) - 1 - power]
    steps.append(f"Multiplied out: ${polynomial(expanded)}$.")
    term = "x" if power == 1 else f"x^{power}"
    return Problem(f"What is the coefficient of ${term}$ in the expansion of {text}?", str(answer), steps)


def _of_product(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    p, q = _draw(draws, 30, 1), _draw(draws, 30, 1)
    return f"$({polynomial(p)})({polynomial(q)})$", ring.times(p, q), []


def _of_difference(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    p, q = _draw(draws, 12, 1), _draw(draws, 12, 1)
    r = _draw(draws, 9, 1)
    first, square = ring.times(p, q), ring.times(r, r)
    steps = [
        f"$({polynomial(p)})({polynomial(q)}) = {polynomial(first)}$",
        f"$({polynomial(r)})^2 = {polynomial(square)}$",
    ]
    return f"$({polynomial(p)})({polynomial(q)}) - ({polynomial(r)})^2$", ring.plus(first, square, -1), steps


def _of_three_factors(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    p, q = _draw(draws, 9, 1), _draw(draws, 9, 1)
    r = [1, nonzero(next(draws), 12)]
    first = ring.times(p, q)
    steps = [f"$({polynomial(p)})({polynomial(q)}) = {polynomial(first)}$"]
    return f"$({polynomial(p)})({polynomial(q)})({polynomial(r)})$", ring.times(first, r), steps


def _of_composition(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    outer, inner = _draw(draws, 6, 2), _draw(draws, 6, 2)
    square, (a, b, c) = ring.times(inner, inner), outer
    steps = [
        f"$g(x)^2 = {polynomial(square)}$",
        f"$f(g(x)) = {combination([(a, 'g(x)^2'), (b, 'g(x)'), (c, '')])}$",
    ]
    text = f"$f(g(x))$, where $f(x) = {polynomial(outer)}$ and $g(x) = {polynomial(inner)}$"
    return text, ring.plus(ring.plus([a * k for k in square], inner, b), [c], 1), steps


def _of_power(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    p, exponent = _draw(draws, 12, 1), between(next(draws), 3, 6)
    a, b = map(bracketed, p)
    steps = [f"The coefficient of $x^k$ is $\\binom{{{exponent}}}{{k}} \\cdot {a}^k \\cdot {b}^{{{exponent}-k}}$."]
    return f"$({polynomial(p)})^{exponent}$", ring.power(p, exponent), steps


def _of_power_times(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    p, exponent, q = _draw(draws, 4, 1), between(next(draws), 3, 5), _draw(draws, 9, 2)
    power = ring.power(p, exponent)
    steps = [f"$({polynomial(p)})^{exponent} = {polynomial(power)}$"]
    return f"$({polynomial(p)})^{exponent}({polynomial(q)})$", ring.times(power, q), steps


def polynomial_search(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a polynomial from its values, a shift of it, or a division that leaves it."""
    draws = uniforms(rng, 8)
    makers = (_line, _shift, _parabola, _cubic_remainder, _quartic_remainder, _cubic)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, polynomial(answer), steps)


def _line(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    answer = _draw(draws, 30, 1)
    left, right = between(next(draws), -9, -1), between(next(draws), 1, 9)
    low, high = ring.value(answer, left), ring.value(answer, right)
    steps = [
        f"The slope is $({high} - {product([low])}) / ({right} - {product([left])}) = {answer[0]}$.",
        f"$p({right}) = {product([answer[0], right])} + b = {high}$, so $b = {answer[1]}$.",
    ]
    conditions = _conditions({left: low, right: high})
    return f"The polynomial $p$ has degree 1, and {conditions}. Find $p(x)$.", answer, steps


def _parabola(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    a, b, c = answer = _draw(draws, 20, 2)
    at = {x: ring.value(answer, x) for x in (-1, 0, 1)}
    steps = [
        f"Let $p(x) = ax^2 + bx + c$. From $p(0)$: $c = {c}$.",
        f"$p(1) + p(-1) = 2a + 2c = {at[1] + at[-1]}$, so $a = {a}$.",
        f"$p(1) - p(-1) = 2b = {at[1] - at[-1]}$, so $b = {b}$.",
    ]
    return f"The polynomial $p$ has degree 2, and {_conditions(at)}. Find $p(x)$.", answer, steps


def _cubic(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    a, b, c, d = answer = _draw(draws, 9, 3)
    at = {x: ring.value(answer, x) for x in (-1, 0, 1, 2)}
    steps = [
        f"Let $p(x) = ax^3 + bx^2 + cx + d$. From $p(0)$: $d = {d}$.",
        f"$p(1) + p(-1) = 2b + 2d = {at[1] + at[-1]}$, so $b = {b}$.",
        f"$p(1) - p(-1) = 2a + 2c = {at[1] - at[-1]}$, so $a + c = {a + c}$.",
        f"$p(2) = 8a + 4b + 2c + d = {at[2]}$, so $8a + 2c = {8 * a + 2 * c}$, $a = {a}$ and $c = {c}$.",
    ]
    return f"The polynomial $p$ has degree 3, and {_conditions(at)}. Find $p(x)$.", answer, steps


def _conditions(at: Mapping[int, int]) -> str:
    return ", ".join(f"$p({x}) = {value}$" for x, value in at.items())


def _cubic_remainder(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    return _remainder(_draw(draws, 9, 1), draws)


def _quartic_remainder(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    return _remainder(_draw(draws, 5, 2), draws)


def _remainder(quotient: Polynomial, draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    divisor = [1, nonzero(next(draws), 5), nonzero(next(draws), 7)]
    answer = _draw(draws, 20, 1)
    dividend = ring.plus(ring.times(quotient, divisor), answer, 1)
    question = f"Find the remainder of ${polynomial(dividend)}$ on division by ${polynomial(divisor)}$."
    return question, answer, list(_long_division(dividend, divisor))


def _shift(draws: Iterator[float]) -> tuple[str, Polynomial, list[str]]:
    answer, shift = _draw(draws, 9, 2), nonzero(next(draws), 7)
    shifted = [answer[0], 2 * answer[0] * shift + answer[1], ring.value(answer, shift)]
    back = polynomial([1, -shift])
    terms = combination([(shifted[0], f"({back})^2"), (shifted[1], f"({back})"), (shifted[2], "")])
    steps = [
        f"Put ${back}$ for $x$: $p(x) = {terms}$.",
        f"$({back})^2 = {polynomial(ring.from_roots([shift, shift]))}$",
    ]
    return f"For all $x$, $p({polynomial([1, shift])}) = {polynomial(shifted)}$. Find $p(x)$.", answer, steps


def _draw(draws: Iterator[float], size: int, degree: int) -> Polynomial:
    """A polynomial all of whose coefficients are there."""
    return [nonzero(next(draws), size) for _ in range(degree + 1)]


def _long_division(dividend: Sequence[int], divisor: Sequence[int]) -> Iterator[str]:
    """What is left after each subtraction of a multiple of the divisor."""
    rest = list(dividend)
    while len(rest) >= len(divisor):
        factor = rest[0] // divisor[0]
        power = len(rest) - len(divisor)
        multiple = [factor, *[0] * power]
        rest = ring.plus(rest, ring.times(multiple, divisor), -1)[1:]
        yield f"Subtract ${polynomial(multiple)}$ times the divisor: ${polynomial(rest)}$ is left."
