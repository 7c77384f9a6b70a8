"""`llm-envs play`: tasks solved by a person."""

from __future__ import annotations

import io
import secrets
import sys
from contextlib import closing, redirect_stdout, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from llm_envs.cli.exit_codes import INTERRUPTED
from llm_envs.cli.options import as_json, print_json, setting
from llm_envs.registry import row

if TYPE_CHECKING:
    from llm_envs.env import LLMEnv
    from llm_envs.policies.human import Score

__all__ = ["command"]

_SEEDS = 1_000_000
"""A person can type any seed below again."""


@click.command("play")
@click.argument("env_id")
@click.option("--difficulty", type=int, help="One of the env's levels.  [the env mixes them]")
@click.option("--topic", "topics", multiple=True, metavar="NAME", help="Of a maths env; may be given several times.")
@click.option("--split", default="train", show_default=True, help="train, validation or test.")
@click.option("--seed", type=click.IntRange(min=0), help="Which tasks, in which order.  [another one each time]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other argument of the env.")
@as_json
def command(
    env_id: str,
    difficulty: int | None,
    topics: tuple[str, ...],
    settings: tuple[str, ...],
    *,
    as_json: bool,
    **given: Any,
) -> None:
    """Solve tasks yourself, and see what the verifier says.

    \b
    llm-envs play llm/Math-v0
    llm-envs play llm/Math-v0 --topic calculus --difficulty 3 --split test
    llm-envs play llm/GuessNumber-v0 --seed 7
    llm-envs play llm/Shop-v0 --set user=agenda
    llm-envs play llm/MathData-v0 --set path=my_questions.jsonl --set whole=true

    A line is a reply; three double quotes open one of several lines, and close it. :next passes a task over, :solution
    gives it up and shows how it is solved, :last shows the one before, :quit stops, and so do Ctrl-D and Ctrl-C.

    Where a task has tools, a line such as find_order(ord-17) or find_order(id="ord-17") calls one; :tools lists them.

    With --json the conversation goes to stderr, and the score to stdout at the end.

    Where the prompt asks for \\boxed{}, a bare answer such as 3/4 counts as if it were boxed.

    Replies may come through a pipe, one a line:

    \b
    printf '42\\n17\\n' | llm-envs play llm/Arithmetic-v0 --seed 0
    """
    with suppress(ImportError):  # not everywhere; where it is, `input` edits lines and remembers them
        import readline  # noqa: F401 (its import is its effect)

    options = {"topics": list(topics)} if topics else {}
    env = row(env_id).make(split=given["split"], difficulty=difficulty, **options, **dict(map(setting, settings)))
    seed = secrets.randbelow(_SEEDS) if given["seed"] is None else given["seed"]
    with closing(env), redirect_stdout(sys.stderr if as_json else sys.stdout):
        score, interrupted = _play(env, seed)
    if as_json:
        print_json({"id": env_id, "seed": seed, **asdict(score)})
    sys.exit(INTERRUPTED if interrupted else 0)


def _play(env: LLMEnv, seed: int) -> tuple[Score, bool]:
    """How it went, and whether Ctrl-C ended it."""
    from rich.console import Console

    from llm_envs.policies.human import Human

    console = Console()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what a pipe brings may be in any encoding, and gets a verdict
    human = Human(env, console, echo=not sys.stdin.isatty())
    interrupted = False
    try:
        human.play(seed)
    except KeyboardInterrupt:
        console.print()
        interrupted = True
    finally:
        console.print(f"{human.score}", style="bold", highlight=False)
    return human.score, interrupted
