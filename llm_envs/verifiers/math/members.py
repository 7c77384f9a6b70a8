"""The members and entries that collections, lists, plus-minus signs and systems stand for."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from llm_envs.verifiers.math.statements import stated
from llm_envs.verifiers.math.trees import Node, children, contains

__all__ = ["entries", "is_system", "items"]

MAX_SIGNS: Final = 4
"""So many plus-minus signs are taken independently of each other."""
_NOTHING: Final[Node] = ("const", "empty")


def is_system(node: Node) -> bool:
    """`x = 1, y = 2`: one equation for each of several names."""
    if node[0] != "list" or any(entry[0] != "rel" or entry[1] != ("=",) for entry in node[1]):
        return False
    names = {entry[2][0] for entry in node[1]}
    return len(names) == len(node[1]) and all(name[0] == "sym" for name in names)


def entries(node: Node) -> list[Node]:
    """The entries of a tuple, or of a list that stands for one: `1, 2`, or `y = 2, x = 1` in the order of the names."""
    ordered = sorted(node[1], key=lambda entry: str(entry[2][0])) if is_system(node) else node[1]
    return [stated(entry, _NOTHING) for entry in ordered]


def items(node: Node) -> list[Node]:
    """The members that a set, a list, a plus-minus or a single value stands for."""
    if node == _NOTHING:
        return []
    members = node[1] if node[0] in {"set", "list"} else (node,)
    return [sign for member in members for sign in _every_sign(stated(member, _NOTHING))]


def _every_sign(node: Node) -> list[Node]:
    """The values of an expression with plus-minus signs.

    They go together where a minus-plus or a tuple ties them to each other; else each may be taken either way.
    """
    signs = _signs(node)
    if not signs:
        return [node]
    if len(set(signs)) > 1 or len(signs) > MAX_SIGNS or node[0] not in _FREE:
        return [_signed(node, itertools.repeat(sign)) for sign in (1, -1)]
    return [_signed(node, iter(choice)) for choice in itertools.product((1, -1), repeat=len(signs))]


_FREE: Final = frozenset({"pm", "add", "mul", "div", "neg", "pow", "call", "degree", "percent"})


def _signs(node: Node) -> list[int]:
    """1 for each plus-minus, -1 for each minus-plus."""
    if not contains(node, "pm"):
        return []
    own = [node[1]] if node[0] == "pm" else []
    return own + [sign for child in children(node) for sign in _signs(child)]


def _signed(part: Any, signs: Iterator[int]) -> Any:
    """The tree with one sign taken for every plus-minus in turn, the other one for every minus-plus."""
    if not isinstance(part, tuple):
        return part
    if part[:1] == ("pm",):
        positive = part[1] * next(signs) > 0
        inner = _signed(part[2], signs)
        return inner if positive else ("neg", inner)
    return tuple(_signed(inner, signs) for inner in part)
