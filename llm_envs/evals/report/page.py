"""Joins page.html, page.css and the scripts to one page, under a content security policy that allows nothing else.

The policy names the one script and the one style sheet by their hashes: whatever else might get into the page would
neither run nor be fetched, and text cannot become markup (`require-trusted-types-for`).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Literal

__all__ = ["SCRIPTS", "Source", "head", "tail"]

Source = Literal["file", "live", "runs"]
"""Where the page finds its data: in itself, at the server for one run, or at the server for a folder of runs."""

SCRIPTS = (
    "dom",
    "text",
    "theme",
    "interval",
    "columns",
    "run",
    "filter",
    "route",
    "selection",
    "state",
    "chart",
    "list",
    "message",
    "tokens",
    "overview",
    "episodes",
    "episode",
    "compare",
    "runs",
    "help",
    "bar",
    "live",
    "keys",
    "main",
)
"""In the order in which they are joined."""


def head(title: str, source: Source, blocks: Iterable[tuple[str, str]]) -> str:
    """The page up to where more data blocks may follow.

    Args:
        title: any text.
        blocks: id and base64 of each data block that the page needs before it can show anything.
    """
    style, script = _text("page.css"), _script()
    return Template(_text("page.html")).substitute(  # jinja2 would take longer to import than the page to write
        title=escape(title),
        source=source,
        policy=escape(_policy(style, script, source)),
        style=style,
        script=script,
        blocks="".join(_block(*block) for block in blocks),
    )


def tail(blocks: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Further data blocks, and the end of the page."""
    for name, content in blocks:
        yield _block(name, content)
    yield "</body>\n</html>\n"


def _block(name: str, content: str) -> str:
    """Base64 needs no escaping."""
    return f'<script type="application/octet-stream" id="{name}">{content}</script>\n'


def _policy(style: str, script: str, source: Source) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_digest(script)}",
            f"style-src {_digest(style)}",
            "img-src data:",
            "connect-src 'none'" if source == "file" else "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


@cache
def _script() -> str:
    parts = "\n".join(_text(f"{name}.js") for name in SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}\n}})();\n'


@cache
def _text(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")
