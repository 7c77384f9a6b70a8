"""Sets of real numbers: intervals, their unions and intersections, and inequalities in one variable.

A region is a sorted tuple of disjoint pieces whose ends are Fractions (an irrational end is one of 50 digits) or
infinite. What cannot be brought to that form
(symbolic ends, inequalities that are not linear) is None: undecided, not unequal.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, NamedTuple

import mpmath  # type: ignore[import-untyped]

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.trees import Node, symbols

__all__ = ["FLIPPED", "same"]

End = Fraction | float
"""A Fraction, or a float that is infinite."""

_CLOSE: Final = Fraction(1, 10**40)
_APPROXIMATE: Final = 1 << 64
"""A denominator that no written fraction has: such an end came from an irrational number."""
_INFINITY: Final[Node] = ("const", "inf")
_MINUS_INFINITY: Final[Node] = ("neg", _INFINITY)
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
    first, second = _region(left), _region(right)
    if first is None or second is None:
        return None
    first, second = _tidy(first), _tidy(second)
    return len(first) == len(second) and all(map(_same_piece, first, second))


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
    return (
        math.copysign(math.inf, number) if mpmath.isinf(number) else Fraction(*mpmath.libmp.to_rational(number._mpf_))
    )


def _open_interval(node: Node) -> Region | None:
    return _interval(("interval", *node[1], False, False)) if len(node[1]) == 2 else None


def _points(node: Node) -> Region | None:
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


def _either(node: Node) -> Region | None:
    """A list of inequalities: `x < 1 or x > 2`."""
    regions = [_region(member) if member[0] == "rel" else None for member in node[1]]
    return None if None in regions else tuple(piece for region in regions for piece in region or ())


def _relation(node: Node) -> Region | None:
    operators, sides = node[1], node[2]
    if operators == ("in",):
        return _region(sides[1])
    if "=" in operators or "~" in operators or "in" in operators:
        return None
    region: Region = _ALL
    for operator, left, right in zip(operators, sides, sides[1:], strict=False):
        if operator == "<" and (left == _MINUS_INFINITY or right == _INFINITY):
            continue
        step = _inequality(operator, left, right)
        if step is None:
            return None
        region = _intersection(region, step)
    return region


def _inequality(operator: str, left: Node, right: Node) -> Region | None:
    """A linear inequality in one variable, solved."""
    line = _line(left, right)
    if line is None:
        return None
    slope, offset = line
    end = -offset / slope
    if slope < 0:
        operator = FLIPPED[operator]
    if operator == "!=":
        return (_Piece(-math.inf, end, False, False), _Piece(end, math.inf, False, False))
    if operator[0] == "<":
        return (_Piece(-math.inf, end, False, operator == "<="),)
    return (_Piece(end, math.inf, operator == ">=", False),)


def _line(left: Node, right: Node) -> tuple[Fraction, Fraction] | None:
    """Slope and offset of `left - right` where that is linear in its one symbol."""
    names = symbols(left) | symbols(right)
    if len(names) != 1:
        return None
    (name,) = names
    values = [_at(left, right, name, place) for place in (0, 1, 2, 5)]
    finite = [value for value in values if isinstance(value, Fraction)]
    if len(finite) < len(values):
        return None
    offset, one, two, five = finite
    slope = one - offset
    straight = _close(two, offset + 2 * slope) and _close(five, offset + 5 * slope)
    return (slope, offset) if straight and slope != 0 else None


def _at(left: Node, right: Node, name: str, place: int) -> End | None:
    return _end(_replaced(("add", (left, ("neg", right))), name, ("num", place)))


def _replaced(node: Any, name: str, value: Node) -> Any:
    if node == ("sym", name):
        return value
    return tuple(_replaced(part, name, value) if isinstance(part, tuple) else part for part in node)


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
    return tuple(_overlap(a, b) for a in left for b in right)


def _overlap(left: _Piece, right: _Piece) -> _Piece:
    low, low_open = max((left.low, not left.low_closed), (right.low, not right.low_closed))
    high, high_closed = min((left.high, left.high_closed), (right.high, right.high_closed))
    return _Piece(low, high, not low_open, high_closed)


def _without(left: Region, right: Region) -> Region:
    for piece in right:
        before = _Piece(-math.inf, piece.low, False, not piece.low_closed)
        after = _Piece(piece.high, math.inf, not piece.high_closed, False)
        left = tuple(part for part in _intersection(left, (before, after)) if _inhabited(part))
    return left


_READ: Final[dict[str, Callable[[Node], Region | None]]] = {
    "interval": _interval,
    "tuple": _open_interval,
    "set": _points,
    "const": _constant,
    "union": _combined(_union),
    "intersection": _combined(_intersection),
    "difference": _combined(_without),
    "rel": _relation,
    "list": _either,
}
