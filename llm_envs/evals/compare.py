"""Two runs side by side: which did better on the same tasks, by how much, and on which tasks they differ.

An attempt of one run is paired with the attempt of the same name (env, task, sample) of the other, if both were scored
and both were given the same task: the same task id, and the same opening. The opening counts as the same if the policy
saw the same, or if the env said the same in other tokens, as it does to models with tokenizers of their own.

What it deliberately does not do: it compares no runs with different tasks. Their means may be set side by side, but
nothing can be said of one task.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_envs.errors import BadOption
from llm_envs.evals.columns import Columns, code_of
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.records import Episode
from llm_envs.evals.stats.distributions import LEVEL
from llm_envs.evals.stats.intervals import Floats, Range, plain
from llm_envs.evals.stats.paired import Difference, holm, paired_difference, plain_p

__all__ = ["Comparison", "EnvComparison", "Flip", "compare"]

_LINE_CHARS = 100
"""Of a reply, shown with a flip."""


@dataclass(slots=True)
class Flip:
    """A task on which the runs differ.

    Args:
        before, after: mean reward in the first run and in the second.
        sample: one in which they differ this way.
        first_line, second_line: the ends of the last replies of that sample, of either run: answers stand there.
    """

    env: str
    task: int
    sample: int
    before: float
    after: float
    task_id: str = ""
    first_line: str = ""
    second_line: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        return {
            "env": self.env,
            "task": self.task,
            "sample": self.sample,
            "task_id": self.task_id,
            "before": plain(self.before),
            "after": plain(self.after),
            "first_line": self.first_line,
            "second_line": self.second_line,
        }


@dataclass(frozen=True, slots=True)
class EnvComparison:
    """One env in both runs.

    Args:
        p_holm: the difference's p, all envs of the comparison being asked about.
        unpaired: attempts that only one run has scored.
        unlike: attempts that both have scored, but not of the same task.
        fell, rose: tasks on which the second run did worse, and better; the largest differences first.
    """

    label: str
    difference: Difference
    p_holm: float
    unpaired: int
    unlike: int
    fell: tuple[Flip, ...]
    rose: tuple[Flip, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        flips = {"fell": [flip.to_dict() for flip in self.fell], "rose": [flip.to_dict() for flip in self.rose]}
        counts = {"p_holm": plain_p(self.p_holm), "unpaired": self.unpaired, "unlike": self.unlike}
        return {"label": self.label, "difference": self.difference.to_dict(), **counts, "flips": flips}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The second run minus the first.

    Args:
        first, second: what the runs are called: the model, or the folder where the models are the same.
        overall: all paired tasks of all envs, each counting the same.
        only_first, only_second: envs that the other run does not have.
    """

    first: str
    second: str
    overall: Difference
    envs: tuple[EnvComparison, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        """The second run did worse, beyond chance, overall or in some env."""
        alpha = 1 - LEVEL
        worse = self.overall.p < alpha and self.overall.mean < 0
        return worse or any(env.p_holm < alpha and env.difference.mean < 0 for env in self.envs)

    @property
    def sentence(self) -> str:
        """What one may quote."""
        found = self.overall
        means = f"{found.second:.3f} against {found.first:.3f} on the same {found.tasks:,} tasks"
        numbers = f"{found} 95% CI, p = {_p(found.p)} ({found.method})"
        if found.p < 1 - LEVEL:
            verdict = f"{self.second} does {'better' if found.mean > 0 else 'worse'} than {self.first}"
            return f"{verdict}: {means}, {numbers}."
        return (
            f"No difference is shown between {self.second} and {self.first}: {means}, {numbers}; "
            f"one of {found.detectable:.3f} would be seen 4 times in 5."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        return {
            "first": self.first,
            "second": self.second,
            "sentence": self.sentence,
            "worse": self.is_worse,
            "overall": self.overall.to_dict(),
            "envs": [env.to_dict() for env in self.envs],
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
        }


def _p(p: float) -> str:
    return f"{p:.2g}" if p >= 0.0001 else f"{p:.0e}"


def compare(first: RunFolder, second: RunFolder) -> Comparison:
    """Compare two evaluations.

    Raises:
        BadOption: they have no scored attempt at the same task in common.
        BrokenRun: a folder cannot be read.
    """
    left, right = _read(first), _read(second)
    pairs = [_Pair.of(left[label], right[label]) for label in left if label in right]
    if not any(pair.paired.any() for pair in pairs):
        raise _nothing_in_common(first, second, pairs)
    differences = [paired_difference(pair.first_T_K, pair.second_T_K, pair.range) for pair in pairs]
    adjusted = holm([difference.p for difference in differences])
    flips = {pair.label: pair.flips() for pair in pairs}
    _tell([flip for found in flips.values() for flip in found], first, second)
    names = _names(first, second)
    return Comparison(
        *names,
        overall=_overall(pairs),
        envs=tuple(
            EnvComparison(
                pair.label,
                difference,
                p,
                pair.unpaired,
                pair.unlike,
                fell=tuple(flip for flip in flips[pair.label] if flip.after < flip.before),
                rose=tuple(flip for flip in flips[pair.label] if flip.after > flip.before),
            )
            for pair, difference, p in zip(pairs, differences, adjusted, strict=True)
        ),
        only_first=tuple(label for label in left if label not in right),
        only_second=tuple(label for label in right if label not in left),
    )


class _Side:
    """What one run says of one env: rewards, and which task it was."""

    def __init__(self, label: str, tasks: int, samples: int) -> None:
        self.columns = Columns(label, tasks, samples)
        self.codes_C_T_K = np.zeros((3, tasks, samples), np.int64)

    def add(self, episode: Episode) -> None:
        """Take note of an episode; the first of an attempt counts."""
        if np.isnan(self.columns.rewards_T_K[episode.task, episode.sample]):
            self.columns.add(episode)
            self.codes_C_T_K[:, episode.task, episode.sample] = _identity(episode)


def _identity(episode: Episode) -> tuple[int, int, int]:
    """Codes of the task's id, of what the policy saw first, and of what the env said first."""
    seen = episode.replies[0].seen if episode.replies else ""
    said = json.dumps(episode.said[:1], sort_keys=True)
    return code_of(episode.task_id), code_of(seen), code_of(said)


def _read(folder: RunFolder) -> dict[str, _Side]:
    plan = folder.plan
    sides = {env.label: _Side(env.label, plan.tasks, plan.samples) for env in plan.envs}
    for outcome in folder.outcomes():
        if isinstance(outcome, Episode) and outcome.env in sides:
            sides[outcome.env].add(outcome)
    return sides


@dataclass(frozen=True, slots=True)
class _Pair:
    """One env in both runs, attempt by attempt; rewards are nan where there is no pair."""

    label: str
    first_T_K: Floats
    second_T_K: Floats
    range: Range
    unpaired: int
    unlike: int

    @classmethod
    def of(cls, first: _Side, second: _Side) -> _Pair:
        one, other = first.columns.rewards_T_K, second.columns.rewards_T_K
        common = tuple(slice(min(sizes)) for sizes in zip(one.shape, other.shape, strict=True))
        both_T_K = ~(np.isnan(one[common]) | np.isnan(other[common]))
        id_T_K, seen_T_K, said_T_K = first.codes_C_T_K[:, *common] == second.codes_C_T_K[:, *common]
        same_T_K = both_T_K & id_T_K & (seen_T_K | said_T_K)
        low, high = zip(first.columns.reward_range, second.columns.reward_range, strict=True)
        return cls(
            label=first.columns.label,
            first_T_K=np.where(same_T_K, one[common], np.nan),
            second_T_K=np.where(same_T_K, other[common], np.nan),
            range=(min(low), max(high)),
            unpaired=int((~np.isnan(one)).sum() + (~np.isnan(other)).sum() - 2 * both_T_K.sum()),
            unlike=int((both_T_K & ~same_T_K).sum()),
        )

    @property
    def paired(self) -> NDArray[np.bool_]:
        """True where both runs were scored on the same task, shape (T, K)."""
        return ~np.isnan(self.first_T_K)

    def flips(self) -> list[Flip]:
        """The tasks on which the means differ, the largest differences first."""
        counts_T = self.paired.sum(1)
        before_T, after_T = np.nansum(self.first_T_K, axis=1), np.nansum(self.second_T_K, axis=1)
        tasks = np.flatnonzero((counts_T > 0) & (before_T != after_T))
        flips = [
            self._flip(int(task), before_T[task] / counts_T[task], after_T[task] / counts_T[task]) for task in tasks
        ]
        return sorted(flips, key=lambda flip: (-abs(flip.after - flip.before), flip.task))

    def _flip(self, task: int, before: float, after: float) -> Flip:
        changes_K = (self.second_T_K[task] - self.first_T_K[task]) * np.sign(after - before)
        return Flip(self.label, task, int(np.nanargmax(changes_K)), float(before), float(after))


def _overall(pairs: list[_Pair]) -> Difference:
    """All envs of the two runs as one: they have as many tasks and samples each."""
    first_T_K = np.concatenate([pair.first_T_K for pair in pairs])
    second_T_K = np.concatenate([pair.second_T_K for pair in pairs])
    lows, highs = zip(*(pair.range for pair in pairs), strict=True)
    return paired_difference(first_T_K, second_T_K, (min(lows), max(highs)))


def _tell(flips: list[Flip], first: RunFolder, second: RunFolder) -> None:
    """Look up, in the journals, what was said where the runs differ."""
    wanted: Mapping[tuple[str, int, int], Flip] = {(flip.env, flip.task, flip.sample): flip for flip in flips}
    for episode in _episodes(first, wanted):
        flip = wanted[episode.attempt]
        flip.task_id = episode.task_id
        flip.first_line = flip.first_line or _last_line(episode)
    for episode in _episodes(second, wanted):
        flip = wanted[episode.attempt]
        flip.second_line = flip.second_line or _last_line(episode)


def _episodes(folder: RunFolder, wanted: Mapping[tuple[str, int, int], Flip]) -> Iterator[Episode]:
    outcomes = folder.outcomes() if wanted else ()
    return (outcome for outcome in outcomes if isinstance(outcome, Episode) and outcome.attempt in wanted)


def _last_line(episode: Episode) -> str:
    """How the last reply ends, its end if the line is long."""
    text = episode.replies[-1].text.rpartition("</think>")[2].strip() if episode.replies else ""
    return text.rpartition("\n")[2][-_LINE_CHARS:]


def _names(first: RunFolder, second: RunFolder) -> tuple[str, str]:
    """The shortest names that tell the runs apart."""
    models, folders = (first.plan.model, second.plan.model), (first.path.name, second.path.name)
    if models[0] != models[1]:
        return models
    return folders if folders[0] != folders[1] else (str(first.path), str(second.path))


def _nothing_in_common(first: RunFolder, second: RunFolder, pairs: list[_Pair]) -> BadOption:
    unlike = sum(pair.unlike for pair in pairs)
    labels = [", ".join(env.label for env in folder.plan.envs) for folder in (first, second)]
    return BadOption(
        f"{first.path.name} and {second.path.name} have no scored task in common",
        expected="two runs of the same env with the same seed, split and options, by llm-envs of the same version",
        received=f"{unlike:,} pairs of different tasks" if unlike else f"{labels[0]} against {labels[1]}",
        next_step="Compare runs whose llm-envs eval differed in --model alone.",
    )
