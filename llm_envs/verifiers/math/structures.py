"""Lists, sets, matrices and piecewise functions, put together from parts that were read."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from llm_envs.verifiers.math.lexer import Unreadable
from llm_envs.verifiers.math.trees import Node, replaced, symbols

__all__ = [
    "STACKS",
    "added",
    "described",
    "determinant",
    "environment",
    "is_condition",
    "is_inequality",
    "listed",
    "nested",
    "scaled",
    "transposed",
    "with_modulus",
]

MAX_MATRIX: Final = 64
MAX_DETERMINANT: Final = 4
"""Rows of a determinant that is written out: it has n! products."""
MAX_CHOICES: Final = 12
"""Values of an index that is given as one of a few numbers."""

_INEQUALITIES: Final = frozenset({"<", ">", "<=", ">=", "!="})
_REAL: Final[Node] = ("const", "real")
_DENSE: Final = frozenset({"real", "rational", "complex"})
_WHOLE: Final = frozenset({"integer", "natural"})
STACKS: Final = frozenset({"aligned", "align", "gathered", "split"})


def is_inequality(node: Node) -> bool:
    """A chain of < > <= >= !=."""
    return node[0] == "rel" and _INEQUALITIES.issuperset(node[1])


def is_condition(node: Node) -> bool:
    """An inequality, a single value of a name, or some of these that hold together or instead of each other."""
    if node[0] in {"intersection", "union"}:
        return all(map(is_condition, node[1:]))
    return is_inequality(node) or (node[:2] == ("rel", ("=",)) and node[2][0][0] == "sym" and not symbols(node[2][1]))


# Lists and sets


def listed(nodes: Sequence[Node], separators: set[str]) -> Node:
    """What the nodes between separators are together: a list, both or either of some inequalities, a family."""
    kept = [node for node in nodes if not _is_domain(node)] or list(nodes)
    indices = [node for node in kept if _is_index(node, kept)]
    if indices:
        return _family([node for node in kept if node not in indices], indices, separators)
    if len(kept) == 1:
        return kept[0]
    if separators in ({"and"}, {"or"}) and all(map(is_condition, kept)) and any(not _is_value(node) for node in kept):
        kind = "intersection" if separators == {"and"} else "union"
        return functools.reduce(lambda left, right: (kind, left, right), kept)
    return ("list", tuple(kept))


def _is_value(node: Node) -> bool:
    return node[:2] == ("rel", ("=",))


def _is_domain(node: Node) -> bool:
    """`x \\in \\mathbb{R}`, which leaves nothing out that a formula would not."""
    within = _is_in(node, _DENSE)
    return within or (node[:2] == ("rel", ("in",)) and node[2][1][0] == "intersection" and node[2][1][1][1] in _DENSE)


def _is_in(node: Node, domains: frozenset[str] | set[str]) -> bool:
    """`x \\in D` for a set of numbers D."""
    return node[:2] == ("rel", ("in",)) and node[2][1][:1] == ("const",) and node[2][1][1] in domains


def _is_index(node: Node, among: Sequence[Node]) -> bool:
    """`k \\in \\mathbb{Z}`, `k \\in \\{0, 1\\}`, the `m` of `m, n \\in \\mathbb{Z}`, if another node has that name."""
    others = [other for other in among if other != node]
    if node[0] == "sym":
        return any(_is_in(other, _WHOLE) for other in others) and _stands_in(node, others)
    few = node[0] == "rel" and node[1] == ("in",) and node[2][1][0] == "set" and len(node[2][1][1]) <= MAX_CHOICES
    return (few or _is_in(node, _WHOLE)) and node[2][0][0] == "sym" and _stands_in(node[2][0], others)


def _stands_in(symbol: Node, nodes: Sequence[Node]) -> bool:
    return any(symbol[1] in symbols(node) and node != symbol and not _is_in(node, _WHOLE) for node in nodes)


def _family(members: Sequence[Node], indices: Sequence[Node], separators: set[str]) -> Node:
    """The members for every value of their indices."""
    for index in indices:
        if index[0] == "rel" and index[2][1][0] == "set":
            values = index[2][1][1]
            members = [replaced(member, index[2][0], value) for value in values for member in members]
    names = frozenset(index[1] if index[0] == "sym" else index[2][0][1] for index in indices if _is_open(index))
    domains = {index[2][1][1] for index in indices if index[0] == "rel" and _is_open(index)}
    if not names:
        return listed(members, separators - {"and"} | {","})
    parts = [part for member in members for part in (member[1] if member[0] in {"list", "set"} else (member,))]
    return ("family", tuple(parts), names, min(domains))


def _is_open(index: Node) -> bool:
    return bool(index[0] == "sym" or index[2][1][0] == "const")


def with_modulus(nodes: Sequence[Node], modulus: Node) -> list[Node]:
    """`x = 1, 3` with `(mod 8)` behind it: congruences, or residues where nothing stands on the left."""
    left = None
    found: list[Node] = []
    for node in nodes:
        if node[0] in {"congruence", "residue"}:
            found.append(node)
            continue
        if node[0] == "rel" and len(node[2]) == 2:
            left, node = node[2]  # noqa: PLW2901 - what follows goes with the same left side
        found.append(("residue", node, modulus) if left is None else ("congruence", left, node, modulus))
    return found


def described(element: Node, condition: Node) -> Node:
    """The set of all `element` with `condition`."""
    domain = None
    if element[0] == "rel" and element[1] == ("in",):
        element, domain = element[2]
    if element[0] == "sym":
        node = _solutions(element, condition)
        if is_condition(node) or domain not in {None, _REAL}:
            return ("intersection", domain or _REAL, node)
        return node
    conditions = condition[1] if condition[0] == "list" else (condition,)
    node = listed([element, *conditions], {","})
    return node if node[0] == "family" else ("builder", element, (condition,))


def _solutions(element: Node, condition: Node) -> Node:
    """Conditions on a name alone are the set themselves; all of them hold."""
    if condition[0] == "list" and all(map(is_inequality, condition[1])):
        return functools.reduce(lambda left, right: ("intersection", left, right), condition[1])
    if condition[0] in {"rel", "list", "intersection", "union", "family"} and element[1] in _names(condition):
        return condition
    return ("builder", element, (condition,))


def _names(node: Node) -> frozenset[str]:
    return symbols(node) | (node[2] if node[0] == "family" else frozenset())


# Matrices


def environment(name: str, rows: Sequence[Sequence[Node]], *, piecewise: bool) -> Node:
    """What stands between `\\begin{name}` and `\\end{name}`.

    Args:
        piecewise: a brace was opened before it.
    """
    filled = tuple(tuple(row) for row in rows if row)
    if not filled or sum(map(len, filled)) > MAX_MATRIX:
        raise Unreadable("the matrix is empty, or has too many entries")
    if name in STACKS or name.endswith("cases") or piecewise:
        return _cases(filled)
    if len({len(row) for row in filled}) != 1:
        raise Unreadable("the matrix has rows of different lengths")
    return determinant(("matrix", filled)) if name in {"vmatrix", "Vmatrix"} else ("matrix", filled)


def _cases(rows: Sequence[Sequence[Node]]) -> Node:
    """A system of equations, or values with their conditions."""
    flat = [[node for cell in row for node in (cell[1] if cell[0] == "list" else (cell,))] for row in rows]
    if all(node[0] in {"rel", "congruence"} for row in flat for node in row):
        return listed([node for row in flat for node in row], {","})
    if any(len(row) < 2 for row in flat):
        raise Unreadable("a case has no condition")
    return ("cases", tuple((row[0], _condition(row[1:])) for row in flat))


def _condition(nodes: Sequence[Node]) -> Node:
    return listed(nodes, {"and"})


def determinant(matrix: Node) -> Node:
    """The determinant, written out."""
    rows = matrix[1]
    if len(rows) != len(rows[0]) or len(rows) > MAX_DETERMINANT:
        raise Unreadable("the determinant is not square, or too large")
    products = []
    for columns in itertools.permutations(range(len(rows))):
        product: Node = ("mul", tuple(rows[row][column] for row, column in enumerate(columns)))
        products.append(product if _is_even(columns) else ("neg", product))
    return ("add", tuple(products))


def _is_even(columns: Sequence[int]) -> bool:
    swaps = sum(left > right for left, right in itertools.combinations(columns, 2))
    return swaps % 2 == 0


def transposed(matrix: Node) -> Node:
    """Rows and columns of a matrix exchanged."""
    return ("matrix", tuple(zip(*matrix[1], strict=True)))


def nested(node: Node) -> Node:
    """`[[1, 2], [3, 4]]` is a matrix; every other node is itself."""
    rows = [_bracketed(row) for row in node[1:3]] if node[0] == "interval" else [_bracketed(row) for row in node[1]]
    if not all(rows) or len({len(row) for row in rows if row}) != 1:
        return node
    return environment("matrix", [row for row in rows if row], piecewise=False)


def _bracketed(node: Node) -> tuple[Node, ...]:
    if node[0] == "interval" and node[3] and node[4]:
        return (node[1], node[2])
    return node[1] if node[0] == "tuple" else ()


def scaled(factor: Node, vector: Node) -> Node:
    """A matrix or tuple with a factor before it: each entry times the factor."""
    if vector[0] == "tuple":
        return ("tuple", tuple(_times(factor, entry) for entry in vector[1]))
    return ("matrix", tuple(tuple(_times(factor, entry) for entry in row) for row in vector[1]))


def _times(factor: Node, entry: Node) -> Node:
    """A product; that of two plain fractions is one."""
    left, right = _fraction(factor), _fraction(entry)
    return ("mul", (factor, entry)) if left is None or right is None else ("num", left * right)


def _fraction(node: Node) -> int | Fraction | None:
    if node[0] == "neg":
        value = _fraction(node[1])
        return None if value is None else -value
    if node[0] == "div" and node[1][0] == node[2][0] == "num" and node[2][1] != 0:
        return Fraction(node[1][1], node[2][1])
    return node[1] if node[0] == "num" else None


def added(left: Node, right: Node) -> Node:
    """The sum of two tuples, or two matrices, entry by entry."""
    if left[0] != right[0] or len(left[1]) != len(right[1]):
        raise Unreadable("a sum of things of different shapes")
    if left[0] == "tuple":
        return ("tuple", tuple(("add", pair) for pair in zip(left[1], right[1], strict=True)))
    if len(left[1][0]) != len(right[1][0]):
        raise Unreadable("a sum of matrices of different shapes")
    rows = (zip(*pair, strict=True) for pair in zip(left[1], right[1], strict=True))
    return ("matrix", tuple(tuple(("add", entries) for entries in row) for row in rows))
