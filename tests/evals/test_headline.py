"""The line to quote."""

from __future__ import annotations

import math

import pytest
from runs import make_episode, make_error, make_plan

from llm_envs.evals.stats.sequential import ConfidenceSequence
from llm_envs.evals.summary import summarise_outcomes


def headline(plan, outcomes):
    """Of these outcomes."""
    return summarise_outcomes(plan, outcomes).headline


def test_the_line():
    """Mean, interval and its name, how much was scored, errors, and what they could have been."""
    outcomes = [make_episode(task, reward=float(task < 401)) for task in range(498)]
    outcomes += [make_error(498), make_error(499)]
    assert str(headline(make_plan(500), outcomes)) == (
        "mean 0.805 [0.768, 0.838] 95% CI (Wilson), 498 scored of 500 planned, 2 errors; "
        "0.802 to 0.806 if errors were 0 or 1"
    )


def test_nothing_to_report():
    """A run of errors alone has no mean, an unfinished one says what is missing."""
    assert str(headline(make_plan(2), [make_error(0), make_error(1)])) == (
        "mean - [0.000, 1.000] 95% CI (nothing scored), 0 scored of 2 planned, 2 errors; "
        "0.000 to 1.000 if errors were 0 or 1"
    )
    assert str(headline(make_plan(3), [make_episode(0)])) == (
        "mean 1.000 [0.207, 1.000] 95% CI (Wilson), 1 scored of 3 planned, 0 errors, 2 not played"
    )


def test_envs_count_the_same():
    """The mean of a run is that of its envs' means, its bounds those of their bounds."""
    outcomes = [make_episode(task, env="a") for task in range(100)]
    outcomes += [make_episode(task, reward=float(task < 20), env="b") for task in range(50)]
    outcomes += [make_error(task, env="b") for task in range(50, 100)]
    found = headline(make_plan(100, envs=("a", "b")), outcomes)
    assert found.reward.mean == pytest.approx((1.0 + 0.4) / 2)
    assert found.bounds == pytest.approx(((1.0 + 0.2) / 2, (1.0 + 0.7) / 2))
    assert found.reward.method == "mean of 2 envs; Wilson"


def test_an_env_without_a_score_is_not_averaged():
    """The line says over how many envs the mean is."""
    outcomes = [make_episode(env="a"), make_episode(env="b"), make_error(env="c")]
    found = headline(make_plan(1, envs=("a", "b", "c")), outcomes)
    assert "mean of 2 envs of 3" in str(found)
    assert found.bounds == pytest.approx((2 / 3, 1))
    assert "mean of 1 env of 2" in str(headline(make_plan(1, envs=("a", "c")), [outcomes[0], outcomes[2]]))


def penalised(task, reward):
    """An episode whose verdict could take a quarter off."""
    parts = {
        "correct": {"score": max(0.0, reward), "weight": 1.0, "kind": "correct"},
        "overlong": {"score": 0.0, "weight": -0.25, "kind": "penalty"},
    }
    verdict = {"reward": reward, "status": "ok", "reason": "", "parts": parts, "details": {}}
    return make_episode(task, reward=reward, verdict=verdict)


def test_errors_count_as_the_worst_and_best_there_is():
    """What verdicts could give at least and at most is read off their weights."""
    found = headline(make_plan(2), [penalised(0, 1.0), make_error(1)])
    assert found.bounds == pytest.approx((0.375, 1.0))
    assert str(found).endswith("if errors were -0.25 or 1")
    mixed = headline(make_plan(1, envs=("a", "llm/Math-v0")), [make_error(env="a"), penalised(0, 1.0)])
    assert str(mixed).endswith("if errors were as bad or as good as can be")


def test_a_run_that_watched_itself():
    """With a width to stop at, the interval is the one that allows for having looked, over tasks in order."""
    rewards = [float(task % 3 > 0) for task in range(90)]
    plan = make_plan(200, stop_when="ci<0.1 or n>=150")
    outcomes = [make_episode(task, reward=reward) for task, reward in enumerate(rewards)]
    sequence = ConfidenceSequence(0.1)
    for reward in rewards:
        sequence.add(reward)
    line = headline(plan, [*outcomes, make_episode(95, reward=1.0)])
    assert str(line).endswith("109 not played (stop when ci<0.1 or n>=150)")
    found = line.reward
    assert found.method == "always valid"
    assert (found.low, found.high) == (sequence.interval.low, sequence.interval.high)
    assert found.mean == pytest.approx(61 / 91)


def test_a_run_that_counted_tasks():
    """To stop at a number of tasks is no look at the figures: the usual interval holds."""
    found = headline(make_plan(200, stop_when="n>=2"), [make_episode(0), make_episode(1)])
    assert found.reward.method == "Wilson"


def test_written_down():
    """JSON has every figure of the line, and the line."""
    plain = headline(make_plan(2), [make_episode(0), make_error(1)]).to_dict()
    assert plain["bounds"] == [0.5, 1.0]
    assert (plain["planned"], plain["scored"], plain["errors"], plain["missing"]) == (2, 1, 1, 0)
    assert plain["headline"].startswith("mean 1.000")
    assert headline(make_plan(1), []).to_dict()["bounds"] is None
    assert math.isnan(headline(make_plan(1), []).reward.mean)
