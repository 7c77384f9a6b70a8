"""Plans: what is to be done, told apart by what could change a figure."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_envs.errors import BadOption, BrokenRun
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Attempt, Decoding

PLAN = Plan((EnvPlan("llm/Math-v0", {"difficulty": 2}), EnvPlan("llm/Maze-v0")), "mock:gold", tasks=3, samples=2)


def test_every_attempt_is_there_once_and_samples_of_a_task_stand_together():
    """Tasks in order, envs in turn."""
    attempts = list(PLAN.attempts())
    assert len(set(attempts)) == len(attempts) == PLAN.episodes == 12
    assert attempts[:3] == [Attempt("llm/Math-v0", 0, 0), Attempt("llm/Math-v0", 0, 1), Attempt("llm/Maze-v0", 0, 0)]


def test_a_plan_survives_json():
    """What is read is what was written."""
    assert Plan.from_dict(json.loads(json.dumps(PLAN.to_dict()))) == PLAN


@given(st.integers(1, 10**6), st.integers(1, 64))
def test_numbers_of_tasks_and_samples_do_not_change_the_folder(tasks, samples):
    """A run may grow in its folder."""
    grown = replace(PLAN, tasks=tasks, samples=samples)
    assert grown.name == PLAN.name
    assert not PLAN.differences(grown)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"split": "train"},
        {"model": "mock:noop"},
        {"decoding": Decoding(temperature=0.5)},
        {"envs": (EnvPlan("llm/Math-v0"), EnvPlan("llm/Maze-v0"))},
    ],
)
def test_whatever_changes_a_figure_changes_the_folder(change):
    """Another plan is named, and says in what it differs."""
    other = replace(PLAN, **change)
    assert other.name != PLAN.name
    assert [line.partition(":")[0] for line in PLAN.differences(other)] == list(change)


def test_names_are_fit_for_any_file_system():
    """Neither slashes nor colons, whatever the model is called, and not too long."""
    name = replace(PLAN, model="http://localhost:8000/v1#org/some model\n../../etc" + "x" * 500).name
    assert set(name) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")
    assert len(name) < 100
    assert not name.startswith(".")


def test_module_prefixes_are_no_part_of_a_label():
    """`my_module:me/Add-v0` is called me/Add-v0."""
    assert EnvPlan("my_module:me/Add-v0").label == "me/Add-v0"


@pytest.mark.parametrize("wrong", [{"tasks": 0}, {"samples": 0}, {"envs": ()}, {"envs": (EnvPlan("a/B-v0"),) * 2}])
def test_plans_without_sense_are_refused(wrong):
    """Nothing to do, or two envs under one label."""
    with pytest.raises(BadOption):
        replace(PLAN, **wrong)


@pytest.mark.parametrize("plain", [{}, {"envs": 3}, {"envs": [{"name": 1}]}, {**PLAN.to_dict(), "more": 1}])
def test_what_is_no_plan_is_refused(plain):
    """A typed error, not a KeyError."""
    with pytest.raises(BrokenRun, match="plan"):
        Plan.from_dict(plain)
