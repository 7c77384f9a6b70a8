"""The command line: what it prints, and the exit codes it keeps."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from llm_envs.cli import main


def run(*arguments):
    """One call of the command line, in this process."""
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize(
    "command", [[], ["list"], ["info"], ["check"], ["doctor"], ["train"], ["train", "grpo"], ["demo"]]
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


def test_info_shows_card_and_task():
    """`info` shows the class docstring and the first task."""
    output = run("info", "llm/GuessNumber-v0").output
    assert "Version history" in output
    assert "I think of a number" in output


def test_check_passes_a_conforming_env():
    """`check` says so, and exits with 0."""
    result = run("check", "llm/GuessNumber-v0")
    assert (result.exit_code, "conforms" in result.output) == (0, True)


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
        (["lst"], "No such command"),
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
