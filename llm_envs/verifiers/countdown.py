"""Does an expression reach a target with the given numbers, each used exactly once?

The expression is read by the bounded parser of the math verifier, to a tree of plain tuples; nothing is evaluated but
sums, differences, products and quotients, in exact fractions, and only after the numbers in it have been counted. What
stands on the way may be negative or a fraction.

The expression is taken from the last `<answer>...</answer>`, else from the last `\\boxed{}`, else from the last line.
An equation counts when all its sides equal the target and one of them uses the numbers.

Covered: `* × · \\times \\cdot` and factors side by side, `/ ÷ \\div \\frac`, brackets, equations either way round.
Not covered, and so never right: powers, roots, factorials, percentages, decimals, signs before a number, numbers put
side by side, words, several expressions at once.

Source: the numbers round of the television game Countdown (Des chiffres et des lettres), in the form that uses all
numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from llm_envs.errors import BadReference
from llm_envs.types import Verdict
from llm_envs.verifiers.math.extract import answer_tag, boxes_of, visible
from llm_envs.verifiers.math.normalise import normalise
from llm_envs.verifiers.math.parser import MAX_CHARS, Unreadable, parse
from llm_envs.verifiers.math.trees import Node, children

__all__ = ["countdown"]

_SIGN = re.compile(r"(?:^|[-+*/(\[{=]|\\(?:times|cdot|div)\b)\s*[-+]")
_LABEL = re.compile(r".*:|.*\b(?:is|answer)\b", re.IGNORECASE)
_CALCULATIONS = frozenset({"add", "mul", "div", "neg"})
_SHOWN_CHARS = 80
"""Of what a policy wrote, in a reason."""


def countdown(reply: str, reference: Mapping[str, Any]) -> Verdict:
    """1 when the expression of `reply` uses exactly the numbers and has the target as its value; else 0.

    Args:
        reference: `numbers`, positive integers, and `target`, an integer.

    Returns:
        A verdict whose details hold `value`, that of an expression of exactly the numbers, else None.

    Raises:
        BadReference: the reference has no such numbers or no such target.
    """
    numbers, target = _checked(reference)
    try:
        sides = _sides(_written(reply))
        value = _value(_expression(sides, numbers))
        equal = all(_value(side) == value for side in sides)
    except Unreadable as error:
        return Verdict.of(0.0, str(error), value=None)
    if not equal:
        return Verdict.of(0.0, "the sides of the equation are not equal", value=None)
    return Verdict.of(float(value == target), f"the value is {_shown(value)}, the target {target}", value=value)


def _checked(reference: Mapping[str, Any]) -> tuple[list[int], int]:
    match reference:
        case {"numbers": [_, *_] as numbers, "target": int(target)} if all(type(n) is int and n > 0 for n in numbers):
            return sorted(numbers), target
    raise BadReference(
        "the reference is no countdown",
        expected="such as {'numbers': [3, 4, 5], 'target': 35}, positive integers and an integer",
        received=repr(reference),
    )


def _written(reply: str) -> str:
    """The text of the expression.

    Raises:
        Unreadable: there is none.
    """
    text = visible(reply)
    if text is None:
        raise Unreadable("the reasoning was never closed")
    boxes, _ = boxes_of(text)
    marked = answer_tag(text) or (boxes[-1].content if boxes else "") or _last_line(text)
    if not marked.strip():
        raise Unreadable("the reply has no expression")
    return marked


def _last_line(text: str) -> str:
    line = text.rstrip().rpartition("\n")[2][-MAX_CHARS:]
    label = _LABEL.match(line)
    return line[label.end() :] if label else line


def _sides(written: str) -> tuple[Node, ...]:
    """The sides of an equation, or the one expression.

    Raises:
        Unreadable: it is neither.
    """
    text = normalise(written[: MAX_CHARS + 1])
    if _SIGN.search(text):
        raise Unreadable("a sign stands before a number, not between two")
    tree = parse(text)
    if tree[0] != "rel":
        return (tree,)
    if set(tree[1]) != {"="}:
        raise Unreadable("this is no equation")
    sides: tuple[Node, ...] = tree[2]
    return sides


def _expression(sides: Sequence[Node], numbers: list[int]) -> Node:
    """The first side that uses exactly the numbers.

    Raises:
        Unreadable: none does, or one is no calculation.
    """
    used = [sorted(_leaves(side)) for side in sides]
    if numbers in used:
        return sides[used.index(numbers)]
    raise Unreadable(f"the numbers used are {str(used[0])[:_SHOWN_CHARS]}, given are {numbers}")


def _leaves(node: Node) -> Iterator[int]:
    """The numbers in a tree.

    Raises:
        Unreadable: something else than the four operations stands in it.
    """
    if node[0] == "num" and isinstance(node[1], int):
        yield abs(node[1])  # the parser folds a minus sign into the number behind it
    elif node[0] in _CALCULATIONS:
        for child in children(node):
            yield from _leaves(child)
    else:
        raise Unreadable("only + - * / and brackets between whole numbers are allowed")


def _value(node: Node) -> Fraction:
    """The value of a tree of the four operations.

    Raises:
        Unreadable: it divides by 0, or is something else.
    """
    kind, *parts = node
    if kind == "num":
        return Fraction(parts[0])
    if kind == "neg":
        return -_value(parts[0])
    if kind == "add":
        return sum(map(_value, parts[0]), Fraction())
    if kind == "mul":
        return _product(parts[0])
    divisor = _value(parts[1])
    if not divisor:
        raise Unreadable("it divides by 0")
    return _value(parts[0]) / divisor


def _product(factors: tuple[Node, ...]) -> Fraction:
    product = Fraction(1)
    for factor in factors:
        product *= _value(factor)
    return product


def _shown(value: Fraction) -> str:
    """A number for a reason; a long one is cut."""
    return str(value)[:_SHOWN_CHARS]
