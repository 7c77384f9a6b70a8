"""The server in a process of its own, for benchmarks; see `--help`."""

from __future__ import annotations

import importlib
import json
import signal
import sys
import time
from typing import Any

import click

from llm_envs.testing.fake_server.faults import FAULTS
from llm_envs.testing.fake_server.server import FakeServer


@click.command()
@click.option("--port", default=0, help="By default one that is free.")
@click.option("--answer", metavar="MODULE:FUNCTION", help="Called with each question; gives the text to say.")
@click.option("--model", "models", multiple=True, default=("fake",), show_default=True)
@click.option("--latency", "latency_s", default=0.05, show_default=True, help="Seconds to an answer.")
@click.option("--jitter", default=0.0, show_default=True, help="Share of the latency by which it varies.")
@click.option("--fault", "faults", multiple=True, metavar="NAME=SHARE", help=f"One of {', '.join(FAULTS)}.")
@click.option("--seed", default=0, show_default=True, help="Of faults and jitter.")
@click.option("--context-length", type=int, help="Longest prompt and answer, in tokens.")
def main(answer: str | None, faults: tuple[str, ...], **options: Any) -> None:
    """An OpenAI-compatible server on loopback, faulty by option.

    Its address is the first line that it prints; when it is interrupted, what it was asked and has answered is the
    last one. GET /counts tells the same while it runs.

    \b
    python -m llm_envs.testing.fake_server --latency 0.05
    python -m llm_envs.testing.fake_server --fault reset=0.02 --fault html=0.02 --fault 429=0.02
    python -m llm_envs.testing.fake_server --answer my_module:answer --port 8000
    """
    server = FakeServer(_named(answer), faults=dict(map(_share, faults)), log=False, **options)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with server:
        click.echo(server.base_url)
        sys.stdout.flush()
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            click.echo(json.dumps({**server.counts, "span_s": server.span_s, "cpu_s": server.cpu_s}))


def _named(name: str | None) -> Any:
    if name is None:
        return None
    sys.path.insert(0, "")
    module, _, function = name.partition(":")
    try:
        return getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise click.BadParameter(f"{error}. Write MODULE:FUNCTION.", param_hint="--answer") from error


def _share(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        if name in FAULTS:
            return name, float(share)
    except ValueError:
        pass
    raise click.BadParameter(f"{text!r} is not NAME=SHARE. Names: {', '.join(FAULTS)}.", param_hint="--fault")


if __name__ == "__main__":
    main(prog_name="python -m llm_envs.testing.fake_server")
