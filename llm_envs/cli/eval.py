"""`llm-envs eval`: how good is a model at an env?"""

from __future__ import annotations

from typing import Any

import click

from llm_envs.cli.options import setting
from llm_envs.cli.running import carry_out, model_options, run_options

__all__ = ["command"]


@click.command("eval")
@click.argument("env_ids", nargs=-1, required=True, metavar="ENV_ID...")
@click.option("-n", "--tasks", type=click.IntRange(min=1), default=100, show_default=True, help="Of each env.")
@click.option("-k", "--samples", type=click.IntRange(min=1), default=1, show_default=True, help="Of each task.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which tasks.")
@click.option("--split", default="test", show_default=True, help="train, validation or test.")
@click.option("--difficulty", type=int, help="One of the env's levels.  [the env mixes them]")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Any other argument of the envs.")
@click.option("--temperature", type=click.FloatRange(0, 100), help="[the model's own]")
@click.option("--top-p", type=click.FloatRange(0, 1), help="[the model's own]")
@click.option("--max-tokens", type=click.IntRange(min=1), help="Of one turn.  [the model's own]")
@model_options
@run_options
def command(
    env_ids: tuple[str, ...],
    *,
    tasks: int,
    samples: int,
    seed: int,
    split: str,
    difficulty: int | None,
    settings: tuple[str, ...],
    temperature: float | None,
    top_p: float | None,
    max_tokens: int | None,
    model: str,
    **running: Any,
) -> None:
    """Evaluate a model on envs.

    \b
    llm-envs eval llm/Math-v0 --model http://localhost:8000/v1#my-model -n 500 -k 4
    llm-envs eval llm/Math-v0 llm/Maze-v0 --model hf:models/mine --max-tokens 512
    llm-envs eval llm/GuessNumber-v0 --model "mock:noisy(0.8)" -n 50
    llm-envs eval my_module:me/Riddle-v0 --model python:my_agent:answer
    llm-envs eval llm/Arithmetic-v0 --model human -n 5

    The same command goes on where it stopped, whatever stopped it, and asks nothing twice; with a larger -n or -k it
    adds what is new. Keys come from the environment and are never written down.
    """
    from llm_envs.evals.plan import EnvPlan, Plan
    from llm_envs.policies.model import Decoding

    options = dict(map(setting, settings)) | ({} if difficulty is None else {"difficulty": difficulty})
    plan = Plan(
        envs=tuple(EnvPlan(env_id, options) for env_id in env_ids),
        model=model,
        tasks=tasks,
        samples=samples,
        seed=seed,
        split=split,
        decoding=Decoding(temperature, top_p, max_tokens),
    )
    carry_out(plan, **running)
