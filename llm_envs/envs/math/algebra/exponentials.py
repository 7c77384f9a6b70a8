"""Exponential and logarithmic equations with one real solution.

The solution is chosen first. Where squaring or multiplying brings in a second one, it is outside the domain.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import combination, number, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["exponential_equation"]

_LARGEST_EXPONENT = {2: 10, 3: 6, 5: 4, 6: 4, 7: 4, 10: 5}
"""By base: powers up to here are known or found by hand."""


def exponential_equation(rng: np.random.Generator, difficulty: int) -> Problem:
    """Solve for an x that stands in an exponent or under a logarithm."""
    draws = uniforms(rng, 8)
    makers = (_one_power, _two_powers, _one_logarithm, _quadratic_in_power, _sum_of_logarithms, _two_bases)
    equation, answer, steps = makers[difficulty](draws)
    return Problem(f"Find the real solution of ${equation}$.", number(answer), steps)


def _power(draws: Iterator[float], low: int = 1) -> tuple[int, int]:
    """A base and an exponent of at least `low`."""
    base = one_of(next(draws), tuple(_LARGEST_EXPONENT))
    return base, between(next(draws), low, _LARGEST_EXPONENT[base])


def _one_power(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    base, exponent = _power(draws, 2)
    a, b = between(next(draws), 2, 9), nonzero(next(draws), 40)
    answer = Fraction(exponent - b, a)
    inside = polynomial([a, b])
    steps = [
        f"${base**exponent} = {base}^{{{exponent}}}$, so ${inside} = {exponent}$.",
        f"$x = {number(answer)}$",
    ]
    return f"{base}^{{{inside}}} = {base**exponent}", answer, steps


_POWERS = {2: (1, 2, 3, 4, 5), 3: (1, 2, 3, 4), 5: (1, 2, 3), 7: (1, 2), 10: (1, 2, 3)}
"""By base: exponents of the powers that serve as bases themselves."""


def _two_powers(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    base = one_of(next(draws), tuple(_POWERS))
    p, q = one_of(next(draws), [(p, q) for p in _POWERS[base] for q in _POWERS[base] if p != q])
    a, b, c, d = (nonzero(next(draws), size) for size in (5, 12, 5, 12))
    c = -c if p * a == q * c else c
    left, right = [p * a, p * b], [q * c, q * d]
    answer = Fraction(right[1] - left[1], left[0] - right[0])
    steps = [
        f"As powers of {base}: ${base}^{{{polynomial(left)}}} = {base}^{{{polynomial(right)}}}$.",
        (
            f"So ${polynomial(left)} = {polynomial(right)}$, ${polynomial([left[0] - right[0], 0])} = "
            f"{right[1] - left[1]}$ and $x = {number(answer)}$."
        ),
    ]
    return f"{base**p}^{{{polynomial([a, b])}}} = {base**q}^{{{polynomial([c, d])}}}", answer, steps


def _one_logarithm(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    base, exponent = _power(draws)
    a, b = nonzero(next(draws), 9), nonzero(next(draws), 40)
    factor, shift = between(next(draws), 2, 7), nonzero(next(draws), 20)
    answer = Fraction(base**exponent - b, a)
    inside = polynomial([a, b])
    logarithm = f"\\log_{{{base}}}({inside})"
    steps = [
        f"${factor}{logarithm} = {factor * exponent}$, so ${logarithm} = {exponent}$.",
        f"So ${inside} = {base}^{{{exponent}}} = {base**exponent}$.",
        f"$x = {number(answer)}$",
    ]
    return f"{combination([(factor, logarithm), (shift, '')])} = {factor * exponent + shift}", answer, steps


def _quadratic_in_power(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """With u for the power, one root is a power of the base and the other negative."""
    base = one_of(next(draws), (2, 3, 5))
    exponent = between(next(draws), 1, {2: 6, 3: 4, 5: 3}[base])
    a, b = between(next(draws), 2, 9), nonzero(next(draws), 15)
    root, other = base**exponent, -between(next(draws), 1, 30)
    other -= root == -other
    answer = Fraction(exponent - b, a)
    inside = polynomial([a, b])
    middle, power = -root - other, f"{base}^{{{inside}}}"
    product = power if abs(middle) == 1 else f" \\cdot {power}"
    left = combination([(1, f"{base * base}^{{{inside}}}"), (middle, product), (root * other, "")])
    steps = [
        (
            f"Let $u = {power}$, so that $u^2 = {base * base}^{{{inside}}}$: "
            f"${polynomial([1, -root - other, root * other], 'u')} = 0$."
        ),
        f"$({polynomial([1, -root], 'u')})({polynomial([1, -other], 'u')}) = 0$, and $u$ is positive: $u = {root}$.",
        f"${power} = {base}^{{{exponent}}}$, so ${inside} = {exponent}$ and $x = {number(answer)}$.",
    ]
    return f"{left} = 0", answer, steps


def _sum_of_logarithms(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """Both arguments are powers of the base at the solution, and negative at the other root."""
    base = one_of(next(draws), (2, 3, 5))
    exponents = (between(next(draws), 0, 4), between(next(draws), 1, 4))
    slope, answer = between(next(draws), 1, 3), between(next(draws), -30, 60)
    shifts = base ** exponents[0] - answer, base ** exponents[1] - slope * answer
    insides = polynomial([1, shifts[0]]), polynomial([slope, shifts[1]])
    total = sum(exponents)
    other = -shifts[0] - Fraction(base ** exponents[1], slope)
    quadratic = [slope, shifts[1] + slope * shifts[0], shifts[0] * shifts[1] - base**total]
    steps = [
        f"Join the logarithms: $\\log_{{{base}}}\\bigl({_factors(insides)}\\bigr) = {total}$.",
        f"So ${_factors(insides)} = {base}^{{{total}}} = {base**total}$, that is ${polynomial(quadratic)} = 0$.",
        f"The roots are $x = {answer}$ and $x = {number(other)}$.",
        (
            f"At $x = {number(other)}$ the first argument is ${number(other + shifts[0])} < 0$, so only $x = {answer}$ "
            "counts."
        ),
    ]
    logarithms = (f"\\log_{{{base}}}({inside})" for inside in insides)
    return f"{' + '.join(logarithms)} = {total}", Fraction(answer), steps


def _factors(insides: tuple[str, str]) -> str:
    return "".join(inside if inside == "x" else f"({inside})" for inside in insides)


def _two_bases(draws: Iterator[float]) -> tuple[str, Fraction, list[str]]:
    """log_b(x + p) - log_{b^2}(cx + d) = k; the root that squaring adds makes x + p negative."""
    base, difference = one_of(next(draws), ((2, 1), (2, 2), (3, 1), (5, 1), (2, 3)))
    power = base**difference
    side, slope, shift = between(next(draws), 1, 12), nonzero(next(draws), 4), nonzero(next(draws), 20)
    side += max(0, slope) * power
    answer = power * side - shift
    other_shift = side * side - slope * answer
    first, second = polynomial([1, shift]), polynomial([slope, other_shift])
    square = power * power
    quadratic = [1, 2 * shift - square * slope, shift * shift - square * other_shift]
    other = -quadratic[1] - answer
    steps = [
        (
            f"$\\log_{{{base * base}}}({second}) = \\frac{{1}}{{2}} \\log_{{{base}}}({second})$, so the equation, "
            f"doubled, is $\\log_{{{base}}}\\frac{{({first})^2}}{{{second}}} = {2 * difference}$."
        ),
        f"So $({first})^2 = {base}^{{{2 * difference}}}({second})$, that is ${polynomial(quadratic)} = 0$.",
        f"The roots are $x = {answer}$ and $x = {other}$.",
        (
            f"At $x = {other}$ the argument ${first}$ is ${other + shift} < 0$; at $x = {answer}$ the arguments are "
            f"{answer + shift} and {side * side}, so only $x = {answer}$ counts."
        ),
    ]
    return f"\\log_{{{base}}}({first}) - \\log_{{{base * base}}}({second}) = {difference}", Fraction(answer), steps
