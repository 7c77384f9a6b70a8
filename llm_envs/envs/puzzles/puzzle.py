"""What the puzzles of one question and one answer share: six levels, a box for the answer, a rubric, a worked solution.

A puzzle says how it is drawn, judged and solved; how a reply is weighed is the rubric's business.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Unpack

import numpy as np

from llm_envs.env import EnvOptions, SingleTurnEnv
from llm_envs.types import Task, Verdict
from llm_envs.verifiers.format import opens_thought, thought_and_box
from llm_envs.verifiers.rubric import Rubric, Sampled

__all__ = ["LEVELS", "Puzzle", "drawn_level", "shuffled"]

LEVELS = range(6)


class Puzzle(SingleTurnEnv):
    """A puzzle whose solution is checked at once.

    Args:
        rubric: weights of what is paid besides being right, or a Rubric; none by default.
    """

    max_new_tokens: ClassVar[int] = 4096
    context_length: ClassVar[int] = 8192
    difficulties: ClassVar[range | None] = LEVELS

    def __init__(self, *, rubric: Rubric | Mapping[str, Any] | None = None, **options: Unpack[EnvOptions]) -> None:
        self.rubric = Rubric.of(rubric)
        self.reward_range = self.rubric.reward_range
        super().__init__(**options)
        self._thought_is_open = opens_thought(self.chat)

    @abstractmethod
    def judge(self, task: Task, reply: str) -> Verdict:
        """Whether the reply solves the task."""

    @abstractmethod
    def share(self, task: Task, verdict: Verdict) -> float:
        """How much of a reply with this verdict, which is not right, is right; in [0, 1]."""

    @abstractmethod
    def solve(self, task: Task) -> tuple[str, str]:
        """The steps of a worked solution, and the answer."""

    def verify(self, task: Task, reply: str) -> Verdict:
        """Judge the reply, and weigh the extras."""
        verdict = self.judge(task, reply)
        if not self.rubric.extras:
            return verdict
        share = self.share(task, verdict) if self.rubric.partial and not verdict.correct else 0.0
        sampled = Sampled(self.session.length_of(reply), self.limits.max_new_tokens, self._thought_is_open)
        return self.rubric.weigh(verdict, task, reply, sampled, partial=share)

    def demonstrate(self, task: Task) -> list[str]:
        """The worked solution, in the form the prompt asks for."""
        steps, answer = self.solve(task)
        boxed = f"\\boxed{{{answer}}}"
        if self.rubric.format:
            return [thought_and_box(steps, boxed, opened=self._thought_is_open)]
        return [f"{steps}\n{boxed}"]


def drawn_level(rng: np.random.Generator, difficulty: int | None) -> int:
    """The difficulty that is set, or one of the levels at random."""
    return int(rng.integers(len(LEVELS))) if difficulty is None else difficulty


def shuffled(rng: np.random.Generator, count: int) -> list[int]:
    """0 to count - 1 in random order; some times as fast as the generator's own for a few."""
    draws: list[float] = rng.random(count).tolist()
    return sorted(range(count), key=draws.__getitem__)
