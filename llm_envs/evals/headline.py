"""The one line of a run to quote: the mean with its interval, how much of the plan it rests on, what errors hide."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_envs.evals.columns import Columns
from llm_envs.evals.plan import Plan
from llm_envs.evals.stats.bounds import error_bounds
from llm_envs.evals.stats.intervals import Floats, Interval, Range, mean_interval, mean_of, plain
from llm_envs.evals.stats.sequential import ConfidenceSequence
from llm_envs.evals.stopping import StopWhen

__all__ = ["Headline"]


@dataclass(frozen=True, slots=True)
class Headline:
    """Of one env, or the mean of several.

    Args:
        planned, scored, errors: episodes.
        reward_range: what errors are counted as, for the bounds; None where that differs from env to env.
        bounds: the mean if all errors were the one or the other; None where nothing was played.
        stop_when: what the run might stop by before all is played.
    """

    planned: int
    scored: int
    errors: int
    reward: Interval
    reward_range: Range | None
    bounds: Range | None
    stop_when: str = ""

    @classmethod
    def of(cls, columns: Columns) -> Headline:
        """The headline of one env."""
        return cls(
            planned=columns.rewards_T_K.size,
            scored=int((~np.isnan(columns.rewards_T_K)).sum()),
            errors=int(columns.errors_T_K.sum()),
            reward=mean_interval(columns.rewards_T_K, columns.reward_range),
            reward_range=columns.reward_range,
            bounds=error_bounds(columns.rewards_T_K, columns.errors_T_K, columns.reward_range),
        )

    @classmethod
    def over(cls, envs: Sequence[Headline], plan: Plan, columns: Sequence[Columns]) -> Headline:
        """The headline of a run: the mean over envs, with an interval that knows how the run came to its end."""
        reward, ranges = mean_of([env.reward for env in envs]), {env.reward_range for env in envs}
        if plan.stop_when and (aim := StopWhen.parse(plan.stop_when).half_width):
            reward = _always_valid(columns, aim, reward)
        bounds = [env.bounds for env in envs if env.bounds]
        return cls(
            planned=sum(env.planned for env in envs),
            scored=sum(env.scored for env in envs),
            errors=sum(env.errors for env in envs),
            reward=reward,
            reward_range=ranges.pop() if len(ranges) == 1 else None,
            bounds=(_mean(low for low, _ in bounds), _mean(high for _, high in bounds)) if bounds else None,
            stop_when=plan.stop_when,
        )

    @property
    def missing(self) -> int:
        """Episodes that have not been played."""
        return self.planned - self.scored - self.errors

    def __str__(self) -> str:
        parts = [
            f"mean {self.reward} 95% CI ({self.reward.method})",
            f"{self.scored:,} scored of {self.planned:,} planned",
            "1 error" if self.errors == 1 else f"{self.errors:,} errors",
        ]
        if self.missing:
            parts.append(f"{self.missing:,} not played" + (f" (stop when {self.stop_when})" if self.stop_when else ""))
        return ", ".join(parts) + self._bounds()

    def _bounds(self) -> str:
        if not (self.errors and self.bounds):
            return ""
        counted = (
            "as bad or as good as can be" if self.reward_range is None else "{:g} or {:g}".format(*self.reward_range)
        )
        return f"; {self.bounds[0]:.3f} to {self.bounds[1]:.3f} if errors were {counted}"

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable, the line as people read it included."""
        return {
            "headline": str(self),
            "planned": self.planned,
            "scored": self.scored,
            "errors": self.errors,
            "missing": self.missing,
            "reward": self.reward.to_dict(),
            "bounds": self.bounds and [plain(end) for end in self.bounds],
            "errors_counted_as": self.reward_range and [plain(end) for end in self.reward_range],
        }


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return math.fsum(found) / len(found)


def _always_valid(columns: Sequence[Columns], aim: float, reward: Interval) -> Interval:
    """The interval of a run that watched its own figures: over task numbers in order, up to the first that is open."""
    low = min(env.reward_range[0] for env in columns)
    span = max(env.reward_range[1] for env in columns) - low
    sequence = ConfidenceSequence(aim / span)
    for value in _in_order(columns):
        sequence.add(min(1.0, max(0.0, (value - low) / span)))
    found = sequence.interval
    ends = low + span * found.low, low + span * found.high
    return Interval(reward.mean, *ends, reward.n, reward.tasks, found.method)


def _in_order(columns: Sequence[Columns]) -> list[float]:
    """The mean over envs of each task number that has one, as `stopping` takes them."""
    rewards_E_T_K: Floats = np.stack([env.rewards_T_K for env in columns])
    errors_E_T_K = np.stack([env.errors_T_K for env in columns])
    scored_E_T_K = ~np.isnan(rewards_E_T_K)
    over_T = np.all(scored_E_T_K | errors_E_T_K, axis=(0, 2)).reshape(-1)
    ended = len(over_T) if over_T.all() else int(over_T.argmin())
    counts_E_T = scored_E_T_K.sum(2)[:, :ended]
    sums_E_T = np.nansum(rewards_E_T_K, axis=2)[:, :ended]
    usable_T = (counts_E_T > 0).all(0)
    values_T: list[float] = (sums_E_T[:, usable_T] / counts_E_T[:, usable_T]).mean(0).tolist()
    return values_T
