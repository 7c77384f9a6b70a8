"""How well a policy does on tasks it was not trained on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from llm_envs.policies.policy import Policy, Sampling
from llm_envs.rollout import rollout
from llm_envs.types import Trajectory
from llm_envs.vector import LLMVectorEnv

__all__ = ["Evaluation", "evaluate"]

_Z_95 = 1.959964
"""The 97.5% quantile of the normal distribution."""


_EXAMPLES = 8
"""Episodes kept as text, for people to read."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """The outcome of one evaluation.

    Args:
        trajectories: all episodes, those that infrastructure ended included.
    """

    trajectories: Sequence[Trajectory]

    @property
    def rewards(self) -> list[float]:
        """Of the episodes that count: infrastructure errors are no evidence on the policy."""
        return [trajectory.reward for trajectory in self.trajectories if trajectory.trainable]

    @property
    def reward(self) -> float:
        """The mean; nan where no episode counts."""
        return sum(self.rewards) / len(self.rewards) if self.rewards else math.nan

    @property
    def half_width_95(self) -> float:
        """Half the width of the mean's 95% interval, by the normal approximation."""
        n = len(self.rewards)
        if n < 2:
            return math.nan
        variance = sum((reward - self.reward) ** 2 for reward in self.rewards) / (n - 1)
        return _Z_95 * math.sqrt(variance / n)

    def to_dict(self) -> dict[str, Any]:
        """Plain and JSON-serialisable."""
        return {
            "reward": self.reward,
            "half_width_95": self.half_width_95,
            "episodes": len(self.rewards),
            "infrastructure_errors": len(self.trajectories) - len(self.rewards),
            "examples": [_example(trajectory) for trajectory in self.trajectories[:_EXAMPLES]],
        }


def _example(trajectory: Trajectory) -> dict[str, Any]:
    return {
        "task_id": trajectory.task.id,
        "messages": [{"role": m["role"], "content": m["content"]} for m in trajectory.messages],
        "reward": trajectory.reward,
    }


def evaluate(policy: Policy, envs: LLMVectorEnv, sampling: Sampling) -> Evaluation:
    """One episode in every row, on the tasks of seeds 0, 1, 2, ...: the same tasks every time."""
    return Evaluation(rollout(policy, envs, range(envs.num_envs), sampling))
