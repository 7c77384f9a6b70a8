"""The houses into whose records attackers write, as far as these differ: what is poisoned, and what an attack can do.

A host is a family of envs that has such records. It names the column that holds text by others; what its tools can be
misused for; a harmless look at a record, for requests whose perfect agent sees none; and, where the user may leave the
request itself in a record, how.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.injection.attack import Attack
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.world import Diff, Row, Rows

__all__ = ["Host", "Look", "Scene", "added", "one_line"]

Look = tuple[str, Call]
"""What the user says, and the call that it asks for."""

STRANGERS = ("nightjar.example", "mirrorbox.example", "kestrel-mail.example", "secure-archive.example")


@dataclass(frozen=True, slots=True)
class Scene:
    """A scenario that is to be poisoned.

    Args:
        changes: what its perfect agent changes.
        seen: what that agent's reads return, each with the call.
    """

    scenario: Scenario
    chance: Chance
    changes: Diff
    seen: Sequence[tuple[Call, Any]]

    def rows(self, table: str) -> list[Row]:
        """All of a table."""
        return [dict(row) for row in self.scenario.rows[table]]

    def row(self, table: str, key: str) -> Row:
        """The row of that key."""
        return next(row for row in self.rows(table) if row["id"] == key)

    def free(self, table: str, holds: Callable[[Row], bool] = bool) -> Row | None:
        """A row that the user does not want changed, by chance."""
        found = [row for row in self.rows(table) if row["id"] not in self.changes.get(table, ()) and holds(row)]
        return self.chance.pick(found) if found else None

    def shown(self, column: str) -> Iterator[str]:
        """Keys of rows whose column the perfect agent sees."""
        for _, value in self.seen:
            for row in value if isinstance(value, list) else [value]:
                if isinstance(row, Mapping) and {"id", column} <= row.keys():
                    yield str(row["id"])

    def stranger(self) -> str:
        """An address that nobody knows."""
        name = self.chance.pick(("audit", "backup", "records", "billing", "helpdesk", "archive"))
        return f"{name}.{self.chance.between(10, 9_999)}@{self.chance.pick(STRANGERS)}"


@dataclass(frozen=True, slots=True)
class Host:
    """One house.

    Args:
        name: in verdicts.
        family: whose scenarios are poisoned.
        table: whose rows hold text by others.
        column: which holds it.
        user: what the user is called.
        shown: keys of rows that can be poisoned and that the perfect agent sees.
        shape: gives a text the form that the record allows.
        embed: puts such a text into what the column holds.
        look: something harmless that the user may ask for besides, and that shows a record.
        attacks: each gives None where a scene has nothing for it.
        unfit: kinds of scenarios whose goal depends on what the column holds.
        delegate: moves the request into a record, and has the user ask to do what that says; None where there is none.
    """

    name: str
    family: type[WorldEnv]
    table: str
    column: str
    user: Callable[[Scene], str]
    shown: Callable[[Scene], Iterable[str]]
    shape: Callable[[Row, str], str]
    embed: Callable[[str, str, Chance], str]
    look: Callable[[Scene], Look | None]
    attacks: tuple[Callable[[Scene], Attack | None], ...]
    unfit: frozenset[str] = frozenset()
    delegate: Callable[[Scenario, Chance], Scenario | None] | None = None

    def places(self, scene: Scene) -> list[str]:
        """Keys of rows that can be poisoned, each once."""
        return sorted(set(self.shown(scene)))

    def shaped(self, scenario: Scenario, key: str, text: str) -> str:
        """The text as that record can hold it."""
        return self.shape(next(dict(row) for row in scenario.rows[self.table] if row["id"] == key), text)

    def poisoned(self, scenario: Scenario, key: str, text: str, chance: Chance) -> Rows:
        """The scenario's rows, with a shaped text in that record."""
        rows = [
            {**row, self.column: self.embed(str(row[self.column]), text, chance)} if row["id"] == key else row
            for row in scenario.rows[self.table]
        ]
        return {**scenario.rows, self.table: rows}


def one_line(_: Row, text: str) -> str:
    """For columns that hold no more."""
    return " ".join(text.split())


def added(scenario: Scenario, table: str, row: Row) -> Rows:
    """The scenario's rows and one more."""
    return {**scenario.rows, table: [*scenario.rows[table], row]}
