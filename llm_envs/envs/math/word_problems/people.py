"""The people of the word problems, and how a sentence lists and opens with names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

__all__ = ["NAMES", "listed", "opened", "some"]

T = TypeVar("T")

NAMES = ("Amara", "Bruno", "Chidi", "Dalia", "Emil", "Farah", "Goran", "Hana", "Ivo", "Jamila", "Kofi", "Lena")


def some(draws: Iterator[float], choices: Sequence[T], count: int) -> list[T]:
    """`count` different ones of the choices, in random order."""
    free = list(choices)
    return [free.pop(int(next(draws) * len(free))) for _ in range(count)]


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *before, last = words
    return f"{', '.join(before)} and {last}" if before else last


def opened(sentence: str) -> str:
    """With a capital letter."""
    return sentence[:1].upper() + sentence[1:]
