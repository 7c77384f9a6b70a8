"""Run folders: made, found again, and never mixed up."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from llm_envs.errors import BrokenRun, StorageFailed
from llm_envs.evals.folder import FORMAT, RunFolder, about_run, write_about
from llm_envs.evals.plan import EnvPlan, Plan

PLAN = Plan((EnvPlan("llm/Arithmetic-v0"),), "mock:gold", tasks=3, samples=2)


def test_the_same_plan_finds_its_folder_again(tmp_path):
    """Creating is opening, where the plan is the same."""
    RunFolder.create(tmp_path / "run", PLAN)
    assert RunFolder.create(tmp_path / "run", PLAN).plan == PLAN
    assert RunFolder.open(tmp_path / "run").plan == PLAN


def test_a_run_may_grow(tmp_path):
    """More tasks or samples belong to the same run; fewer would leave episodes without a plan."""
    RunFolder.create(tmp_path / "run", PLAN)
    RunFolder.create(tmp_path / "run", replace(PLAN, tasks=30, samples=4))
    assert RunFolder.open(tmp_path / "run").plan.tasks == 30
    with pytest.raises(BrokenRun, match="larger run"):
        RunFolder.create(tmp_path / "run", PLAN)


def test_another_plan_is_turned_away_with_what_differs(tmp_path):
    """Nothing of the run that is there is touched."""
    RunFolder.create(tmp_path / "run", PLAN)
    with pytest.raises(BrokenRun, match="seed: 0, not 1"):
        RunFolder.create(tmp_path / "run", replace(PLAN, seed=1))
    assert RunFolder.open(tmp_path / "run").plan == PLAN


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    """Other files are not covered by a run's."""
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(BrokenRun, match="other files"):
        RunFolder.create(tmp_path, PLAN)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_newer_format_is_not_guessed_at(tmp_path):
    """It says which version wrote it, and what to do."""
    (tmp_path / "run.json").write_text(json.dumps({"format": FORMAT + 1, "versions": {"llm-envs": "9.0"}}))
    for act in (RunFolder.open, lambda path: RunFolder.create(path, PLAN)):
        with pytest.raises(BrokenRun, match=r"by llm-envs 9\.0") as caught:
            act(tmp_path)
        assert "Update llm-envs" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", "3", '{"format": "one"}', "\x00"])
def test_a_broken_run_json_is_named(tmp_path, text):
    """Not a KeyError."""
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(BrokenRun, match=r"run\.json is damaged"):
        RunFolder.open(tmp_path)


def test_a_missing_folder_holds_no_run(tmp_path):
    """Opening makes nothing."""
    with pytest.raises(BrokenRun, match="holds no run"):
        RunFolder.open(tmp_path / "missing")
    assert not (tmp_path / "missing").exists()


def test_a_place_where_no_folder_can_be_is_named(tmp_path):
    """A file is in the way."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageFailed, match="cannot be made a run folder"):
        RunFolder.create(tmp_path / "file", PLAN)
    with pytest.raises(StorageFailed, match="cannot be made a run folder"):
        RunFolder.create(tmp_path / "file" / "run", PLAN)


def test_a_training_run_has_no_plan(tmp_path):
    """It says what may be done with it instead."""
    write_about(tmp_path, about_run("training"))
    with pytest.raises(BrokenRun, match="llm-envs view"):
        RunFolder.open(tmp_path).plan  # noqa: B018 (reading it is what is refused)
