"""Functions of x: values, compositions, inverses, iterates, functional equations."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import Number, bracketed, combination, number, polynomial, ratio
from llm_envs.envs.math.problem import Problem

__all__ = ["function_value"]


def function_value(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find one value of a function, or where it has a value."""
    draws = uniforms(rng, 10)
    makers = (_composed, _solved, _inverse, _iterated, _reflected, _cycle)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


def _composed(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    """A linear function of a quadratic one."""
    f = [nonzero(next(draws), 12), nonzero(next(draws), 40)]
    g = [nonzero(next(draws), 5), nonzero(next(draws), 12), nonzero(next(draws), 20)]
    x = nonzero(next(draws), 8)
    inner = g[0] * x * x + g[1] * x + g[2]
    answer = f[0] * inner + f[1]
    squared = f"{bracketed(x)}^2"
    steps = [
        f"$g({x}) = {_sum((g[0], squared), (g[1], bracketed(x)))} + {bracketed(g[2])} = {inner}$",
        f"$f({inner}) = {_sum((f[0], bracketed(inner)))} + {bracketed(f[1])} = {answer}$",
    ]
    question = f"Let $f(x) = {polynomial(f)}$ and $g(x) = {polynomial(g)}$. What is $f(g({x}))$?"
    return question, answer, steps


def _sum(*terms: tuple[int, str]) -> str:
    return " + ".join(f"{bracketed(factor)} \\cdot {value}" for factor, value in terms)


def _solved(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    """f(g(x)) = k for linear functions, with f undone first."""
    f = [one_of(next(draws), (-6, -5, -4, -3, -2, 2, 3, 4, 5, 6)), nonzero(next(draws), 30)]
    g = [one_of(next(draws), (-7, -5, -4, -3, -2, 2, 3, 4, 5, 7)), nonzero(next(draws), 30)]
    value = nonzero(next(draws), 60)
    inner = Fraction(value - f[1], f[0])
    answer = (inner - g[1]) / g[0]
    steps = [
        f"$f(u) = {value}$ means ${polynomial(f, 'u')} = {value}$, so $u = {number(inner)}$.",
        f"$g(x) = {number(inner)}$ means ${polynomial(g)} = {number(inner)}$, so $x = {number(answer)}$.",
    ]
    question = f"Let $f(x) = {polynomial(f)}$ and $g(x) = {polynomial(g)}$. For which $x$ is $f(g(x)) = {value}$?"
    return question, answer, steps


def _quotient(draws: Iterator[float], size: int) -> tuple[int, int, int, int]:
    """a, b, c, d of (ax + b) / (cx + d), which is not constant."""
    a, c = nonzero(next(draws), size), between(next(draws), 1, size)
    b, d = nonzero(next(draws), 2 * size), nonzero(next(draws), 2 * size)
    return a, b if a * d != b * c else -b, c, d


def _inverse(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    a, b, c, d = _quotient(draws, 9)
    y = one_of(next(draws), [y for y in range(-9, 10) if y * c != a])
    answer = Fraction(b - d * y, c * y - a)
    bottom = polynomial([c, d])
    shown = f"{bracketed(y)}({bottom})" if abs(y) > 1 else combination([(y, f"({bottom})")])
    steps = [
        f"Let $x = f^{{-1}}({y})$. Then $f(x) = {y}$.",
        f"Multiply by the denominator: ${polynomial([a, b])} = {shown} = {polynomial([c * y, d * y])}$."
        if y
        else f"A fraction is 0 where its numerator is: ${polynomial([a, b])} = 0$.",
        f"Collect: ${polynomial([a - c * y, 0])} = {d * y - b}$, so $x = {number(answer)}$.",
    ]
    question = f"Let $f(x) = {ratio(polynomial([a, b]), bottom)}$. What is $f^{{-1}}({y})$?"
    return question, answer, steps


_ITERATES = {3: "f(f(f({})))", 4: "f(f(f(f({}))))"}


def _iterated(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    """Apply a quotient of linear functions three or four times; the start avoids its poles."""
    a, b, c, d = _quotient(draws, 4)
    times = between(next(draws), 3, 4)
    starts = [start for start in range(-12, 13) if _iterates((a, b, c, d), start, times)]
    start = one_of(next(draws), starts)
    values = _iterates((a, b, c, d), start, times)
    steps = []
    for before, value in zip([Fraction(start), *values], values, strict=False):
        top, bottom = a * before + b, c * before + d
        steps.append(f"$f({number(before)}) = {_over(top, bottom)} = {number(value)}$")
    text = _ITERATES[times].format(start)
    return f"Let $f(x) = {ratio(polynomial([a, b]), polynomial([c, d]))}$. What is ${text}$?", values[-1], steps


def _over(top: Fraction, bottom: Fraction) -> str:
    if top.denominator == bottom.denominator == 1:
        return ratio(top.numerator, bottom.numerator)
    return f"{number(top)} \\div {bracketed(bottom)}"


def _iterates(quotient: tuple[int, int, int, int], start: int, times: int) -> list[Fraction]:
    """What comes out time after time; empty where a denominator is 0."""
    a, b, c, d = quotient
    values, value = [], Fraction(start)
    for _ in range(times):
        bottom = c * value + d
        if not bottom:
            return []
        value = (a * value + b) / bottom
        values.append(value)
    return values


def _reflected(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    """Of p f(x) + q f(k - x), which is a given quadratic: put k - x for x, and eliminate."""
    p, q = one_of(next(draws), [(p, q) for p in range(2, 8) for q in range(2, 8) if p != q])
    k, x = nonzero(next(draws), 9), nonzero(next(draws), 9)
    x += 2 * x == k
    right = [nonzero(next(draws), 5), nonzero(next(draws), 9), nonzero(next(draws), 20)]
    here, there = (right[0] * t * t + right[1] * t + right[2] for t in (x, k - x))
    answer = Fraction(p * here - q * there, p * p - q * q)
    other = polynomial([-1, k])
    first = combination([(p, f"f({x})"), (q, f"f({k - x})")])
    second = combination([(p, f"f({k - x})"), (q, f"f({x})")])
    steps = [
        f"Put $x = {x}$: ${first} = {here}$.",
        f"Put $x = {k - x}$: ${second} = {there}$.",
        (
            f"Take ${q}$ times the second from ${p}$ times the first: ${p * p - q * q}f({x}) = "
            f"{p} \\cdot {bracketed(here)} - {q} \\cdot {bracketed(there)} = {p * here - q * there}$."
        ),
        f"$f({x}) = {number(answer)}$",
    ]
    equation = f"{combination([(p, 'f(x)'), (q, f'f({other})')])} = {polynomial(right)}"
    return f"A function $f$ satisfies ${equation}$ for all real $x$. What is $f({x})$?", answer, steps


def _cycle(draws: Iterator[float]) -> tuple[str, Number, list[str]]:
    """Of p f(x) + q f(1/(1 - x)), which is a given line: three times round, x is back."""
    p, q = between(next(draws), 1, 5), between(next(draws), 1, 5)
    line = [nonzero(next(draws), 9), nonzero(next(draws), 12)]
    x = one_of(next(draws), [x for x in range(-8, 9) if x not in {0, 1}])
    u = Fraction(1, 1 - x)
    v = Fraction(1, 1 - u)
    sides = [line[0] * place + line[1] for place in (x, u, v)]
    factors = [p * p, -p * q, q * q]
    total = sum((factor * side for factor, side in zip(factors, sides, strict=True)), Fraction(0))
    answer = Fraction(total, p**3 + q**3)
    steps = [
        (
            f"Let $u = \\frac{{1}}{{1 - {bracketed(x)}}} = {number(u)}$ and $v = \\frac{{1}}{{1 - u}} = {number(v)}$; "
            f"then $\\frac{{1}}{{1 - v}} = {x}$ again."
        ),
        f"Put $x = {x}$, $x = u$ and $x = v$:",
    ]
    for (here, there), side in zip(((str(x), "u"), ("u", "v"), ("v", str(x))), sides, strict=True):
        steps.append(f"${combination([(p, f'f({here})'), (q, f'f({there})')])} = {number(side)}$")
    told = " + ".join(
        f"{bracketed(factor)} \\cdot {bracketed(side)}" for factor, side in zip(factors, sides, strict=True)
    )
    steps += [
        f"Multiply these by {factors[0]}, ${factors[1]}$ and {factors[2]} and add: $f(u)$ and $f(v)$ drop out.",
        f"${p**3 + q**3}f({x}) = {told} = {number(total)}$",
        f"$f({x}) = {number(answer)}$",
    ]
    left = combination([(p, "f(x)"), (q, r"f\left(\frac{1}{1 - x}\right)")])
    equation = f"{left} = {polynomial(line)}"
    return f"A function $f$ satisfies ${equation}$ for all real $x$ except 0 and 1. What is $f({x})$?", answer, steps
