"""The words of a SQL text, comments and blanks left out. It knows no grammar; any text has tokens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

__all__ = ["Token", "TokenKind", "closing", "copies", "tokens_of"]

TokenKind = Literal["text", "number", "name", "quoted", "sign", "stray"]

_TOKEN = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d][\w$]*)
    |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
    |(?P<sign><>|!=|<=|>=|==|\|\||<<|>>|->>?|[-+*/%&|~<>=(),.;?:@])
    |(?P<stray>.)""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """One word; `low` is a name's in lower case and without quotes, which is how SQLite compares names."""

    kind: TokenKind
    text: str
    start: int

    @property
    def low(self) -> str:
        """As names are compared."""
        return (self.text[1:-1] if self.kind == "quoted" else self.text).lower()


def tokens_of(sql: str) -> list[Token]:
    """The tokens of a text, in order."""
    return [
        Token(cast("TokenKind", match.lastgroup), match[0], match.start())
        for match in _TOKEN.finditer(sql)
        if match.lastgroup != "blank"
    ]


def closing(tokens: Sequence[Token], opening: int) -> int:
    """The place of the bracket that closes the one at `opening`; the end where none does."""
    depth = 0
    for place in range(opening, len(tokens)):
        depth += (tokens[place].text == "(") - (tokens[place].text == ")")
        if not depth:
            return place
    return len(tokens)


def copies(tokens: Sequence[Token], most: int) -> int:
    """How many copies of named subqueries SQLite will make of a query, at most `most + 1`.

    It writes out `WITH a AS (...)` at every place that names it, and what is inside once more, before it runs anything:
    ten lines can so take all memory there is. Counted generously, with no regard to where a name is known.
    """
    bodies: dict[str, list[str]] = {}
    for place in range(2, len(tokens)):
        if tokens[place].text == "(" and (name := _named(tokens, place)) is not None:
            inside = tokens[place : closing(tokens, place)]
            bodies.setdefault(name, []).extend(token.low for token in inside if token.kind in {"name", "quoted"})
    sizes: dict[str, int] = {}

    def size_of(name: str) -> int:
        if name not in sizes:
            sizes[name] = 1  # a name inside itself counts once: such queries are refused elsewhere
            sizes[name] = min(most + 1, 1 + sum(size_of(inner) for inner in bodies[name] if inner in bodies))
        return sizes[name]

    return min(most + 1, sum(size_of(token.low) for token in tokens if token.low in bodies))


def _named(tokens: Sequence[Token], opening: int) -> str | None:
    """The name that a bracket's inside is given: `name AS (`, `name (columns) AS (`, `name AS MATERIALIZED (`."""
    before = opening - 1
    while before > 0 and tokens[before].low in {"materialized", "not"}:
        before -= 1
    if tokens[before].low != "as" or before == 0:
        return None
    before -= 1
    if tokens[before].text == ")":
        while before > 0 and tokens[before].text != "(":
            before -= 1
        before -= 1
    return tokens[before].low if before >= 0 and tokens[before].kind in {"name", "quoted"} else None
