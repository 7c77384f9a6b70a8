"""A policy times a vector env: whole trajectories, their masks and log-probabilities."""

from __future__ import annotations

import episodes  # noqa: F401 (registers test/Fragile-v0)
import gymnasium as gym
import pytest
import torch
from models import tiny_model

from llm_envs.policies.hf import HFPolicy
from llm_envs.policies.policy import Sampling
from llm_envs.policies.scripted import Constant, Oracle
from llm_envs.rollout import rollout
from llm_envs.trainers.packing import pack, token_logprobs
from llm_envs.types import StopReason


def vector(env_id, num_envs, **options):
    """A vector env, unwrapped."""
    return gym.make_vec(env_id, num_envs=num_envs, **options).unwrapped


def played_by_model(env_id, seeds, sampling, **options):
    """A tiny random model plays; the model, and what came of it."""
    envs = vector(env_id, len(seeds), **options)
    model = tiny_model()
    return model, envs, rollout(HFPolicy(model, envs.chat), envs, seeds, sampling)


def test_multi_turn_episodes_are_played_to_the_end():
    """The oracle bisects, row by row, until every number is found, in as many turns as that takes."""
    envs = vector("llm/GuessNumber-v0", 16, difficulty=3)
    trajectories = rollout(Oracle(envs), envs, range(16), Sampling())
    assert {t.stop_reason for t in trajectories} == {StopReason.SOLVED}
    assert len({t.turns for t in trajectories}) > 2, "episodes are to end at different times"
    for env, t in zip(envs.envs, trajectories, strict=True):
        assert [m["content"] for m in t.messages if m["role"] == "assistant"] == env.demonstrate(t.task)


def test_equal_seeds_are_a_group():
    """Rows with one seed play one task, and a policy that samples plays it in different ways."""
    _, _, trajectories = played_by_model("llm/Arithmetic-v0", [7] * 4 + [9] * 4, Sampling())
    tasks = [t.task.id for t in trajectories]
    assert len(set(tasks[:4])) == len(set(tasks[4:])) == 1
    assert tasks[0] != tasks[4]
    assert len({t.ids.tobytes() for t in trajectories}) == 8


@pytest.mark.parametrize("env_id", ["llm/Arithmetic-v0", "llm/GuessNumber-v0"])
def test_logprobs_are_those_of_the_ids_in_the_trajectory(env_id):
    """The model, given a trajectory's ids, finds every sampled token as likely as the sampler did."""
    model, envs, trajectories = played_by_model(env_id, range(8), Sampling(), max_new_tokens=12)
    for packed in pack(trajectories, model, 4096):
        with torch.inference_mode():
            logprobs_N = token_logprobs(model, packed, envs.chat.vocab_size)
        torch.testing.assert_close(logprobs_N, packed.sampled_logprobs_N, atol=1e-4, rtol=1e-4)


def test_the_mask_covers_what_was_sampled_and_nothing_else():
    """Sampled spans are True and end with a stop id or the limit; prompt and answers of the world are False."""
    envs = vector("llm/GuessNumber-v0", 8, difficulty=4)
    for t in rollout(Oracle(envs), envs, range(8), Sampling()):
        said = [envs.chat.decode(t.ids[s.start : s.end - 1]) for s in t.spans if s.kind == "sampled"]
        assert said == [m["content"] for m in t.messages if m["role"] == "assistant"]
        assert sum(s.end - s.start for s in t.spans if s.kind == "sampled") == t.mask.sum()
        for span in t.spans:
            assert (t.mask[span.start : span.end] == (span.kind == "sampled")).all()


def test_a_rollout_repeats_itself():
    """Equal seeds, step and weights give equal trajectories; another step gives others."""
    again = [played_by_model("llm/GuessNumber-v0", range(6), Sampling(seed=3, step=s))[2] for s in (1, 1, 2)]
    ids = [[t.ids.tolist() for t in trajectories] for trajectories in again]
    assert ids[0] == ids[1] != ids[2]
    assert [t.logprobs.tobytes() for t in again[0]] == [t.logprobs.tobytes() for t in again[1]]


def test_only_open_rows_are_asked():
    """A row whose episode is over is not generated for again, and no reply is longer than its budget."""
    asked = []

    class Recorder(Constant):
        def generate(self, requests, sampling):
            asked.append([request.row for request in requests])
            assert all(request.budget > 0 for request in requests)
            return super().generate(requests, sampling)

    envs = vector("llm/GuessNumber-v0", 4)
    for env, difficulty in zip(envs.envs, (0, 1, 2, 3), strict=True):
        env.default_difficulty = difficulty
    rollout(Recorder(envs.chat, "no number"), envs, range(4), Sampling())
    assert asked == [[0, 1, 2, 3]] * 3 + [[1, 2, 3]] + [[2, 3]] + [[3]] * 2


def test_lost_episodes_are_told_apart():
    """An episode that infrastructure ended is among the trajectories, without a verdict, and not trainable."""
    _, _, trajectories = played_by_model("test/Fragile-v0", range(32), Sampling())
    lost = [t for t in trajectories if not t.trainable]
    assert 0 < len(lost) < 32
    assert all(t.verdict is None and t.stop_reason is StopReason.INFRASTRUCTURE for t in lost)
