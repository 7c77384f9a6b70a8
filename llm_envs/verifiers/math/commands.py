"""What single commands read: fractions, roots, sums, integrals, limits, derivatives, marks on names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from llm_envs.verifiers.math.grammar import RATIO, SUM, Parser
from llm_envs.verifiers.math.lexer import Unreadable
from llm_envs.verifiers.math.trees import VALUES, Node, replaced
from llm_envs.verifiers.math.vocabulary import BLACKBOARD, TRANSPARENT

__all__ = ["COMMANDS"]

_DIFFERENTIALS: Final = (("sym", "d"), ("sym", "partial"))
MAX_ORDER: Final = 10
"""Of a derivative."""
LONGEST_TARGET: Final = 12
"""Tokens of what a limit tends to."""


def _fraction(parser: Parser) -> Node:
    above = parser.argument(single=True)
    below = parser.argument(single=True)
    order = _order(above)
    name = _differentiated(below, order) if order else None
    if name is not None and parser.starts_operand():
        return parser.node("call", "diff", (parser.expression(SUM), name, ("num", order)))
    return parser.node("div", above, below)


def _order(above: Node) -> int:
    """2 for `d^2`, 1 for `d`, 0 for what is no sign of a derivative."""
    if above in _DIFFERENTIALS:
        return 1
    if above[0] == "pow" and above[1] in _DIFFERENTIALS and above[2][0] == "num" and above[2][1] in range(1, MAX_ORDER):
        return int(above[2][1])
    return 0


def _differentiated(below: Node, order: int) -> Node | None:
    """The x of `dx` and `dx^2`."""
    if below[0] != "mul" or len(below[1]) != 2 or below[1][0] not in _DIFFERENTIALS:
        return None
    name = below[1][1]
    if order > 1:
        name = name[1] if name[0] == "pow" and name[2] == ("num", order) else name
    return name if name[0] == "sym" else None


def _root(parser: Parser) -> Node:
    degree: Node = ("num", 2)
    if parser.skip("["):
        degree = parser.inner()
        parser.expect("]")
    return parser.node("call", "root", (parser.argument(), degree))


def _binomial(parser: Parser) -> Node:
    above = parser.argument(single=True)
    if above[0] == "tuple" and len(above[1]) == 2:
        return parser.node("call", "binom", above[1])
    return parser.node("call", "binom", (above, parser.argument(single=True)))


def _enclosed(parser: Parser, closing: str) -> Node:
    node = parser.inner()
    if parser.take()[:2] != ("mark", closing):
        raise Unreadable(f"\\{closing} is missing")
    return node


def _angle(parser: Parser) -> Node:
    node = _enclosed(parser, "rangle")
    return parser.node("tuple", node[1] if node[0] == "list" else (node,))


def _blackboard(parser: Parser) -> Node:
    letter = parser.argument()
    if letter[0] != "sym" or letter[1] not in BLACKBOARD:
        raise Unreadable("the set of numbers is not known")
    return parser.node("const", BLACKBOARD[letter[1]])


def _numbers(name: str) -> Callable[[Parser], Node]:
    return lambda parser: parser.node("const", name)


def _conjugate(parser: Parser) -> Node:
    """A bar over a name of points names their segment, over anything else it is the conjugate."""
    node = parser.argument()
    if node[0] not in VALUES:
        return parser.node("builder", node, ())
    names = node[1] if node[0] == "mul" else ()
    if names and all(part[0] == "sym" for part in names):
        return node
    return parser.node("call", "conj", (node,))


def _marked(parser: Parser) -> Node:
    """A name with a mark; the unit vectors of space keep theirs."""
    node = parser.argument()
    name = str(node[1]).removesuffix("math")
    return parser.node("sym", f"unit {name}") if node[0] in {"sym", "const"} and name in {"i", "j", "k"} else node


def _derived(mark: str) -> Callable[[Parser], Node]:
    """`\\dot{x}`: a name of its own."""

    def read(parser: Parser) -> Node:
        node = parser.argument()
        if node[0] != "sym":
            raise Unreadable("a dot stands above something that is no name")
        return parser.node("sym", f"{node[1]} {mark}")

    return read


def _limits(parser: Parser) -> tuple[Node | None, Node | None]:
    """What stands below and above."""
    below = above = None
    for _ in range(2):
        if parser.skip("_"):
            below = parser.argument()
        elif parser.skip("^"):
            above = parser.exponent()
    return below, above


def _series(operator: str) -> Callable[[Parser], Node]:
    def read(parser: Parser) -> Node:
        below, above = _limits(parser)
        if below is None or below[0] != "rel" or below[1] != ("=",) or above is None:
            raise Unreadable("a sum or product has no bounds")
        index, low = below[2]
        return _bound(parser, operator, index, (low, above), parser.expression(SUM))

    return read


def _bound(parser: Parser, operator: str, index: Node, bounds: tuple[Node, ...], body: Node) -> Node:
    if index == ("const", "i"):
        body, index = replaced(body, index, ("sym", "i")), ("sym", "i")
    if index[0] != "sym":
        raise Unreadable("an index is no name")
    return parser.node("bind", operator, index[1], bounds, body)


def _integral(parser: Parser) -> Node:
    low, high = _limits(parser)
    parser.open_integrals += 1
    body = ("num", 1) if _at_differential(parser) else parser.expression(RATIO)
    parser.open_integrals -= 1
    if _at_differential(parser):
        parser.take()
        name = parser.operand()
    else:
        body, name = _inner_differential(body)
    if low is None or high is None:
        return parser.node("call", "primitive", (body, name))
    return _bound(parser, "int", name, (low, high), body)


def _at_differential(parser: Parser) -> bool:
    return parser.peek()[:2] == ("symbol", "d") and parser.peek(1)[0] == "symbol"


def _inner_differential(body: Node) -> tuple[Node, Node]:
    """`\\frac{dx}{x}`: the differential stands in the numerator."""
    factors: tuple[Node, ...] = body[1][1] if body[0] == "div" and body[1][0] == "mul" else ()
    if len(factors) < 2 or factors[-2] != ("sym", "d") or factors[-1][0] != "sym":
        raise Unreadable("an integral has no differential")
    return ("div", ("mul", (("num", 1), *factors[:-2])), body[2]), factors[-1]


def _limit(parser: Parser) -> Node:
    parser.expect("_")
    braced = parser.skip("{", "(")
    index = parser.operand()
    parser.expect("to")
    side = _side(parser)
    target = parser.expression(SUM)
    if braced:
        parser.take()
    return _bound(parser, f"lim{side}", index, (target,), parser.expression(SUM))


def _side(parser: Parser) -> str:
    """The sign of `0^+` or `0^{+}`, which is taken out; "" for a limit from both sides."""
    for ahead in range(LONGEST_TARGET):
        written = [parser.peek(ahead + place)[1] for place in range(4)]
        if written[0] != "^":
            continue
        length = 4 if written[1] == "{" else 2
        sign = written[length // 2]
        if sign in {"+", "-"} and parser.peek(ahead + length)[1] in {"}", ")"}:
            start = parser.position + ahead
            del parser.tokens[start : start + length]
            return str(sign)
    return ""


COMMANDS: Final[dict[str, Callable[[Parser], Node]]] = {
    "frac": _fraction,
    "sqrt": _root,
    "binom": _binomial,
    "lfloor": lambda parser: parser.node("call", "floor", (_enclosed(parser, "rfloor"),)),
    "lceil": lambda parser: parser.node("call", "ceil", (_enclosed(parser, "rceil"),)),
    "langle": _angle,
    "mathbb": _blackboard,
    "overline": _conjugate,
    "dot": _derived("dot"),
    "ddot": _derived("ddot"),
    "sum": _series("sum"),
    "prod": _series("prod"),
    "int": _integral,
    "lim": _limit,
    **dict.fromkeys(TRANSPARENT, _marked),
    **{letter: _numbers(name) for letter, name in BLACKBOARD.items()},
}
