"""Are two results of queries the same?

Columns count by their place, not by their name. Rows count as often as they are there, and in their order only where
the question asks for one. Numbers are equal within a tolerance, whole ones exactly, and 2 equals 2.0; a number is never
equal to a text, and NULL to nothing but NULL.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

__all__ = ["same"]

Row = tuple[Any, ...]


def same(one: Sequence[Row], other: Sequence[Row], *, ordered: bool, tolerance: float) -> bool:
    """Whether the rows are the same."""
    if len(one) != len(other):
        return False
    if one and len(one[0]) != len(other[0]):
        return False
    if ordered:
        return all(_alike(mine, theirs, tolerance) for mine, theirs in zip(one, other, strict=True))
    mine, theirs = Counter(map(_typed, one)), Counter(map(_typed, other))
    return mine == theirs or _matched([*(mine - theirs).elements()], [*(theirs - mine).elements()], tolerance)


def _typed(row: Row) -> Row:
    """The row, so that no text equals a number; NULL is of no type."""
    return tuple((isinstance(cell, (int, float)), cell) for cell in row)


def _matched(one: Sequence[Row], other: list[Row], tolerance: float) -> bool:
    """Whether the rows can be paired; the first that fits is taken, for nothing else lies within a tolerance."""
    for mine in one:
        plain = [cell for _, cell in mine]
        found = next((row for row in other if _alike(plain, [cell for _, cell in row], tolerance)), None)
        if found is None:
            return False
        other.remove(found)
    return True


def _alike(one: Sequence[Any], other: Sequence[Any], tolerance: float) -> bool:
    return all(_equal(mine, theirs, tolerance) for mine, theirs in zip(one, other, strict=True))


def _equal(mine: Any, theirs: Any, tolerance: float) -> bool:
    if isinstance(mine, float) or isinstance(theirs, float):
        numbers = isinstance(mine, (int, float)) and isinstance(theirs, (int, float))
        return numbers and math.isclose(mine, theirs, rel_tol=tolerance, abs_tol=tolerance)
    return type(mine) is type(theirs) and bool(mine == theirs)
