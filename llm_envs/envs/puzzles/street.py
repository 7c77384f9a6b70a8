"""A street of houses, and clues about who lives where: what follows from them.

An item is one value of one attribute ("tea"); its domain is the mask of houses where it may be, house 1 as bit 0. Items
are numbered attribute by attribute: item `i` belongs to attribute `i // houses`.

`deduce` narrows domains by each clue alone, and by the rule that no two items of an attribute share a house, until
nothing changes. What it excludes is excluded for good: domains of one house each are the one solution.

What this deliberately does not do: it supposes nothing and tells no cases apart, joins no two clues into a third, and
writes no English.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["RELATIONS", "Clue", "deduce", "free", "is_settled", "narrow", "spread"]

Domains = list[int]


class Clue(NamedTuple):
    """What holds of an item's house, or of two items' houses.

    Args:
        relation: a key of RELATIONS, or `in`.
        first: an item.
        second: the other item; the number of a house, from 1, where the relation is `in`.
    """

    relation: str
    first: int
    second: int


RELATIONS: dict[str, Callable[[int, int], tuple[int, int]]] = {
    "same": lambda a, b: (a & b, a & b),
    "different": lambda a, b: (a if b & (b - 1) else a & ~b, b if a & (a - 1) else b & ~a),
    "directly left of": lambda a, b: (a & b >> 1, b & a << 1),
    "left of": lambda a, b: (a & (1 << b.bit_length() - 1) - 1 if b else 0, b & -((a & -a) << 1) if a else 0),
    "next to": lambda a, b: (a & (b << 1 | b >> 1), b & (a << 1 | a >> 1)),
    "two from": lambda a, b: (a & (b << 2 | b >> 2), b & (a << 2 | a >> 2)),
}
"""What is left of two domains when the first item's house is in that relation to the second's."""


def free(houses: int, attributes: int) -> Domains:
    """Domains of which nothing is known."""
    return [(1 << houses) - 1] * (houses * attributes)


def is_settled(domains: Sequence[int]) -> bool:
    """Every item has one house."""
    return all(mask.bit_count() == 1 for mask in domains)


def narrow(domains: Domains, clue: Clue) -> bool:
    """Take out what the clue alone excludes; whether anything was."""
    relation, item, second = clue
    first = domains[item]
    if relation == "in":
        domains[item] = first & 1 << second - 1
        return domains[item] != first
    other = domains[second]
    left, other_left = RELATIONS[relation](first, other)
    if left == first and other_left == other:
        return False
    domains[item], domains[second] = left, other_left
    return True


def spread(domains: Domains, start: int, houses: int) -> bool:
    """Keep the items of one attribute apart, from item `start` on; whether anything was taken out.

    A house that is settled is nobody else's, and a house that only one item may have is its own.
    """
    once = twice = taken = 0
    masks = domains[start : start + houses]
    for mask in masks:
        twice |= once & mask
        once |= mask
        if not mask & (mask - 1):
            taken |= mask
    only = once & ~twice
    changed = False
    for item, mask in enumerate(masks, start):
        kept = mask & only or (mask & ~taken if mask & (mask - 1) else mask)
        if kept != mask:
            domains[item] = kept
            changed = True
    return changed


def deduce(domains: Domains, clues: Sequence[Clue], houses: int, news: Sequence[Clue] = ()) -> None:
    """Narrow the domains until nothing changes.

    Args:
        news: where the other clues have nothing left to change, those that may; none means that any may.
    """
    changed = not news or any(narrow(domains, clue) for clue in news)
    while changed:
        changed = False
        for clue in clues:
            changed |= narrow(domains, clue)
        for start in range(0, len(domains), houses):
            changed |= spread(domains, start, houses)
