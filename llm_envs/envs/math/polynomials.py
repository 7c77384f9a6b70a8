r"""Polynomials: calculating with them, quadratic equations, inequalities.

Roots are chosen first, and polynomials multiplied out from them. A polynomial is the list of its integer coefficients,
highest power first, as `numpy.polyval` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, added, bracketed, combination, number, numbers, polynomial
from llm_envs.envs.math.problem import Problem

__all__ = ["inequality", "polynomials", "quadratic_equation"]

Polynomial: TypeAlias = list[int]

_EXPANDED = "Answer with a polynomial in $x$, multiplied out and collected."


def polynomials(rng: np.random.Generator, difficulty: int) -> Problem:
    """Multiply out, compose, divide, and interpolate."""
    draws = uniforms(rng, 8)
    makers = (_expand_product, _expand_sum, _compose, _divide_exactly, _divide_with_remainder, _interpolate)
    return makers[difficulty](draws)


def _expand_product(draws: Iterator[float]) -> Problem:
    p, q = _draw(draws, 9, 1), _draw(draws, 15, 1)
    answer = _times(p, q)
    (a, b), (c, d) = p, q
    steps = [f"The middle term is ${bracketed(a)} \\cdot {bracketed(d)} + {bracketed(b)} \\cdot {bracketed(c)}$ times $x$."]
    return Problem(f"Expand $({polynomial(p)})({polynomial(q)})$. {_EXPANDED}", polynomial(answer), steps)


def _expand_sum(draws: Iterator[float]) -> Problem:
    p, q, r, s = (_draw(draws, 9, 1) for _ in range(4))
    first, second = _times(p, q), _times(r, s)
    answer = _plus(first, second, -1)
    steps = [
        f"$({polynomial(p)})({polynomial(q)}) = {polynomial(first)}$",
        f"$({polynomial(r)})({polynomial(s)}) = {polynomial(second)}$",
    ]
    question = f"Expand $({polynomial(p)})({polynomial(q)}) - ({polynomial(r)})({polynomial(s)})$. {_EXPANDED}"
    return Problem(question, polynomial(answer), steps)


def _compose(draws: Iterator[float]) -> Problem:
    outer, inner = _draw(draws, 6, 2), _draw(draws, 6, 2)
    square = _times(inner, inner)
    a, b, c = outer
    answer = _plus(_plus([a * k for k in square], inner, b), [c], 1)
    steps = [
        f"$g(x)^2 = {polynomial(square)}$",
        f"$f(g(x)) = {combination([(a, 'g(x)^2'), (b, 'g(x)'), (c, '')])}$",
    ]
    question = f"Let $f(x) = {polynomial(outer)}$ and $g(x) = {polynomial(inner)}$. Find $f(g(x))$. {_EXPANDED}"
    return Problem(question, polynomial(answer), steps)


def _divide_exactly(draws: Iterator[float]) -> Problem:
    quotient, divisor = _draw(draws, 9, 2), _draw(draws, 9, 1)
    dividend = _times(quotient, divisor)
    question = f"Divide ${polynomial(dividend)}$ by ${polynomial(divisor)}$; there is no remainder. {_EXPANDED}"
    return Problem(question, polynomial(quotient), list(_long_division(dividend, divisor)))


def _divide_with_remainder(draws: Iterator[float]) -> Problem:
    divisor = [1, nonzero(next(draws), 5), nonzero(next(draws), 7)]
    quotient, remainder = _draw(draws, 5, 2), _draw(draws, 20, 1)
    dividend = _plus(_times(quotient, divisor), remainder, 1)
    question = f"Find the remainder of ${polynomial(dividend)}$ on division by ${polynomial(divisor)}$. {_EXPANDED}"
    return Problem(question, polynomial(remainder), list(_long_division(dividend, divisor)))


def _interpolate(draws: Iterator[float]) -> Problem:
    answer = _draw(draws, 7, 3)
    a, b, c, d = answer
    values = [_value(answer, x) for x in (-1, 0, 1, 2)]
    conditions = ", ".join(f"p({x}) = {value}" for x, value in zip((-1, 0, 1, 2), values, strict=True))
    steps = [
        f"Let $p(x) = ax^3 + bx^2 + cx + d$. From $p(0)$: $d = {d}$.",
        f"$p(1) + p(-1) = 2b + 2d = {values[2] + values[0]}$, so $b = {b}$.",
        f"$p(1) - p(-1) = 2a + 2c = {values[2] - values[0]}$, so $a + c = {a + c}$.",
        f"$p(2) = 8a + 4b + 2c + d = {values[3]}$, so $8a + 2c = {8 * a + 2 * c}$ and $a = {a}$, $c = {c}$.",
    ]
    question = f"The polynomial $p$ has degree 3, and ${conditions}$. Find $p(x)$. {_EXPANDED}"
    return Problem(question, polynomial(answer), steps)


def _draw(draws: Iterator[float], size: int, degree: int) -> Polynomial:
    """A polynomial all of whose coefficients are there."""
    return [nonzero(next(draws), size) for _ in range(degree + 1)]


def _times(p: Sequence[int], q: Sequence[int]) -> Polynomial:
    product = [0] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            product[i + j] += a * b
    return product


def _plus(p: Sequence[int], q: Sequence[int], factor: int) -> Polynomial:
    """`p + factor q`."""
    length = max(len(p), len(q))
    padded = ([0] * (length - len(p)) + [*p], [0] * (length - len(q)) + [*q])
    return [a + factor * b for a, b in zip(*padded, strict=True)]


def _value(p: Sequence[int], x: int) -> int:
    value = 0
    for coefficient in p:
        value = value * x + coefficient
    return value


def _long_division(dividend: Sequence[int], divisor: Sequence[int]) -> Iterator[str]:
    """What is left after each subtraction of a multiple of the divisor."""
    rest = list(dividend)
    while len(rest) >= len(divisor):
        factor = rest[0] // divisor[0]
        power = len(rest) - len(divisor)
        multiple = [factor, *[0] * power]
        rest = _plus(rest, _times(multiple, divisor), -1)[1:]
        yield f"Subtract ${polynomial(multiple)}$ times the divisor: ${polynomial(rest)}$ is left."


_ALL_ROOTS = "Answer with the set of all real solutions, such as $\\{-2, 5\\}$."


def quadratic_equation(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find all solutions of an equation that is, or leads to, a quadratic one."""
    draws = uniforms(rng, 8)
    makers = (_integer_roots, _rational_roots, _to_be_sorted, _irrational_roots, _with_denominators, _by_substitution)
    return makers[difficulty](draws)


def _integer_roots(draws: Iterator[float]) -> Problem:
    roots, factor = _two_roots(draws, 40), between(next(draws), 1, 4)
    quadratic = [factor * a for a in _from_roots(roots)]
    return Problem(f"Solve ${polynomial(quadratic)} = 0$. {_ALL_ROOTS}", _set(roots), [_factored(roots)])


def _rational_roots(draws: Iterator[float]) -> Problem:
    p = [between(next(draws), 2, 7), nonzero(next(draws), 12)]
    q = [between(next(draws), 1, 7), nonzero(next(draws), 12)]
    if p[0] * q[1] == p[1] * q[0]:
        q[1] = -q[1]
    steps = [f"$({polynomial(p)})({polynomial(q)}) = 0$, so one factor is 0."]
    roots = [Fraction(-p[1], p[0]), Fraction(-q[1], q[0])]
    return Problem(f"Solve ${polynomial(_times(p, q))} = 0$. {_ALL_ROOTS}", _set(roots), steps)


def _to_be_sorted(draws: Iterator[float]) -> Problem:
    roots = _two_roots(draws, 15)
    quadratic = _from_roots(roots)
    factor = between(next(draws), 1, 3)
    right = [between(next(draws), 1, 3), nonzero(next(draws), 20), nonzero(next(draws), 60)]
    left = _plus(right, quadratic, factor)
    steps = [f"Bring all to one side: ${polynomial([factor * a for a in quadratic])} = 0$.", _factored(roots)]
    return Problem(f"Solve ${polynomial(left)} = {polynomial(right)}$. {_ALL_ROOTS}", _set(roots), steps)


def _irrational_roots(draws: Iterator[float]) -> Problem:
    middle, multiple = nonzero(next(draws), 25), between(next(draws), 1, 5)
    radicand, factor = one_of(next(draws), _SQUARE_FREE), between(next(draws), 1, 4)
    square = multiple * multiple * radicand
    quadratic = [factor * a for a in (1, -2 * middle, middle * middle - square)]
    surd = combination([(multiple, f"\\sqrt{{{radicand}}}")])
    steps = [
        f"Complete the square: $({polynomial([1, -middle])})^2 = {square}$.",
        f"$\\sqrt{{{square}}} = {surd}$, so $x = {middle} \\pm {surd}$.",
    ]
    return Problem(
        f"Solve ${polynomial(quadratic)} = 0$. {_ALL_ROOTS}", f"\\{{{middle} - {surd}, {middle} + {surd}\\}}", steps
    )


def _with_denominators(draws: Iterator[float]) -> Problem:
    p = between(next(draws), -9, 9)
    q = p + nonzero(next(draws), 6)
    free = [root for root in range(-12, 13) if root not in (p, q)]
    roots = [one_of(next(draws), free)]
    free.remove(roots[0])
    roots.append(one_of(next(draws), free))
    factor = nonzero(next(draws), 2)
    over_p, over_q = (sign * factor * _value(_from_roots(roots), pole) for sign, pole in ((1, p), (-1, q)))
    right = factor * (q - p)
    fractions = [_over(over_p, [1, -p]), _over(over_q, [1, -q])]
    steps = [
        f"Multiply by both denominators and collect: ${polynomial([right * a for a in _from_roots(roots)])} = 0$.",
        _factored(roots),
        "No denominator is 0 there.",
    ]
    return Problem(f"Solve ${added(fractions)} = {right}$. {_ALL_ROOTS}", _set(roots), steps)


def _by_substitution(draws: Iterator[float]) -> Problem:
    slope = nonzero(next(draws), 20)
    first = between(next(draws), -24, 24)
    free = [root for root in range(-24, 25) if root not in (first, -slope - first)]
    second = one_of(next(draws), free)
    inner = f"({polynomial([1, slope, 0])})"
    values = [root * (root + slope) for root in (first, second)]
    terms = [(1, f"{inner}^2"), (-sum(values), inner), (values[0] * values[1], "")]
    steps = [f"Let $u = {polynomial([1, slope, 0])}$. Then $u = {values[0]}$ or $u = {values[1]}$."]
    for root, value in zip((first, second), values, strict=True):
        steps.append(f"${polynomial([1, slope, -value])} = 0$ has the solutions ${numbers({root, -slope - root})}$.")
    roots = {first, second, -slope - first, -slope - second}
    return Problem(f"Solve ${combination(terms)} = 0$. {_ALL_ROOTS}", _set(roots), steps)


_SQUARE_FREE = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15)


def _two_roots(draws: Iterator[float], size: int) -> list[int]:
    first = between(next(draws), -size, size)
    second = between(next(draws), -size, size - 1)
    return [first, second + (second >= first)]


def _from_roots(roots: Iterable[int]) -> Polynomial:
    product = [1]
    for root in roots:
        product = _times(product, [1, -root])
    return product


def _factored(roots: Iterable[int]) -> str:
    return f"Factor: ${_product_text(roots)} = 0$."


def _product_text(roots: Iterable[int]) -> str:
    return "".join(f"({polynomial([1, -root])})" if root else "x" for root in sorted(roots, key=bool))


def _over(top: int, bottom: Polynomial) -> str:
    return f"{'-' if top < 0 else ''}\\frac{{{abs(top)}}}{{{polynomial(bottom)}}}"


def _set(values: Iterable[Number]) -> str:
    return f"\\{{{numbers(sorted(values))}\\}}"


_INTERVALS = "Answer in interval notation."
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
    makers = (_linear, _linear_both_sides, _quadratic, _quotient, _cubic, _two_fractions)
    left, right, chart = makers[difficulty](draws)
    question = f"For which real $x$ is ${left} {relation} {right}$? {_INTERVALS}"
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
    return polynomial([factor * a for a in _from_roots(roots)]), "0", _Chart(roots, [], factor > 0)


def _quotient(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    a, b, c, d = (nonzero(next(draws), size) for size in (9, 30, 9, 30))
    d = -d if a * d == b * c else d
    text = f"\\frac{{{polynomial([a, b])}}}{{{polynomial([c, d])}}}"
    return text, "0", _Chart([Fraction(-b, a)], [Fraction(-d, c)], a * c > 0)


def _cubic(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    roots, factor = _two_roots(draws, 20), nonzero(next(draws), 2)
    roots.append(one_of(next(draws), [root for root in (-3, -2, -1, 1, 2, 3) if root not in roots]))
    return polynomial([factor * a for a in _from_roots(roots)]), "0", _Chart(roots, [], factor > 0)


def _two_fractions(draws: Iterator[float]) -> tuple[str, str, _Chart]:
    p, q = _two_roots(draws, 9)
    top_p, top_q = nonzero(next(draws), 9), nonzero(next(draws), 9)
    top_q = -top_q if top_p == top_q else top_q
    zero = Fraction(top_p * q - top_q * p, top_p - top_q)
    return _over(top_p, [1, -p]), _over(top_q, [1, -q]), _Chart([zero], [p, q], top_p > top_q)
