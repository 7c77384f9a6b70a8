"""The command line: `llm-envs`. Each command is a few lines over the library, and imports what it needs when it runs.

Exit codes: 0 fine, 1 something was checked and does not hold, 2 the request cannot be served (the message says why),
130 interrupted.
"""

from __future__ import annotations

import inspect
import io
import json
import secrets
import sys
from contextlib import suppress
from typing import Any

import click

import llm_envs
from llm_envs.errors import LLMEnvsError
from llm_envs.registry import EnvRow, load_plugins, row, rows
from llm_envs.trainers.cli import INTERRUPTED, demo, train

__all__ = ["main"]

_SEEDS = 1_000_000
"""A person can type any seed below again."""


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
    llm-envs play llm/Math-v0            solve its tasks yourself
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
@click.option("--difficulty", type=int, help="One of the env's levels.  [the env mixes them]")
@click.option("--topic", "topics", multiple=True, metavar="NAME", help="Of a maths env; may be given several times.")
@click.option("--split", default="train", show_default=True, help="train, validation or test.")
@click.option("--seed", type=click.IntRange(min=0), help="Which tasks, in which order.  [another one each time]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other argument of the env.")
def play(env_id: str, difficulty: int | None, topics: tuple[str, ...], settings: tuple[str, ...], **given: Any) -> None:
    """Solve tasks yourself, and see what the verifier says.

    \b
    llm-envs play llm/Math-v0
    llm-envs play llm/Math-v0 --topic calculus --difficulty 3 --split test
    llm-envs play llm/GuessNumber-v0 --seed 7
    llm-envs play llm/MathData-v0 --set path=my_questions.jsonl --set whole=true

    A line is a reply; three double quotes open one of several lines, and close it. :next passes a task over, :solution
    gives it up and shows how it is solved, :last shows the one before, :quit stops, and so do Ctrl-D and Ctrl-C.

    Where the prompt asks for \\boxed{}, a bare answer such as 3/4 counts as if it were boxed.

    Replies may come through a pipe, one a line:

    \b
    printf '42\\n17\\n' | llm-envs play llm/Arithmetic-v0 --seed 0
    """
    from rich.console import Console

    from llm_envs.policies.human import Human

    with suppress(ImportError):  # not everywhere; where it is, `input` edits lines and remembers them
        import readline  # noqa: F401 (its import is its effect)

    options = {"topics": list(topics)} if topics else {}
    env = row(env_id).make(split=given["split"], difficulty=difficulty, **options, **dict(map(_setting, settings)))
    seed = secrets.randbelow(_SEEDS) if given["seed"] is None else given["seed"]
    console = Console()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what a pipe brings may be in any encoding, and gets a verdict
    human = Human(env, console, echo=not sys.stdin.isatty())
    try:
        human.play(seed)
    except KeyboardInterrupt:
        console.print()
        sys.exit(INTERRUPTED)
    finally:
        console.print(f"{human.score}", style="bold", highlight=False)
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


def _setting(text: str) -> tuple[str, Any]:
    """Name and value of an argument as it is written: JSON where it is JSON, else a text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--set")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _summary(env_row: EnvRow) -> str:
    """The first line of the card, and the row's own defaults: what tells ids of one class apart."""
    try:
        summary = (inspect.getdoc(env_row.load()) or "").partition("\n")[0]
    except ImportError as error:
        return f"cannot be loaded: {error}"
    return " ".join([summary, *(f"{name}={value!r}." for name, value in env_row.defaults.items())])


main.add_command(train)
main.add_command(demo)
