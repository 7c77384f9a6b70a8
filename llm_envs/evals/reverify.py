"""Judges the replies of an old run again: what does a changed verifier, or a changed env, make of them?

Each finished episode is played again from its journalled replies. Its new verdict counts only where everything that was
seen is as it was then: an episode that shows something else is another episode, counted apart and never scored. The old
run is left as it is; the new verdicts become a run folder of their own.

What it deliberately does not do: it asks no model, and needs none; what the model had settled of the envs stands in the
journal.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import llm_envs
from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption, BrokenRun
from llm_envs.evals.engine import Settings
from llm_envs.evals.episode import Diverged, Player
from llm_envs.evals.folder import RunFolder, about_run, write_about
from llm_envs.evals.hands import Hands
from llm_envs.evals.journal import Journal
from llm_envs.evals.plan import Plan
from llm_envs.evals.reading import Reading
from llm_envs.evals.records import Episode, ErrorRecord, outcome_record, reply_record
from llm_envs.policies.model import Level
from llm_envs.registry import row

__all__ = ["Moved", "Reverification", "reverify"]

_SLACK = 1e-9
"""Rewards are sums of products; a change of this size is none."""

_REASON_CHARS = 300


@dataclass(frozen=True, slots=True)
class Moved:
    """An episode whose reward, or whether it counts as correct, is another now."""

    env: str
    task: int
    sample: int
    task_id: str
    before: float
    after: float
    reason_before: str
    reason_after: str


@dataclass(slots=True)
class Reverification:
    """What came of judging a run again.

    Args:
        folder: the run folder with the new verdicts.
        checked: episodes with an old and a new verdict.
        moved: those whose verdicts differ, by env, task and sample.
        diverged: episodes that no longer show what they showed; they have no new verdict.
        failed: episodes that infrastructure kept from being judged.
        mean_before, mean_after: of the rewards of those checked; nan where there is none.
        versions: of llm-envs, then and now.
    """

    folder: Path
    checked: int = 0
    moved: list[Moved] = field(default_factory=list)
    diverged: int = 0
    failed: int = 0
    mean_before: float = float("nan")
    mean_after: float = float("nan")
    versions: tuple[str, str] = ("", llm_envs.__version__)


def reverify(run: RunFolder, out: Path | None = None, settings: Settings | None = None) -> Reverification:
    """Judge every finished episode of `run` again.

    Args:
        out: the new folder; by default, beside the run, with `--reverified` at its name's end. One that an earlier
            reverification of the same run has made is replaced.
        settings: how many episodes at a time, and how patiently.

    Raises:
        BrokenRun: it is damaged, a training run's, or has no finished episode.
        BadOption: something else is at `out`.
        UnknownEnv: an env of the run is not registered any more.
        StorageFailed: the new folder cannot be written.
    """
    if run.kind != "evaluation":
        raise BrokenRun(
            f"{run.path} cannot be judged again",
            expected="an evaluation's folder: its plan says how each task is made again",
            received=f"a folder of kind {run.kind}",
            next_step="Name the folder of an evaluation, or evaluate the trained model with `llm-envs eval`.",
        )
    Reading(run).require_episodes()
    place = out or run.path.with_name(f"{run.path.name}--reverified")
    _require_replaceable(place, run)
    scratch = place.with_name(f".{place.name}.new")
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        found = asyncio.run(_Judging(run, scratch, settings or Settings()).run())
        shutil.rmtree(place, ignore_errors=True)
        scratch.replace(place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return replace(found, folder=place)


def _require_replaceable(place: Path, run: RunFolder) -> None:
    if not place.exists() or (place.is_dir() and not any(place.iterdir())):
        return
    with suppress(BrokenRun):
        if RunFolder.open(place).about.get("reverified", {}).get("run") == run.path.name:
            return
    raise BadOption(
        f"{place} is there already",
        expected="a place where nothing is yet, or an earlier reverification of the same run",
        received="something else",
        next_step="Name another place by --folder.",
    )


class _Judging:
    """One pass over a run, in one event loop."""

    def __init__(self, run: RunFolder, place: Path, settings: Settings) -> None:
        self._run = run
        self._reading = Reading(run)
        self._plan: Plan = run.plan
        self._settings = settings
        self._start = self._reading.start
        self._level: Level = self._start.get("level", "turn")
        self._place = place
        self._hands = Hands(settings.verifiers)
        self._resources = {name: asyncio.Semaphore(count) for name, count in settings.resources.items()}
        self._envs: dict[str, list[LLMEnv]] = {env.label: [self._make(env.label)] for env in self._plan.envs}
        self._found = Reverification(place, versions=(_version(run), llm_envs.__version__))
        self._sums = [0.0, 0.0]

    async def run(self) -> Reverification:
        """Judge everything, and write it down."""
        folder = RunFolder.create(self._place, self._plan)
        write_about(self._place, {**about_run("evaluation", plan=self._plan.to_dict()), "reverified": self._origin()})
        outcomes = self._reading.outcomes("judging again")
        try:
            with Journal(folder.journal) as self._journal:
                self._journal.write({"kind": "start", "time": time.time(), **self._start})
                async with asyncio.TaskGroup() as group:
                    for _ in range(self._settings.verifiers):
                        group.create_task(self._judge_some(outcomes))
                self._journal.write({"kind": "end", "time": time.time(), "complete": self._is_complete})
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from errors.exceptions[0].__cause__
        finally:
            await self._close()
        return self._figures()

    @property
    def _is_complete(self) -> bool:
        return self._found.checked >= self._plan.episodes

    def _origin(self) -> dict[str, Any]:
        return {"run": self._run.path.name, "versions": self._run.about.get("versions", {})}

    def _figures(self) -> Reverification:
        found = self._found
        found.moved.sort(key=lambda moved: (moved.env, moved.task, moved.sample))
        if found.checked:
            found.mean_before, found.mean_after = (total / found.checked for total in self._sums)
        return found

    async def _judge_some(self, outcomes: Iterator[Episode | ErrorRecord]) -> None:
        for old in outcomes:
            if isinstance(old, ErrorRecord):
                self._journal.write(outcome_record(old))
                continue
            new = await self._judge(old)
            for reply in old.replies if isinstance(new, Episode) else ():
                self._journal.write(reply_record(old.attempt, reply))
            self._journal.write(outcome_record(new))
            self._count(old, new)

    async def _judge(self, old: Episode) -> Episode | ErrorRecord:
        """The episode as it is judged now; an env that has failed is not used again."""
        free = self._envs[old.env]
        env = free.pop() if free else self._make(old.env)
        work = partial(_play_again, env, old, self._plan.seed, self._level)
        try:
            async with AsyncExitStack() as stack:
                for name in env.resources:
                    await stack.enter_async_context(self._resources[name])
                new = await self._hands.do(work, self._settings.env_timeout_s)
        except Diverged as difference:
            self._found.diverged += 1
            new = ErrorRecord(*old.attempt, "env", "Diverged", str(difference))
        except Exception as error:  # noqa: BLE001 (whatever an env does, the other episodes are judged)
            self._found.failed += 1
            return ErrorRecord(*old.attempt, "verifier", type(error).__name__, str(error)[:_REASON_CHARS])
        free.append(env)
        return new

    def _count(self, old: Episode, new: Episode | ErrorRecord) -> None:
        if isinstance(new, ErrorRecord):
            return
        self._found.checked += 1
        self._sums = [self._sums[0] + old.reward, self._sums[1] + new.reward]
        if abs(old.reward - new.reward) > _SLACK or old.correct != new.correct:
            reasons = (str(found.verdict.get("reason", ""))[:_REASON_CHARS] for found in (old, new))
            self._found.moved.append(Moved(*old.attempt, old.task_id, old.reward, new.reward, *reasons))

    def _make(self, label: str) -> LLMEnv:
        env = self._plan.env(label)
        settled = self._start.get("env_options", {})
        return row(env.id).make(**{**settled, "split": self._plan.split, **env.options})

    async def _close(self) -> None:
        """Close them all; what they leave behind, or do not let go of in time, is no reason to lose what was found."""
        closing = (self._hands.do(env.close, None) for envs in self._envs.values() for env in envs)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.env_timeout_s):
                await asyncio.gather(*closing, return_exceptions=True)
        self._hands.close()


def _play_again(env: LLMEnv, old: Episode, seed: int, level: Level) -> Episode | ErrorRecord:
    """Play the replies of `old` into its task.

    Raises:
        Diverged: something was seen that had not been seen, or the episode's end is elsewhere.
    """
    player = Player(env, old.attempt, seed, level)
    player.begin()
    for number, reply in enumerate(old.replies, 1):
        if player.take(reply) != (number == len(old.replies)):
            raise Diverged(f"it had taken {len(old.replies)} turns, but now ends after turn {player.turn - 1}, or not")
    return player.episode(old.at_s)


def _version(run: RunFolder) -> str:
    return str(run.about.get("versions", {}).get("llm-envs", "unknown"))
