"""Run folders: made, found again, and never mixed up."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from llm_envs.errors import BrokenRun, RunBusy, StorageFailed
from llm_envs.evals.folder import FORMAT, RunFolder, about_run, write_about
from llm_envs.evals.journal import Journal
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.evals.storage import write_whole

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


def test_what_a_killed_beginning_left_is_no_other_file(tmp_path):
    """A run that was killed, or found the disk full, in its very first write can begin again."""
    (tmp_path / ".run.json.new").write_text('{"form')
    (tmp_path / "journal.log").touch()
    assert RunFolder.create(tmp_path, PLAN).plan == PLAN
    assert not (tmp_path / ".run.json.new").exists()


def test_a_journal_whose_plan_is_lost_is_left_alone(tmp_path):
    """What was answered belongs to somebody."""
    (tmp_path / "journal.log").write_text("answers")
    with pytest.raises(BrokenRun, match="other files"):
        RunFolder.create(tmp_path, PLAN)


def test_a_write_that_fails_leaves_nothing_behind(tmp_path):
    """The folder stays as it was."""
    (tmp_path / "summary.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "summary.json", "{}")
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


def test_a_run_does_not_grow_while_another_process_plays_it(tmp_path):
    """That one keeps its plan, so that its own command goes on with it."""
    folder = RunFolder.create(tmp_path / "run", PLAN)
    with Journal(folder.journal), pytest.raises(RunBusy):
        RunFolder.create(tmp_path / "run", replace(PLAN, tasks=30))
    assert RunFolder.open(tmp_path / "run").plan == PLAN


def test_a_run_has_a_name_wherever_one_stands(tmp_path, monkeypatch):
    """Exports, reverifications and comparisons are called after it."""
    RunFolder.create(tmp_path / "run", PLAN)
    (tmp_path / "run" / "files").mkdir()
    for place, path in (("run", "."), ("run/files", "..")):
        monkeypatch.chdir(tmp_path / place)
        assert RunFolder.open(Path(path)).path.name == "run"


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
