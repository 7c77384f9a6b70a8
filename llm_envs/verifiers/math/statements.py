"""What equations say: the value that a chain of them ends in, the name it gives it, the solutions of a system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from llm_envs.verifiers.math import exact, numeric
from llm_envs.verifiers.math.forms import is_literal
from llm_envs.verifiers.math.trees import SCALARS, Node, children, symbols

__all__ = ["Assignments", "assignments", "is_label", "is_name", "roots", "stated", "unsolved"]

_ROUNDING: Final = Fraction(1, 20)
"""How far, relatively, a rounded value that only illustrates an exact one may lie from it."""
_MEASURE: Final[Node] = ("sym", "m")
"""Of an angle."""
_AXES: Final = frozenset("xyzw")
_COLLECTIONS: Final = frozenset({"tuple", "set", "list"})
_NAMING_CALLS: Final = frozenset({"abs", "conj", "sin", "cos", "tan", "max", "min"})


# Chains of equations


def stated(node: Node, other: Node, *, strictly: bool = True) -> Node:
    """What a relation says when set against `other`: its right side, where `other` is no relation itself.

    So `x = 5`, `x = 2 + 3 = 5`, `2 + 3 = 5` and `x ~ 5` state 5, and `x in A` states A. What is wrong in itself
    (`2 + 3 = 6`, `x = x + 1`) states nothing. C(5, 2) may be a point.

    Args:
        strictly: `x + y = 5` is an equation, and not what x + y is.
    """
    if node[:1] == ("call",) and node[1] in {"C", "P"} and other[0] in _COLLECTIONS:
        return ("tuple", node[2])
    if node[0] != "rel":
        return node
    operators, sides = set(node[1]), node[2]
    if operators == {"in"} and len(sides) == 2 and is_name(sides[0]):
        region: Node = sides[1]
        return region
    if other[0] == "rel" or not operators <= {"=", "~"} or len(set(sides)) == 1 or _is_for_several(sides, other):
        return node
    return _result(node[1], sides, other, is_label if strictly else is_name) or node


def _is_for_several(sides: Sequence[Node], other: Node) -> bool:
    """`x = y = 2` against (2, 2)."""
    return other[0] in _COLLECTIONS and len(sides) > 2 and _leading_names(sides, is_label) > 1


def _result(
    operators: Sequence[str], sides: Sequence[Node], other: Node, names_it: Callable[[Node], bool]
) -> Node | None:
    """The value a chain ends in: the rounded one for a decimal, the last exact one for all others."""
    sides = _turned(sides)
    names = _leading_names(sides, names_it)
    steps = sides[names:]
    if not steps or (names == 0 and not is_literal(steps[-1]) and not _is_closed(steps)):
        return None
    if any(map(_clash, sides[:names], [steps[-1]] * names)) or not _agree(operators[names:], steps):
        return None
    exact_steps = [step for step, sign in zip(steps[1:], operators[names:], strict=True) if sign == "="]
    return steps[-1] if other[0] == "dec" or len(exact_steps) == len(steps) - 1 else [steps[0], *exact_steps][-1]


def _turned(sides: Sequence[Node]) -> Sequence[Node]:
    """`5 = x` is `x = 5`."""
    turned = len(sides) == 2 and sides[1][0] == "sym" and not symbols(sides[0]) and sides[0][0] in SCALARS
    return sides[::-1] if turned else sides


def _leading_names(sides: Sequence[Node], names_it: Callable[[Node], bool]) -> int:
    """How many of the sides only name what stands on the last."""
    count = 0
    while count < len(sides) - 1 and names_it(sides[count]):
        count += 1
    return count


def _is_closed(steps: Sequence[Node]) -> bool:
    return all(step[0] in SCALARS and not symbols(step) for step in steps)


def _clash(name: Node, value: Node) -> bool:
    """A name in its own value, or a tuple of names for what is no tuple."""
    if name[0] == "tuple":
        return value[0] not in _COLLECTIONS
    return bool(symbols(name) & symbols(value)) and ("sym", "d") not in _factors(name)


def _factors(quotient: Node) -> list[Node]:
    """The d of a derivative such as dy/dx; empty for every other quotient."""
    firsts = [part[1][0] for part in quotient[1:] if part[0] == "mul"] if quotient[0] == "div" else []
    return firsts if set(firsts) == {("sym", "d")} else []


def _agree(operators: Sequence[str], steps: Sequence[Node]) -> bool:
    """No step contradicts the one before it."""
    if len(steps) > 1 and any(step[0] not in SCALARS for step in steps):
        return False
    pairs = zip(operators, steps, steps[1:], strict=False)
    return all(_is_near(left, right) if sign == "~" else _may_equal(left, right) for sign, left, right in pairs)


def _may_equal(left: Node, right: Node) -> bool:
    same = exact.decide(left, right)
    return (numeric.decide(left, right) if same is None else same) is not False


def _is_near(left: Node, right: Node) -> bool:
    value = exact.rational(right)
    return value is not None and not symbols(left) and numeric.within(left, value, abs(Fraction(value)) * _ROUNDING)


def is_label(node: Node) -> bool:
    """What nothing but a name can be: x, f(x), AB, |AB|, AB/CD, a : b, m + n, (x, y), dy/dx, words."""
    kind = node[0]
    if kind == "tuple":
        return all(entry[0] == "sym" for entry in node[1]) and len(set(node[1])) == len(node[1])
    if kind == "add":
        return all(term[0] == "sym" and term[1][0] not in _AXES for term in node[1]) and len(set(node[1])) > 1
    if kind == "mul":
        points = node[1][1:] if node[1][0] == _MEASURE else node[1]
        return all(factor[0] == "sym" and factor[1][0].isupper() for factor in points)
    if kind == "div":
        return bool(_factors(node)) or all(
            part[0] in {"sym", "mul"} and is_label(part) and _is_of_points(part) for part in node[1:]
        )
    if kind == "ratio" or node[:2] in {("call", "abs"), ("call", "conj")}:
        return all(map(is_label, children(node)))
    return kind in {"sym", "text"}


def _is_of_points(node: Node) -> bool:
    return all(name[0].isupper() for name in symbols(node))


def is_name(node: Node) -> bool:
    """What a result may be given to, besides: x + y, 100m + n, xy, a/b, sin A."""
    if node[0] == "call":
        return node[1] in _NAMING_CALLS and all(map(is_name, node[2]))
    if node[0] in {"add", "mul", "div", "neg"}:
        return len(symbols(node)) > 1 and all(map(_is_part_of_a_name, children(node)))
    return is_label(node)


def _is_part_of_a_name(node: Node) -> bool:
    if node[0] in {"add", "mul", "div", "neg"}:
        return all(map(_is_part_of_a_name, children(node)))
    return node[0] in {"sym", "num"}


# Unsolved statements


def unsolved(node: Node, reference: Node) -> bool:
    """Work is left to do on a statement or on sets where the reference is a result: `2x + 3 < 7`, `{1, 2} ∩ {2, 3}`.

    In several unknowns there is no one solved form: 2x - y + 3 = 0 may stand for y = 2x + 3.
    """
    return len(symbols(reference)) < 2 and _left_to_solve(node) and not _left_to_solve(reference)


def _left_to_solve(node: Node) -> bool:
    """In a solved equation or inequality every side is a name or a number."""
    if node[0] == "rel" and "in" not in node[1]:
        return any(symbols(side) and not is_name(side) for side in node[2])
    if node[0] == "family":
        return any(member[0] == "rel" and not is_name(member[2][0]) for member in node[1])
    kinds = {child[0] for child in children(node)}
    if node[0] == "intersection" and not kinds <= {"rel", "intersection", "union", "const"}:
        return True
    if node[0] in {"union", "difference"} and kinds == {"set"}:
        return True
    return any(map(_left_to_solve, children(node)))


# Systems


class Assignments(NamedTuple):
    """The solutions of a system: values of several names.

    Args:
        names: as they were written.
        values: one tuple of values in this order for each solution.
    """

    names: tuple[Node, ...]
    values: tuple[tuple[Node, ...], ...]

    def in_order(self) -> list[Node]:
        """Each solution as a tuple: coordinates in the order of the alphabet, other names as written."""
        return self.by_name() if all(name[1][:1] in _AXES for name in self.names) else self._solutions(self.names)

    def by_name(self) -> list[Node]:
        """Each solution as a tuple in the order of the alphabet."""
        return self._solutions(sorted(self.names))

    def _solutions(self, names: Sequence[Node]) -> list[Node]:
        places = [self.names.index(name) for name in names]
        return [("tuple", tuple(solution[place] for place in places)) for solution in self.values]


def assignments(node: Node) -> Assignments | None:
    """The solutions a node gives for two names or more; None where it gives none.

    `x = 1, y = 2`, `(x, y) = (1, 2)`, `x = y = 2`, `x = 1, y = 2 or x = 3, y = 4`.
    """
    parts = node[1] if node[0] == "list" else (node,)
    if not parts or parts[0][0] != "rel":
        return None
    first = parts[0][2][0]
    return _of_tuples(first, parts) if first[0] == "tuple" and is_name(first) else _of_equations(parts)


def _of_tuples(names: Node, parts: Sequence[Node]) -> Assignments | None:
    """`(x, y) = (1, 2)`, `(x, y) in {(1, 2), (3, 4)}`, and lists of them."""
    values: list[tuple[Node, ...]] = []
    for part in parts:
        value = part
        if part[0] == "rel":
            if part[2][0] != names or len(part[2]) != 2 or part[1][0] not in {"=", "in"}:
                return None
            value = part[2][1]
        members = value[1] if value[0] in {"set", "list"} else (value,)
        if any(member[0] != "tuple" or len(member[1]) != len(names[1]) for member in members):
            return None
        values += [member[1] for member in members]
    return Assignments(names[1], tuple(values))


def _of_equations(parts: Sequence[Node]) -> Assignments | None:
    """Equations with a name on the left, again from the first name for each further solution."""
    pairs = [pair for part in parts for pair in _pairs(part)]
    names = tuple(dict.fromkeys(name for name, _ in pairs))
    if len(names) < 2 or len(pairs) % len(names) or len(pairs) < len(parts):
        return None
    values = []
    for start in range(0, len(pairs), len(names)):
        solution = dict(pairs[start : start + len(names)])
        if len(solution) < len(names):
            return None
        values.append(tuple(solution[name] for name in names))
    return Assignments(names, tuple(values))


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    """Name and value: one pair for `x = 1`, two for `x = y = 1`."""
    if node[0] != "rel" or set(node[1]) != {"="} or node[2][-1][0] in _COLLECTIONS:
        return []
    *names, value = node[2]
    if any(name[0] != "sym" or name[1] in symbols(value) for name in names):
        return []
    return [(name, value) for name in names]


def roots(found: Assignments) -> list[Node] | None:
    """The values of `x_1 = 1, x_2 = 2`, which are those of one unknown; None where the names differ in more."""
    letters = {name[1].partition("_")[0] for name in found.names}
    numbered = all(name[1].partition("_")[2].isdigit() for name in found.names)
    return list(found.values[0]) if len(letters) == 1 and numbered and len(found.values) == 1 else None
