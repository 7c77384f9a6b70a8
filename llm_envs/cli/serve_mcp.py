"""`llm-envs serve-mcp`: an env's episodes for any MCP client."""

from __future__ import annotations

import asyncio
from contextlib import closing

import click

from llm_envs.cli.options import setting
from llm_envs.registry import row

__all__ = ["command"]


@click.command("serve-mcp")
@click.argument("env_id")
@click.option("--difficulty", type=int, help="One of the env's levels.  [the env mixes them]")
@click.option("--split", default="train", show_default=True, help="train, validation or test.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which tasks, in which order.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other argument of the env.")
def command(env_id: str, difficulty: int | None, split: str, seed: int, settings: tuple[str, ...]) -> None:
    """Serve an env by the Model Context Protocol, on standard input and output.

    \b
    llm-envs serve-mcp llm/Shop-v0
    llm-envs serve-mcp llm/Calc-v0 --difficulty 3 --split test

    The client gets the env's tools and two more: new_episode opens a task and tells it, say says something, which is
    the final answer or goes to whoever the task has to talk to. The verdict is the answer to what ends the episode.

    A client that starts servers itself is told so in its file, often called mcp.json:

    \b
    {"mcpServers": {"shop": {"command": "llm-envs", "args": ["serve-mcp", "llm/Shop-v0"]}}}
    """
    from llm_envs.tools.mcp import Play

    with closing(row(env_id).make(split=split, difficulty=difficulty, **dict(map(setting, settings)))) as env:
        play = Play(env, seed)
        click.echo(f"{env_id} by MCP on standard input and output; seed {seed}", err=True)
        asyncio.run(play.serve())
