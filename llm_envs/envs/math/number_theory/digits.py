"""Number theory: the decimal digits of integers, how many there are of them and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import factorial, prod
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, uniforms
from llm_envs.envs.math.latex import decimal, listed
from llm_envs.envs.math.problem import Problem

__all__ = ["digits"]


def digits(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count digits, or numbers by their digits."""
    draws = uniforms(rng, 10)
    makers = (_written, _occurrences, _sum_of_digits, _sum_of_permutations, _with_digit, _without_equal_neighbours)
    question, answer, steps = makers[difficulty](draws)
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[str, int, list[str]]


def _written(draws: Iterator[float]) -> _Parts:
    last = between(next(draws), 120, 9999)
    length, total, steps = len(str(last)), 0, []
    for size in range(1, length + 1):
        first, end = 10 ** (size - 1), min(last, 10**size - 1)
        total += size * (end - first + 1)
        steps.append(f"From {first} to {end}: ${end - first + 1} \\cdot {size} = {size * (end - first + 1)}$ digits.")
    steps.append(f"Together: {total}.")
    if next(draws) < 0.5:
        return f"The pages of a book are numbered from 1 to {last}. How many digits are printed for this?", total, steps
    steps[-1] = f"Together: {total}, so the last page is {last}."
    question = (
        f"The pages of a book are numbered from 1 on. For this, {total} digits are printed. How many pages are there?"
    )
    return question, last, steps


def _occurrences(draws: Iterator[float]) -> _Parts:
    last, digit = between(next(draws), 200, 9999), between(next(draws), 1, 9)
    steps, total = [], 0
    for place, word in zip((1, 10, 100, 1000), ("Ones", "Tens", "Hundreds", "Thousands"), strict=True):
        if place <= last:
            full, here, below = last // (10 * place), last // place % 10, last % place
            more = place if here > digit else below + 1 if here == digit else 0
            total += full * place + more
            steps.append(
                f"{word}: ${full} \\cdot {place}$ in full rounds, {more} more, ${full * place + more}$ together."
            )
    steps.insert(
        0, f"Place by place: each full round of the ten digits has one {digit}; the last round may not be full."
    )
    steps.append(f"Together: {total}.")
    question = f"All integers from 1 to {last} are written down. How often is the digit {digit} written?"
    return question, total, steps


def _blocks(last: int) -> Iterator[tuple[int, int, int, int]]:
    """The integers from 0 to `last` - 1, in blocks with free last places.

    For each digit of `last` that is not 0: the first and the last integer of the block, how many places are free, and
    the digit, below which the place before those remains.
    """
    for place in range(len(str(last)) - 1, -1, -1):
        digit = last // 10**place % 10
        if digit:
            first = last // 10 ** (place + 1) * 10 ** (place + 1)
            yield first, first + digit * 10**place - 1, place, digit


def _sum_of_digits(draws: Iterator[float]) -> _Parts:
    last, total = between(next(draws), 200, 9999), 0
    steps = ["Leading zeros change nothing, and a place that takes all ten digits equally often has 4.5 on average."]
    for first, end, free, digit in _blocks(last):
        fixed, count = sum(map(int, str(first))), end - first + 1
        mean_of_doubles = 2 * fixed + digit - 1 + 9 * free
        total += count * mean_of_doubles // 2
        fixed_mean = decimal(Fraction(2 * fixed + digit - 1, 2))
        shown = f"({fixed_mean} + {free} \\cdot 4.5)" if free else fixed_mean
        steps.append(f"From {first} to {end}: ${count} \\cdot {shown} = {count * mean_of_doubles // 2}$.")
    total += sum(map(int, str(last)))
    steps.append(f"{last} itself: {sum(map(int, str(last)))}. Together: {total}.")
    return f"All integers from 1 to {last} are written down. What is the sum of all digits written?", total, steps


def _sum_of_permutations(draws: Iterator[float]) -> _Parts:
    count = between(next(draws), 5, 8)
    chosen = sorted(between(next(draws), 1, 9) for _ in range(count))
    repeats = [chosen.count(digit) for digit in sorted(set(chosen))]
    numbers = factorial(count) // prod(map(factorial, repeats))
    ones = (10**count - 1) // 9
    below = "".join(f" / {repeat}!" for repeat in repeats if repeat > 1)
    per_place = numbers * sum(chosen) // count
    steps = [
        f"There are ${count}!{below} = {numbers}$ such numbers.",
        (
            f"In each place the digits add up to the same: all digits of all numbers to ${numbers} \\cdot "
            f"{sum(chosen)}$, those in "
            f"one place to ${numbers} \\cdot {sum(chosen)} / {count} = {per_place}$."
        ),
        f"With the values of the places: ${per_place} \\cdot {ones} = {per_place * ones}$.",
    ]
    question = (
        f"Find the sum of all different {count}-digit numbers that can be written with the digits "
        f"{listed(chosen)}, if each "
        "of these is used exactly once."
    )
    return question, per_place * ones, steps


def _with_digit(draws: Iterator[float]) -> _Parts:
    last, digit = between(next(draws), 1000, 99999), between(next(draws), 1, 9)
    without = 0
    steps = [
        f"Count the integers from 0 to {last} without the digit {digit}; each free place has 9 digits to choose from."
    ]
    for first, end, free, bound in _blocks(last):
        if str(digit) in str(first // 10 ** (free + 1)):
            steps.append(f"From {first} on, all have the digit {digit}.")
            break
        heads = bound - (digit < bound)
        without += heads * 9**free
        steps.append(f"From {first} to {end}: ${heads} \\cdot 9^{free} = {heads * 9**free}$.")
    own = str(digit) not in str(last)
    without += own
    steps.append(
        f"{last} itself {'does not have' if own else 'has'} the digit: together {without}, {without - 1} of them "
        "positive."
    )
    steps.append(f"With the digit: ${last} - {without - 1} = {last - without + 1}$.")
    return f"How many integers from 1 to {last} have the digit {digit} at least once?", last - without + 1, steps


def _without_equal_neighbours(draws: Iterator[float]) -> _Parts:
    last = between(next(draws), 2000, 99999)
    text, total = str(last), sum(9**size for size in range(1, len(str(last))))
    shorter = " + ".join(f"9^{size}" for size in range(1, len(text)))
    steps = [
        f"Fewer digits: 9 choices for the first digit, then 9 for each that follows: ${shorter} = {total}$.",
        f"Now those with {len(text)} digits, by the place where they first are smaller than {last}:",
    ]
    before = 0
    for i, digit in enumerate(map(int, text)):
        free, heads = len(text) - i - 1, digit - (before < digit)
        total += heads * 9**free
        told = f"beginning with {text[:i]} and then smaller than {digit}" if i else f"beginning with less than {digit}"
        steps.append(f"{told}: ${heads} \\cdot 9^{free} = {heads * 9**free}$.".capitalize())
        if i and digit == before:
            steps.append(f"All others begin with {text[: i + 1]}. Together: {total}.")
            break
        before = digit
    else:
        total += 1
        steps.append(f"{last} itself. Together: {total}.")
    return f"How many integers from 1 to {last} have no two equal digits next to each other?", total, steps
