"""Files that are there whole or not at all, and what to say where one cannot be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from llm_envs.errors import LLMEnvsError, StorageFailed

__all__ = ["scratch_of", "storage_failed", "whole_file", "write_whole"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def whole_file(path: Path, option: str = "--folder") -> Iterator[BinaryIO]:
    """A file to write to, which takes its place once everything is in it; after an error nothing is left of it.

    Args:
        option: by which the command line is told another place.

    Raises:
        StorageFailed: the disk is full, or nobody may write there.
    """
    scratch = scratch_of(path)
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
        raise storage_failed(path, error, option) from error


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        StorageFailed: the disk is full, or nobody may write there.
    """
    with whole_file(path) as file:
        file.write(text.encode())


def scratch_of(path: Path) -> Path:
    """Where a file is written before it takes its place."""
    return path.with_name(f".{path.name}.new")


def storage_failed(path: Path, error: OSError, option: str = "--folder") -> StorageFailed:
    """What to raise where writing to `path` has failed."""
    full = error.errno in _FULL
    return StorageFailed(
        f"{path} cannot be written",
        expected="room on the disk" if full else "a place this user may write to",
        received=os.strerror(error.errno) if error.errno else str(error),
        next_step=f"Make room, then give the same command again, or name a place on another disk by {option}."
        if full
        else f"Name another place by {option}, or change its permissions.",
    )
