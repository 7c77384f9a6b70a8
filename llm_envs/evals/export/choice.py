"""Which episodes an export for training takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal, get_args

from llm_envs.errors import BadOption, did_you_mean

__all__ = ["Choice", "PerTask"]

PerTask = Literal["all", "one"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take.

    Args:
        min_reward: of a conversation worth imitating.
        per_task: all that are fit, or one of each task.
        seed: of what is drawn.

    Raises:
        BadOption: `per_task` is neither.
    """

    min_reward: float = 1.0
    per_task: PerTask = "all"
    seed: int = 0

    def __post_init__(self) -> None:
        known = get_args(PerTask)
        if self.per_task not in known:
            raise BadOption(
                f"unknown choice {self.per_task!r} per task",
                expected="all or one",
                received=repr(self.per_task),
                next_step=did_you_mean(str(self.per_task), known),
            )

    def require_rows(self, rows: int, to: str, left_out: Counter[str]) -> None:
        """Raise BadOption where nothing was taken: an empty data set only fails later."""
        if rows:
            return
        raise BadOption(
            f"nothing of this run is fit for {to}",
            expected="at least one episode that earned enough"
            if to == "sft"
            else "a task with a right and a wrong sample, both whole",
            received="; ".join(f"{count:,} {reason}" for reason, count in left_out.most_common()) or "no episodes",
            next_step="Lower --min-reward, or export a run of a better model."
            if to == "sft"
            else "Run with more samples of each task, such as -k 8.",
        )
