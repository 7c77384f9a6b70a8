"""Is every family of `llm/Math-v0` right, unguessable, varied and quick, at every level?

    python benchmarks/math_families.py                       # 1,000 tasks of each family and level, some minutes
    python benchmarks/math_families.py --tasks 100 --family urn
    python benchmarks/math_families.py --write               # renews docs/math_families.md

Each task is judged four times: its worked solution must be worth 1; nothing, garbage, and the answer of the task before
must be worth 0. The commonest answer of a level is what guessing gains: under 5% (60% for yes or no). Repeated
questions are counted against what chance gives for 5,000 different ones. Making a task takes under 5 ms of CPU at the
median. The exit status is 1 if any family fails in any of this.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from llm_envs import Task
from llm_envs.envs.math import Family, Math
from llm_envs.envs.math.problem import LEVELS
from llm_envs.errors import BadOption

DOCS = Path(__file__).parents[1] / "docs" / "math_families.md"
GARBAGE = "The answer is not hard to find, as one sees at once."
MAX_GUESSED = {"yes_no": 0.60}
MAX_GUESSED_ELSE = 0.05
MIN_PROBLEMS = 5_000
"""Different questions that a level must have at least."""
MAX_MAKE_MS = 5.0


@dataclass(frozen=True)
class Level:
    """What was seen of one family at one level."""

    topic: str
    family: str
    kind: str
    level: int
    tasks: int
    gold_unpaid: int
    others_paid: int
    guessed: float
    repeats: int
    make_ms: float
    judge_ms: float
    steps: float

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = {
            f"{self.gold_unpaid} solutions unpaid": self.gold_unpaid > 0,
            f"{self.others_paid} wrong replies paid": self.others_paid > 0,
            f"{self.guessed:.1%} by guessing": self.guessed > MAX_GUESSED.get(self.kind, MAX_GUESSED_ELSE),
            f"{self.repeats} repeats": self.repeats > chance_repeats(self.tasks),
            f"{self.make_ms:.1f} ms a task": self.make_ms > MAX_MAKE_MS,
        }
        return [fault for fault, there in found.items() if there]


def chance_repeats(tasks: int) -> float:
    """Questions seen before among so many drawn from `MIN_PROBLEMS`: the mean, and four standard deviations more."""
    mean = tasks - MIN_PROBLEMS * (1 - (1 - 1 / MIN_PROBLEMS) ** tasks)
    return mean + 4 * math.sqrt(mean)


def examine(family: Family, difficulty: int, tasks: int) -> Level:
    """Make tasks, and hand in the solution, nothing, garbage, and the answer of the task before."""
    env = Math(topics=[family.name], difficulty=difficulty)
    drawn, make_ms = make(env, difficulty, tasks)
    answers = [str(task.answer) for task in drawn]
    judge_ms, unpaid, paid = [], 0, 0
    for task, before in zip(drawn, [None, *answers], strict=False):
        (solution,) = env.demonstrate(task)
        began_ns = time.process_time_ns()
        unpaid += env.verify(task, solution).reward != 1.0
        judge_ms.append((time.process_time_ns() - began_ns) / 1e6)
        others = ["", GARBAGE] + ([f"\\boxed{{{before}}}"] if before not in {None, task.answer} else [])
        paid += sum(env.verify(task, reply).reward != 0.0 for reply in others)
    return Level(
        *(family.topic, family.name, family.kind, difficulty, tasks, unpaid, paid),
        guessed=max(Counter(answers).values()) / tasks,
        repeats=tasks - len({task.prompt for task in drawn}),
        make_ms=round(median(make_ms), 3),
        judge_ms=round(median(judge_ms), 3),
        steps=sum(task.metadata["solution"].count("\n") for task in drawn) / tasks,
    )


def make(env: Math, difficulty: int, tasks: int) -> tuple[list[Task], list[float]]:
    """The first tasks of a level, and the CPU time of each in milliseconds."""
    drawn, times_ms = [], []
    for index in range(tasks):
        rng = np.random.default_rng([difficulty, index])
        began_ns = time.process_time_ns()
        drawn.append(env.sample(rng))
        times_ms.append((time.process_time_ns() - began_ns) / 1e6)
    return drawn, times_ms


def examined(families: Sequence[Family], tasks: int) -> Iterator[Level]:
    """Every level of every family, under a progress bar."""
    pairs = [(family, difficulty) for family in families for difficulty in LEVELS]
    for family, difficulty in track(pairs, "levels", console=Console(stderr=True), transient=True):
        yield examine(family, difficulty, tasks)


def by_family(levels: Sequence[Level]) -> Iterator[list[str]]:
    """One line a family: the worst of its levels."""
    for name in dict.fromkeys(level.family for level in levels):
        own = [level for level in levels if level.family == name]
        yield [
            own[0].topic,
            name,
            own[0].kind,
            f"{sum(level.tasks for level in own):,}",
            str(sum(level.gold_unpaid for level in own)),
            str(sum(level.others_paid for level in own)),
            f"{max(level.guessed for level in own):.1%}",
            str(max(level.repeats for level in own)),
            f"{max(level.make_ms for level in own):.2f}",
            " ".join(f"{level.steps:.0f}" for level in own),
        ]


HEADER = (
    "topic",
    "family",
    "answer",
    "tasks",
    "solutions unpaid",
    "others paid",
    "best guess",
    "repeats",
    "ms a task",
    "steps by level",
)


def show(levels: Sequence[Level]) -> None:
    """Print one line a family."""
    table = Table(*HEADER, title="llm/Math-v0: the worst level of each family")
    for line in by_family(levels):
        table.add_row(*line)
    Console(width=150).print(table)


PREFACE = """# The families of `llm/Math-v0`

Written by `python benchmarks/math_families.py --write`: {tasks:,} tasks of each family and level, in a line the worst
of a family's six levels. *Others paid* counts empty replies, garbage and neighbours' answers; *best guess* is the share
of the commonest answer; *repeats* are questions that came before among those of one level (chance for {problems:,}
different ones gives up to {repeats:.0f}); *ms* is the median CPU time.
"""


def document(levels: Sequence[Level], families: Sequence[Family]) -> str:
    """The page of docs: the table, and a question of every family at its first and last level."""
    tasks = levels[0].tasks
    lines = [
        PREFACE.format(tasks=tasks, problems=MIN_PROBLEMS, repeats=chance_repeats(tasks)),
        f"| {' | '.join(HEADER)} |",
        f"|{'---|' * len(HEADER)}",
        *(f"| {' | '.join(line)} |" for line in by_family(levels)),
    ]
    for family in families:
        lines += ["", f"## `{family.name}` ({family.topic})", ""]
        for difficulty in (LEVELS[0], LEVELS[-1]):
            problem = family.draw(np.random.default_rng([difficulty, 0]), difficulty)
            lines += [f"- Level {difficulty}: {problem.question} (${problem.answer}$)"]
    return "\n".join(lines) + "\n"


@click.command(epilog="Example: python benchmarks/math_families.py --tasks 200 --family urn --family committee")
@click.option(
    "--tasks", default=1_000, show_default=True, type=click.IntRange(min=50), help="Of each family and level."
)
@click.option("--family", "names", multiple=True, help="Only this family; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print every level as JSON instead of a table.")
@click.option("--write", is_flag=True, help="Renew docs/math_families.md.")
def main(tasks: int, names: tuple[str, ...], *, as_json: bool, write: bool) -> None:
    """Examine the procedural families of llm/Math-v0."""
    try:
        families = Math(topics=list(names) or None).families
    except BadOption as error:
        raise click.BadParameter(str(error), param_hint="--family") from error
    began_s = time.process_time()
    levels = list(examined(families, tasks))
    if as_json:
        print(json.dumps([asdict(level) for level in levels], indent=2))
    else:
        show(levels)
        print(f"{sum(level.tasks for level in levels):,} tasks, {time.process_time() - began_s:.0f} s of CPU")
    if write:
        DOCS.write_text(document(levels, families), encoding="utf-8")
    faults = [(level, fault) for level in levels for fault in level.faults()]
    for level, fault in faults:
        print(f"{level.family}, level {level.level}: {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
