"""Edits of queries as trees: mutants, which differ from a query in one place, and rewrites, which mean the same.

Neither is known to the verifier, nor to what chooses its databases.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from llm_envs.envs.sql.query import (
    Between,
    Case,
    Column,
    Compare,
    Compound,
    Constant,
    Exists,
    Function,
    Join,
    Like,
    Logic,
    Membership,
    Not,
    Null,
    Operation,
    Order,
    Query,
    Scalar,
    Select,
)
from llm_envs.envs.sql.world import Table, World
from llm_envs.verifiers.sql.tokens import tokens_of

__all__ = ["REWRITES", "mutants", "nodes"]

Edit = Callable[[Any], Iterator[tuple[str, Any]]]


def edited(node: Any, edit: Edit) -> Iterator[tuple[str, Any]]:
    """All trees in which one node is replaced by what an edit makes of it."""
    yield from edit(node)
    if isinstance(node, tuple):
        for place, one in enumerate(node):
            for name, new in edited(one, edit):
                yield name, (*node[:place], new, *node[place + 1 :])
    elif is_dataclass(node):
        for field in fields(node):
            for name, new in edited(getattr(node, field.name), edit):
                yield name, replace(node, **{field.name: new})


def everywhere(node: Any, change: Callable[[Any], Any]) -> Any:
    """The tree with each node changed, from the leaves up."""
    if isinstance(node, tuple):
        return tuple(everywhere(one, change) for one in node)
    if is_dataclass(node):
        node = replace(node, **{field.name: everywhere(getattr(node, field.name), change) for field in fields(node)})
    return change(node)


def nodes(node: Any) -> Iterator[Any]:
    """All nodes of a tree."""
    yield node
    for one in (
        node if isinstance(node, tuple) else [getattr(node, f.name) for f in fields(node)] if is_dataclass(node) else []
    ):
        yield from nodes(one)


# Mutants


def mutants(query: Query, world: World) -> list[tuple[str, Query]]:
    """Kind and tree of all queries that are one edit away, each once."""
    tables = {node.alias: table for node in nodes(query) for table in _tables_of(node, world)}
    found = {str(new): (name, new) for name, new in edited(query, lambda node: _mutate(node, tables))}
    found.pop(str(query), None)
    return list(found.values())


def _tables_of(node: Any, world: World) -> list[Table]:
    return [table for table in world.tables if isinstance(node, (Select, Join)) and table.name == node.table]


_SIGNS = {"<": ("<=", ">"), "<=": ("<", "="), ">": (">=", "<"), ">=": (">", "="), "=": ("<>", ">="), "<>": ("=", ">")}
_FIGURES = {
    "SUM": ("AVG", "MAX", "COUNT"),
    "AVG": ("SUM", "MAX", "MIN"),
    "MIN": ("MAX", "AVG"),
    "MAX": ("MIN", "SUM"),
    "COUNT": ("SUM", "MAX"),
}


def _mutate(node: Any, tables: dict[str, Table]) -> Iterator[tuple[str, Any]]:  # noqa: C901, PLR0912 (a branch for each kind of node)
    match node:
        case Compare():
            yield from (("comparison", replace(node, sign=sign)) for sign in _SIGNS[node.sign])
        case Constant():
            yield from (("constant", Constant(value)) for value in _near(node.value))
        case Column():
            yield from (("column", Column(node.alias, name)) for name in _siblings(node, tables))
        case Between():
            low, high = Compare(">=", node.value, node.low), Compare("<=", node.value, node.high)
            yield from (("bound", one) for one in (low, high))
            yield "bound", Logic("AND", (replace(low, sign=">"), high))
            yield "bound", Logic("AND", (low, replace(high, sign="<")))
        case Membership():
            yield "negation", replace(node, negated=not node.negated)
            yield "option", replace(node, options=node.options[1:])
        case Like():
            yield "negation", replace(node, negated=not node.negated)
            pattern = node.pattern.value
            yield from (("pattern", replace(node, pattern=Constant(p))) for p in (pattern.strip("%"), f"%{pattern}%"))
            yield "pattern", Compare("=", node.value, Constant(pattern.strip("%")))
        case Null() | Exists():
            yield "negation", replace(node, negated=not node.negated)
        case Not():
            yield "negation", node.condition
        case Case():
            yield "negation", Case(Not(node.condition))
        case Logic():
            yield "and, or", Logic("OR" if node.word == "AND" else "AND", node.conditions)
            for place in range(len(node.conditions)):
                rest = node.conditions[:place] + node.conditions[place + 1 :]
                yield "condition dropped", rest[0] if len(rest) == 1 else Logic(node.word, rest)
        case Operation():
            yield from (("arithmetic", replace(node, sign=sign)) for sign in "+-*" if sign != node.sign)
        case Function():
            yield from _other_figures(node)
        case Join():
            yield "join", replace(node, left=not node.left)
        case Order():
            yield "order", replace(node, descending=not node.descending)
        case Compound():
            words = ("UNION", "UNION ALL", "INTERSECT", "EXCEPT")
            yield from (("set operation", replace(node, word=word)) for word in words if word != node.word)
            yield "set operation", replace(node, left=node.right, right=node.left)
        case Select():
            yield from _other_clauses(node)


def _near(value: float | str) -> list[Any]:
    if isinstance(value, str):
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            day = dt.date.fromisoformat(value)
            return [(day + dt.timedelta(days=by)).isoformat() for by in (-1, 1)]
        return [] if "%" in value else [value + "s", value.upper()]
    return [value - 1, value + 1]


def _siblings(node: Column, tables: dict[str, Table]) -> list[str]:
    """Up to two other columns of the same kind, and the primary key for a key."""
    table = tables.get(node.alias)
    if table is None:
        return []
    kinds = {field.name: field.kind for field in table.fields} | {table.key: "key"}
    alike = {"whole": "number", "money": "number", "label": "text", "name": "text"}
    mine = kinds.get(node.name)
    same = [
        name for name, kind in kinds.items() if name != node.name and alike.get(kind, kind) == alike.get(mine, mine)
    ]
    return same[:2]


def _other_figures(node: Function) -> Iterator[tuple[str, Any]]:
    if node.name == "strftime":
        form = "%m" if node.arguments[0].value == "%Y" else "%d"
        yield "part of date", replace(node, arguments=(Constant(form), *node.arguments[1:]))
    elif node.arguments:
        yield from (("figure", replace(node, name=name, distinct=False)) for name in _FIGURES.get(node.name, ()))
        yield "distinct", replace(node, distinct=not node.distinct)
        if node.name == "COUNT" and not isinstance(node.arguments[0], Case):
            yield "count of rows", Function("COUNT")


def _other_clauses(node: Select) -> Iterator[tuple[str, Any]]:
    if node.where:
        yield "condition dropped", replace(node, where=None)
        yield "negation", replace(node, where=Not(node.where))
    if node.having:
        yield "having dropped", replace(node, having=None)
    if not node.group and not any(isinstance(one, Function) for one in node.outputs):
        yield "distinct", replace(node, distinct=not node.distinct)
    if node.limit:
        yield from (("limit", replace(node, limit=limit)) for limit in (node.limit + 1, node.limit - 1 or None))
    if node.order:
        yield "order", replace(node, order=())
        yield from (
            ("order", replace(node, order=node.order[:p] + node.order[p + 1 :])) for p in range(len(node.order))
        )
    if node.joins:
        yield "join dropped", replace(node, joins=node.joins[:-1])
    if len(node.outputs) > 1:
        yield "columns", replace(node, outputs=node.outputs[::-1])
        yield "columns", replace(node, outputs=node.outputs[:-1])
    if node.group:
        yield "group dropped", replace(node, group=())


# Rewrites: None where a rule has nothing to rewrite


def _ordered(query: Query) -> bool:
    return isinstance(query, Select) and bool(query.order)


def _if_changed(query: Query, change: Callable[[Any], Any]) -> str | None:
    new = str(everywhere(query, change))
    return new if new != str(query) else None


def lower_case(query: Query, _: World) -> str:
    """Names and keywords in lower case, on many lines, with comments."""
    words = [token.text.lower() if token.kind == "name" else token.text for token in tokens_of(str(query))]
    return "-- the answer\n" + "\n".join(words).replace("\n.\n", ".").replace("\n(\n", "(\n") + " /* done */ ;"


def other_aliases(query: Query, _: World) -> str:
    """Tables under other names."""
    return re.sub(r"\bt(\d+)\b", r"some_\1", str(query))


def quoted_names(query: Query, _: World) -> str | None:
    """Names of columns in quotes, and all columns shown under names of their own."""
    return _if_changed(query, lambda node: Column(node.alias, f'"{node.name}"') if isinstance(node, Column) else node)


def in_a_subquery(query: Query, _: World) -> str | None:
    """All columns of the query."""
    return None if _ordered(query) else f"SELECT * FROM ({query})"


def behind_with(query: Query, _: World) -> str | None:
    """All columns of the query, which has a name."""
    return None if _ordered(query) else f"WITH answer AS ({query}) SELECT answer.* FROM answer"


def commuted(query: Query, _: World) -> str | None:
    """Conditions the other way round."""
    return _if_changed(query, lambda n: Logic(n.word, n.conditions[::-1]) if isinstance(n, Logic) else n)


def by_de_morgan(query: Query, _: World) -> str | None:
    """Both is not either not; it holds for unknown values, too."""

    def change(node: Any) -> Any:
        if isinstance(node, Logic):
            return Not(Logic("OR" if node.word == "AND" else "AND", tuple(map(Not, node.conditions))))
        return node

    return _if_changed(query, change)


_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_NEGATED = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "=": "<>", "<>": "="}


def flipped(query: Query, _: World) -> str | None:
    """Comparisons from right to left."""
    return _if_changed(query, lambda n: Compare(_FLIPPED[n.sign], n.right, n.left) if isinstance(n, Compare) else n)


def negated(query: Query, _: World) -> str | None:
    """Comparisons as the opposite of the opposite."""
    return _if_changed(query, lambda n: Not(replace(n, sign=_NEGATED[n.sign])) if isinstance(n, Compare) else n)


def other_signs(query: Query, _: World) -> str:
    """`==` for `=`, `!=` for `<>`, and more brackets."""
    text = " ".join({"=": "==", "<>": "!="}.get(token.text, token.text) for token in tokens_of(str(query)))
    return text.replace(" . ", ".").replace(" (", "(")


def without_between(query: Query, _: World) -> str | None:
    """Two bounds."""

    def change(node: Any) -> Any:
        if isinstance(node, Between):
            return Logic("AND", (Compare("<=", node.value, node.high), Compare(">=", node.value, node.low)))
        return node

    return _if_changed(query, change)


def without_in(query: Query, _: World) -> str | None:
    """One comparison for each option."""

    def change(node: Any) -> Any:
        if isinstance(node, Membership):
            sign, word = ("<>", "AND") if node.negated else ("=", "OR")
            return Logic(word, tuple(Compare(sign, node.value, option) for option in node.options))
        return node

    return _if_changed(query, change)


def next_whole_number(query: Query, world: World) -> str | None:
    """Above 5 is at least 6, where numbers are whole."""
    whole = {field.name for table in world.tables for field in table.fields if field.kind == "whole"}
    money = {field.name for table in world.tables for field in table.fields if field.kind == "money"}

    def change(node: Any) -> Any:
        match node:
            case Compare(">", Column(_, name), Constant(int() as value)) if name in whole - money:
                return Compare(">=", node.left, Constant(value + 1))
            case Compare("<=", Column(_, name), Constant(int() as value)) if name in whole - money:
                return Compare("<", node.left, Constant(value + 1))
        return node

    return _if_changed(query, change)


def sums_of_constants(query: Query, _: World) -> str | None:
    """5 is 4 + 1."""

    def change(node: Any) -> Any:
        match node:
            case Compare(_, _, Constant(int() | float() as value)):
                return replace(node, right=Operation("+", Constant(value - 1), Constant(1)))
        return node

    return _if_changed(query, change)


def _year(node: Any) -> str | None:
    """The year that a range of dates is."""
    match node:
        case Between(_, Constant(str() as low), Constant(str() as high)):
            return low[:4] if low[4:] == "-01-01" and high == f"{low[:4]}-12-31" else None
    return None


def years_by_strftime(query: Query, _: World) -> str | None:
    """A year by its number."""

    def change(node: Any) -> Any:
        year = _year(node)
        return Compare("=", Function("strftime", (Constant("%Y"), node.value)), Constant(year)) if year else node

    return _if_changed(query, change)


def years_by_letters(query: Query, _: World) -> str | None:
    """A year by the first letters of a date."""

    def change(node: Any) -> Any:
        year = _year(node)
        return Like(node.value, Constant(f"{year}-%")) if year else node

    return _if_changed(query, change)


def years_up_to_the_next(query: Query, _: World) -> str | None:
    """From its first day to before the first day of the next."""

    def change(node: Any) -> Any:
        year = _year(node)
        if not year:
            return node
        after = Constant(f"{int(year) + 1}-01-01")
        return Logic("AND", (Compare(">=", node.value, node.low), Compare("<", node.value, after)))

    return _if_changed(query, change)


def parts_of_dates_by_place(query: Query, _: World) -> str | None:
    """Months and years as letters at their places."""
    places = {"%Y": (1, 4), "%m": (6, 2)}

    def change(node: Any) -> Any:
        match node:
            case Function("strftime", (Constant(str() as form), value)):
                start, length = places[form]
                return Function("substr", (value, Constant(start), Constant(length)))
        return node

    return _if_changed(query, change)


def count_of_one(query: Query, _: World) -> str | None:
    """Rows are counted by a constant."""
    return _if_changed(query, lambda n: Function("COUNT", (Constant(1),)) if n == Function("COUNT") else n)


def averages_by_hand(query: Query, _: World) -> str | None:
    """A sum by a count, as a number with a point."""
    text = re.sub(r"\bAVG\(([\w.]+)\)", r"(SUM(\1) * 1.0 / COUNT(\1))", str(query))
    return text if text != str(query) else None


def sums_of_cases(query: Query, _: World) -> str | None:
    """Ones and zeros instead of a count; groups are never empty."""
    text = re.sub(r"COUNT\(CASE WHEN (.*?) THEN 1 END\)", r"SUM(CASE WHEN \1 THEN 1 ELSE 0 END)", str(query))
    return text if text != str(query) else None


def counts_by_filter(query: Query, _: World) -> str | None:
    """A filter instead of a case."""
    text = re.sub(r"COUNT\(CASE WHEN (.*?) THEN 1 END\)", r"COUNT(*) FILTER (WHERE \1)", str(query))
    return text if text != str(query) else None


def distinct_by_group(query: Query, _: World) -> str | None:
    """Groups instead of DISTINCT."""
    if isinstance(query, Select) and query.distinct and not query.order:
        return str(replace(query, distinct=False, group=query.outputs))
    return None


def _own_key(select: Select) -> tuple[Column, Column, Any] | None:
    """Of a query on what leads to a row: the key, the row's own key, and what else must hold."""
    conditions = select.where.conditions if isinstance(select.where, Logic) else (select.where,)
    match conditions[0]:
        case Compare("=", Column() as key, Column() as own) if key.alias == select.alias != own.alias:
            return key, own, conditions[1:]
    return None


def exists_by_in(query: Query, _: World) -> str | None:
    """Membership instead of existence; NULL is left out, for NOT IN."""
    text = str(query)
    for node in nodes(query):
        if isinstance(node, Exists) and (found := _own_key(node.select)):
            key, own, rest = found
            inner = replace(node.select, outputs=(key,), where=Logic("AND", (Null(key, negated=True), *rest)))
            text = text.replace(str(node), f"{own} {'NOT ' if node.negated else ''}IN ({inner})")
    return text if text != str(query) else None


def exists_by_count(query: Query, _: World) -> str | None:
    """A number of rows instead of existence."""

    def change(node: Any) -> Any:
        if isinstance(node, Exists):
            count = Scalar(replace(node.select, outputs=(Function("COUNT"),)))
            return Compare("=" if node.negated else ">", count, Constant(0))
        return node

    return _if_changed(query, change)


def one_row_for_extremes(query: Query, _: World) -> str | None:
    """The first row of an order instead of the largest or smallest."""

    def change(node: Any) -> Any:
        match node:
            case Scalar(Select(outputs=(Function("MAX" | "MIN" as name, (Column() as value,)),)) as select):
                known = Null(value, negated=True)
                where = Logic("AND", (known, select.where)) if select.where else known
                order = (Order(value, name == "MAX"),)
                return Scalar(replace(select, outputs=(value,), where=where, order=order, limit=1))
        return node

    return _if_changed(query, change)


def windows_for_groups(query: Query, world: World) -> str | None:
    """A figure of a row's own group by a window."""
    keys = {table.name: table.key for table in world.tables}
    for node in nodes(query):
        match node:
            case Compare(
                sign, Column() as value, Scalar(Select(where=Compare("=", Column() as inner, Column() as outer)) as s)
            ) if inner.name == outer.name and value.alias == outer.alias and isinstance(s.table, str):
                key = keys[s.table]
                figure = s.outputs[0].name
                window = (
                    f"SELECT {key}, {value.name} AS mine, {inner.name} AS shared, "
                    f"{figure}({value.name}) OVER (PARTITION BY {inner.name}) AS figure FROM {s.table}"
                )
                chosen = f"SELECT {key} FROM ({window}) WHERE mine {sign} figure AND shared IS NOT NULL"
                return str(query).replace(str(node), f"{value.alias}.{key} IN ({chosen})")
    return None


def joins_by_commas(query: Query, _: World) -> str | None:
    """Tables side by side, with their conditions among the others."""

    def change(node: Any) -> Any:
        if isinstance(node, Select) and node.joins and not any(join.left for join in node.joins):
            conditions = [join.condition for join in node.joins] + ([node.where] if node.where else [])
            tables = ", ".join(f"{join.table} AS {join.alias}" for join in node.joins)
            return replace(node, alias=f"{node.alias}, {tables}", joins=(), where=Logic("AND", tuple(conditions)))
        return node

    return _if_changed(query, change)


def joins_the_other_way(query: Query, _: World) -> str | None:
    """The second table first."""

    def change(node: Any) -> Any:
        if isinstance(node, Select) and len(node.joins) == 1 and not node.joins[0].left and isinstance(node.table, str):
            join = node.joins[0]
            return replace(
                node, table=join.table, alias=join.alias, joins=(Join(node.table, node.alias, join.condition),)
            )
        return node

    return _if_changed(query, change)


def having_outside(query: Query, _: World) -> str | None:
    """A condition on the rows of a subquery."""
    match query:
        case Select(having=Compare() as having) if not query.order and having.left in query.outputs:
            names = [f"c{place}" for place in range(len(query.outputs))]
            inner = replace(query, having=None, names=tuple(names))
            condition = f"{names[query.outputs.index(having.left)]} {having.sign} {having.right}"
            return f"SELECT {', '.join(names)} FROM ({inner}) WHERE {condition}"
    return None


def limits_by_window(query: Query, _: World) -> str | None:
    """Rows by their number in an order."""
    match query:
        case Select(limit=int() as limit) if query.order and not query.group:
            names = [f"c{place}" for place in range(len(query.outputs))]
            number = f"ROW_NUMBER() OVER (ORDER BY {', '.join(map(str, query.order))})"
            inner = str(replace(query, names=tuple(names), order=(), limit=None)).replace(
                " FROM ", f", {number} AS place FROM ", 1
            )
            return f"SELECT {', '.join(names)} FROM ({inner}) WHERE place <= {limit} ORDER BY place"
    return None


def orders_by_place(query: Query, _: World) -> str | None:
    """What is sorted by is named by its place among what is shown."""
    if not isinstance(query, Select) or not query.order:
        return None
    order = [
        Order(Constant(query.outputs.index(o.value) + 1), o.descending) if o.value in query.outputs else o
        for o in query.order
    ]
    return str(replace(query, order=tuple(order))) if order != list(query.order) else None


def nulls_said(query: Query, _: World) -> str | None:
    """Where NULL comes is said."""
    if not isinstance(query, Select) or not query.order:
        return None
    said = ", ".join(f"{one.value} {'DESC NULLS LAST' if one.descending else 'ASC NULLS FIRST'}" for one in query.order)
    return str(query).replace(f"ORDER BY {', '.join(map(str, query.order))}", f"ORDER BY {said}")


def sets_by_membership(query: Query, _: World) -> str | None:
    """IN and NOT IN, or a distinct UNION ALL; no set here holds NULL."""
    if not isinstance(query, Compound) or query.word == "UNION ALL":
        return None
    if query.word == "UNION":
        return f"SELECT DISTINCT * FROM ({query.left} UNION ALL {query.right})"
    word = "IN" if query.word == "INTERSECT" else "NOT IN"
    value = query.left.outputs[0]
    source = f"{query.left.table} AS {query.left.alias}"
    return f"SELECT DISTINCT {value} FROM {source} WHERE ({query.left.where}) AND {value} {word} ({query.right})"


def letters_without_like(query: Query, _: World) -> str | None:
    """Parts of a text in lower case."""

    def change(node: Any) -> Any:
        match node:
            case Like(value, Constant(str() as pattern), False):
                core = pattern.strip("%")
                low = Function("lower", (value,))
                if pattern.startswith("%") and pattern.endswith("%"):
                    return Compare(">", Function("instr", (low, Constant(core))), Constant(0))
                start = -len(core) if pattern.startswith("%") else 1
                length = Constant(len(core))
                return Compare("=", Function("substr", (low, Constant(start), length)), Constant(core))
        return node

    return _if_changed(query, change)


def flags_as_conditions(query: Query, world: World) -> str | None:
    """1 is not 0; nothing else is possible."""
    flags = {field.name for table in world.tables for field in table.fields if field.kind == "flag"}

    def change(node: Any) -> Any:
        match node:
            case Compare("=", Column(_, name), Constant(0 | 1 as value)) if name in flags:
                return Compare("<>", node.left, Constant(1 - value))
        return node

    return _if_changed(query, change)


def groups_by_more(query: Query, _: World) -> str | None:
    """What depends on the group's key is named, too."""
    match query:
        case Select(group=(Column() as key,)):
            more = [one for one in query.outputs if isinstance(one, Column) and one.alias == key.alias and one != key]
            return str(replace(query, group=(key, *more))) if more else None
    return None


def known_twice(query: Query, _: World) -> str | None:
    """What is compared with a constant is known anyway."""

    def change(node: Any) -> Any:
        match node:
            case Compare(_, Column() as value, Constant()):
                return Logic("AND", (node, Null(value, negated=True)))
        return node

    if any(isinstance(node, Not) for node in nodes(query)):
        return None  # under a negation it would not be the same
    return _if_changed(query, change)


REWRITES: tuple[Callable[[Query, World], str | None], ...] = (
    lower_case,
    other_aliases,
    quoted_names,
    in_a_subquery,
    behind_with,
    commuted,
    by_de_morgan,
    flipped,
    negated,
    other_signs,
    without_between,
    without_in,
    next_whole_number,
    sums_of_constants,
    years_by_strftime,
    years_by_letters,
    years_up_to_the_next,
    parts_of_dates_by_place,
    count_of_one,
    averages_by_hand,
    sums_of_cases,
    counts_by_filter,
    distinct_by_group,
    exists_by_in,
    exists_by_count,
    one_row_for_extremes,
    windows_for_groups,
    joins_by_commas,
    joins_the_other_way,
    having_outside,
    limits_by_window,
    orders_by_place,
    nulls_said,
    sets_by_membership,
    letters_without_like,
    flags_as_conditions,
    groups_by_more,
    known_twice,
)
"""Each an equivalence of SQL that holds for every database of the same tables."""
