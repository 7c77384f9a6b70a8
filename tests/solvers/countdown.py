"""Countdown, by trying everything: all values that numbers can be combined to, in exact fractions."""

from __future__ import annotations

import itertools
from fractions import Fraction


def values(numbers):
    """The value of every way to combine the numbers, two at a time, until one is left; repeats and all."""
    if len(numbers) == 1:
        yield Fraction(numbers[0])
        return
    for i, j in itertools.combinations(range(len(numbers)), 2):
        rest = [number for k, number in enumerate(numbers) if k not in {i, j}]
        a, b = Fraction(numbers[i]), Fraction(numbers[j])
        results = [a + b, a * b, a - b, b - a] + ([a / b] if b else []) + ([b / a] if a else [])
        for result in results:
            yield from values([*rest, result])


def templates(letters="abcd"):
    """Every expression of these letters, each once, as Python would read it."""
    if len(letters) == 1:
        yield letters
        return
    for size in range(1, len(letters)):
        for left in itertools.combinations(letters, size):
            right = [letter for letter in letters if letter not in left]
            for one, other in itertools.product(templates("".join(left)), templates("".join(right))):
                yield from (f"({one}{sign}{other})" for sign in "+-*/")
