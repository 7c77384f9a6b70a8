"""Whether two trees say the same: scalars layer by layer, and the rules for everything that is made of scalars.

Three answers: equal, unequal, undecided. The kinds of the two choose the rule; an answer may say the same in another
form where no ambiguity arises (`x = 5` for 5, `1 or 2` for {1, 2}, `x > 3` for the interval).

Defaults: a decimal reference goes by its own digits, a decimal answer to an exact reference must round-trip, order
counts in tuples alone; percentages and degrees as in `forms.readings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from llm_envs.verifiers.math import exact, numeric, regions
from llm_envs.verifiers.math.forms import (
    entries,
    is_system,
    items,
    readings,
    stated,
    unsolved,
)
from llm_envs.verifiers.math.rules import DEFAULT, Rules
from llm_envs.verifiers.math.structures import is_inequality
from llm_envs.verifiers.math.trees import SCALARS, Node, children, contains, symbols

__all__ = ["EQUAL", "Decision", "compare"]

ROUND_TRIP_DIGITS: Final = 7
"""So many significant digits single out an exact number: 0.3333333 is 1/3, 0.33 is not."""
ROUNDED_DIGITS: Final = 3
ROUNDED_PLACES: Final = 2
"""A decimal reference with so many significant digits and places stands for a rounded number: 3.14, but not 2.5."""
MAX_ITEMS: Final = 40
"""Members are compared pair by pair."""


class Decision(NamedTuple):
    """Equal (True), unequal (False) or undecided (None), and why, for a person."""

    equal: bool | None
    reason: str = ""


EQUAL: Final = Decision(True, "the two are equal")
_UNDECIDED: Final = Decision(None, "the two could not be compared within the limits")
_MISSING: Final = Decision(False, "one of the items is missing")


def compare(answer: Node, reference: Node, rules: Rules = DEFAULT) -> Decision:
    """The decision for two trees.

    Args:
        rules: the named options.

    Raises:
        Undefined: one of the trees divides by zero.
    """
    answer, reference = stated(answer, reference), stated(reference, answer)
    if unsolved(answer, reference):
        return Decision(False, "it is left to solve")
    rule = _rule_for(answer, reference)
    if rule is None:
        return Decision(False, f"{_name(answer)} was given where {_name(reference)} is wanted")
    return rule(answer, reference, rules)


# Scalars


def _scalars(answer: Node, reference: Node, rules: Rules) -> Decision:
    decision = _UNDECIDED
    for reading in readings(answer, reference):
        decision = _scalar(reading[0], reading[1], rules)
        if decision.equal is not False:
            break
    return decision


def _scalar(answer: Node, reference: Node, rules: Rules) -> Decision:
    same = exact.decide(answer, reference)
    if same is True:
        return EQUAL
    rounded = _by_digits(answer, reference)
    if rounded is not None:
        return rounded
    if same is None:
        same = numeric.decide(answer, reference)
    if same is None:
        same = rules.fallback(answer, reference)
    return _decision(same, "the values differ")


def _ratios(answer: Node, reference: Node, rules: Rules) -> Decision:
    """3:4 and 6:8 are one ratio."""
    (first, *rest), (wanted, *others) = answer[1], reference[1]
    if len(rest) != len(others):
        return Decision(False, "the ratios have different lengths")
    crosses = ((("mul", (first, b)), ("mul", (wanted, a))) for a, b in zip(rest, others, strict=True))
    return _all(_scalar(*cross, rules) for cross in crosses)


def _ratio_value(answer: Node, reference: Node, rules: Rules) -> Decision:
    """3:4 against 3/4."""
    nodes = [("div", *node[1]) if node[0] == "ratio" else node for node in (answer, reference)]
    if any(node[0] == "div" and len(node) > 3 for node in nodes):
        return Decision(False, "the ratio has more than two terms")
    return _scalar(nodes[0], nodes[1], rules)


def _bases(answer: Node, reference: Node, _rules: Rules) -> Decision:
    return _decision(answer[1] == reference[1], "the values differ")


def _words(answer: Node, reference: Node, _rules: Rules) -> Decision:
    return _decision(answer[1] == reference[1], "it says something else")


# Collections


def _members(answer: Node, reference: Node, rules: Rules) -> Decision:
    if is_system(answer) and is_system(reference):
        return _systems(answer, reference, rules)
    return _same_members(items(answer), items(reference), rules)


def _systems(answer: Node, reference: Node, rules: Rules) -> Decision:
    names, wanted = ({equation[2][0] for equation in node[1]} for node in (answer, reference))
    if names != wanted:
        return Decision(False, "other variables were solved for")
    return _ordered(answer, reference, rules)


def _same_members(answer: Sequence[Node], reference: Sequence[Node], rules: Rules) -> Decision:
    """As sets: each has what the other has, written once or more often."""
    given, wanted = list(dict.fromkeys(answer)), list(dict.fromkeys(reference))
    if max(len(given), len(wanted)) > MAX_ITEMS:
        return Decision(False, f"there are more than {MAX_ITEMS} items")
    given, wanted = _distinct(given, rules), _distinct(wanted, rules)
    if len(given) != len(wanted):
        return Decision(False, f"{_count(given)} given where {_count(wanted)} wanted")
    return _all(_find(item, given, rules) for item in wanted)


def _distinct(nodes: list[Node], rules: Rules) -> list[Node]:
    kept: list[Node] = []
    for node in nodes:
        if not _find(node, kept, rules).equal:
            kept.append(node)
    return kept


def _find(wanted: Node, among: Sequence[Node], rules: Rules) -> Decision:
    """Equal where one of the nodes is, undecided where one might be."""
    best = _MISSING
    for node in among:
        decision = compare(node, wanted, rules)
        if decision.equal:
            return decision
        best = decision if decision.equal is None else best
    return best


def _ordered(answer: Node, reference: Node, rules: Rules) -> Decision:
    return _in_order(entries(answer), entries(reference), rules)


def _in_order(answer: Sequence[Node], reference: Sequence[Node], rules: Rules) -> Decision:
    if len(answer) != len(reference):
        return Decision(False, f"{_count(answer)} given where {_count(reference)} wanted")
    return _all(compare(*pair, rules) for pair in zip(answer, reference, strict=True))


def _vectors(answer: Node, reference: Node, rules: Rules) -> Decision:
    """A column, or a row, against a tuple."""
    if any(node[0] == "matrix" and 1 not in (len(node[1]), len(node[1][0])) for node in (answer, reference)):
        return Decision(False, "a tuple is no matrix")
    return _in_order(children(answer), children(reference), rules)


def _matrices(answer: Node, reference: Node, rules: Rules) -> Decision:
    if (len(answer[1]), len(answer[1][0])) != (len(reference[1]), len(reference[1][0])):
        return Decision(False, "the matrices have different shapes")
    return _in_order(children(answer), children(reference), rules)


# Relations and regions


def _relations(answer: Node, reference: Node, rules: Rules) -> Decision:
    if reference[1] == answer[1] == ("=",):
        return _equations(answer, reference, rules)
    if symbols(answer) != symbols(reference):
        return Decision(False, "they speak of different variables")
    same = regions.same(answer, reference)
    if same is None and len(answer[1]) == len(reference[1]) == 1:
        same = _same_half(answer, reference)
    if same is None and answer[1] == reference[1]:
        return _in_order(answer[2], reference[2], rules)
    return _decision(same is True, "the inequalities differ")


def _same_half(answer: Node, reference: Node) -> bool | None:
    """Whether two inequalities in several variables are one up to a factor, negative where the signs are opposite."""
    if any(side[0] not in SCALARS for node in (answer, reference) for side in node[2]):
        return None
    scale = numeric.scale_of(_difference(answer), _difference(reference))
    if scale is None:
        return None
    direction, wanted = answer[1][0], reference[1][0]
    return scale != 0 and (direction if scale > 0 else regions.FLIPPED[direction]) == wanted


def _difference(relation: Node) -> Node:
    """Left side minus right side."""
    left, right = relation[2]
    return ("add", (left, ("neg", right)))


def _equations(answer: Node, reference: Node, rules: Rules) -> Decision:
    """Equal up to a constant factor; `x = ...` for the same x by its right side."""
    if answer[2][0] == reference[2][0] and answer[2][0][0] == "sym":
        return compare(answer[2][1], reference[2][1], rules)
    if not symbols(answer) or symbols(answer) != symbols(reference):
        return Decision(False, "they speak of different variables")
    if any(side[0] not in SCALARS for node in (answer, reference) for side in node[2]):
        return _in_order(answer[2], reference[2], rules)
    left, right = _difference(answer), _difference(reference)
    same = exact.proportional(left, right)
    same = numeric.proportional(left, right) if same is None else same
    return _decision(same is True, "the equations differ")


def _regions(answer: Node, reference: Node, rules: Rules) -> Decision:
    same = regions.same(answer, reference)
    if same is None and answer[0] == reference[0] == "interval":
        ends = _in_order(answer[1:3], reference[1:3], rules)
        return ends if answer[3:] == reference[3:] else Decision(False, "the brackets differ")
    return _decision(same is True, "the regions differ")


# Which rule applies

Rule = Callable[[Node, Node, Rules], Decision]
_BY_KINDS: Final[dict[tuple[str, str], Rule]] = {
    ("tuple", "tuple"): _ordered,
    ("matrix", "matrix"): _matrices,
    ("matrix", "tuple"): _vectors,
    ("tuple", "matrix"): _vectors,
    ("rel", "rel"): _relations,
    ("text", "text"): _words,
    ("ratio", "ratio"): _ratios,
    ("base", "base"): _bases,
}
_INTERVALS: Final = frozenset({"interval", "union", "intersection", "difference"})
_REGIONS: Final = _INTERVALS | {"rel", "list", "tuple", "set", "const"}
_MEMBERS: Final = SCALARS | {"set", "list", "pm"}


def _rule_for(answer: Node, reference: Node) -> Rule | None:
    """The rule by which the two are compared; None where they are of kinds that are never equal."""
    kinds = (answer[0], reference[0])
    if SCALARS.issuperset(kinds):
        return _members if contains(answer, "pm") or contains(reference, "pm") else _scalars
    if kinds in _BY_KINDS:
        return _BY_KINDS[kinds]
    if _is_region(answer) or _is_region(reference):
        return _regions if _REGIONS.issuperset(kinds) else None
    if "tuple" in kinds or (is_system(reference) and not is_system(answer)):
        return _ordered if _is_ordered(answer) and _is_ordered(reference) else None
    if _MEMBERS.issuperset(kinds):
        return _members
    return _ratio_value if "ratio" in kinds and not SCALARS.isdisjoint(kinds) else None


def _is_ordered(node: Node) -> bool:
    """A tuple, or a list that may stand for one; `x = 1 or x = 2` may not."""
    return node[0] == "tuple" or is_system(node) or (node[0] == "list" and all(item[0] != "rel" for item in node[1]))


def _is_region(node: Node) -> bool:
    if node[0] == "list":
        return all(map(is_inequality, node[1]))
    return is_inequality(node) or node[0] in _INTERVALS or node == ("const", "real")


# Decimals


def _by_digits(answer: Node, reference: Node) -> Decision | None:
    """The rules for decimals that are not exactly equal; None where no decimal decides."""
    if _is_rounded(reference):
        if answer[0] == "dec" and answer[2] < reference[2]:
            return Decision(False, f"the reference has {reference[2]} decimal places")
        if _rounds_to(answer, reference):
            return Decision(True, "it has the digits of the reference")
    if answer[0] != "dec" or reference[0] == "dec" or not _rounds_to(reference, answer):
        return None
    if _significant(answer) >= ROUND_TRIP_DIGITS:
        return Decision(True, "the decimal rounds to the reference")
    return Decision(False, f"the decimal {_decimal(answer)} does not round-trip (needs {ROUND_TRIP_DIGITS} digits)")


def _is_rounded(node: Node) -> bool:
    return bool(node[0] == "dec" and node[2] >= ROUNDED_PLACES and _significant(node) >= ROUNDED_DIGITS)


def _significant(decimal: Node) -> int:
    return len(str(abs(int(decimal[1] * 10 ** decimal[2]))))


def _decimal(node: Node) -> str:
    return f"{float(node[1]):.{min(node[2], ROUND_TRIP_DIGITS)}f}"


def _rounds_to(node: Node, decimal: Node) -> bool:
    """The value of `node` rounds to `decimal` at the places that `decimal` shows."""
    tolerance = Fraction(1, 2 * 10 ** decimal[2])
    value = exact.rational(node)
    if value is not None:
        return bool(abs(value - decimal[1]) <= tolerance)
    return not symbols(node) and numeric.within(node, decimal[1], tolerance)


# Decisions

_NAMES: Final = {
    "set": "a set",
    "list": "a list",
    "tuple": "a tuple",
    "matrix": "a matrix",
    "rel": "an equation or inequality",
    "text": "text",
    "ratio": "a ratio",
    "base": "a number in a base",
} | dict.fromkeys(_INTERVALS, "an interval")


def _name(node: Node) -> str:
    return _NAMES.get(node[0], "a single value")


def _count(nodes: Sequence[Node]) -> str:
    return "one item" if len(nodes) == 1 else f"{len(nodes)} items"


def _decision(same: bool | None, otherwise: str) -> Decision:
    if same is None:
        return _UNDECIDED
    return EQUAL if same else Decision(False, otherwise)


def _all(decisions: Iterable[Decision]) -> Decision:
    """Unequal where one is, else undecided where one is, else equal."""
    overall = EQUAL
    for decision in decisions:
        if decision.equal is False:
            return decision
        overall = decision if decision.equal is None else overall
    return overall
