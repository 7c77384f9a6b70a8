"""Read a normalised answer into a tree of plain tuples (`trees`).

A parser of our own: no `eval`, no SymPy, no grammar generator, nothing that could run what a policy wrote, and every
dimension of the input bounded by a named constant. It reads LaTeX and plain text alike.
"""

from __future__ import annotations

from typing import Final

from llm_envs.verifiers.math.grammar import MAX_DEPTH, Parser
from llm_envs.verifiers.math.lexer import Unreadable, tokens
from llm_envs.verifiers.math.operands import OPERANDS
from llm_envs.verifiers.math.trees import CALCULATIONS, VALUES, Node, children
from llm_envs.verifiers.math.vocabulary import BLACKBOARD

__all__ = ["MAX_CHARS", "Unreadable", "parse"]

MAX_CHARS: Final = 4000
"""The longest answers of public data sets have some 300 characters."""

_NO_VALUES: Final = frozenset(("const", name) for name in ("empty", *BLACKBOARD.values()))
_INFINITY: Final[Node] = ("const", "inf")
_MAY_BE_INFINITE: Final = frozenset({"neg", "pm", "bind"})


def parse(text: str) -> Node:
    """The tree of a normalised text.

    Raises:
        Unreadable: it is not mathematics, or beyond one of the limits.
    """
    if len(text) > MAX_CHARS:
        raise Unreadable(f"the answer has more than {MAX_CHARS:,} characters")
    node = Parser(tokens(text), OPERANDS).whole()
    _check(node)
    return node


def _check(node: Node) -> None:
    """Calculations are made of finite values alone, and no tree is deep.

    Left-nested chains grow without recursion in the parser; everything after it does recurse.
    """
    level, depth = [node], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep")
        below = [(parent[0], child) for parent in level for child in children(parent)]
        for kind, child in below:
            if kind in CALCULATIONS:
                _check_operand(kind, child)
        level = [child for _, child in below]


def _check_operand(kind: str, node: Node) -> None:
    if node[0] not in VALUES or node in _NO_VALUES:
        raise Unreadable("something that is no value stands inside a calculation")
    if node == _INFINITY and kind not in _MAY_BE_INFINITE:
        raise Unreadable("one cannot calculate with infinity")
