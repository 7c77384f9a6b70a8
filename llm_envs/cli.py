"""The command line: `llm-envs`. Each command is a few lines over the library, and imports what it needs when it runs.

Exit codes: 0 fine, 1 something was checked and does not hold, 2 the request cannot be served (the message says why),
130 interrupted.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

import click

import llm_envs
from llm_envs.errors import LLMEnvsError
from llm_envs.registry import EnvRow, load_plugins, row, rows
from llm_envs.trainers.cli import demo, train

__all__ = ["main"]


class _Group(click.Group):
    """Shows the library's own errors as text, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LLMEnvsError as error:
            click.secho(f"{type(error).__name__}: {error}", fg="red", err=True)
            sys.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(llm_envs.__version__)
def main() -> None:
    """Gymnasium environments for LLM agents.

    \b
    llm-envs list                        what there is
    llm-envs info llm/Math-v0            the card of an env
    llm-envs check my_module:me/Add-v0   does my env conform?
    llm-envs doctor Qwen/Qwen3-0.6B      can this tokenizer's chat template be served?
    llm-envs demo                        a model that learns arithmetic, in minutes, on a CPU
    llm-envs train grpo --help           train a model of your own
    """
    sys.path.insert(0, "")  # so that `my_module:me/Add-v0` finds my_module.py in the current folder
    load_plugins()


@main.command("list")
def list_envs() -> None:
    """List the registered envs.

    \b
    llm-envs list
    """
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "what it is", "needs", box=None)
    for env_row in rows():
        table.add_row(env_row.id, _summary(env_row), ", ".join(env_row.extras) or "nothing")
    Console().print(table)


@main.command()
@click.argument("env_id")
def info(env_id: str) -> None:
    """Show the card of one env.

    \b
    llm-envs info llm/GuessNumber-v0
    """
    from rich.console import Console
    from rich.markdown import Markdown

    env_row = row(env_id)
    console = Console()
    console.print(Markdown(f"# {env_id}\n\n{inspect.getdoc(env_row.load()) or 'This env has no card.'}"))
    env = env_row.make()
    env.reset(seed=0)
    console.print(Markdown("## Task 0 of seed 0"))
    for message in env.task.messages:
        console.print(f"[dim]{message['role']}:[/dim] ", end="")
        console.print(message["content"], markup=False)
    env.close()


@main.command()
@click.argument("env_id")
def check(env_id: str) -> None:
    """Check that an env conforms: Gymnasium's rules, and ours.

    MODULE:ID imports the module first, from the current folder too.

    \b
    llm-envs check llm/Math-v0
    llm-envs check my_module:me/Add-v0
    """
    from llm_envs.testing import check_env

    row(env_id)
    try:
        check_env(env_id)
    except AssertionError as error:
        click.secho(str(error), fg="red", err=True)
        sys.exit(1)
    click.secho(f"{env_id} conforms", fg="green")


@main.command()
@click.argument("tokenizer")
def doctor(tokenizer: str) -> None:
    """Examine a tokenizer's chat template, and show how turns are cut.

    TOKENIZER is `bytes`, a local folder, or a Hub name.

    \b
    llm-envs doctor bytes
    llm-envs doctor Qwen/Qwen3-0.6B
    """
    from rich.console import Console

    from llm_envs.chat.doctor import report

    report(tokenizer, Console())


def _summary(env_row: EnvRow) -> str:
    try:
        return (inspect.getdoc(env_row.load()) or "").partition("\n")[0]
    except ImportError as error:
        return f"cannot be loaded: {error}"


main.add_command(train)
main.add_command(demo)
