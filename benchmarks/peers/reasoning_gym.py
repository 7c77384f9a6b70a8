"""Reasoning Gym: its own problems, since it verifies no others; an answer tag closes replies of the same length.

It has no env: an episode is an item generated, an answer extracted, and a score.
"""

from __future__ import annotations

from collections.abc import Sequence

import reasoning_gym
from peers.measure import Episode, Play, report
from reasoning_gym.composite import DatasetSpec
from reasoning_gym.dataset import ProceduralDataset
from reasoning_gym.utils import extract_answer

FAMILIES = ("chain_sum", "fraction_simplification", "gcd", "lcm", "simple_equations", "polynomial_multiplication")
"""The closest it has to the families of `llm/Math-v0`."""


def sums(episodes: Sequence[Episode]) -> Play:
    """Chains of sums, compared as decimals."""
    return _over(reasoning_gym.create_dataset("chain_sum", seed=0, size=len(episodes)), episodes)


def mixture(episodes: Sequence[Episode]) -> Play:
    """A mixture of families, each compared in its own way."""
    specs = [DatasetSpec(name=name, weight=1, config={}) for name in FAMILIES]
    return _over(reasoning_gym.create_dataset("composite", datasets=specs, seed=0, size=len(episodes)), episodes)


def _over(dataset: ProceduralDataset, episodes: Sequence[Episode]) -> Play:
    replies = [_reply(episode, dataset[i]["answer"]) for i, episode in enumerate(episodes)]

    def play_one(episode: Episode) -> float:
        item = dataset[episode["index"]]
        score = dataset.score_answer(extract_answer(replies[episode["index"]]), item)
        return float(score == 1.0)  # wrong answers get a small consolation

    return lambda batch: [play_one(episode) for episode in batch]


def _reply(episode: Episode, answer: str) -> str:
    """As long as the episode's own reply, and as right."""
    tail = f"<answer>{answer if episode['reward'] else answer + '1'}</answer>"
    return episode["reply"][: -len(tail)] + tail


if __name__ == "__main__":
    report("episode, exact match", sums, "chain_sum: text in, score out, no tokens; compares decimals")
    report(
        "episode, math verified", mixture, f"text in, score out, no tokens; mixture of {len(FAMILIES)} of its families"
    )
