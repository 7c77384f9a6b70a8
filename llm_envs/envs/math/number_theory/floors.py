"""Number theory: sums of integer parts."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, isqrt
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, uniforms
from llm_envs.envs.math.latex import combination
from llm_envs.envs.math.problem import Problem

__all__ = ["floor_sum"]


def floor_sum(rng: np.random.Generator, difficulty: int) -> Problem:
    """Add up the integer parts of quotients or roots."""
    draws = uniforms(rng, 6)
    makers = (_steady, _hyperbola, _roots, _full_period, _line, _shifted_line)
    first, last, term, answer, steps = makers[difficulty](draws)
    question = (
        f"Evaluate $\\sum_{{k={first}}}^{{{last}}} \\lfloor {term} \\rfloor$, where $\\lfloor x \\rfloor$ is the "
        "largest "
        "integer that is not above $x$."
    )
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[int, int, str, int, list[str]]
"""The first and the last index, the term, the sum, the steps."""


def _steady(draws: Iterator[float]) -> _Parts:
    divisor = between(next(draws), 3, 25)
    last = between(next(draws), 5 * divisor, 40 * divisor)
    top = last // divisor
    rest = last - top * divisor + 1
    whole = divisor * top * (top - 1) // 2
    steps = [
        (
            f"Each of the values $1, \\dots, {top - 1}$ is there {divisor} times: "
            f"${divisor} \\cdot {top * (top - 1) // 2} = {whole}$."
        ),
        f"The value {top} is there from ${top * divisor}$ to {last}: ${rest} \\cdot {top} = {rest * top}$.",
        f"${whole} + {rest * top} = {whole + rest * top}$",
    ]
    return 1, last, f"\\frac{{k}}{{{divisor}}}", whole + rest * top, steps


def _hyperbola(draws: Iterator[float]) -> _Parts:
    top, last = between(next(draws), 100, 999), between(next(draws), 12, 24)
    values = [top // k for k in range(1, last + 1)]
    steps = [
        f"Divide {top} by $1, 2, \\dots, {last}$ and round down:",
        f"${' + '.join(map(str, values[: last // 2]))} = {sum(values[: last // 2])}$",
        f"${' + '.join(map(str, values[last // 2 :]))} = {sum(values[last // 2 :])}$",
        f"${sum(values[: last // 2])} + {sum(values[last // 2 :])} = {sum(values)}$",
    ]
    return 1, last, f"\\frac{{{top}}}{{k}}", sum(values), steps


def _roots(draws: Iterator[float]) -> _Parts:
    first, last = between(next(draws), 10, 200), between(next(draws), 300, 2500)
    (below, low), (whole, high) = _sum_of_roots(first - 1), _sum_of_roots(last)
    steps = [
        (
            "The value $v$ is there from $k = v^2$ to $(v + 1)^2 - 1$, that is $2v + 1$ times, and "
            "$\\sum_{v=1}^{m} v(2v + 1) = \\frac{m(m + 1)(4m + 5)}{6}$."
        ),
        f"Up to {last}: {high}",
        f"Up to {first - 1}: {low}",
        f"${whole} - {below} = {whole - below}$",
    ]
    return first, last, "\\sqrt{k}", whole - below, steps


def _sum_of_roots(last: int) -> tuple[int, str]:
    """The sum from 1 on, and how it is found."""
    root = isqrt(last)
    full, rest = (root - 1) * root * (4 * root + 1) // 6, last - root * root + 1
    total = full + rest * root
    return total, f"{full} for $v \\le {root - 1}$, and ${rest} \\cdot {root}$ from {root * root} on: {total}."


def _full_period(draws: Iterator[float]) -> _Parts:
    common, bottom = between(next(draws), 1, 6), between(next(draws), 11, 60)
    top = one_of(next(draws), [a for a in range(7, 61) if a % bottom])
    top, bottom = common * top, common * bottom
    divisor = gcd(top, bottom)
    answer = ((top - 1) * (bottom - 1) + divisor - 1) // 2
    steps = [
        f"Pair $k$ with ${bottom} - k$: the quotients $\\frac{{{top}k}}{{{bottom}}}$ of a pair have the sum {top}.",
        "Their integer parts have this sum if both are integers, else 1 less.",
        (
            f"They are integers if ${bottom // divisor}$ divides $k$, as $\\gcd({top}, {bottom}) = {divisor}$: for "
            f"{divisor - 1} of "
            f"the {bottom - 1} values of $k$."
        ),
        f"Twice the sum is ${bottom - 1} \\cdot {top - 1} + {divisor - 1} = {2 * answer}$.",
        f"The sum is {answer}.",
    ]
    return 1, bottom - 1, f"\\frac{{{top}k}}{{{bottom}}}", answer, steps


def _line(draws: Iterator[float]) -> _Parts:
    bottom = between(next(draws), 20, 99)
    slope = one_of(next(draws), [a for a in range(5, bottom - 3) if gcd(a, bottom) == 1])
    return _under_line(between(next(draws), 20, 200), slope, bottom, 0)


def _shifted_line(draws: Iterator[float]) -> _Parts:
    bottom = between(next(draws), 20, 99)
    slope = one_of(next(draws), [a for a in range(bottom + 2, 4 * bottom) if gcd(a, bottom) == 1])
    return _under_line(between(next(draws), 30, 300), slope, bottom, between(next(draws), 5, 3 * bottom))


def _under_line(last: int, slope: int, bottom: int, shift: int) -> _Parts:
    """Take whole parts out, then count the points under the line by rows, and so on, as in Euclid's algorithm."""
    term = f"\\frac{{{combination([(slope, 'k'), (shift, '')])}}}{{{bottom}}}"
    steps = [
        (
            "Let $S(n, a, b, c) = \\sum_{k=0}^{n} \\lfloor (ak + c) / b \\rfloor$. Whole parts of $a / b$ and $c / b$ "
            "come out; if "
            "there are none, count the points under the line by rows: $S(n, a, b, c) = nm - S(m - 1, b, a, b - c - 1)$ "
            "with "
            "$m = \\lfloor (an + c) / b \\rfloor$."
        ),
    ]
    whole, told = _reduced(last, slope, bottom, shift)
    at_zero = shift // bottom
    steps += told
    if at_zero:
        steps.append(f"Without the term for $k = 0$: ${whole} - {at_zero} = {whole - at_zero}$.")
    return 1, last, term, whole - at_zero, steps


def _reduced(n: int, a: int, b: int, c: int) -> tuple[int, list[str]]:
    """`S(n, a, b, c)`, and how it is found: from the innermost sum outwards."""
    name, outside = f"S({n}, {a}, {b}, {c})", a // b * n * (n + 1) // 2 + c // b * (n + 1)
    m = (a % b * n + c % b) // b
    if m == 0:
        return outside, [f"${name} = {outside}$"]
    inner, steps = _reduced(m - 1, b, a % b, b - c % b - 1)
    value = outside + n * m - inner
    parts = f"{outside} + " if outside else ""
    steps.append(f"${name} = {parts}{n} \\cdot {m} - {inner} = {value}$")
    return value, steps
