"""A 95% interval that may be looked at after every task, and acted on: a confidence sequence.

An ordinary interval is right 95% of the time for a number of tasks that was fixed before. Whoever looks after each task
and stops when it is narrow enough gets it wrong far more often. Here the probability that the true mean is *ever*
outside is at most 5%. The price is about twice as many tasks for the same width.

Method: the hedged capital process. For each possible mean m, two gamblers bet that the rewards lie above and below m;
if m is right, the bets are fair, and by Ville's inequality the pair's capital ever reaches 20 times its stake with
probability at most 1/20. The means at which it has not yet are the interval. Waudby-Smith & Ramdas (2024), J. R. Stat.
Soc. B 86:1 (arXiv:2010.09686), theorem 3; of their methods one with narrow intervals that takes constant memory and
time a task. Their bets for n values known before, sqrt(2 log(2 / alpha) / (n variance)), give a half-width of about
w = sqrt(2 log(2 / alpha) variance / n) after them. Here w is what is known, and the same bets are w / variance. Aimed
so, the sequence needs half as many tasks to reach w as by bets for any time, and is as right as with these.

The values must come in an order that does not depend on them: tasks by number, not as they finish. Tasks that are done
first are the easy ones.
"""

from __future__ import annotations

import math

import numpy as np

from llm_envs.evals.stats.distributions import LEVEL
from llm_envs.evals.stats.intervals import Interval

__all__ = ["ConfidenceSequence"]

_POINTS = 1_001
"""Means that are tried; the interval is rounded outwards to the next."""

_TRUNCATION = 0.5
"""No bet risks more than this share of the capital, whatever comes; the paper's choice."""

_METHOD = "always valid"


class ConfidenceSequence:
    """Takes values in [0, 1] one at a time, and knows their mean with its interval at any time.

    Args:
        aim: the half-width that is wanted, above 0; the interval is right whatever it is, and reaches it soonest.
        points: means that are tried, evenly spaced.
    """

    def __init__(self, aim: float, points: int = _POINTS) -> None:
        self.n = 0
        self._aim = aim
        self._sum = 0.0
        self._squares = 0.0
        self._candidates_M = np.linspace(0.0, 1.0, points)
        with np.errstate(divide="ignore"):
            self._most_above_M = _TRUNCATION / self._candidates_M
            self._most_below_M = _TRUNCATION / (1 - self._candidates_M)
        self._above_M = np.zeros(points)
        self._below_M = np.zeros(points)
        self._possible_M = np.ones(points, np.bool_)

    def add(self, value: float) -> None:
        """Take the next value, in [0, 1]."""
        bet = self._aim * (self.n + 1) / (0.25 + self._squares)  # over the variance, which knows earlier values only
        surprise_M = value - self._candidates_M
        self._above_M += np.log1p(np.minimum(bet, self._most_above_M) * surprise_M)
        self._below_M += np.log1p(-np.minimum(bet, self._most_below_M) * surprise_M)
        self.n += 1
        self._sum += value
        self._squares += (value - (0.5 + self._sum) / (self.n + 1)) ** 2
        self._exclude()

    def _exclude(self) -> None:
        """Rule out means against which a gambler has grown rich; but not the last ones, in the 5% where that errs."""
        log_capital_M = np.maximum(self._above_M, self._below_M) - math.log(2)
        possible_M = self._possible_M & (log_capital_M < -math.log(1 - LEVEL))
        if possible_M.any():
            self._possible_M = possible_M

    @property
    def interval(self) -> Interval:
        """The mean of all values so far; before the first, the whole range."""
        mean = self._sum / self.n if self.n else math.nan
        left = np.flatnonzero(self._possible_M)
        low, high = max(left[0] - 1, 0), min(left[-1] + 1, len(self._candidates_M) - 1)
        ends = float(self._candidates_M[low]), float(self._candidates_M[high])
        return Interval(mean, *ends, self.n, self.n, _METHOD)
