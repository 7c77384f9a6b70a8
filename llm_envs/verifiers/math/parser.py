"""Read a normalised answer into a tree of plain tuples.

A precedence-climbing (Pratt) parser of our own: no `eval`, no SymPy, no grammar generator, nothing that could run
what a policy wrote, and every dimension of the input bounded by a named constant. It reads LaTeX and plain text alike
and computes nothing: `9^{9^{9^9}}` is a small tree.

Nodes, each a tuple that starts with its kind (`Node`):

    ("num", n)                     an exact integer or Fraction literal
    ("dec", Fraction, places)      a decimal as written, with its number of decimal places
    ("mixed", Fraction)            a mixed number such as 1 1/2
    ("base", Fraction, base)       digits with a base as subscript; the value is that of the digits read in the base
    ("sym", name)  ("const", name) pi, e, i, inf, empty, real
    ("add", nodes) ("mul", nodes)  ("div", a, b) ("pow", a, b) ("neg", a) ("pm", sign, node)
    ("call", name, nodes)          root(x, n), log(x, base), sin, fact, binom, abs, ...
    ("percent", a) ("degree", a)   ("ratio", nodes)
    ("list", nodes) ("set", nodes) ("tuple", nodes) ("matrix", rows)
    ("interval", low, high, low_closed, high_closed) ("union" | "intersection" | "difference", a, b)
    ("rel", operators, nodes)      a chain a = b < c; operators = < > <= >= != ~ in
    ("text", words)

Source: V. R. Pratt, "Top down operator precedence", POPL 1973.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

__all__ = ["Node", "Unreadable", "children", "parse", "symbols"]

Node = tuple[Any, ...]
Token = tuple[str, Any, str]

MAX_CHARS: Final = 4000
"""The longest answers of public data sets have some 300 characters."""
MAX_TOKENS: Final = 2000
MAX_NODES: Final = 1500
MAX_DEPTH: Final = 60
"""Recursion over a tree stays far from Python's limit of 1,000 frames."""
MAX_DIGITS: Final = 1500
"""Digits of one literal; converting more is quadratic."""
MAX_EXPONENT: Final = 1000
"""Of scientific notation: `1E1000000` is refused before it is a million digits."""
MAX_MATRIX: Final = 64
MAX_POSTFIX: Final = 3
"""Signs such as ! % ' behind one operand."""

_EMPTY: Final = ("const", "empty")


class Unreadable(ValueError):
    """The text is no mathematics this parser knows; the message says where it stopped, for a person."""


# Lexer

_TOKEN = re.compile(
    r"""\s+
    | (?P<repeat>\d*\.\d*(?:\\(?:overline|bar|dot)\s*\{\d+\}|\(\d+\)) | \d*\.\d+\s*(?:\\[lc]?dots|\.\.\.))
    | (?P<number>(?:\d{1,3}(?:,\d{3})+(?!,?\d)(?:\.\d+)? | \d{1,3}(?:\ \d{3})+(?!\ ?\d)(?:\.\d+)? | \d+\.?\d* | \.\d+)
        (?:[eE][+-]?\d+)?)
    | \\(?P<edge>begin|end)\s*\{(?P<env>\w+)\*?\}
    | \\text\{(?P<text>[^{}]*)\}
    | \\(?P<command>[A-Za-z]+)
    | (?P<op>\\[\\{}|] | <= | >= | != | == | [-+*/^_=<>!%'(){}\[\]|,;:&])
    | (?P<word>[A-Za-z]+)""",
    re.VERBOSE,
)

_PLAIN_FUNCTIONS: Final = (
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh arsinh arcosh artanh ln log lg exp max min gcd lcm "  # noqa: SIM905 - words read best as words
    "floor ceil abs".split()
)
_FUNCTIONS: Final = {name: name for name in _PLAIN_FUNCTIONS} | {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "tg": "tan", "ctg": "cot", "cosec": "csc",
    "arcsinh": "arsinh", "arccosh": "arcosh", "arctanh": "artanh", "asinh": "arsinh", "acosh": "arcosh",
    "atanh": "artanh",
}  # fmt: skip
_INVERSE: Final = {
    "sin": "arcsin",
    "cos": "arccos",
    "tan": "arctan",
    "sinh": "arsinh",
    "cosh": "arcosh",
    "tanh": "artanh",
}
_CONSTANTS: Final = {
    "pi": "pi", "infty": "inf", "infinity": "inf", "inf": "inf", "emptyset": "empty", "varnothing": "empty",
}  # fmt: skip
_GREEK: Final = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau phi "  # noqa: SIM905 - the same
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Phi Psi Omega ell".split()
)
_RELATIONS: Final = {
    "=": "=", "==": "=", "equiv": "=", "<": "<", "lt": "<", ">": ">", "gt": ">", "<=": "<=", "le": "<=", "leq": "<=",
    "leqslant": "<=", ">=": ">=", "ge": ">=", "geq": ">=", "geqslant": ">=", "!=": "!=", "ne": "!=", "neq": "!=",
    "approx": "~", "in": "in",
}  # fmt: skip
_SET_OPERATIONS: Final = {"cup": "union", "cap": "intersection", "setminus": "difference", "backslash": "difference"}
_WORDS: Final = _FUNCTIONS.keys() | {"pi", "sqrt", "infinity", "infty", "inf", "and", "or", "cup"}
_MATRICES: Final = frozenset({"matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"})
_APPLIED: Final = frozenset("fghFGHPQ")
"""Letters that name a function when a single argument in parentheses follows: f(x), P(n)."""
_INVERSE_SIGN: Final = ["^", "{", "-", ("num", 1), "}", "("]
_LONGEST_WORD: Final = 3
"""`xyz` is a product; a longer unknown word is prose."""


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unreadable(f"the sign {text[position]!a} is no mathematics")
        position = match.end()
        kind = match.lastgroup
        if kind is not None:
            tokens += _LEX[kind](match)
        if len(tokens) > MAX_TOKENS:
            raise Unreadable(f"the answer has more than {MAX_TOKENS:,} signs")
    return tokens


def _lex_number(match: re.Match[str]) -> list[Token]:
    written = match["number"]
    digits, _, exponent = written.replace(",", "").replace(" ", "").lower().partition("e")
    if len(digits) > MAX_DIGITS:
        raise Unreadable(f"a number has more than {MAX_DIGITS:,} digits")
    if exponent and (len(exponent) > 6 or abs(int(exponent)) > MAX_EXPONENT):
        raise Unreadable(f"the exponent e{exponent[:12]} is out of range")
    whole, point, decimals = digits.partition(".")
    if not decimals and not exponent:
        return [("number", ("num", int(whole)), "" if point else written)]
    scale = len(decimals) - int(exponent or 0)
    value = Fraction(int(whole + decimals)) / Fraction(10) ** scale
    return [("number", ("dec", value, scale) if scale > 0 else ("num", value.numerator), "")]


def _lex_repeat(match: re.Match[str]) -> list[Token]:
    written = match["repeat"]
    whole, _, rest = written.partition(".")
    marked = re.fullmatch(r"(\d*)(?:\\\w+\s*\{|\()(\d+)[})]", rest)
    if marked is None:
        marked = re.match(r"(\d*?)(\d{1,6}?)\2+\s*(?:\\|\.)", rest) if len(rest) < 100 else None
    if marked is None or len(written) > MAX_DIGITS:
        raise Unreadable("it is not clear which digits repeat")
    fixed, period = marked[1], marked[2]
    value = Fraction(int((whole or "0") + fixed)) + Fraction(int(period), 10 ** len(period) - 1)
    return [("number", ("num", value / 10 ** len(fixed)), "")]


def _lex_word(match: re.Match[str]) -> list[Token]:
    """A known name, a known name that runs into letters (`sinx`), or a product of letters."""
    word = match["word"]
    if word in _WORDS:
        return [_named(word)]
    for length in range(len(word) - 1, 1, -1):
        if word[:length] in _WORDS and len(word) - length <= 2 and word[:length] not in {"and", "or", "in", "inf"}:
            return [_named(word[:length]), *(("symbol", letter, "") for letter in word[length:])]
    if len(word) > _LONGEST_WORD:
        raise Unreadable(f"the word {word[:30]!r} is not known")
    return [("symbol", letter, "") for letter in word]


def _named(word: str) -> Token:
    return ("op", word, "") if word in {"and", "or"} else ("command", word, "")


def _lex_command(match: re.Match[str]) -> list[Token]:
    name = match["command"]
    if name in _RELATIONS:
        return [("op", _RELATIONS[name], "")]
    if name in _SIGNS:
        return [("op", _SIGNS[name], "")]
    return [("symbol", name, "")] if name in _GREEK else [("command", _ALIASES.get(name, name), "")]


def _lex_text(match: re.Match[str]) -> list[Token]:
    words = match["text"].strip(" ,.").lower()
    if words in {"and", "or"}:
        return [("op", words, "")]
    return [("text", words, "")] if words else []


_SIGNS: Final = {
    "cdot": "*", "times": "*", "ast": "*", "div": "/", "pm": "pm", "mp": "mp", "lbrace": "\\{", "rbrace": "\\}",
    "vert": "|", "lvert": "|", "rvert": "|", "mid": "|", "land": "and", "lor": "or", "colon": ":", "prime": "'",
    "lbrack": "[", "rbrack": "]", "over": "over", "choose": "choose",
}  # fmt: skip
_ALIASES: Final = {
    "dfrac": "frac", "tfrac": "frac", "cfrac": "frac", "dbinom": "binom", "tbinom": "binom", "ldots": "dots",
    "cdots": "dots",
}  # fmt: skip
_LEX: Final[dict[str, Callable[[re.Match[str]], list[Token]]]] = {
    "number": _lex_number,
    "repeat": _lex_repeat,
    "env": lambda match: [(match["edge"], match["env"], "")],
    "text": _lex_text,
    "command": _lex_command,
    "op": lambda match: [("op", _RELATIONS.get(match["op"], match["op"]), "")],
    "word": _lex_word,
}

# Parser

_END: Final[Token] = ("end of text", "", "")
_RELATION, _SET, _RATIO, _SUM, _PRODUCT, _SIGN, _POWER, _POSTFIX = range(1, 9)
_INFIX: Final = (
    dict.fromkeys(_RELATIONS.values(), _RELATION)
    | {":": _RATIO, "+": _SUM, "-": _SUM, "pm": _SUM, "mp": _SUM, "*": _PRODUCT, "/": _PRODUCT}
    | {"^": _POWER, "!": _POSTFIX, "%": _POSTFIX, "'": _POSTFIX, "_": _POSTFIX}
)
_SEPARATORS: Final = frozenset({",", ";", "and", "or"})
_CLOSERS: Final = frozenset({")", "]", "["})
_OPERAND_COMMANDS: Final = (
    _FUNCTIONS.keys() | _CONSTANTS.keys() | {"frac", "sqrt", "binom", "lfloor", "lceil", "mathbb"}
)


def parse(text: str) -> Node:
    """The tree of a normalised text.

    Raises:
        Unreadable: it is not mathematics, or beyond one of the limits above.
    """
    if len(text) > MAX_CHARS:
        raise Unreadable(f"the answer has more than {MAX_CHARS:,} characters")
    node = _Parser(_tokens(text)).whole()
    _check(node)
    return node


def children(node: Node) -> list[Node]:
    """The nodes directly below `node`."""
    found: list[Node] = []
    for part in node[1:]:
        if isinstance(part, tuple) and part:
            if isinstance(part[0], str) and part[0] in _KINDS:
                found.append(part)
            elif node[0] == "matrix":
                found += [entry for row in part for entry in row]
            elif isinstance(part[0], tuple):
                found += part
    return found


def symbols(node: Node) -> frozenset[str]:
    """The names of the symbols in `node`."""
    if node[0] == "sym":
        return frozenset({node[1]})
    return frozenset().union(*map(symbols, children(node)))


_CALCULATIONS: Final = frozenset({"add", "mul", "div", "pow", "neg", "pm", "call", "percent", "degree", "ratio"})
_VALUES: Final = _CALCULATIONS - {"ratio"} | {"num", "dec", "mixed", "sym", "const"}
_NO_VALUES: Final = (_EMPTY, ("const", "real"))
_KINDS: Final = frozenset(
    "num dec mixed base sym const add mul div pow neg pm call percent degree ratio list set tuple matrix interval "  # noqa: SIM905 - the same
    "union intersection difference rel text".split()
)


def _check(node: Node) -> None:
    """Calculations are made of values alone, and no tree is deep.

    Left-nested chains grow without recursion in the parser; everything after it does recurse.
    """
    level, depth = [node], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep")
        below = [(parent[0], child) for parent in level for child in children(parent)]
        if any(kind in _CALCULATIONS and (child[0] not in _VALUES or child in _NO_VALUES) for kind, child in below):
            raise Unreadable("something that is no value stands inside a calculation")
        level = [child for _, child in below]


class _Parser:
    """One pass over the tokens. Methods named after what they read leave the position behind it."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.nodes = 0
        self.open_bars = 0

    # Moving along

    def peek(self, ahead: int = 0) -> Token:
        index = self.position + ahead
        return self.tokens[index] if index < len(self.tokens) else _END

    def take(self) -> Token:
        token = self.peek()
        self.position += 1
        return token

    def at(self, *operators: str) -> bool:
        kind, value, _ = self.peek()
        return kind == "op" and value in operators

    def skip(self, *operators: str) -> bool:
        if self.at(*operators):
            self.position += 1
            return True
        return False

    def expect(self, operator: str) -> None:
        if not self.skip(operator):
            raise Unreadable(f"{operator!r} is missing before {self.describe()}")

    def describe(self) -> str:
        kind, value, written = self.peek()
        return kind if kind == _END[0] else repr(str(written or value)[:30])

    def node(self, *parts: Any) -> Node:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Unreadable(f"the answer has more than {MAX_NODES:,} parts")
        return parts

    # The grammar, loosest first

    def whole(self) -> Node:
        node = self.inner()
        if self.peek() != _END:
            raise Unreadable(f"{self.describe()} is not expected here")
        return node

    def items(self) -> Node:
        """One expression, or a list of them between commas, semicolons and the words and, or."""
        nodes = [self.expression(0)]
        separators = set()
        while self.at(*_SEPARATORS):
            while self.at(*_SEPARATORS):
                separators.add(self.take()[1])
            nodes.append(self.expression(0))
        if len(nodes) == 1:
            return nodes[0]
        if len(nodes) == 2 and separators == {"and"} and all(node[0] == "rel" and "=" not in node[1] for node in nodes):
            return self.node("intersection", *nodes)
        return self.node("list", tuple(nodes))

    def expression(self, floor: int) -> Node:
        """Everything that binds more tightly than `floor`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep")
        left = self.operand()
        postfixes = 0
        while (power := self.binding()) > floor:
            postfixes = postfixes + 1 if power == _POSTFIX else 0
            if postfixes > MAX_POSTFIX:
                raise Unreadable("too many signs follow each other")
            left = self.extend(left, power)
        self.depth -= 1
        return left

    def binding(self) -> int:
        """How tightly the coming token binds what stands before it; 0 when it ends the expression."""
        kind, value, _ = self.peek()
        if kind == "op" and value in _INFIX:
            return _INFIX[value]
        if kind == "command" and value in _SET_OPERATIONS:
            return _SET
        return _PRODUCT if self.starts_operand() else 0

    def starts_operand(self) -> bool:
        """The coming token can be multiplied with what stands before it without a sign."""
        kind, value, _ = self.peek()
        if kind == "op":
            return value in {"(", "{"} or (value == "|" and not self.open_bars)
        return kind in {"number", "symbol", "begin"} or (kind == "command" and value in _OPERAND_COMMANDS)

    def extend(self, left: Node, power: int) -> Node:  # noqa: PLR0911 - one return for each way to go on
        if power == _PRODUCT:
            return self.product(left)
        _, sign, _ = self.take()
        if power == _RELATION:
            return self.chain("rel", left, sign)
        if power == _SET:
            return self.node(_SET_OPERATIONS[sign], left, self.expression(_SET))
        if power == _RATIO:
            right = self.expression(_RATIO)
            return self.node("ratio", (*left[1], right) if left[0] == "ratio" else (left, right))
        if power == _SUM:
            return self.sum(left, sign)
        if power == _POWER:
            return self.raised(left)
        return self.postfix(left, sign)

    def chain(self, kind: str, left: Node, sign: str) -> Node:
        right = self.expression(_RELATION)
        if left[0] == kind:
            return self.node(kind, (*left[1], sign), (*left[2], right))
        return self.node(kind, (sign,), (left, right))

    def sum(self, left: Node, sign: str) -> Node:
        right = self.expression(_SUM)
        if sign == "-":
            right = self.negative(right)
        elif sign in {"pm", "mp"}:
            right = self.node("pm", 1 if sign == "pm" else -1, right)
        return self.node("add", (*left[1], right) if left[0] == "add" else (left, right))

    def product(self, left: Node) -> Node:
        if self.skip("/"):
            return self.node("div", left, self.expression(_PRODUCT))
        signed = self.skip("*")
        before = self.peek(-1)[0]
        right = self.expression(_PRODUCT)
        if not signed and before == "number" and left[0] == "num":
            mixed = self.mixed(left, right)
            if mixed is not None:
                return mixed
        if not signed and right[0] in {"num", "dec"} and before in {"number", "symbol"}:
            raise Unreadable("two numbers stand side by side")
        if right[0] == "matrix" and left[0] in _VALUES:
            return self.scaled(left, right)
        return self.node("mul", (*left[1], right) if left[0] == "mul" else (left, right))

    def scaled(self, factor: Node, matrix: Node) -> Node:
        """A matrix with a factor before it: each entry times the factor."""
        rows = [tuple(self.node("mul", (factor, entry)) for entry in row) for row in matrix[1]]
        return self.node("matrix", tuple(rows))

    def mixed(self, whole: Node, right: Node) -> Node | None:
        """`1 1/2` and `1\\frac{1}{2}`; None when it is a product after all."""
        if right[0] in {"percent", "degree"}:
            mixed = self.mixed(whole, right[1])
            return None if mixed is None else self.node(right[0], mixed)
        if right[0] == "num" and self.at("/") and self.peek(1)[0] == "number":
            self.take()
            right = ("div", right, self.expression(_PRODUCT))
        if right[0] != "div" or right[1][0] != "num" or right[2][0] != "num":
            return None
        numerator, denominator = right[1][1], right[2][1]
        if not 0 < numerator < denominator or whole[1] < 0:
            return None
        return self.node("mixed", Fraction(whole[1]) + Fraction(numerator, denominator))

    def negative(self, node: Node) -> Node:
        if node[0] in {"num", "dec", "mixed"}:
            return self.node(node[0], -node[1], *node[2:])
        return self.scaled(("num", -1), node) if node[0] == "matrix" else self.node("neg", node)

    def raised(self, base: Node) -> Node:
        if self.peek() == ("command", "circ", ""):
            self.take()
            return self.node("degree", base)
        if self.at("{") and self.peek(1) == ("command", "circ", "") and self.peek(2)[1] == "}":
            self.position += 3
            return self.node("degree", base)
        return self.node("pow", base, self.exponent())

    def exponent(self) -> Node:
        if self.skip("-"):
            return self.negative(self.exponent_operand())
        self.skip("+")
        return self.exponent_operand()

    def exponent_operand(self) -> Node:
        """One operand, with a further exponent if there is one: powers associate to the right."""
        return self.expression(_POWER - 1) if not self.at("{") else self.expression(_SIGN)

    def postfix(self, left: Node, sign: str) -> Node:
        if sign == "!":
            return self.node("call", "fact", (left,))
        if sign == "%":
            return self.node("percent", left)
        if sign == "'":
            raise Unreadable("a prime stands behind something that is no name")
        return self.subscript(left)

    def subscript(self, left: Node) -> Node:
        index = self.argument()
        if left[0] == "sym":
            return self.node("sym", f"{left[1]}_{_show(index)}")
        if left[0] == "num" and index[0] == "num":
            return self.node("base", *_in_base(left[1], index[1]))
        raise Unreadable("a subscript stands behind something that is no name")

    # Operands

    def operand(self) -> Node:
        kind, value, _ = self.take()
        if kind == "number":
            return self.node(*value)
        if kind == "symbol":
            return self.symbol(value)
        if kind == "op":
            return self.group(value)
        if kind == "command":
            return self.command(value)
        if kind == "begin" and value in _MATRICES:
            return self.matrix(value)
        if kind == "text":
            return self.node("text", value)
        self.position -= 1
        raise Unreadable(f"{self.describe()} is not expected here")

    def symbol(self, name: str) -> Node:
        if name in {"e", "i"}:
            return self.node("const", name)
        applied = name in _APPLIED
        if applied and [self.peek(ahead)[1] for ahead in range(6)] == _INVERSE_SIGN:
            self.position += 5
            name += "^-1"
        for _ in range(MAX_POSTFIX):
            name += "'" if self.skip("'") else ""
        applied = applied and self.at("(") and self.peek(1)[0] in {"symbol", "number"}
        if applied and self.peek(2) == ("op", ")", ""):
            argument = self.peek(1)
            self.position += 3
            return self.node("sym", f"{name}({argument[2] or argument[1]})")
        return self.node("sym", name)

    def group(self, opening: str) -> Node:
        if opening == "-":
            return self.negative(self.expression(_SUM))
        if opening == "+":
            return self.expression(_SUM)
        if opening in {"pm", "mp"}:
            return self.node("pm", 1 if opening == "pm" else -1, self.expression(_SUM))
        if opening in {"(", "[", "]"}:
            return self.parenthesis(opening)
        if opening in {"{", "\\{"}:
            return self.braces(opening)
        if opening == "|":
            return self.bars()
        self.position -= 1
        raise Unreadable(f"{self.describe()} is not expected here")

    def inner(self) -> Node:
        """The contents of brackets: bars inside are counted afresh."""
        bars, self.open_bars = self.open_bars, 0
        node = self.items()
        if self.at("over", "choose"):
            _, sign, _ = self.take()
            below = self.items()
            node = self.node("div", node, below) if sign == "over" else self.node("call", "binom", (node, below))
        self.open_bars = bars
        return node

    def parenthesis(self, opening: str) -> Node:
        node = self.inner()
        kind, closing, _ = self.take()
        if kind != "op" or closing not in _CLOSERS:
            self.position -= 1
            raise Unreadable(f"a bracket is not closed before {self.describe()}")
        if node[0] != "list":
            if (opening, closing) in {("(", ")"), ("[", "]")}:
                return node
            raise Unreadable("the brackets do not match")
        if (opening, closing) == ("(", ")"):
            return self.node("tuple", node[1])
        if len(node[1]) == 2:
            return self.node("interval", *node[1], opening == "[", closing == "]")
        return self.node("tuple", node[1])

    def braces(self, opening: str) -> Node:
        closing = "}" if opening == "{" else "\\}"
        if self.skip(closing):
            if opening == "{":
                raise Unreadable("a group is empty")
            return self.node(*_EMPTY)
        builder = opening == "\\{" and self.set_builder()
        node = self.inner()
        self.expect(closing)
        if builder:
            if node[0] not in {"rel", "list", "intersection"}:
                raise Unreadable("a set is described by something that is no condition")
            return node
        if node[0] == "list":
            return self.node("set", node[1])
        return node if opening == "{" else self.node("set", (node,))

    def set_builder(self) -> bool:
        """Skip `x |` and `x \\in \\mathbb{R} :` where a set begins so: the condition that follows is the set."""
        if self.peek()[0] != "symbol":
            return False
        written = [self.peek(ahead)[1] for ahead in range(1, 7)]
        domain = 5 if written[:5] == ["in", "mathbb", "{", "R", "}"] else 0
        if written[domain] not in {"|", ":"}:
            return False
        self.position += domain + 2
        return True

    def bars(self) -> Node:
        bars, self.open_bars = self.open_bars, 1
        node = self.expression(0)
        self.open_bars = bars
        self.expect("|")
        return self.node("call", "abs", (node,))

    def command(self, name: str) -> Node:
        if name in _CONSTANTS:
            return self.node("const", _CONSTANTS[name])
        if name in _FUNCTIONS:
            return self.function(_FUNCTIONS[name])
        read = _COMMANDS.get(name)
        if read is not None:
            return read(self)
        self.position -= 1
        raise Unreadable(f"the command \\{name[:30]} is not known")

    def fraction(self) -> Node:
        above = self.argument(single=True)
        return self.node("div", above, self.argument(single=True))

    def root(self) -> Node:
        degree: Node = ("num", 2)
        if self.skip("["):
            degree = self.inner()
            self.expect("]")
        return self.node("call", "root", (self.argument(), degree))

    def binomial(self) -> Node:
        above = self.argument(single=True)
        return self.node("call", "binom", (above, self.argument(single=True)))

    def enclosed(self, closing: str) -> Node:
        node = self.inner()
        if self.take()[:2] != ("command", closing):
            raise Unreadable(f"\\{closing} is missing")
        return node

    def angle(self) -> Node:
        node = self.enclosed("rangle")
        return self.node("tuple", node[1] if node[0] == "list" else (node,))

    def blackboard(self) -> Node:
        letter = self.argument()
        if letter != ("sym", "R"):
            raise Unreadable("of the sets of numbers only the real numbers are known")
        return self.node("const", "real")

    def argument(self, *, single: bool = False) -> Node:
        """What a command takes: a group in braces, or one token (one digit where TeX says so: `\\frac12`)."""
        kind, _, written = self.peek()
        if kind == "number" and single and written.isdigit() and len(written) > 1:
            self.tokens[self.position] = ("number", ("num", int(written[1:])), written[1:])
            return self.node("num", int(written[0]))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(f"the answer is nested more than {MAX_DEPTH} deep")
        node = self.operand()
        self.depth -= 1
        return node

    def function(self, name: str) -> Node:
        base = power = None
        for _ in range(2):
            if base is None and self.skip("_"):
                base = self.argument()
            elif power is None and self.skip("^"):
                power = self.exponent()
        arguments = self.function_arguments()
        if power == ("num", -1) and name in _INVERSE:
            return self.node("call", _INVERSE[name], arguments)
        node = self.applied(name, arguments, base)
        return node if power is None else self.node("pow", node, power)

    def applied(self, name: str, arguments: tuple[Node, ...], base: Node | None) -> Node:
        if (len(arguments) > 1) != (name in _SEVERAL):
            raise Unreadable(f"{name} takes another number of arguments")
        if name in {"ln", "log", "lg"}:
            return self.node("call", "log", (arguments[0], base or (("num", 10) if name == "lg" else ("const", "e"))))
        if base is not None:
            raise Unreadable(f"{name} has no subscript")
        if name == "exp":
            return self.node("pow", ("const", "e"), arguments[0])
        return self.node("call", name, arguments)

    def function_arguments(self) -> tuple[Node, ...]:
        if self.at("(", "{"):
            node = self.operand()
            return node[1] if node[0] == "tuple" else (node,)
        if self.skip("-"):
            return (self.negative(self.factors()),)
        return (self.factors(),)

    def factors(self) -> Node:
        """The product that a function without parentheses takes: `\\sin 2x` but not `\\sin x \\cos x`."""
        factors = [self.expression(_SIGN)]
        while self.peek()[0] in {"number", "symbol"} or self.peek()[:2] in _FACTOR_COMMANDS:
            factors.append(self.expression(_SIGN))
        return factors[0] if len(factors) == 1 else self.node("mul", tuple(factors))

    def matrix(self, name: str) -> Node:
        if name == "array" and self.at("{"):
            while self.take()[1] not in {"}", ""}:
                pass
        rows: list[list[Node]] = [[]]
        while self.peek()[0] != "end":
            if self.skip("\\\\"):
                rows.append([])
            elif not self.skip("&"):
                rows[-1].append(self.expression(0))
        self.take()
        filled = tuple(tuple(row) for row in rows if row)
        if not filled or len({len(row) for row in filled}) != 1 or len(filled) * len(filled[0]) > MAX_MATRIX:
            raise Unreadable("the matrix has rows of different lengths, or too many entries")
        return self.node("matrix", filled)


_SEVERAL: Final = frozenset({"max", "min", "gcd", "lcm"})
_FACTOR_COMMANDS: Final = frozenset({("command", "pi"), ("command", "frac"), ("command", "sqrt")})
_COMMANDS: Final[dict[str, Callable[[_Parser], Node]]] = {
    "frac": _Parser.fraction,
    "sqrt": _Parser.root,
    "binom": _Parser.binomial,
    "lfloor": lambda parser: parser.node("call", "floor", (parser.enclosed("rfloor"),)),
    "lceil": lambda parser: parser.node("call", "ceil", (parser.enclosed("rceil"),)),
    "langle": _Parser.angle,
    "mathbb": _Parser.blackboard,
}


def _show(node: Node) -> str:
    """A subscript as part of a name."""
    if node[0] in {"num", "sym", "const", "text"}:
        return str(node[1])
    return re.sub(r"[^\w,]", "", str(node[1:]))


def _in_base(digits: int | Fraction, base: int | Fraction) -> tuple[Fraction, int]:
    if not isinstance(digits, int) or not isinstance(base, int) or not 2 <= base <= 36:
        raise Unreadable("a base is a whole number from 2 to 36")
    try:
        return Fraction(int(str(digits), base)), base
    except ValueError as error:
        raise Unreadable(f"{digits} has digits that base {base} does not have") from error
