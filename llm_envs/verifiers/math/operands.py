"""What can stand as an operand: numbers, names, brackets of every kind, functions with their arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from llm_envs.verifiers.math import structures
from llm_envs.verifiers.math.commands import COMMANDS
from llm_envs.verifiers.math.grammar import SIGN, SUM, Parser
from llm_envs.verifiers.math.lexer import Unreadable
from llm_envs.verifiers.math.trees import Node
from llm_envs.verifiers.math.vocabulary import APPLIED, CONSTANTS, COUNTS, FUNCTIONS, INVERSE, RELATIONS, SEVERAL

__all__ = ["OPERANDS"]

MAX_PRIMES: Final = 3
_CLOSERS: Final = frozenset({")", "]", "["})
_INVERSE_SIGN: Final = ["^", "{", "-", ("num", 1), "}", "("]
_FACTOR_COMMANDS: Final = frozenset({("command", "pi"), ("command", "frac"), ("command", "sqrt")})


_GREEK_FUNCTIONS: Final = frozenset({"Gamma", "zeta"})


# Names


def _symbol(parser: Parser, name: str) -> Node:
    if name in {"e", "i"} and not parser.at("'"):
        return parser.node("const", name)
    if name in _GREEK_FUNCTIONS and parser.at("("):
        return parser.node("call", name.lower(), (parser.operand(),))
    applied = name in APPLIED or [parser.peek(ahead)[1] for ahead in (0, 2, 3)] == ["(", ")", "="]
    if applied and [parser.peek(ahead)[1] for ahead in range(6)] == _INVERSE_SIGN:
        parser.position += 5
        name += "^-1"
    for _ in range(MAX_PRIMES):
        name += "'" if parser.skip("'") else ""
    applied = applied and parser.at("(") and parser.peek(1)[0] in {"symbol", "number"}
    if applied and parser.peek(2) == ("op", ")", ""):
        argument = parser.peek(1)
        parser.position += 3
        return parser.node("sym", f"{name}({argument[2] or argument[1]})")
    return parser.node("sym", name)


# Brackets


def _group(parser: Parser, opening: str) -> Node:
    read = _GROUPS.get(opening)
    if read is None:
        raise parser.unexpected()
    return read(parser, opening)


def _signed(parser: Parser, sign: str) -> Node:
    node = parser.expression(SUM)
    if sign == "+":
        return node
    return parser.negative(node) if sign == "-" else parser.node("pm", 1 if sign == "pm" else -1, node)


def _parenthesis(parser: Parser, opening: str) -> Node:
    rows = opening == "[" and parser.at("[")
    if parser.describes and not parser.open_bars:
        parser.mark_condition()
    node = parser.inner()
    kind, closing, _ = parser.take()
    if kind != "op" or closing not in _CLOSERS:
        parser.position -= 1
        raise Unreadable(f"a bracket is not closed before {parser.describe()}")
    if node[0] != "list":
        if (opening, closing) in {("(", ")"), ("[", "]")}:
            return node
        raise Unreadable("the brackets do not match")
    if rows and closing == "]":
        return parser.node(*structures.nested(node))
    if (opening, closing) != ("(", ")") and len(node[1]) == 2 and node[1][0][0] != "tuple":
        return parser.node("interval", *node[1], opening == "[", closing == "]")
    return parser.node("tuple", node[1])


def _braces(parser: Parser, opening: str) -> Node:
    closing = "}" if opening == "{" else "\\}"
    if parser.skip(closing):
        return parser.node("const", "empty") if opening == "\\{" else _prefixed(parser, parser.take()[1])
    separator = _separator(parser) if parser.describes else None
    if separator is not None:
        return _described(parser, separator, closing)
    if opening == "\\{" and parser.peek()[0] == "begin":
        return _brace_before_rows(parser)
    node = parser.inner()
    parser.expect(closing)
    if node[0] == "list":
        return parser.node("set", node[1])
    return node if opening == "{" or node[0] == "family" else parser.node("set", (node,))


def _brace_before_rows(parser: Parser) -> Node:
    """`\\left\\{\\begin{array}...\\end{array}\\right.`: a system or cases, closed or not."""
    node = _environment(parser, parser.take()[1], piecewise=True)
    parser.skip("\\}")
    return node


def _prefixed(parser: Parser, sign: str) -> Node:
    """`{}_{10}C_{3}` and `{}^{10}C_3`: how many choices there are, with the number chosen from in front."""
    if sign not in {"_", "^"}:
        raise Unreadable("a group is empty")
    chosen_from = parser.argument()
    kind, name, _ = parser.take()
    if kind != "symbol" or name not in COUNTS or not parser.skip("_"):
        raise parser.unexpected()
    return parser.node("call", name, (chosen_from, parser.argument()))


def _separator(parser: Parser) -> int | None:
    """Where the bar or colon stands that parts the elements of a set from their conditions; None for none."""
    bars, colons, related = [], [], 0
    for index, token in parser.group():
        bars += [index] if token[:2] == ("op", "|") else []
        colons += [index] if token[:2] == ("op", ":") else []
        related = index if token[0] == "op" and token[1] in RELATIONS.values() else related
    absolute = len(bars) > 2 and bars[0] == parser.position
    found = bars[2 if absolute else 0] if len(bars) % 2 else min(colons, default=0)
    return found if parser.position < found < related else None


def _described(parser: Parser, separator: int, closing: str) -> Node:
    parser.tokens[separator] = ("op", "such that", "")
    bars, parser.open_bars = parser.open_bars, 0
    element = parser.items()
    parser.expect("such that")
    condition = parser.items()
    parser.open_bars = bars
    parser.expect(closing)
    return parser.node(*structures.described(element, condition))


def _bars(parser: Parser, _opening: str) -> Node:
    bars, parser.open_bars = parser.open_bars, 1
    node = parser.expression(0)
    parser.open_bars = bars
    parser.expect("|")
    return parser.node(*structures.determinant(node)) if node[0] == "matrix" else parser.node("call", "abs", (node,))


_GROUPS: Final[dict[str, Callable[[Parser, str], Node]]] = {
    **dict.fromkeys(("-", "+", "pm", "mp"), _signed),
    **dict.fromkeys(("(", "[", "]"), _parenthesis),
    **dict.fromkeys(("{", "\\{"), _braces),
    **dict.fromkeys(("_", "^"), _prefixed),
    "|": _bars,
}


# Environments


def _environment(parser: Parser, name: str, *, piecewise: bool = False) -> Node:
    if name == "array" and parser.at("{"):
        while parser.take()[1] not in {"}", ""}:
            pass
    rows: list[list[Node]] = [[]]
    while parser.peek()[0] != "end":
        if parser.skip("\\\\"):
            rows.append([])
        elif not parser.skip("&", ",", ";"):
            rows[-1].append(_cell(parser, name))
    parser.take()
    return parser.node(*structures.environment(name, rows, piecewise=piecewise))


def _cell(parser: Parser, name: str) -> Node:
    """An entry; in a stack of equations, the marks at which they are aligned are none of it."""
    if name in structures.STACKS:
        start = stop = parser.position
        while stop < len(parser.tokens) and parser.tokens[stop][1] not in {"\\\\", name}:
            stop += 1
        parser.tokens[start:stop] = [token for token in parser.tokens[start:stop] if token[1] != "&"]
    return parser.items()


# Commands and functions


def _command(parser: Parser, name: str) -> Node:
    if name in CONSTANTS:
        return parser.node("const", CONSTANTS[name])
    read = COMMANDS.get(name)
    if read is not None:
        return read(parser)
    if name in FUNCTIONS:
        return _function(parser, FUNCTIONS[name])
    parser.position -= 1
    raise Unreadable(f"the command \\{name[:30]} is not known")


def _mark(parser: Parser, name: str) -> Node:
    """Dots stand for themselves, in lists, sums and products."""
    if name != "dots":
        raise parser.unexpected()
    return parser.node("sym", "...")


def _function(parser: Parser, name: str) -> Node:
    base = power = None
    for _ in range(2):
        if base is None and parser.skip("_"):
            base = parser.argument()
        elif power is None and parser.skip("^"):
            power = parser.exponent()
    arguments = _arguments(parser)
    if power == ("num", -1) and name in INVERSE:
        return _applied(parser, INVERSE[name], arguments, None)
    node = _applied(parser, name, arguments, base)
    return node if power is None else parser.node("pow", node, power)


def _applied(parser: Parser, name: str, arguments: tuple[Node, ...], base: Node | None) -> Node:
    if name in SEVERAL and len(arguments) == 1 and arguments[0][0] == "sym":
        return parser.node("sym", f"{name} {arguments[0][1]}")
    if not _takes(name, len(arguments)) or (base is not None and len(arguments) > 1):
        raise Unreadable(f"{name} takes another number of arguments")
    if name in _LOGARITHMS:
        return parser.node("call", "log", (*arguments, *([base] if base else _LOGARITHMS[name])))
    if base is not None:
        raise Unreadable(f"{name} has no subscript")
    write = _WRITTEN_OUT.get(name)
    return parser.node(*(write(*arguments) if write is not None else ("call", name, arguments)))


def _takes(name: str, count: int) -> bool:
    if name in SEVERAL:
        return count > 1
    return count == 2 if name == "binom" else count == 1 or (count == 2 and name == "log")


def _arguments(parser: Parser) -> tuple[Node, ...]:
    if parser.at("(", "{", "\\{", "["):
        node = parser.operand()
        if node[0] == "interval":
            return (node[1], node[2])
        return node[1] if node[0] in {"tuple", "set"} else (node,)
    if parser.skip("-"):
        return (parser.negative(_factors(parser)),)
    return (_factors(parser),)


def _factors(parser: Parser) -> Node:
    """The product that a function without parentheses takes: `\\sin 2x` but not `\\sin x \\cos x`."""
    factors = [parser.expression(SIGN)]
    while parser.starts_operand() and (
        parser.peek()[0] in {"number", "symbol"} or parser.peek()[:2] in _FACTOR_COMMANDS
    ):
        factors.append(parser.expression(SIGN))
    return factors[0] if len(factors) == 1 else parser.node("mul", tuple(factors))


_LOGARITHMS: Final[dict[str, tuple[Node, ...]]] = {"ln": (("const", "e"),), "lg": (("num", 10),), "log": ()}
"""The base of a logarithm without one; that of `\\log` is left open."""


def _reciprocal(name: str) -> Callable[[Node], Node]:
    return lambda argument: ("div", ("num", 1), ("call", name, (argument,)))


def _of_reciprocal(name: str) -> Callable[[Node], Node]:
    return lambda argument: ("call", name, (("div", ("num", 1), argument),))


_WRITTEN_OUT: Final[dict[str, Callable[..., Node]]] = {
    "exp": lambda x: ("pow", ("const", "e"), x),
    "cis": lambda x: ("pow", ("const", "e"), ("mul", (("const", "i"), x))),
    "cbrt": lambda x: ("call", "root", (x, ("num", 3))),
    "sech": _reciprocal("cosh"),
    "csch": _reciprocal("sinh"),
    "coth": _reciprocal("tanh"),
    "arcsec": _of_reciprocal("arccos"),
    "arccsc": _of_reciprocal("arcsin"),
}
"""Functions that are read as others."""

OPERANDS: Final[dict[str, Callable[[Parser, Any], Node]]] = {
    "number": lambda parser, value: parser.node(*value),
    "symbol": _symbol,
    "op": _group,
    "command": _command,
    "begin": _environment,
    "mark": _mark,
    "text": lambda parser, words: parser.node("text", words),
}
"""What reads an operand, by the kind of the token it begins with."""
