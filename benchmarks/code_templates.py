"""Is every template of `llm/Code-v0` right, and do its tests find wrong programs out, at every level?

    python benchmarks/code_templates.py                          # 2 tasks of each template and level, some minutes
    python benchmarks/code_templates.py --tasks 10 --template islands
    python benchmarks/code_templates.py --write                  # renews docs/code_templates.md

References, an empty program, the examples by heart, and brute forces that must be too slow run in a sandbox, as a
policy's programs do. Brute forces are compared with references on drawn inputs, and mutants are tried on the hidden
tests, in this process. The exit status is 1 if a reference is not paid, a brute force disagrees, anything else is paid,
or fewer mutants fail than ought to.
"""

from __future__ import annotations

import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from llm_envs import verifiers
from llm_envs.envs.code import TEMPLATES, Template
from llm_envs.envs.code.cases import Cases, drawn_cases, fails
from llm_envs.envs.code.exercise import Exercise
from llm_envs.envs.code.problem import LEVELS, Problem, solver_of
from llm_envs.envs.code.templates import chosen
from llm_envs.errors import BadOption
from llm_envs.sandbox import Sandbox, shared

DOCS = Path(__file__).parents[1] / "docs" / "code_templates.md"
DRAWN_INPUTS = 20
KILLED_BY_TEMPLATE, KILLED_IN_ALL = 0.90, 0.95


@dataclass
class Seen:
    """What was seen of one template, over all levels."""

    template: Template
    tasks: int = 0
    paid: int = 0
    compared: int = 0
    agreed: int = 0
    mutants: int = 0
    killed: int = 0
    cheats_paid: int = 0
    slow: int = 0
    slow_paid: int = 0
    make_ms: list[list[float]] = field(default_factory=lambda: [[] for _ in LEVELS])

    @property
    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = {
            f"{self.tasks - self.paid} references unpaid": self.paid < self.tasks,
            f"{self.compared - self.agreed} disagreements": self.agreed < self.compared,
            f"{self.cheats_paid} programs paid that know nothing": self.cheats_paid > 0,
            f"{self.slow_paid} slow programs paid": self.slow_paid > 0,
            f"{self.killed} of {self.mutants} mutants killed": self.killed < KILLED_BY_TEMPLATE * self.mutants,
        }
        return [fault for fault, there in found.items() if there]

    @property
    def line(self) -> list[str]:
        """A line of the table."""
        return [
            self.template.topic,
            self.template.name,
            f"{self.paid / self.tasks:.0%}",
            f"{self.agreed:,} of {self.compared:,}",
            f"{self.killed} of {self.mutants}",
            f"{self.cheats_paid / (2 * self.tasks):.0%}",
            f"{self.slow_paid} of {self.slow}" if self.slow else "",
            " ".join(f"{median(times):.0f}" for times in self.make_ms),
        ]


HEADER = (
    "topic",
    "template",
    "reference paid",
    "brute force agrees",
    "mutants killed",
    "cheats paid",
    "slow ones paid",
    "ms to make, by level",
)


def drawn(template: Template, level: int, number: int) -> tuple[Problem, Cases, random.Random]:
    """A problem, its tests, and what draws the rest."""
    rng = random.Random(f"{template.name} {level} {number}")
    while True:
        problem = template.draw(rng, level)
        cases = drawn_cases(problem, rng, level)
        if cases:
            return problem, cases, rng


def examine(template: Template, tasks: int, sandbox: Sandbox) -> Seen:
    """Some tasks of every level."""
    seen = Seen(template)
    for level in LEVELS:
        for number in range(tasks):
            began_ns = time.process_time_ns()
            problem, cases, rng = drawn(template, level, number)
            seen.make_ms[level].append((time.process_time_ns() - began_ns) / 1e6)
            compare(seen, problem, cases, rng)
            run(seen, Exercise.drawn(problem, cases, rng), sandbox, slow=level == LEVELS[-1] and number == 0)
    return seen


def compare(seen: Seen, problem: Problem, cases: Cases, rng: random.Random) -> None:
    """References with brute forces and mutants, in this process."""
    reference, brute = solver_of(problem.gold), solver_of(problem.trusted)
    inputs = [*problem.edges, *(problem.case(rng, 1 + place % problem.small) for place in range(DRAWN_INPUTS))]
    seen.compared += len(inputs)
    seen.agreed += sum(repr(reference(*args)) == repr(brute(*args)) for args in inputs)
    for source in problem.wrong.values():
        wrong = solver_of(source)
        seen.mutants += 1
        seen.killed += any(fails(wrong, case) for case in cases.hidden)


def run(seen: Seen, exercise: Exercise, sandbox: Sandbox, *, slow: bool) -> None:
    """Programs in the sandbox."""

    def is_paid(program: str) -> bool:
        return verifiers.code(f"```python\n{program}\n```", exercise.reference, sandbox=sandbox).reward == 1.0

    seen.tasks += 1
    seen.paid += is_paid(exercise.program(exercise.problem.gold))
    seen.cheats_paid += sum(map(is_paid, cheats(exercise)))
    if slow and exercise.problem.brute_is_slow:
        seen.slow += 1
        seen.slow_paid += is_paid(exercise.program(exercise.problem.trusted))


def cheats(exercise: Exercise) -> Iterator[str]:
    """A program that does nothing, and one that has the examples by heart."""
    if exercise.mode == "function":
        yield f"def {exercise.name}(*args):\n    pass"
        shown = re.findall(rf"`{exercise.name}\((.*)\)` returns `(.*)`\.", exercise.statement)
        table = ", ".join(f"repr(({args},)): {value}" for args, value in shown)
        yield f"def {exercise.name}(*args):\n    return {{{table}}}.get(repr(args))"
    else:
        yield "pass"
        shown = re.findall(r"input:\n```\n(.*?)```\noutput:\n```\n(.*?)```", exercise.statement, re.DOTALL)
        yield f"import sys\nprint({dict(shown)!r}.get(sys.stdin.read(), ''), end='')"


PREFACE = """# The templates of `llm/Code-v0`

Written by `python benchmarks/code_templates.py --write`, tasks: {tasks} of each template and level, in a line all six
levels of a template. *Reference paid*: the reference as a program or function, in a sandbox ({backend}). *Brute force
agrees*: on edge cases and drawn inputs. *Mutants killed*: wrong programs that fail a hidden test. *Cheats paid*: an
empty program and the examples by heart. *Slow ones paid*: brute forces on tasks of level 5, which are right but too
late. *ms to make* is the median CPU time of a task with its tests, at levels 0 to 5.

Over all: {paid} of {all_tasks} references paid, {killed:.1%} of {mutants:,} mutants killed.
"""


def document(all_seen: Sequence[Seen], tasks: int, backend: str) -> str:
    """The page of docs: the table, and a statement of every template at its first and last level."""
    mutants = sum(seen.mutants for seen in all_seen)
    lines = [
        PREFACE.format(
            tasks=tasks,
            backend=backend,
            paid=sum(seen.paid for seen in all_seen),
            all_tasks=sum(seen.tasks for seen in all_seen),
            killed=sum(seen.killed for seen in all_seen) / mutants,
            mutants=mutants,
        ),
        f"| {' | '.join(HEADER)} |",
        f"|{'---|' * len(HEADER)}",
        *(f"| {' | '.join(seen.line)} |" for seen in all_seen),
    ]
    for seen in all_seen:
        lines += ["", f"## `{seen.template.name}` ({seen.template.topic})", ""]
        for level in (LEVELS[0], LEVELS[-1]):
            problem, _, _ = drawn(seen.template, level, 0)
            words = f"{problem.words} Find {problem.gives.words}.".replace("|", "\\|").replace("*", "\\*")
            lines += [f"- Level {level}: {words}"]
    return "\n".join(lines) + "\n"


def show(all_seen: Sequence[Seen]) -> None:
    """Print one line a template."""
    table = Table(*HEADER, title="llm/Code-v0: all levels of each template")
    for seen in all_seen:
        table.add_row(*seen.line)
    Console(width=150).print(table)


@click.command(epilog="Example: python benchmarks/code_templates.py --tasks 5 --template islands")
@click.option("--tasks", default=2, show_default=True, type=click.IntRange(min=1), help="Of each template and level.")
@click.option("--template", "names", multiple=True, help="Only this template or topic; may be repeated.")
@click.option("--backend", default="auto", show_default=True, help="Of the sandbox.")
@click.option("--write", is_flag=True, help="Renew docs/code_templates.md.")
def main(tasks: int, names: tuple[str, ...], backend: str, *, write: bool) -> None:
    """Examine the templates of llm/Code-v0."""
    try:
        templates = chosen(names) if names else TEMPLATES
    except BadOption as error:
        raise click.BadParameter(str(error), param_hint="--template") from error
    sandbox = shared(backend)
    progress = track(templates, "templates", console=Console(stderr=True), transient=True)
    all_seen = [examine(template, tasks, sandbox) for template in progress]
    show(all_seen)
    if write:
        DOCS.write_text(document(all_seen, tasks, backend), encoding="utf-8")
    faults = [f"{seen.template.name}: {fault}" for seen in all_seen for fault in seen.faults]
    killed, mutants = sum(seen.killed for seen in all_seen), sum(seen.mutants for seen in all_seen)
    if killed < KILLED_IN_ALL * mutants:
        faults.append(f"{killed} of {mutants} mutants killed over all")
    print(*faults, sep="\n", file=sys.stderr, end="\n" if faults else "")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
