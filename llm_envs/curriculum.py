"""A difficulty that follows how well the policy does: up a level when it succeeds, down when it fails.

    env = gym.make("llm/Math-v0", difficulty=llm_envs.Curriculum())
    envs = gym.make_vec("llm/Math-v0", num_envs=256, difficulty=llm_envs.Curriculum())   # all rows share it

It is asked for a level at every reset and told at the end of every episode whether that was a success. It decides at
resets, from counts, so the order in which the rows of a batch finish does not matter: rows that are reset together get
one level, and a run repeats exactly. It does not choose among topics, and draws nothing at random.

Source: raising the difficulty when the success rate passes a threshold is the rule of automatic domain randomization
(OpenAI et al., arXiv 1910.07113, section 5), here in one dimension.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from llm_envs.errors import BadOption

__all__ = ["Curriculum"]


class Curriculum:
    """A level that rises and falls with the success rate of the episodes played at it.

    Args:
        level: where it stands.
        window: episodes played at a level before it may change, at least 1.
        rise: success rate from which on the next level comes, in (0, 1].
        fall: success rate below which the previous level comes back, in [0, rise).

    Raises:
        BadOption: one of these is out of range.
    """

    def __init__(self, level: int = 0, *, window: int = 64, rise: float = 0.7, fall: float = 0.2) -> None:
        if not 0 <= fall < rise <= 1:
            raise BadOption("fall and rise are out of range", expected="0 <= fall < rise <= 1", received=(fall, rise))
        if window < 1:
            raise BadOption("window is out of range", expected="an integer of at least 1", received=window)
        self.level = level
        self._window, self._rise, self._fall = window, rise, fall
        self._episodes = self._successes = 0
        self._lock = threading.Lock()

    def choose(self, levels: range) -> int:
        """The level of the episode that is about to begin, one of `levels`."""
        with self._lock:
            step = self._step() if self._episodes >= self._window else 0
            level = min(max(self.level + step, levels[0]), levels[-1])
            if self._episodes >= self._window or level != self.level:
                self._episodes = self._successes = 0
            self.level = level
            return level

    def record(self, level: int, *, success: bool) -> None:
        """Take note of an episode that is over; those of another level than the present one do not count."""
        with self._lock:
            if level == self.level:
                self._episodes += 1
                self._successes += success

    def state(self) -> dict[str, int]:
        """What `restore` needs to go on from here, JSON-serialisable."""
        return {"level": self.level, "episodes": self._episodes, "successes": self._successes}

    def restore(self, state: Mapping[str, int]) -> None:
        """Go on from where `state` was taken."""
        with self._lock:
            self.level, self._episodes, self._successes = state["level"], state["episodes"], state["successes"]

    def _step(self) -> int:
        rate = self._successes / self._episodes
        return (rate >= self._rise) - (rate < self._fall)

    def __repr__(self) -> str:
        """Its state, for logs."""
        return f"Curriculum(level={self.level}, {self._successes} of {self._episodes} solved)"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles, for envs in other processes, go their own way from the present state."""
        return _restored, (self.state(), {"window": self._window, "rise": self._rise, "fall": self._fall})


def _restored(state: Mapping[str, int], settings: Mapping[str, Any]) -> Curriculum:
    curriculum = Curriculum(**settings)
    curriculum.restore(state)
    return curriculum
