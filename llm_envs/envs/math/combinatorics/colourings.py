"""Combinatorics: ways to colour the vertices of a graph so that neighbours differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import prod
from typing import TypeAlias

import numpy as np

from llm_envs.envs.math.draws import between, one_of, some_of, uniforms
from llm_envs.envs.math.latex import listed, product
from llm_envs.envs.math.problem import Problem

__all__ = ["colourings"]

_NAMES = "ABCDFGHJKLMN"

_SCENES = (
    ("lamps", "Wires join"),
    ("islands", "Bridges join"),
    ("rooms", "Doors join"),
    ("stations", "Rails join"),
    ("vertices of a graph", "Edges join"),
)

_Edge: TypeAlias = tuple[str, str]


def colourings(rng: np.random.Generator, difficulty: int) -> Problem:
    """Count the colourings of a tree, of cycles, and of what is made of them."""
    draws = uniforms(rng, 60)
    things, joins = one_of(next(draws), _SCENES)
    names, colours = some_of(draws, _NAMES, len(_NAMES)), between(next(draws), 4, 20)
    makers = (_tree, _triangles, _cycle, _two_cycles, _three_paths, _cone)
    edges, answer, steps = makers[difficulty](names, colours, draws)
    vertices = sorted({name for edge in edges for name in edge})
    shown = [f"{first} and {second}" for first, second in some_of(draws, edges, len(edges))]
    question = (
        f"There are {len(vertices)} {things}: {listed(vertices)}. {joins} {'; '.join(shown)}. In how many ways can "
        "each of "
        f"the {len(vertices)} be given one of {colours} colours, so that any two that are joined have different "
        "colours? "
        "Not all colours need be used."
    )
    return Problem(question, str(answer), steps)


_Parts: TypeAlias = tuple[list[_Edge], int, list[str]]
"""The edges, how many colourings there are, the steps."""


def _grown(names: Sequence[str], colours: int, edges: list[_Edge], draws: Iterator[float]) -> tuple[int, list[str]]:
    """Join each of these to one that is there already: how many colours each can have, and why."""
    steps = []
    for name in names:
        beside = one_of(next(draws), sorted({vertex for edge in edges for vertex in edge}))
        edges.append((beside, name))
        steps.append(f"{name} differs from {beside}: {colours - 1} colours.")
    return (colours - 1) ** len(names), steps


def _tree(names: Sequence[str], colours: int, draws: Iterator[float]) -> _Parts:
    edges = [(names[0], names[1])]
    steps = [f"{names[0]}: {colours} colours.", f"{names[1]} differs from {names[0]}: {colours - 1} colours."]
    ways, more = _grown(names[2 : between(next(draws), 4, 7)], colours, edges, draws)
    answer = colours * (colours - 1) * ways
    steps += more
    steps.append(f"${colours} \\cdot {colours - 1}^{len(edges)} = {answer}$")
    return edges, answer, steps


def _triangles(names: Sequence[str], colours: int, draws: Iterator[float]) -> _Parts:
    """Each vertex is joined to one that is there, or to two that are joined."""
    edges, factors = [(names[0], names[1])], [colours, colours - 1]
    steps = [f"{names[0]}: {colours} colours.", f"{names[1]} differs from {names[0]}: {colours - 1} colours."]
    for i, name in enumerate(names[2 : between(next(draws), 6, 8)]):
        first, second = one_of(next(draws), edges)
        if i == 0 or next(draws) < 0.5:
            edges += [(first, name), (second, name)]
            factors.append(colours - 2)
            steps.append(f"{name} differs from {first} and {second}, which are different: {colours - 2} colours.")
        else:
            edges.append((first, name))
            factors.append(colours - 1)
            steps.append(f"{name} differs from {first}: {colours - 1} colours.")
    steps.append(f"${product(factors)} = {prod(factors)}$")
    return edges, prod(factors), steps


def _ring(names: Sequence[str]) -> list[_Edge]:
    return [(name, names[(i + 1) % len(names)]) for i, name in enumerate(names)]


def _around(length: int, colours: int) -> int:
    """Colourings of a cycle."""
    apart: int = (colours - 1) ** length
    return apart + colours - 1 if length % 2 == 0 else apart - colours + 1


def _told_around(length: int, colours: int) -> str:
    sign = "+" if length % 2 == 0 else "-"
    return f"${colours - 1}^{length} {sign} {colours - 1} = {_around(length, colours)}$"


_RULE = "A cycle of $n$ can be coloured with $q$ colours in $(q - 1)^n + (-1)^n (q - 1)$ ways."


def _cycle(names: Sequence[str], colours: int, draws: Iterator[float]) -> _Parts:
    length = between(next(draws), 4, 6)
    edges = _ring(names[:length])
    ways, more = _grown(names[length : length + between(next(draws), 1, 3)], colours, edges, draws)
    cycle = _around(length, colours)
    steps = [
        f"{'-'.join([*names[:length], names[0]])} is a cycle. {_RULE}",
        f"Here: {_told_around(length, colours)}.",
        *more,
    ]
    steps.append(f"${cycle} \\cdot {ways} = {cycle * ways}$")
    return edges, cycle * ways, steps


def _two_cycles(names: Sequence[str], colours: int, draws: Iterator[float]) -> _Parts:
    """Two cycles with an edge in common."""
    one, other = between(next(draws), 3, 6), between(next(draws), 4, 6)
    first, second = names[:one], [*names[:2], *names[one : one + other - 2]]
    edges = [*_ring(first), *_ring(second)[1:]]
    ways, more = _grown(names[one + other - 2 :][: between(next(draws), 0, 2)], colours, edges, draws)
    both = _around(one, colours) * _around(other, colours) // (colours * (colours - 1))
    steps = [
        (
            f"The cycles {'-'.join([*first, first[0]])} and {'-'.join([*second, second[0]])} have the edge from "
            f"{names[0]} to "
            f"{names[1]} in common. {_RULE}"
        ),
        f"The first: {_told_around(one, colours)}. The second: {_told_around(other, colours)}.",
        (
            f"In each, the ${colours} \\cdot {colours - 1}$ colourings of the common edge go on in equally many ways: "
            "together "
            f"${_around(one, colours)} \\cdot {_around(other, colours)} / {colours * (colours - 1)} = {both}$."
        ),
        *more,
    ]
    if more:
        steps.append(f"${both} \\cdot {ways} = {both * ways}$")
    return edges, both * ways, steps


def _paths(names: Sequence[str], lengths: Sequence[int]) -> list[list[str]]:
    """Paths of these lengths from the first to the second name, apart from each other between them."""
    rest = iter(names[2:])
    return [[names[0], *(next(rest) for _ in range(length - 1)), names[1]] for length in lengths]


def _three(names: Sequence[str], colours: int, lengths: Sequence[int]) -> _Parts:
    """Three paths between two vertices, which have one colour or two."""
    paths = _paths(names, lengths)
    alike = [_around(length, colours) // colours for length in lengths]
    unlike = [((colours - 1) ** length - (-1) ** length) // colours for length in lengths]
    answer = colours * prod(alike) + colours * (colours - 1) * prod(unlike)
    told = listed(["-".join(path) for path in paths])
    steps = [
        (
            f"{told} lead from {names[0]} to {names[1]}. A path of length $n$ between two given colours can be "
            "coloured in "
            f"$s_n$ ways if they are equal, $d_n$ if not: $s_{{n+1}} = {colours - 1}d_n$, $d_{{n+1}} = s_n + "
            f"{colours - 2}d_n$, "
            "$s_1 = 0$, $d_1 = 1$."
        ),
        *(
            f"$s_{length} = {same}$, $d_{length} = {different}$"
            for length, same, different in sorted(set(zip(lengths, alike, unlike, strict=True)))
        ),
        f"{names[0]} and {names[1]} equal: ${colours} \\cdot {product(alike)} = {colours * prod(alike)}$.",
        (
            f"{names[0]} and {names[1]} different: ${colours} \\cdot {colours - 1} \\cdot {product(unlike)} = "
            f"{colours * (colours - 1) * prod(unlike)}$."
        ),
        f"Together: {answer}.",
    ]
    return [edge for path in paths for edge in pairwise(path)], answer, steps


def _three_paths(names: Sequence[str], colours: int, draws: Iterator[float]) -> _Parts:
    return _three(names, colours, sorted(between(next(draws), 2, 4) for _ in range(3)))


def _cone(names: Sequence[str], colours: int, draws: Iterator[float]) -> _Parts:
    """One more vertex, which is joined to all others."""
    top, *others = names
    edges, ways, steps = _three(others, colours - 1, sorted(between(next(draws), 2, 3) for _ in range(3)))
    rest = sorted({name for edge in edges for name in edge})
    steps.insert(0, f"{top} is joined to all others: its {colours} colours leave {colours - 1} for them.")
    steps.append(f"${colours} \\cdot {ways} = {colours * ways}$")
    return [*edges, *((top, name) for name in rest)], colours * ways, steps
