"""A database in memory that can only be read: one query at a time, within limits, by whoever wrote it.

What may be read is what an authorizer allows: the database's tables, SELECT, and functions of a list, none of which
looks at the clock, draws at random or touches files. The database is also set to `query_only`. Work is counted in steps
of SQLite's machine, so that the same query is stopped at the same place everywhere; a clock stands behind as a net.

Limits: `MOST_CHARS` of a query, `CELL_BYTES` of a cell (which bounds every function's work), `MOST_STEPS` of a reading,
`MOST_SECONDS`, columns, terms of a compound, depth of expressions, copies of named subqueries.

Not covered: SQLite sorts what a query makes in memory; a query that makes the most it can takes some 100 MB meanwhile.

Source: https://sqlite.org/security.html, section "Untrusted SQL inputs".
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Collection
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from llm_envs.verifiers.sql.tokens import Token, copies, tokens_of

__all__ = ["CELL_BYTES", "MOST_STEPS", "Exhausted", "Faulty", "Found", "Reader", "Refused", "Steps", "Unread"]

MOST_CHARS = 8_000
CELL_BYTES = 8_000
"""Functions such as `replace` take time by the square of it, at most some milliseconds, and nothing stops them."""

MOST_STEPS = 5_000_000
"""About a tenth of a second; an honest query over hundreds of rows takes some ten thousand."""

MOST_SECONDS = 2.0
"""Of the thread's own work: how busy the machine is decides nothing."""

_STEPS_AT_A_TIME = 500
_MOST_COPIES = 500

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: CELL_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 2 * MOST_CHARS,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 30,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 1,
}

_ALLOWED = (
    "count sum total avg min max group_concat string_agg",
    "abs ceil ceiling floor round sign mod pow power sqrt exp ln log log10 log2",
    "coalesce ifnull nullif iif if typeof",
    "length lower upper trim ltrim rtrim substr substring instr replace like glob char unicode hex quote printf format",
    "concat concat_ws unhex octet_length",
    "date time datetime julianday unixepoch strftime timediff",
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value",
)
_FUNCTIONS = frozenset(" ".join(_ALLOWED).split())
_CLOCKED = ("date", "time", "datetime", "julianday", "unixepoch", "strftime", "timediff")
"""Functions that know the time of day and the place of the machine, unless they are told a time."""

_ABROAD = {"now", "localtime", "utc", "subsec", "subsecond"}


class Unread(Exception):
    """A query that gave no result; `message` is for who wrote it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Refused(Unread):
    """It may not be run."""


class Faulty(Unread):
    """It cannot be run: SQLite says why."""


class Exhausted(Unread):
    """It has used up its steps, or found more than may be."""


class Steps:
    """How much work is left for one or several queries, of one thread."""

    def __init__(self, most: int = MOST_STEPS, seconds: float = MOST_SECONDS) -> None:
        self._left = most
        self._until = time.thread_time() + seconds

    def take(self) -> bool:
        """Count some more work; True when there is too much of it."""
        self._left -= _STEPS_AT_A_TIME
        return self.gone

    @property
    def gone(self) -> bool:
        """Nothing is left."""
        return self._left < 0 or time.thread_time() > self._until


class Found(NamedTuple):
    """What a query found.

    Args:
        more: there were more rows than asked for.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool = False


class Reader:
    """Reads one database after the other.

    Args:
        tables: what may be read of each.
        image: the first database, as SQLite serializes it.
    """

    def __init__(self, tables: Collection[str], image: bytes) -> None:
        self._tables = frozenset(name.lower() for name in tables) | {"sqlite_master", "sqlite_schema"}
        self._connection = _connected()
        self._why = ""
        self._steps = Steps()
        for name in _CLOCKED:
            self._connection.create_function(name, -1, self._timeless(name), deterministic=True)
        self._connection.set_progress_handler(lambda: self._steps.take(), _STEPS_AT_A_TIME)  # noqa: PLW0108 (steps change)
        self.load(image)

    def load(self, image: bytes) -> None:
        """Read from this database from now on; it must have the same tables."""
        self._connection.set_authorizer(None)
        self._connection.deserialize(image)
        self._connection.set_authorizer(self._authorize)

    def read(self, sql: str, most_rows: int, steps: Steps | None = None) -> Found:
        """What a query finds.

        Raises:
            Refused: it is no single SELECT of what may be read.
            Faulty: SQLite cannot run it.
            Exhausted: it takes too long, or makes too much.
        """
        self._steps, self._why = steps or Steps(), _refusal(sql)
        if self._why:
            raise Refused(self._why)
        try:
            cursor = self._connection.execute(sql)
            rows = cursor.fetchmany(most_rows + 1)
            columns = tuple(column[0] for column in cursor.description or ())
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as error:
            raise self._fault(error) from None
        return Found(columns, rows[:most_rows], len(rows) > most_rows)

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()
        if "_calendar" in vars(self):
            self._calendar.close()

    @cached_property
    def _calendar(self) -> sqlite3.Connection:
        """For its functions of dates alone: inside a function, the connection that called it is busy."""
        return sqlite3.connect(":memory:", check_same_thread=False)

    def _fault(self, error: BaseException) -> Unread:
        if self._why:
            return Refused(self._why)
        if self._steps.gone:
            return Exhausted("the query takes too long: join on keys, and select fewer rows")
        if isinstance(error, (MemoryError, OverflowError)) or "too big" in str(error):
            return Exhausted("the query makes values that are too large")
        return Faulty(str(error))

    def _authorize(self, action: int, one: str | None, two: str | None, *_: str | None) -> int:
        allowed = (
            action == sqlite3.SQLITE_SELECT
            or (action == sqlite3.SQLITE_READ and (not two or (one or "").lower() in self._tables))
            or (action == sqlite3.SQLITE_FUNCTION and (two or "").lower() in _FUNCTIONS)
        )
        if not allowed:
            self._why = _reason(action, one, two)
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def _timeless(self, name: str) -> Callable[..., Any]:
        """The function of that name, which refuses to look at the clock."""
        calls = {count: f"SELECT {name}({', '.join('?' * count)})" for count in range(1, 9)}

        def function(*values: Any) -> Any:
            said = map(_read_as_time, values)
            if len(values) < (2 if name == "strftime" else 1) or not _ABROAD.isdisjoint(said):
                self._why = f"{name}() may not look at the clock or the time zone: no question depends on them"
                raise ValueError(self._why)
            return self._calendar.execute(calls[len(values)], values).fetchone()[0]

        return function


def _read_as_time(value: Any) -> str:
    """What SQLite's functions of dates read: of blobs too, and up to the first NUL."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return text.partition("\0")[0].strip().lower()


def _connected() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    connection.execute("PRAGMA query_only = ON")
    return connection


@lru_cache(maxsize=256)
def _refusal(sql: str) -> str:
    """Why a text may not even be looked at by SQLite; "" where it may."""
    if len(sql) > MOST_CHARS:
        return f"a query has at most {MOST_CHARS:,} characters"
    if "\0" in sql or (not sql.isascii() and any("\ud800" <= char <= "\udfff" for char in sql)):
        return "the query holds characters that no text has"
    tokens = tokens_of(sql)
    while tokens and tokens[-1].text == ";":
        tokens.pop()
    if not tokens:
        return "there is no query"
    return _refusal_of(tokens)


def _refusal_of(tokens: list[Token]) -> str:
    if tokens[0].low not in {"select", "with", "values"}:
        return f"only reading is allowed: a query begins with SELECT or WITH, not with {tokens[0].text[:20]!r}"
    if any(token.text == ";" for token in tokens):
        return "one query at a time: write a single SELECT, without a second statement after ';'"
    if copies(tokens, _MOST_COPIES) > _MOST_COPIES:
        return "the subqueries after WITH refer to each other too often"
    return ""


def _reason(action: int, one: str | None, two: str | None) -> str:
    if action == sqlite3.SQLITE_RECURSIVE:
        return "recursive queries are not allowed: no question needs one"
    if action == sqlite3.SQLITE_FUNCTION:
        return f"the function {two}() is not allowed: use aggregates, text, date and window functions"
    if action in {sqlite3.SQLITE_READ, sqlite3.SQLITE_PRAGMA}:
        return f"{one} may not be read: schema() shows the tables"
    return "only reading is allowed: write a single SELECT"
