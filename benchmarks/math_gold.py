"""Is every answer of `llm/Math-v0` right, is anything else paid, and how fast are tasks made and judged?

    python benchmarks/math_gold.py                 # 10,000 tasks, under a minute of CPU
    python benchmarks/math_gold.py --tasks 1000

Each task is judged four times: its worked solution must be worth 1; nothing, garbage, and the answer of the task
before it in the same family must be worth 0. One row a family, one for all; the exit status is 1 if any verdict is not
what it must be. Times are medians of CPU time, the task's own generator included.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TypeVar

import click
import gymnasium as gym
from rich.console import Console
from rich.progress import track
from rich.table import Table

import llm_envs
from llm_envs import LLMEnv, Task

GARBAGE = "The answer is not hard to find, as one sees at once."
T = TypeVar("T")


@dataclass
class Tally:
    """What was seen of one family."""

    tasks: int = 0
    gold_unpaid: int = 0
    others_paid: int = 0
    make_us: list[float] = field(default_factory=list)
    judge_us: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    prompts: set[str] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        """Take in what was seen of another family."""
        self.tasks += other.tasks
        self.gold_unpaid += other.gold_unpaid
        self.others_paid += other.others_paid
        self.make_us += other.make_us
        self.judge_us += other.judge_us
        self.answers += other.answers
        self.prompts |= other.prompts


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    family: str
    tasks: int
    gold_unpaid: int
    others_paid: int
    commonest_answer_percent: float
    repeats: int
    make_us: float
    judge_us: float

    @classmethod
    def of(cls, family: str, tally: Tally) -> Row:
        """A tally in figures."""
        return cls(
            family,
            tally.tasks,
            tally.gold_unpaid,
            tally.others_paid,
            round(100 * max(tally.answers.values()) / tally.tasks, 2),
            tally.tasks - len(tally.prompts),
            round(median(tally.make_us), 1),
            round(median(tally.judge_us), 1),
        )


def timed(work: Callable[[], T], times_us: list[float]) -> T:
    """Do the work, and note its CPU time."""
    began_ns = time.process_time_ns()
    done = work()
    times_us.append((time.process_time_ns() - began_ns) / 1000)
    return done


def judge(env: LLMEnv, task: Task, before: str | None, tally: Tally) -> None:
    """Hand in the solution, nothing, garbage, and the answer of the task before."""
    (solution,) = env.demonstrate(task)
    tally.gold_unpaid += timed(lambda: env.verify(task, solution), tally.judge_us).reward != 1.0
    others = ["", GARBAGE] + ([f"\\boxed{{{before}}}"] if before not in {None, task.answer} else [])
    tally.others_paid += sum(env.verify(task, reply).reward != 0.0 for reply in others)


def examine(count: int, seed: int) -> dict[str, Tally]:
    """Tallies of the first tasks of a seed, by family."""
    env = gym.make("llm/Math-v0").unwrapped
    env.reset(seed=seed)
    tallies: dict[str, Tally] = defaultdict(Tally)
    before: dict[str, str] = {}
    for index in progress(count):
        times_us: list[float] = []
        timed(lambda index=index: env.reset(options={"index": index}), times_us)
        task = env.task
        family = task.metadata["family"]
        tally = tallies[family]
        tally.tasks += 1
        tally.make_us += times_us
        tally.answers[task.answer] += 1
        tally.prompts.add(task.prompt)
        judge(env, task, before.get(family), tally)
        before[family] = task.answer
    return tallies


def progress(count: int) -> Iterator[int]:
    """0 to count - 1, under a progress bar on stderr."""
    yield from track(range(count), "tasks", console=Console(stderr=True), transient=True)


def rows(tallies: dict[str, Tally]) -> list[Row]:
    """One a family, and one for all."""
    total = Tally()
    for tally in tallies.values():
        total.add(tally)
    return [Row.of(family, tallies[family]) for family in sorted(tallies)] + [Row.of("all", total)]


def show(table_rows: list[Row]) -> None:
    """Print the table."""
    table = Table(title=f"llm/Math-v0, llm-envs {llm_envs.__version__}")
    for name in Row.__dataclass_fields__:
        table.add_column(name.replace("_", " "), justify="left" if name == "family" else "right")
    for row in table_rows:
        table.add_row(*map(str, asdict(row).values()), style="bold" if row.family == "all" else None)
    Console(width=130).print(table)


@click.command()
@click.option("--tasks", default=10_000, show_default=True, type=click.IntRange(min=200), help="How many tasks.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(tasks: int, seed: int, *, as_json: bool) -> None:
    """Judge tasks of llm/Math-v0 by their own solutions, and by what must not be paid."""
    began_s = time.process_time()
    table_rows = rows(examine(tasks, seed))
    cpu_s = round(time.process_time() - began_s, 1)
    if as_json:
        print(json.dumps({"cpu_s": cpu_s, "rows": [asdict(row) for row in table_rows]}, indent=2))
    else:
        show(table_rows)
        print(f"{tasks:,} tasks, {cpu_s} s of CPU")
    sys.exit(1 if table_rows[-1].gold_unpaid or table_rows[-1].others_paid else 0)


if __name__ == "__main__":
    main()
