"""Sets of real numbers: intervals, their unions and intersections, and inequalities in one variable.

A region is a sorted tuple of disjoint pieces whose ends are Fractions (an irrational end is one of 50 digits) or
infinite. Inequalities are solved where both sides are linear, or quotients of polynomials, absolute values among them.
What cannot be brought to that form (symbolic ends, other inequalities) is None: undecided, not unequal.
"""

from __future__ import annotations

import functools
import itertools
import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Final, NamedTuple

import mpmath  # type: ignore[import-untyped]

from llm_envs.verifiers.math import exact, numeric, polynomials
from llm_envs.verifiers.math.members import items
from llm_envs.verifiers.math.polynomials import Polynomial
from llm_envs.verifiers.math.trees import SCALARS, VALUES, Node, children, contains, replaced, symbols

__all__ = ["FLIPPED", "same"]

End = Fraction | float
"""A Fraction, or a float that is infinite."""

MAX_RELATIONS: Final = 8
"""Inequalities that are solved; each may take some milliseconds."""
MAX_LISTED: Final = 40
"""Conditions in a list; each may cut a region in two."""
MAX_ABSOLUTES: Final = 2
"""Absolute values in an inequality; each doubles the cases."""
MAX_POINTS: Final = 100
"""Members of a set, and whole numbers of a bounded region."""
_CLOSE: Final = Fraction(1, 10**40)
_APPROXIMATE: Final = 1 << 64
"""A denominator that no written fraction has: such an end came from an irrational number."""
_INFINITY: Final[Node] = ("const", "inf")
_MINUS_INFINITY: Final[Node] = ("neg", _INFINITY)
_FIRST: Final = {"integer": -math.inf, "natural": 1}
_COMPARES: Final[dict[str, Callable[[int, int], bool]]] = {
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge, "!=": operator.ne,
}  # fmt: skip
FLIPPED: Final = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "!=": "!="}


class _Piece(NamedTuple):
    """The reals from `low` to `high`, with or without each end."""

    low: End
    high: End
    low_closed: bool
    high_closed: bool


Region = tuple[_Piece, ...]
_ALL: Final[Region] = (_Piece(-math.inf, math.inf, False, False),)


def same(left: Node, right: Node) -> bool | None:
    """Whether two nodes are the same set of real numbers; None where one cannot be read as such."""
    if _relations(left) + _relations(right) > MAX_RELATIONS:
        return None
    first, second = _region(left), _region(right)
    if first is None or second is None:
        return None
    first, second = _tidy(first), _tidy(second)
    return len(first) == len(second) and all(map(_same_piece, first, second))


def _relations(node: Node) -> int:
    """Inequalities in a tree."""
    own = len(node[1]) if node[0] == "rel" else 0
    return own + sum(map(_relations, children(node)))


def _same_piece(left: _Piece, right: _Piece) -> bool:
    return _close(left.low, right.low) and _close(left.high, right.high) and left[2:] == right[2:]


def _close(left: End, right: End) -> bool:
    if left == right:
        return True
    if isinstance(left, float) or isinstance(right, float) or max(left.denominator, right.denominator) < _APPROXIMATE:
        return False
    return abs(left - right) <= _CLOSE * (1 + abs(left))


def _region(node: Node) -> Region | None:
    read = _READ.get(node[0])
    return read(node) if read is not None else None


def _interval(node: Node) -> Region | None:
    low, high = _end(node[1]), _end(node[2])
    return None if low is None or high is None else (_Piece(low, high, node[3], node[4]),)


def _end(node: Node) -> End | None:
    """The value of an end; None where it has symbols."""
    value = exact.rational(node)
    if value is not None:
        return Fraction(value)
    number = numeric.real_value(node)
    if number is None or mpmath.isnan(number):
        return None
    return math.copysign(math.inf, number) if mpmath.isinf(number) else numeric.fraction(number)


def _open_interval(node: Node) -> Region | None:
    return _interval(("interval", *node[1], False, False)) if len(node[1]) == 2 else None


def _points(node: Node) -> Region | None:
    if len(node[1]) > MAX_POINTS:
        return None
    ends = [_end(member) for member in node[1]]
    points = tuple(_Piece(end, end, True, True) for end in ends if end is not None)
    return points if len(points) == len(ends) else None


def _constant(node: Node) -> Region | None:
    return {"empty": (), "real": _ALL}.get(node[1])


def _combined(combine: Callable[[Region, Region], Region]) -> Callable[[Node], Region | None]:
    def read(node: Node) -> Region | None:
        left, right = _region(node[1]), _region(node[2])
        return None if left is None or right is None else combine(left, right)

    return read


def _listed(node: Node) -> Region | None:
    """Inequalities between commas: `x < 1, x > 2` is either, `x > 0, x != 1` both, `x != 1, 2` both as well."""
    if len(node[1]) > MAX_LISTED:
        return None
    first, *others = node[1]
    if first[0] == "rel" and first[1] == ("!=",) and all(other[0] in VALUES for other in others):
        others = [("rel", ("!=",), (first[2][0], other)) for other in others]
    regions = [_region(member) if member[0] == "rel" else None for member in (first, *others)]
    known = [region for region in regions if region is not None]
    if len(known) < len(regions):
        return None
    either = tuple(piece for region in known for piece in region)
    return functools.reduce(_intersection, known) if _tidy(either) == _ALL or _excludes(node) else either


def _excludes(node: Node) -> bool:
    return all("!=" in member[1] for member in node[1] if member[0] == "rel")


def _relation(node: Node) -> Region | None:
    operators, sides = node[1], node[2]
    if operators == ("in",):
        return _region(sides[1])
    if operators == ("=",) and sides[0][0] == "sym":
        return _points(("set", (sides[1],)))
    if not FLIPPED.keys() >= set(operators):
        return None
    if operators == ("!=",) and contains(node, "pm"):
        return functools.reduce(_both, map(_relation, items(node)))
    region: Region | None = _ALL
    for relation, left, right in zip(operators, sides, sides[1:], strict=False):
        if relation == "<" and (left == _MINUS_INFINITY or right == _INFINITY):
            continue
        region = _both(region, _inequality(relation, left, right))
    return region


def _both(left: Region | None, right: Region | None) -> Region | None:
    return None if left is None or right is None else _intersection(left, right)


def _whole_numbers(region: Region, first: float) -> Region | None:
    """The whole numbers of a bounded region, from `first` on."""
    points: list[_Piece] = []
    for piece in _tidy(_intersection(region, (_Piece(first, math.inf, True, False),))):
        if math.isinf(piece.low) or math.isinf(piece.high) or piece.high - piece.low > MAX_POINTS:
            return None
        numbers = range(math.ceil(piece.low), math.floor(piece.high) + 1)
        inside = (n for n in numbers if (n > piece.low or piece.low_closed) and (n < piece.high or piece.high_closed))
        points += (_Piece(Fraction(n), Fraction(n), True, True) for n in inside)
    return tuple(points)


def _intersected(node: Node) -> Region | None:
    for domain, other in (node[1:], node[:0:-1]):
        if domain[0] == "const" and domain[1] in _FIRST:
            region = _region(other)
            return None if region is None else _whole_numbers(region, _FIRST[domain[1]])
    return _both(_region(node[1]), _region(node[2]))


# Inequalities


def _inequality(relation: str, left: Node, right: Node) -> Region | None:
    """An inequality in one variable, solved."""
    names = symbols(left) | symbols(right)
    if len(names) != 1 or left[0] not in SCALARS or right[0] not in SCALARS:
        return None
    (name,) = names
    return _solved(relation, ("add", (left, ("neg", right))), name, MAX_ABSOLUTES)


def _solved(relation: str, node: Node, name: str, absolutes: int) -> Region | None:
    """Where `node` compares with 0 as the relation says."""
    absolute = _absolute(node)
    if absolute is not None:
        return _by_sign(relation, node, absolute, name, absolutes - 1) if absolutes else None
    quotient = polynomials.quotient(node, name)
    if quotient is not None:
        return _by_roots(relation, *quotient)
    line = _line(node, name)
    return _half(relation, *line) if line is not None else None


def _absolute(node: Node) -> Node | None:
    """An absolute value of something variable."""
    if node[:2] == ("call", "abs") and symbols(node):
        return node
    return next((found for found in map(_absolute, children(node)) if found is not None), None)


def _by_sign(relation: str, node: Node, absolute: Node, name: str, absolutes: int) -> Region | None:
    """Solved where what stands in the bars is positive and where it is negative."""
    inner = absolute[2][0]
    cases = ((">=", inner), ("<", ("neg", inner)))
    parts = [
        _both(
            _solved(sign, inner, name, absolutes), _solved(relation, replaced(node, absolute, plain), name, absolutes)
        )
        for sign, plain in cases
    ]
    return None if None in parts else tuple(piece for part in parts for piece in part or ())


def _by_roots(relation: str, above: Polynomial, below: Polynomial) -> Region | None:
    """Where a quotient of polynomials has the sign wanted: from root to root of either."""
    zeros, poles = polynomials.real_roots(above), polynomials.real_roots(below)
    if zeros is None or poles is None:
        return None
    places = sorted({*zeros, *poles})
    limits: list[End] = [-math.inf, *places, math.inf]
    region = [
        _Piece(low, high, False, False)
        for low, high in itertools.pairwise(limits)
        if _holds(relation, _sign(above, _between(low, high)) * _sign(below, _between(low, high)))
    ]
    if _holds(relation, 0):
        region += [_Piece(zero, zero, True, True) for zero in zeros if not any(_close(zero, pole) for pole in poles)]
    return tuple(region)


def _between(low: End, high: End) -> Fraction:
    if isinstance(low, Fraction):
        return (low + high) / 2 if isinstance(high, Fraction) else low + 1
    return high - 1 if isinstance(high, Fraction) else Fraction(0)


def _sign(polynomial: Polynomial, place: Fraction) -> int:
    value = polynomials.value(polynomial, place)
    return (value > 0) - (value < 0)


def _holds(relation: str, sign: int) -> bool:
    return _COMPARES[relation](sign, 0)


def _half(sign: str, slope: Fraction, offset: Fraction) -> Region:
    """A linear inequality, solved."""
    end = -offset / slope
    if slope < 0:
        sign = FLIPPED[sign]
    if sign == "!=":
        return (_Piece(-math.inf, end, False, False), _Piece(end, math.inf, False, False))
    if sign[0] == "<":
        return (_Piece(-math.inf, end, False, sign == "<="),)
    return (_Piece(end, math.inf, sign == ">=", False),)


def _line(node: Node, name: str) -> tuple[Fraction, Fraction] | None:
    """Slope and offset of a tree that is linear in its one symbol."""
    values = [_at(node, name, place) for place in (0, 1, 2, 5)]
    finite = [value for value in values if isinstance(value, Fraction)]
    if len(finite) < len(values):
        return None
    offset, one, two, five = finite
    slope = one - offset
    straight = _close(two, offset + 2 * slope) and _close(five, offset + 5 * slope)
    return (slope, offset) if straight and slope != 0 else None


def _at(node: Node, name: str, place: int) -> End | None:
    try:
        return _end(replaced(node, ("sym", name), ("num", place)))
    except exact.Undefined:
        return None


# The algebra of pieces


def _tidy(region: Region) -> Region:
    """Sorted, without empty pieces, neighbours joined."""
    pieces = sorted(
        (piece for piece in region if _inhabited(piece)), key=lambda piece: (piece.low, not piece.low_closed)
    )
    tidy: list[_Piece] = []
    for piece in pieces:
        if tidy and _touch(tidy[-1], piece):
            tidy[-1] = _hull(tidy[-1], piece)
        else:
            tidy.append(piece)
    return tuple(tidy)


def _inhabited(piece: _Piece) -> bool:
    return bool(piece.low < piece.high or (piece.low == piece.high and piece.low_closed and piece.high_closed))


def _touch(left: _Piece, right: _Piece) -> bool:
    return bool(right.low < left.high or (right.low == left.high and (right.low_closed or left.high_closed)))


def _hull(left: _Piece, right: _Piece) -> _Piece:
    high, closed = max((left.high, left.high_closed), (right.high, right.high_closed))
    return _Piece(left.low, high, left.low_closed, closed)


def _union(left: Region, right: Region) -> Region:
    return left + right


def _intersection(left: Region, right: Region) -> Region:
    return _tidy(tuple(_overlap(a, b) for a in left for b in right))


def _overlap(left: _Piece, right: _Piece) -> _Piece:
    low, low_open = max((left.low, not left.low_closed), (right.low, not right.low_closed))
    high, high_closed = min((left.high, left.high_closed), (right.high, right.high_closed))
    return _Piece(low, high, not low_open, high_closed)


def _without(left: Region, right: Region) -> Region:
    for piece in right:
        before = _Piece(-math.inf, piece.low, False, not piece.low_closed)
        after = _Piece(piece.high, math.inf, not piece.high_closed, False)
        left = _intersection(left, (before, after))
    return left


_READ: Final[dict[str, Callable[[Node], Region | None]]] = {
    "interval": _interval,
    "tuple": _open_interval,
    "set": _points,
    "const": _constant,
    "union": _combined(_union),
    "intersection": _intersected,
    "difference": _combined(_without),
    "rel": _relation,
    "list": _listed,
}
