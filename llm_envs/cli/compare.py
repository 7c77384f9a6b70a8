"""`llm-envs compare`: two runs on the same tasks."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from llm_envs.cli.exit_codes import DOES_NOT_HOLD
from llm_envs.cli.options import as_json, print_json

if TYPE_CHECKING:
    from llm_envs.evals.compare import Comparison

__all__ = ["command"]

_DROP = re.compile(r"drop\s*>\s*(\d*\.?\d+)")


@click.command("compare")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option(
    "--fail-if",
    metavar="CONDITION",
    help="Exit with 1 if the second run is `worse` beyond chance, or if its mean is lower by more: `drop>0.02`.",
)
@as_json
def command(first: Path, second: Path, fail_if: str | None, *, as_json: bool) -> None:
    """Compare two runs on the tasks that both have: is the second better?

    Every task is compared with itself, so that a small difference shows. The tasks on which the runs differ come first,
    the sentence to quote last.

    \b
    llm-envs compare runs/before runs/after
    llm-envs compare runs/before runs/after --fail-if worse
    llm-envs compare runs/before runs/after --json
    """
    if fail_if and fail_if != "worse" and not _DROP.fullmatch(fail_if):
        raise click.BadParameter(f"{fail_if!r} is neither `worse` nor `drop>NUMBER`", param_hint="--fail-if")
    from rich.console import Console

    from llm_envs.evals.compare import compare
    from llm_envs.evals.folder import RunFolder
    from llm_envs.evals.tables import show_comparison

    comparison = compare(RunFolder.open(first), RunFolder.open(second))
    if as_json:
        print_json(comparison.to_dict())
    else:
        show_comparison(comparison, Console())
    if fail_if and _fails(comparison, fail_if):
        sys.exit(DOES_NOT_HOLD)


def _fails(comparison: Comparison, condition: str) -> bool:
    limit = _DROP.fullmatch(condition)
    return comparison.overall.mean < -float(limit[1]) if limit else comparison.is_worse
