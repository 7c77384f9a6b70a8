"""Sequences: arithmetic and geometric ones, recurrences, sums."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from llm_envs.envs.math.draws import between, nonzero, one_of, uniforms
from llm_envs.envs.math.latex import bracketed, combination, numbers, polynomial, product
from llm_envs.envs.math.problem import Problem

__all__ = ["sequence"]


def sequence(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find a far term, or a sum, of a sequence given by its first terms or its rule."""
    draws = uniforms(rng, 6)
    makers = (_far_term, _arithmetic_sum, _geometric_sum, _first_order, _sum_of_squares, _second_order)
    return makers[difficulty](draws)


def _far_term(draws: Iterator[float]) -> Problem:
    first, step, place = between(next(draws), -60, 60), nonzero(next(draws), 25), between(next(draws), 20, 150)
    shown = [first + step * i for i in range(4)]
    answer = first + (place - 1) * step
    steps = [
        f"The difference is ${step}$.",
        f"$a_{{{place}}} = {first} + {place - 1} \\cdot {bracketed(step)} = {answer}$",
    ]
    question = f"An arithmetic sequence begins ${numbers(shown)}, \\ldots$. What is its term number {place}?"
    return Problem(question, str(answer), steps)


def _arithmetic_sum(draws: Iterator[float]) -> Problem:
    first, step, count = between(next(draws), -40, 40), nonzero(next(draws), 15), between(next(draws), 12, 60)
    last = first + (count - 1) * step
    answer = (first + last) * count // 2
    steps = [
        f"$a_{{{count}}} = {first} + {count - 1} \\cdot {bracketed(step)} = {last}$",
        f"$\\frac{{{count}}}{{2}} ({first} + {bracketed(last)}) = {answer}$",
    ]
    question = (
        f"An arithmetic sequence begins ${numbers([first, first + step, first + 2 * step])}, \\ldots$. "
        f"What is the sum of its first {count} terms?"
    )
    return Problem(question, str(answer), steps)


def _geometric_sum(draws: Iterator[float]) -> Problem:
    first, factor = nonzero(next(draws), 120), one_of(next(draws), (-5, -4, -3, -2, 2, 3, 4, 5))
    count = between(next(draws), 5, 10)
    power = factor**count
    answer = first * (power - 1) // (factor - 1)
    steps = [
        f"The ratio is ${factor}$, and ${bracketed(factor)}^{{{count}}} = {power}$.",
        f"${bracketed(first)} \\cdot \\frac{{{power} - 1}}{{{factor} - 1}} = {answer}$",
    ]
    question = (
        f"A geometric sequence begins ${numbers([first, first * factor, first * factor**2])}, \\ldots$. "
        f"What is the sum of its first {count} terms?"
    )
    return Problem(question, str(answer), steps)


def _first_order(draws: Iterator[float]) -> Problem:
    value, shift, place = nonzero(next(draws), 15), nonzero(next(draws), 20), between(next(draws), 5, 7)
    factor = one_of(next(draws), (-4, -3, -2, 2, 3, 4))
    question = f"A sequence has $a_1 = {value}$ and $a_{{n+1}} = {combination([(factor, 'a_n'), (shift, '')])}$."
    steps = []
    for i in range(2, place + 1):
        told = combination([(1, product([factor, value])), (shift, "")])
        value = factor * value + shift
        steps.append(f"$a_{i} = {told} = {value}$")
    return Problem(f"{question} What is $a_{place}$?", str(value), steps)


def _sum_of_squares(draws: Iterator[float]) -> Problem:
    a, b, c = (nonzero(next(draws), size) for size in (6, 9, 15))
    count = between(next(draws), 10, 40)
    squares, naturals = count * (count + 1) * (2 * count + 1) // 6, count * (count + 1) // 2
    answer = a * squares + b * naturals + c * count
    steps = [
        f"$\\sum k^2 = \\frac{{{product([count, count + 1, 2 * count + 1])}}}{{6}} = {squares}$",
        f"$\\sum k = \\frac{{{product([count, count + 1])}}}{{2}} = {naturals}$",
        f"${product([a, squares])} + {product([b, naturals])} + {product([c, count])} = {answer}$",
    ]
    question = f"Evaluate $\\sum_{{k=1}}^{{{count}}} ({polynomial([a, b, c], 'k')})$."
    return Problem(question, str(answer), steps)


def _second_order(draws: Iterator[float]) -> Problem:
    before, value = nonzero(next(draws), 6), nonzero(next(draws), 6)
    p, q = nonzero(next(draws), 4), nonzero(next(draws), 4)
    place = between(next(draws), 7, 9)
    rule = combination([(p, "a_{n+1}"), (q, "a_n")])
    question = f"A sequence has $a_1 = {before}$, $a_2 = {value}$ and $a_{{n+2}} = {rule}$. What is $a_{place}$?"
    steps = []
    for i in range(3, place + 1):
        told = f"{product([p, value])} + {product([q, before])}"
        before, value = value, p * value + q * before
        steps.append(f"$a_{i} = {told} = {value}$")
    return Problem(question, str(value), steps)
