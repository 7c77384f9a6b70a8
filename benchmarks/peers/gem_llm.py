"""GEM: `MathEnv` over an in-memory dataset, with its defaults: the grader sits in a pool of one process."""

from __future__ import annotations

from collections.abc import Sequence

from datasets import Dataset
from gem.envs.math_env import MathEnv
from peers.measure import Episode, Play, report


def prepare(episodes: Sequence[Episode]) -> Play:
    """Reset to a question, step with its reply."""
    rows = [{"problem": episode["prompt"], "answer": episode["answer"]} for episode in episodes]
    env = MathEnv(dataset=Dataset.from_list(rows), eval=True)

    def play_one(episode: Episode) -> float:
        env.idx = episode["index"]  # reset(idx=...) logs a line each time, which nobody would train with
        env.reset()
        return float(env.step(episode["reply"])[1])

    return lambda batch: [play_one(episode) for episode in batch]


if __name__ == "__main__":
    report("episode, math verified", prepare, "MathEnv; grader in its process pool")
