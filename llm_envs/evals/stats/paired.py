"""Whether one run did better than another on the same tasks, and how small a difference could have been seen.

Runs on the same tasks are compared task by task: how hard a task is affects both alike and falls out of the difference.
The difference is second minus first.

| rewards | samples | p | interval |
|---|---|---|---|
| of two values | one a task | McNemar's test (1947, Psychometrika 12:153), exact binomial over discordant pairs (Fagerland et al. 2013, BMC Med. Res. Methodol. 13:91): never too small, however few there are | Bonett & Price (2012), J. Educ. Behav. Stat. 37:479: has a width also where no pair is discordant |
| any other | any | Student's t over the tasks' differences, cluster-robust (Miller 2024, arXiv:2411.00640, section 4) | the same |
| any other, the same difference on all tasks | any | sign test, exact | as wide as if no task differed |

The difference that a repetition would find in 80% of cases is (z_0.975 + z_0.8) standard errors (Miller 2024, section
5). A suite asks many questions at once: `holm` (Holm 1979, Scand. J. Stat. 6:65) keeps the chance of one false alarm
among them at 5%.
"""  # noqa: E501 (rows of a table)

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llm_envs.evals.stats.distributions import Z_LEVEL, Z_POWER, exact_binomial_p, t_quantile, t_tail
from llm_envs.evals.stats.intervals import UNIT, Floats, Range, ends_of, plain, task_means

__all__ = ["Difference", "holm", "paired_difference", "paired_means", "plain_p"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Second run minus first, on the attempts that both have.

    Args:
        first, second: mean reward of each.
        p: how often a difference as large comes about between runs that are equally good.
        rose, fell: tasks on which the second run did better, and worse.
        detectable: the difference that this many tasks show with 80% power.
        n: pairs of attempts.
    """

    first: float
    second: float
    low: float
    high: float
    p: float
    rose: int
    fell: int
    detectable: float
    n: int
    tasks: int
    method: str

    @property
    def mean(self) -> float:
        """The difference itself."""
        return self.second - self.first

    def __str__(self) -> str:
        return f"{self.mean:+.3f} [{self.low:+.3f}, {self.high:+.3f}]"

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable; None for what cannot be told."""
        names = ("first", "second", "mean", "low", "high", "detectable")
        counts = {"rose": self.rose, "fell": self.fell, "n": self.n, "tasks": self.tasks}
        figures = {name: plain(getattr(self, name)) for name in names}
        return {**figures, "p": plain_p(self.p), **counts, "method": self.method}


def plain_p(p: float) -> float | None:
    """A p as it is written down, however small; None for nan."""
    return None if math.isnan(p) else float(f"{p:.6g}")


def paired_means(first_T_K: Floats, second_T_K: Floats) -> tuple[Floats, Floats, int]:
    """Both runs' means of each task that has a pair, over the attempts that both have; and how many those are."""
    both_T_K = ~(np.isnan(first_T_K) | np.isnan(second_T_K))
    first_T, counts_T = task_means(np.where(both_T_K, first_T_K, np.nan))
    second_T, _ = task_means(np.where(both_T_K, second_T_K, np.nan))
    return first_T, second_T, int(counts_T.sum())


def paired_difference(first_T_K: Floats, second_T_K: Floats, reward_range: Range = UNIT) -> Difference:
    """What is to be said of two runs' rewards for the same attempts.

    Args:
        first_T_K, second_T_K: nan where there is none; an attempt counts where both have one.
    """
    first_T, second_T, n = paired_means(first_T_K, second_T_K)
    differences_T = second_T - first_T
    tasks, values = len(differences_T), np.concatenate([first_T, second_T])
    ends = ends_of(values, tasks, reward_range)
    span = ends[1] - ends[0]
    rose, fell = int((differences_T > 0).sum()), int((differences_T < 0).sum())
    if not tasks:
        return Difference(math.nan, math.nan, -span, span, math.nan, 0, 0, math.nan, 0, 0, "no pairs")
    binary = n == tasks and bool(np.isin(values, ends).all())
    if binary:
        method = "McNemar, exact"
        p, (low, high), error = exact_binomial_p(rose, fell), *_adjusted(rose, fell, tasks, span)
    elif tasks == 1 or np.ptp(differences_T) == 0:
        method = "sign test, exact"
        p, (low, high), error = exact_binomial_p(rose, fell), *_constant(float(differences_T[0]), tasks, span)
    else:
        method = "Student's t over tasks"
        p, (low, high), error = _student(differences_T, span)
    means = float(first_T.mean()), float(second_T.mean())
    return Difference(*means, low, high, p, rose, fell, (Z_LEVEL + Z_POWER) * error, n, tasks, method)


def _adjusted(rose: int, fell: int, tasks: int, span: float) -> tuple[Range, float]:
    """Interval and standard error with one more pair of either kind: Bonett & Price (2012)."""
    up, down = (rose + 1) / (tasks + 2), (fell + 1) / (tasks + 2)
    error = math.sqrt((up + down - (up - down) ** 2) / (tasks + 2)) * span
    return _around((up - down) * span, Z_LEVEL * error, span), error


def _constant(difference: float, tasks: int, span: float) -> tuple[Range, float]:
    """Interval and standard error of a difference that is the same on all tasks: as uncertain as none at all."""
    _, error = _adjusted(0, 0, tasks, span)
    return _around(difference, Z_LEVEL * error, span), error


def _around(middle: float, half: float, span: float) -> Range:
    return max(-span, middle - half), min(span, middle + half)


def _student(differences_T: Floats, span: float) -> tuple[float, Range, float]:
    """p, interval and standard error of differences that are not all equal."""
    tasks, mean = len(differences_T), float(differences_T.mean())
    error = float(differences_T.std(ddof=1)) / math.sqrt(tasks)
    ends = _around(mean, t_quantile(tasks - 1) * error, span)
    return 2 * t_tail(abs(mean) / error, tasks - 1), ends, error


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p as it is when all these questions are asked at once, in order; nan stays nan and asks nothing."""
    asked = sorted((p, place) for place, p in enumerate(p_values) if not math.isnan(p))
    adjusted, highest = [math.nan] * len(p_values), 0.0
    for rank, (p, place) in enumerate(asked):
        highest = max(highest, min(1.0, (len(asked) - rank) * p))
        adjusted[place] = highest
    return adjusted
