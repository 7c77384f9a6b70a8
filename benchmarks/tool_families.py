"""Is every family of envs with tools solved by its oracle, worth nothing to others, varied, isolated and reproducible?

    python benchmarks/tool_families.py                              # 10,000 tasks of each family, some minutes
    python benchmarks/tool_families.py --tasks 500 --family llm/Calc-v0
    python benchmarks/tool_families.py --user agenda                # conversations alone
    python benchmarks/tool_families.py --write                      # renews their lines in docs/tool_families.md

Each task is played by the oracle, by nothing, twice by spam (all tools, then reads alone) and by random calls;
conversations also by the oracle without its questions. Groups
of eight episodes of one task are played in turn and then each alone. Other processes, with other hash seeds, play some
tasks again. The exit status is 1 if any family fails in any of this.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, fields, is_dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import gymnasium
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import llm_envs
from llm_envs.policies.policy import Sampling
from llm_envs.policies.scripted import Constant, Oracle, RandomCalls, Spam
from llm_envs.registry import rows
from llm_envs.rollout import rollout
from llm_envs.testing.tools import seen_by_others
from llm_envs.tools import ToolEnv
from llm_envs.types import Trajectory
from llm_envs.vector import LLMVectorEnv

DOCS = Path(__file__).parents[1] / "docs" / "tool_families.md"
BEGIN, END = "<!-- begin tool_families -->", "<!-- end tool_families -->"

BATCH = 50
"""Tasks that are played side by side, and the pieces in which progress shows."""
GROUPS = 100
"""At most, of eight episodes each; one for each hundred tasks."""
REPLAYED = 50
"""Tasks that other processes play again."""
MAX_RANDOM = 0.01
MAX_TWICE = {"llm/Search-v0": 0.01}
MAX_TWICE_ELSEWHERE = 0.001
"""Of tasks. Search asks easy questions about four encyclopedias to a split, of which there are some ten thousand; where
worlds are new each time, chance alone brings one of the smallest, a cell's name and its number, twice."""

VOICES = ("oracle", "unasked", "nothing", "spam", "spam, reads only", "random")
USERS = ("none", "agenda")


@dataclass(frozen=True)
class Variant:
    """A family, alone or with a user."""

    id: str
    user: str = "none"

    def __str__(self) -> str:
        return f'{self.id}, user="{self.user}"' if self.user != "none" else self.id

    @property
    def options(self) -> dict[str, Any]:
        """Arguments for the env."""
        return {"user": self.user} if self.user != "none" else {}


@dataclass(frozen=True)
class Seen:
    """What was seen of some tasks of one family.

    Args:
        rewards: of each voice, added up.
        gains: the same without those below zero, which make up for nothing.
        tasks: their digests.
    """

    rewards: Mapping[str, float]
    gains: Mapping[str, float]
    tasks: frozenset[bytes]
    shared: int = 0
    groups: int = 0
    cpu_s: float = 0.0

    def __add__(self, other: Seen) -> Seen:
        rewards, gains = added(self.rewards, other.rewards), added(self.gains, other.gains)
        numbers = (self.shared + other.shared, self.groups + other.groups, self.cpu_s + other.cpu_s)
        return Seen(rewards, gains, self.tasks | other.tasks, *numbers)


def added(some: Mapping[str, float], others: Mapping[str, float]) -> dict[str, float]:
    """By voice."""
    return {voice: some.get(voice, 0.0) + others.get(voice, 0.0) for voice in VOICES}


@dataclass(frozen=True)
class Family:
    """One line of the table."""

    variant: Variant
    tasks: int
    seen: Seen
    same_elsewhere: bool

    def cells(self) -> tuple[str, ...]:
        """As `HEADER` names them."""
        seen = self.seen
        paid = (f"{seen.rewards[voice] / self.tasks:.2%}" if self._has(voice) else "" for voice in VOICES)
        isolated = f"{seen.groups - seen.shared} of {seen.groups}"
        same, milliseconds = "yes" if self.same_elsewhere else "no", f"{1e3 * seen.cpu_s / self.tasks:.0f}"
        return str(self.variant), f"{self.tasks:,}", *paid, f"{len(seen.tasks):,}", isolated, same, milliseconds

    def _has(self, voice: str) -> bool:
        return voice != "unasked" or self.variant.user != "none"

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        oracle, gains = self.seen.rewards["oracle"], self.seen.gains
        most_twice = MAX_TWICE.get(self.variant.id, MAX_TWICE_ELSEWHERE)
        found = {
            f"the oracle gets {oracle:g} of {self.tasks}": oracle != self.tasks,
            f"random calls get {gains['random']:g}": gains["random"] > MAX_RANDOM * self.tasks,
            f"{self.tasks - len(self.seen.tasks)} tasks twice": len(self.seen.tasks) < (1.0 - most_twice) * self.tasks,
            f"{self.seen.shared} groups not isolated": self.seen.shared > 0,
            "other processes play otherwise": not self.same_elsewhere,
        }
        others = {voice: gains.get(voice, 0.0) for voice in VOICES[1:5]}
        unpaid = {f"{voice} gets {reward:g}": reward > 0 for voice, reward in others.items()}
        return [fault for fault, there in (found | unpaid).items() if there]


HEADER = ("family", "tasks", *VOICES, "distinct", "isolated groups", "equal elsewhere", "ms a task")


def play(variant: Variant, first: int, count: int) -> Seen:
    """Some tasks by every voice, and one group of eight for each hundred."""
    began_s = time.process_time()
    with closing(opened(variant, count)) as envs:
        policies = (Constant(envs.chat), Spam(envs), Spam(envs, ("read",)), RandomCalls(envs))
        voices = dict(zip(VOICES, (Oracle(envs), Oracle(envs, asks=False), *policies), strict=True))
        if variant.user == "none":
            del voices["unasked"]
        seeds, sampling = range(first, first + count), Sampling(step=first)
        played = {name: rollout(voice, envs, seeds, sampling) for name, voice in voices.items()}
        tasks = frozenset(digest(trajectory.task) for trajectory in played["oracle"])
    rewards = {voice: sum(t.reward for t in episodes) for voice, episodes in played.items()}
    gains = {voice: sum(max(0.0, t.reward) for t in episodes) for voice, episodes in played.items()}
    groups = [seed for seed in range(first, first + count) if seed % 100 == 0 and seed < 100 * GROUPS]
    shared = sum(bool(seen_by_others(variant.id, seed, variant.options)) for seed in groups)
    return Seen(rewards, gains, tasks, shared, len(groups), time.process_time() - began_s)


def opened(variant: Variant, count: int) -> LLMVectorEnv:
    """So many rows of a family."""
    return gymnasium.make_vec(variant.id, num_envs=count, **variant.options).unwrapped


def digest(task: llm_envs.Task) -> bytes:
    """Of what makes a task: everything but its name and the tools."""
    told = json.dumps([plain(task.messages), plain(task.answer), plain(task.metadata)])
    return hashlib.blake2b(told.encode(), digest_size=12).digest()


def plain(value: Any) -> Any:
    """Lists and texts, equal for equal values in every process."""
    if isinstance(value, Mapping):
        return sorted([str(key), json.dumps(plain(item))] for key, item in value.items())
    if is_dataclass(value):
        return [plain(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, (set, frozenset)):
        return sorted(json.dumps(plain(item)) for item in value)
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else str(value)


def episodes(variant: Variant) -> str:
    """A hash of everything that some tasks' oracle and random calls bring, token by token."""
    told = hashlib.sha256()
    with closing(opened(variant, REPLAYED)) as envs:
        for voice in (Oracle(envs), RandomCalls(envs)):
            for trajectory in rollout(voice, envs, range(REPLAYED), Sampling()):
                told.update(trajectory.ids.tobytes() + str(verdict(trajectory)).encode())
    return told.hexdigest()


def verdict(trajectory: Trajectory) -> Mapping[str, Any]:
    """Plain; empty where there is none."""
    return trajectory.verdict.to_dict() if trajectory.verdict else {}


def same_elsewhere(variant: Variant) -> bool:
    """Whether two other processes, with hash seeds of their own, play the same episodes."""
    command = [sys.executable, __file__, "--episodes-of", variant.id, "--user", variant.user]
    told = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True)
        for seed in ("1", "2")
    ]
    return told[0].stdout == told[1].stdout != ""


def examine(variants: Sequence[Variant], tasks: int) -> Iterator[Family]:
    """One family after the other, each by all cores, under a progress bar."""
    pieces = [(first, min(BATCH, tasks - first)) for first in range(0, tasks, BATCH)]
    with (
        Progress(console=Console(stderr=True)) as progress,
        ProcessPoolExecutor(mp_context=get_context("spawn")) as pool,
    ):
        for variant in variants:
            bar = progress.add_task(str(variant), total=len(pieces))
            seen = Seen({}, {}, frozenset())
            for done in as_completed([pool.submit(play, variant, first, count) for first, count in pieces]):
                seen += done.result()
                progress.advance(bar)
            yield Family(variant, tasks, seen, same_elsewhere(variant))


def envs_with_tools() -> list[str]:
    """Ids of ours."""
    return [row.id for row in rows() if row.id.startswith("llm/") and issubclass(row.load(), ToolEnv)]


def tool_families() -> list[str]:
    """Of these, all that draw their tasks."""
    return [env_id for env_id in envs_with_tools() if env_id != "llm/MCP-v0"]  # its tasks are those of a file


def variants_of(ids: Sequence[str], users: Sequence[str]) -> list[Variant]:
    """Each family alone and, where it is conversational, with a user."""
    talking = {row.id for row in rows() if row.id in ids and getattr(row.load(), "conversational", False)}
    return [Variant(env_id, user) for env_id in ids for user in users if user == "none" or env_id in talking]


def renew(family: Family) -> None:
    """Put its line between the marks; those of the others stay."""
    before, rest = DOCS.read_text(encoding="utf-8").split(BEGIN)
    table, _, after = rest.partition(END)
    lines = {line.split("|")[1].strip(): line for line in table.splitlines() if line.startswith("| llm/")}
    lines[str(family.variant)] = f"| {' | '.join(family.cells())} |"
    order = [str(variant) for variant in variants_of(tool_families(), USERS)]
    versions = f"Python {sys.version.split()[0]}, llm-envs {llm_envs.__version__}"
    head = [f"`python benchmarks/tool_families.py --write`, {versions}.", "", f"| {' | '.join(HEADER)} |"]
    rules = f"|---|{'---:|' * (len(HEADER) - 1)}"
    text = "\n".join([BEGIN, *head, rules, *(lines[name] for name in order if name in lines), END])
    DOCS.write_text(f"{before}{text}{after}", encoding="utf-8")


@click.command(epilog="Example: python benchmarks/tool_families.py --tasks 200 --family llm/Calc-v0")
@click.option("--tasks", default=10_000, show_default=True, type=click.IntRange(min=1), help="Of each family.")
@click.option("--family", "names", multiple=True, help="Only this id; may be repeated.")
@click.option("--user", "users", multiple=True, default=USERS, type=click.Choice(USERS), help="Only with this one.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.option("--write", is_flag=True, help="Renew their lines in docs/tool_families.md.")
@click.option("--episodes-of", hidden=True, help="Print a hash of some episodes of this id.")
def main(
    tasks: int, names: tuple[str, ...], users: tuple[str, ...], episodes_of: str | None, *, as_json: bool, write: bool
) -> None:
    """Examine the families of envs with tools."""
    if episodes_of:
        print(episodes(Variant(episodes_of, *users)))
        return
    known = tool_families()
    if unknown := set(names) - set(known):
        raise click.BadParameter(f"{min(unknown)!r} is none of {', '.join(known)}", param_hint="--family")
    families = []
    for family in examine(variants_of(names or known, users), tasks):
        families.append(family)
        if write:
            renew(family)
    if as_json:
        lines = [dict(zip(HEADER, family.cells(), strict=True)) for family in families]
        print(json.dumps({"families": lines}, indent=2))
    else:
        show(families)
    faults = [f"{family.variant}: {fault}" for family in families for fault in family.faults()]
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


def show(families: Sequence[Family]) -> None:
    """Print a line for each family."""
    table = Table(*HEADER, title="Envs with tools: what they pay, and to whom")
    for family in families:
        table.add_row(*family.cells())
    Console(width=170).print(table)


if __name__ == "__main__":
    main()
