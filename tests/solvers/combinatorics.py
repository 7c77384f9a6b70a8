"""Solvers of the combinatorics families, from the text of a problem alone."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import sympy

from solvers.reading import integers


def ways(sizes, chosen, holds):
    """Choices of `chosen` things out of groups of these sizes whose numbers by group hold a condition."""
    return sum(
        np.prod([comb(n, k) for n, k in zip(sizes, split, strict=True)], dtype=object)
        for split in product(*(range(min(size, chosen) + 1) for size in sizes))
        if sum(split) == chosen and holds(*split)
    )


def count_committees(question):
    """Add up all ways to divide the seats among the groups."""
    numbers = integers(question)
    if "order does not matter" in question:
        half = len(numbers) // 2
        return ways(numbers[half:], sum(numbers[:half]), lambda *split: list(split) == numbers[:half])
    if "at least one of" in question or "at least two of" in question:
        least = 1 if "least one of" in question else 2
        return ways(numbers[1:], numbers[0], lambda first, _: first >= least)
    if "refuse to serve together" in question:
        j, k, m, n = numbers
        groups = (1, m - 1, 1, n - 1)
        return ways(groups, j + k, lambda a, b, c, d: a + b == j and c + d == k and not (a and c))
    return ways(numbers[1:], numbers[0], lambda *split: min(split) > 0)


def draw_balls(question):
    """Count the draws that are asked for, and all draws."""
    if "Urn A" in question:
        red_a, blue_a, red_b, blue_b = integers(question)[:4]
        rolled = 1 if "a 1 means" in question else int(re.search(r"at most (\d)", question)[1])
        first = Fraction(rolled, 6) * red_a * (red_a - 1) / ((red_a + blue_a) * (red_a + blue_a - 1))
        second = Fraction(6 - rolled, 6) * red_b * (red_b - 1) / ((red_b + blue_b) * (red_b + blue_b - 1))
        return sympy.Rational(first / (first + second))
    balls = integers(question)[:3]
    word = re.search(r"(\w+) balls? (?:is|are) drawn", question)[1]
    drawn = ("One", "Two", "Three", "Four", "Five").index(word) + 1
    colour = re.search(r"(red|blue|green)\?$", question)
    wanted = ("red", "blue", "green").index(colour[1]) if colour else 0
    conditions = {
        "same colour": lambda *split: max(split) == drawn,
        "exactly two": lambda red, *_: red == 2,
        "at least two": lambda red, *_: red >= 2,
        "": lambda *split: split[wanted] == drawn,
    }
    holds = next(condition for words, condition in conditions.items() if words in question)
    return sympy.Rational(ways(balls, drawn, holds), comb(sum(balls), drawn))


SOLVERS = {
    "committee": count_committees,
    "urn": draw_balls,
}
