"""Whether two trees say the same: scalars layer by layer, and the rules for everything that is made of scalars.

Three answers: equal, unequal, undecided. The kinds of the two choose the rule; an answer may say the same in another
form where no ambiguity arises (`x = 5` for 5, `1 or 2` for {1, 2}, `x > 3` for the interval).

Defaults: a decimal reference goes by its own digits, a decimal answer to an exact reference must round-trip, order
counts in tuples alone; percentages and degrees as in `forms.readings`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from llm_envs.verifiers.math import constants, decimals, equations, exact, families, numeric, regions, steps, vectors
from llm_envs.verifiers.math.forms import is_literal, readings, restates, unfinished
from llm_envs.verifiers.math.members import entries, is_system, items
from llm_envs.verifiers.math.rules import DEFAULT, Rules
from llm_envs.verifiers.math.statements import Assignments, assignments, roots, stated, unsolved
from llm_envs.verifiers.math.structures import is_condition, is_inequality
from llm_envs.verifiers.math.trees import SCALARS, Node, children, contains, replaced, symbols
from llm_envs.verifiers.math.vocabulary import DOMAINS

__all__ = ["EQUAL", "Decision", "compare"]

MAX_ITEMS: Final = 40
"""Members are compared pair by pair."""


class Decision(NamedTuple):
    """Equal (True), unequal (False) or undecided (None), and why, for a person."""

    equal: bool | None
    reason: str = ""


EQUAL: Final = Decision(True, "the two are equal")
_UNDECIDED: Final = Decision(None, "the two could not be compared within the limits")
_LEFT_TO_DO: Final = Decision(False, "the calculation is left to do")
_DOTS: Final[Node] = ("sym", "...")
_TEN: Final[Node] = ("num", 10)
_MISSING: Final = Decision(False, "one of the items is missing")


def compare(answer: Node, reference: Node, rules: Rules = DEFAULT) -> Decision:
    """The decision for two trees.

    Args:
        rules: the named options.

    Raises:
        Undefined: one of the trees divides by zero.
    """
    if answer == reference:
        return EQUAL
    answer, reference = stated(answer, reference, strictly=False), stated(reference, answer)
    if not rules.restatement and unsolved(answer, reference):
        return Decision(False, "it is left to solve")
    rule = _rule_for(answer, reference)
    if rule is None:
        return Decision(False, f"{_name(answer)} was given where {_name(reference)} is wanted")
    return rule(answer, reference, rules)


# Scalars


def _scalars(answer: Node, reference: Node, rules: Rules) -> Decision:
    if not rules.restatement and _is_left_to_do(answer, reference):
        return _LEFT_TO_DO
    first = None
    for reading in (*readings(answer, reference, rules), *_in_base_ten(answer, reference)):
        decision = _scalar(reading[0], reading[1], rules)
        if decision.equal is not False:
            return decision
        first = first or decision
    renamed = families.with_one_index(answer, reference)
    return _scalar(renamed, reference, rules) if renamed != answer else first or _UNDECIDED


def _is_left_to_do(answer: Node, reference: Node) -> bool:
    """A number is wanted and work is left to do on it, or a sum or an integral stands where none is wanted."""
    literal = reference[0] != "degree" and is_literal(reference) and not unfinished(reference, reference)
    return (literal and unfinished(answer, reference)) or restates(answer, reference)


def _in_base_ten(answer: Node, reference: Node) -> list[tuple[Node, Node]]:
    """`\\log` is the natural logarithm, but beside a decimal one it may be that as well."""
    if not any(map(_is_decimal_logarithm, (answer, reference))):
        return []
    return [(_with_base_ten(answer), _with_base_ten(reference))]


def _is_decimal_logarithm(node: Node) -> bool:
    return (node[:2] == ("call", "log") and node[2][1:] == (_TEN,)) or any(map(_is_decimal_logarithm, children(node)))


def _with_base_ten(node: Node) -> Node:
    """The tree with base 10 for every logarithm that has none."""
    for child in children(node):
        node = replaced(node, child, _with_base_ten(child))
    return ("call", "log", (*node[2], _TEN)) if node[:2] == ("call", "log") and len(node[2]) == 1 else node


def _scalar(answer: Node, reference: Node, rules: Rules) -> Decision:
    same = exact.decide(answer, reference)
    if same is True:
        return EQUAL
    if rules.tolerance is not None and decimals.is_within(answer, reference, rules.tolerance):
        return Decision(True, f"it is within {rules.tolerance:g} of the reference, relatively")
    rounded = _by_digits(answer, reference)
    if same is None and (rounded is None or not rounded.equal):
        same = _by_numbers(answer, reference)
    if rounded is not None and not same:
        return rounded
    if same is False:
        same = constants.same_up_to_the_constant(answer, reference) is True
    if same is None:
        same = rules.fallback(answer, reference)
    return _decision(same, "the values differ")


def _by_numbers(answer: Node, reference: Node) -> bool | None:
    same = numeric.decide(answer, reference)
    if same is not True or not (steps.has_steps(answer) or steps.has_steps(reference)):
        return same
    pair = steps.without_steps(answer, reference)
    if pair is None:
        return None
    same = exact.decide(*pair)
    return numeric.decide(*pair) if same is None else same


def _ratios(answer: Node, reference: Node, rules: Rules) -> Decision:
    """3:4 and 6:8 are one ratio."""
    (first, *rest), (wanted, *others) = answer[1], reference[1]
    if exact.rational(first) == 0 or exact.rational(wanted) == 0 or 0 in map(exact.rational, (*rest, *others)):
        return _in_order(answer[1], reference[1], rules)
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
    if rules.order or (_DOTS in children(answer) and _DOTS in children(reference)):
        return _in_order(items(answer), items(reference), rules)
    return _same_members(items(families.with_one_index(answer, reference)), items(reference), rules)


def _systems(answer: Node, reference: Node, rules: Rules) -> Decision:
    """Solutions by name: of one system, or those of one against tuples and lists."""
    given, wanted = assignments(answer), assignments(reference)
    if given and wanted:
        if set(given.names) != set(wanted.names):
            return Decision(False, "other variables were solved for")
        return _same_members(given.by_name(), wanted.by_name(), rules)
    if given:
        return _against_tuples(given, reference, lambda ours, theirs: _same_members(ours, theirs, rules))
    assert wanted  # noqa: S101 - one of the two is a system, or this rule does not apply
    return _against_tuples(wanted, answer, lambda ours, theirs: _same_members(theirs, ours, rules))


def _against_tuples(
    system: Assignments, other: Node, same: Callable[[Sequence[Node], Sequence[Node]], Decision]
) -> Decision:
    """Named values against those without names: tuples, one list for a single solution, a set for x_1 and x_2."""
    values = roots(system)
    if values is not None and other[0] != "tuple":
        return same(values, items(other))
    bare = [stated(member, _NOTHING) for member in other[1]] if other[0] in {"list", "set"} else [other]
    if other[0] == "list" and all(member[0] != "tuple" for member in bare):
        bare = [("tuple", tuple(bare))]
    if any(member[0] != "tuple" for member in bare):
        return Decision(False, f"{_name(other)} does not say which value is whose")
    return same(system.in_order(), bare)


def _same_members(answer: Sequence[Node], reference: Sequence[Node], rules: Rules) -> Decision:
    """As sets: each has what the other has, written once or more often."""
    given, wanted = list(dict.fromkeys(answer)), list(dict.fromkeys(reference))
    if max(len(given), len(wanted)) > MAX_ITEMS:
        return Decision(False, f"there are more than {MAX_ITEMS} items")
    given, wanted = _distinct(given, rules), _distinct(wanted, rules)
    if len(given) != len(wanted):
        return Decision(False, f"{_count(given)} given where {_count(wanted)} would be right")
    return _all(_find(item, given, rules) for item in wanted)


def _distinct(nodes: list[Node], rules: Rules) -> list[Node]:
    kept: list[Node] = []
    loose = rules._replace(restatement=True)
    for node in nodes:
        if not _find(node, kept, loose).equal:
            kept.append(node)
    return kept


def _find(wanted: Node, among: Sequence[Node], rules: Rules) -> Decision:
    """Equal where one of the nodes is, undecided where one might be."""
    best = _MISSING
    for node in among:
        if (node[0] == "set") != (wanted[0] == "set"):
            continue
        decision = compare(node, wanted, rules)
        if decision.equal:
            return decision
        best = decision if decision.equal is None else best
    return best


def _ordered(answer: Node, reference: Node, rules: Rules) -> Decision:
    return _in_order(entries(answer), entries(reference), rules)


def _in_order(answer: Sequence[Node], reference: Sequence[Node], rules: Rules) -> Decision:
    if len(answer) != len(reference):
        return Decision(False, f"{_count(answer)} given where {_count(reference)} would be right")
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
    if _has_ends_left_to_do(answer, reference, rules):
        return _LEFT_TO_DO
    same = regions.same(answer, reference)
    if same is None and len(answer[1]) == len(reference[1]) == 1 and is_inequality(answer) and is_inequality(reference):
        same = _same_half(answer, reference)
    if same is None and answer[1] == reference[1]:
        return _in_order(answer[2], reference[2], rules)
    return _decision(same is True, "the inequalities differ")


def _same_half(answer: Node, reference: Node) -> bool | None:
    """Whether two inequalities in several variables are one up to a factor, negative where the signs are opposite."""
    if any(side[0] not in SCALARS for node in (answer, reference) for side in node[2]):
        return None
    scale = numeric.scale_of(equations.difference(answer), equations.difference(reference))
    if scale is None:
        return None
    direction, wanted = answer[1][0], reference[1][0]
    return scale != 0 and (direction if scale > 0 else regions.FLIPPED[direction]) == wanted


def _equations(answer: Node, reference: Node, rules: Rules) -> Decision:
    """Equal up to a constant factor; `x = ...` for the same x, and definitions of a function, by their right sides."""
    if answer[2][0] == reference[2][0] and answer[2][0][0] == "sym":
        return compare(answer[2][1], reference[2][1], rules)
    defined = equations.functions(answer, reference)
    if defined is not None:
        return compare(*defined, rules)
    if not symbols(answer) or symbols(answer) != symbols(reference):
        return Decision(False, "they speak of different variables")
    if any(side[0] not in SCALARS for node in (answer, reference) for side in node[2]):
        return _in_order(answer[2], reference[2], rules)
    return _decision(equations.same_up_to_a_factor(answer, reference) is True, "the equations differ")


def _congruences(answer: Node, reference: Node, rules: Rules) -> Decision:
    """`x = 2 (mod 7)`: residues of one modulus, of the same left side where both have one; or the value of one."""
    given, wanted = _residue(answer), _residue(reference)
    if wanted[0] != "residue" or given[0] != "residue":
        named = given[0] == "residue" and wanted[0] != "residue"
        return _scalar(given[1], wanted, rules) if named else Decision(False, "the modulus is missing")
    if answer[0] == reference[0] == "congruence" and not compare(answer[1], reference[1], rules).equal:
        return Decision(False, "they speak of different variables")
    if exact.decide(given[2], wanted[2]) is not True:
        return Decision(False, "the moduli differ")
    quotient = exact.rational(("div", ("add", (given[1], ("neg", wanted[1]))), wanted[2]))
    if quotient is None:
        return _scalar(given[1], wanted[1], rules)
    return _decision(quotient.denominator == 1, "the residues differ")


def _residue(node: Node) -> Node:
    """A congruence, `2 mod 7` or a residue as the last."""
    if node[0] == "congruence":
        return ("residue", *node[2:])
    return ("residue", *node[2]) if node[:2] == ("call", "mod") else node


def _families(answer: Node, reference: Node, rules: Rules) -> Decision:
    """Values for every integer, up to the name and shifts of the index."""
    whole, wanted = (answer, reference) if reference[0] == "family" else (reference, answer)
    other = families.as_family(whole, wanted)
    if other is None or other[3] != wanted[3]:
        return Decision(False, "one of them is no family of values")
    given, expected = (other, wanted) if reference[0] == "family" else (wanted, other)
    same = families.same_progressions(given, expected)
    if same is None:
        return _same_members(families.renamed(given), families.renamed(expected), rules)
    return _decision(same, "the families differ")


def _cases(answer: Node, reference: Node, rules: Rules) -> Decision:
    """Values with the same conditions, in any order."""
    given, wanted = _with_conditions(answer), _with_conditions(reference)
    return _same_members(given, wanted, rules)


def _with_conditions(node: Node) -> list[Node]:
    """Each case as a pair; `otherwise` is where none of the other conditions holds."""
    rows = [row for row in node[1] if row[1][0] != "text"]
    rest: Node = ("const", "real")
    for _, condition in rows:
        rest = ("difference", rest, condition)
    return [("tuple", row if row[1][0] != "text" else (row[0], rest)) for row in node[1]]


def _vector(answer: Node, reference: Node, rules: Rules) -> Decision:
    """2i - 3j against a tuple, a column or a row."""
    whole, other = (answer, reference) if vectors.is_vector(answer) else (reference, answer)
    size = len(children(other))
    written = vectors.components(whole, size) if size in {2, 3} else None
    if written is None:
        return Decision(False, "the vectors are of different spaces")
    pair = (written, other) if whole is answer else (other, written)
    return _in_order(children(pair[0]), children(pair[1]), rules)


def _domains(answer: Node, reference: Node, _rules: Rules) -> Decision:
    return _decision(answer == reference, "they are different sets of numbers")


def _alike(answer: Node, reference: Node, rules: Rules) -> Decision:
    """Structures of one kind, part by part."""
    return _in_order(children(answer), children(reference), rules)


def _regions(answer: Node, reference: Node, rules: Rules) -> Decision:
    if _has_ends_left_to_do(answer, reference, rules):
        return _LEFT_TO_DO
    same = regions.same(answer, reference)
    if same is None and answer[0] == reference[0] == "interval":
        ends = _in_order(answer[1:3], reference[1:3], rules)
        return ends if answer[3:] == reference[3:] else Decision(False, "the brackets differ")
    if same is None and answer[0] == reference[0] and answer[0] in _SET_OPERATIONS:
        return _alike(answer, reference, rules)
    return _decision(same is True, "the regions differ")


def _has_ends_left_to_do(answer: Node, reference: Node, rules: Rules) -> bool:
    """An end is left to be worked out where all those of the reference are numbers."""
    wanted = _numbers(reference)
    return (
        not rules.restatement
        and all(is_literal(end) or end[0] == "const" for end in wanted)
        and any(unfinished(end, ("num", 0)) for end in _numbers(answer) if end[0] != "const")
    )


def _numbers(node: Node) -> list[Node]:
    """The closed scalars that stand for themselves in a region."""
    if node[0] in SCALARS:
        return [] if symbols(node) else [node[1] if node[0] == "neg" else node]
    return [number for child in children(node) for number in _numbers(child)]


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
    ("cases", "cases"): _cases,
    ("builder", "builder"): _alike,
}
_SET_OPERATIONS: Final = frozenset({"union", "intersection", "difference"})
_RESIDUES: Final = frozenset({"congruence", "residue"})
_NOTHING: Final[Node] = ("const", "empty")
_DOMAINS: Final = frozenset(("const", name) for name in DOMAINS)
_VECTORS: Final = frozenset({"tuple", "matrix"})
_INTERVALS: Final = frozenset({"interval", "union", "intersection", "difference"})
_REGIONS: Final = _INTERVALS | {"rel", "list", "tuple", "set", "const"}
_MEMBERS: Final = SCALARS | {"set", "list", "pm", "congruence", "residue"}


def _rule_for(answer: Node, reference: Node) -> Rule | None:
    """The rule by which the two are compared; None where they are of kinds that are never equal."""
    kinds = (answer[0], reference[0])
    if SCALARS.issuperset(kinds):
        return _rule_for_scalars(answer, reference)
    if "family" in kinds:
        return _families
    if _is_for_systems(answer, reference):
        return _systems
    if kinds in _BY_KINDS:
        return _BY_KINDS[kinds]
    if vectors.is_vector(answer) or vectors.is_vector(reference):
        return _vector if _VECTORS.intersection(kinds) else None
    return _rule_for_sets(answer, reference)


def _is_for_systems(answer: Node, reference: Node) -> bool:
    """Named values on one side; on both, if both are single equations."""
    given, wanted = assignments(answer), assignments(reference)
    return bool(given and wanted) if answer[0] == reference[0] == "rel" else bool(given or wanted)


def _rule_for_scalars(answer: Node, reference: Node) -> Rule:
    if contains(answer, "pm") or contains(reference, "pm"):
        return _members
    return _domains if answer in _DOMAINS or reference in _DOMAINS else _scalars


def _rule_for_sets(answer: Node, reference: Node) -> Rule | None:
    kinds = (answer[0], reference[0])
    if _is_region(answer) or _is_region(reference):
        return _regions if _REGIONS.issuperset(kinds) else None
    if "tuple" in kinds:
        return _ordered if _is_ordered(answer) and _is_ordered(reference) else None
    if not _RESIDUES.isdisjoint(kinds) and all(
        node[0] in _RESIDUES or node[0] in SCALARS for node in (answer, reference)
    ):
        return _members if contains(answer, "pm") or contains(reference, "pm") else _congruences
    if _MEMBERS.issuperset(kinds):
        return _members
    return _ratio_value if "ratio" in kinds and not SCALARS.isdisjoint(kinds) else None


def _is_ordered(node: Node) -> bool:
    """A tuple, or a list that may stand for one; `x = 1 or x = 2` may not."""
    return node[0] == "tuple" or is_system(node) or (node[0] == "list" and all(item[0] != "rel" for item in node[1]))


def _is_region(node: Node) -> bool:
    if node[0] == "list":
        return all(map(is_condition, node[1])) and any(map(is_inequality, node[1]))
    return is_inequality(node) or node[0] in _INTERVALS or node == ("const", "real")


# Decimals


def _by_digits(answer: Node, reference: Node) -> Decision | None:
    """The rules for decimals that are not exactly equal; None where no decimal decides."""
    given, wanted = decimals.written(answer), decimals.written(reference)
    if wanted is not None and wanted.is_rounded:
        if given is not None and given.places < wanted.places:
            return Decision(False, f"the reference has {wanted.shown} decimal places")
        longer = given is None or given.places > wanted.places
        if decimals.rounds_to(answer, wanted) or (longer and decimals.is_cut_to(answer, wanted)):
            return Decision(True, "it has the digits of the reference")
    if given is None or wanted is not None or not decimals.rounds_to(reference, given):
        return None
    if given.digits >= decimals.ROUND_TRIP_DIGITS:
        return Decision(True, "the decimal rounds to the reference")
    large = abs(given.value) > sys.float_info.max
    shown = "given" if large else f"{float(given.value):.{given.digits}g}"
    return Decision(False, f"the decimal {shown} does not round-trip (needs {decimals.ROUND_TRIP_DIGITS} digits)")


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
