"""Tables, their columns and keys, and the rows that are shown, as SQLite itself understands them.

Database.of("CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL); INSERT INTO t VALUES (1, 2.5);")
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, Literal, NamedTuple

from llm_envs.errors import BadReference

__all__ = ["Column", "ColumnKind", "Database", "ForeignKey", "Table", "insert", "quoted"]

ColumnKind = Literal["whole", "real", "date", "text"]

_PAGE_BYTES = 512
"""The least there is: databases of some rows are many, and small."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


class Column(NamedTuple):
    """One column; `values` are those shown, no value twice, NULL left out."""

    name: str
    kind: ColumnKind
    nullable: bool
    values: tuple[Any, ...]


class ForeignKey(NamedTuple):
    """Columns whose values are those of another table's columns."""

    columns: tuple[str, ...]
    parent: str
    parent_columns: tuple[str, ...]


class Table(NamedTuple):
    """One table; `key` are the columns of its primary key."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]


@dataclass(frozen=True, eq=False)
class Database:
    """What a policy is shown.

    Args:
        ddl: CREATE TABLE statements.
        rows: of each table, in the order of its columns.

    Raises:
        BadReference: at first use, where SQLite cannot make it.
    """

    ddl: str
    rows: Mapping[str, Sequence[Sequence[Any]]] = field(default_factory=dict)

    @staticmethod
    def of(script: str) -> Database:
        """The database that a script of CREATE TABLE and INSERT statements makes; the last ones are kept.

        Raises:
            BadReference: the script fails.
        """
        return _scripted(script)

    @cached_property
    def empty_image(self) -> bytes:
        """The tables without rows, serialized."""
        connection = sqlite3.connect(":memory:")
        try:
            connection.executescript(f"PRAGMA page_size = {_PAGE_BYTES}; {self.ddl}")
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _unmade(error) from error
        image = connection.serialize()
        connection.close()
        return image

    @cached_property
    def image(self) -> bytes:
        """The whole, serialized."""
        connection = self.connect()
        try:
            connection.execute("BEGIN")
            for table, rows in self.rows.items():
                insert(connection, table, rows)
            connection.execute("COMMIT")
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise _unmade(error) from error
        image = connection.serialize()
        connection.close()
        return image

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """In such an order that a table comes after those that its keys name, where there is one."""
        connection = self.connect()
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: self._table(connection, name) for name in names if not name.startswith("sqlite_")}
        connection.close()
        parents = {
            name: {key.parent for key in table.foreign_keys if key.parent != name and key.parent in tables}
            for name, table in tables.items()
        }
        try:
            return tuple(tables[name] for name in TopologicalSorter(parents).static_order())
        except CycleError:
            return tuple(tables.values())

    def connect(self) -> sqlite3.Connection:
        """A connection to a copy of the tables, without rows, that may be written."""
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.deserialize(self.empty_image)
        return connection

    def _table(self, connection: sqlite3.Connection, name: str) -> Table:
        info = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
        columns = tuple(
            self._column(name, place, column, declared, nullable=not (required or key))
            for place, column, declared, required, _, key in info
        )
        key = tuple(row[1] for row in sorted(info, key=lambda row: row[5]) if row[5])
        return Table(name, columns, key, _foreign_keys(connection, name))

    def _column(self, table: str, place: int, name: str, declared: str, *, nullable: bool) -> Column:
        values = tuple(dict.fromkeys(row[place] for row in self.rows.get(table, ()) if row[place] is not None))
        return Column(name, _kind(declared.upper(), values), nullable, values)


def quoted(name: str) -> str:
    """The name as it may stand in a statement, whatever it is."""
    return '"' + name.replace('"', '""') + '"'


def insert(connection: sqlite3.Connection, table: str, rows: Sequence[Sequence[Any]], *, lenient: bool = False) -> None:
    """Add rows.

    Args:
        lenient: leave out those that the table's constraints forbid.

    Raises:
        sqlite3.IntegrityError: a constraint forbids one, unless lenient.
    """
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        how = "INSERT OR IGNORE" if lenient else "INSERT"
        connection.executemany(f"{how} INTO {quoted(table)} VALUES ({marks})", rows)


def _all_of(connection: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT * FROM {quoted(table)}").fetchall()  # noqa: S608 (an author's name)


def _foreign_keys(connection: sqlite3.Connection, name: str) -> tuple[ForeignKey, ...]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in connection.execute(f"PRAGMA foreign_key_list({quoted(name)})"):
        found.setdefault(row[0], []).append(row)
    keys = []
    for rows in found.values():
        rows.sort(key=lambda row: row[1])
        parent_key = [row[1] for row in connection.execute(f"PRAGMA table_info({quoted(rows[0][2])})") if row[5]]
        named = tuple(row[4] or default for row, default in zip(rows, parent_key, strict=False))
        keys.append(ForeignKey(tuple(row[3] for row in rows), rows[0][2], named))
    return tuple(keys)


def _kind(declared: str, values: Sequence[Any]) -> ColumnKind:
    """By SQLite's rules of affinity, and dates by how they look."""
    if "INT" in declared:
        return "whole"
    if any(word in declared for word in ("REAL", "FLOA", "DOUB", "NUM", "DEC")):
        return "real"
    if "DATE" in declared or (values and all(isinstance(v, str) and _DATE.fullmatch(v) for v in values)):
        return "date"
    return "text"


@lru_cache(maxsize=16)
def _scripted(script: str) -> Database:
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(script)
        named = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
        rows = {name: _all_of(connection, name) for name, _ in named}
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise _unmade(error) from error
    finally:
        connection.close()
    return Database(";\n".join(ddl for _, ddl in named), rows)


def _unmade(error: BaseException) -> BadReference:
    return BadReference(
        "the database cannot be made", expected="CREATE TABLE statements, and rows", received=str(error)
    )
