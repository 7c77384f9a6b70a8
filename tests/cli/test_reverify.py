"""`llm-envs reverify`: what moved, and exit codes."""

from __future__ import annotations

import asyncio
import json

import pytest
from calling import run
from speakers import Speaker, gold

from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import Journal, read_records
from llm_envs.evals.plan import EnvPlan, Plan


@pytest.fixture
def folder(tmp_path):
    """Three right answers."""
    found = RunFolder.create(tmp_path / "run", Plan((EnvPlan("llm/Arithmetic-v0"),), "mock:gold", 3))
    asyncio.run(Engine(found, Speaker(gold)).run())
    return found


def with_other_verdicts(folder):
    """The same run, as if its verifier had found the first answer wrong, with a reason that a terminal would obey."""
    records = list(read_records(folder.journal))
    folder.journal.unlink()
    with Journal(folder.journal) as journal:
        for record in records:
            if record["kind"] == "episode" and record["task"] == 0:
                record.update(reward=0.0, correct=False)
                record["verdict"]["reason"] = "wrong\x1b[31m"
            journal.write(record)
    return folder


def test_nothing_moved(folder):
    """It says so, names the new folder, and exits with 0."""
    result = run("reverify", folder.path, "--fail-if-moved")
    assert result.exit_code == 0
    assert "mean reward 1.0000, now 1.0000 (+0.0000)\n0 moved" in result.output
    assert result.output.endswith(f"{folder.path}--reverified\n")


def test_what_moved_is_shown_with_both_reasons(folder):
    """The task, both rewards; control characters of a reason are not passed on."""
    result = run("reverify", with_other_verdicts(folder).path)
    assert result.exit_code == 0
    assert "llm/Arithmetic-v0/test/0/0 sample 0: 0, now 1" in result.output
    assert "then: wrong [31m" in result.output
    assert "\x1b" not in result.output


def test_a_moved_verdict_fails_where_it_must_not(folder):
    """Exit code 1."""
    assert run("reverify", with_other_verdicts(folder).path, "--fail-if-moved").exit_code == 1


def test_json_is_one_document(folder):
    """All figures and everything that moved."""
    found = json.loads(run("reverify", with_other_verdicts(folder).path, "--json").stdout)
    assert (found["checked"], found["diverged"], found["failed"]) == (3, 0, 0)
    assert found["mean_before"] == 2 / 3
    assert [(moved["task"], moved["before"], moved["after"]) for moved in found["moved"]] == [(0, 0.0, 1.0)]


def test_a_folder_that_is_taken_is_refused(folder, tmp_path):
    """Exit code 2, nothing touched."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("precious")
    result = run("reverify", folder.path, "--folder", tmp_path / "mine")
    assert result.exit_code == 2
    assert "--folder" in result.stderr
