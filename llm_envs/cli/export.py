"""`llm-envs export`: a run as data for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from llm_envs.cli.options import as_json, print_json
from llm_envs.errors import BadOption

__all__ = ["command"]


@click.command("export")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--to", required=True, metavar="FORMAT", help="parquet, sft, dpo, inspect or verifiers.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to.  [in the run folder]")
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@click.option("--min-reward", type=float, help="sft: of a conversation worth imitating.  [1]")
@click.option("--per-task", metavar="all|one", help="sft, dpo: all that are fit, or one of each task.  [all]")
@click.option("--seed", type=click.IntRange(min=0), help="sft, dpo: of what is drawn.  [0]")
@as_json
def command(run: Path, to: str, out: Path | None, *, force: bool, as_json: bool, **choice: Any) -> None:
    """Write a run in the format of another tool.

    \b
    llm-envs export runs/A --to parquet       a table of all episodes: pandas.read_parquet, DuckDB, polars
    llm-envs export runs/A --to sft           conversations that earned 1, for TRL's SFTTrainer
    llm-envs export runs/A --to dpo           right and wrong replies to one task, for TRL's DPOTrainer
    llm-envs export runs/A --to inspect       a log: inspect view --log-dir runs/A/inspect
    llm-envs export runs/A --to verifiers     traces, as verifiers 0.4 keeps them
    llm-envs export runs/A --to sft --min-reward 0.5 --per-task one --out data/sft.jsonl
    """
    from llm_envs.evals.export import Choice, export
    from llm_envs.evals.folder import RunFolder

    given = {name: value for name, value in choice.items() if value is not None}
    _require_heeded(to, given)
    done = export(RunFolder.open(run), to, out, choice=Choice(**given), force=force)
    if as_json:
        print_json({"path": str(done.path), "rows": done.rows, "left_out": dict(done.left_out)})
        return
    click.echo(f"{done.rows:,} {'row' if done.rows == 1 else 'rows'} in {done.path}")
    for reason, count in done.left_out.most_common():
        click.echo(f"left out: {count:,} {reason}")


def _require_heeded(to: str, given: dict[str, Any]) -> None:
    """Raise BadOption where an option would change nothing."""
    from llm_envs.evals.export import FORMATS

    if to not in FORMATS:
        return
    for name in given.keys() - FORMATS[to].heeds:
        option = f"--{name.replace('_', '-')}"
        takers = " and ".join(other for other, row in FORMATS.items() if name in row.heeds)
        raise BadOption(
            f"an export to {to} takes every episode",
            expected=f"{option} with {takers} alone",
            received=f"{option} {given[name]}",
            next_step=f"Leave {option} out.",
        )
