r"""An append-only file of records that outlives its process.

A record is one line: eight hexadecimal digits of CRC-32, a space, JSON, a newline. It is written by a single `write`
as soon as there is something to record: what has been written survives SIGKILL, because it is the kernel's. A line cut
short, by a kill or a full disk, is found by its checksum and cut off when the journal is opened again; everything
before it stands.

What it deliberately does not do: it does not wait for the disk (`fsync`) after each record, so a power cut may cost
the last seconds; `close` does.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from zlib import crc32

from llm_envs.errors import BrokenRun, RunBusy
from llm_envs.evals.storage import storage_failed

__all__ = ["Journal", "follow_records", "locate_records", "read_records", "record_at", "unwritten"]

_CHECKSUM_CHARS = 8
_CHUNK_BYTES = 1 << 20

_encoded = json.JSONEncoder(separators=(",", ":")).encode


class Journal:
    """The open journal of a run; only one process may hold it.

    Args:
        path: the file; it is made where it is missing, and repaired where its tail is torn.

    Raises:
        RunBusy: another process is writing to it.
        StorageFailed: it cannot be opened or written.
        BrokenRun: it is damaged before its end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = _open(path)
        try:
            self._length = _sound_length(path)
            os.ftruncate(self._file, self._length)
        except BaseException:
            os.close(self._file)
            raise

    def write(self, record: Mapping[str, Any]) -> None:
        """Append one record.

        Raises:
            StorageFailed: the disk is full, or has failed; the journal is as it was before.
        """
        line = encode(record)
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise storage_failed(self.path, error) from error
        if written < len(line):
            os.ftruncate(self._file, self._length)
            raise storage_failed(self.path, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        self._length += written

    def records(self) -> Iterator[dict[str, Any]]:
        """Everything written so far, in order."""
        return read_records(self.path)

    def rewind(self, last: Callable[[dict[str, Any]], bool]) -> None:
        """Drop what came after the record for which `last` holds; everything, where there is none."""
        self._length = next((end for end, record in follow_records(self.path) if last(record)), 0)
        os.ftruncate(self._file, self._length)

    @property
    def length(self) -> int:
        """Bytes written so far."""
        return self._length

    def close(self) -> None:
        """Bring everything to the disk and let go of the file."""
        try:
            os.fsync(self._file)
        except OSError as error:
            raise storage_failed(self.path, error) from error
        finally:
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """The records of a journal, in order, also while another process writes to it; a torn tail is left out.

    Raises:
        BrokenRun: a record before the last is damaged.
    """
    for _, record in follow_records(path):
        yield record


def follow_records(path: Path, start: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    """Records from byte `start` on, each with the position behind it: where to go on when there are more.

    Raises:
        BrokenRun: a record before the last is damaged.
    """
    for end, line in _sound_lines(path, start):
        yield end, json.loads(line[_CHECKSUM_CHARS + 1 :])


def locate_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The same, each with its place in the file, for `record_at`."""
    start = 0
    for end, line in _sound_lines(path):
        yield start, json.loads(line[_CHECKSUM_CHARS + 1 :])
        start = end


def record_at(path: Path, place: int) -> dict[str, Any]:
    """The record that `locate_records` found there."""
    with path.open("rb") as file:
        file.seek(place)
        record: dict[str, Any] = json.loads(file.readline()[_CHECKSUM_CHARS + 1 :])
    return record


def encode(record: Mapping[str, Any]) -> bytes:
    """The line of a record."""
    text = _encoded(record).encode()
    return b"%08x %s\n" % (crc32(text), text)


def _is_sound(line: bytes) -> bool:
    try:
        return line.endswith(b"\n") and int(line[:_CHECKSUM_CHARS], 16) == crc32(line[_CHECKSUM_CHARS + 1 : -1])
    except ValueError:
        return False


def _sound_lines(path: Path, start: int = 0) -> Iterator[tuple[int, bytes]]:
    """Lines with the position behind them, up to the torn tail if there is one."""
    with path.open("rb", buffering=_CHUNK_BYTES) as file:
        file.seek(start)
        end = start
        for number, line in enumerate(file, 1):
            if not _is_sound(line):
                if line.endswith(b"\n") and file.read(1):
                    raise BrokenRun(
                        f"{path} is damaged in line {number}" + (f" after byte {start}" if start else ""),
                        expected="a journal that was only ever appended to",
                        received=f"a checksum that does not fit, {end} bytes in",
                        next_step=f"Restore the file from a copy, or keep what is sound: truncate -s {end} {path}",
                    )
                return
            end += len(line)
            yield end, line


def _sound_length(path: Path) -> int:
    end = 0
    for position, _ in _sound_lines(path):
        end = position
    return end


@contextmanager
def unwritten(path: Path) -> Iterator[None]:
    """A time in which nobody writes to a journal, which is made where it is missing.

    Raises:
        RunBusy: another process is writing to it.
        StorageFailed: it cannot be opened.
    """
    file = _open(path)
    try:
        yield
    finally:
        os.close(file)


def _open(path: Path) -> int:
    """The file, locked."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError as error:
        raise storage_failed(path, error) from error
    try:
        _lock(file, path)
    except BaseException:
        os.close(file)
        raise
    return file


def _lock(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunBusy(
            f"another process is writing to {path.parent}",
            expected="one process at a time",
            next_step="Wait for it, or end it; `llm-envs view` may look at the run meanwhile.",
        ) from error
    except OSError as error:
        raise storage_failed(path, error) from error
