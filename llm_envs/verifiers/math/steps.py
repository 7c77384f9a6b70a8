"""Step functions of variables: floor, ceiling and remainder, which agree at nearly every point and differ at some.

Points do not tell them apart, so floors count as equal where what they are taken of differs by a whole number, and
never otherwise.
"""

from __future__ import annotations

from typing import Final

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.trees import Node, children, replaced, symbols

__all__ = ["has_steps", "without_steps"]

MAX_STEPS: Final = 8
"""Floors that are compared with each other."""
_STEPS: Final = frozenset({"floor", "ceil", "mod"})


def has_steps(node: Node) -> bool:
    """A step function is taken of something variable."""
    own = node[0] == "call" and node[1] in _STEPS and bool(symbols(node))
    return own or any(map(has_steps, children(node)))


def without_steps(left: Node, right: Node) -> tuple[Node, Node] | None:
    """Both trees with a name for every floor, the same for floors that differ by a whole number; None for too many."""
    pair: Node = ("tuple", (_by_floors(left), _by_floors(right)))
    known: list[tuple[Node, Node]] = []
    for _ in range(MAX_STEPS):
        floor = _innermost(pair)
        if floor is None:
            return pair[1][0], pair[1][1]
        pair = replaced(pair, floor, _named(floor[2][0], known))
    return None


def _by_floors(node: Node) -> Node:
    """Ceilings and remainders written by floors."""
    for child in children(node):
        node = replaced(node, child, _by_floors(child))
    if node[:2] == ("call", "ceil"):
        return ("neg", ("call", "floor", (("neg", node[2][0]),)))
    if node[:2] == ("call", "mod"):
        value, modulus = node[2]
        return ("add", (value, ("neg", ("mul", (modulus, ("call", "floor", (("div", value, modulus),)))))))
    return node


def _innermost(node: Node) -> Node | None:
    """A floor of something variable without one inside."""
    for child in children(node):
        found = _innermost(child)
        if found is not None:
            return found
    return node if node[:2] == ("call", "floor") and symbols(node) else None


def _named(inner: Node, known: list[tuple[Node, Node]]) -> Node:
    """The name of a floor that is known, with the whole number between the two; else a new name."""
    for other, name in known:
        shift = _whole_difference(inner, other)
        if shift is not None:
            return ("add", (name, ("num", shift)))
    name = ("sym", f"floor {len(known)}")
    known.append((inner, name))
    return name


def _whole_difference(left: Node, right: Node) -> int | None:
    """The whole number by which two expressions differ everywhere; None where there is none."""
    gap: Node = ("add", (left, ("neg", right)))
    shift = numeric.whole_value(gap)
    if shift is None:
        return None
    same = exact.decide(left, ("add", (right, ("num", shift))))
    return shift if (numeric.decide(gap, ("num", shift)) if same is None else same) else None
