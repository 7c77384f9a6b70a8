"""What a tree says, apart from its value: is it a finished number, what does an equation state, which are its items."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final

from llm_envs.verifiers.math import exact
from llm_envs.verifiers.math.trees import SCALARS, Node, children, contains, symbols

__all__ = [
    "entries",
    "is_literal",
    "is_system",
    "items",
    "readings",
    "stated",
    "unfinished",
    "unsolved",
]

_NOTHING: Final[Node] = ("const", "empty")
_ONE_PERCENT: Final = Fraction(1, 100)
_TRIVIAL: Final = (("num", 0), ("num", 1))
_CLOSED_FORMS: Final = frozenset({"root", "fact", "binom"})


# Finished numbers


def is_literal(node: Node) -> bool:
    """A number as one writes a result: 42, 0.5, -3/4, 1 1/2, 50%."""
    if node[0] in {"neg", "percent", "degree"}:
        return is_literal(node[1])
    if node[0] == "div":
        return bool(node[1][0] == node[2][0] == "num")
    return node[0] in {"num", "dec", "mixed", "base"}


def unfinished(node: Node, reference: Node) -> bool:
    """Arithmetic is left to do where the reference is a number: `17 + 25`, `84/2`, `gcd(12, 18)`.

    An irrational number written exactly is a result where the reference is a decimal.
    """
    if reference[0] == "dec" and not symbols(node) and exact.rational(node) is None:
        return False
    return node[0] in SCALARS and _left_to_do(node)


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


# Statements


def stated(node: Node, other: Node) -> Node:
    """What a relation says when set against `other`: its right side, where `other` is no relation itself.

    So `x = 5`, `x = 2 + 3 = 5` and `2 + 3 = 5` state 5, and `x in A` states A. What is wrong in itself
    (`2 + 3 = 6`) states nothing.
    """
    if node[0] != "rel":
        return node
    operators, sides = node[1], node[2]
    if operators == ("in",) and sides[0][0] == "sym":
        region: Node = sides[1]
        return region
    equal = set(operators) == {"="} or (set(operators) <= {"=", "~"} and other[0] == "dec")
    if other[0] == "rel" or not equal or len(set(sides)) == 1:
        return node
    result = _result(sides)
    return node if result is None else result


def _result(sides: Sequence[Node]) -> Node | None:
    """The value a chain of equations ends in; None where it has none."""
    first, last = sides[0], sides[-1]
    if len(sides) == 2 and is_literal(first) and last[0] == "sym":
        return first
    named = _is_name(first)
    steps = sides[1:] if named else sides
    if len(steps) > 1:
        values = {exact.rational(step) if step[0] in SCALARS else None for step in steps}
        if None in values or len(values) > 1:
            return None
    return last if named or is_literal(last) else None


def _is_name(node: Node) -> bool:
    """What a result is given to: x, f(x), AB, |AB|, m + n, (x, y), dy/dx, words."""
    if node[0] in {"tuple", "add", "mul"}:
        return all(entry[0] == "sym" for entry in node[1]) and len(set(node[1])) == len(node[1])
    if node[:2] == ("call", "abs"):
        return _is_name(node[2][0])
    if node[0] == "div":
        return all(part[0] == "mul" and part[1][0] == ("sym", "d") and len(part[1]) == 2 for part in node[1:])
    return node[0] in {"sym", "text"}


def unsolved(node: Node, reference: Node) -> bool:
    """Work is left to do on a statement or on sets where the reference is a result: `2x + 3 < 7`, `{1, 2} ∩ {2, 3}`.

    In several unknowns there is no one solved form: 2x - y + 3 = 0 may stand for y = 2x + 3.
    """
    return len(symbols(reference)) < 2 and _left_to_solve(node) and not _left_to_solve(reference)


def _left_to_solve(node: Node) -> bool:
    """In a solved equation or inequality every side is a name or a number."""
    if node[0] == "rel" and "in" not in node[1]:
        return any(symbols(side) and not _is_name(side) for side in node[2])
    kinds = {child[0] for child in children(node)}
    if node[0] == "intersection" and kinds != {"rel"}:
        return True
    if node[0] in {"union", "difference"} and kinds == {"set"}:
        return True
    return any(map(_left_to_solve, children(node)))


def is_system(node: Node) -> bool:
    """`x = 1, y = 2`: one equation for each of several names."""
    if node[0] != "list" or any(entry[0] != "rel" or entry[1] != ("=",) for entry in node[1]):
        return False
    names = {entry[2][0] for entry in node[1]}
    return len(names) == len(node[1]) and all(name[0] == "sym" for name in names)


# Items


def entries(node: Node) -> list[Node]:
    """The entries of a tuple, or of a list that stands for one: `1, 2`, or `y = 2, x = 1` in the order of the names."""
    ordered = sorted(node[1], key=lambda entry: str(entry[2][0])) if is_system(node) else node[1]
    return [stated(entry, _NOTHING) for entry in ordered]


def items(node: Node) -> list[Node]:
    """The members that a set, a list, a plus-minus or a single value stands for."""
    if node == _NOTHING:
        return []
    members = node[1] if node[0] in {"set", "list"} else (node,)
    return [sign for member in members for sign in _both_signs(stated(member, _NOTHING))]


def _both_signs(node: Node) -> list[Node]:
    return [_signed(node, 1), _signed(node, -1)] if contains(node, "pm") else [node]


def _signed(part: Any, sign: int) -> Any:
    """The tree with one sign taken for every plus-minus, the other one for every minus-plus."""
    if not isinstance(part, tuple):
        return part
    if part[:1] == ("pm",):
        inner = _signed(part[2], sign)
        return inner if part[1] * sign > 0 else ("neg", inner)
    return tuple(_signed(inner, sign) for inner in part)


# Readings


def readings(answer: Node, reference: Node) -> list[tuple[Node, Node]]:
    """The ways to read a percentage or a degree against a bare number, the stricter one first.

    `50%` may be written 1/2 or 50, and 50 as 50%; but 0.5% is never 0.5. Where only one side has a degree sign and
    both are plain numbers, the sign was left out.
    """
    both = [(answer, reference)]
    if (answer[0] == "degree") != (reference[0] == "degree"):
        bare = (_without(answer, "degree"), _without(reference, "degree"))
        return [bare] if all(exact.rational(node) is not None for node in bare) else both
    percent = answer if answer[0] == "percent" else reference
    if (answer[0] == "percent") != (reference[0] == "percent") and (exact.rational(percent) or 0) > _ONE_PERCENT:
        both.append((_without(answer, "percent"), _without(reference, "percent")))
    return both


def _without(node: Node, sign: str) -> Node:
    return node[1] if node[0] == sign else node
