"""`llm-envs view`: a run in the browser, while it goes on."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from llm_envs.cli.options import as_json, print_json

__all__ = ["command"]


@click.command("view")
@click.argument("path", metavar="[RUN|FOLDER]", default="runs", type=click.Path(path_type=Path))
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="Where to listen.  [any that is free]")
@as_json
def command(path: Path, port: int, *, as_json: bool) -> None:
    """Look at a run in the browser, also while it goes on; a folder of runs is shown as a list.

    It is served to this machine alone; the address has a token in it. Ctrl-C ends it.

    \b
    llm-envs view runs/A
    llm-envs view                  all runs in runs
    llm-envs view --port 8000      the same port each time, for a tunnel: ssh -L 8000:127.0.0.1:8000 HOST
    """
    from llm_envs.evals.view import Viewer

    viewer = Viewer(path, port)
    if as_json:
        print_json({"address": viewer.address})
    else:
        click.echo(f"{viewer.address}\nCtrl-C ends it.")
    with suppress(KeyboardInterrupt):
        viewer.serve()
    viewer.close()
