"""`llm-envs check`: does an env conform?"""

from __future__ import annotations

import sys

import click

from llm_envs.cli.exit_codes import DOES_NOT_HOLD
from llm_envs.registry import row

__all__ = ["command"]


@click.command("check")
@click.argument("env_id")
def command(env_id: str) -> None:
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
        sys.exit(DOES_NOT_HOLD)
    click.secho(f"{env_id} conforms", fg="green")
