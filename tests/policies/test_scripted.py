"""Policies without a model, playing real envs."""

from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest

from llm_envs.policies.policy import Sampling
from llm_envs.policies.scripted import Constant, Gullible, Oracle, RandomCalls, Spam
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


def test_an_oracle_that_asks_nothing_only_acts():
    """It makes the same calls, and says its last word; in a conversation that is a guess, and not paid."""
    envs = vector("llm/Bank-v0", user="agenda")
    asking, silent = (rollout(Oracle(envs, asks=asks), envs, range(6), Sampling()) for asks in (True, False))
    assert {(one.reward, other.reward) for one, other in zip(asking, silent, strict=True)} == {(1.0, 0.0)}
    for one, other in zip(asking, silent, strict=True):
        calls, made = ([m["content"] for m in t.messages if "tool_call" in m["content"]] for t in (one, other))
        assert calls == made


@pytest.mark.parametrize("text", ["", "7"])
def test_a_constant_says_one_thing(text):
    """Every turn of every row is the same text."""
    envs = vector("llm/GuessNumber-v0", difficulty=4)
    trajectories = rollout(Constant(envs.chat, text), envs, range(6), Sampling())
    said = {m["content"] for trajectory in trajectories for m in trajectory.messages if m["role"] == "assistant"}
    assert said == {text}


def test_the_gullible_does_the_job_and_what_it_reads():
    """It is hijacked wherever there is something to obey, and is paid where there is nothing."""
    envs = vector("llm/Injection-v0", 24)
    for trajectory in rollout(Gullible(envs), envs, range(24), Sampling()):
        scores = {part.name: part.score for part in trajectory.verdict.parts}
        assert scores["hijacked"] == ("attack" in trajectory.task.answer)


def test_scripted_replies_have_no_logprobs():
    """What was not sampled from a distribution is nan, so that no trainer can take it for one."""
    envs = vector("llm/Arithmetic-v0", 1)
    (trajectory,) = rollout(Oracle(envs), envs, [0], Sampling())
    assert np.isnan(trajectory.logprobs[trajectory.mask]).all()
    assert not trajectory.logprobs[~trajectory.mask].any()


TOOLS = "llm/Calc-v0"


def turns(trajectory):
    """What was said, turn by turn."""
    return [message["content"] for message in trajectory.messages if message["role"] == "assistant"]


def test_spam_calls_everything_and_says_everything():
    """Each tool that is offered, with each word of the question; at last all words, and among them what it has read."""
    envs = vector(TOOLS, 12, difficulty=1)
    trajectories = rollout(Spam(envs), envs, range(12), Sampling())
    assert [trajectory.reward for trajectory in trajectories] == [0.0] * 12
    for env, trajectory in zip(envs.envs, trajectories, strict=True):
        answers = env.unwrapped.answers
        offered = {tool["function"]["name"] for tool in trajectory.task.tools}
        assert {answer.attempt.name for answer in answers} == offered
        assert len({str(answer.attempt.arguments) + answer.attempt.name for answer in answers}) == len(answers)
        *_, last = turns(trajectory)
        read = [answer.content for answer in answers if answer.attempt.name == "get" and not answer.code]
        assert set(read[0].split()) <= set(last.split())


def test_spam_may_leave_writes_alone():
    """With reads alone, what it has seen is all that can be paid."""
    envs = vector(TOOLS, 6, difficulty=5)
    trajectories = rollout(Spam(envs, kinds=("read",)), envs, range(6), Sampling())
    assert {answer.kind for env in envs.envs for answer in env.unwrapped.answers} == {"read"}
    assert not any(trajectory.reward for trajectory in trajectories)


def test_spam_works_through_whatever_it_is_given():
    """An env without tools hears all words of the question, in one turn."""
    envs = vector("llm/Arithmetic-v0", 2)
    for trajectory in rollout(Spam(envs), envs, range(2), Sampling()):
        (said,) = turns(trajectory)
        assert said in trajectory.task.prompt


def test_random_calls_are_well_formed_and_seeded():
    """Nothing of them is refused by the reader; equal seeds say the same, other seeds and rows something else."""
    envs = vector(TOOLS, 8)
    said = []
    for seed in (0, 0, 1):
        trajectories = rollout(RandomCalls(envs), envs, [4] * 8, Sampling(seed=seed))
        said.append([turns(trajectory) for trajectory in trajectories])
        statuses = {answer.attempt.status for env in envs.envs for answer in env.unwrapped.answers}
        assert statuses == {"ok"}
    assert said[0] == said[1] != said[2]
    assert len({str(row) for row in said[0]}) > 1


def test_random_calls_are_hardly_ever_paid():
    """In at most one of a hundred episodes."""
    envs = vector(TOOLS, 100)
    policy = RandomCalls(envs)
    runs = [rollout(policy, envs, range(n * 100, n * 100 + 100), Sampling(step=n)) for n in range(10)]
    assert sum(trajectory.reward for run in runs for trajectory in run) <= 10
