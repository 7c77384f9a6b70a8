"""`llm-envs compare`: what it prints, and its exit codes."""

from __future__ import annotations

import json

import pytest
from calling import run
from runs import make_episode, make_plan, make_run


@pytest.fixture
def folders(tmp_path):
    """A run, and one that is worse in 12 of 20 tasks."""
    for name, wrong in (("good", 0), ("bad", 12)):
        episodes = [make_episode(task, reward=float(task >= wrong)) for task in range(20)]
        make_run(tmp_path / name, make_plan(20, model=name), episodes)
    return tmp_path / "good", tmp_path / "bad"


def test_the_sentence_comes_last(folders):
    """A person reads the flips, the table, and what may be quoted."""
    result = run("compare", *folders)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("bad does worse than good: 0.400 against 1.000")


def test_json(folders):
    """One document, and nothing beside it."""
    plain = json.loads(run("compare", *folders, "--json").stdout)
    assert (plain["worse"], len(plain["envs"][0]["flips"]["fell"])) == (True, 12)


@pytest.mark.parametrize(
    ("condition", "code", "reverse"),
    [("worse", 1, 0), ("drop>0.5", 1, 0), ("drop > 0.7", 0, 0), ("better", 2, 2), ("drop>", 2, 2)],
)
def test_thresholds(folders, condition, code, reverse):
    """1 where the second run is worse, or has dropped by more; 2 where the condition cannot be read."""
    assert run("compare", *folders, "--fail-if", condition).exit_code == code
    assert run("compare", *reversed(folders), "--fail-if", condition).exit_code == reverse


def test_no_run(tmp_path):
    """A folder without a run is named, with what to do."""
    result = run("compare", tmp_path, tmp_path)
    assert result.exit_code == 2
    assert "holds no run" in result.stderr
