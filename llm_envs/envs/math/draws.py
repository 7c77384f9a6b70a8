"""Uniform floats in [0, 1) to what a family needs.

One `rng.random(n)` serves a whole problem: a call of the generator costs a microsecond, scaling one of its floats a
tenth of that. Not for cryptography: the bias of scaling, below 2**-40 here, is of no consequence for tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

__all__ = ["between", "different", "nonzero", "one_of", "some_of", "uniforms"]

T = TypeVar("T")


def uniforms(rng: np.random.Generator, count: int) -> Iterator[float]:
    """`count` floats in [0, 1), to be taken one by one."""
    draws: list[float] = rng.random(count).tolist()
    return iter(draws)


def between(draw: float, low: int, high: int) -> int:
    """An integer in [low, high]."""
    return low + int((high - low + 1) * draw)


def nonzero(draw: float, size: int) -> int:
    """An integer in [-size, size] other than 0."""
    value = int(2 * size * draw) - size
    return value if value < 0 else value + 1


def one_of(draw: float, choices: Sequence[T]) -> T:
    """One of the choices."""
    return choices[int(len(choices) * draw)]


def different(draws: Iterator[float], low: int, high: int, count: int) -> list[int]:
    """`count` different integers in [low, high], in the order in which they were drawn."""
    values: list[int] = []
    for _ in range(count):
        value = between(next(draws), low, high - len(values))
        for taken in sorted(values):
            value += value >= taken
        values.append(value)
    return values


def some_of(draws: Iterator[float], choices: Sequence[T], count: int) -> list[T]:
    """`count` of the choices, no place twice, in the order in which they were drawn."""
    return [choices[place] for place in different(draws, 0, len(choices) - 1, count)]
