"""A sitting from the plan to the figures, with a rule to stop by."""

from __future__ import annotations

import pytest

import llm_envs
from llm_envs.errors import BadOption
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models import make_model
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.evals.sitting import evaluate
from llm_envs.types import Part, Task, Verdict


@llm_envs.register("test/Swing-v0")
class Swing(llm_envs.SingleTurnEnv):
    """A right word is worth 10, any other costs 10."""

    reward_range = (-10.0, 10.0)

    def sample(self, rng):
        """Heads or tails."""
        return Task(prompt=f"Heads or tails? Toss {rng.integers(10**9)}", answer=rng.choice(["heads", "tails"]))

    def verify(self, task, reply):
        """One part that pays, one that costs twice as much."""
        return Verdict((Part("correct", 1.0, 10.0), Part("wrong", reply != task.answer, -20.0, "penalty")))

    def demonstrate(self, task):
        """Says it."""
        return [task.answer]


def watched(path, condition, model="mock:noisy(0.5)", **more):
    """The sitting of a run that may stop."""
    plan = Plan((EnvPlan("test/Swing-v0"),), model, tasks=3_000, stop_when=condition, **more)
    return evaluate(plan, path, make_model(model))


def test_it_stops_by_a_width_in_units_of_the_reward(tmp_path):
    """The interval is the one that may be watched, in the range of the env's rewards, and as narrow as was asked."""
    sitting = watched(tmp_path / "run", "ci<2.5")
    reward = sitting.summary.headline.reward
    assert 50 < reward.n < 2_000
    assert reward.method == "always valid"
    assert reward.half_width < 2.5
    assert not sitting.complete
    assert RunFolder.open(tmp_path / "run").plan.stop_when == "ci<2.5"


def test_it_goes_on_by_another_rule(tmp_path):
    """The same plan without a rule, or with another, is the same run."""
    first = watched(tmp_path / "run", "n>=20").summary.headline
    second = watched(tmp_path / "run", "n>=200").summary.headline
    assert 20 <= first.scored < 200 <= second.scored < 3_000
    assert second.reward.method == "Wilson"


def test_a_rule_that_is_none_makes_no_folder(tmp_path):
    """It is refused before anything is done."""
    with pytest.raises(BadOption, match="no condition"):
        watched(tmp_path / "run", "soon")
    assert not (tmp_path / "run").exists()
