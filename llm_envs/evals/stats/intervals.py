"""The mean reward of a run, and how far off it may be.

The mean is that of the tasks' means: a task of which infrastructure took some samples counts as much as any other.
`mean_interval` chooses the method and says which:

| rewards | samples | method |
|---|---|---|
| of two values | one a task | Wilson (1927), J. Am. Stat. Assoc. 22:209, the score interval |
| of two values | several | the same with the effective number of episodes, m (1 - m) / se², where se is cluster-robust (Miller 2024, arXiv:2411.00640, section 2.2) and Student's quantile stands for the normal one: Dean & Pagano (2015), J. Surv. Stat. Methodol. 3:484. It never leaves [0, 1], and has a width also where all is right |
| any other | any | bootstrap over tasks, BCa: Efron (1987), J. Am. Stat. Assoc. 82:171. Rewards near the end of their range are skewed, which percentiles alone do not mend |
| any other, over 1,000 tasks | any | Student's t over tasks: there the bootstrap gives the same at a hundred times the cost |
| any other, below 10 tasks or all equal | any | Wilson, as if each task were 0 or 1: no reward in the range varies more, so it is too wide rather than too narrow, where there is too little to resample |

What it deliberately does not do: intervals for a run that was stopped because of its figures; see `sequential`.
"""  # noqa: E501 (rows of a table)

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_envs.evals.stats.distributions import NORMAL, Z_LEVEL, t_quantile

__all__ = ["UNIT", "Interval", "Range", "bca", "ends_of", "mean_interval", "mean_of", "plain", "task_means", "wilson"]

Floats = NDArray[np.float64]
Range = tuple[float, float]

UNIT: Range = (0.0, 1.0)

_RESAMPLES = 5_000
"""What they leave to chance is a twentieth of the half-width; 2,000 are held to be needed at least."""

_BLOCKS = 10
"""Resamples are drawn in so many blocks, to bound memory."""

_MOST_RESAMPLED_TASKS = 1_000
_FEWEST_RESAMPLED_TASKS = 10

_DIGITS = 6
"""Figures are written with so many decimals: far beyond what they mean, and equal on every machine."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95% interval.

    Args:
        mean: nan where nothing was scored; then the interval is the whole range.
        n: rewards that went into it.
        tasks: from which they came.
        method: in words, for people.
    """

    mean: float
    low: float
    high: float
    n: int
    tasks: int
    method: str

    @property
    def half_width(self) -> float:
        """Half of high - low."""
        return (self.high - self.low) / 2

    def __str__(self) -> str:
        mean = "-" if math.isnan(self.mean) else f"{self.mean:.3f}"
        return f"{mean} [{self.low:.3f}, {self.high:.3f}]"

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable; a mean that is not there is None."""
        ends = {"mean": plain(self.mean), "low": plain(self.low), "high": plain(self.high)}
        return {**ends, "n": self.n, "tasks": self.tasks, "method": self.method}


def plain(number: float) -> float | None:
    """A figure as it is written down; None for nan."""
    return None if math.isnan(number) else round(float(number), _DIGITS) + 0.0


def task_means(rewards_T_K: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Mean and number of the rewards of each task that has any, in order."""
    there_T_K = ~np.isnan(rewards_T_K)
    counts_T = there_T_K.sum(1)
    sums_T = np.where(there_T_K, rewards_T_K, 0.0).sum(1)
    some_T = counts_T > 0
    return sums_T[some_T] / counts_T[some_T], counts_T[some_T]


def mean_interval(rewards_T_K: Floats, reward_range: Range = UNIT) -> Interval:
    """The mean over tasks, with the interval that suits the rewards; see the table above.

    Args:
        rewards_T_K: nan where there is none.
        reward_range: lowest and highest reward there can be.
    """
    there = rewards_T_K[~np.isnan(rewards_T_K)]
    if not len(there):
        return Interval(math.nan, *reward_range, 0, 0, "nothing scored")
    tasks = int((~np.isnan(rewards_T_K)).any(1).sum())
    low, high = ends_of(there, tasks, reward_range)
    span = (high - low) or 1.0
    means_T, _ = task_means((rewards_T_K - low) / span)
    method, ends = _choose(means_T, len(there), binary=bool(np.isin(there, (low, high)).all()))
    mean = float(means_T.mean())
    return Interval(low + span * mean, low + span * ends[0], low + span * ends[1], len(there), tasks, method)


def ends_of(rewards: Floats, tasks: int, reward_range: Range) -> Range:
    """What lies at the ends: the range, or the two values that are all there are, of tasks enough to say so."""
    values = np.unique(rewards)
    if len(values) == 2 and tasks >= _FEWEST_RESAMPLED_TASKS:
        return float(values[0]), float(values[1])
    return reward_range


def _choose(means_T: Floats, n: int, *, binary: bool) -> tuple[str, Range]:
    """Name and ends of the interval for means in [0, 1]."""
    tasks, mean = len(means_T), float(means_T.mean())
    if binary and n == tasks:
        return "Wilson", wilson(mean, tasks)
    if binary:
        return "Wilson, clustered by task", _clustered_wilson(means_T, n)
    if tasks < _FEWEST_RESAMPLED_TASKS or np.ptp(means_T) == 0:
        return "Wilson over tasks", wilson(mean, tasks)
    if tasks > _MOST_RESAMPLED_TASKS:
        half = t_quantile(tasks - 1) * float(means_T.std(ddof=1)) / math.sqrt(tasks)
        return "Student's t over tasks", (max(0.0, mean - half), min(1.0, mean + half))
    return "bootstrap over tasks", bca(means_T)


def wilson(mean: float, n: float, quantile: float = Z_LEVEL) -> Range:
    """Wilson's score interval of a share `mean` of `n`, above 0; `n` may be an effective number."""
    centre = (mean + quantile**2 / (2 * n)) / (1 + quantile**2 / n)
    half = quantile / (1 + quantile**2 / n) * math.sqrt(mean * (1 - mean) / n + (quantile / (2 * n)) ** 2)
    return max(0.0, min(mean, centre - half)), min(1.0, max(mean, centre + half))


def _clustered_wilson(means_T: Floats, n: int) -> Range:
    """Wilson's interval with as many episodes as would give the standard error over tasks, had they no tasks.

    Where every episode went alike, samples of one task say nothing new: a task counts as one. One task tells of itself
    only, and counts as one too.
    """
    tasks, mean = len(means_T), float(means_T.mean())
    if tasks == 1 or mean in UNIT:
        return wilson(mean, tasks)
    variance = float(means_T.var(ddof=1)) / tasks
    effective = min(n, mean * (1 - mean) / variance) if variance > 0 else n
    return wilson(mean, effective, t_quantile(tasks - 1))


def bca(values_T: Floats, seed: int = 0) -> Range:
    """The bias-corrected and accelerated bootstrap interval of the mean of values that are not all equal.

    Efron & Tibshirani (1993), An Introduction to the Bootstrap, equations 14.10 (interval), 14.14 (bias, with ties
    counted half) and 14.15 (acceleration), which for a mean is a sixth of the skewness over the root of the number.
    """
    mean, centred_T = float(values_T.mean()), values_T - values_T.mean()
    rng, size = np.random.default_rng(seed), (_RESAMPLES // _BLOCKS, len(values_T))
    blocks = [values_T[rng.integers(0, len(values_T), size, dtype=np.int32)].mean(1) for _ in range(_BLOCKS)]
    means_B = np.sort(np.concatenate(blocks))
    below, upto = np.searchsorted(means_B, [mean - 1e-12, mean + 1e-12])
    bias = NORMAL.inv_cdf(min(max((below + upto) / (2 * _RESAMPLES), 1 / _RESAMPLES), 1 - 1 / _RESAMPLES))
    acceleration = float((centred_T**3).sum() / (6 * (centred_T**2).sum() ** 1.5))
    shifts = (bias - Z_LEVEL, bias + Z_LEVEL)
    low, high = np.quantile(means_B, [NORMAL.cdf(bias + z / (1 - acceleration * z)) for z in shifts])
    return float(low), float(high)


def mean_of(intervals: Sequence[Interval]) -> Interval:
    """The mean of independent means, such as those of several envs, each counting the same.

    Distances from a mean to its ends add up in squares: Zou & Donner (2008), Stat. Med. 27:1693, which
    keeps the skew of the single intervals. Those of which nothing was scored are left out, and the method says so.
    """
    found = [interval for interval in intervals if interval.n]
    if not found or len(intervals) == 1:
        return intervals[0]
    mean = math.fsum(i.mean for i in found) / len(found)
    below = math.sqrt(math.fsum((i.mean - i.low) ** 2 for i in found)) / len(found)
    above = math.sqrt(math.fsum((i.high - i.mean) ** 2 for i in found)) / len(found)
    methods = ", ".join(sorted({i.method for i in found}))
    n, tasks = sum(i.n for i in found), sum(i.tasks for i in found)
    envs = "1 env" if len(found) == 1 else f"{len(found)} envs"
    left_out = f" of {len(intervals)}" if len(found) < len(intervals) else ""
    return Interval(mean, mean - below, mean + above, n, tasks, f"mean of {envs}{left_out}; {methods}")
