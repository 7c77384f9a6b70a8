"""The command line: `llm-envs`. Each command is a module of its own, loaded when it is called and not before.

A command is a row of `COMMANDS` and a `click` command named `command` in `cli/<name>.py`. Errors of the library are
shown as text on stderr; what a command finds goes to stdout, with `--json` as one document and nothing beside it.
"""

from __future__ import annotations

import importlib
import io
import sys
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import click

import llm_envs
from llm_envs.cli.exit_codes import INFRASTRUCTURE, INTERRUPTED, USAGE
from llm_envs.errors import InfrastructureError, LLMEnvsError, did_you_mean

__all__ = ["COMMANDS", "Row", "main"]

_HELP_OPTIONS = ("-h", "--help")
_EXAMPLE_WIDTH = 48
"""Longer examples have their explanation on the next line."""


class Row(NamedTuple):
    """One command.

    Args:
        target: `module:attribute`, a click command.
        what: a few words for the main help.
        example: the arguments of a call, for the main help.
        section: the heading that it stands under.
    """

    target: str
    what: str
    example: str
    section: str


_LOOK, _MEASURE, _TRAIN, _WRITE = "Look around", "Measure a model", "Train a model", "Write an env"

COMMANDS: dict[str, Row] = {
    "list": Row("llm_envs.cli.listing:command", "what there is", "list", _LOOK),
    "info": Row("llm_envs.cli.info:command", "the card of an env", "info llm/Math-v0", _LOOK),
    "play": Row("llm_envs.cli.play:command", "solve its tasks yourself", "play llm/Math-v0", _LOOK),
    "doctor": Row("llm_envs.cli.doctor:command", "what this machine has, and lacks", "doctor", _LOOK),
    "eval": Row("llm_envs.cli.eval:command", "how good is it?", "eval llm/Math-v0 --model SPEC -n 500", _MEASURE),
    "bench": Row("llm_envs.cli.bench:command", "the same, by a named list", "bench quick --model SPEC", _MEASURE),
    "compare": Row("llm_envs.cli.compare:command", "is it better?", "compare runs/A runs/B", _MEASURE),
    "reverify": Row("llm_envs.cli.reverify:command", "old replies, new verifier", "reverify runs/A", _MEASURE),
    "report": Row("llm_envs.cli.report:command", "a run as one HTML file", "report runs/A", _MEASURE),
    "view": Row("llm_envs.cli.view:command", "a run in the browser, live", "view runs/A", _MEASURE),
    "export": Row("llm_envs.cli.export:command", "a run as data", "export runs/A --to parquet", _MEASURE),
    "serve-mcp": Row(
        "llm_envs.cli.serve_mcp:command", "episodes for any MCP client", "serve-mcp llm/Shop-v0", _MEASURE
    ),
    "train": Row("llm_envs.trainers.cli:train", "from demonstrations, or rewards", "train grpo --help", _TRAIN),
    "demo": Row("llm_envs.trainers.cli:demo", "from nothing, in minutes, on a CPU", "demo", _TRAIN),
    "new": Row("llm_envs.cli.new:command", "an env to start from", "new me/Riddle-v0", _WRITE),
    "check": Row("llm_envs.cli.check:command", "does my env conform?", "check my_module:me/Add-v0", _WRITE),
}
"""By name, in the order of the main help."""


class _Commands(click.Group):
    """Knows the commands by name, and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            ctx.fail(f"There is no command {name!r}. {did_you_mean(name, COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section in dict.fromkeys(row.section for row in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl(list(_examples(section)), col_max=_EXAMPLE_WIDTH)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[__name__] = bool(set(args) & {*_HELP_OPTIONS})
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LLMEnvsError as error:
            from llm_envs.render import visible  # imported where used: the command line starts without it

            click.secho(f"{type(error).__name__}: {visible(str(error))}", fg="red", err=True)
            sys.exit(INFRASTRUCTURE if isinstance(error, InfrastructureError) else USAGE)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _examples(section: str) -> Iterator[tuple[str, str]]:
    return ((f"llm-envs {row.example}", row.what) for row in COMMANDS.values() if row.section == section)


_EPILOG = """
`llm-envs COMMAND --help` explains one, by example.

\b
Exit codes:
  0    fine
  1    what was checked does not hold, or a threshold was missed
  2    the request cannot be served; the message says why
  3    infrastructure failed: a sandbox, a browser, an endpoint
  130  interrupted
"""


@click.group(
    cls=_Commands,
    epilog=_EPILOG,
    context_settings={"help_option_names": [*_HELP_OPTIONS], "max_content_width": 120},
)
@click.version_option(llm_envs.__version__)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Gymnasium environments for LLM agents."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no tick shows a question mark
    if not ctx.meta[__name__]:
        ctx.obj = _find_envs()


def _find_envs() -> list[str]:
    """Make the envs of this folder and of plug-ins known; what is wrong with broken plug-ins, told on stderr."""
    if "" not in sys.path:
        sys.path.insert(0, "")  # so that `my_module:me/Add-v0` finds my_module.py in the current folder
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        llm_envs.load_plugins()
    faults = [str(warning.message) for warning in caught]
    for fault in faults:
        click.secho(fault, fg="yellow", err=True)
    return faults
