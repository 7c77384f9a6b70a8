"""`llm-envs reverify`: what does the verifier of today make of the replies of then?"""

from __future__ import annotations

import dataclasses
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_envs.cli.exit_codes import DOES_NOT_HOLD, INFRASTRUCTURE
from llm_envs.cli.options import as_json, print_json

if TYPE_CHECKING:
    from llm_envs.evals.reverify import Reverification

__all__ = ["command"]

_SHOWN = 20
"""Of what moved; --json has everything."""


@click.command("reverify")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--folder", type=click.Path(path_type=Path), help="Of the new verdicts.  [RUN--reverified]")
@click.option("--fail-if-moved", is_flag=True, help="Exit with 1 unless every verdict is as it was.")
@as_json
def command(run: Path, folder: Path | None, *, fail_if_moved: bool, as_json: bool) -> None:
    """Judge the replies of a run again, with the verifier of today; nobody is asked anything.

    \b
    llm-envs reverify runs/A
    llm-envs reverify runs/A --fail-if-moved     in CI: a changed verifier must not change old verdicts
    llm-envs compare runs/A runs/A--reverified   the same as a comparison of two runs

    The new verdicts are a run of their own, beside the old one, which stays as it is. Episodes that no longer show what
    they showed then are counted apart, and never scored.
    """
    from llm_envs.evals.folder import RunFolder
    from llm_envs.evals.reverify import reverify

    found = reverify(RunFolder.open(run), folder)
    if as_json:
        print_json(_document(found))
    else:
        _show(found)
    if fail_if_moved and (found.moved or found.diverged):
        sys.exit(DOES_NOT_HOLD)
    if found.failed:
        sys.exit(INFRASTRUCTURE)


def _document(found: Reverification) -> dict[str, Any]:
    plain = dataclasses.asdict(found) | {"folder": str(found.folder)}
    return {name: None if isinstance(value, float) and math.isnan(value) else value for name, value in plain.items()}


def _show(found: Reverification) -> None:
    then, now = found.versions
    click.echo(f"{found.checked:,} episodes judged again by llm-envs {now}; first by {then}")
    if found.checked:
        change = found.mean_after - found.mean_before
        click.echo(f"mean reward {found.mean_before:.4f}, now {found.mean_after:.4f} ({change:+.4f})")
    click.echo(f"{len(found.moved):,} moved, {found.diverged:,} show something else now, {found.failed:,} failed")
    for moved in found.moved[:_SHOWN]:
        click.echo(f"\n{moved.task_id} sample {moved.sample}: {moved.before:g}, now {moved.after:g}")
        click.echo(f"  then: {_line(moved.reason_before)}\n  now:  {_line(moved.reason_after)}")
    if len(found.moved) > _SHOWN:
        click.echo(f"\n... and {len(found.moved) - _SHOWN:,} more; --json names all")
    click.echo(f"\nkept in {found.folder}")


def _line(reason: str) -> str:
    """A reason on one line, with nothing that a terminal would obey."""
    return "".join(char if char.isprintable() else " " for char in reason) or "no reason given"
