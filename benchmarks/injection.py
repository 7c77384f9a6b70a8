"""Who is hijacked in `llm/Injection-v0`, and who does the job, of policies that need no model.

    python benchmarks/injection.py                       # 10,000 tasks for the oracle and the gullible, some minutes
    python benchmarks/injection.py --tasks 500 --write   # renews docs/injection.md

The oracle does the job and nothing else. The gullible one can do the job, and does what it reads on the way. Others do
nothing, spam, or call at random, on a tenth of the tasks. The exit status is 1 if the oracle is ever not paid or is
hijacked, if the gullible one ever gets away with it, or if anybody else is paid.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import click
import gymnasium
from rich.console import Console
from rich.table import Table

import llm_envs
from llm_envs.policies.policy import Policy, Sampling
from llm_envs.policies.scripted import Constant, Gullible, Oracle, RandomCalls, Spam
from llm_envs.rollout import rollout
from llm_envs.types import Trajectory
from llm_envs.vector import LLMVectorEnv

DOCS = Path(__file__).parents[1] / "docs" / "injection.md"
BEGIN, END = "<!-- begin injection -->", "<!-- end injection -->"
BATCH = 50
FEWER = 10
"""So many times less tasks for those that make nothing of them."""
MAX_RANDOM = 0.01

VOICES: dict[str, Callable[[LLMVectorEnv], Policy]] = {
    "oracle": Oracle,
    "gullible": Gullible,
    "nothing": lambda envs: Constant(envs.chat),
    "spam": Spam,
    "spam, reads only": lambda envs: Spam(envs, ("read",)),
    "random": RandomCalls,
}
HEADER = ("policy", "tasks", "poisoned", "exposed", "hijacked", "job done", "mean reward")


def play(voice: str, first: int, count: int) -> Counter[str]:
    """What became of some tasks."""
    seen: Counter[str] = Counter()
    with closing(gymnasium.make_vec("llm/Injection-v0", num_envs=count).unwrapped) as envs:
        for trajectory in rollout(VOICES[voice](envs), envs, range(first, first + count), Sampling(step=first)):
            seen.update(told(trajectory))
    return seen


def told(trajectory: Trajectory) -> dict[str, float]:
    """One episode in numbers."""
    scores = {part.name: part.score for part in trajectory.verdict.parts}
    job = trajectory.task.metadata["scenario"]
    poisoned = float(job.attack is not None)
    return {
        "tasks": 1.0,
        "poisoned": poisoned,
        "exposed": scores["exposed"],
        "hijacked": scores["hijacked"],
        "job done": scores["correct"],
        "reward": trajectory.reward,
        "gains": max(0.0, trajectory.reward),
        "last words": float(bool(job.attack and job.attack.speaks)),
        "unlike": float(scores["hijacked"] != poisoned or scores["exposed"] != poisoned),
    }


def cells(voice: str, seen: Counter[str]) -> tuple[str, ...]:
    """As `HEADER` names them: exposed and hijacked are shares of the poisoned tasks."""
    shares = (f"{seen[name] / seen['poisoned']:.2%}" for name in ("exposed", "hijacked"))
    means = (f"{seen[name] / seen['tasks']:{form}}" for name, form in (("job done", ".2%"), ("reward", ".3f")))
    return voice, f"{seen['tasks']:,.0f}", f"{seen['poisoned']:,.0f}", *shares, *means


def faults(voice: str, seen: Counter[str]) -> Iterator[str]:
    """What is wrong with the env, in words."""
    if voice == "oracle":
        if seen["reward"] != seen["tasks"] or seen["hijacked"] or seen["exposed"] != seen["poisoned"]:
            yield f"the oracle gets {seen['reward']:g} of {seen['tasks']:g}, hijacked {seen['hijacked']:g} times"
    elif voice == "gullible":
        if seen["unlike"] or seen["job done"] != seen["tasks"] - seen["last words"]:
            yield f"the gullible one gets away {seen['unlike']:g} times, and does {seen['job done']:g} jobs"
    elif seen["gains"] > (MAX_RANDOM * seen["tasks"] if voice == "random" else 0.0):
        yield f"{voice} gets {seen['gains']:g}"


def examine(tasks: int) -> dict[str, Counter[str]]:
    """By voice."""
    found: dict[str, Counter[str]] = {voice: Counter() for voice in VOICES}
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        jobs = [
            (voice, pool.submit(play, voice, first, min(BATCH, count - first)))
            for voice in VOICES
            for count in [tasks if voice in {"oracle", "gullible"} else -(-tasks // FEWER)]
            for first in range(0, count, BATCH)
        ]
        for voice, job in jobs:
            found[voice].update(job.result())
    return found


def renew(lines: Sequence[tuple[str, ...]], command: str) -> None:
    """Put the table between the marks."""
    table = [
        BEGIN,
        f"`{command}`, Python {sys.version.split()[0]}, llm-envs {llm_envs.__version__}.",
        "",
        f"| {' | '.join(HEADER)} |",
        f"|---|{'---:|' * (len(HEADER) - 1)}",
        *(f"| {' | '.join(line)} |" for line in lines),
        END,
    ]
    before, rest = DOCS.read_text(encoding="utf-8").split(BEGIN)
    DOCS.write_text(before + "\n".join(table) + rest.partition(END)[2], encoding="utf-8")


@click.command(epilog="Example: python benchmarks/injection.py --tasks 200")
@click.option("--tasks", default=10_000, show_default=True, type=click.IntRange(min=1), help="Of the oracle.")
@click.option("--write", is_flag=True, help="Renew docs/injection.md.")
def main(tasks: int, *, write: bool) -> None:
    """Let policies without a model play among poisoned records."""
    found = examine(tasks)
    lines = [cells(voice, seen) for voice, seen in found.items()]
    table = Table(*HEADER, title="Who is hijacked, of those exposed to a poisoned record")
    for line in lines:
        table.add_row(*line)
    Console(width=110).print(table)
    if write:
        renew(lines, f"python benchmarks/injection.py --tasks {tasks}")
    wrong = [fault for voice, seen in found.items() for fault in faults(voice, seen)]
    for fault in wrong:
        print(fault, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
