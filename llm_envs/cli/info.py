"""`llm-envs info`: the card of one env, and a task of it."""

from __future__ import annotations

import inspect

import click

from llm_envs.registry import row

__all__ = ["command"]


@click.command("info")
@click.argument("env_id")
def command(env_id: str) -> None:
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
