"""`math_partial(reply, reference)`: how much of a collection an answer has right, for partial credit.

The share is Jaccard's: right members over all members of the two together. So it is symmetric: a member too many costs
what a member too few costs, and listing every candidate gains next to nothing. Members are compared as the verifier
compares answers, short of SymPy; those of tuples and matrices count in their places.

What this deliberately does not do: it finds no credit in a single value, an interval or an equation, which are right or
wrong; nor where every member is right and `math`, which alone decides, says wrong for another reason.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple, Unpack

from llm_envs.verifiers.math.budget import one_check
from llm_envs.verifiers.math.compare import MAX_ITEMS, compare
from llm_envs.verifiers.math.exact import Undefined
from llm_envs.verifiers.math.extract import extract
from llm_envs.verifiers.math.forms import is_literal, unfinished
from llm_envs.verifiers.math.judge import read_answer
from llm_envs.verifiers.math.members import entries, is_system, items
from llm_envs.verifiers.math.normalise import normalise
from llm_envs.verifiers.math.parser import MAX_CHARS, Unreadable
from llm_envs.verifiers.math.quantities import Mismatch, Quantity, converted
from llm_envs.verifiers.math.reference import read_reference
from llm_envs.verifiers.math.rules import MathOptions, Rules, make_rules
from llm_envs.verifiers.math.structures import is_inequality
from llm_envs.verifiers.math.trees import Node
from llm_envs.verifiers.math.verify import math

__all__ = ["math_partial"]


class _Member(NamedTuple):
    """A value and, where order counts, its place."""

    place: Hashable
    value: Node


def math_partial(reply: str, reference: Any, **options: Unpack[MathOptions]) -> float:
    """The share of a set, list, tuple or matrix that `reply` has right, in [0, 1]; 0 for any other reference.

    Args:
        reply: what the policy wrote.
        reference: as `verifiers.math` takes it.
        options: as `verifiers.math` takes them.

    Raises:
        BadReference: the reference cannot be read.
        BadOption: an option is none of those named.
    """
    rules = make_rules(options)
    wanted = read_reference(reference)
    if wanted.node is None:
        return 0.0
    texts = [normalise(text) for text in extract(reply, wanted.size).items if len(text) <= MAX_CHARS]
    try:
        with one_check():
            share = _share(_read(texts, Quantity(wanted.node, wanted.unit), rules), wanted.node, rules)
    except (Unreadable, Undefined, Mismatch):
        return 0.0
    return share if share < 1.0 or math(reply, wanted, **options).correct else 0.0


def _read(texts: list[str], wanted: Quantity, rules: Rules) -> Node:
    """The answer in the reference's unit.

    Raises:
        Unreadable: there is none, or it is no mathematics.
        Mismatch: it has another unit, or lacks one that is required.
    """
    if not texts or not all(texts):
        raise Unreadable("it is empty")
    answer = read_answer(texts, wanted.node)
    if rules.units == "required" and wanted.unit is not None and answer.unit is None:
        raise Mismatch("the unit is missing")
    return answer.node if rules.units == "ignored" else converted(answer, wanted)


def _share(answer: Node, reference: Node, rules: Rules) -> float:
    wanted = _distinct(_members(reference, reference, rules), rules)
    given = _members(answer, reference, rules)
    both = sum(any(_right(one, other, rules) for one in given) for other in wanted)
    return both / (len(wanted) + len(_distinct(given, rules)) - both) if both else 0.0


def _members(node: Node, reference: Node, rules: Rules) -> list[_Member]:
    """What the answer or the reference consists of, where the reference is a collection; at most `MAX_ITEMS`."""
    kind = reference[0]
    if kind == "matrix":
        rows = node[1] if node[0] == "matrix" else ()
        members = [_Member((i, j), value) for i, row in enumerate(rows) for j, value in enumerate(row)]
    elif kind == "tuple" or is_system(reference) or (rules.order and kind in {"set", "list"}):
        members = [_Member(place, value) for place, value in _places(node, reference)]
    elif kind in {"set", "list"} and not any(map(is_inequality, reference[1])):
        members = [_Member(None, value) for value in items(node)]
    else:
        members = []
    return members if len(members) <= MAX_ITEMS else []


def _places(node: Node, reference: Node) -> list[tuple[Hashable, Node]]:
    """The numbered entries of what stands for a tuple: a list, or a system of equations in the order of its names."""
    if is_system(node) and is_system(reference) and _names(node) != _names(reference):
        return []
    solutions = node[0] == "list" and not is_system(node) and any(entry[0] == "rel" for entry in node[1])
    stands_for_one = node[0] in {"tuple", "list", reference[0]} and not solutions
    return list(enumerate(entries(node))) if stands_for_one else []


def _names(system: Node) -> set[Node]:
    return {equation[2][0] for equation in system[1]}


def _distinct(members: list[_Member], rules: Rules) -> list[_Member]:
    kept: list[_Member] = []
    loose = rules._replace(restatement=True)
    for member in members:
        if not any(_same(member, other, loose) for other in kept):
            kept.append(member)
    return kept


def _same(one: _Member, other: _Member, rules: Rules) -> bool:
    comparable = one.place == other.place and (one.value[0] == "set") == (other.value[0] == "set")
    return comparable and compare(one.value, other.value, rules).equal is True


def _right(one: _Member, wanted: _Member, rules: Rules) -> bool:
    """Equal, and worked out where the reference is."""
    left_to_do = is_literal(wanted.value) and unfinished(one.value, wanted.value) and not rules.restatement
    return not left_to_do and _same(one, wanted, rules)
