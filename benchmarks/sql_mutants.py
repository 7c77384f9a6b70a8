"""How many wrong queries does the SQL verifier accept, and does it accept all right ones, however they are written?

    python benchmarks/sql_mutants.py                     # 240 questions, 6 mutants each, about two minutes of CPU
    python benchmarks/sql_mutants.py --questions 24 --json

A mutant is a reference with one edit (a comparison, a constant, a column, a join, a condition, an order ...), drawn at
random from all of its edits; no mutant has any part in choosing the verifier's databases. Each is judged twice: by the
verifier, and as is usual, by its result on the one database that is shown. What the verifier accepts is then compared
with the reference on 300 larger random databases, made by a generator of this script's own (up to 40 rows a table,
values from around the constants of both queries); where none tells them apart, the mutant counts as equivalent and is
left out. Rewrites are equivalences of SQL (`sql_edits.REWRITES`); all must be accepted. The exit status is 1 if more
than 3% of mutants are accepted, any rewrite is refused, or, in a full run, there were fewer than 500 mutants.
"""

from __future__ import annotations

import datetime as dt
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import click
from peers.measure import cpu_time_s
from publishing import Job, figure, perform, publish
from sql_edits import REWRITES, mutants, nodes

import llm_envs
from llm_envs import verifiers
from llm_envs.envs.sql.domains import Field
from llm_envs.envs.sql.query import Constant, Query
from llm_envs.envs.sql.questions import LEVELS, Question, draw_question
from llm_envs.envs.sql.world import Table, World, world_of
from llm_envs.verifiers.sql.results import same

MOST_ACCEPTED = 0.03
LEAST_MUTANTS = 500
LARGER = 300
TOLERANCE = 1e-6
FIRST_WORLD = 10**12
"""Worlds that no task is likely to have."""


@dataclass
class Tally:
    """What became of mutants, by their kind, and of rewrites, by their rule."""

    wrong: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    accepted_usually: Counter[str] = field(default_factory=Counter)
    equivalent: Counter[str] = field(default_factory=Counter)
    broken: int = 0
    rewritten: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    fooled: list[str] = field(default_factory=list)
    judged: int = 0
    took_s: float = 0.0


@dataclass(frozen=True)
class Accepted:
    """Wrong queries of one kind, and who accepts how many."""

    what: str
    mutants: int
    equivalent: int
    by_us: int
    usually: int
    ours: bool = False

    CAPTION: ClassVar = "Wrong queries accepted"
    COLUMNS: ClassVar = {
        "edit": "left",
        "mutants": "right",
        "equivalent, left out": "right",
        "accepted by verifiers.sql": "right",
        "accepted by the result on one database": "right",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        shares = (f"{count} ({count / max(1, self.mutants):.1%})" for count in (self.by_us, self.usually))
        return self.what, str(self.mutants), str(self.equivalent), *shares

    @property
    def share(self) -> float:
        """Of wrong queries that the verifier accepts."""
        return self.by_us / max(1, self.mutants)


@dataclass(frozen=True)
class Rewritten:
    """Right queries of one rule."""

    what: str
    rewrites: int
    refused: int
    ours: bool = False

    CAPTION: ClassVar = "Right queries refused"
    COLUMNS: ClassVar = {"rewrite": "left", "queries": "right", "refused": "right"}

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        return self.what, str(self.rewrites), str(self.refused)


@dataclass(frozen=True)
class Speed:
    """How fast queries are judged."""

    what: str
    verdicts: int
    per_cpu_s: float
    ours: bool = True

    CAPTION: ClassVar = "Speed"
    COLUMNS: ClassVar = {"what": "left", "verdicts": "right", "per CPU-second": "right"}

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        return self.what, str(self.verdicts), figure(self.per_cpu_s)


def examine(number: int, per_question: int, tally: Tally) -> None:
    """Judge mutants and rewrites of one question."""
    world = world_of(FIRST_WORLD + number)
    rng = random.Random(number)
    question = draw_question(world, LEVELS[number % len(LEVELS)], rng)
    if question is None:
        return
    options = mutants(question.query, world)
    for kind, mutant in rng.sample(options, min(per_question, len(options))):
        _judge_mutant(kind, mutant, question, world, tally)
    for rule in REWRITES:
        rewritten = rule(question.query, world)
        if rewritten is not None:
            name = (rule.__doc__ or rule.__name__).rstrip(".")
            tally.rewritten[name] += 1
            if not _accepts(str(rewritten), question, world, tally):
                tally.refused.append(f"{name}: {question.query}  ->  {rewritten}")


def _accepts(query: str, question: Question, world: World, tally: Tally) -> bool:
    began_s = cpu_time_s()
    verdict = verifiers.sql(query, str(question.query), world.database, ordered=question.ordered)
    tally.took_s += cpu_time_s() - began_s
    tally.judged += 1
    return verdict.correct


def _judge_mutant(kind: str, mutant: Query, question: Question, world: World, tally: Tally) -> None:
    shown = sqlite3.connect(":memory:")
    shown.deserialize(world.database.image)
    try:
        usually = _agree(shown, mutant, question)
    except sqlite3.Error:
        tally.broken += 1
        return
    finally:
        shown.close()
    accepted = _accepts(str(mutant), question, world, tally)
    if accepted and not _told_apart(mutant, question, world):
        tally.equivalent[kind] += 1
        return
    tally.wrong[kind] += 1
    tally.accepted[kind] += accepted
    tally.accepted_usually[kind] += usually
    if accepted:
        tally.fooled.append(f"{kind}: {question.query}  ->  {mutant}")


def _agree(connection: sqlite3.Connection, mutant: Query, question: Question) -> bool:
    found, wanted = (connection.execute(str(query)).fetchall() for query in (mutant, question.query))
    return same(found, wanted, ordered=question.ordered, tolerance=TOLERANCE)


# Larger databases, by a generator that the verifier knows nothing of


def _told_apart(mutant: Query, question: Question, world: World) -> bool:
    rng = random.Random(str(mutant))
    constants = [
        node.value for query in (mutant, question.query) for node in nodes(query) if isinstance(node, Constant)
    ]
    connection = world.database.connect()
    try:
        for _ in range(LARGER):
            _refill(connection, world, constants, rng)
            if not _agree(connection, mutant, question):
                return True
    finally:
        connection.close()
    return False


def _refill(connection: sqlite3.Connection, world: World, constants: Sequence[Any], rng: random.Random) -> None:
    connection.execute("BEGIN")
    ids: dict[str, list[int]] = {}
    for table in world.tables:
        connection.execute(f"DELETE FROM {table.name}")
        count = rng.choice((0, 2, 6, 12, 25, 40))
        ids[table.thing.one] = rng.sample(range(1, 80), count)
        rows = [*_rows(table, ids, constants, rng)]
        marks = ", ".join("?" * (1 + len(table.fields)))
        connection.executemany(f"INSERT OR IGNORE INTO {table.name} VALUES ({marks})", rows)
        ids[table.thing.one] = [row[0] for row in connection.execute(f"SELECT * FROM {table.name}")]
    connection.execute("COMMIT")


def _rows(
    table: Table, ids: Mapping[str, list[int]], constants: Sequence[Any], rng: random.Random
) -> Iterator[tuple[Any, ...]]:
    mine = ids[table.thing.one]
    pools = {f.name: _pool(f, table, ids, constants, rng) for f in table.fields}
    nulls = {f.name: rng.choice((0.0, 0.1, 0.5)) if f.name in table.unknown else 0.0 for f in table.fields}
    for number in mine:
        values = (
            None if not pools[f.name] or rng.random() < nulls[f.name] else rng.choice(pools[f.name])
            for f in table.fields
        )
        yield (number, *values)


def _pool(
    of: Field, table: Table, ids: Mapping[str, list[int]], constants: Sequence[Any], rng: random.Random
) -> list[Any]:
    """What a column may hold in one database."""
    if of.kind == "flag":
        return [0, 1]
    if of.kind == "key":
        known = ids[of.parent]
        few = rng.sample(known, min(len(known), rng.choice((1, 3, 40))))
        return [*few, 99] if of.loose else few
    every = [*dict.fromkeys([*table.values(of), *_near(of, constants)])]
    near = _near(of, constants)
    source = near if near and rng.random() < 0.4 else every
    return rng.sample(source, min(len(source), rng.choice((1, 2, 4, 10, 100))))


def _near(of: Field, constants: Sequence[Any]) -> list[Any]:
    numbers = [value for value in constants if isinstance(value, (int, float))]
    texts = [value for value in constants if isinstance(value, str)]
    match of.kind:
        case "whole":
            return [int(value) + by for value in numbers for by in (-1, 0, 1)]
        case "money":
            return [float(value) + by for value in numbers for by in (-1, -0.25, 0, 0.25, 1)]
        case "date":
            days = [dt.date.fromisoformat(text) for text in texts if len(text) == 10 and text[4] == "-"]
            near = [(day + dt.timedelta(days=by)).isoformat() for day in days for by in (-365, -31, -1, 0, 1, 31, 365)]
            return near + [
                f"20{year}-{text}-{day}" for text in texts if len(text) == 2 for year, day in ((23, "01"), (24, "28"))
            ]
        case _:
            cores = [text.strip("%") for text in texts]
            return [
                new for core in cores for new in (core, core.upper(), f"{core} a", f"a {core}", f"a{core}a", f"{core}s")
            ]


# The table


def accepted(tally: Tally) -> list[Accepted]:
    """A row for each kind of edit, and one for all."""
    kinds = sorted(tally.wrong | tally.equivalent)
    rows = [
        Accepted(kind, tally.wrong[kind], tally.equivalent[kind], tally.accepted[kind], tally.accepted_usually[kind])
        for kind in kinds
    ]
    sums = (
        sum(counter.values()) for counter in (tally.wrong, tally.equivalent, tally.accepted, tally.accepted_usually)
    )
    return [*rows, Accepted("all", *sums, ours=True)]


def rewritten(tally: Tally) -> list[Rewritten]:
    """A row for each rule, and one for all."""
    refused = Counter(line.partition(":")[0] for line in tally.refused)
    rows = [Rewritten(rule, count, refused[rule]) for rule, count in tally.rewritten.items()]
    return [*rows, Rewritten("all", sum(tally.rewritten.values()), len(tally.refused), ours=True)]


@click.command()
@click.option(
    "--questions", default=240, show_default=True, type=click.IntRange(min=1), help="How many, of all levels."
)
@click.option("--mutants", "per_question", default=6, show_default=True, type=click.IntRange(min=1), help="Of each.")
@click.option("--start", default=0, show_default=True, help="Number of the first question.")
@click.option("--show", is_flag=True, help="Print wrong queries that were accepted, and right ones that were refused.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of tables.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, questions: int, per_question: int, start: int, show: bool, as_json: bool, write: bool) -> None:
    """Judge mutants and rewrites."""
    tally = Tally()
    jobs: list[Job] = [
        (f"question {number}", lambda number=number: examine(number, per_question, tally) or [])
        for number in range(start, start + questions)
    ]
    perform(jobs)
    speed = Speed("verdict on a mutant or a rewrite", tally.judged, tally.judged / tally.took_s)
    rows = [*accepted(tally), *rewritten(tally), speed]
    publish(rows, f"SQL verifier, llm-envs {llm_envs.__version__}", as_json=as_json, write=write)
    if show:
        print("\n".join(["accepted:", *tally.fooled, "refused:", *tally.refused]), file=sys.stderr)
    everything = accepted(tally)[-1]
    few = questions >= main.params[0].default and everything.mutants < LEAST_MUTANTS
    sys.exit(int(everything.share > MOST_ACCEPTED or bool(tally.refused) or few))


if __name__ == "__main__":
    main()
