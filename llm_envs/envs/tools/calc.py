"""`llm/Calc-v0`: numbers in named cells, and a calculator; the smallest env with tools that is worth training on.

Schemas and answers are as short as they can be, because small models pay for every byte. What it deliberately does not
have: a user to talk with, rules, or anything that takes more than arithmetic to understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

import numpy as np

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.arithmetic import evaluate
from llm_envs.tools import Injected, ToolEnv, ToolError, tool
from llm_envs.types import Task, Verdict
from llm_envs.world import Change, Diff, Tables, World

__all__ = ["Calc"]

_TABLES = Tables(
    "CREATE TABLE cells (name TEXT PRIMARY KEY, value TEXT NOT NULL, faults INTEGER NOT NULL)",
    volatile={"cells.faults"},
)
_NOW = datetime(2026, 1, 1)  # noqa: DTZ001 (a world has no time zone but its own)


class _Level(NamedTuple):
    """What a difficulty asks for.

    Args:
        operands: numbers that the question is about.
        links: cells on the way that hold the name of another one.
        strangers: cells that the question is not about, with names alike.
        faults: first calls that fail.
    """

    operands: int
    links: int = 0
    strangers: int = 0
    faults: int = 0
    writes: bool = False
    tools: tuple[str, ...] = ("get", "calc")


_LEVELS = (
    _Level(1, tools=("get",)),
    _Level(2),
    _Level(3, links=2),
    _Level(3, links=2, strangers=4, tools=("get", "calc", "cells", "clear")),
    _Level(3, links=2, strangers=4, faults=2, tools=("get", "calc", "cells", "clear")),
    _Level(3, links=2, strangers=4, faults=2, writes=True, tools=("get", "calc", "set", "cells", "clear")),
)

_FORMS = {
    1: ("{}",),
    2: ("{} + {}",),
    3: ("({} + {}) * {}", "({} - {}) * {}", "{} * {} + {}", "{} * {} - {}", "{} + {} - {}"),
}
"""By number of operands."""

_NUMBERS = (1_000, 10_000)
_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aeiou"
_WORDS = frozenset({"get", "set", "not", "hol", "nam"})
"""Names that would be confused with words of the question or of the tools."""

_ANSWER = re.compile(r"-?(?:\d{1,12}|\d{1,3}(?:,\d{3}){1,3})", re.ASCII)
_DECORATION = "*_.`$\"'"
_LEAD = frozenset({"the", "final", "answer", "number", "result", "value", "is", "it", "so"})
_LEAD_WORDS = 5
"""Before a number: in longer sentences it could be one word of many."""


@tool
def get(world: Injected[World], cell: str) -> str:
    """Read a cell."""
    return str(_touched(world, cell, "E_TIMEOUT")["value"])


@tool
def calc(expression: str) -> str:
    """Work out + - *."""
    try:
        return str(evaluate(expression))
    except ValueError as error:
        raise ToolError("E_ARGS", str(error)) from error


@tool(kind="write")
def set(world: Injected[World], cell: str, value: int) -> str:  # noqa: A001 (what a policy calls it)
    """Write a cell."""
    _touched(world, cell, "E_PRECONDITION")
    return _written(world, cell, str(value))


@tool
def cells(world: Injected[World]) -> str:
    """Name all cells."""
    return " ".join(row["name"] for row in world.query("SELECT name FROM cells ORDER BY name"))


@tool(kind="write")
def clear(world: Injected[World], cell: str) -> str:
    """Empty a cell."""
    _touched(world, cell, "E_PRECONDITION")
    return _written(world, cell, "")


_FAILURES: Mapping[Any, str] = {"E_TIMEOUT": "no answer in time", "E_PRECONDITION": "the cell is busy"}


def _touched(world: World, cell: str, failure: Any) -> dict[str, Any]:
    """The row of a cell.

    Raises:
        ToolError: there is none, or this is a call that was meant to fail.
    """
    row = world.one("SELECT value, faults FROM cells WHERE name = ?", cell)
    if row is None:
        raise ToolError("E_NOT_FOUND", f"there is no cell {cell[:16]!r}")
    if row["faults"]:
        world.execute("UPDATE cells SET faults = faults - 1 WHERE name = ?", cell)
        raise ToolError(failure, f"{_FAILURES[failure]}: try again")
    return row


def _written(world: World, cell: str, value: str) -> str:
    world.execute("UPDATE cells SET value = ? WHERE name = ?", value, cell)
    return "ok"


class Calc(ToolEnv):
    """Answer questions about numbers in named cells, by reading, calculating and writing.

    ## Description
    Cells have names of three letters; a cell holds a number, or the name of another cell that is meant instead. A
    question asks for the number in a cell, or for a sum or product of several; at the highest level it must also be
    written into a cell.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools, as the tokenizer's model does, or answers.

    | tool | kind | level | |
    |---|---|---|---|
    | `get(cell)` | read | 0 | what is in a cell |
    | `calc(expression)` | read | 1 | whole numbers, `+ - *` and brackets |
    | `cells()` | read | 3 | all names, some of which look like those of the question |
    | `clear(cell)` | write | 3 | nothing that anybody asks for |
    | `set(cell, value)` | write | 5 | |

    ## Observation space
    See `llm_envs.views`; `delta` by default. Results of tools come in the role `tool`.

    ## Reward
    1 if the last turn says the number and the cells have changed as asked, and not at all where nothing was asked;
    else 0. The turn must be no more than the number, or `the answer is` and the number.

    ## Episode end
    Terminated by the first turn without a call, or after twice as many turns as are needed. Truncated when a turn
    exceeds `max_new_tokens`, the turns are used up or the context is full.

    ## Arguments
    `difficulty` 0 to 5: one number to read; a sum of two; three numbers, two of them by way of another cell; cells and
    tools that are of no use; first calls that fail; a result to write. Each has all that is below it. By default it is
    drawn.

    ## Verifier
    The difference between the cells before and after, and a number read strictly: a list of all numbers is no answer.

    ## Version history
    - v0: first release.
    """

    tools = (get, calc, set, cells, clear)
    max_new_tokens: ClassVar[int] = 512
    context_length: ClassVar[int] = 4096
    difficulties: ClassVar[range | None] = range(len(_LEVELS))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._world: World | None = None

    def sample(self, rng: np.random.Generator) -> Task:
        """Hide numbers, and ask for what comes of them."""
        difficulty = int(rng.integers(len(_LEVELS))) if self.difficulty is None else self.difficulty
        level = _LEVELS[difficulty]
        names = _names(rng, level.operands + level.links + level.writes, level.strangers)
        target = names[level.operands + level.links] if level.writes else ""
        values = {name: "" if name == target else str(rng.integers(*_NUMBERS)) for name in names}
        asked = _linked(rng, names, values, level)
        expression = _FORMS[level.operands][rng.integers(len(_FORMS[level.operands]))]
        return Task(
            prompt=_question(expression.format(*asked), target, level),
            answer=evaluate(expression.format(*(values[_end(name, values)] for name in asked))),
            tools=tuple(self.toolset[name].schema for name in level.tools),
            metadata={
                "difficulty": difficulty,
                "cells": values,
                "asked": asked,
                "expression": expression,
                "target": target,
                "faults": _faults(rng, asked, target, level),
            },
        )

    def open_world(self, task: Task) -> World:
        """The cells."""
        self.close_world()
        faults = task.metadata["faults"]
        rows = [
            {"name": name, "value": value, "faults": faults.count(name)}
            for name, value in task.metadata["cells"].items()
        ]
        self._world = World(_TABLES, {"cells": rows}, now=_NOW)
        self._before = self._world.snapshot()
        self._turns_allowed = 2 * len(self.demonstrate(task))
        return self._world

    def is_over(self, task: Task) -> bool:
        """Whoever still calls after so many turns only fills the context."""
        taken = sum(message["role"] == "assistant" for message in self.session.messages)
        return taken >= self._turns_allowed

    def verify(self, task: Task, reply: str) -> Verdict:
        """The right number, and the right change."""
        said = self._said(reply)
        if said is None:
            return Verdict.of(0.0, "the last turn is more than a number, or none", calls=len(self.answers))
        changed = self._world.diff(self._before) == _wanted(task) if self._world else False
        reason = f"said {said}, expected {task.answer}" + ("" if changed else "; the cells are not as they should be")
        return Verdict.of(float(said == task.answer and changed), reason, calls=len(self.answers))

    def demonstrate(self, task: Task) -> list[str]:
        """Read, side by side where the template allows it; calculate; write; answer."""
        calling = self.chat.calling
        turns = []
        for calls in _rounds(task):
            turns += [calling.write(calls)] if calling.parallel else [calling.write([call]) for call in calls]
        return [*turns, calling.write((), str(task.answer))]

    def close_world(self) -> None:
        """Let go of the last episode's cells."""
        if self._world is not None:
            self._world.close()
            self._world = None

    def close(self) -> None:
        """Let go of the cells."""
        self.close_world()
        super().close()

    def _said(self, reply: str) -> int | None:
        """The number of a reply that calls nothing and says nothing else, but for such as "the answer is"."""
        reading = self.chat.calling.read(reply)
        if any(attempt.status != "in_reasoning" for attempt in reading.attempts):
            return None
        *lead, word = reading.text.split() or [""]
        if len(lead) > _LEAD_WORDS or not _LEAD.issuperset(before.casefold().strip(":*_") for before in lead):
            return None
        number = word.replace("\N{MINUS SIGN}", "-").strip(_DECORATION)
        return int(number.replace(",", "")) if _ANSWER.fullmatch(number) else None


def _names(rng: np.random.Generator, count: int, strangers: int) -> list[str]:
    """Names for cells, all different; those of strangers differ in one letter from one of the others."""
    names: list[str] = []
    while len(names) < count + strangers:
        name = "".join(rng.choice([*letters]) for letters in (_CONSONANTS, _VOWELS, _CONSONANTS))
        if len(names) >= count:
            like, place = names[rng.integers(count)], rng.integers(3)
            name = like[:place] + name[place] + like[place + 1 :]
        if name not in names and name not in _WORDS:
            names.append(name)
    return names


def _linked(rng: np.random.Generator, names: list[str], values: dict[str, str], level: _Level) -> list[str]:
    """What the question calls its operands, once the links are laid."""
    asked = names[: level.operands]
    for link in names[level.operands : level.operands + level.links]:
        place = int(rng.integers(level.operands))
        values[link], asked[place] = asked[place], link
    return asked


def _faults(rng: np.random.Generator, asked: list[str], target: str, level: _Level) -> list[str]:
    """Cells whose first call fails."""
    failing = rng.choice(asked, min(level.faults, len(asked)), replace=False).tolist() if level.faults else []
    return [*failing[1:], target] if target else failing


def _question(expression: str, target: str, level: _Level) -> str:
    if level.operands == 1:
        return f"Reply with one number. What is in cell {expression}?"
    return "".join(
        (
            "Reply with one number. ",
            "Cells hold numbers, or the names of other cells. " if level.links else "Cells hold numbers. ",
            "Calls may fail: try again. " if level.faults else "",
            f"Write {expression} into cell {target}, and change nothing else." if target else f"What is {expression}?",
        )
    )


def _end(name: str, values: Mapping[str, str]) -> str:
    """The cell that a name leads to."""
    while values[name] in values:
        name = values[name]
    return name


def _wanted(task: Task) -> Diff:
    """What must have changed."""
    target, cells_before = task.metadata["target"], task.metadata["cells"]
    if not target:
        return {}
    before, after = ({"name": target, "value": value} for value in (cells_before[target], str(task.answer)))
    return {"cells": {target: Change(before, after)}}


def _rounds(task: Task) -> Iterator[list[Call]]:
    """Calls that wait for those of the round before."""
    values, faults = task.metadata["cells"], list(task.metadata["faults"])
    at = list(task.metadata["asked"])
    unread = list(range(len(at)))
    while unread:
        yield [Call("get", {"cell": at[place]}) for place in unread]
        unread = [place for place in unread if not _follow(at, place, values, faults)]
    if len(at) > 1:
        yield [Call("calc", {"expression": task.metadata["expression"].format(*(values[name] for name in at))})]
    target = task.metadata["target"]
    for _ in range(1 + faults.count(target) if target else 0):
        yield [Call("set", {"cell": target, "value": task.answer})]


def _follow(at: list[str], place: int, values: Mapping[str, str], faults: list[str]) -> bool:
    """Note what a read has brought; True where it was the number."""
    if at[place] in faults:
        faults.remove(at[place])
        return False
    if values[at[place]] not in values:
        return True
    at[place] = values[at[place]]
    return False
