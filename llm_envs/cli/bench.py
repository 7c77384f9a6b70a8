"""`llm-envs bench`: how good is a model at a named list of envs, with everything pinned?"""

from __future__ import annotations

from typing import Any

import click

from llm_envs.cli.options import print_json
from llm_envs.cli.running import carry_out, model_options, run_options

__all__ = ["command"]


class _Bench(click.Command):
    """With `--list`, needs neither suite nor model."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--list" in args:
            _list(as_json="--json" in args)
            ctx.exit()
        return super().parse_args(ctx, args)


@click.command("bench", cls=_Bench)
@click.argument("suite")
@click.option("--list", is_flag=True, expose_value=False, help="Show the suites that ship, and stop.")
@click.option("-n", "--tasks", type=click.IntRange(min=1), help="Of each env.  [the suite's]")
@click.option("-k", "--samples", type=click.IntRange(min=1), help="Of each task.  [the suite's]")
@model_options
@run_options
def command(suite: str, *, tasks: int | None, samples: int | None, model: str, **running: Any) -> None:
    """Evaluate a model on a suite: a list of envs with seeds, samples and token budgets pinned.

    \b
    llm-envs bench --list
    llm-envs bench quick --model http://localhost:8000/v1#my-model
    llm-envs bench quick --model "mock:noisy(0.8)"
    llm-envs bench my_suite.toml --model hf:models/mine

    Figures compare within one version of a suite. With another -n or -k they are not the suite's, and the run says so.
    A suite of your own is a TOML file; llm_envs/evals/suites/suite.py says what may stand in it.
    """
    from llm_envs.evals.suites import load_suite

    changes = {name: value for name, value in (("tasks", tasks), ("samples", samples)) if value is not None}
    carry_out(load_suite(suite).plan(model, **changes), **running)


def _list(*, as_json: bool) -> None:
    from llm_envs.evals.suites import shipped_suites

    rows = [
        {
            "name": suite.name,
            "version": suite.version,
            "envs": len(suite.envs),
            "episodes": suite.plan("").episodes,
            "about": suite.about,
        }
        for suite in shipped_suites()
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{row['name']:12} version {row['version']}, {row['envs']} envs, {row['episodes']:,} episodes")
        click.echo(f"{'':12} {row['about']}")
