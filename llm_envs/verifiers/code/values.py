"""Is this what the function was to return? Comparisons of plain values, for tests that call a function.

Plain are None, bool, int, float, complex, str, bytes, list, tuple, dict, set and frozenset, of exactly these types, and
nothing else; `llm_envs.sandbox.plain` makes such values of what comes out of a sandbox, so no method of a candidate's
classes is ever called here.

Types count: True is not 1, 1 is not 1.0, a tuple is no list. The order of dicts and sets does not. `nan` equals `nan`
where it is expected. `Rule` says where this is loosened.

Not covered: tolerance inside of sets, keys and lists in any order, whose items are found by value.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

__all__ = ["EXACT", "MAX_DEPTH", "PLAIN", "Rule", "depth_of", "same"]

MAX_DEPTH = 100
"""Of what is expected; no answer to a task is nested deeper, and recursion stays far from its limit."""

PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset})
_SETS = frozenset({set, frozenset})
_NUMBERS = frozenset({int, float})
_SEQUENCES = frozenset({list, tuple})


class Rule(NamedTuple):
    """How values are compared.

    Args:
        absolute, relative: how far off a number may be where a float is expected; by the larger of both, relative to
            the one expected. An int may then stand for a float.
        json: as JSON sees it: a tuple is a list, and a number is a number.
        unordered: the items of the outermost list or tuple may stand in any order.
    """

    absolute: float | None = None
    relative: float | None = None
    json: bool = False
    unordered: bool = False

    @property
    def is_near(self) -> bool:
        """Numbers are compared within a tolerance."""
        return self.absolute is not None or self.relative is not None


EXACT = Rule()


def same(value: Any, expected: Any, rule: Rule = EXACT) -> bool:
    """Whether `value` is `expected`, both plain, and `expected` nested no deeper than `MAX_DEPTH`."""
    if rule.unordered and type(expected) in _SEQUENCES:
        return _fits(value, expected, rule) and _same_items(value, expected, rule)
    return _same(value, expected, rule)


def depth_of(value: Any) -> int | None:
    """How deep a value is nested: 0 for a number; `MAX_DEPTH` + 1 for anything deeper. None where it is not plain."""
    level, depth = [value], 0
    while True:
        if not all(type(item) in PLAIN for item in level):
            return None
        level = [inner for item in level for inner in _inside(item)]
        if not level or depth > MAX_DEPTH:
            return depth
        depth += 1


def _inside(value: Any) -> Iterable[Any]:
    if type(value) is dict:
        return [*value.keys(), *value.values()]
    return value if type(value) in _SETS | _SEQUENCES else ()


def _same(value: Any, expected: Any, rule: Rule) -> bool:
    kind = type(expected)
    if kind in _NUMBERS:
        return _same_number(value, expected, rule)
    if not _fits(value, expected, rule):
        return False
    if kind in _SEQUENCES:
        return all(_same(item, want, rule) for item, want in zip(value, expected, strict=True))
    if kind is dict:
        return _same_entries(value, expected, rule)
    if kind in _SETS:
        return _same_items(value, expected, rule)
    return bool(value == expected) or _frozen(value, rule) == _frozen(expected, rule)


def _fits(value: Any, expected: Any, rule: Rule) -> bool:
    """Whether the types are the same and, where there are any, as many items."""
    kinds = type(value), type(expected)
    alike = kinds[0] is kinds[1] or (rule.json and _SEQUENCES.issuperset(kinds))
    return alike and (not hasattr(expected, "__len__") or len(value) == len(expected))


def _same_number(value: Any, expected: int | float, rule: Rule) -> bool:
    kind = type(expected)
    near = rule.is_near and kind is float
    if type(value) is not kind and not (type(value) in _NUMBERS and (near or rule.json)):
        return False
    if value == expected or (value != value and expected != expected):  # noqa: PLR0124 (nan alone differs from itself)
        return True
    return near and _is_near(value, expected, rule)


def _is_near(number: int | float, expected: float, rule: Rule) -> bool:
    with suppress(OverflowError):  # an int beyond all floats is near to none
        margin = max(rule.absolute or 0.0, (rule.relative or 0.0) * abs(expected))
        return math.isfinite(number) and math.isfinite(expected) and abs(number - expected) <= margin
    return False


def _same_entries(value: dict[Any, Any], expected: dict[Any, Any], rule: Rule) -> bool:
    wanted = {_frozen(key, rule): item for key, item in expected.items()}
    keys = [_frozen(key, rule) for key in value]
    return all(key in wanted for key in keys) and all(
        _same(item, wanted[key], rule) for key, item in zip(keys, value.values(), strict=True)
    )


def _same_items(value: Iterable[Any], expected: Iterable[Any], rule: Rule) -> bool:
    """Whether as many items are each as often in both.

    Keys of what is expected alone are ever kept, so that values made to collide cost nothing.
    """
    left = Counter(_frozen(item, rule) for item in expected)
    for item in value:
        key = _frozen(item, rule)
        if not left.get(key):
            return False
        left[key] -= 1
    return True


def _frozen(value: Any, rule: Rule, depth: int = 0) -> Any:
    """Something hashable that is equal for equal values of equal types alone; None beyond `MAX_DEPTH`."""
    kind = type(value)
    if depth > MAX_DEPTH:
        return None
    if kind is dict:
        entries = ((_frozen(key, rule, depth + 1), _frozen(item, rule, depth + 1)) for key, item in value.items())
        return dict, frozenset(entries)
    if kind in _SETS:
        return kind, frozenset(Counter(_frozen(item, rule, depth + 1) for item in value).items())
    if kind in _SEQUENCES:
        return list if rule.json else kind, tuple(_frozen(item, rule, depth + 1) for item in value)
    if rule.json and kind in _NUMBERS:
        kind = float
    return kind, value if value == value else repr(value)  # noqa: PLR0124 (nan alone differs from itself)
