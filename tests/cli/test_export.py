"""`llm-envs export`: formats, choices, errors with exit code 2, and JSON."""

from __future__ import annotations

import json

import pytest
from calling import run
from runs import make_episode, make_plan, make_run


@pytest.fixture
def folder(tmp_path):
    """Two tasks, a right and a wrong sample of each."""
    episodes = [make_episode(task, sample, reward=float(sample)) for task in range(2) for sample in range(2)]
    return make_run(tmp_path / "run", make_plan(tasks=2, samples=2), episodes).path


def test_it_says_what_it_wrote_and_left_out(folder):
    """Rows, the place, and reasons."""
    result = run("export", folder, "--to", "sft")
    assert result.exit_code == 0
    assert result.output == f"2 rows in {folder / 'sft.jsonl'}\nleft out: 2 reward below 1\n"


def test_choices_are_passed_on(folder, tmp_path):
    """A lower threshold, one of each task, another place."""
    out = tmp_path / "data" / "my.jsonl"
    options = ["--min-reward", "0", "--per-task", "one", "--seed", "3", "--out", out, "--json"]
    found = json.loads(run("export", folder, "--to", "sft", *options).stdout)
    assert found == {"path": str(out), "rows": 2, "left_out": {"not the one of its task": 2}}
    assert out.is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "parkett"], "Did you mean 'parquet'"),
        (["--to", "parquet", "--min-reward", "0.5"], "Leave --min-reward out"),
        (["--to", "dpo", "--min-reward", "0.5"], "--min-reward with sft alone"),
        (["--to", "sft", "--per-task", "two"], "all or one"),
    ],
)
def test_what_cannot_be_served_exits_with_2(folder, arguments, said):
    """The message says what is wrong and what to do."""
    result = run("export", folder, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_folder_that_is_no_run_is_told(tmp_path):
    """Exit code 2, and what a run is."""
    result = run("export", tmp_path, "--to", "sft")
    assert result.exit_code == 2
    assert "holds no run" in result.stderr


def test_a_second_export_needs_force(folder):
    """The file of the first stays unless told otherwise."""
    assert [run("export", folder, "--to", "dpo", *more).exit_code for more in ([], [], ["--force"])] == [0, 2, 0]
