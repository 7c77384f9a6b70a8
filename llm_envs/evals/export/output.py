"""Where exports may be written to, and lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llm_envs.errors import BadOption

__all__ = ["json_line", "require_free"]


def require_free(path: Path, *, force: bool) -> None:
    """Raise BadOption where something is at `path` that is not to be replaced.

    Args:
        force: files are; folders never.
    """
    if path.is_dir():
        raise BadOption(
            f"{path} is a folder",
            expected="a file, or a place where nothing is yet",
            received="a folder",
            next_step=f"Name a file in it, such as --out {path / 'export'}.",
        )
    if path.exists() and not force:
        raise BadOption(
            f"{path} is there already",
            expected="a place where nothing is yet",
            received="a file",
            next_step="Name another one by --out, or pass --force to replace it.",
        )


def json_line(row: Mapping[str, Any]) -> bytes:
    """One line of a JSONL file; halves of characters, which no other tool can read, become question marks."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"
