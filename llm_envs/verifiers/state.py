"""Was exactly this done to a world? For what tools have changed, compared with what they should have.

Rows that were changed or removed are the same where key and lasting columns are. Rows that were added are the same
where everything but their key is, because keys are given out in the order of calls; where another row refers to such a
key, what counts is the row behind it. Everything else that changed, changed wrongly.

Covered: other orders of calls, retries that came to nothing, changes that were taken back.
Not covered: two ways to reach a goal that leave different rows; a task must not have them, or name the columns that do
not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from llm_envs.types import Verdict
from llm_envs.world import Change, Diff, Row, Tables

__all__ = ["Canonical", "row_f1", "state"]

Canonical = Mapping[str, Callable[[Any], Any]]
"""By `table.column`: values that it maps to one are the same."""

_DEPTH = 4
"""Of references from added rows to added rows."""

_SHOWN = 3


def state(done: Diff, wanted: Diff, tables: Tables, canonical: Canonical | None = None) -> Verdict:
    """1 where what was done is what was wanted, else 0.

    Returns:
        A verdict whose details hold `missing` and `needless`, some of the changes that make the difference.
    """
    if done == wanted:
        return _as_wanted(wanted)
    did, should = _changes(done, tables, canonical or {}), _changes(wanted, tables, canonical or {})
    missing, needless = list((should - did).elements()), list((did - should).elements())
    if not (missing or needless):
        return _as_wanted(wanted)
    reason = "; ".join(
        [*(f"not done: {change}" for change in missing[:_SHOWN]), *(f"done: {change}" for change in needless[:_SHOWN])]
    )
    return Verdict.of(0.0, reason, missing=len(missing), needless=len(needless))


def row_f1(done: Diff, wanted: Diff, tables: Tables, canonical: Canonical | None = None) -> float:
    """How near: twice the shared changes by all changes; 1 where nothing was to be done and nothing was."""
    did, should = _changes(done, tables, canonical or {}), _changes(wanted, tables, canonical or {})
    total = did.total() + should.total()
    return 2 * (did & should).total() / total if total else 1.0


def _changes(diff: Diff, tables: Tables, canonical: Canonical) -> Counter[str]:
    """Each change in words that are equal where the changes are."""
    added = {
        change.after[tables.keys[t]]: (t, change.after)
        for t, change in _all(diff)
        if change.before is None and change.after
    }
    told = _Teller(added, tables, canonical)
    return Counter(filter(None, (told.change(table, change) for table, change in _all(diff))))


def _all(diff: Diff) -> Iterator[tuple[str, Change]]:
    return ((table, change) for table, changes in diff.items() for change in changes.values())


class _Teller:
    """Words for changes, in which keys of added rows do not occur."""

    def __init__(self, added: Mapping[Any, tuple[str, Row]], tables: Tables, canonical: Canonical) -> None:
        self._added, self._tables, self._canonical = added, tables, canonical

    def change(self, table: str, change: Change) -> str:
        """One change; "" where all that differs makes no difference."""
        key = self._tables.keys[table]
        if change.after is None:
            return f"{table} {(change.before or {})[key]!r} removed"
        if change.before is None:
            return f"{table} added: {self._row(table, change.after, _DEPTH)}"
        changed = {
            column: value
            for column, value in change.after.items()
            if self._same(table, column, value) != self._same(table, column, change.before[column])
        }
        return f"{table} {change.after[key]!r}: {self._words(table, changed, _DEPTH)}" if changed else ""

    def _row(self, table: str, row: Row, depth: int) -> str:
        key = self._tables.keys[table]
        return self._words(table, {column: value for column, value in row.items() if column != key}, depth)

    def _words(self, table: str, row: Row, depth: int) -> str:
        return ", ".join(
            f"{column}={self._value(table, column, value, depth)}" for column, value in sorted(row.items())
        )

    def _value(self, table: str, column: str, value: Any, depth: int) -> str:
        if depth and isinstance(value, str) and value in self._added:
            other, row = self._added[value]
            return f"<{other}: {self._row(other, row, depth - 1)}>"
        return repr(self._same(table, column, value))

    def _same(self, table: str, column: str, value: Any) -> Any:
        canonical = self._canonical.get(f"{table}.{column}")
        return canonical(value) if canonical and value is not None else value


def _as_wanted(wanted: Diff) -> Verdict:
    number = sum(map(len, wanted.values()))
    return Verdict.of(1.0, f"{number} {'change' if number == 1 else 'changes'}, as wanted")
