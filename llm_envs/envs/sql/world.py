"""One database: tables of a domain as somebody might have made them, and rows that could be true.

A seed decides everything: the domain, which columns there are, which of them may be NULL, how tables and ids are named,
and the rows. Some rows share names, some values are unknown, some keys lead to what is no longer on record.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from llm_envs.envs.sql.domains import DOMAINS, Field, Thing, domain
from llm_envs.verifiers.sql.database import Database

__all__ = ["Table", "World", "world_of"]


def _words(text: str) -> list[str]:
    return text.split()


_FIRST = _words("Ada Ben Cleo Dan Eva Finn Gita Hugo Ines Jon Kim Lea Mara Nils Olga Paul Rosa Sven Tara Udo")
_LAST = _words(
    "Abel Bauer Costa Duarte Engel Fischer Gomez Hart Ito Jansen Khan Lund Moor Novak Okoro Patel Reyes Stone"
)
_ADJECTIVES = _words("Silent Golden Broken Distant Hidden Bitter Early Frozen Gentle Hollow")
_NOUNS = _words("River Garden Mirror Harbour Winter Forest Letter Island Window Road")
_MATERIALS = _words("Oak Steel Cotton Copper Glass Paper Wool Stone")
_GOODS = _words("lamp table kettle ladder basket clock blanket hammer")
_FRONTS = _words("Ash Brook Cliff Deer Elm Fern Glen Hazel Iron King")
_BACKS = _words("bridge field ford ham ley mouth port ton wick")

_NULLS = 0.15
_STRAYS = 0.12
"""Of loose keys."""


class Table(NamedTuple):
    """One table.

    Args:
        name: in SQL.
        key: the column of its primary key.
        unknown: names of columns that may be NULL.
    """

    name: str
    key: str
    thing: Thing
    unknown: frozenset[str]
    rows: list[tuple[Any, ...]]

    @property
    def fields(self) -> tuple[Field, ...]:
        """All columns but the primary key."""
        return self.thing.fields

    def values(self, field: Field) -> list[Any]:
        """What stands in a column, NULL left out."""
        place = 1 + self.fields.index(field)
        return [row[place] for row in self.rows if row[place] is not None]

    @property
    def ddl(self) -> str:
        """The statement that makes it, with a comment where a name does not say everything."""
        lines = [f"  {self.key} INTEGER PRIMARY KEY"]
        comments = [""]
        for field in self.fields:
            lines.append(f"  {_declaration(self, field)}")
            comments.append(_comment(field))
        body = "\n".join(
            line + ("," if number < len(lines) - 1 else "") + (f" -- {comment}" if comment else "")
            for number, (line, comment) in enumerate(zip(lines, comments, strict=True))
        )
        return f"CREATE TABLE {self.name} (\n{body}\n)"


@dataclass(frozen=True, eq=False)
class World:
    """The tables of one task, in the order of their domain."""

    domain: str
    tables: tuple[Table, ...]

    @cached_property
    def database(self) -> Database:
        """The same, as verifiers take it."""
        parents = {table.thing.one: table for table in self.tables}
        ddl = ";\n".join(table.ddl for table in self.tables)
        for thing, table in parents.items():
            ddl = ddl.replace(f"<{thing}>", f"{table.name} ({table.key})")
        return Database(f"{ddl};", {table.name: table.rows for table in self.tables})

    def parent(self, field: Field) -> Table:
        """The table that a key leads to."""
        return next(table for table in self.tables if table.thing.one == field.parent)

    def children(self, table: Table) -> list[tuple[Table, Field]]:
        """The tables and keys that lead to a table."""
        return [(child, field) for child in self.tables for field in child.fields if field.parent == table.thing.one]


@lru_cache(maxsize=64)
def world_of(seed: int) -> World:
    """The world of a seed."""
    rng = random.Random(seed)  # noqa: S311 (not for cryptography)
    name = rng.choice(DOMAINS)
    plural, long_keys = rng.random() < 0.5, rng.random() < 0.4
    tables: list[Table] = []
    for thing in domain(name):
        chosen = thing._replace(fields=_some_fields(thing.fields, rng))
        unknown = frozenset(f.name for f in chosen.fields if f.may_be_unknown and rng.random() < 0.7)
        key = f"{thing.one}_id" if long_keys else "id"
        table_name = _RESERVED.get(thing.one, thing.one) if not plural else thing.many
        table = Table(table_name, key, chosen, unknown, [])
        table.rows.extend(_rows(table, tables, rng))
        tables.append(table)
    return World(name, tuple(tables))


_RESERVED = {"order": "orders"}
"""What SQL keeps for itself."""


def _some_fields(fields: Sequence[Field], rng: random.Random) -> tuple[Field, ...]:
    """All keys, the first column, and most of the others."""
    others = [field for field in fields[1:] if field.kind != "key"]
    dropped = set(rng.sample(others, rng.randint(0, max(0, len(others) - 2))))
    return tuple(field for field in fields if field not in dropped)


def _declaration(table: Table, field: Field) -> str:
    kinds = {"money": "REAL", "whole": "INTEGER", "key": "INTEGER", "flag": "INTEGER"}
    required = "" if field.name in table.unknown else " NOT NULL"
    rule = f" CHECK ({field.name} IN (0, 1))" if field.kind == "flag" else ""
    reference = f" REFERENCES <{field.parent}>" if field.kind == "key" and not field.loose else ""
    return f"{field.name} {kinds.get(field.kind, 'TEXT')}{required}{rule}{reference}"


def _comment(field: Field) -> str:
    if field.kind == "key":
        return f"id of the {field.words}, which may no longer be on record" if field.loose else ""
    if field.kind == "flag":
        return f"1: {field.values[0]}, 0: {field.values[1]}"
    words = "" if field.words == field.name.replace("_", " ") else field.words
    form = "as YYYY-MM-DD" if field.kind == "date" else ""
    return ", ".join(filter(None, (words, form)))


def _rows(table: Table, before: Sequence[Table], rng: random.Random) -> list[tuple[Any, ...]]:
    keys = [field for field in table.fields if field.kind == "key" and field.parent != table.thing.one]
    count = rng.randint(24, 48) if keys else rng.randint(7, 14)
    ids = rng.sample(range(1, 3 * count), count)
    parents = {parent.thing.one: [row[0] for row in parent.rows] for parent in before} | {table.thing.one: ids}
    pools = {field.name: _pool(field, parents, rng) for field in table.fields}
    return [
        (number, *(_cell(field, table, pools[field.name], parents, rng) for field in table.fields))
        for number in sorted(ids)
    ]


def _cell(field: Field, table: Table, pool: Sequence[Any], parents: dict[str, list[int]], rng: random.Random) -> Any:
    if field.name in table.unknown and rng.random() < _NULLS:
        return None
    if field.loose and rng.random() < _STRAYS:
        return max(parents[field.parent]) + rng.randint(1, 9)
    return rng.choice(pool)


def _pool(field: Field, parents: dict[str, list[int]], rng: random.Random) -> list[Any]:
    """The values of a column: few enough for some to come more than once."""
    match field.kind:
        case "key":
            return parents[field.parent]
        case "label":
            return list(field.values)
        case "flag":
            return [0, 1]
        case "name":
            return [_name(field.values[0], rng) for _ in range(rng.randint(10, 30))]
        case _:
            return _amounts(field, rng)


def _amounts(field: Field, rng: random.Random) -> list[Any]:
    low, high = map(int, field.values)
    count = rng.randint(12, 30)
    if field.kind == "date":
        first = dt.date(low, 1, 1).toordinal()
        last = dt.date(high, 12, 31).toordinal()
        return [dt.date.fromordinal(rng.randint(first, last)).isoformat() for _ in range(count)]
    if field.kind == "money":
        return [rng.randint(4 * low, 4 * high) / 4 for _ in range(count)]
    return [rng.randint(low, high) for _ in range(count)]


def _name(pool: str, rng: random.Random) -> str:
    match pool:
        case "people":
            return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}"
        case "titles":
            return f"{rng.choice(_ADJECTIVES)} {rng.choice(_NOUNS)}"
        case "products":
            return f"{rng.choice(_MATERIALS)} {rng.choice(_GOODS)}"
        case _:
            return rng.choice(_FRONTS) + rng.choice(_BACKS)
