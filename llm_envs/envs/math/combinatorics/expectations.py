"""Probability: expected values of gains, counts and waiting times."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, different, one_of, uniforms
from llm_envs.envs.math.latex import added, bracketed, number, ratio, reduced
from llm_envs.envs.math.problem import Problem

__all__ = ["expected_value"]


def expected_value(rng: np.random.Generator, difficulty: int) -> Problem:
    """Find the mean of what chance brings."""
    draws = uniforms(rng, 10)
    makers = (_wheel, _handful, _larger_number, _collection, _run, _walk)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, number(answer), steps)


_Parts: TypeAlias = tuple[str, Fraction, list[str]]


def _wheel(draws: Iterator[float]) -> _Parts:
    sectors = [between(next(draws), 1, 7) for _ in range(3)]
    gains = sorted(different(draws, 2, 40, 2))
    total = sum(sectors)
    sums = [gain * count for gain, count in zip(gains, sectors, strict=False)]
    answer = Fraction(sum(sums), total)
    steps = [
        f"The wheel has ${' + '.join(map(str, sectors))} = {total}$ sectors.",
        f"All together pay ${gains[0]} \\cdot {sectors[0]} + {gains[1]} \\cdot {sectors[1]} = {sum(sums)}$ coins.",
        f"On average ${reduced(sum(sums), total)}$.",
    ]
    question = (
        f"A wheel of fortune has equal sectors: {sectors[0]} of them {_pays(sectors[0])} {gains[0]} coins, "
        f"{sectors[1]} "
        f"{_pays(sectors[1])} {gains[1]} coins and {sectors[2]} {_pays(sectors[2])} nothing. The wheel is spun once. "
        "What is the expected number of coins paid?"
    )
    return question, answer, steps


def _pays(count: int) -> str:
    return "pays" if count == 1 else "pay"


def _handful(draws: Iterator[float]) -> _Parts:
    """Linearity: the draws depend on each other, their means do not."""
    balls = [between(next(draws), 2, 12) for _ in range(3)]
    drawn, total = between(next(draws), 3, 6), sum(balls)
    red, blue, green = (between(next(draws), low, 20) for low in (5, 2, 1))
    sums = f"{red} \\cdot {balls[0]} + {blue} \\cdot {balls[1]} - {green} \\cdot {balls[2]}"
    one = Fraction(red * balls[0] + blue * balls[1] - green * balls[2], total)
    steps = [
        (
            "Each ball that is drawn is equally likely to be any of the "
            f"${' + '.join(map(str, balls))} = {total}$ balls, and expectations add up."
        ),
        f"One ball brings ${ratio(sums, total)} = {number(one)}$ points on average.",
        f"${drawn} \\cdot {bracketed(one)} = {number(drawn * one)}$",
    ]
    question = (
        f"A bag holds {balls[0]} red, {balls[1]} blue and {balls[2]} green balls. {drawn} of them are drawn without "
        f"replacement. Each red one wins {red} points, each blue one wins {blue}, and each green one loses {green}. "
        "What is the expected total of points?"
    )
    return question, drawn * one, steps


def _larger_number(draws: Iterator[float]) -> _Parts:
    a, b = sorted(different(draws, 4, 20, 2))
    coins, larger = between(next(draws), 2, 30), next(draws) < 0.5
    low, high = sum(m * (2 * m - 1) for m in range(1, a + 1)), a * sum(range(a + 1, b + 1))
    largest = Fraction(low + high, a * b)
    steps = [
        f"The larger number is $m$ in $2m - 1$ of the ${a} \\cdot {b} = {a * b}$ results if $m \\le {a}$, else in {a}.",
        (
            f"Sum of all larger numbers: for $m \\le {a}$ it is {low}, for the others "
            f"${a} \\cdot {high // a} = {high}$, together {low + high}."
        ),
        f"The larger number is ${number(largest)}$ on average.",
    ]
    mean = largest
    if not larger:
        mean = Fraction(a + b + 2, 2) - largest
        both = f"{number(Fraction(a + 1, 2))} + {number(Fraction(b + 1, 2))}"
        steps.append(f"Both together are ${both}$ on average, so the smaller one is ${number(mean)}$.")
    steps.append(f"${coins} \\cdot {number(mean)} = {number(coins * mean)}$")
    question = (
        f"Two fair dice are rolled, one with the numbers 1 to {a}, the other with the numbers 1 to {b}. For every "
        "point "
        f"of the {'larger' if larger else 'smaller'} of the two numbers shown (of either, if they are equal) a "
        "player gets "
        f"{coins} coins. What is the expected number of coins?"
    )
    return question, coins * mean, steps


def _collection(draws: Iterator[float]) -> _Parts:
    sides, coins = between(next(draws), 6, 30), between(next(draws), 2, 99)
    wanted = between(next(draws), 3, 5)
    waits = [Fraction(sides, missing) for missing in range(wanted, 0, -1)]
    rolls = sum(waits, Fraction(0))
    steps = [
        (
            f"While $m$ of the numbers are missing, a roll brings a new one with probability $m / {sides}$, so "
            "this takes "
            f"${sides} / m$ rolls on average."
        ),
        f"For $m = {wanted}, \\dots, 1$: ${' + '.join(map(number, waits))} = {number(rolls)}$ rolls.",
        f"${coins} \\cdot {number(rolls)} = {number(coins * rolls)}$",
    ]
    question = (
        f"A fair die with the numbers 1 to {sides} is rolled until each of the numbers 1 to {wanted} has been shown at "
        f"least once. Every roll costs {coins} coins. What is the expected cost?"
    )
    return question, coins * rolls, steps


def _probability(draws: Iterator[float]) -> Fraction:
    """A fraction between 0 and 1, other than one half."""
    bottom = between(next(draws), 3, 12)
    return Fraction(one_of(next(draws), [top for top in range(1, bottom) if gcd(top, bottom) == 1]), bottom)


def _run(draws: Iterator[float]) -> _Parts:
    chance, length, seconds = _probability(draws), between(next(draws), 2, 4), between(next(draws), 2, 90)
    steps = [
        (
            "Let $e_j$ be the expected number of throws until there are $j$ hits in a row. Then one more throw is "
            "a hit "
            f"with probability $p = {number(chance)}$, or all begins anew: $e_{{j+1}} = e_j + 1 + (1 - p)e_{{j+1}}$, "
            "so $e_{j+1} = (e_j + 1) / p$."
        )
    ]
    mean = Fraction(0)
    for hits in range(1, length + 1):
        before, mean = mean, (mean + 1) / chance
        steps.append(f"$e_{hits} = ({number(before)} + 1) \\cdot {number(1 / chance)} = {number(mean)}$")
    steps.append(f"${seconds} \\cdot {number(mean)} = {number(seconds * mean)}$")
    question = (
        f"Every throw of a player is a hit with probability ${number(chance)}$, independently of the others, and takes "
        f"{seconds} seconds. She stops as soon as she has hit {('twice', 'three times', 'four times')[length - 2]} "
        "in a "
        "row. How many seconds does this take on average?"
    )
    return question, seconds * mean, steps


def _walk(draws: Iterator[float]) -> _Parts:
    """Differences of neighbouring expectations obey a recurrence of order one."""
    up, end, minutes = _probability(draws), between(next(draws), 3, 6), between(next(draws), 2, 20)
    start = between(next(draws), 1, end - 1)
    steps = [
        (
            f"Let $E_j$ be the expected number of steps from $j$ on, $E_0 = E_{end} = 0$, and "
            f"$E_j = 1 + {number(up)}E_{{j+1}} + {number(1 - up)}E_{{j-1}}$."
        ),
        (
            f"For $d_j = E_j - E_{{j-1}}$ this means $d_{{j+1}} = {number((1 - up) / up)}d_j - {number(1 / up)}$. Let "
            "$d_1 = d$."
        ),
    ]
    slopes, shifts = [Fraction(1)], [Fraction(0)]
    for j in range(2, end + 1):
        slopes.append(slopes[-1] * (1 - up) / up)
        shifts.append(shifts[-1] * (1 - up) / up + 1 / up)
        steps.append(f"$d_{j} = {number(slopes[-1])}d - {number(shifts[-1])}$")
    slope, shift = sum(slopes, Fraction(0)), sum(shifts, Fraction(0))
    first = shift / slope
    answer = first * sum(slopes[:start], Fraction(0)) - sum(shifts[:start], Fraction(0))
    total = f"{number(slope)}d = {number(shift)}"
    steps.append(f"They add up to $E_{end} - E_0 = 0$: ${total}$, so $d = {number(first)}$.")
    steps.append(f"$E_{start} = {added([f'd_{j}' for j in range(1, start + 1)])} = {number(answer)}$ steps.")
    steps.append(f"${minutes} \\cdot {number(answer)} = {number(minutes * answer)}$")
    question = (
        f"A walker starts at the point {start} of a line. Every step takes {minutes} minutes and leads from $j$ to "
        f"$j + 1$ with probability ${number(up)}$, else to $j - 1$. The walk ends as soon as she is at 0 or at {end}. "
        "How many minutes does it take on average?"
    )
    return question, minutes * answer, steps
