"""A policy plays a vector env to the end: trajectories.

Whoever has an open turn is generated for, in one batch; whoever has finished a turn is answered, in parallel; until
every episode is over. Groups of episodes that share a task are rows that share a seed.

What this deliberately does not do: it neither changes nor filters what comes out. Episodes that infrastructure ended
are among the trajectories; `Trajectory.trainable` tells them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from llm_envs.policies.policy import Policy, Request, Sampling
from llm_envs.types import Trajectory
from llm_envs.vector import LLMVectorEnv

__all__ = ["rollout"]


def rollout(policy: Policy, envs: LLMVectorEnv, seeds: Sequence[int], sampling: Sampling) -> list[Trajectory]:
    """Play one episode in every row.

    Args:
        seeds: one for each row; rows with equal seeds play the same task.

    Returns:
        One trajectory a row, in order, with masks and the sampler's logprobs.
    """
    envs.reset(seed=list(seeds))
    open_rows = list(range(envs.num_envs))
    while open_rows:
        requests = [Request(envs.envs[i].context(), envs.envs[i].budget, i) for i in open_rows]
        replies = policy.generate(requests, sampling)
        logprobs = [reply.logprobs for reply in replies]
        turns = envs.push([reply.ids for reply in replies], logprobs, open_rows)
        open_rows = [i for i, turn in zip(open_rows, turns, strict=True) if not turn.done]
    return envs.trajectories()
