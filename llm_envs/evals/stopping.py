"""When a run may end early: `ci<0.02`, `n>=2000`, or `ci<0.02 or n>=2000`.

`ci` is half the width of the mean's 95% interval, of the kind that may be looked at all the time; `n` the number of
tasks of each env that are over. Both go by tasks in the order of their numbers, not as they finish: tasks that finish
first are the easy ones, and a mean of them is too high. One value is the mean over the samples of one task number and
over envs; a number of which infrastructure took an env altogether is left out.

What it deliberately does not do: it does not stop on the mean itself ("stop when it is above 0.8").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self

from llm_envs.errors import BadOption
from llm_envs.evals.plan import Plan
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.stats.intervals import UNIT, Interval, Range
from llm_envs.evals.stats.sequential import ConfidenceSequence

__all__ = ["StopWhen", "Stopper"]

_TERM = re.compile(r"\s*(?:(?P<ci>ci)\s*<\s*(?P<width>\d*\.?\d+)|n\s*>=\s*(?P<tasks>\d+))\s*")


@dataclass(frozen=True, slots=True)
class StopWhen:
    """A condition; either part is enough.

    Args:
        half_width: of the interval, below which it holds; None where it does not matter.
        tasks: of each env, from which on it holds; None where they do not matter.
    """

    half_width: float | None = None
    tasks: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The condition that is written so.

        Raises:
            BadOption: it is none, or one that can never be checked.
        """
        terms = [_TERM.fullmatch(term) for term in re.split(r"\bor\b", text)]
        widths = [float(term["width"]) for term in terms if term and term["ci"]]
        counts = [int(term["tasks"]) for term in terms if term and term["tasks"]]
        if None in terms or len(widths) > 1 or len(counts) > 1 or 0 in widths or 0 in counts:
            raise BadOption(
                "this is no condition to stop a run by",
                expected="ci<NUMBER, n>=NUMBER, or both joined by `or`; numbers above 0",
                received=repr(text),
                next_step="Write --stop-when 'ci<0.02 or n>=2000': the mean is known to 0.02, or 2,000 tasks are over.",
            )
        return cls(widths[0] if widths else None, counts[0] if counts else None)


@dataclass(slots=True)
class _Pending:
    """A task number of which episodes are missing."""

    ended: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class Stopper:
    """Told every outcome of a sitting, says when a run has enough; the `enough` of an Engine.

    Where a run is taken up again, tell it the episodes of earlier sittings first, and not their errors: those are
    tried again.

    Args:
        reward_range: lowest and highest reward that the envs can give.
    """

    def __init__(self, plan: Plan, condition: StopWhen, reward_range: Range = UNIT) -> None:
        self._plan, self._condition = plan, condition
        self._low, self._span = reward_range[0], reward_range[1] - reward_range[0]
        self._sequence = ConfidenceSequence((condition.half_width or 1.0) / self._span)
        self._pending: dict[int, _Pending] = {}
        self._next = 0

    def __call__(self, outcome: Episode | ErrorRecord) -> bool:
        """Take note of `outcome`; True from when the condition holds."""
        pending = self._pending.setdefault(outcome.task, _Pending())
        pending.ended += 1
        if isinstance(outcome, Episode):
            pending.sums[outcome.env] = pending.sums.get(outcome.env, 0.0) + outcome.reward
            pending.counts[outcome.env] = pending.counts.get(outcome.env, 0) + 1
        self._advance()
        return self.holds

    @property
    def holds(self) -> bool:
        """The condition is met."""
        narrow, enough = self._condition.half_width, self._condition.tasks
        return (narrow is not None and self.interval.half_width < narrow) or (
            enough is not None and self._next >= enough
        )

    @property
    def interval(self) -> Interval:
        """The mean so far, with the interval that may be looked at all the time."""
        found, low, span = self._sequence.interval, self._low, self._span
        ends = (low + span * found.mean, low + span * found.low, low + span * found.high)
        return Interval(*ends, found.n, found.tasks, found.method)

    def _advance(self) -> None:
        """Take the values of all task numbers that are over, up to the first that is not."""
        envs, each = len(self._plan.envs), self._plan.samples
        while (pending := self._pending.get(self._next)) and pending.ended == envs * each:
            del self._pending[self._next]
            self._next += 1
            if len(pending.counts) == envs:
                mean = sum(pending.sums[env] / count for env, count in pending.counts.items()) / envs
                self._sequence.add(min(1.0, max(0.0, (mean - self._low) / self._span)))
