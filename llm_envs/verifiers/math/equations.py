"""Equations against equations: one up to a factor, and functions under other names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.trees import Node, children, replaced, symbols

__all__ = ["difference", "functions", "same_up_to_a_factor"]

MAX_QUOTIENTS: Final = 6
"""In an equation whose denominators are multiplied out; each may double the tree."""
_HEAD: Final = re.compile(r"([A-Za-z]\w{0,9}(?:\^-1)?'{0,3})\(([a-z](?:,[a-z]){0,3})\)")
_DEPENDENT: Final = "y"
"""What a function of one variable may be called as well."""


def difference(relation: Node) -> Node:
    """Left side minus right side."""
    left, right = relation[2]
    return ("add", (left, ("neg", right)))


def same_up_to_a_factor(answer: Node, reference: Node) -> bool | None:
    """Whether two equations are one up to a constant factor, with their denominators or without."""
    same = _proportional(difference(answer), difference(reference))
    if same is not False or not 0 < _quotients(answer) + _quotients(reference) <= MAX_QUOTIENTS:
        return same
    return _proportional(_numerator(difference(answer))[0], _numerator(difference(reference))[0])


def _proportional(left: Node, right: Node) -> bool | None:
    same = exact.proportional(left, right)
    return numeric.proportional(left, right) if same is None else same


def _quotients(node: Node) -> int:
    """Divisions by something variable."""
    own = node[0] == "div" and bool(symbols(node[2]))
    return own + sum(map(_quotients, children(node)))


def _numerator(node: Node) -> tuple[Node, Node]:
    """The node as a single quotient: numerator and denominator."""
    kind = node[0]
    if kind == "neg":
        above, below = _numerator(node[1])
        return ("neg", above), below
    if kind == "div":
        first, second = map(_numerator, node[1:])
        return ("mul", (first[0], second[1])), ("mul", (first[1], second[0]))
    if kind == "mul":
        above, below = zip(*map(_numerator, node[1]), strict=True)
        return ("mul", above), ("mul", below)
    return _added(list(map(_numerator, node[1]))) if kind == "add" else (node, ("num", 1))


def _added(parts: Sequence[tuple[Node, Node]]) -> tuple[Node, Node]:
    """A sum of quotients over the product of their denominators."""
    terms = []
    for place, (above, _) in enumerate(parts):
        others = tuple(below for other, (_, below) in enumerate(parts) if other != place and below != ("num", 1))
        terms.append(("mul", (above, *others)) if others else above)
    return ("add", tuple(terms)), ("mul", tuple(below for _, below in parts))


def functions(answer: Node, reference: Node) -> tuple[Node, Node] | None:
    """What two definitions give, the one's variables renamed to the other's; None where one is no definition.

    `f(x) = x + 1`, `f(t) = t + 1` and `y = x + 1` define one function.
    """
    given, wanted = _defined(answer), _defined(reference)
    if given is None or wanted is None or len(given.variables) != len(wanted.variables):
        return None
    if given.name != wanted.name and _DEPENDENT not in {given.name, wanted.name}:
        return None
    body = given.value
    for place, name in enumerate(given.variables):
        body = replaced(body, ("sym", name), ("sym", f"variable {place}"))
    for place, name in enumerate(wanted.variables):
        body = replaced(body, ("sym", f"variable {place}"), ("sym", name))
    return body, wanted.value


class _Function(NamedTuple):
    """A function as it was defined."""

    name: str
    variables: list[str]
    value: Node


def _defined(relation: Node) -> _Function | None:
    head, body = relation[2]
    if head[0] != "sym" or head[1] in symbols(body):
        return None
    match = _HEAD.fullmatch(head[1])
    if match is not None:
        return _Function(match[1], match[2].split(","), body)
    variables = sorted(symbols(body))
    return _Function(_DEPENDENT, variables, body) if head[1] == _DEPENDENT and len(variables) == 1 else None
