"""`llm/Arithmetic-v0`: what its tasks are, and that its splits are apart. Its episodes are in `test_tables.py`."""

from __future__ import annotations

import gymnasium as gym
import pytest

import llm_envs
from llm_envs.envs.arithmetic import Arithmetic

OPERATORS = ("+", "+", "+-", "+-", "+-*", "+-*")


def tasks(count, **options):
    """Tasks of seeds 0, 1, 2, ..."""
    env = Arithmetic(env_id="llm/Arithmetic-v0", **options)
    for seed in range(count):
        env.reset(seed=seed)
        yield env, env.task


@pytest.mark.parametrize("difficulty", range(6))
def test_the_oracle_is_always_right(difficulty):
    """`demonstrate` gives one reply, and it gets the full reward."""
    for env, task in tasks(100, difficulty=difficulty):
        (reply,) = env.demonstrate(task)
        assert env.verify(task, reply).reward == 1


@pytest.mark.parametrize("difficulty", range(6))
def test_answers_are_what_python_says(difficulty):
    """The answer is the value of the expression, never negative, and the operators are those of the card."""
    seen = set()
    for _, task in tasks(200, difficulty=difficulty):
        expression = task.prompt.removesuffix("=?")
        assert task.answer == eval(expression) >= 0
        seen.add(task.metadata["operator"])
    assert seen == set(OPERATORS[difficulty])


def test_no_task_is_in_two_splits():
    """Training never sees a question that testing asks."""
    prompts = {
        split: {task.prompt for _, task in tasks(2000, difficulty=1, split=split)}
        for split in ("train", "validation", "test")
    }
    assert not prompts["train"] & prompts["test"]
    assert not prompts["train"] & prompts["validation"]
    assert not prompts["validation"] & prompts["test"]


def test_no_constant_answer_gets_far():
    """The best constant at difficulty 1 is right in fewer than three in a hundred tasks."""
    answers = [task.answer for _, task in tasks(2000, difficulty=1)]
    assert max(map(answers.count, set(answers))) < 0.03 * len(answers)


def test_prompts_stay_short():
    """The longest prompt leaves room for the longest reply in the default context."""
    env = gym.make("llm/Arithmetic-v0", difficulty=5).unwrapped
    lengths = [len(env.reset(seed=seed)[0]) for seed in range(200)]
    assert max(lengths) + env.limits.max_new_tokens <= env.limits.context_length
    assert llm_envs.SingleTurnEnv in Arithmetic.__mro__
