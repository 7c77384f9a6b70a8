"""Amounts in one unknown u: the linear forms `slope u + shift` that a story's numbers are."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from llm_envs.envs.math.latex import Number, combination

__all__ = ["Amount"]


class Amount(NamedTuple):
    """`slope u + shift`, and its value for the u that the story hides."""

    slope: Number
    shift: Number
    value: int

    @classmethod
    def known(cls, value: int) -> Amount:
        """A number that is told."""
        return cls(0, value, value)

    @classmethod
    def hidden(cls, value: int) -> Amount:
        """The unknown itself."""
        return cls(1, 0, value)

    @property
    def text(self) -> str:
        """As LaTeX: `3u + 5`."""
        return combination([(self.slope, "u"), (self.shift, "")])

    @property
    def grouped(self) -> str:
        """As a factor or a dividend: two terms stand in brackets."""
        return f"({self.text})" if self.slope and self.shift else self.text

    def plus(self, other: Amount | int) -> Amount:
        """The sum with another amount or a number."""
        if isinstance(other, int):
            other = Amount.known(other)
        return Amount(self.slope + other.slope, self.shift + other.shift, self.value + other.value)

    def times(self, factor: int) -> Amount:
        """`factor` times as much."""
        return Amount(self.slope * factor, self.shift * factor, self.value * factor)

    def parted(self, parts: int) -> Amount:
        """One of `parts` equal parts; the value must be divisible."""
        return Amount(Fraction(self.slope, parts), Fraction(self.shift, parts), self.value // parts)
