"""Choosing, for those who draw worlds: one of several, some of many, numbers that nothing else has.

It draws from a generator in bulk, because numpy takes microseconds for each draw alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

__all__ = ["Chance"]

_BULK = 512

_T = TypeVar("_T")


class Chance:
    """Choices that follow from a generator.

    Attributes:
        rng: the generator, for what is drawn as arrays.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self._fractions: Iterator[float] = iter(())

    def fraction(self) -> float:
        """In [0, 1)."""
        for fraction in self._fractions:
            return fraction
        self._fractions = iter(self.rng.random(_BULK).tolist())
        return next(self._fractions)

    def happens(self, probability: float) -> bool:
        """True as often as that."""
        return self.fraction() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + int(self.fraction() * (high - low + 1))

    def pick(self, among: Sequence[_T]) -> _T:
        """One of them."""
        return among[int(self.fraction() * len(among))]

    def some(self, among: Sequence[_T], count: int) -> list[_T]:
        """So many different ones, in any order; all of them where there are no more."""
        left = list(among)
        return [left.pop(int(self.fraction() * len(left))) for _ in range(min(count, len(left)))]

    def numbers(self, count: int, low: int, high: int) -> list[int]:
        """So many different whole numbers in [low, high], of which there must be many more."""
        found: dict[int, None] = {}
        while len(found) < count:
            found[self.between(low, high)] = None
        return list(found)
