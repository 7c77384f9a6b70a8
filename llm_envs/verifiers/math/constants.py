"""The constant of integration: `x^2 + C` stands for all functions that differ from it by a constant."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.trees import Node, replaced, symbols

__all__ = ["same_up_to_the_constant"]

_CONSTANTS: Final = (("sym", "C"), ("sym", "c"), ("sym", "K"), ("sym", "C_1"), ("sym", "const"))
_ELSEWHERE: Final[Node] = ("num", Fraction(19, 7))


def same_up_to_the_constant(answer: Node, reference: Node) -> bool | None:
    """Whether two functions of one variable, each with an added constant, differ by a constant.

    None where they are no such functions, or where that cannot be told.
    """
    left, right = _without_constant(answer), _without_constant(reference)
    if left is None or right is None or symbols(left) != symbols(right) or len(symbols(left)) != 1:
        return None
    (name,) = symbols(left)
    if not name.islower():
        return None
    gaps = ("add", (left, ("neg", right)))
    elsewhere = replaced(gaps, ("sym", name), _ELSEWHERE)
    try:
        same = exact.decide(gaps, elsewhere)
        return numeric.decide(gaps, elsewhere) if same is None else same
    except exact.Undefined:
        return None


def _without_constant(node: Node) -> Node | None:
    """The sum without its constant; None where it has none, or has its name elsewhere too."""
    if node[0] != "add":
        return None
    for constant in _CONSTANTS:
        terms = tuple(term for term in node[1] if term != constant)
        if len(terms) == len(node[1]) - 1:
            rest: Node = ("add", terms)
            return None if constant[1] in symbols(rest) else rest
    return None
