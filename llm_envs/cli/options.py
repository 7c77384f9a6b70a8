"""What several commands share: `--json` and the document it prints, and arguments written as NAME=VALUE."""

from __future__ import annotations

import json
from typing import Any

import click

__all__ = ["as_json", "print_json", "setting"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and nothing else, to stdout.")


def print_json(document: Any) -> None:
    """Print what `--json` promises."""
    click.echo(json.dumps(document, indent=2, default=str))


def setting(text: str) -> tuple[str, Any]:
    """Name and value of an env's argument as it is written: JSON where it is JSON, else a text."""
    name, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--set")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
