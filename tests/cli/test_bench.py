"""`llm-envs bench`: suites by name or file, run as `eval` runs."""

from __future__ import annotations

import json

import pytest
from calling import run

from llm_envs.evals.folder import RunFolder


def test_list_needs_no_model():
    """Every shipped suite with its size and what it measures; also as JSON."""
    assert run("bench", "--list").exit_code == 0
    found = {row["name"]: row for row in json.loads(run("bench", "--list", "--json").stdout)}
    assert found["quick"]["episodes"] == found["quick"]["envs"] * 16
    assert all(f"{name} " in run("bench", "--list").stdout for name in found)


def test_quick_is_run_by_name(tmp_path):
    """The run says whose it is, and the summary is printed."""
    result = run("bench", "quick", "-m", "mock:gold", "--folder", tmp_path / "run", "--no-report", "--json")
    assert result.exit_code == 0, result.output
    plan = RunFolder.open(tmp_path / "run").plan
    assert plan.suite == "quick@1"
    assert json.loads(result.stdout)["reward"]["mean"] == 1.0


def test_a_file_and_other_numbers(tmp_path):
    """A suite of one's own; a run with fewer tasks is not the suite's."""
    suite = tmp_path / "mine.toml"
    suite.write_text('name = "mine"\nversion = 2\ntasks = 50\n[[env]]\nid = "llm/Arithmetic-v0"\n')
    result = run("bench", suite, "-m", "mock:gold", "-n", "3", "--folder", tmp_path / "run", "--no-report")
    assert result.exit_code == 0, result.output
    plan = RunFolder.open(tmp_path / "run").plan
    assert (plan.suite, plan.tasks) == ("mine@2 changed", 3)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["quik", "-m", "mock:gold"], "Did you mean 'quick'"),
        (["quick"], "--model"),
        (["quick", "-m", "mock:gild"], "gold"),
        ([], "SUITE"),
    ],
)
def test_what_cannot_be_served_exits_with_2(arguments, said):
    """The message says what is wrong."""
    result = run("bench", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
