"""Episodes per CPU-second, measured alike for llm-envs and for every peer.

The clock counts the CPU time of this process and of all processes it has started, dead or alive, so that a verifier
which forks, or keeps a pool, is charged for it. Rewards are compared with what they must be: a fast path to a wrong
reward is no result.

Standard library alone, because each peer's own Python runs it: `python -m peers.<name> episodes.json budget_s rounds`
from the folder `benchmarks/` prints one JSON line.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypedDict

__all__ = ["Episode", "Measured", "Play", "children", "cpu_time_s", "live_time_s", "measure", "report"]

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_CALIBRATION = 16
"""Episodes played before the clock counts: they import, fork, fill caches, and tell how many fit the budget."""

_RIGHT_ENOUGH = 2 / 3
"""Half of the replies are wrong on purpose, so a judge that always says yes, or always no, reaches one half."""


class Episode(TypedDict):
    """One question, one reply, and what the reply is worth."""

    index: int
    prompt: str
    answer: str
    reply: str
    reward: float


Play = Callable[[Sequence[Episode]], Sequence[float]]
"""Plays the episodes, all the way from opening to reward, and gives the rewards."""


@dataclass(frozen=True)
class Measured:
    """What playing took.

    Args:
        per_cpu_s: episodes per CPU-second, best round; None where something failed, and the note says what.
        right: share of rewards that were as they must be, all rounds.
    """

    what: str
    per_cpu_s: float | None
    right: float
    note: str


def cpu_time_s() -> float:
    """User and system time so far of this process and its descendants."""
    dead = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + dead.ru_utime + dead.ru_stime + sum(map(live_time_s, children(os.getpid())))


def measure(
    what: str, play: Play, episodes: Sequence[Episode], *, budget_s: float, rounds: int, note: str = ""
) -> Measured:
    """Play for `budget_s` CPU-seconds a round.

    Raises:
        ValueError: too many rewards were wrong for the speed to mean anything.
    """
    play(episodes[:_CALIBRATION])
    began_s = cpu_time_s()
    play(episodes[:_CALIBRATION])
    per_episode_s = max(cpu_time_s() - began_s, 1e-6) / min(_CALIBRATION, len(episodes))
    count = max(_CALIBRATION, int(budget_s / per_episode_s))
    batch = list(itertools.islice(itertools.cycle(episodes), count))
    took_s, right = [], 0
    for _ in range(rounds):
        began_s = cpu_time_s()
        rewards = play(batch)
        took_s.append(cpu_time_s() - began_s)
        right += sum(reward == episode["reward"] for reward, episode in zip(rewards, batch, strict=True))
    if right < _RIGHT_ENOUGH * count * rounds:
        raise ValueError(f"{what}: only {right} of {count * rounds} rewards were right")
    return Measured(what, count / min(took_s), right / (count * rounds), note)


def report(what: str, prepare: Callable[[Sequence[Episode]], Play], note: str) -> None:
    """Measure as the command line says, and print the result, or why there is none, as a line of stdout."""
    path, budget_s, rounds = sys.argv[1:]
    episodes = json.loads(Path(path).read_text(encoding="utf-8"))[what]
    try:
        play = prepare(episodes)
        measured = measure(what, play, episodes, budget_s=float(budget_s), rounds=int(rounds), note=note)
    except Exception as error:  # noqa: BLE001 (whatever a peer raises is its result)
        measured = Measured(what, None, 0.0, f"{type(error).__name__}: {error}")
    print(json.dumps(asdict(measured)), flush=True)


def children(pid: int) -> list[int]:
    """Direct children of all threads of a process; none where the system has no /proc."""
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):  # the thread has just ended
            found += map(int, tasks.read_text(encoding="ascii").split())
    return found


def live_time_s(pid: int) -> float:
    """Time of a live process, of those it has waited for, and of its live descendants."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS_PER_S + sum(map(live_time_s, children(pid)))
    except OSError:  # it has just ended
        return 0.0
