"""`llm-envs report`: the file it writes, and what it says of it."""

from __future__ import annotations

import json

import pytest
from calling import run
from runs import make_episode, make_plan, make_run


@pytest.fixture
def folder(tmp_path):
    """A run of two tasks."""
    return make_run(tmp_path / "run", make_plan(2), [make_episode(0), make_episode(1, reward=0.0)]).path


def test_it_says_where_the_report_is(folder):
    """The path comes first, and exit code 0."""
    result = run("report", folder)
    assert result.exit_code == 0
    assert result.output.startswith(f"{folder / 'report.html'} (")
    assert (folder / "report.html").is_file()


def test_json_names_the_path(folder):
    """One document for programs; another run may stand beside it."""
    found = json.loads(run("report", folder, "--against", folder, "--json").stdout)
    assert found["path"] == str(folder / "report.html")
    assert 'id="against-index"' in (folder / "report.html").read_text(encoding="utf-8")


def test_a_folder_without_a_run_is_a_usage_error(tmp_path):
    """Exit code 2 and what to do."""
    result = run("report", tmp_path)
    assert result.exit_code == 2
    assert "holds no run" in result.stderr
