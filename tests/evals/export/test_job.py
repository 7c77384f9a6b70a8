"""Exports: one call for every format, whole files or none, and errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc

import pytest
from runs import make_episode, make_error, make_plan, make_run

from llm_envs.errors import BadOption, BrokenRun, StorageFailed
from llm_envs.evals.export import FORMATS, Choice, export
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.reading import Reading


@pytest.fixture
def run(tmp_path):
    """Two tasks, a right and a wrong sample of each."""
    episodes = [make_episode(task, sample, reward=float(sample)) for task in range(2) for sample in range(2)]
    return make_run(tmp_path / "run", make_plan(tasks=2, samples=2), episodes)


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_has_a_place_of_its_own_in_the_run_folder(run, to):
    """Without a place given, the file stands in the run folder, and the run stays readable."""
    done = export(run, to)
    assert done.path == run.path / FORMATS[to].file(Reading(run))
    assert done.path.stat().st_size > 0
    assert len(list(RunFolder.open(run.path).outcomes())) == 4


@pytest.mark.parametrize("to", FORMATS)
def test_two_exports_of_a_run_are_equal(run, tmp_path, to):
    """What is written depends on the run and the choice alone."""
    first, second = (export(run, to, tmp_path / name).path.read_bytes() for name in ("a", "b"))
    assert first == second


@pytest.mark.parametrize("to", FORMATS)
def test_halves_of_characters_become_question_marks(tmp_path, to):
    """A lone surrogate, which models do say, is in no file that other tools have to read."""
    both = [make_episode(0, n, reward=float(n), text=f"{n} \ud800 é") for n in range(2)]
    path = export(make_run(tmp_path / "run", make_plan(tasks=1, samples=2), both), to).path
    text = path.read_bytes()
    assert b"\\ud800" not in text
    assert b"\xed\xa0\x80" not in text
    if to != "parquet":
        assert "1 ? é" in text.decode()


def test_an_unknown_format_is_told_from_a_known_one(run):
    """A mistyped name is answered with the one that was meant."""
    with pytest.raises(BadOption, match="Did you mean 'parquet'"):
        export(run, "parket")


def test_a_file_that_is_there_is_not_replaced_unless_forced(run, tmp_path):
    """The old file stays as it is; --force replaces it."""
    place = tmp_path / "mine.jsonl"
    place.write_text("precious")
    with pytest.raises(BadOption, match="--force"):
        export(run, "sft", place)
    assert place.read_text() == "precious"
    assert export(run, "sft", place, force=True).rows == 2
    assert "messages" in place.read_text()


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_is_never_replaced(run, tmp_path, force):
    """A folder in the file's place is named, forced or not."""
    with pytest.raises(BadOption, match="is a folder"):
        export(run, "sft", tmp_path, force=force)


def test_a_run_without_a_verdict_cannot_be_exported(tmp_path):
    """Errors alone are no episodes, and no file is left."""
    run = make_run(tmp_path / "run", make_plan(), [make_error(0), make_error(1)])
    for to in FORMATS:
        with pytest.raises(BrokenRun, match="no finished episode"):
            export(run, to)
    assert sorted(path.name for path in run.path.iterdir()) == ["journal.log", "run.json"]


@pytest.mark.parametrize("to", ["sft", "dpo"])
def test_an_empty_data_set_is_refused_with_the_reasons(tmp_path, to):
    """Where nothing is fit, the counts say why, and no file is left."""
    run = make_run(tmp_path / "run", make_plan(), [make_episode(n, reward=0.0) for n in range(4)])
    with pytest.raises(BadOption, match="4 ") as caught:
        export(run, to, tmp_path / "out.jsonl")
    assert caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_choice_is_checked():
    """A mistyped word is told."""
    with pytest.raises(BadOption, match="Did you mean 'one'"):
        Choice(per_task="onee")


_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from llm_envs.errors import StorageFailed
from llm_envs.evals.export import export
from llm_envs.evals.folder import RunFolder
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
try:
    export(RunFolder.open(Path(sys.argv[1])), sys.argv[2])
except StorageFailed as error:
    print(error)
"""


@pytest.mark.parametrize("to", FORMATS)
def test_a_full_disk_is_named_and_nothing_half_is_left(run, to):
    """What could not be written whole is not there at all."""
    code = [sys.executable, "-c", _ON_A_FULL_DISK, str(run.path), to]
    told = subprocess.run(code, capture_output=True, text=True, check=True).stdout
    assert "Make room" in told
    assert {path.name for path in run.path.rglob("*") if path.is_file()} == {"run.json", "journal.log"}


def test_a_place_that_cannot_be_written_is_named(run, tmp_path):
    """A file in the way of a folder is a typed error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageFailed, match="--out"):
        export(run, "sft", tmp_path / "file" / "out.jsonl")


@pytest.mark.parametrize("to", ["sft", "inspect", "verifiers", "parquet"])
def test_memory_does_not_grow_with_the_run(tmp_path, to):
    """Sixteen megabytes of text are exported with a quarter of that."""
    episodes = (make_episode(n, text=f"{n}" + "x" * 40_000) for n in range(400))
    run = make_run(tmp_path / "run", make_plan(tasks=400), episodes)
    export(run, to)  # imports, and what they keep
    tracemalloc.start()
    try:
        export(run, to, force=True)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < (16 if to == "parquet" else 4) * 2**20


def test_a_training_run_without_a_plan_can_be_exported(tmp_path):
    """A folder that a trainer wrote has no plan; its episodes are as good."""
    run = make_run(tmp_path / "run", make_plan(), [make_episode(n, step=n, reward=float(n % 2)) for n in range(4)])
    about = {"format": 1, "kind": "training", "model": "tiny", "versions": {}}
    (run.path / "run.json").write_text(json.dumps(about))
    found = RunFolder.open(run.path)
    assert [export(found, to).rows for to in ("parquet", "sft", "inspect", "verifiers")] == [4, 2, 4, 4]
