"""Sets of worlds: what is true and false about n things, each of which is one way or the other.

There are 2**n worlds; in world w, thing i is so where bit i of w is set. A set of worlds is an integer with 2**n bits,
and bit w is set where world w belongs to it: conjunctions and disjunctions are `&` and `|`.
"""

from __future__ import annotations

from functools import cache

__all__ = ["every_world", "with_count", "worlds_where"]


@cache
def every_world(things: int) -> int:
    """All worlds."""
    return (1 << (1 << things)) - 1


@cache
def worlds_where(things: int) -> tuple[int, ...]:
    """For each thing, the worlds where it is so."""
    return tuple(sum(1 << world for world in range(1 << things) if world >> i & 1) for i in range(things))


@cache
def with_count(things: int, count: int) -> int:
    """The worlds where so many things are so."""
    return sum(1 << world for world in range(1 << things) if world.bit_count() == count)
