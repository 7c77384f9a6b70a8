"""Tasks of an env, one after the other, for tests to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium as gym

import llm_envs

__all__ = ["at_tasks"]


def at_tasks(env_id: str, count: int, seed: int, **options: Any) -> Iterator[llm_envs.LLMEnv]:
    """One env, at each of a seed's first tasks."""
    env = gym.make(env_id, action="turn", **options).unwrapped
    for index in range(count):
        env.reset(seed=seed, options={"index": index})
        yield env
