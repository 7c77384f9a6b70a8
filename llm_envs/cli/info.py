"""`llm-envs info`: one env on a page: its card, its arguments, a task of it, and what its oracle says to that."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

import click

from llm_envs.cli.machine import need
from llm_envs.cli.options import as_json, print_json, setting
from llm_envs.cli.terminal import mark, print_table, stdout
from llm_envs.env import LLMEnv
from llm_envs.errors import LLMEnvsError
from llm_envs.policies.typed_calls import explained
from llm_envs.registry import EnvRow, row
from llm_envs.render import visible

__all__ = ["command"]


@click.command("info")
@click.argument("env_id")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the example.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="An argument of the env, for the example.")
@as_json
def command(env_id: str, seed: int, settings: tuple[str, ...], as_json: bool) -> None:
    """Show an env: its card, its arguments, a task, and what its oracle says to that.

    \b
    llm-envs info llm/GuessNumber-v0
    llm-envs info llm/Math-v0 --set topics=calculus --set difficulty=4 --seed 2
    llm-envs info my_module:me/Add-v0 --json
    """
    env_row = row(env_id)
    facts = _facts(env_row, seed, dict(map(setting, settings)))
    if as_json:
        print_json(facts)
    else:
        _show(facts)


def _facts(env_row: EnvRow, seed: int, options: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is shown; where no env can be made of the arguments, why not."""
    facts: dict[str, Any] = {
        "id": env_row.id,
        "card": inspect.getdoc(env_row.load()) or "This env has no card.",
        "needs": [asdict(need(name)) for name in env_row.extras],
    }
    try:
        env = env_row.make(**options)
    except LLMEnvsError as error:
        if options:
            raise
        return {**facts, "example": None, "example_error": str(error)}
    with closing(env):
        return {
            **facts,
            "arguments": {**_own_arguments(env), **env_row.defaults, **_common_arguments(env), **options},
            "difficulties": list(env.difficulties or ()),
            "topics": _topics(env),
            "reward_range": list(env.reward_range),
            "example": _example(env, seed),
        }


def _own_arguments(env: LLMEnv) -> dict[str, Any]:
    """The arguments that the constructors of the class and its bases spell out, and their defaults."""
    constructors = [vars(base)["__init__"] for base in reversed(type(env).__mro__[:-1]) if "__init__" in vars(base)]
    parameters = [parameter for init in constructors for parameter in inspect.signature(init).parameters.values()]
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty}


def _common_arguments(env: LLMEnv) -> dict[str, Any]:
    """What every env takes, as this one has it."""
    return {
        "difficulty": env.default_difficulty,
        "split": env.split,
        "tokenizer": env.chat.name,
        "action": env.action_mode,
        "obs": env.obs_mode,
        **asdict(env.limits),
        "render_mode": env.render_mode,
    }


def _topics(env: LLMEnv) -> dict[str, list[str]]:
    """Topics and the families of each, of an env that is made of them."""
    topics = defaultdict(list)
    for family in getattr(env, "families", ()):
        topics[family.topic].append(family.name)
    return dict(topics)


def _example(env: LLMEnv, seed: int) -> dict[str, Any]:
    """Task 0 of a seed, and how the env's own oracle does."""
    env.reset(seed=seed)
    task = env.task
    example: dict[str, Any] = {
        "seed": seed,
        "prompt": task.messages,
        "answer": str(task.answer),
        "tools": list(task.tools),
    }
    try:
        replies = env.demonstrate(task)
    except NotImplementedError:
        return {**example, "oracle": None}
    for reply in replies:
        if not env.session.done:
            env.push(env.chat.encode_reply(reply))
    return {**example, "oracle": _outcome(env)}


def _outcome(env: LLMEnv) -> dict[str, Any]:
    session = env.session
    return {
        "messages": [dict(message) for message in session.messages[len(env.task.messages) :]],
        "verdict": session.verdict.to_dict() if session.verdict else None,
        "stop_reason": session.stop_reason,
    }


def _show(facts: Mapping[str, Any]) -> None:
    from rich.markdown import Markdown
    from rich.markup import escape

    console = stdout()
    console.print(Markdown(f"# {facts['id']}\n\n{facts['card']}"))
    for needed in facts["needs"]:
        remedy = "" if needed["here"] else f": {needed['remedy']}"
        console.print(f"\nNeeds {needed['name']} {mark(needed['here'])}{escape(remedy)}")
    if facts["example"] is None:
        console.print(f"\n[yellow]No example: {escape(facts['example_error'])}[/]")
        return
    _show_heading("As it is made here")
    _show_arguments(facts)
    _show_example(facts["example"])


def _show_arguments(facts: Mapping[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, show_header=False)
    for name, value in facts["arguments"].items():
        table.add_row(name, escape(repr(value)))
    if facts["difficulties"]:
        table.add_row("[dim]difficulties", f"[dim]{facts['difficulties'][0]} to {facts['difficulties'][-1]}")
    for topic, families in facts["topics"].items():
        table.add_row(f"[dim]topic {escape(topic)}", f"[dim]{escape(', '.join(families))}")
    print_table(table)


def _show_heading(text: str) -> None:
    stdout().print(f"\n{text}", style="bold underline", markup=False)


def _show_example(example: Mapping[str, Any]) -> None:
    console = stdout()
    if example["tools"]:
        _show_heading("Its tools")
        console.print(visible(explained(example["tools"])), markup=False, highlight=False, soft_wrap=True)
    _show_heading(f"A task: seed {example['seed']}")
    _show_messages(example["prompt"])
    if example["oracle"] is None:
        console.print("\nThis env has no oracle.", style="dim")
        return
    _show_heading("What its oracle says")
    _show_messages(example["oracle"]["messages"])
    verdict = example["oracle"]["verdict"]
    if verdict:
        reason = f"reward {verdict['reward']:g}: {verdict['reason']}".removesuffix(": ")
        console.print(visible(reason), style="bold green" if verdict["reward"] > 0 else "bold red", markup=False)
    else:
        console.print(f"no verdict: {example['oracle']['stop_reason'] or 'the episode goes on'}", style="bold red")


def _show_messages(messages: Sequence[Mapping[str, Any]]) -> None:
    console = stdout()
    for message in messages:
        console.print(f"[dim]{message['role']}:[/] ", end="")
        console.print(visible(message["content"].rstrip("\n")), markup=False, soft_wrap=True)
