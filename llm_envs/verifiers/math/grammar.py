"""The grammar: precedence climbing over tokens. What an operand is stands in `operands`, single commands in `commands`.

It computes nothing: `9^{9^{9^9}}` is a small tree.

Source: V. R. Pratt, "Top down operator precedence", POPL 1973.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from llm_envs.verifiers.math import structures
from llm_envs.verifiers.math.lexer import END, Token, Unreadable
from llm_envs.verifiers.math.trees import VALUES, Node
from llm_envs.verifiers.math.vocabulary import APPLIED, ARRANGED, COUNTS, DOMAINS, FUNCTIONS, RELATIONS

__all__ = ["MAX_DEPTH", "Parser"]

MAX_NODES: Final = 1500
MAX_DEPTH: Final = 60
"""Recursion over a tree stays far from Python's limit of 1,000 frames."""
MAX_POSTFIX: Final = 3
"""Signs such as ! % ' behind one operand."""

RELATION, SET, RATIO, SUM, PRODUCT, SIGN, POWER, POSTFIX = range(1, 9)
"""How tightly signs bind, loosest first."""
_INFIX: Final = (
    dict.fromkeys(RELATIONS.values(), RELATION)
    | {"cup": SET, "cap": SET, "setminus": SET, ":": RATIO, "+": SUM, "-": SUM, "pm": SUM, "mp": SUM}
    | {"*": PRODUCT, "/": PRODUCT, "mod": PRODUCT, "^": POWER, "!": POSTFIX, "!!": POSTFIX, "%": POSTFIX}
    | {"'": POSTFIX, "_": POSTFIX}
)
_SET_OPERATIONS: Final = {"cup": "union", "cap": "intersection", "setminus": "difference"}
_SETS: Final = frozenset({"set", "interval", "union", "intersection", "difference", "family"})
_SEPARATORS: Final = frozenset({",", ";", "and", "or", "all"})
_MODULUS: Final = frozenset({("op", "mod"), ("op", "pmod")})
_PROBABILITY: Final[Node] = ("sym", "P")
_EVENTS: Final = frozenset({"intersection", "union", "rel"})
_BRACKETED: Final = _EVENTS | {"tuple", "matrix"}
_OPENERS: Final = frozenset({"(", "[", "{", "\\{", "begin"})
_ENDERS: Final = frozenset({")", "]", "}", "\\}", "end"})
_BAR: Final = ("op", "|")
_CIRCLE: Final = ("mark", "circ", "")


class Parser:
    """One pass over the tokens. Methods named after what they read leave the position behind it.

    Args:
        operands: what reads an operand, by the kind of the token it begins with.

    Attributes:
        position: where the coming token stands.
        open_bars: the bars of an absolute value that are not closed yet.
        open_integrals: integrals whose differential is still to come.
        describes: a bar or a colon stands somewhere, so that braces may hold a set with its conditions.
    """

    def __init__(self, tokens: list[Token], operands: Mapping[str, Callable[[Parser, Any], Node]]) -> None:
        self.tokens = tokens
        self.operands = operands
        self.position = 0
        self.depth = 0
        self.nodes = 0
        self.open_bars = 0
        self.open_integrals = 0
        self.describes = any(token[:2] in {_BAR, ("op", ":")} for token in tokens)

    # Moving along

    def peek(self, ahead: int = 0) -> Token:
        """The coming token, or one further on."""
        index = self.position + ahead
        return self.tokens[index] if index < len(self.tokens) else END

    def take(self) -> Token:
        """The coming token, and on to the next."""
        token = self.peek()
        self.position += 1
        return token

    def at(self, *operators: str) -> bool:
        """One of these signs comes."""
        kind, value, _ = self.peek()
        return kind == "op" and value in operators

    def skip(self, *operators: str) -> bool:
        """Pass over one of these signs, if one comes."""
        if self.at(*operators):
            self.position += 1
            return True
        return False

    def expect(self, operator: str) -> None:
        """Pass over a sign that must come."""
        if not self.skip(operator):
            raise Unreadable(f"{operator!r} is missing before {self.describe()}")

    def describe(self) -> str:
        """The coming token, for a person."""
        kind, value, written = self.peek()
        return kind if kind == END[0] else repr(str(written or value)[:30])

    def unexpected(self) -> Unreadable:
        """The error for the token that was taken last."""
        self.position -= 1
        return Unreadable(f"{self.describe()} is not expected here")

    def deeper(self) -> None:
        """Count one level of nesting."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep")

    def node(self, *parts: Any) -> Node:
        """A node, counted."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Unreadable(f"the answer has more than {MAX_NODES:,} parts")
        return parts

    def group(self) -> list[tuple[int, Token]]:
        """The tokens up to the end of the group, without those inside further brackets, and where they stand."""
        found = []
        depth = 0
        for index in range(self.position, len(self.tokens)):
            token = self.tokens[index]
            mark = token[1] if token[0] == "op" else token[0]
            depth += (mark in _OPENERS) - (mark in _ENDERS)
            if depth < 0:
                break
            if depth == 0:
                found.append((index, token))
        return found

    def mark_condition(self) -> None:
        """A single bar in a group parts an event from its condition, P(A | B), or a divisor from a number."""
        bars = [index for index, token in self.group() if token[:2] == _BAR]
        if len(bars) == 1 and bars[0] > self.position:
            self.tokens[bars[0]] = ("op", "divides", "")

    # The grammar, loosest first

    def whole(self) -> Node:
        """The tree of all tokens; a single bar is that of `2 | n`."""
        if self.describes:
            self.mark_condition()
        node = self.inner()
        if self.peek() != END:
            raise Unreadable(f"{self.describe()} is not expected here")
        return node

    def inner(self) -> Node:
        """The contents of brackets: bars and integrals inside are counted afresh."""
        opened = self.open_bars, self.open_integrals
        self.open_bars = self.open_integrals = 0
        node = self.items()
        if self.at("over", "choose"):
            _, sign, _ = self.take()
            below = self.items()
            node = self.node("div", node, below) if sign == "over" else self.node("call", "binom", (node, below))
        self.open_bars, self.open_integrals = opened
        return node

    def items(self) -> Node:
        """One expression, or several between commas, semicolons and the words and, or."""
        self.skip("all")
        nodes = [self.expression(0)]
        separators: set[str] = set()
        while True:
            modulus = self._modulus()
            if modulus is not None:
                nodes = structures.with_modulus(nodes, modulus)
            if self._at_aside():
                nodes.append(self.operand())
            if not self.at(*_SEPARATORS):
                break
            while self.at(*_SEPARATORS):
                separators.add(self.take()[1])
            if self.at("&", "\\\\") or self.peek()[0] == "end":
                break
            node = self.expression(0)
            if node[0] != "sym" or self.peek(-2)[1] != "all":
                nodes.append(node)
        return nodes[0] if len(nodes) == 1 else self.node(*structures.listed(nodes, separators))

    def _modulus(self) -> Node | None:
        """`\\pmod{7}` or `(mod 7)`; None where neither stands."""
        if self.skip("pmod"):
            return self.argument()
        if not self.at("(") or self.peek(1)[:2] not in _MODULUS:
            return None
        self.position += 2
        modulus = self.expression(0)
        self.expect(")")
        return modulus

    def _at_aside(self) -> bool:
        """`(k \\in \\mathbb{Z})` comes."""
        return self.at("(") and self.peek(1)[0] == "symbol" and self.peek(2)[:2] == ("op", "in")

    def expression(self, floor: int) -> Node:
        """Everything that binds more tightly than `floor`."""
        self.deeper()
        left = self.operand()
        postfixes = 0
        while (power := self._binding()) > floor:
            postfixes = postfixes + 1 if power == POSTFIX else 0
            if postfixes > MAX_POSTFIX:
                raise Unreadable("too many signs follow each other")
            left = self._extend(left, power)
        self.depth -= 1
        return left

    def _binding(self) -> int:
        """How tightly the coming token binds what stands before it; 0 when it ends the expression."""
        kind, value, _ = self.peek()
        if kind == "op" and value in _INFIX:
            return _INFIX[value]
        return PRODUCT if self.starts_operand() else 0

    def starts_operand(self) -> bool:
        """The coming token can be multiplied with what stands before it without a sign."""
        kind, value, _ = self.peek()
        if kind == "op":
            if value == "(":
                return self.peek(1)[:2] not in _MODULUS and not self._at_aside()
            return value == "{" or (value == "|" and not self.open_bars)
        if kind == "symbol":
            return not (value == "d" and self.open_integrals and self.peek(1)[0] == "symbol")
        return kind in {"number", "begin", "command"} or value == "dots"

    def _extend(self, left: Node, power: int) -> Node:
        if power == PRODUCT:
            return self._product(left)
        _, sign, _ = self.take()
        return _EXTEND[power](self, left, sign)

    def _product(self, left: Node) -> Node:
        if self.at("/", "mod"):
            _, sign, _ = self.take()
            right = self.expression(PRODUCT)
            return self.node("div", left, right) if sign == "/" else self.node("call", "mod", (left, right))
        if self.peek()[:2] == ("symbol", "U") and left[0] in {"interval", "tuple", "union"}:
            self.take()
            return self.node("union", left, self.expression(SET))
        signed = self.skip("*")
        before = self.peek(-1)[0]
        right = self.expression(PRODUCT)
        return self._multiplied(left, right) if signed else self._side_by_side(left, right, before)

    def _side_by_side(self, left: Node, right: Node, before: str) -> Node:
        """Two operands without a sign between them.

        Args:
            before: the kind of the last token of the left one.
        """
        mixed = self._mixed(left, right) if before == "number" and left[0] == "num" else None
        if mixed is not None:
            return mixed
        if right[0] in {"num", "dec"} and before in {"number", "symbol"}:
            raise Unreadable("two numbers stand side by side")
        if right[0] in _BRACKETED and left[0] in VALUES:
            return self._before_brackets(left, right)
        return self._multiplied(left, right)

    def _multiplied(self, left: Node, right: Node) -> Node:
        if left[0] in _SETS and right[0] in _SETS:
            return self.node("tuple", (left, right))
        if right[0] in {"tuple", "matrix"} and left[0] in VALUES:
            self.nodes += len(right[1])
            return self.node(*structures.scaled(left, right))
        return self.node("mul", (*left[1], right) if left[0] == "mul" else (left, right))

    def _before_brackets(self, left: Node, right: Node) -> Node:
        """A value before a tuple or matrix: C(10, 3), f(x, y), the point A(1, 2), or a factor; and P(A and B)."""
        if right[0] in _EVENTS:
            return self.node("sym", f"P({_show(right)})") if left == _PROBABILITY else self.node("mul", (left, right))
        name = left[1] if left[0] == "sym" and right[0] == "tuple" else ""
        if name in COUNTS and len(right[1]) == 2:
            return self.node("call", name, right[1])
        if name in APPLIED and all(entry[0] == "sym" for entry in right[1]):
            return self.node("sym", f"{name}({','.join(entry[1] for entry in right[1])})")
        if name[:1].isupper():
            return right
        return self._multiplied(left, right)

    def _mixed(self, whole: Node, right: Node) -> Node | None:
        """`1 1/2` and `1\\frac{1}{2}`; None when it is a product after all."""
        if right[0] in {"percent", "degree"}:
            mixed = self._mixed(whole, right[1])
            return None if mixed is None else self.node(right[0], mixed)
        if right[0] == "num" and self.at("/") and self.peek(1)[0] == "number":
            self.take()
            right = ("div", right, self.expression(PRODUCT))
        if right[0] != "div" or right[1][0] != "num" or right[2][0] != "num":
            return None
        numerator, denominator = right[1][1], right[2][1]
        if not 0 < numerator < denominator or whole[1] < 0:
            return None
        return self.node("mixed", Fraction(whole[1]) + Fraction(numerator, denominator))

    def negative(self, node: Node) -> Node:
        """A minus sign before a node; that of a literal is part of it."""
        if node[0] in {"num", "dec", "mixed"}:
            return self.node(node[0], -node[1], *node[2:])
        if node[0] in {"matrix", "tuple"}:
            return self.node(*structures.scaled(("num", -1), node))
        if node[0] in {"degree", "percent"}:
            return self.node(node[0], self.negative(node[1]))
        return self.node("neg", node)

    def exponent(self) -> Node:
        """What stands behind `^`."""
        if self.skip("-"):
            return self.negative(self._exponent_operand())
        self.skip("+")
        return self._exponent_operand()

    def _exponent_operand(self) -> Node:
        """One operand, with a further exponent if there is one: powers associate to the right."""
        return self.expression(POWER - 1) if not self.at("{") else self.expression(SIGN)

    # Operands

    def operand(self) -> Node:
        """One operand: what the coming token begins."""
        kind, value, _ = self.take()
        read = self.operands.get(kind)
        if read is None:
            raise self.unexpected()
        return read(self, value)

    def argument(self, *, single: bool = False) -> Node:
        """What a command takes: a group in braces, or one token (one digit where TeX says so: `\\frac12`)."""
        kind, _, written = self.peek()
        if kind == "number" and single and written.isdigit() and len(written) > 1:
            self.tokens[self.position] = ("number", ("num", int(written[1:])), written[1:])
            return self.node("num", int(written[0]))
        self.deeper()
        node = self.operand()
        self.depth -= 1
        return node


# What stands between two operands, or behind one


def _chain(parser: Parser, left: Node, sign: str) -> Node:
    right = parser.expression(RELATION)
    if sign == "equiv" and right[:2] == ("call", "mod"):
        return parser.node("congruence", left, *right[2])
    sign = "=" if sign == "equiv" else sign
    if left[0] == "rel":
        return parser.node("rel", (*left[1], sign), (*left[2], right))
    return parser.node("rel", (sign,), (left, right))


def _combination(parser: Parser, left: Node, sign: str) -> Node:
    return parser.node(_SET_OPERATIONS[sign], left, parser.expression(SET))


def _ratio(parser: Parser, left: Node, _sign: str) -> Node:
    right = parser.expression(RATIO)
    return parser.node("ratio", (*left[1], right) if left[0] == "ratio" else (left, right))


def _sum(parser: Parser, left: Node, sign: str) -> Node:
    right = parser.expression(SUM)
    if sign == "-" and (left[0] in _SETS or left == ("const", "real") or right[0] == "set"):
        return parser.node("difference", left, right)
    if sign == "-":
        right = parser.negative(right)
    elif sign in {"pm", "mp"}:
        right = parser.node("pm", 1 if sign == "pm" else -1, right)
    if left[0] in {"matrix", "tuple"}:
        return parser.node(*structures.added(left, right))
    return parser.node("add", (*left[1], right) if left[0] == "add" else (left, right))


def _raised(parser: Parser, base: Node, _sign: str) -> Node:
    braced = parser.at("{") and parser.peek(2)[1] == "}"
    if parser.peek(braced) == _CIRCLE:
        parser.position += 3 if braced else 1
        return parser.node("degree", _with_minutes(parser, base))
    if base[0] == "sym" and parser.skip("*"):
        return parser.node("sym", f"{base[1]}*")
    if base in _NUMBERS:
        return _part_of(parser, base)
    if base[0] == "matrix":
        return _transposed(parser, base)
    return parser.node("pow", base, parser.exponent())


def _with_minutes(parser: Parser, degrees: Node) -> Node:
    """`30^\\circ 15' 20''`, which may end anywhere."""
    value = degrees[1] if degrees[0] == "num" else None
    for marks, parts in ((1, 60), (2, 3600)):
        written = [parser.peek(ahead)[1] for ahead in range(1, marks + 1)]
        kind, number, _ = parser.peek()
        if value is None or kind != "number" or written != ["'"] * marks:
            break
        value += Fraction(number[1]) / parts
        parser.position += 1 + marks
    return degrees if value is None or value == degrees[1] else parser.node("num", value)


def _part_of(parser: Parser, domain: Node) -> Node:
    """`\\mathbb{R}^+`, `\\mathbb{Z}^{+}`, `\\mathbb{R}^2`."""
    braced = parser.skip("{")
    sign = parser.take()
    if braced:
        parser.expect("}")
    if sign[1] in {"+", "-", "*"}:
        return parser.node(*_PARTS.get((domain[1], sign[1]), ("const", f"{domain[1]}{sign[1]}")))
    return parser.node("const", f"{domain[1]}^{sign[2] or sign[1]}")


def _transposed(parser: Parser, matrix: Node) -> Node:
    braced = parser.skip("{")
    if parser.take()[1] not in {"T", "intercal", "'"}:
        raise Unreadable("of the powers of a matrix only its transpose is known")
    if braced:
        parser.expect("}")
    return parser.node(*structures.transposed(matrix))


def _postfix(parser: Parser, left: Node, sign: str) -> Node:
    if sign in {"!", "!!"}:
        return parser.node("call", "fact" if sign == "!" else "fact2", (left,))
    if sign == "%":
        return parser.node("percent", left)
    if sign == "'":
        raise Unreadable("a prime stands behind something that is no name")
    return _subscript(parser, left)


def _bounded(parser: Parser, domain: Node) -> Node:
    """`\\mathbb{R}_{>0}`, `\\mathbb{Z}_{\\ge 0}`, `\\mathbb{R}_+`."""
    if parser.peek(1)[1] not in _BOUNDS:
        return _part_of(parser, domain)
    parser.expect("{")
    sign = parser.take()[1]
    limit = parser.expression(0)
    parser.expect("}")
    low, high = (limit, _INFINITY) if sign[0] == ">" else (("neg", _INFINITY), limit)
    interval = parser.node("interval", low, high, sign == ">=", sign == "<=")
    return interval if domain[1] == "real" else parser.node("intersection", domain, interval)


def _subscript(parser: Parser, left: Node) -> Node:
    if left in _NUMBERS:
        return _bounded(parser, left)
    index = _index(parser)
    if left[0] == "sym":
        counted = _counted(parser, left[1], index) if left[1] in ARRANGED else None
        return counted or parser.node("sym", f"{left[1]}_{_show(index)}")
    if left[0] == "num" and index[0] == "num":
        return parser.node("base", *_in_base(left[1], index[1]))
    if left[0] == "const" and left[1] in {"e", "i"}:
        return parser.node("sym", f"{left[1]}_{_show(index)}")
    raise Unreadable("a subscript stands behind something that is no name")


def _index(parser: Parser) -> Node:
    """A subscript; a function's name alone is a word, as in `m_{\\max}`."""
    braced = parser.at("{")
    kind, name, _ = parser.peek(braced)
    if kind == "command" and name in FUNCTIONS and (not braced or parser.peek(2)[1] == "}"):
        parser.position += 3 if braced else 1
        return ("text", name)
    return parser.argument()


def _counted(parser: Parser, name: str, chosen_from: Node) -> Node | None:
    """`C_{10}^{3}` and `A_5^2`, as choices and arrangements are written in many countries."""
    start = parser.position
    if chosen_from[0] != "num" or not parser.skip("^"):
        return None
    chosen = parser.argument()
    if chosen[0] != "num" or not 2 <= chosen[1] + 1 <= chosen_from[1]:
        parser.position = start
        return None
    return parser.node("call", "C" if name == "C" else "P", (chosen_from, chosen))


_NUMBERS: Final = frozenset(("const", name) for name in DOMAINS)
_BOUNDS: Final = frozenset({"<", ">", "<=", ">="})
_ZERO: Final[Node] = ("num", 0)
_INFINITY: Final[Node] = ("const", "inf")
_PARTS: Final[dict[tuple[str, str], Node]] = {
    ("real", "+"): ("interval", _ZERO, _INFINITY, False, False),
    ("real", "-"): ("interval", ("neg", _INFINITY), _ZERO, False, False),
    ("real", "*"): ("difference", ("const", "real"), ("set", (_ZERO,))),
    ("integer", "+"): ("const", "natural"),
    ("natural", "*"): ("const", "natural"),
    ("natural", "+"): ("const", "natural"),
}
_EXTEND: Final[dict[int, Callable[[Parser, Node, str], Node]]] = {
    RELATION: _chain,
    SET: _combination,
    RATIO: _ratio,
    SUM: _sum,
    POWER: _raised,
    POSTFIX: _postfix,
}


def _show(node: Node) -> str:
    """A subscript as part of a name."""
    if node[0] in {"num", "sym", "const", "text"}:
        return str(node[1])
    return "".join(char for char in str(node[1:]) if char.isalnum() or char in "_,")


def _in_base(digits: int | Fraction, base: int | Fraction) -> tuple[Fraction, int]:
    if not isinstance(digits, int) or not isinstance(base, int) or not 2 <= base <= 36:
        raise Unreadable("a base is a whole number from 2 to 36")
    try:
        return Fraction(int(str(digits), base)), base
    except ValueError as error:
        raise Unreadable(f"{digits} has digits that base {base} does not have") from error
