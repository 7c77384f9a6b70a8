"""`llm-envs list`: what there is, what each env needs, and whether it is here.

Not named `list`: as an attribute of the package it would hide the builtin there.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from llm_envs.cli.machine import need
from llm_envs.cli.options import as_json, print_json
from llm_envs.cli.terminal import mark, print_table
from llm_envs.registry import EnvRow, rows

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["command", "summary"]


@click.command("list")
@as_json
@click.pass_obj
def command(faults: Sequence[str], as_json: bool) -> None:
    """List the registered envs, those of plug-ins included, and whether what they need is here.

    \b
    llm-envs list
    llm-envs list | grep Math
    llm-envs list --json
    """
    if as_json:
        print_json({"envs": [_facts(env_row) for env_row in rows()], "broken_plugins": list(faults)})
    else:
        print_table(_table())
        _say_what_is_missing()


def summary(env_row: EnvRow) -> str:
    """The first line of the card; or why there is none."""
    try:
        card = inspect.getdoc(env_row.load())
    except Exception as error:  # noqa: BLE001 (one broken module of somebody's must not hide the other envs)
        return f"cannot be loaded: {type(error).__name__}: {error}".partition("\n")[0]
    return (card or "This env has no card.").partition("\n")[0]


def _table() -> Table:
    from rich.table import Table

    table = Table("id", "what it is", "needs", box=None)
    table.columns[0].no_wrap = True
    for env_row in rows():
        needs = "  ".join(f"{mark(need(name).here)} {name}" for name in env_row.extras)
        table.add_row(env_row.id, _described(env_row), needs or "[dim]nothing[/]")
    return table


def _say_what_is_missing() -> None:
    for name in sorted({name for env_row in rows() for name in env_row.extras}):
        if not need(name).here:
            click.echo(f"{name} is not here: {need(name).remedy}", err=True)


def _described(env_row: EnvRow) -> str:
    """The summary and the row's own defaults: what tells ids of one class apart."""
    from rich.markup import escape

    return escape(" ".join([summary(env_row), *(f"{name}={value!r}." for name, value in env_row.defaults.items())]))


def _facts(env_row: EnvRow) -> dict[str, Any]:
    needs = [asdict(need(name)) for name in env_row.extras]
    return {
        "id": env_row.id,
        "summary": summary(env_row),
        "defaults": env_row.defaults,
        "needs": needs,
        "ready": all(needed["here"] for needed in needs),
    }
