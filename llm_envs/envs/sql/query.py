"""Queries as trees, and as SQL. No more of SQL than the questions need.

Every node is immutable and says itself in SQL by `str`. Columns are always named with the alias of their table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

__all__ = [
    "Between",
    "Case",
    "Column",
    "Compare",
    "Compound",
    "Condition",
    "Constant",
    "Exists",
    "Expression",
    "Function",
    "Join",
    "Like",
    "Logic",
    "Membership",
    "Not",
    "Null",
    "Operation",
    "Order",
    "Query",
    "Scalar",
    "Select",
]


@dataclass(frozen=True)
class Column:
    """Of the table that has this alias here."""

    alias: str
    name: str

    def __str__(self) -> str:
        return f"{self.alias}.{self.name}"


@dataclass(frozen=True)
class Constant:
    """A number or a text."""

    value: float | str

    def __str__(self) -> str:
        if isinstance(self.value, str):
            return "'" + self.value.replace("'", "''") + "'"
        return repr(self.value)


@dataclass(frozen=True)
class Function:
    """A function or an aggregate; without arguments it is one of rows: `COUNT(*)`."""

    name: str
    arguments: tuple[Expression, ...] = ()
    distinct: bool = False

    def __str__(self) -> str:
        inside = ", ".join(map(str, self.arguments)) or "*"
        return f"{self.name}({'DISTINCT ' if self.distinct else ''}{inside})"


@dataclass(frozen=True)
class Operation:
    """Two numbers joined by a sign."""

    sign: Literal["+", "-", "*"]
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"({self.left} {self.sign} {self.right})"


@dataclass(frozen=True)
class Case:
    """1 where a condition holds, else NULL."""

    condition: Condition

    def __str__(self) -> str:
        return f"CASE WHEN {self.condition} THEN 1 END"


@dataclass(frozen=True)
class Scalar:
    """The one value that a query finds."""

    select: Select

    def __str__(self) -> str:
        return f"({self.select})"


Expression = Column | Constant | Function | Operation | Case | Scalar


@dataclass(frozen=True)
class Compare:
    """Two values compared."""

    sign: Literal["=", "<>", "<", "<=", ">", ">="]
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"{self.left} {self.sign} {self.right}"


@dataclass(frozen=True)
class Between:
    """Within two bounds, both included."""

    value: Expression
    low: Constant
    high: Constant

    def __str__(self) -> str:
        return f"{self.value} BETWEEN {self.low} AND {self.high}"


@dataclass(frozen=True)
class Membership:
    """One of several constants, or none of them."""

    value: Expression
    options: tuple[Constant, ...]
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.value} {'NOT ' if self.negated else ''}IN ({', '.join(map(str, self.options))})"


@dataclass(frozen=True)
class Like:
    """A text of a pattern, upper and lower case being the same."""

    value: Expression
    pattern: Constant
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.value} {'NOT ' if self.negated else ''}LIKE {self.pattern}"


@dataclass(frozen=True)
class Null:
    """An unknown value, or a known one."""

    value: Expression
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.value} IS {'NOT ' if self.negated else ''}NULL"


@dataclass(frozen=True)
class Exists:
    """A query finds something, or nothing."""

    select: Select
    negated: bool = False

    def __str__(self) -> str:
        return f"{'NOT ' if self.negated else ''}EXISTS ({self.select})"


@dataclass(frozen=True)
class Not:
    """A condition that does not hold."""

    condition: Condition

    def __str__(self) -> str:
        return f"NOT ({self.condition})"


@dataclass(frozen=True)
class Logic:
    """All of some conditions, or at least one of them."""

    word: Literal["AND", "OR"]
    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return f" {self.word} ".join(f"({c})" if isinstance(c, Logic) else str(c) for c in self.conditions)


Condition = Compare | Between | Membership | Like | Null | Exists | Not | Logic


@dataclass(frozen=True)
class Join:
    """Another table, row by row; a left one keeps rows that it has nothing for."""

    table: str
    alias: str
    condition: Condition
    left: bool = False

    def __str__(self) -> str:
        return f"{'LEFT ' if self.left else ''}JOIN {self.table} AS {self.alias} ON {self.condition}"


@dataclass(frozen=True)
class Order:
    """By what rows are sorted."""

    value: Expression
    descending: bool = False

    def __str__(self) -> str:
        return f"{self.value}{' DESC' if self.descending else ''}"


@dataclass(frozen=True)
class Select:
    """One SELECT.

    Args:
        table: a name, or a query whose columns the alias then has.
    """

    outputs: tuple[Expression, ...]
    table: str | Select
    alias: str
    joins: tuple[Join, ...] = ()
    where: Condition | None = None
    group: tuple[Expression, ...] = ()
    having: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    distinct: bool = False
    names: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        shown = [f"{one} AS {name}" for one, name in zip(self.outputs, self.names, strict=False)] or self.outputs
        source = f"({self.table})" if isinstance(self.table, Select) else self.table
        parts = [
            f"SELECT {'DISTINCT ' if self.distinct else ''}{', '.join(map(str, shown))}",
            f"FROM {source} AS {self.alias}",
            *map(str, self.joins),
            f"WHERE {self.where}" if self.where else "",
            f"GROUP BY {', '.join(map(str, self.group))}" if self.group else "",
            f"HAVING {self.having}" if self.having else "",
            f"ORDER BY {', '.join(map(str, self.order))}" if self.order else "",
            f"LIMIT {self.limit}" if self.limit else "",
        ]
        return " ".join(filter(None, parts))


@dataclass(frozen=True)
class Compound:
    """Two results joined into one."""

    word: Literal["UNION", "UNION ALL", "INTERSECT", "EXCEPT"]
    left: Select
    right: Select

    def __str__(self) -> str:
        return f"{self.left} {self.word} {self.right}"


Query = Select | Compound
