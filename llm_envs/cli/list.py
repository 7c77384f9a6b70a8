"""`llm-envs list`: what there is."""

from __future__ import annotations

import inspect

import click

from llm_envs.registry import EnvRow, rows

__all__ = ["command"]


@click.command("list")
def command() -> None:
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


def _summary(env_row: EnvRow) -> str:
    """The first line of the card, and the row's own defaults: what tells ids of one class apart."""
    try:
        summary = (inspect.getdoc(env_row.load()) or "").partition("\n")[0]
    except ImportError as error:
        return f"cannot be loaded: {error}"
    return " ".join([summary, *(f"{name}={value!r}." for name, value in env_row.defaults.items())])
