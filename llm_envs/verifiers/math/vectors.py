"""Vectors written by their unit vectors: 2i - 3j + k."""

from __future__ import annotations

from typing import Final

from llm_envs.verifiers.math.trees import SCALARS, Node, symbols

__all__ = ["components", "is_vector"]

_UNITS: Final = tuple(("sym", f"unit {letter}") for letter in "ijk")
_NAMES: Final = frozenset(name for _, name in _UNITS)


def is_vector(node: Node) -> bool:
    """A sum with a unit vector in it."""
    return node[0] in SCALARS and not _NAMES.isdisjoint(symbols(node))


def components(node: Node, size: int) -> Node | None:
    """The coefficients of `size` unit vectors as a tuple; None where the node is no such sum."""
    found: dict[Node, Node] = {}
    for term in node[1] if node[0] == "add" else (node,):
        split = _split(term)
        if split is None or split[0] in found or split[0] not in _UNITS[:size]:
            return None
        found[split[0]] = split[1]
    return ("tuple", tuple(found.get(unit, ("num", 0)) for unit in _UNITS[:size]))


def _split(term: Node) -> tuple[Node, Node] | None:
    """The unit vector of a term, and its coefficient."""
    if term in _UNITS:
        return term, ("num", 1)
    if term[0] == "neg":
        inner = _split(term[1])
        return inner and (inner[0], _negative(inner[1]))
    if term[0] == "div" and not is_vector(term[2]):
        inner = _split(term[1])
        return inner and (inner[0], ("div", inner[1], term[2]))
    if term[0] != "mul" or sum(map(is_vector, term[1])) != 1 or not any(factor in _UNITS for factor in term[1]):
        return None
    unit = next(factor for factor in term[1] if factor in _UNITS)
    factors = tuple(factor for factor in term[1] if factor != unit)
    return unit, factors[0] if len(factors) == 1 else ("mul", factors)


def _negative(node: Node) -> Node:
    return ("num", -node[1]) if node[0] == "num" else ("neg", node)
