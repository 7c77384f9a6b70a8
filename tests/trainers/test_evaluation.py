"""Mean reward of an evaluation, and how sure it is."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import episodes
import gymnasium as gym
import pytest

from llm_envs.policies.policy import Sampling
from llm_envs.policies.scripted import Oracle
from llm_envs.trainers.evaluation import Evaluation, evaluate
from llm_envs.types import StopReason

ONE = episodes.batch([[3], [3]])[0]


def evaluation(rewards, lost=0):
    """An evaluation with these rewards, and some episodes that infrastructure ended."""
    fine = [replace(ONE, reward=reward) for reward in rewards]
    return Evaluation([*fine, *[replace(ONE, stop_reason=StopReason.INFRASTRUCTURE)] * lost])


def test_mean_and_interval_by_hand():
    """One of four solved: 0.25, with a standard error of 0.25."""
    outcome = evaluation([1, 0, 0, 0])
    assert outcome.reward == 0.25
    assert outcome.half_width_95 == pytest.approx(1.96 * 0.25, rel=1e-4)


def test_lost_episodes_are_counted_apart():
    """Infrastructure errors change neither mean nor number of episodes."""
    assert evaluation([1, 0], lost=2).to_dict() | {"examples": ()} == evaluation([1, 0]).to_dict() | {
        "infrastructure_errors": 2,
        "examples": (),
    }


def test_no_evidence_is_no_number():
    """Where every episode was lost, the reward is nan, not 0."""
    assert math.isnan(evaluation([], lost=3).reward)
    assert math.isnan(evaluation([1]).half_width_95)


def test_evaluations_play_the_same_tasks_every_time():
    """Tasks are those of seeds 0, 1, 2, ... of the env's split; the first ones are kept as text."""
    outcomes = []
    for _ in range(2):
        envs = gym.make_vec("llm/Arithmetic-v0", num_envs=10, split="test").unwrapped
        outcomes.append(evaluate(Oracle(envs), envs, Sampling()).to_dict())
    assert outcomes[0] == outcomes[1]
    assert outcomes[0]["reward"] == 1
    assert outcomes[0]["examples"][3]["task_id"] == "llm/Arithmetic-v0/test/3/0"
    json.dumps(outcomes)
