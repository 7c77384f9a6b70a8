"""Images made on this machine of its own files, and streamed to the engine: nothing is downloaded.

An image is named by a fingerprint of what goes into it, so another Python, another library or another layout is
another image, and an old one is never used by mistake. Making one takes some seconds, once per machine; a lock keeps
two processes from making the same at the same time.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from llm_envs.sandbox.docker.tree import Entry, fingerprint, tree

__all__ = ["LABEL", "REPOSITORY", "image_for"]

REPOSITORY = "llm-envs-sandbox"
LABEL = "llm_envs.sandbox"
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/tmp",  # noqa: S108 - inside the box
    "PYTHONDONTWRITEBYTECODE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""Threads of numerical libraries reserve memory by the core, and a box has one or two."""

_SILENCE_S = 2.0
"""A person at a terminal is told of what takes longer."""

_OLD_S = 30 * 24 * 3600.0

_CHUNK = 1 << 20


def image_for(client: Any, packages: Sequence[str] = (), *, compilers: bool = False) -> str:
    """The name of the image for this Python with these distributions; it is made where the engine lacks it.

    Args:
        compilers: it has those of this machine, and Node.
    """
    name = f"{REPOSITORY}:{fingerprint(packages, compilers=compilers)}"
    if not _exists(client, name):
        with _alone():
            if not _exists(client, name):
                _make(client, name, tree(packages, compilers=compilers))
                _forget_old(client)
    return name


def _exists(client: Any, name: str) -> bool:
    return bool(client.images(name=name, quiet=True))


def _forget_old(client: Any) -> None:
    """Remove images that were made long ago and have no container: of former Pythons, mostly. Others are made anew."""
    from docker.errors import APIError

    for image in client.images(name=REPOSITORY):
        if time.time() - image["Created"] > _OLD_S:
            with contextlib.suppress(APIError):  # it has a container
                client.remove_image(image["Id"])


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One process of this user at a time; the lock goes with the process."""
    path = Path(tempfile.gettempdir(), f"llm-envs-image-{os.getuid()}.lock")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make(client: Any, name: str, entries: Sequence[Entry]) -> None:
    repository, _, tag = name.partition(":")
    changes = [f'ENV {key}="{value}"' for key, value in ENVIRONMENT.items()]
    with _progress(sum(_size(entry) for entry in entries)) as advance:
        client.import_image_from_stream(
            _tar(entries, advance), repository=repository, tag=tag, changes=[*changes, f"LABEL {LABEL}={tag}"]
        )


def _size(entry: Entry) -> int:
    return Path(entry.source).stat().st_size if entry.source else len(entry.text.encode())


def _tar(entries: Sequence[Entry], advance: Callable[[int], None]) -> Iterator[bytes]:
    """A tar archive, piece by piece: the same bytes for the same files."""
    for entry in entries:
        size = 0
        yield _header(entry)
        for piece in _contents(entry):
            size += len(piece)
            advance(len(piece))
            yield piece
        yield b"\0" * (-size % tarfile.BLOCKSIZE)
    yield b"\0" * (2 * tarfile.BLOCKSIZE)


def _header(entry: Entry) -> bytes:
    member = tarfile.TarInfo(entry.name)
    member.mode, member.uname, member.gname = entry.mode, "root", "root"
    if entry.link:
        member.type, member.linkname = tarfile.SYMTYPE, entry.link
    elif entry.source:
        member.size = _size(entry)
        member.mtime = int(Path(entry.source).stat().st_mtime)  # byte code knows its source by it
    elif entry.text:
        member.size = _size(entry)
    else:
        member.type = tarfile.DIRTYPE
    return member.tobuf(tarfile.PAX_FORMAT)


def _contents(entry: Entry) -> Iterator[bytes]:
    """Exactly as many bytes as the header has said, should the file change meanwhile."""
    if entry.text:
        yield entry.text.encode()
    if entry.source:
        left = _size(entry)
        with Path(entry.source).open("rb") as file:
            while left and (piece := file.read(min(_CHUNK, left))):
                left -= len(piece)
                yield piece
        if left:
            raise OSError(f"{entry.source} became shorter while it was copied")


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Tells a person at a terminal how far it is, once that takes a while; nobody else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    started, done = time.monotonic(), 0
    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("making the sandbox image", total=total, visible=False)

        def advance(size: int) -> None:
            nonlocal done
            done += size
            bars.update(task, completed=done, visible=time.monotonic() - started > _SILENCE_S)

        yield advance
