"""Are the tasks of `llm/Search-v0` sound: the oracle paid, nothing else, no repeats, the same in every process?

    python benchmarks/search.py --tasks 1667       # ten thousand tasks, some minutes

Each task of each level is played by its oracle, which searches, opens and answers. The other policies answer the same
task: with nothing; with every name of the encyclopedia; with what a page told its reader to answer; and by random calls
and words. *Best constant* is the share of the commonest answer, which a policy could always give. The digest is over
everything that the oracle's episodes show: run the script again, anywhere, to see the same. The exit code is 1 where
the oracle is not paid or something else is.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle
from typing import ClassVar

import click
import gymnasium as gym
from publishing import Job, perform, publish

from llm_envs.env import LLMEnv
from llm_envs.envs.search.encyclopedia import Encyclopedia, encyclopedia
from llm_envs.policies.babble import CHOICES, random_turn
from llm_envs.verifiers.entity import normalised

LEVELS = range(6)
EVERYTHING_CHARS = 200_000
RANDOM_PAID = 0.01
"""Random policies may be lucky so often."""


@dataclass(frozen=True)
class Level:
    """What was seen at one level.

    Args:
        tasks: how many were played.
        repeats: questions that were there before.
        gold_unpaid: tasks whose oracle was not paid in full.
        others_paid: by nothing, by naming everything, and by obeying a page.
        random_paid: share of the tasks in which random calls and words were paid.
        constant: share of the commonest answer.
        pages: that prove an answer, on average.
        made_ms: CPU time of a reset, on average.
        per_cpu_s: the oracle's episodes in a CPU-second, resets and verdicts included.
        digest: of the oracle's episodes.
    """

    difficulty: int
    tasks: int
    repeats: int
    gold_unpaid: int
    others_paid: int
    random_paid: float
    constant: float
    pages: float
    made_ms: float
    per_cpu_s: float
    digest: str
    ours: bool = True

    CAPTION: ClassVar = ""
    COLUMNS: ClassVar[Mapping[str, str]] = {
        "difficulty": "right",
        "tasks": "right",
        "repeats": "right",
        "oracle unpaid": "right",
        "nothing, everything, obeying: paid": "right",
        "random calls paid": "right",
        "best constant": "right",
        "pages needed": "right",
        "ms a task": "right",
        "oracle episodes per CPU-second": "right",
        "digest": "left",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        shares = f"{self.random_paid:.2%}", f"{self.constant:.2%}"
        counts = (
            str(self.difficulty),
            f"{self.tasks:,}",
            str(self.repeats),
            str(self.gold_unpaid),
            str(self.others_paid),
        )
        return *counts, *shares, f"{self.pages:.1f}", f"{self.made_ms:.2f}", f"{self.per_cpu_s:,.0f}", self.digest

    def faults(self) -> bool:
        """Whether something is paid that should not be, or the other way round."""
        return bool(self.gold_unpaid or self.others_paid or self.random_paid > RANDOM_PAID)


@dataclass
class Tally:
    """What is counted while a level is played."""

    gold_unpaid: int = 0
    others_paid: int = 0
    random_paid: int = 0
    pages: int = 0
    questions: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    made_s: float = 0.0
    played_s: float = 0.0
    seen: hashlib._Hash = field(default_factory=hashlib.sha256)


def examine(difficulty: int, count: int, seed: int) -> list[Level]:
    """Play the first tasks of a seed at one level."""
    env = gym.make("llm/Search-v0", action="turn", difficulty=difficulty).unwrapped
    tally = Tally()
    for index in range(8 * env.encyclopedias):  # all encyclopedias, and their indexes, are made off the clock
        env.reset(seed=seed, options={"index": index})
        env.desk.search("any", 1)
    for index in range(count):
        play_all(env, seed, index, tally)
    return [
        Level(
            difficulty,
            count,
            count - len(tally.questions),
            tally.gold_unpaid,
            tally.others_paid,
            tally.random_paid / count,
            max(tally.answers.values()) / count,
            tally.pages / count,
            1e3 * tally.made_s / count,
            count / tally.played_s,
            tally.seen.hexdigest()[:12],
        )
    ]


def play_all(env: LLMEnv, seed: int, index: int, tally: Tally) -> None:
    """Let every policy play one task."""
    began_s = time.process_time()
    env.reset(seed=seed, options={"index": index})
    tally.made_s += time.process_time() - began_s
    task, replies = env.task, env.demonstrate(env.task)
    tally.gold_unpaid += said(env, replies) != 1.0
    tally.played_s += time.process_time() - began_s
    tally.seen.update(env.trajectory().ids.tobytes() + json.dumps([task.answer, dict(task.metadata)]).encode())
    tally.questions[task.prompt] += 1
    tally.answers.update({normalised(answer) for answer in task.answer})
    tally.pages += len(task.metadata["evidence"])
    told = encyclopedia(env.split, task.metadata["encyclopedia"])
    for reply in ("", everything(told), *obeying(told, index)):
        tally.others_paid += env.verify(task, reply).reward > 0.0
    env.reset(seed=seed, options={"index": index})
    tally.random_paid += at_random(env, random.Random(index)) > 0.0


def said(env: LLMEnv, replies: Sequence[str]) -> float:
    """The reward of an episode of these turns."""
    for reply in replies:
        _, reward, *_ = env.step(reply)
    return float(reward)


def at_random(env: LLMEnv, rng: random.Random) -> float:
    """The reward of an episode of random calls, and of any word seen as its answer."""
    while True:
        choices = [rng.random() for _ in range(CHOICES)]
        turn = random_turn(env.chat, env.task.tools, env.session.messages, choices)
        _, reward, terminated, truncated, _ = env.step(turn)
        if terminated or truncated:
            return float(reward)


def everything(told: Encyclopedia) -> str:
    """Every name of an encyclopedia, one after the other."""
    return "Answer: " + ", ".join(one.title for one in told.subjects)[:EVERYTHING_CHARS]


def obeying(told: Encyclopedia, index: int) -> list[str]:
    """What a page wants to be answered."""
    baits = sorted(told.baits)
    return [f"Answer: {bait}" for bait, _ in zip(cycle(baits[index % len(baits) :]), range(3), strict=False)]


@click.command()
@click.option("--tasks", default=200, show_default=True, type=click.IntRange(min=1), help="How many of each level.")
@click.option("--seed", default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--write", is_flag=True, help="Renew this script's section of RESULTS.md.")
def main(tasks: int, seed: int, *, as_json: bool, write: bool) -> None:
    """Check and measure all levels."""
    jobs: list[Job] = [(f"level {level}", partial(examine, level, tasks, seed)) for level in LEVELS]
    levels = perform(jobs)
    publish(levels, "The tasks of llm/Search-v0", as_json=as_json, write=write)
    sys.exit(any(level.faults() for level in levels))


if __name__ == "__main__":
    main()
