"""The command line: what it prints, and the exit codes it keeps."""

from __future__ import annotations

import subprocess
import sys

import pytest
from calling import run


@pytest.mark.parametrize(
    "command", [[], ["list"], ["info"], ["play"], ["check"], ["doctor"], ["train"], ["train", "grpo"], ["demo"]]
)
def test_help_teaches_by_example(command):
    """Every command's help shows a call of it."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert f"llm-envs {' '.join(command)}".strip() in result.output


def test_list_names_every_env():
    """`list` gives a line for each id."""
    output = run("list").output
    assert all(env_id in output for env_id in ("llm/Math-v0", "llm/Arithmetic-v0", "llm/GuessNumber-v0"))


def test_list_tells_ids_of_one_class_apart():
    """An id's own defaults stand behind the card's first line."""
    assert "topics='geometry'" in " ".join(run("list").output.split())


def test_info_shows_card_and_task():
    """`info` shows the class docstring and the first task."""
    output = run("info", "llm/GuessNumber-v0").output
    assert "Version history" in output
    assert "I think of a number" in output


def test_check_passes_a_conforming_env():
    """`check` says so, and exits with 0."""
    result = run("check", "llm/GuessNumber-v0")
    assert (result.exit_code, "conforms" in result.output) == (0, True)


def test_play_takes_replies_from_a_pipe():
    """One a line; they are shown, judged and counted, and the end of the pipe ends it with 0."""
    result = run(
        "play", "llm/Math-v0", "--topic", "divisibility", "--difficulty", "0", "--seed", "3", stdin="-1\n:quit\n"
    )
    assert result.exit_code == 0, result.output
    assert "> -1\n✗ -1 is not" in result.output
    assert result.output.endswith("0 of 1 right, reward 0\n")
    assert run("play", "llm/Math-v0").exit_code == 0


def test_play_can_be_repeated():
    """A seed gives the same tasks again; without one they differ, and the seed is told."""
    same, again = (run("play", "llm/Math-v0", "--seed", "5").output for _ in range(2))
    assert same == again
    assert "seed 5" in same
    assert len({run("play", "llm/Math-v0").output for _ in range(3)}) > 1


def test_play_sets_any_argument(tmp_path):
    """`--set` reads JSON where it is JSON, and text elsewhere."""
    data = tmp_path / "mine.jsonl"
    data.write_text('{"q": "What is 2 + 3?", "a": 5}\n')
    options = (f"path={data}", "question=q", "answer=a", "whole=true", 'rubric={"format": 0.1}')
    settings = [part for option in options for part in ("--set", option)]
    result = run("play", "llm/MathData-v0", *settings, stdin="5\n")
    assert "What is 2 + 3?" in result.output
    assert "correct 1 x 0.9, format 0 x 0.1" in result.output


def test_play_takes_bytes_of_any_encoding():
    """What cannot be decoded is a wrong reply, not a crash."""
    result = run("play", "llm/Arithmetic-v0", "--seed", "1", stdin=b"\xff\xfe\n")
    assert (result.exit_code, "0 of 1 right" in result.output) == (0, True)


def test_doctor_reads_the_byte_tokenizer():
    """`doctor bytes` works without any extra's download."""
    result = run("doctor", "bytes")
    assert result.exit_code == 0, result.output
    assert "258" in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["info", "llm/Mth-v0"], "Did you mean 'llm/Math-v0'"),
        (["check", "llm/Mth-v0"], "Did you mean 'llm/Math-v0'"),
        (["doctor", "/no/such/tokenizer"], "UnknownTokenizer"),
        (["lst"], "Did you mean 'list'"),
        (["play", "llm/Mth-v0"], "Did you mean 'llm/Math-v0'"),
        (["play", "llm/GuessNumber-v0", "--topic", "calculus"], "unknown argument 'topics'"),
        (["play", "llm/Math-v0", "--split", "tset"], "Did you mean 'test'"),
        (["play", "llm/Math-v0", "--difficulty", "9"], "from 0 to 5"),
        (["play", "llm/Math-v0", "--set", "rubric"], "'rubric' is not NAME=VALUE"),
    ],
)
def test_what_cannot_be_served_exits_with_2(arguments, says):
    """A wrong request exits with 2, and says what to do, without a traceback."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert says in result.output
    assert "Traceback" not in result.output


def test_the_installed_command_runs():
    """`python -m llm_envs` is the same command line, and its help loads neither torch nor transformers."""
    code = (
        "import atexit, runpy, sys\n"
        "atexit.register(lambda: print(*{'torch', 'transformers', 'sympy'} & sys.modules.keys(), file=sys.stderr))\n"
        "sys.argv = ['llm-envs', '--help']\n"
        "runpy.run_module('llm_envs', run_name='__main__')\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr.strip()) == (0, "")
    assert "llm-envs list" in result.stdout
