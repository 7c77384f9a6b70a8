"""SkyRL Gym: the env `aime`, made anew for every episode, as its trainer does.

It compares normalised strings, so it stands with those that do no mathematics.
"""

from __future__ import annotations

from collections.abc import Sequence

import skyrl_gym
from peers.measure import Episode, Play, report


def prepare(episodes: Sequence[Episode]) -> Play:
    """Make the env with the reference in it, init it with the prompt, step with the reply."""
    del episodes

    def play_one(episode: Episode) -> float:
        extras = {"reward_model": {"ground_truth": episode["answer"]}}
        env = skyrl_gym.make("aime", env_config={}, extras=extras)
        env.init([{"role": "user", "content": episode["prompt"]}])
        score = env.step(episode["reply"])["reward"]
        env.close()
        return max(0.0, score)  # its scores are -1 and 1

    return lambda batch: [play_one(episode) for episode in batch]


if __name__ == "__main__":
    report("episode, exact match", prepare, "aime: text in, score out, no tokens; compares normalised strings")
