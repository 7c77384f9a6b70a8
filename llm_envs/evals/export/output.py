"""A file that is there whole or not at all: written beside its place, then renamed."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from llm_envs.errors import BadOption, LLMEnvsError, StorageFailed

__all__ = ["json_line", "require_free", "whole_file"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


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


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place once everything is in it; after an error nothing is left of it.

    Raises:
        StorageFailed: the disk is full, or nobody may write there.
    """
    scratch = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with scratch.open("wb") as file:
                yield file
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
    except LLMEnvsError:
        raise
    except OSError as error:
        raise _failed(path, error) from error


def json_line(row: Mapping[str, Any]) -> bytes:
    """One line of a JSONL file; halves of characters, which no other tool can read, become question marks."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _failed(path: Path, error: OSError) -> StorageFailed:
    full = error.errno in _FULL
    return StorageFailed(
        f"{path} cannot be written",
        expected="room on the disk" if full else "a place this user may write to",
        received=os.strerror(error.errno) if error.errno else str(error),
        next_step="Make room, or name a place on another disk by --out." if full else "Name another place by --out.",
    )
