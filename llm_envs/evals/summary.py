"""The figures of a run, from its journal alone: the same whenever and in whatever order its episodes ended.

An attempt counts once. It is scored, a model's fault included; or an error of infrastructure, which is no reward and
stays out of every mean, and is answered for by bounds; or not played. Tasks are the units: every interval is one over
tasks, and the mean of several envs gives each of them the same weight.

What it deliberately does not do: no clocks. Seconds, tokens and cost are in `timing`, which `to_dict` leaves out: a
summary is equal byte for byte to that of a run that nothing disturbed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_envs.errors import BrokenRun
from llm_envs.evals.columns import Columns, Kinds
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.headline import Headline
from llm_envs.evals.plan import Plan
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.stats.intervals import UNIT, Floats, Interval, mean_interval
from llm_envs.evals.stats.samples import NO_ANSWER, best_of_k, majority_of_k, pass_all_k, pass_at_k
from llm_envs.evals.storage import write_whole
from llm_envs.evals.timing import Timing

__all__ = ["EnvSummary", "PartFigure", "Summary", "summarise", "summarise_outcomes", "write_summary"]


@dataclass(frozen=True, slots=True)
class PartFigure:
    """The mean score of one part of the verdicts.

    Args:
        weight: what a full score adds to the reward; None where that differs from task to task.
    """

    kind: str
    weight: float | None
    score: Interval

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        return {"kind": self.kind, "weight": self.weight, "score": self.score.to_dict()}


@dataclass(frozen=True, slots=True)
class EnvSummary:
    """The figures of one env.

    Args:
        correct: share of episodes whose verdict says so; None where verdicts have no such part.
        at_k: `pass@k`, `pass^k`, `maj@k` (where answers are known), `best@k` (by reward, where it is not 0 or 1) and
            `surest@k` (by mean log-probability, where it is known), by k; empty for one sample a task.
        difficulty, tags, stop_reasons: rewards of each kind of task, or of episode.
        faults, errors: how many of each; a model's faults are scored, errors are not.
        message: what the first error of the commonest kind said. It may have clocks in it, and is no part of `to_dict`.
        different: tasks that were scored, each counted once; a small data set repeats its own.
    """

    label: str
    headline: Headline
    correct: Interval | None
    at_k: Mapping[str, Mapping[int, Interval]]
    parts: Mapping[str, PartFigure]
    difficulty: Mapping[str, Interval]
    tags: Mapping[str, Mapping[str, Interval]]
    stop_reasons: Mapping[str, Interval]
    faults: Mapping[str, int]
    errors: Mapping[str, int]
    message: str = field(compare=False)
    different: int

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        return {
            "label": self.label,
            **self.headline.to_dict(),
            "correct": self.correct and self.correct.to_dict(),
            "at_k": {name: _plain(by_k) for name, by_k in self.at_k.items()},
            "parts": {name: part.to_dict() for name, part in self.parts.items()},
            "difficulty": _plain(self.difficulty),
            "tags": {name: _plain(values) for name, values in self.tags.items()},
            "stop_reasons": _plain(self.stop_reasons),
            "faults": dict(self.faults),
            "errors_by_class": dict(self.errors),
            "different_tasks": self.different,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a run.

    Args:
        headline: of its only env, or the mean of all.
        timing: with clocks in it, and no part of `to_dict`.
    """

    plan: Plan
    headline: Headline
    envs: tuple[EnvSummary, ...]
    timing: Timing = field(compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable; a function of the plan and of what came of its attempts, of nothing else."""
        return {"plan": self.plan.to_dict(), **self.headline.to_dict(), "envs": [env.to_dict() for env in self.envs]}

    def to_json(self) -> str:
        """The text of summary.json."""
        return json.dumps(self.to_dict(), indent=2, allow_nan=False) + "\n"


def summarise(folder: RunFolder) -> Summary:
    """The figures of an evaluation, in one pass over its journal, in memory that grows by bytes an episode.

    Raises:
        BrokenRun: the journal is damaged, or belongs to another plan.
    """
    return summarise_outcomes(folder.plan, folder.outcomes())


def summarise_outcomes(plan: Plan, outcomes: Iterable[Episode | ErrorRecord]) -> Summary:
    """The figures of `outcomes`, in any order but that of the tries at one attempt.

    Raises:
        BrokenRun: the plan has no such attempt.
    """
    columns, timing = collect(plan, outcomes)
    envs = tuple(_of_env(env) for env in columns)
    headline = Headline.over([env.headline for env in envs], plan, columns)
    return Summary(plan, headline, envs, timing)


def write_summary(folder: RunFolder) -> Summary:
    """Work the figures out and keep them in the folder, as summary.json.

    Raises:
        BrokenRun: the journal is damaged, or belongs to another plan.
    """
    summary = summarise(folder)
    write_whole(folder.path / "summary.json", summary.to_json())
    return summary


def collect(plan: Plan, outcomes: Iterable[Episode | ErrorRecord]) -> tuple[list[Columns], Timing]:
    """Columns of each env, and the clocks."""
    columns = {env.label: Columns(env.label, plan.tasks, plan.samples) for env in plan.envs}
    timing = Timing()
    for outcome in outcomes:
        if outcome.env not in columns:
            raise BrokenRun(
                "the journal tells of an env that the run's plan does not have",
                expected=", ".join(columns),
                received=outcome.env,
                next_step="Restore run.json from a copy: it belongs to another run.",
            )
        columns[outcome.env].add(outcome)
        if isinstance(outcome, Episode):
            timing.add(outcome)
    return list(columns.values()), timing


def _of_env(columns: Columns) -> EnvSummary:
    errors = _count(columns.error, columns.errors_T_K)
    return EnvSummary(
        label=columns.label,
        headline=Headline.of(columns),
        correct=mean_interval(_right(columns)) if columns.judges_correctness else None,
        at_k=_at_k(columns),
        parts=_parts(columns),
        difficulty=_by_kind(columns, columns.difficulty, key=float),
        tags={name: _by_kind(columns, kinds) for name, kinds in sorted(columns.tags.items()) if kinds.tells},
        stop_reasons=_by_kind(columns, columns.stop_reason),
        faults=_count(columns.fault, ~np.isnan(columns.rewards_T_K)),
        errors=errors,
        message=_message(columns, errors),
        different=len(set(columns.tasks_T.tolist()) - {NO_ANSWER}),
    )


def _message(columns: Columns, errors: Mapping[str, int]) -> str:
    """What the first error of the commonest kind said; "" where there was none."""
    kinds = {word: mask_T_K for word, mask_T_K in columns.error.masks() if word in errors}
    commonest = max(kinds, key=lambda word: errors[word], default="")
    return next((text for place, text in sorted(columns.messages.items()) if kinds[commonest][place]), "")


def _right(columns: Columns) -> Floats:
    """1 for right, 0 for wrong, nan where there is no reward: by the verdict, or by the reward where it is silent."""
    right_T_K = columns.correct_T_K
    if not columns.judges_correctness:
        right_T_K = columns.rewards_T_K >= columns.reward_range[1]
    return np.where(np.isnan(columns.rewards_T_K), np.nan, right_T_K)


def _at_k(columns: Columns) -> dict[str, dict[int, Interval]]:
    """What k tries are worth, for k = 1, 2, 4, ... and as many as there are."""
    samples = columns.rewards_T_K.shape[1]
    if samples == 1:
        return {}
    right_T_K, rewards_T_K, scored_T_K = _right(columns), columns.rewards_T_K, ~np.isnan(columns.rewards_T_K)
    figures: dict[str, Callable[[int], Floats]] = {
        "pass@k": lambda k: pass_at_k(right_T_K, k),
        "pass^k": lambda k: pass_all_k(right_T_K, k),
    }
    if (columns.answers_T_K != NO_ANSWER).any():
        figures["maj@k"] = lambda k: majority_of_k(rewards_T_K, columns.answers_T_K, k)
    if not np.isin(rewards_T_K[scored_T_K], columns.reward_range).all():
        figures["best@k"] = lambda k: best_of_k(rewards_T_K, rewards_T_K, k)
    if scored_T_K.any() and not np.isnan(columns.surety_T_K[scored_T_K]).any():
        figures["surest@k"] = lambda k: best_of_k(rewards_T_K, columns.surety_T_K, k)
    ks = [*(2**i for i in range((samples - 1).bit_length())), samples]
    return {name: {k: _at(k, name, figure, columns) for k in ks} for name, figure in figures.items()}


def _at(k: int, name: str, figure: Callable[[int], Floats], columns: Columns) -> Interval:
    """A figure over tasks; one try is the sample mean itself."""
    about_correct = name.startswith("pass")
    if k == 1:
        return mean_interval(_right(columns)) if about_correct else Headline.of(columns).reward
    return mean_interval(figure(k)[:, None], UNIT if about_correct else columns.reward_range)


def _parts(columns: Columns) -> dict[str, PartFigure]:
    return {
        name: PartFigure(
            kind=" or ".join(sorted(part.kinds)),
            weight=part.weights[0] if part.weights[0] == part.weights[1] else None,
            score=mean_interval(part.scores_T_K),
        )
        for name, part in sorted(columns.parts.items())
    }


def _by_kind(columns: Columns, kinds: Kinds, key: Callable[[str], Any] = str) -> dict[str, Interval]:
    """The mean reward of each kind."""
    if not kinds.tells:
        return {}
    found = {}
    for word, mask_T_K in sorted(kinds.masks(), key=lambda pair: key(pair[0])):
        some_T = mask_T_K.any(1)
        rewards_T_K = np.where(mask_T_K[some_T], columns.rewards_T_K[some_T], np.nan)
        found[word] = mean_interval(rewards_T_K, columns.reward_range)
    return found


def _count(kinds: Kinds, where_T_K: NDArray[np.bool_]) -> dict[str, int]:
    counts = {word: int((mask_T_K & where_T_K).sum()) for word, mask_T_K in kinds.masks()}
    return {word: count for word, count in counts.items() if count}


def _plain(intervals: Mapping[Any, Interval]) -> dict[str, Any]:
    return {str(name): interval.to_dict() for name, interval in intervals.items()}
