"""The command line as a whole: its help, its errors, and the exit codes it keeps."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest
from calling import run

from llm_envs.cli import COMMANDS
from llm_envs.errors import SandboxUnavailable


@pytest.mark.parametrize("command", [[], ["train", "grpo"], *([name] for name in COMMANDS)], ids=" ".join)
def test_help_teaches_by_example(command):
    """Every command's help shows a call of it."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert f"llm-envs {' '.join(command)}".strip() in result.output


def test_errors_do_not_drive_the_terminal():
    """Whatever they repeat."""
    result = run("info", "llm/\x1b]0;title\x07Math-v0")
    assert result.exit_code == 2
    assert "\x1b" not in result.output
    assert "\N{SYMBOL FOR ESCAPE}]0;title" in result.output


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


@pytest.mark.parametrize("arguments", [[], ["--help"], ["list", "--help"], ["lits"], ["--version"]])
def test_no_plugin_is_loaded_for_help(monkeypatch, arguments):
    """Help takes no longer for what is installed beside the suite."""
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: pytest.fail("plug-ins were looked for"))
    assert "Usage" in run(*arguments).output or arguments == ["--version"]


def test_every_command_is_where_the_table_says():
    """Each row's module and attribute exist, and the attribute is a command of the row's name."""
    for name, row in COMMANDS.items():
        module, _, attribute = row.target.partition(":")
        assert getattr(importlib.import_module(module), attribute).name == name


PRINTING = [["train", "grpo"], ["train", "sft"], *([n] for n in COMMANDS if n not in {"train", "serve-mcp"})]


@pytest.mark.parametrize("command", PRINTING)
def test_every_command_can_print_json(command):
    """`--json` is everywhere but where all of standard output is a protocol's."""
    assert "--json" in run(*command, "--help").stdout


def test_the_main_help_names_every_command_and_exit_code():
    """One example of each."""
    shown = run("--help").stdout
    assert all(f"llm-envs {row.example}  " in shown for row in COMMANDS.values())
    assert all(f"\n    {code:<3}  " in shown for code in (0, 1, 2, 3, 130))


@pytest.mark.parametrize("arguments", [["list"], ["info", "llm/Maze-v0"], ["check", "llm/GuessNumber-v0"]])
def test_a_terminal_without_ticks_is_served(arguments):
    """Characters that an encoding lacks are replaced; nothing breaks."""
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "llm_envs", *arguments]
    result = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def test_infrastructure_has_an_exit_code_of_its_own(monkeypatch):
    """What failed around the request, not in it, exits with 3."""
    monkeypatch.setattr("llm_envs.cli.info.row", raising(SandboxUnavailable("no engine answers")))
    result = run("info", "llm/Math-v0")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "no engine answers" in result.stderr


def test_ctrl_c_exits_with_130(monkeypatch):
    """Without a traceback."""
    monkeypatch.setattr("llm_envs.cli.info.row", raising(KeyboardInterrupt()))
    assert run("info", "llm/Math-v0").exit_code == 130


def raising(error):
    """A function that raises it."""

    def function(*arguments):
        raise error

    return function


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
