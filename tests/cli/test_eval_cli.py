"""`llm-envs eval`, as people type it: figures, exit codes, and going on where it stopped."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from worlds import PATIENCE_S

from llm_envs.cli import main

SUM = "llm/Arithmetic-v0"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Runs are kept below the current folder."""
    monkeypatch.chdir(tmp_path)


def call(*arguments):
    """The command's result."""
    return CliRunner().invoke(main, ["eval", *map(str, arguments)])


def figures(*arguments):
    """What `--json` prints, which must be all of stdout."""
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_headline_comes_first_and_the_folder_last(tmp_path):
    """A person sees mean, interval, counts, and where everything is."""
    result = call(SUM, "--model", "mock:gold", "-n", 12)
    assert result.exit_code == 0, result.output
    first, *_, last = result.stdout.strip().splitlines()
    assert first.startswith("mean 1.000 [")
    assert "12 scored of 12 planned, 0 errors" in first
    assert last.startswith("played turn by turn, kept in runs/llm-Arithmetic-v0-mock-gold--")
    assert (tmp_path / last.rpartition(": ")[2]).is_file()


def test_json_is_one_document_with_the_plan_and_the_figures():
    """Nothing beside it goes to stdout."""
    found = figures(SUM, "llm/GuessNumber-v0", "--model", "mock:noisy(0.5)", "-n", 6, "-k", 2, "--difficulty", 1)
    assert (found["planned"], found["scored"], found["errors"]) == (24, 24, 0)
    assert found["plan"]["envs"][0]["options"] == {"difficulty": 1}
    assert {env["label"] for env in found["envs"]} == {SUM, "llm/GuessNumber-v0"}


def test_the_same_command_plays_nothing_twice_and_a_larger_one_adds(tmp_path):
    """The folder follows from the plan; growing keeps what is there."""
    first = figures(SUM, "--model", "mock:noisy(0.5)", "-n", 10)
    journal = tmp_path / first["folder"] / "journal.log"
    replies = journal.read_text().count('"reply"')
    again = figures(SUM, "--model", "mock:noisy(0.5)", "-n", 10)
    assert again["reward"] == first["reward"]
    assert journal.read_text().count('"reply"') == replies == 10
    larger = figures(SUM, "--model", "mock:noisy(0.5)", "-n", 25)
    assert larger["folder"] == first["folder"]
    assert journal.read_text().count('"reply"') == 25


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([SUM, "--model", "mock:noop", "-n", 3, "--fail-below", 0.5], 1, "below --fail-below 0.5"),
        ([SUM, "--model", "mock:gold", "-n", 3, "--fail-below", 0.5], 0, "mean 1.000"),
        (["llm/Arithmetik-v0", "--model", "mock:gold"], 2, "Did you mean 'llm/Arithmetic-v0'"),
        ([SUM, "--model", "mock:golden"], 2, "mock:gold"),
        ([SUM, "--model", "mok:gold"], 2, "Did you mean"),
        ([SUM, "--model", "mock:gold", "--difficulty", 99], 2, "difficulty"),
        ([SUM, "--model", "mock:gold", "--split", "tset"], 2, "Did you mean 'test'"),
        ([SUM, "--model", "mock:gold", "--set", "colour"], 2, "NAME=VALUE"),
        ([SUM, "--model", "mock:gold", "--set", "colour=1"], 2, "unknown argument 'colour'"),
        ([SUM, SUM, "--model", "mock:gold"], 2, "labels of their own"),
        ([SUM, "--model", "mock:gold", "--stop-when", "now"], 2, "ci<0.02"),
        ([SUM, "--model", "mock:gold", "--limit", "sandboxes=1"], 2, "Did you mean 'sandbox'"),
        ([SUM, "--model", "mock:gold", "--concurrency", 0], 2, "0 is not in the range x>=1"),
        ([SUM, "--model", "mock:gold", "--temperature", -1], 2, "-1.0 is not in the range"),
        ([SUM, "--model", "mock:gold", "--timeout", 0], 2, "0.0 is not in the range x>0"),
        ([SUM, "--model", "mock:gold", "--max-errors", 5], 2, "5.0 is not in the range 0<=x<=1"),
        ([SUM, "--model", "mock:gold", "--price", -1, 2], 2, "-1.0 is not in the range"),
        ([SUM, "--model", "gpt-4"], 2, "https://HOST/v1#gpt-4"),
        ([SUM, "--model", "localhost:8000/v1#mine"], 2, "http:// or https://"),
        ([SUM], 2, "--model"),
        (["--model", "mock:gold"], 2, "ENV_ID"),
    ],
)
def test_exit_codes_and_what_is_said(arguments, code, said):
    """Each mistake says what was expected and what to do."""
    result = call(*arguments)
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert "Traceback" not in result.output


def test_a_mistake_leaves_no_folder_behind(tmp_path):
    """An env or a model that does not exist makes no run."""
    call("llm/Arithmetik-v0", "--model", "mock:gold")
    call(SUM, "--model", "mock:golden")
    assert not (tmp_path / "runs").exists()


def test_only_answers_that_are_kept_are_spoken_of():
    """A mistake in the command is no reason to give it again."""
    assert call(SUM, "--model", "mock:gold", "-n", 3, "--folder", "mine").exit_code == 0
    result = call(SUM, "--model", "mock:gold", "-n", 2, "--folder", "mine")
    assert result.exit_code == 2
    assert "goes on" not in result.stderr


def test_a_person_who_leaves_has_interrupted_the_run():
    """Nothing has failed: the exit code is that of Ctrl-C, and what was answered is kept."""
    arguments = ["eval", SUM, "--model", "human", "-n", "3"]
    result = CliRunner().invoke(main, arguments, input="5\n:quit\n")
    assert result.exit_code == 130
    assert "the same command goes on from there" in result.stderr
    assert "Outage" not in result.output


def test_a_folder_of_another_run_is_left_alone():
    """It says in what the plans differ."""
    assert call(SUM, "--model", "mock:gold", "-n", 3, "--folder", "mine").exit_code == 0
    result = call(SUM, "--model", "mock:noop", "-n", 3, "--folder", "mine")
    assert result.exit_code == 2
    assert "model: 'mock:gold', not 'mock:noop'" in result.output


def test_too_many_errors_of_infrastructure_are_exit_code_3(tmp_path):
    """They are no zeros: the mean is of what was scored, with bounds."""
    (tmp_path / "half.py").write_text(
        "def answer(messages):\n    if '+' in messages[-1]['content']:\n        raise ConnectionError('gone')\n"
        "    return 'none'\n"
    )
    result = call(SUM, "--model", "python:half:answer", "-n", 20)
    assert result.exit_code == 3, result.output
    assert "if errors were 0 or 1" in result.output
    assert "tries them again" in result.output
    assert call(SUM, "--model", "python:half:answer", "-n", 20, "--max-errors", 1).exit_code == 0


def test_answers_are_shared_by_runs_through_a_cache(tmp_path):
    """A second run of other folders hears what the first has heard."""
    (tmp_path / "once.py").write_text(
        "from pathlib import Path\n\ndef answer(messages):\n    with Path('asked').open('a') as file:\n"
        "        file.write('x')\n    return 'none'\n"
    )
    for folder in ("one", "two"):
        found = figures(SUM, "--model", "python:once:answer", "-n", 8, "--cache", "answers.db", "--folder", folder)
        assert found["scored"] == 8
    assert (tmp_path / "asked").read_text() == "x" * 8
    assert found["timing"]["cached"] == 8


def test_a_tokenizer_is_part_of_the_plan():
    """Turn by turn and token by token are two runs."""
    turns = figures(SUM, "--model", "mock:gold", "-n", 3)
    tokens = figures(SUM, "--model", "mock:gold", "-n", 3, "--tokenizer", "bytes")
    assert turns["folder"] != tokens["folder"]
    assert turns["level"] == "turn"


def test_a_run_stops_early_by_rule():
    """The interval is one that may be watched."""
    found = figures(SUM, "--model", "mock:gold", "-n", 5000, "--stop-when", "ci<0.1", "--concurrency", 4)
    assert 10 <= found["scored"] < 200
    assert found["reward"]["method"] == "always valid"


def test_a_full_disk_stops_the_run_and_room_lets_it_go_on(tmp_path):
    """What fitted is kept; the same command plays what is left."""
    command = [sys.executable, "-m", "llm_envs", "eval", SUM, "--model", "mock:gold", "-n", "200", "--folder", "run"]

    def little_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, resource.RLIM_INFINITY))

    full = subprocess.run(command, cwd=tmp_path, preexec_fn=little_room, capture_output=True, text=True, check=False)
    assert full.returncode == 2, full.stderr
    assert "Make room" in full.stderr
    assert "the same command goes on from there" in full.stderr
    kept = (tmp_path / "run" / "journal.log").read_text()
    assert 0 < kept.count('"episode"') < 200
    assert kept.endswith("\n")
    assert subprocess.run([*command, "--json"], cwd=tmp_path, capture_output=True, check=False).returncode == 0
    whole = (tmp_path / "run" / "journal.log").read_text()
    assert whole.startswith(kept)
    assert whole.count('"reply"') == whole.count('"episode"') == 200


@pytest.mark.slow
def test_ctrl_c_stops_in_good_order_and_the_same_command_goes_on(tmp_path):
    """Exit code 130, figures of what is there, and nothing is asked again."""
    command = [sys.executable, "-m", "llm_envs", "eval", SUM, "--model", "mock:noisy(0.7)", "-n", "20000", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + PATIENCE_S
        while not any(path.stat().st_size for path in tmp_path.glob("runs/*/journal.log")):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        told, complaint = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, complaint
    found = json.loads(told)
    assert 0 < found["scored"] < 20000
    assert "goes on from here" in complaint
    (journal,) = tmp_path.glob("runs/*/journal.log")
    assert journal.read_text().count('"reply"') == found["scored"]
