"""Episodes for tests of what happens after the env: made up, in every shape, or from an env that gets lost."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

import llm_envs
from llm_envs.types import Span, StopReason, Task, Trajectory

SINGLE_TURN = [[5], [1], [9], [3], [4], [4], [12], [2]]
MULTI_TURN = [[5, 4, 3], [1, 2, 1, 2, 1], [9], [3, 1, 3], [2, 9, 1], [4], [1], [6, 1, 2]]
"""Lengths of an episode's pieces, sampled and said by the env in turn."""


def batch(shapes, prompt_lengths=(7, 11), seed=0):
    """Episodes in equal groups, one prompt a group."""
    rng = np.random.default_rng(seed)
    prompts = [rng.integers(0, 259, n) for n in prompt_lengths]
    size = len(shapes) // len(prompts)
    return [trajectory(prompts[i // size], pieces, rng) for i, pieces in enumerate(shapes)]


def trajectory(prompt, pieces, rng):
    """One episode of random ids, with logprobs near those of a random model."""
    ids, spans, logprobs = prompt.tolist(), [Span("prompt", 0, len(prompt))], [0.0] * len(prompt)
    for i, length in enumerate(pieces):
        kind = "env" if i % 2 else "sampled"
        spans.append(Span(kind, len(ids), len(ids) + length))
        ids += rng.integers(0, 259, length).tolist()
        logprobs += (-6 + 2 * rng.standard_normal(length)).tolist() if kind == "sampled" else [0.0] * length
    mask = np.zeros(len(ids), np.bool_)
    for span in spans:
        mask[span.start : span.end] = span.kind == "sampled"
    return Trajectory(
        task=Task("?"),
        ids=np.array(ids, np.int32),
        mask=mask,
        logprobs=np.array(logprobs, np.float32),
        spans=tuple(spans),
        messages=(),
        verdict=None,
        reward=0.0,
        stop_reason=StopReason.END_OF_TURN,
        turns=1,
    )


@llm_envs.register("test/Fragile-v0")
class Fragile(llm_envs.SingleTurnEnv):
    """One reply in four is lost to infrastructure; the others are worth 0 or 1, by their characters."""

    max_new_tokens: ClassVar[int] = 4

    def sample(self, rng: np.random.Generator) -> Task:
        """A number to talk about."""
        return Task(prompt=f"go {rng.integers(1000)}")

    def verify(self, task: Task, reply: str) -> float:
        """The sum of the characters decides."""
        total = sum(map(ord, reply))
        if total % 4 == 0:
            raise llm_envs.InfrastructureError("the verifier is gone")
        return float(total % 2)
