"""Formulas for sequences that a recurrence defines; all indices start at 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, different, nonzero, uniforms
from llm_envs.envs.math.latex import added, bracketed, combination, polynomial
from llm_envs.envs.math.problem import Problem
from llm_envs.envs.math.sequences.powers import times_power

__all__ = ["recurrence"]


def recurrence(rng: np.random.Generator, difficulty: int) -> Problem:
    """The term number x as an expression in x."""
    draws = uniforms(rng, 8)
    makers = (_two_terms, _growing_steps, _affine, _two_roots, _double_root, _two_roots_and_constant)
    given, answer, steps = makers[difficulty](draws)
    question = f"{given} Find a formula for $a_x$ that holds for all integers $x \\ge 0$."
    return Problem(question, answer, steps)


Answer = tuple[str, str, list[str]]


def _two_terms(draws: Iterator[float]) -> Answer:
    start, step, early = between(next(draws), -60, 60), nonzero(next(draws), 25), between(next(draws), 2, 9)
    late = early + between(next(draws), 2, 9)
    at_early, at_late = start + step * early, start + step * late
    steps = [
        f"The difference is $({at_late} - {bracketed(at_early)}) / ({late} - {early}) = {step}$.",
        f"$a_0 = {at_early} - {early} \\cdot {bracketed(step)} = {start}$",
    ]
    given = (
        f"The sequence $a_0, a_1, a_2, \\ldots$ is arithmetic, with $a_{{{early}}} = {at_early}$ and $a_{{{late}}} = "
        f"{at_late}$."
    )
    return given, polynomial([step, start]), steps


def _growing_steps(draws: Iterator[float]) -> Answer:
    """The quadratic term is half of what the step grows by."""
    half, shift, start = nonzero(next(draws), 9), nonzero(next(draws), 20), nonzero(next(draws), 40)
    answer = [half, shift - half, start]
    steps = [
        (
            "From $a_0$ to $a_x$ the steps for $n = 0, 1, \\ldots, x - 1$ add up to "
            f"${combination([(2 * half, 'S'), (shift, 'x')])}$, where $S$ is the sum of these $n$."
        ),
        (
            f"$S = \\frac{{x(x-1)}}{{2}}$, so $a_x = {start} {'+' if half > 0 else '-'} "
            f"{combination([(abs(half), 'x(x-1)'), (0, '')])} {'+' if shift > 0 else '-'} "
            f"{combination([(abs(shift), 'x')])}$."
        ),
    ]
    given = (
        f"A sequence has $a_0 = {start}$ and $a_{{n+1}} = {combination([(1, 'a_n'), (2 * half, 'n'), (shift, '')])}$."
    )
    return given, polynomial(answer), steps


def _affine(draws: Iterator[float]) -> Answer:
    base, fixed, start = between(next(draws), 2, 9), nonzero(next(draws), 20), nonzero(next(draws), 30)
    start += start == fixed
    start = start or -1
    rest, shift = start - fixed, fixed * (1 - base)
    steps = [
        f"A constant sequence $c$ fits if $c = {combination([(base, 'c'), (shift, '')])}$, so $c = {fixed}$.",
        f"The difference $d_n = a_n - {bracketed(fixed)}$ has $d_{{n+1}} = {base}d_n$.",
        f"$d_0 = {start} - {bracketed(fixed)} = {rest}$, so $d_x = {times_power(rest, base)}$.",
    ]
    given = f"A sequence has $a_0 = {start}$ and $a_{{n+1}} = {combination([(base, 'a_n'), (shift, '')])}$."
    return given, added([times_power(rest, base), str(fixed)]), steps


def _two_roots(draws: Iterator[float]) -> Answer:
    roots, factors = sorted(different(draws, 1, 8, 2)), [nonzero(next(draws), 9), nonzero(next(draws), 9)]
    given, steps = _second_order(roots, factors, 0)
    return given, _sum(factors, roots), steps


def _double_root(draws: Iterator[float]) -> Answer:
    root, start, slope = between(next(draws), 2, 7), nonzero(next(draws), 20), nonzero(next(draws), 20)
    second = (start + slope) * root
    steps = [
        f"Characteristic equation: $r^2 = {polynomial([2 * root, -root * root], 'r')}$, that is, $(r - {root})^2 = 0$.",
        f"The zero is double, so $a_x = (A + Bx) \\cdot {root}^x$.",
        f"From $a_0$: $A = {start}$.",
        f"From $a_1$: ${root}(A + B) = {second}$, so $A + B = {start + slope}$ and $B = {slope}$.",
        f"So $a_x = ({combination([(start, ''), (slope, 'x')])}) \\cdot {root}^x$.",
    ]
    rule = combination([(2 * root, "a_{n+1}"), (-root * root, "a_n")])
    given = f"A sequence has $a_0 = {start}$, $a_1 = {second}$ and $a_{{n+2}} = {rule}$."
    return given, f"({polynomial([slope, start])}) \\cdot {root}^x", steps


def _two_roots_and_constant(draws: Iterator[float]) -> Answer:
    roots, factors = sorted(different(draws, 2, 7, 2)), [nonzero(next(draws), 9), nonzero(next(draws), 9)]
    fixed = nonzero(next(draws), 12)
    given, steps = _second_order(roots, factors, fixed)
    return given, added([_sum(factors, roots), str(fixed)]), steps


def _second_order(roots: list[int], factors: list[int], fixed: int) -> tuple[str, list[str]]:
    """The recurrence with these roots whose solution is the sum of multiples of their powers and a constant."""
    (r, s), (a, b) = roots, factors
    p, q = r + s, -r * s
    constant = fixed * (1 - p - q)
    first, second = a + b + fixed, a * r + b * s + fixed
    given = (
        f"A sequence has $a_0 = {first}$, $a_1 = {second}$ and $a_{{n+2}} = "
        f"{combination([(p, 'a_{n+1}'), (q, 'a_n'), (constant, '')])}$."
    )
    steps = []
    if fixed:
        equation = combination([(p, "c"), (q, "c"), (constant, "")])
        steps = [
            f"A constant sequence $c$ fits if $c = {equation}$, so $c = {fixed}$.",
            f"The difference $d_n = a_n - {bracketed(fixed)}$ fits the recurrence without its constant term.",
            f"$d_0 = {first - fixed}$, $d_1 = {second - fixed}$",
        ]
    steps += [
        f"Characteristic equation: $t^2 = {polynomial([p, q], 't')}$, with the zeros {r} and {s}.",
        f"So ${'d' if fixed else 'a'}_x = {_general(r, s)}$.",
        f"At $x = 0$ and $x = 1$: $A + B = {first - fixed}$, ${combination([(r, 'A'), (s, 'B')])} = {second - fixed}$.",
        (
            f"Subtract {'' if r == 1 else f'{r} times '}the first: ${combination([(s - r, 'B')])} = {b * (s - r)}$, "
            f"so $B = {b}$ and $A = {a}$."
        ),
    ]
    return given, steps


def _general(r: int, s: int) -> str:
    return added(f"{name} \\cdot {base}^x" if base > 1 else name for name, base in (("A", r), ("B", s)))


def _sum(factors: list[int], bases: list[int]) -> str:
    return added(times_power(factor, base) for factor, base in zip(factors, bases, strict=True))
