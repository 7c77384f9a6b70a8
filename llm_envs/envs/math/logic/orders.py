"""Logic: the order of things in a row, from clues.

A set of orders is an integer with n! bits, one for each permutation of n things. Clues are drawn from an order until no
other is left; then those that are not needed are taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain, permutations, repeat
from math import factorial
from typing import NamedTuple, TypeAlias

import numpy as np

from llm_envs.envs.math.draws import different, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed
from llm_envs.envs.math.problem import Problem

__all__ = ["ordering"]

_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_NUMBERS = {4: "Four", 5: "Five", 6: "Six"}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")

_SHOWN = 20
"""So many placements are written down in a step at most."""


class _Scene(NamedTuple):
    """What is in order, and the words for it."""

    opening: str
    ahead: str
    place: str
    order: str


_SCENES = (
    _Scene("{} runners, {}, reach the finish one after another", "ahead of", "", "from first to last"),
    _Scene("{} books, {}, stand on a shelf", "to the left of", " from the left", "from left to right"),
    _Scene("{} people, {}, are queueing for tickets", "in front of", " in the queue", "from the front to the back"),
    _Scene("{} houses, {}, stand in a row", "to the left of", " from the left", "from left to right"),
    _Scene("{} songs, {}, are sung one after another", "before", "", "from first to last"),
    _Scene("{} flags, {}, fly on one pole", "above", " from the top", "from top to bottom"),
)


class _Clue(NamedTuple):
    """A clue in words, the things it is about, and the orders where it holds."""

    text: str
    things: frozenset[int]
    orders: int


@cache
def _orders(count: int) -> list[tuple[int, ...]]:
    """All orders of things."""
    return [*permutations(range(count))]


@cache
def _at(count: int, thing: int, place: int) -> int:
    """The orders that have the thing at this place."""
    return sum(1 << i for i, order in enumerate(_orders(count)) if order[place] == thing)


@cache
def _apart(count: int, first: int, second: int, distances: tuple[int, ...]) -> int:
    """The orders where the second is so far behind the first; ahead of it, if the distance is negative."""
    places = range(count)
    return sum(
        _at(count, first, i) & _at(count, second, i + distance)
        for i in places
        for distance in distances
        if i + distance in places
    )


def _ahead(count: int, first: int, second: int) -> int:
    return _apart(count, first, second, tuple(range(1, count)))


_Maker: TypeAlias = Callable[[Iterator[float], Sequence[str], Sequence[int], _Scene], _Clue | None]
"""Draws a clue that is true of an order of things; None where what was drawn is not."""


def _place(draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene) -> _Clue:
    place = int(next(draws) * len(order))
    text = f"{names[order[place]]} is {_ORDINALS[place]}{scene.place}"
    return _Clue(text, frozenset({order[place]}), _at(len(order), order[place], place))


def _other_place(draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene) -> _Clue:
    there, place = different(draws, 0, len(order) - 1, 2)
    thing = order[there]
    text = f"{names[thing]} is not {_ORDINALS[place]}{scene.place}"
    others = sum(_at(len(order), thing, other) for other in range(len(order)) if other != place)
    return _Clue(text, frozenset({thing}), others)


def _end(draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene) -> _Clue:
    count, thing = len(order), order[one_of(next(draws), (0, -1))]
    text = f"{names[thing]} is either {_ORDINALS[0]} or {_ORDINALS[count - 1]}{scene.place}"
    return _Clue(text, frozenset({thing}), _at(count, thing, 0) | _at(count, thing, count - 1))


def _before(draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene) -> _Clue:
    first, second = (order[place] for place in sorted(different(draws, 0, len(order) - 1, 2)))
    text = f"{names[first]} is {scene.ahead} {names[second]}"
    return _Clue(text, frozenset({first, second}), _ahead(len(order), first, second))


def _directly_before(draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene) -> _Clue:
    place = int(next(draws) * (len(order) - 1))
    first, second = order[place : place + 2]
    text = f"{names[first]} is directly {scene.ahead} {names[second]}"
    return _Clue(text, frozenset({first, second}), _apart(len(order), first, second, (1,)))


def _distance(draws: Iterator[float], names: Sequence[str], order: Sequence[int], _: _Scene) -> _Clue:
    i, j = different(draws, 0, len(order) - 1, 2)
    first, second, size = order[i], order[j], abs(i - j)
    between = ("", "exactly one", "exactly two", "exactly three", "exactly four")[size - 1]
    text = f"between {names[first]} and {names[second]} there {'is' if size == 2 else 'are'} {between} of the others"
    if size == 1:
        text = f"{names[first]} and {names[second]} are next to each other"
    return _Clue(text, frozenset({first, second}), _apart(len(order), first, second, (size, -size)))


def _not_adjacent(draws: Iterator[float], names: Sequence[str], order: Sequence[int], _: _Scene) -> _Clue | None:
    i, j = different(draws, 0, len(order) - 1, 2)
    first, second = order[i], order[j]
    text = f"{names[first]} and {names[second]} are not next to each other"
    distances = tuple(d for d in range(1 - len(order), len(order)) if abs(d) > 1)
    orders = _apart(len(order), first, second, distances)
    return _Clue(text, frozenset({first, second}), orders) if abs(i - j) > 1 else None


def _in_between(draws: Iterator[float], names: Sequence[str], order: Sequence[int], _: _Scene) -> _Clue:
    a, b, c = (order[place] for place in sorted(different(draws, 0, len(order) - 1, 3)))
    ends = (a, c) if next(draws) < 0.5 else (c, a)
    count = len(order)
    orders = _ahead(count, a, b) & _ahead(count, b, c) | _ahead(count, c, b) & _ahead(count, b, a)
    return _Clue(f"{names[b]} is somewhere between {names[ends[0]]} and {names[ends[1]]}", frozenset({a, b, c}), orders)


def _one_of_two(draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene) -> _Clue | None:
    places = different(draws, 0, len(order) - 1, 4)
    a, b, c, d = (order[place] for place in places)
    true = (places[0] < places[1], places[2] < places[3])
    text = f"either {names[a]} is {scene.ahead} {names[b]}, or {names[c]} is {scene.ahead} {names[d]}, but not both"
    orders = _ahead(len(order), a, b) ^ _ahead(len(order), c, d)
    return _Clue(text, frozenset({a, b, c, d}), orders) if sum(true) == 1 else None


_LEVELS: tuple[tuple[int, tuple[_Maker, ...]], ...] = (
    (4, (_place, _directly_before, _before)),
    (5, (_place, _directly_before, _before)),
    (5, (_directly_before, _before, _distance)),
    (6, (_before, _distance, _other_place)),
    (6, (_distance, _in_between, _not_adjacent, _end, _before)),
    (6, (_distance, _in_between, _not_adjacent, _one_of_two, _other_place)),
)
"""By difficulty: how many things there are, and what the clues are like."""


def ordering(rng: np.random.Generator, difficulty: int) -> Problem:
    """Put things in order from clues."""
    count, makers = _LEVELS[difficulty]
    draws = chain.from_iterable(uniforms(rng, 50) for _ in repeat(None))
    names, scene = sorted(some_of(draws, _LETTERS, count)), one_of(next(draws), _SCENES)
    order = different(draws, 0, count - 1, count)
    clues = _needed(_enough(draws, names, order, scene, makers))
    told = " ".join(f"({i}) {clue.text[0].upper()}{clue.text[1:]}." for i, clue in enumerate(clues, 1))
    question = f"{scene.opening.format(_NUMBERS[count], listed(names))}. {told} What is their order, {scene.order}?"
    return Problem(question, f"({', '.join(names[thing] for thing in order)})", [*_solved(clues, names)])


def _enough(
    draws: Iterator[float], names: Sequence[str], order: Sequence[int], scene: _Scene, makers: Sequence[_Maker]
) -> list[_Clue]:
    """Clues that leave this order alone, each of which says something new."""
    clues: list[_Clue] = []
    left = (1 << factorial(len(order))) - 1
    while left.bit_count() > 1:
        clue = one_of(next(draws), makers)(draws, names, order, scene)
        if clue and left & ~clue.orders:
            clues.append(clue)
            left &= clue.orders
    return clues


def _needed(clues: list[_Clue]) -> list[_Clue]:
    """The clues without those that the others make superfluous."""
    for clue in clues:
        others = [other for other in clues if other is not clue]
        if _left(others).bit_count() == 1:
            return _needed(others)
    return clues


def _left(clues: Sequence[_Clue]) -> int:
    orders = -1
    for clue in clues:
        orders &= clue.orders
    return orders


def _solved(clues: Sequence[_Clue], names: Sequence[str]) -> Iterator[str]:
    """Use first the clue that leaves the fewest placements of what has been spoken of; write them down when few."""
    yield "Placements, with _ for every place that is open:"
    unused, placed, pending = dict(enumerate(clues, 1)), frozenset[int](), list[str]()
    left = (1 << factorial(len(names))) - 1
    while unused:
        following = min(
            unused, key=lambda i: (_placements(left & unused[i].orders, placed | unused[i].things, len(names)), i)
        )
        clue = unused.pop(following)
        left, placed = left & clue.orders, placed | clue.things
        pending.append(f"({following})")
        if _placements(left, placed, len(names)) <= _SHOWN:
            yield f"{listed(pending)} {'leaves' if len(pending) == 1 else 'leave'} {_written(left, placed, names)}."
            pending = []


def _placements(orders: int, placed: frozenset[int], count: int) -> int:
    """How many placements of some things there are, if nothing is known of the others."""
    return orders.bit_count() // factorial(count - len(placed))


def _written(orders: int, placed: frozenset[int], names: Sequence[str]) -> str:
    """`BF__, _BF_`: where the things that have been spoken of can be."""
    texts: dict[str, None] = {}
    for i, order in enumerate(_orders(len(names))):
        if orders >> i & 1:
            texts["".join(names[thing] if thing in placed else "_" for thing in order)] = None
    return ", ".join(texts)
