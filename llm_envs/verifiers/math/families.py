"""Families of values, one for every integer: general solutions such as pi/4 + k pi.

A family whose members are linear in its one index is a union of arithmetic progressions; two such unions are equal
where they have the same residues modulo a common step, so the name of the index and shifts of it do not matter, nor
does (-1)^k. Values are real numbers of 50 digits. All other families are equal where their members are, up to the name
of the index.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import mpmath  # type: ignore[import-untyped]

from llm_envs.verifiers.math import numeric
from llm_envs.verifiers.math.members import items
from llm_envs.verifiers.math.trees import Node, children, replaced, symbols

__all__ = ["as_family", "renamed", "same_progressions", "with_one_index"]

INDICES: Final = frozenset("klmn")
"""Names that an index has where nothing says that it is one."""
MAX_RESIDUES: Final = 200
MAX_DENOMINATOR: Final = 360
"""Of the ratio of two steps."""
_CLOSE: Final = mpmath.mpf("1e-40")
_PLACES: Final = (1, 2, 5, -3, 40)
"""Where a member must lie on its line."""


class _Progression(NamedTuple):
    """`offset + k step` for all integers k; the step is positive."""

    offset: Any
    step: Any


def as_family(node: Node, other: Node) -> Node | None:
    """`node` as a family, where `other` is one: with its index, or with a name that is used for indices."""
    if node[0] == "family":
        return node
    members = items(node)
    names = frozenset().union(*map(symbols, members))
    index = names & other[2] or names & INDICES
    return ("family", tuple(members), index, other[3]) if len(index) == len(other[2]) else None


def with_one_index(node: Node, other: Node) -> Node:
    """`node` with the index of `other`, where both are general solutions of angles without a word on their index."""
    ours, theirs = _angle_index(node), _angle_index(other)
    return replaced(node, ("sym", ours), ("sym", theirs)) if ours and theirs else node


def _angle_index(node: Node) -> str:
    names = frozenset().union(*map(symbols, items(node)))
    if len(names) != 1 or not names <= INDICES or not _contains_pi(node):
        return ""
    (name,) = names
    return name if all(_is_angle(functools.partial(_value, member, name)) for member in items(node)) else ""


def _is_angle(value: Callable[[int], Any]) -> bool:
    """Progressions in steps of a plain share of pi: `pi/4 + k pi`, but not `9 (k + pi)`, which is a product."""
    progressions = _of_member(value)
    with numeric.precision(numeric.DIGITS[0]):
        return bool(progressions) and all(_ratio(one.step, mpmath.pi) for one in progressions)


def _contains_pi(node: Node) -> bool:
    return node == ("const", "pi") or any(map(_contains_pi, children(node)))


def renamed(family: Node) -> list[Node]:
    """The members with indices of one way of writing."""
    members = items(("list", family[1]))
    for place, name in enumerate(sorted(family[2])):
        members = [replaced(member, ("sym", name), ("sym", f"index {place}")) for member in members]
    return members


def same_progressions(left: Node, right: Node) -> bool | None:
    """Whether two families over all integers are the same numbers; None where one is no union of progressions."""
    first, second = _progressions(left), _progressions(right)
    if not first or not second:
        return None
    with numeric.precision(numeric.DIGITS[0]):
        ratios = [_ratio(progression.step, first[0].step) for progression in first + second]
        if any(ratio is None for ratio in ratios):
            return False
        known = [ratio for ratio in ratios if ratio is not None]
        cycle = Fraction(math.lcm(*(r.numerator for r in known)), math.gcd(*(r.denominator for r in known)))
        if sum(cycle / ratio for ratio in known) > MAX_RESIDUES:
            return None
        step = first[0].step * cycle.numerator / cycle.denominator
        return _same_residues(_residues(first, step), _residues(second, step), step)


def _progressions(family: Node) -> list[_Progression]:
    """The progressions of a family of real numbers with one index; empty where it is none."""
    if len(family[2]) != 1 or family[3] != "integer":
        return []
    (name,) = family[2]
    found: list[_Progression] = []
    for member in items(("list", family[1])):
        progressions = _of_member(functools.partial(_value, member, name))
        if not progressions:
            return []
        found += progressions
    return found


def _value(member: Node, name: str, index: int) -> Any:
    return numeric.real_value(replaced(member, ("sym", name), ("num", index)))


def _of_member(value: Callable[[int], Any]) -> list[_Progression]:
    """One progression, or two where even and odd indices part."""
    whole = _line(value)
    if whole is not None:
        return [whole]
    parts = [_line(lambda k: value(2 * k)), _line(lambda k: value(2 * k + 1))]
    return [part for part in parts if part is not None] if None not in parts else []


def _line(value: Callable[[int], Any]) -> _Progression | None:
    start, *others = [value(k) for k in (0, *_PLACES)]
    if start is None or None in others or not all(map(mpmath.isfinite, [start, *others])):
        return None
    with numeric.precision(numeric.DIGITS[0]):
        step = others[0] - start
        straight = all(
            abs(start + k * step - other) <= _CLOSE * (1 + abs(other)) for k, other in zip(_PLACES, others, strict=True)
        )
        return _Progression(start, abs(step)) if straight and abs(step) > _CLOSE else None


def _ratio(step: Any, unit: Any) -> Fraction | None:
    """A quotient of steps as a plain fraction."""
    quotient = step / unit
    plain = numeric.fraction(quotient).limit_denominator(MAX_DENOMINATOR)
    return (
        plain if plain and abs(quotient * plain.denominator - plain.numerator) <= _CLOSE * plain.denominator else None
    )


def _residues(progressions: Sequence[_Progression], cycle: Any) -> list[Any]:
    """The members of all progressions from 0 up to `cycle`."""
    return [(offset + k * step) % cycle for offset, step in progressions for k in range(int(mpmath.nint(cycle / step)))]


def _same_residues(left: Sequence[Any], right: Sequence[Any], cycle: Any) -> bool:
    return _covers(left, right, cycle) and _covers(right, left, cycle)


def _covers(left: Sequence[Any], right: Sequence[Any], cycle: Any) -> bool:
    """Every member of `right` is one of `left`, around the cycle."""
    return all(any(_distance(a - b, cycle) <= _CLOSE * cycle for a in left) for b in right)


def _distance(difference: Any, cycle: Any) -> Any:
    return min(abs(difference), cycle - abs(difference))
