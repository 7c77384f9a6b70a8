"""`llm/SQL-v0`: questions in words about a database that the policy looks at by tools and answers by a query."""

from __future__ import annotations

import random
from typing import Any, ClassVar

import numpy as np

from llm_envs.chat.calls import Call
from llm_envs.envs.sql.questions import LEVELS, Question, draw_question
from llm_envs.envs.sql.world import World, world_of
from llm_envs.tools import Injected, ToolEnv, ToolError, tool
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.sql.reader import Exhausted, Found, Reader, Refused, Unread
from llm_envs.verifiers.sql.verify import sql as judge

__all__ = ["SQL", "Desk"]

_MOST_ROWS = 40
_CELL_CHARS = 80

_PROMPT = """\
Answer a question about a database by one SQL query (SQLite's dialect). schema() shows the tables, query(sql) runs a \
query and shows what it finds, submit(sql) hands in your answer and ends the episode. The answer is judged by what it \
finds in this database and in others with the same tables and other rows.

Question: {question}

How it is meant: Show exactly the columns that are named, in that order, unrounded. Every row that fits counts, also \
where two look alike, unless each is asked for only once. The order of rows is free unless you are to sort; sorting \
follows what SQLite does by default: NULL before everything, texts by their characters' codes. NULL means unknown: \
what is said of an unknown value does not hold, neither that it is so nor that it is not, and two unknown values are \
not the same. What belongs to something unknown, or to something no longer on record, is unknown, too: show NULL. \
Sums, averages and other figures leave NULL out; of nothing they are NULL, and a number of things is then 0. Texts are \
the same only letter by letter, upper and lower case included, unless it says otherwise. "Its id" is the primary key; \
a year is a text of four digits."""


class Desk:
    """What the tools of one episode share: the database, and the answer once there is one."""

    def __init__(self, world: World) -> None:
        self.schema = world.database.ddl
        self.reader = Reader([table.name for table in world.tables], world.database.image)
        self.answer: str | None = None


@tool
def schema(desk: Injected[Desk]) -> str:
    """Show the tables of the database, with their columns and keys."""
    return desk.schema


@tool
def query(desk: Injected[Desk], sql: str) -> str:
    """Run one SELECT and show what it finds; nothing can be changed.

    Args:
        sql: in SQLite's dialect.
    """
    try:
        return _shown(desk.reader.read(sql, _MOST_ROWS))
    except Refused as fault:
        raise ToolError("E_POLICY", fault.message) from None
    except Exhausted as fault:
        raise ToolError("E_TIMEOUT", fault.message) from None
    except Unread as fault:
        raise ToolError("E_ARGS", f"SQLite says: {fault.message}") from None


@tool(kind="control")
def submit(desk: Injected[Desk], sql: str) -> str:
    """Hand in the query that answers the question; this ends the episode.

    Args:
        sql: one SELECT in SQLite's dialect.
    """
    if desk.answer is not None:
        raise ToolError("E_PRECONDITION", "an answer has been handed in already")
    desk.answer = sql
    return "handed in"


class SQL(ToolEnv):
    """Answer a question about a database by a query.

    ## Description
    Each task has a database of its own, of one of a dozen domains: three or four tables with keys, unknown values and
    some hundred rows. A question in words asks for something that one query finds. The policy may look at the tables
    and try queries; what it hands in at last must mean what the question means.

    ## Action space
    `Discrete(vocab_size)`, one token a step. Tools: `schema()`, `query(sql)` and `submit(sql)`, called as the
    tokenizer's template has it; several calls a turn are answered each. Reading is all that is possible: one SELECT at
    a time, no settings, no files, no recursion, no clock, no chance, and a limited number of steps. What is refused
    says why.

    ## Observation space
    See `llm_envs.views`; `delta` by default. Answers of `query` show at most 40 rows, and cells up to 80 characters.

    ## Reward
    1 if the query that was handed in finds the same as the reference in the database shown and in 48 small random
    ones, else 0. Nothing handed in is 0.

    ## Episode end
    Terminated by `submit`, or by a turn without calls. Truncated when a turn exceeds `max_new_tokens`, when 16 turns
    are over, or when the context is full.

    ## Arguments
    `difficulty` 0 to 5: 0 one condition; 1 several, orders and totals; 2 joins and groups; 3 groups within bounds, set
    operations and what leads here; 4 nested figures, and groups that may be empty; 5 own groups, "every", pairs and
    figures of figures. By default it is drawn.

    ## Verifier
    `llm_envs.verifiers.sql`. Columns count by their place, rows as often as they are there, their order only where the
    question asks for one. A query that takes too many steps is 0, with the status `timeout`.

    ## Version history
    - v0: first release.
    """

    tools = (schema, query, submit)
    max_calls: ClassVar[int] = 24
    call_timeout_s: ClassVar[float | None] = None
    max_new_tokens: ClassVar[int] = 2048
    max_turns: ClassVar[int] = 16
    context_length: ClassVar[int] = 32768
    difficulties: ClassVar[range | None] = LEVELS
    _desk: Desk | None = None

    def sample(self, rng: np.random.Generator) -> Task:
        """Make a world, and ask something about it."""
        level = int(rng.integers(len(LEVELS))) if self.difficulty is None else self.difficulty
        question: Question | None = None
        while question is None:
            seed, draw = (int(number) for number in rng.integers(2**62, size=2))
            question = draw_question(world_of(seed), level, random.Random(draw))  # noqa: S311 (not for cryptography)
        return Task(
            prompt=_PROMPT.format(question=question.words),
            answer=str(question.query),
            metadata={
                "difficulty": level,
                "domain": world_of(seed).domain,
                "shape": question.shape,
                "world": seed,
                "ordered": question.ordered,
            },
        )

    def open_world(self, task: Task) -> Desk:
        """The database, to be read."""
        self._clear()
        self._desk = Desk(world_of(task.metadata["world"]))
        return self._desk

    def close(self) -> None:
        """Let go of the database."""
        self._clear()
        super().close()

    def _clear(self) -> None:
        """A connection is part of a cycle, and would lie around until the garbage is collected."""
        if self._desk is not None:
            self._desk.reader.close()

    def is_over(self, task: Task) -> bool:
        """A query was handed in."""
        return self._desk is not None and self._desk.answer is not None

    def verify(self, task: Task, reply: str) -> Verdict:
        """Compare what the queries find."""
        if self._desk is None or self._desk.answer is None:
            return Verdict.of(0.0, "no query was handed in")
        database = world_of(task.metadata["world"]).database
        return judge(self._desk.answer, task.answer, database, ordered=task.metadata["ordered"])

    def demonstrate(self, task: Task) -> list[str]:
        """Look at the tables, try the query, hand it in."""
        calls = [Call("schema", {}), Call("query", {"sql": task.answer}), Call("submit", {"sql": task.answer})]
        return [self.chat.calling.write([call]) for call in calls]


def _shown(found: Found) -> str:
    """A result as a small table."""
    lines = [" | ".join(found.columns), *(" | ".join(map(_cell, row)) for row in found.rows)]
    lines.append(f"({'the first ' if found.more else ''}{len(found.rows)} row{'s' * (len(found.rows) != 1)})")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    text = "NULL" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _CELL_CHARS else f"{text[:_CELL_CHARS]}..."
