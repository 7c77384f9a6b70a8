"""`llm-envs report`: a run as one HTML file."""

from __future__ import annotations

from pathlib import Path

import click

from llm_envs.cli.options import as_json, print_json

__all__ = ["command"]


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), metavar="RUN", help="Another run, to compare it with.")
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@as_json
def command(run: Path, against: Path | None, *, opens: bool, as_json: bool) -> None:
    """Write a run, evaluation or training, as one HTML file that needs no network.

    \b
    llm-envs report runs/A                     writes runs/A/report.html
    llm-envs report runs/A --open              and opens it
    llm-envs report runs/B --against runs/A    with what B gets right and A did not, and the reverse
    """
    from llm_envs.evals.folder import RunFolder
    from llm_envs.evals.report import build

    path = build(RunFolder.open(run), against=RunFolder.open(against) if against else None)
    if opens:
        click.launch(str(path))
    if as_json:
        print_json({"path": str(path), "bytes": path.stat().st_size})
        return
    click.echo(f"{path} ({path.stat().st_size / 1e6:.1f} MB)")
