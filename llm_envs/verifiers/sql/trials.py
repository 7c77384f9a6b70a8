"""Small random databases for one reference: those in which queries that mean something else find something else.

Values come from the rows that are shown and from around the constants of the reference (one below, the same, one above;
the day before and after; the first and last day of a year or month that is named; other spellings of a text). Each
database has its own habits: how many rows, how many different values in a column, how often NULL, how many rows share a
parent, whether columns share values. The first are empty, or empty in one table. Of the others those are kept in which
the reference finds something, and something else than before, as far as there are enough. What a policy may write plays
no part.

Foreign keys that are declared hold; a column that is none may hold keys that lead nowhere.

Source: the idea of judging by many databases: R. Zhong, T. Yu, D. Klein, "Semantic Evaluation for Text-to-SQL with
Distilled Test Suites", EMNLP 2020. They distil by mutants of the reference; here no mutant is looked at.

Not covered: tables whose keys go round in a circle get such keys at random, which may then lead nowhere.
"""

from __future__ import annotations

import datetime as dt
import random
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from llm_envs.errors import BadReference
from llm_envs.verifiers.sql.database import Column, Database, ForeignKey, Table, insert, quoted
from llm_envs.verifiers.sql.tokens import Token, tokens_of

__all__ = ["Trial", "trials"]

_TRIES = 3
"""Candidates for each database that is kept, at most."""

_SHARING = 0.7
"""Of the columns, where a database's columns share values."""

_FALLBACK: dict[str, tuple[Any, ...]] = {
    "whole": (0, 1, 2, 3, 10),
    "real": (0.0, 0.5, 1.0, 2.0, 10.0),
    "date": ("2023-12-31", "2024-01-01", "2024-02-29"),
    "text": ("a", "b", "A", "ab", ""),
}
"""Where nothing is shown."""

Values = Mapping[tuple[str, str], Sequence[Any]]
"""By table and column."""


class Trial(NamedTuple):
    """A database, serialized, and what the reference finds in it."""

    image: bytes
    found: list[tuple[Any, ...]]


@dataclass(frozen=True)
class _Habits:
    """How the rows of one database are drawn.

    Args:
        most_rows: of a table.
        values: different ones in a column, at most.
        nulls: share of cells.
        near: share of values that come from around constants.
        parents: different ones that rows of a table share, at most.
        shared: columns of one kind share their values.
        empty: tables that have no rows.
    """

    most_rows: int
    values: int
    nulls: float
    near: float
    parents: int
    shared: bool = False
    empty: frozenset[str] = frozenset()


@lru_cache(maxsize=64)
def trials(database: Database, reference: str, count: int) -> tuple[Trial, ...]:
    """Databases for a reference, always the same ones.

    Raises:
        BadReference: the reference cannot be run.
    """
    rng = random.Random(reference)  # noqa: S311 (not for cryptography)
    near = _near_constants(database, tokens_of(reference))
    connection = database.connect()
    kept: list[Trial] = []
    spare: list[Trial] = []
    dull: list[Trial] = []
    seen: set[str] = set()
    try:
        for number, habits in zip(range(count * _TRIES), _habits(rng, database.tables), strict=False):
            _Draw(database.tables, habits, near, rng).write(connection)
            found = connection.execute(reference).fetchall()
            wanted = number <= len(database.tables) or (_tells(found) and repr(found) not in seen)
            seen.add(repr(found))
            heap = kept if wanted else spare if _tells(found) else dull
            heap.append(Trial(connection.serialize(), found))
            if len(kept) == count:
                break
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise BadReference(
            "the reference cannot be run", expected="a query", received=f"{reference}: {error}"
        ) from error
    finally:
        connection.close()
    return (*kept, *spare, *dull)[:count]


def _tells(found: Sequence[Sequence[Any]]) -> bool:
    """Some cell is neither NULL nor 0."""
    return any(any(row) for row in found)


def _habits(rng: random.Random, tables: Sequence[Table]) -> Iterator[_Habits]:
    """Empty ones first, then any."""
    yield _Habits(0, 1, 0.0, 0.0, 1)
    for table in tables:
        yield _Habits(8, 3, 0.2, 0.5, 3, empty=frozenset({table.name}))
    while True:
        yield _Habits(
            most_rows=rng.choice((2, 4, 6, 8, 12, 24)),
            values=rng.choice((1, 2, 2, 3, 4, 6, 12)),
            nulls=rng.choice((0.0, 0.0, 0.1, 0.3, 0.6)),
            near=rng.choice((0.3, 0.6, 0.9, 1.0)),
            parents=rng.choice((1, 2, 3, 8)),
            shared=rng.random() < 0.3,
        )


# Values around the constants of a reference


def _near_constants(database: Database, tokens: Sequence[Token]) -> dict[tuple[str, str], list[Any]]:
    """By table and column: what lies around the constants that follow the column's name."""
    columns = defaultdict(list)
    for table in database.tables:
        for column in table.columns:
            columns[column.name.lower()].append((table.name, column))
    near: dict[tuple[str, str], list[Any]] = defaultdict(list)
    named: Sequence[tuple[str, Column]] = ()
    for place, token in enumerate(tokens):
        if token.kind in {"name", "quoted"} and token.low in columns:
            named = columns[token.low]
        elif token.kind in {"text", "number"}:
            minus = tokens[place - 1].text == "-" if place else False
            for table_name, column in named:
                near[table_name, column.name] += _around(token, column, minus=minus)
    return near


def _around(token: Token, column: Column, *, minus: bool) -> list[Any]:
    if token.kind == "number":
        value = float(int(token.text, 16) if token.text[:2] in {"0x", "0X"} else token.text) * (-1 if minus else 1)
        return _around_number(value, column)
    text = token.text[1:-1].replace("''", "'")
    if column.kind == "date":
        return _around_date(text) or _in_month(text, column)
    return _around_text(text) if column.kind == "text" else []


def _around_number(value: float, column: Column) -> list[Any]:
    if column.kind == "whole":
        whole = int(value)
        return [whole - 1, whole, whole + 1, whole // 2]
    if column.kind == "real":
        return [value - 0.25, value, value + 0.25, value / 2]
    return []


def _around_date(text: str) -> list[Any]:
    """Of a day, a month (`2024-05`) or a year (`2024`): its edges and their neighbours."""
    match = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", text)
    try:
        first = dt.date(*(int(part or 1) for part in match.groups())) if match else None
    except ValueError:
        first = None
    if match is None or first is None or not 2 <= first.year <= 9997:
        return []
    if match[3]:
        last = first
    elif match[2]:
        last = (first.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    else:
        last = first.replace(month=12, day=31)
    day = dt.timedelta(days=1)
    return [
        date.isoformat() for date in (first - day, first, last, last + day, first.replace(year=first.year + 1, day=1))
    ]


def _in_month(text: str, column: Column) -> list[Any]:
    """Of a month without a year (`05`): days in it, in the years that are shown."""
    if not re.fullmatch(r"0[1-9]|1[0-2]", text):
        return []
    years = sorted({str(value)[:4] for value in column.values})
    return [f"{year}-{text}-{day}" for year in years for day in ("01", "15", "28")]


def _around_text(text: str) -> list[Any]:
    core = re.sub(r"[%_*?]", "", text)
    return [text, text, core, core + "x", "x" + core, "x" + core + "x", core.swapcase(), core[:-1]]


# Rows


class _Draw:
    """One database being drawn.

    Args:
        near: values around constants, by table and column.
    """

    def __init__(self, tables: Sequence[Table], habits: _Habits, near: Values, rng: random.Random) -> None:
        self._tables = tables
        self._habits = habits
        self._near = near
        self._rng = rng
        self._uniform = rng.random
        self._shared: dict[str, list[Any]] = {}

    def write(self, connection: sqlite3.Connection) -> None:
        """Put its rows in place of those of the last one."""
        connection.execute("BEGIN")
        for table in self._tables:
            connection.execute(f"DELETE FROM {quoted(table.name)}")  # noqa: S608 (an author's name)
        for table in self._tables:
            parents = {key.parent: _rows_of(connection, key) for key in table.foreign_keys if key.parent != table.name}
            insert(connection, table.name, list(self._rows(table, parents)), lenient=True)
            for key in table.foreign_keys:
                if key.parent == table.name:
                    _drop_orphans(connection, key)
        connection.execute("COMMIT")

    def _rows(self, table: Table, parents: Mapping[str, Sequence[tuple[Any, ...]]]) -> Iterator[tuple[Any, ...]]:
        habits = self._habits
        low = min(1, habits.most_rows)
        count = 0 if table.name in habits.empty else low + int(self._uniform() * (habits.most_rows - low + 1))
        cells = {column.name: self._cells(table, column, count) for column in table.columns}
        if len(table.key) == 1:
            key = next(column for column in table.columns if column.name == table.key[0])
            cells[key.name] = self._keys(key, count)
        for foreign in table.foreign_keys:
            own = foreign.parent == table.name
            here = [*zip(*(cells[name] for name in foreign.parent_columns), strict=False)] if own else []
            options = here or self._few(parents.get(foreign.parent, []))
            nulls = habits.nulls if next(c.nullable for c in table.columns if c.name == foreign.columns[0]) else 0.0
            chosen = self._drawn(options or [(None,) * len(foreign.columns)], count)
            for place, name in enumerate(foreign.columns):
                cells[name] = self._with_nulls([row[place] for row in chosen], nulls)
        return zip(*cells.values(), strict=False)  # a key of few texts allows fewer rows

    def _cells(self, table: Table, column: Column, count: int) -> list[Any]:
        """The values of a column, row by row."""
        pool = self._drawn(column.values or _FALLBACK[column.kind], self._habits.values)
        near = self._near.get((table.name, column.name))
        if near:
            around = self._drawn(near, len(pool))
            pool = [new if self._uniform() < self._habits.near else old for old, new in zip(pool, around, strict=True)]
        if self._habits.shared and self._uniform() < _SHARING:
            pool = self._shared.setdefault(column.kind, pool)
        return self._with_nulls(self._drawn(pool, count), self._habits.nulls if column.nullable else 0.0)

    def _drawn(self, pool: Sequence[Any], count: int) -> list[Any]:
        """Any of the pool, so many times; some times as fast as `choices`."""
        uniform, size = self._uniform, len(pool)
        return [pool[int(uniform() * size)] for _ in range(count)]

    def _with_nulls(self, values: list[Any], share: float) -> list[Any]:
        uniform = self._uniform
        return [None if uniform() < share else value for value in values] if share else values

    def _few(self, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return self._drawn(rows, self._habits.parents) if rows else []

    def _keys(self, column: Column, count: int) -> list[Any]:
        """Different values of a primary key."""
        if column.kind == "whole":
            return self._rng.sample(range(1, count + 3), count)
        shown = column.values or _FALLBACK[column.kind]
        return self._rng.sample(shown, min(count, len(shown)))


def _rows_of(connection: sqlite3.Connection, key: ForeignKey) -> list[tuple[Any, ...]]:
    names = ", ".join(map(quoted, key.parent_columns))
    return connection.execute(f"SELECT {names} FROM {quoted(key.parent)}").fetchall()  # noqa: S608 (an author's names)


def _drop_orphans(connection: sqlite3.Connection, key: ForeignKey) -> None:
    """Take away rows whose parent, of the same table, was left out, and then their children."""
    table, column, parent = map(quoted, (key.parent, key.columns[0], key.parent_columns[0]))
    orphans = f"DELETE FROM {table} WHERE {column} NOT IN (SELECT {parent} FROM {table})"  # noqa: S608 (an author's names)
    while connection.execute(orphans).rowcount:
        pass
