"""Columns: what is kept of an episode, and what its order of arrival changes."""

from __future__ import annotations

import numpy as np
import pytest
from runs import ENV, make_episode, make_error, make_reply

from llm_envs.errors import BrokenRun
from llm_envs.evals.columns import Columns, code_of
from llm_envs.evals.stats.samples import NO_ANSWER


def columns_of(*outcomes, tasks=4, samples=1):
    """Told these outcomes."""
    columns = Columns(ENV, tasks, samples)
    for outcome in outcomes:
        columns.add(outcome)
    return columns


def test_a_later_episode_overrides_an_error():
    """An attempt that was tried again is scored, and no error."""
    columns = columns_of(make_error(0), make_episode(0, reward=0.5), make_error(1))
    assert columns.rewards_T_K[:2, 0].tolist() == pytest.approx([0.5, np.nan], nan_ok=True)
    assert columns.errors_T_K[:, 0].tolist() == [False, True, False, False]


def test_a_reward_stands():
    """Neither an error nor another episode of the same attempt changes it."""
    columns = columns_of(make_episode(0, reward=0.5), make_error(0), make_episode(0, reward=1.0))
    assert columns.rewards_T_K[0, 0] == 0.5
    assert not columns.errors_T_K.any()


def test_answers_are_told_apart():
    """Equal answers have equal codes; where there is none, it has no vote."""
    verdicts = [{"reward": 1.0, "parts": {}, "details": {"answer": answer}} for answer in ("7", "7", "8", "")]
    columns = columns_of(*(make_episode(task, verdict=verdict) for task, verdict in enumerate(verdicts)))
    first, second, third, none = columns.answers_T_K[:, 0].tolist()
    assert first == second == code_of("7") != third
    assert none == NO_ANSWER
    assert code_of("7") >= 0


def test_surety():
    """The mean log-probability over all turns; unknown where a model tells none."""
    replies = [make_reply(logprobs=[-1.0, -2.0]), make_reply(turn=1, logprobs=[-6.0])]
    columns = columns_of(make_episode(0, replies=replies), make_episode(1))
    assert columns.surety_T_K[:2, 0].tolist() == pytest.approx([-3.0, np.nan], nan_ok=True)


def test_surety_is_unknown_where_a_logprob_is_no_number():
    """Functions may give whatever they like."""
    replies = [make_reply(logprobs=[float("inf"), float("-inf"), float("nan")])]
    assert np.isnan(columns_of(make_episode(0, replies=replies)).surety_T_K[0, 0])


def test_the_range_does_not_depend_on_the_order():
    """Also where some verdicts have no parts, which say nothing of what others could give."""
    halves = {"parts": {"correct": {"score": 1.0, "weight": 0.5, "kind": "correct"}}}
    episodes = [make_episode(0, reward=0.5, verdict=halves), make_episode(1, reward=0.0, verdict={"parts": {}})]
    assert columns_of(*episodes).reward_range == columns_of(*episodes[::-1]).reward_range == (0.0, 0.5)
    assert columns_of(episodes[1]).reward_range == (0.0, 1.0)


def test_words_that_tell_tasks_apart_tell_nothing():
    """Tags with hundreds of values are given up, whatever the order."""
    columns = columns_of(
        *(make_episode(task, tags={"id": str(task), "topic": "ab"[task % 2]}) for task in range(300)), tasks=300
    )
    assert not columns.tags["id"].tells
    assert [word for word, _ in columns.tags["topic"].masks()] == ["a", "b"]


def test_what_the_plan_does_not_have():
    """An episode beyond the plan is no part of this run."""
    with pytest.raises(BrokenRun, match="task 4, sample 0"):
        columns_of(make_episode(4))
