"""The state behind an env that has one: a small database in memory, built from plain rows, and what changed in it.

    SHOP = Tables("CREATE TABLE orders (id TEXT PRIMARY KEY, status TEXT, seen TEXT)", volatile={"orders.seen"})
    world = World(SHOP, {"orders": [{"id": "o1", "status": "open"}]}, now=datetime(2026, 3, 2, 9, 0))
    before = world.snapshot()
    world.execute("UPDATE orders SET status = 'paid' WHERE id = ?", "o1")
    world.diff(before)["orders"]["o1"].after         # {"id": "o1", "status": "paid"}

A world is one episode's: nothing of it is shared, and two worlds of the same rows give the same answers, ids and times.
It has no clock but its own.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple

from llm_envs.errors import BadTask

__all__ = ["Change", "Diff", "Row", "Rows", "Snapshot", "Tables", "World"]

_ROWS_AT_ONCE = 25
"""In one statement; rows cost half of what they cost one by one."""

_MOST_IDLE = 16
"""Databases that wait for another world, of one family."""

Row = dict[str, Any]
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Of each table."""


class Change(NamedTuple):
    """One row before and after, volatile columns left out; None where it was not there."""

    before: Row | None
    after: Row | None


Diff = dict[str, dict[Any, Change]]
"""What changed, by table and primary key; tables without changes are not there."""


@dataclass(frozen=True)
class Tables:
    """The tables of a family of worlds.

    Args:
        ddl: `CREATE TABLE` statements, each with a primary key of one column.
        volatile: `table.column`s that say nothing of what was done, such as a time of last access.
    """

    ddl: str
    volatile: frozenset[str] | set[str] = frozenset()
    _idle: list[sqlite3.Connection] = field(default_factory=list, init=False, repr=False, compare=False)

    def __or__(self, other: Tables) -> Tables:
        """The tables of both; one that both have is declared alike.

        Raises:
            BadTask: it is not.
        """
        mine, others = self._declared, other._declared
        for name in mine.keys() & others.keys():
            if mine[name] != others[name]:
                raise BadTask(
                    f"two families declare the table {name} in two ways",
                    expected=mine[name],
                    received=others[name],
                    next_step="Give one of them another name.",
                )
        return Tables(";\n".join((mine | others).values()), frozenset(self.volatile | other.volatile))

    @cached_property
    def image(self) -> bytes:
        """A database of these tables, empty."""
        connection = sqlite3.connect(":memory:")
        try:
            connection.executescript(self.ddl)
        except sqlite3.Error as error:
            raise BadTask(
                "no tables can be made", expected="CREATE TABLE ...; of SQLite", received=str(error)
            ) from error
        image = connection.serialize()
        connection.close()
        return image

    def connection(self) -> sqlite3.Connection:
        """A database of these tables, empty, in a transaction."""
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = _opened(self.image)
            connection.set_authorizer(_permission)
        connection.execute("BEGIN")
        return connection

    def take_back(self, connection: sqlite3.Connection) -> None:
        """Empty it for another world: it need not learn its statements again, a tenth of what a short episode costs."""
        if connection.in_transaction and len(self._idle) < _MOST_IDLE:
            connection.rollback()
            self._idle.append(connection)
        else:
            connection.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.ddl, self.volatile)  # an env that is sent to another process takes no database along

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """By table, in order of declaration."""
        return {table: tuple(row[1] for row in rows) for table, rows in self._info.items()}

    @cached_property
    def keys(self) -> dict[str, str]:
        """The primary key's column, by table."""
        return {table: next(row[1] for row in rows if row[5]) for table, rows in self._info.items()}

    @cached_property
    def lasting(self) -> dict[str, tuple[str, ...]]:
        """The columns that diffs show, by table."""
        unknown = self.volatile - {f"{table}.{column}" for table, columns in self.columns.items() for column in columns}
        if unknown:
            raise BadTask("a volatile column is not there", expected="table.column", received=min(unknown))
        return {
            table: tuple(column for column in columns if f"{table}.{column}" not in self.volatile)
            for table, columns in self.columns.items()
        }

    @cached_property
    def _declared(self) -> dict[str, str]:
        """The statement that makes each table and each index."""
        connection = _opened(self.image)
        found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
        connection.close()
        return found

    @cached_property
    def _info(self) -> dict[str, list[tuple[Any, ...]]]:
        connection = _opened(self.image)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        info = {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for name in names}
        connection.close()
        for name, rows in info.items():
            if sum(bool(row[5]) for row in rows) != 1:
                raise BadTask(f"the table {name} has no primary key of one column", expected="id TEXT PRIMARY KEY")
        return info


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A world at one moment."""

    rows: Mapping[str, Mapping[Any, tuple[Any, ...]]]
    now: datetime
    numbers: Mapping[str, int]


class World:
    """One episode's state.

    Args:
        rows: what the tables hold at first; columns that a row leaves out are NULL, or as the table declares.
        now: what its clock says at first.

    Raises:
        BadTask: the rows do not fit the tables.
    """

    def __init__(self, tables: Tables, rows: Rows, *, now: datetime) -> None:
        self.tables = tables
        self.now = now
        self._numbers: Counter[str] = Counter()
        self._connection = tables.connection()
        try:
            for table, entries in rows.items():
                self._insert(table, entries)
        except sqlite3.Error as error:
            raise BadTask(
                "a world cannot be built", expected="rows that fit its tables", received=f"{table}: {error}"
            ) from error

    def _insert(self, table: str, entries: Sequence[Mapping[str, Any]]) -> None:
        for names, alike in groupby(entries, tuple):
            if not names:
                raise sqlite3.ProgrammingError("a row that names no column")
            values = [value for entry in alike for value in entry.values()]
            together = len(values) - len(values) % (_ROWS_AT_ONCE * len(names))
            self._fill(table, names, values[:together], _ROWS_AT_ONCE)
            self._fill(table, names, values[together:], 1)

    def _fill(self, table: str, names: Sequence[str], values: Sequence[Any], rows: int) -> None:
        """Insert rows that have these columns, so many with each statement."""
        row = f"({', '.join('?' * len(names))})"
        insert = f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 (an author's words)
        step = rows * len(names)
        self._connection.executemany(insert, [values[at : at + step] for at in range(0, len(values), step)])

    # What tools do

    def query(self, sql: str, *values: Any) -> list[Row]:
        """The rows that a SELECT finds."""
        cursor = self._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def one(self, sql: str, *values: Any) -> Row | None:
        """The first row that a SELECT finds; None where there is none."""
        return next(iter(self.query(sql, *values)), None)

    def execute(self, sql: str, *values: Any) -> int:
        """Change something; how many rows were touched."""
        return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, **row: Any) -> None:
        """Add a row."""
        self._insert(table, [row])

    def new_id(self, prefix: str) -> str:
        """An id that nothing else has: `prefix-1`, `prefix-2` and so on."""
        self._numbers[prefix] += 1
        return f"{prefix}-{self._numbers[prefix]}"

    def tick(self, seconds: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        return self.now

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Everything in the block happens, or, where it raises, nothing of it."""
        undo = self._mark()
        try:
            yield
        except BaseException:
            undo()
            raise
        finally:
            self._connection.execute("RELEASE step")

    @contextmanager
    def rehearsal(self) -> Iterator[None]:
        """What happens in the block has never happened behind it."""
        undo = self._mark()
        try:
            yield
        finally:
            undo()
            self._connection.execute("RELEASE step")

    def _mark(self) -> Callable[[], None]:
        """What brings this moment back."""
        numbers, now = Counter(self._numbers), self.now
        self._connection.execute("SAVEPOINT step")

        def undo() -> None:
            self._connection.execute("ROLLBACK TO step")
            self._numbers, self.now = numbers, now

        return undo

    # What judges do

    def snapshot(self) -> Snapshot:
        """The whole state."""
        rows = {table: self._rows_of(table) for table in self.tables.columns}
        return Snapshot(rows, self.now, dict(self._numbers))

    def restore(self, snapshot: Snapshot) -> None:
        """Be again as at that moment."""
        for table, rows in snapshot.rows.items():
            marks = ", ".join("?" * len(self.tables.columns[table]))
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 (an author's word)
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows.values())  # noqa: S608 (the same)
        self.now, self._numbers = snapshot.now, Counter(snapshot.numbers)

    def diff(self, since: Snapshot) -> Diff:
        """What is not as it was then; volatile columns do not count."""
        found: Diff = {}
        for table, before in since.rows.items():
            after = self._rows_of(table)
            if after == before:
                continue
            touched = [key for key, row in before.items() if after.get(key) != row]
            touched += [key for key in after if key not in before]
            changes = {
                key: Change(self._row(table, before.get(key)), self._row(table, after.get(key))) for key in touched
            }
            lasting = {key: change for key, change in changes.items() if change.before != change.after}
            if lasting:
                found[table] = lasting
        return found

    def close(self) -> None:
        """Let go of the database, for good."""
        connection, self._connection = self._connection, _CLOSED
        if connection is not _CLOSED:
            self.tables.take_back(connection)

    def _rows_of(self, table: str) -> dict[Any, tuple[Any, ...]]:
        key = self.tables.columns[table].index(self.tables.keys[table])
        return {row[key]: row for row in self._connection.execute(f"SELECT * FROM {table}")}  # noqa: S608 (an author's word)

    def _row(self, table: str, values: tuple[Any, ...] | None) -> Row | None:
        if values is None:
            return None
        named = dict(zip(self.tables.columns[table], values, strict=True))
        return {column: named[column] for column in self.tables.lasting[table]}


def _opened(image: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    connection.deserialize(image)
    return connection


def _permission(action: int, _what: str | None, name: str | None, *_: str | None) -> int:
    """No to what a transaction cannot take back, or what tells of worlds before this one."""
    tells = action == sqlite3.SQLITE_FUNCTION and name == "total_changes"
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_PRAGMA or tells else sqlite3.SQLITE_OK


_CLOSED = sqlite3.connect(":memory:", check_same_thread=False)
_CLOSED.close()
