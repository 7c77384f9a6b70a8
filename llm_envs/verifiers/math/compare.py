"""Whether two trees say the same: scalars layer by layer, and the rules for everything that is made of scalars.

Three answers: equal, unequal, undecided. The kind of the *reference* chooses the rule; an answer may say the same in
another form where no ambiguity arises (`x = 5` for 5, `1 or 2` for {1, 2}, `x > 3` for the interval).

Defaults, each with its constant or function below: a decimal reference goes by its own digits, a decimal answer to an
exact reference must round-trip, a percentage may be written as its fraction or its figure, a degree sign may be left
out, order counts in tuples alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from llm_envs.verifiers.math import exact
from llm_envs.verifiers.math.exact import Undefined
from llm_envs.verifiers.math.parser import Node, children

__all__ = ["SCALARS", "Comparison", "Decision", "is_literal", "items", "unfinished"]

ROUND_TRIP_DIGITS: Final = 7
"""So many significant digits single out an exact number: 0.3333333 is 1/3, 0.33 is not."""
ROUNDED_REFERENCE_DIGITS: Final = 3
"""A decimal reference with so many significant digits stands for a rounded number: 3.14, but not 2.5."""
MAX_ITEMS: Final = 40
"""Members are compared pair by pair."""

SCALARS: Final = frozenset("num dec mixed sym const add mul div pow neg call percent degree".split())
_SET_KINDS: Final = frozenset({"interval", "union", "intersection", "difference"})
_FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "!=": "!=", "~": "~"}
_NOTHING: Final = ("const", "empty")


class Decision(NamedTuple):
    """Equal (True), unequal (False) or undecided (None), and why, for a person."""

    equal: bool | None
    reason: str = ""


EQUAL: Final = Decision(True, "equal")
Fallback = Callable[[Node, Node], bool | None]


def _undecided(left: Node, right: Node) -> bool | None:
    return None


class Comparison:
    """Compare an answer with a reference.

    Args:
        fallback: asked for two scalars that neither exact arithmetic nor many digits decide.
    """

    def __init__(self, fallback: Fallback = _undecided) -> None:
        self._fallback = fallback

    def of(self, answer: Node, reference: Node) -> Decision:
        """The decision for two trees.

        Raises:
            Undefined: one of them divides by zero.
        """
        if answer == reference:
            return EQUAL
        answer, reference = _meant(answer, reference), _meant(reference, answer)
        for applies, rule in _RULES:
            if applies(answer, reference):
                return rule(self, answer, reference)
        return Decision(False, f"{_KIND_NAMES.get(answer[0], 'a number')} was given where "
                               f"{_KIND_NAMES.get(reference[0], 'a number')} is wanted")  # fmt: skip

    # Scalars

    def scalar(self, answer: Node, reference: Node) -> Decision:
        for left, right in _readings(answer, reference):
            decision = self._scalar(left, right)
            if decision.equal is not False:
                return decision
        return decision

    def _scalar(self, answer: Node, reference: Node) -> Decision:
        same = exact.decide(answer, reference)
        if same is True:
            return EQUAL
        rounded = _by_digits(answer, reference)
        if rounded is not None:
            return rounded
        if same is None:
            same = _numeric(answer, reference)
        if same is None:
            same = self._fallback(answer, reference)
        if same is None:
            return Decision(None, "the two could not be compared within the limits")
        return EQUAL if same else Decision(False, "the values differ")

    # Collections

    def collection(self, answer: Node, reference: Node) -> Decision:
        if reference[0] == "list" and answer[0] == "tuple":
            return self.in_order(answer[1], reference[1])
        return self.same_members(items(answer), items(reference))

    def same_members(self, answer: Sequence[Node], reference: Sequence[Node]) -> Decision:
        """As sets: every member of one is among the other."""
        answer, reference = list(dict.fromkeys(answer)), list(dict.fromkeys(reference))
        if max(len(answer), len(reference)) > MAX_ITEMS:
            return Decision(False, f"more than {MAX_ITEMS} items")
        answer, reference = self._distinct(answer), self._distinct(reference)
        if len(answer) != len(reference):
            return Decision(False, f"{_count(answer)} given where {_count(reference)} wanted")
        undecided = None
        for wanted in reference:
            found = self._find(wanted, answer)
            if found.equal is False:
                return Decision(False, "one of the items is missing")
            undecided = undecided or (found if found.equal is None else None)
        return undecided or EQUAL

    def _distinct(self, nodes: list[Node]) -> list[Node]:
        kept: list[Node] = []
        for node in nodes:
            if self._find(node, kept).equal is not True:
                kept.append(node)
        return kept

    def _find(self, wanted: Node, among: Sequence[Node]) -> Decision:
        best = Decision(False)
        for node in among:
            decision = self.of(node, wanted)
            if decision.equal:
                return decision
            best = decision if decision.equal is None else best
        return best

    def ordered(self, answer: Node, reference: Node) -> Decision:
        return self.in_order(_in_order(answer), _in_order(reference))

    def in_order(self, answer: Sequence[Node], reference: Sequence[Node]) -> Decision:
        if len(answer) != len(reference):
            return Decision(False, f"{_count(answer)} given where {_count(reference)} wanted")
        return _all(self.of(*pair) for pair in zip(answer, reference, strict=True))

    def matrices(self, answer: Node, reference: Node) -> Decision:
        if (len(answer[1]), len(answer[1][0])) != (len(reference[1]), len(reference[1][0])):
            return Decision(False, "the matrices have different shapes")
        return self.in_order(children(answer), children(reference))

    # Relations and regions

    def relations(self, answer: Node, reference: Node) -> Decision:
        if reference[1] == answer[1] == ("=",):
            return self.equations(answer, reference)
        if _variables(answer) != _variables(reference):
            return Decision(False, "the inequalities speak of different variables")
        from llm_envs.verifiers.math import regions

        decision = regions.same(answer, reference)
        if decision is None and answer[1] == reference[1]:
            return self.in_order(answer[2], reference[2])
        return Decision(decision, "the inequalities differ" if decision is False else "")

    def equations(self, answer: Node, reference: Node) -> Decision:
        """Equal up to a constant factor; `x = ...` for the same x by its right side."""
        if answer[2][0] == reference[2][0] and answer[2][0][0] == "sym":
            return self.of(answer[2][1], reference[2][1])
        left, right = (_difference(*node[2]) for node in (answer, reference))
        if not _variables(answer) or _variables(answer) != _variables(reference):
            return Decision(False, "the equations speak of different variables")
        same = exact.proportional(left, right)
        if same is None:
            from llm_envs.verifiers.math import numeric

            same = numeric.proportional(left, right)
        return Decision(same, "the equations differ" if same is False else "")

    def region(self, answer: Node, reference: Node) -> Decision:
        from llm_envs.verifiers.math import regions

        same = regions.same(answer, reference)
        if same is None and answer[0] == reference[0] == "interval":
            ends = self.in_order(answer[1:3], reference[1:3])
            return ends if answer[3:] == reference[3:] else Decision(False, "the brackets differ")
        return Decision(same, "the regions differ" if same is False else "")

    def words(self, answer: Node, reference: Node) -> Decision:
        same = answer[1] == reference[1]
        return EQUAL if same else Decision(False, f"{answer[1][:40]!r} is not {reference[1][:40]!r}")


# What an answer means in the light of the other side


def _meant(node: Node, other: Node) -> Node:
    """Without `x =`, `x in` and the steps of a computation, where the other side has no use for them."""
    if node[0] != "rel":
        return node
    operators, sides = node[1], node[2]
    if operators == ("in",) and sides[0][0] == "sym":
        return sides[1]
    if other[0] == "rel" or (set(operators) == {"~"} and other[0] != "dec"):
        return node
    if set(operators) <= {"=", "~"} and len(set(sides)) > 1:
        return _result(sides) or node
    return node


def _result(sides: Sequence[Node]) -> Node | None:
    """The value a chain of equations ends in: `x = 2 + 3 = 5`; None where it states nothing of the kind."""
    first, last = sides[0], sides[-1]
    if len(sides) == 2 and is_literal(first) and last[0] == "sym":
        return first
    named = first[0] == "sym" or (first[0] == "tuple" and all(entry[0] == "sym" for entry in first[1]))
    steps = sides[1:] if named else sides
    values = [exact.rational(side) if side[0] in SCALARS else None for side in steps]
    if len(steps) > 1 and (None in values or len(set(values)) > 1):
        return None
    return last if named or is_literal(last) else None


def _readings(answer: Node, reference: Node) -> list[tuple[Node, Node]]:
    """The ways to read a percentage or a degree against a bare number, the stricter one first."""
    readings = [(answer, reference)]
    if reference[0] == "percent" and answer[0] != "percent":
        readings.append((answer, reference[1]))
    if answer[0] == "percent" and reference[0] != "percent" and (exact.rational(answer) or 0) > Fraction(1, 100):
        readings.append((answer[1], reference))
    if (answer[0] == "degree") != (reference[0] == "degree"):
        bare = (_bare_degree(answer), _bare_degree(reference))
        if all(exact.rational(node) is not None for node in bare):
            readings = [bare]
    return readings


def _bare_degree(node: Node) -> Node:
    return node[1] if node[0] == "degree" else node


def items(node: Node) -> list[Node]:
    """The members a set, a list, a plus-minus or a single value stands for."""
    if node == _NOTHING:
        return []
    nodes = node[1] if node[0] in {"set", "list"} else (node,)
    members = [_meant(member, _NOTHING) for member in nodes]
    return [sign for member in members for sign in _both_signs(member)]


def _both_signs(node: Node) -> list[Node]:
    if not _has(node, "pm"):
        return [node]
    return [_with_sign(node, 1), _with_sign(node, -1)]


def _with_sign(node: Node, sign: int) -> Node:
    if node[0] == "pm":
        inner = _with_sign(node[2], sign)
        return inner if node[1] * sign > 0 else ("neg", inner)
    return tuple(
        _with_sign(part, sign) if _is_node(part)
        else tuple(_with_sign(entry, sign) for entry in part) if isinstance(part, tuple) and part and _is_node(part[0])
        else part
        for part in node
    )  # fmt: skip


def _is_node(part: object) -> bool:
    return isinstance(part, tuple) and bool(part) and isinstance(part[0], str)


def _has(node: Node, kind: str) -> bool:
    return node[0] == kind or any(_has(child, kind) for child in children(node))


def _in_order(node: Node) -> Sequence[Node]:
    """The entries of a tuple, or of a list that stands for one: `x = 1, y = 2`."""
    return [_meant(entry, _NOTHING) for entry in node[1]]


# Decimals


def _by_digits(answer: Node, reference: Node) -> Decision | None:
    """The rules for decimals that are not exactly equal; None where no decimal decides."""
    if reference[0] == "dec" and _significant(reference) >= ROUNDED_REFERENCE_DIGITS:
        if answer[0] == "dec" and answer[2] < reference[2]:
            return Decision(False, f"the decimal has fewer digits than the reference ({reference[2]} places)")
        if _within_half_unit(answer, reference):
            return Decision(True, "equal to the digits of the reference")
    if answer[0] == "dec" and reference[0] != "dec":
        if _significant(answer) >= ROUND_TRIP_DIGITS and _within_half_unit(reference, answer):
            return Decision(True, "the decimal rounds to the reference")
        if _within_half_unit(reference, answer):
            return Decision(False, f"the decimal does not round-trip (needs {ROUND_TRIP_DIGITS} digits)")
    return None


def _significant(decimal: Node) -> int:
    return len(str(abs((decimal[1] * 10 ** decimal[2]).numerator)))


def _within_half_unit(node: Node, decimal: Node) -> bool:
    """`node` rounds to `decimal` at the places that `decimal` shows."""
    tolerance = Fraction(1, 2 * 10 ** decimal[2])
    value = exact.rational(node)
    if value is not None:
        return abs(value - decimal[1]) <= tolerance
    from llm_envs.verifiers.math import numeric

    return not _variables(node) and numeric.within(node, decimal[1], tolerance)


def _numeric(answer: Node, reference: Node) -> bool | None:
    from llm_envs.verifiers.math import numeric

    return numeric.decide(answer, reference)


# Small things


def _difference(left: Node, right: Node) -> Node:
    return ("add", (left, ("neg", right)))


def _variables(node: Node) -> frozenset[str]:
    if node[0] == "sym":
        return frozenset({node[1]})
    return frozenset().union(*map(_variables, children(node)))


def _count(nodes: Sequence[Node]) -> str:
    return "one item" if len(nodes) == 1 else f"{len(nodes)} items"


def _all(decisions: Sequence[Decision] | object) -> Decision:
    undecided = None
    for decision in decisions:  # type: ignore[attr-defined]
        if decision.equal is False:
            return decision  # type: ignore[no-any-return]
        undecided = undecided or (decision if decision.equal is None else None)
    return undecided or EQUAL


def is_literal(node: Node) -> bool:
    """A number as one writes a result: 42, 0.5, -3/4, 1 1/2, 50%."""
    if node[0] in {"neg", "percent", "degree"}:
        return is_literal(node[1])
    if node[0] == "div":
        return node[1][0] == node[2][0] == "num"
    return node[0] in {"num", "dec", "mixed", "base"}
