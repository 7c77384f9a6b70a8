"""How a number is written: worked out or not, and how a percentage or a degree may be read."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from llm_envs.verifiers.math import exact
from llm_envs.verifiers.math.rules import DEFAULT, Rules
from llm_envs.verifiers.math.trees import SCALARS, Node, children, symbols

__all__ = ["is_literal", "left_to_do", "readings", "restates", "unfinished"]

_ONE_PERCENT: Final = Fraction(1, 100)
_TRIVIAL: Final = (("num", 0), ("num", 1))
_CLOSED_FORMS: Final = frozenset({"root", "fact", "fact2", "binom", "C", "P"})
_OPERATIONS: Final = frozenset({"diff", "primitive"})


# Finished numbers


def is_literal(node: Node) -> bool:
    """A number as one writes a result: 42, 0.5, -3/4, 1 1/2, 50%."""
    if node[0] in {"neg", "percent", "degree"}:
        return is_literal(node[1])
    if node[0] == "div":
        return bool(node[1][0] == node[2][0] == "num")
    return node[0] in {"num", "dec", "mixed", "base"}


def left_to_do(node: Node) -> str:
    """Why a node that is no finished number is no answer, for a person."""
    names = ", ".join(sorted(symbols(node)))
    return f"a number is wanted, without {names}" if names else "the calculation is left to do"


def unfinished(node: Node, reference: Node) -> bool:
    """Arithmetic is left to do where the reference is a number: `17 + 25`, `84/2`, `gcd(12, 18)`.

    An irrational number written exactly is a result where the reference is a decimal.
    """
    if _without(reference, "percent")[0] == "dec" and not symbols(node) and exact.rational(node) is None:
        return False
    return node[0] in SCALARS and _left_to_do(node)


def restates(node: Node, reference: Node) -> bool:
    """A sum, limit, integral or derivative is left standing where the reference has none."""
    return _operates(node) and not _operates(reference)


def _operates(node: Node) -> bool:
    return node[0] == "bind" or (node[0] == "call" and node[1] in _OPERATIONS) or any(map(_operates, children(node)))


def _left_to_do(node: Node) -> bool:
    """Nearly every operation is work left to do.

    A power, root, factorial or binomial coefficient of plain numbers is a result, and so is a product or quotient with
    one of them in it (`2^3 * 5`).
    """
    kind = node[0]
    if kind in {"neg", "percent", "degree"}:
        return _left_to_do(node[1])
    if is_literal(node):
        return bool(kind == "div" and node[2][1] != 0 and node[1][1] % node[2][1] == 0)
    if kind == "pow":
        return node[2] in _TRIVIAL or any(map(_left_to_do, node[1:]))
    if kind == "call":
        return node[1] not in _CLOSED_FORMS or any(map(_left_to_do, node[2]))
    factors = node[1] if kind == "mul" else node[1:]
    return kind not in {"mul", "div"} or all(map(is_literal, factors)) or any(map(_left_to_do, factors))


# Readings


def readings(answer: Node, reference: Node, rules: Rules = DEFAULT) -> list[tuple[Node, Node]]:
    """The ways to read a percentage or a degree against a bare number, the stricter one first.

    `50%` may be written 1/2 or 50, and 50 as 50%; but 0.5% is never 0.5. Where only one side has a degree sign and
    both are plain numbers, the sign was left out. The rules may allow the strict reading alone.
    """
    answer, reference = _sign_inside(answer), _sign_inside(reference)
    if "degree" in {answer[0], reference[0]}:
        bare = (_without(answer, "degree"), _without(reference, "degree"))
        left_out = rules.degrees == "either" and all(exact.rational(node) is not None for node in bare)
        return [bare] if answer[0] == reference[0] or left_out else [(answer, reference)]
    if "percent" not in {answer[0], reference[0]}:
        return [(answer, reference)]
    bare = (_without(answer, "percent"), _without(reference, "percent"))
    if answer[0] == reference[0]:
        return [bare]
    strict = [(_hundredth(answer), _hundredth(reference))]
    percent = answer if answer[0] == "percent" else reference
    return [*strict, bare] if rules.percent == "either" and (exact.rational(percent) or 0) > _ONE_PERCENT else strict


def _sign_inside(node: Node) -> Node:
    """-15 degrees as the degrees of -15; so with per cent."""
    signed = node[0] == "neg" and node[1][0] in {"degree", "percent"}
    return (node[1][0], ("neg", node[1][1])) if signed else node


def _without(node: Node, sign: str) -> Node:
    return node[1] if node[0] == sign else node


def _hundredth(node: Node) -> Node:
    """A percentage of a decimal as the decimal that it is: 33.3% is 0.333."""
    if node[0] != "percent" or node[1][0] != "dec":
        return node
    return ("dec", node[1][1] / 100, node[1][2] + 2)
