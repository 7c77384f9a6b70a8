"""Is every puzzle solvable and its solution paid, is guessing not, and how fast are tasks made and judged?

    python benchmarks/puzzles.py                  # 200 tasks of each puzzle and level, a minute of CPU
    python benchmarks/puzzles.py --tasks 1000

Each task is played four times: its worked solution must be worth 1; nothing, garbage, and the worked solution of the
task before it must be worth 0. A fifth time a guess is made, such as anybody could make who has not thought, and its
share of rewards is shown: digits at random in the empty cells, an expression of all numbers at random, moves at random
until the episode ends, people in houses at random. One row a puzzle and level; the exit status is 1 if any verdict is
not what it must be. Times are CPU time, of one task's drawing and of one verdict on its solution.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from statistics import mean, median, quantiles
from typing import TypeVar

import click
import gymnasium as gym
from rich.console import Console
from rich.progress import track
from rich.table import Table

import llm_envs
from llm_envs import LLMEnv, Task

GARBAGE = "The solution is not hard to find, as one sees at once."
LEVELS = range(6)
T = TypeVar("T")


def digits_at_random(task: Task, rng: random.Random) -> Iterator[str]:
    """The givens of a sudoku, and any digits between them."""
    digits = "123456789"[: len(task.answer)]
    yield "\n".join(
        "".join(rng.choice(digits) if cell == "." else cell for cell in row) for row in task.metadata["puzzle"]
    )


def expression_at_random(task: Task, rng: random.Random) -> Iterator[str]:
    """The numbers of a countdown, joined two at a time."""
    parts = [str(number) for number in task.answer["numbers"]]
    while len(parts) > 1:
        one, other = (parts.pop(rng.randrange(len(parts))) for _ in range(2))
        parts.append(f"({one} {rng.choice('+-*/')} {other})")
    yield parts[0]


def moves_at_random(_task: Task, rng: random.Random) -> Iterator[str]:
    """One move a turn."""
    while True:
        yield rng.choice(("up", "down", "left", "right"))


def people_at_random(task: Task, rng: random.Random) -> Iterator[str]:
    """A table of all values of a zebra puzzle, each in its column."""
    columns = [rng.sample(each, len(each)) for each in task.metadata["values"]]
    yield "\n".join(map(", ".join, zip(*columns, strict=True)))


GUESSES: dict[str, Callable[[Task, random.Random], Iterator[str]]] = {
    "llm/Sudoku-v0": digits_at_random,
    "llm/Countdown-v0": expression_at_random,
    "llm/Maze-v0": moves_at_random,
    "llm/Zebra-v0": people_at_random,
}


@dataclass
class Tally:
    """What was seen of one puzzle at one level."""

    tasks: int = 0
    gold_unpaid: int = 0
    others_paid: int = 0
    guesses_paid: int = 0
    prompts: set[str] = field(default_factory=set)
    solution_chars: list[int] = field(default_factory=list)
    make_ms: list[float] = field(default_factory=list)
    judge_ms: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    env: str
    difficulty: int
    tasks_per_cpu_s: int
    make_ms: float
    make_p95_ms: float
    judge_ms: float
    solution_chars: int
    repeats: int
    guesses_paid_percent: float
    gold_unpaid: int
    others_paid: int

    @classmethod
    def of(cls, env_id: str, difficulty: int, tally: Tally) -> Row:
        """A tally in figures."""
        return cls(
            env_id,
            difficulty,
            round(1000 / mean(tally.make_ms)),
            round(median(tally.make_ms), 2),
            round(quantiles(tally.make_ms, n=20)[-1], 2),
            round(median(tally.judge_ms), 3),
            round(mean(tally.solution_chars)),
            tally.tasks - len(tally.prompts),
            round(100 * tally.guesses_paid / tally.tasks, 2),
            tally.gold_unpaid,
            tally.others_paid,
        )


def timed(work: Callable[[], T], times_ms: list[float]) -> T:
    """Do the work, and note its CPU time."""
    began_ns = time.process_time_ns()
    done = work()
    times_ms.append((time.process_time_ns() - began_ns) / 1e6)
    return done


def play(env: LLMEnv, index: int, replies: Iterator[str]) -> float:
    """The reward of an episode; the last reply is said again and again."""
    env.reset(options={"index": index})
    reply = ""
    while True:
        reply = next(replies, reply)
        _, reward, terminated, truncated, _ = env.step(reply)
        if terminated or truncated:
            return float(reward)


def examine(env_id: str, difficulty: int, count: int, seed: int) -> Tally:
    """What the first tasks of a seed at one level are like."""
    env = gym.make(env_id, action="turn", difficulty=difficulty).unwrapped
    tally = Tally()
    before: Task | None = None
    said_before: Sequence[str] = ()
    env.reset(seed=seed)
    for index in range(count):
        timed(lambda index=index: env.reset(options={"index": index}), tally.make_ms)
        task = env.task
        solution = env.demonstrate(task)
        tally.tasks += 1
        tally.prompts.add(task.prompt)
        tally.solution_chars.append(sum(map(len, solution)))
        tally.gold_unpaid += play(env, index, iter(solution)) != 1.0
        timed(lambda task=task, solution=solution: env.verify(task, solution[-1]), tally.judge_ms)
        others = [[""], [GARBAGE], *([said_before] if before and before.answer != task.answer else [])]
        tally.others_paid += sum(play(env, index, iter(replies)) != 0.0 for replies in others)
        guesses = GUESSES[env_id](task, random.Random(index))
        tally.guesses_paid += play(env, index, guesses) == 1.0
        before, said_before = task, solution
    return tally


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(title=f"Puzzles, llm-envs {llm_envs.__version__}")
    for name in Row.__dataclass_fields__:
        table.add_column(name.replace("_", " "), justify="left" if name == "env" else "right", no_wrap=name == "env")
    for row in rows:
        table.add_row(*map(str, asdict(row).values()), end_section=row.difficulty == LEVELS[-1])
    Console(width=150).print(table)


@click.command()
@click.option("--tasks", default=200, show_default=True, type=click.IntRange(min=2), help="How many of each level.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def main(tasks: int, seed: int, *, as_json: bool) -> None:
    """Check and measure all puzzles at all levels."""
    cases = [(env_id, difficulty) for env_id in GUESSES for difficulty in LEVELS]
    bar = track(cases, "levels", console=Console(stderr=True), transient=True)
    rows = [Row.of(env_id, difficulty, examine(env_id, difficulty, tasks, seed)) for env_id, difficulty in bar]
    if as_json:
        print(json.dumps({"seed": seed, "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        show(rows)
    sys.exit(any(row.gold_unpaid or row.others_paid for row in rows))


if __name__ == "__main__":
    main()
