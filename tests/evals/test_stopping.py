"""When a run may end early: how that is written, and that the order of arrival does not matter."""

from __future__ import annotations

import random

import pytest
from runs import make_episode, make_error, make_plan

from llm_envs.errors import BadOption
from llm_envs.evals.stopping import Stopper, StopWhen

WRITTEN = {
    "ci<0.02": (0.02, None),
    " ci < .5 ": (0.5, None),
    "n>=2000": (None, 2000),
    "ci<0.02 or n>=2000": (0.02, 2000),
    "n >= 5 or ci<1": (1.0, 5),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_conditions(text):
    """Either part, or both joined by `or`; spaces do not matter."""
    condition = StopWhen.parse(text)
    assert (condition.half_width, condition.tasks) == WRITTEN[text]


@pytest.mark.parametrize(
    "text",
    ["", "ci", "ci<", "ci>0.02", "ci<0", "n>=0", "n>2000", "ci<0.1 and n>=5", "ci<1 or ci<2", "mean>0.8", "cin>=1"],
)
def test_what_is_no_condition(text):
    """It is refused, and one that would do is shown."""
    with pytest.raises(BadOption, match=r"ci<0\.02 or n>=2000"):
        StopWhen.parse(text)


def told(stopper, outcomes):
    """After how many outcomes the stopper has enough."""
    return next((place for place, outcome in enumerate(outcomes, 1) if stopper(outcome)), None)


def test_a_number_of_tasks():
    """It is enough when so many tasks are over in every env, by all their samples, errors included."""
    plan = make_plan(10, 2, ("a", "b"))
    outcomes = [make_episode(a.task, a.sample, env=a.env) for a in plan.attempts()]
    outcomes[5] = make_error(1, 1, "a")
    assert told(Stopper(plan, StopWhen.parse("n>=3")), outcomes) == 12


def test_a_width():
    """It is enough when the mean is known well enough, sooner for rewards that vary less."""
    plan = make_plan(3_000)
    enough = [
        told(
            Stopper(plan, StopWhen.parse("ci<0.05")),
            [make_episode(task, reward=float(task % 10 < rate)) for task in range(3_000)],
        )
        for rate in (5, 9)
    ]
    assert 100 < enough[1] < enough[0] < 1_000


def test_the_order_of_arrival_does_not_matter():
    """Only tasks of which all before them are over count: the mean of those that were quick is no mean of all."""
    plan = make_plan(200)
    outcomes = [make_episode(task, reward=float(task % 2)) for task in range(200)]
    in_order = Stopper(plan, StopWhen.parse("ci<0.0001"))
    told(in_order, outcomes)
    shuffled = Stopper(plan, StopWhen.parse("ci<0.0001"))
    told(shuffled, random.Random(0).sample(outcomes, 200))
    assert shuffled.interval == in_order.interval
    quick = Stopper(plan, StopWhen.parse("ci<0.4"))
    assert told(quick, outcomes[1::2]) is None
    assert quick.interval.n == 0


def test_one_value_a_task_number():
    """The mean over envs of the mean over samples; a number that lost an env altogether has none."""
    plan = make_plan(2, 2, ("a", "b"))
    stopper = Stopper(plan, StopWhen.parse("ci<0.01"))
    rewards = {("a", 0): 1.0, ("a", 1): 0.0, ("b", 0): 1.0}
    told(stopper, [make_episode(0, sample, reward, env=env) for (env, sample), reward in rewards.items()])
    told(stopper, [make_error(0, 1, "b"), make_error(1, 0, "a"), make_error(1, 1, "a")])
    told(stopper, [make_episode(1, sample, env="b") for sample in range(2)])
    assert (stopper.interval.n, stopper.interval.mean) == (1, 0.75)


def test_other_ranges():
    """The width is in units of the reward."""
    plan = make_plan(2_000)
    wide = [make_episode(task, reward=float(task % 2 * 20 - 10)) for task in range(2_000)]
    narrow = [make_episode(task, reward=float(task % 2)) for task in range(2_000)]
    condition = StopWhen.parse("ci<2.004"), StopWhen.parse("ci<0.1002")
    assert told(Stopper(plan, condition[0], (-10, 10)), wide) == told(Stopper(plan, condition[1]), narrow)
