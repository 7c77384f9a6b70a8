"""One call of the command line, in this process."""

from __future__ import annotations

from click.testing import CliRunner

from llm_envs.cli import main


def run(*arguments, stdin=""):
    """The finished call: `exit_code`, `stdout`, `stderr`, and `output`, which is both."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin)
