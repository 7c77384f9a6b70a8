"""Policies without a model, playing real envs."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

from llm_envs.policies.policy import Sampling
from llm_envs.policies.scripted import Constant, Oracle
from llm_envs.rollout import rollout


def vector(env_id, num_envs=6, **options):
    """A vector env, unwrapped."""
    return gym.make_vec(env_id, num_envs=num_envs, **options).unwrapped


@pytest.mark.parametrize("env_id", ["llm/Arithmetic-v0", "llm/GuessNumber-v0"])
def test_the_oracle_solves_every_task(env_id):
    """It says what `demonstrate` says, turn by turn."""
    envs = vector(env_id)
    trajectories = rollout(Oracle(envs), envs, range(6), Sampling())
    assert [trajectory.reward for trajectory in trajectories] == [1.0] * 6


@pytest.mark.parametrize("text", ["", "7"])
def test_a_constant_says_one_thing(text):
    """Every turn of every row is the same text."""
    envs = vector("llm/GuessNumber-v0", difficulty=4)
    trajectories = rollout(Constant(envs.chat, text), envs, range(6), Sampling())
    said = {m["content"] for trajectory in trajectories for m in trajectory.messages if m["role"] == "assistant"}
    assert said == {text}


def test_scripted_replies_have_no_logprobs():
    """What was not sampled from a distribution is nan, so that no trainer can take it for one."""
    envs = vector("llm/Arithmetic-v0", 1)
    (trajectory,) = rollout(Oracle(envs), envs, [0], Sampling())
    assert np.isnan(trajectory.logprobs[trajectory.mask]).all()
    assert not trajectory.logprobs[~trajectory.mask].any()
