"""Trees of plain tuples: what the parser makes and every other layer reads.

Nodes, each a tuple that starts with its kind (`Node`):

    ("num", n)                     an exact integer or Fraction literal
    ("dec", Fraction, places)      a decimal as written, with its number of decimal places
    ("mixed", Fraction)            a mixed number such as 1 1/2
    ("base", Fraction, base)       digits with a base as subscript; the value is that of the digits read in the base
    ("sym", name)  ("const", name) pi, e, i, inf, empty, and the sets of numbers: real, integer, natural, ...
    ("add", nodes) ("mul", nodes)  ("div", a, b) ("pow", a, b) ("neg", a) ("pm", sign, node)
    ("call", name, nodes)          root(x, n), log(x, base), sin, fact, binom, abs, diff(f, x, n), primitive(f, x), ...
    ("bind", operator, name, bounds, body)  sum, prod, int, lim, lim+, lim-: the name is bound in the body
    ("percent", a) ("degree", a)   ("ratio", nodes)
    ("list", nodes) ("set", nodes) ("tuple", nodes) ("matrix", rows) ("cases", rows of value and condition)
    ("family", nodes, names)       its members for all integer values of the names (a frozenset)
    ("builder", node, conditions)  a set described by conditions that are no inequality in the node itself; none: its
                                   complement
    ("interval", low, high, low_closed, high_closed) ("union" | "intersection" | "difference", a, b)
    ("rel", operators, nodes)      a chain a = b < c; operators = < > <= >= != ~ in
    ("congruence", a, b, modulus)  ("residue", a, modulus)
    ("text", words)
"""

from __future__ import annotations

from typing import Any, Final

__all__ = ["CALCULATIONS", "SCALARS", "VALUES", "Node", "children", "contains", "replaced", "symbols"]

Node = tuple[Any, ...]

CALCULATIONS: Final = frozenset({"add", "mul", "div", "pow", "neg", "pm", "call", "bind", "percent", "degree", "ratio"})
"""What is made of values alone."""
SCALARS: Final = CALCULATIONS - {"ratio", "pm"} | {"num", "dec", "mixed", "sym", "const"}
VALUES: Final = SCALARS | {"pm"}
_KINDS: Final = VALUES | frozenset(
    "base ratio list set tuple matrix cases family builder interval union intersection difference rel congruence "  # noqa: SIM905 - words read best as words
    "residue text".split()
)
_ROWS: Final = frozenset({"matrix", "cases"})


def children(node: Node) -> list[Node]:
    """The nodes directly below `node`."""
    found: list[Node] = []
    for part in node[1:]:
        if isinstance(part, tuple) and part:
            if isinstance(part[0], str) and part[0] in _KINDS:
                found.append(part)
            elif node[0] in _ROWS:
                found += [entry for row in part for entry in row]
            elif isinstance(part[0], tuple):
                found += part
    return found


def symbols(node: Node) -> frozenset[str]:
    """The names of the symbols that are free in `node`."""
    kind = node[0]
    if kind == "sym":
        return frozenset({node[1]})
    if kind == "bind":
        return frozenset().union(symbols(node[4]) - {node[2]}, *map(symbols, node[3]))
    below: frozenset[str] = frozenset().union(*map(symbols, children(node)))
    return below - node[2] if kind == "family" else below


def contains(node: Node, *kinds: str) -> bool:
    """A node of one of these kinds is somewhere in the tree."""
    return node[0] in kinds or any(contains(child, *kinds) for child in children(node))


def replaced(node: Any, old: Node, new: Node) -> Any:
    """The tree with every `old` in it replaced; what is bound under its name stays."""
    if node == old:
        return new
    if node[:1] == ("bind",) and old == ("sym", node[2]):
        return (*node[:3], replaced(node[3], old, new), node[4])
    return tuple(replaced(part, old, new) if isinstance(part, tuple) else part for part in node)
