"""Removing all files of a user from a folder, whatever they have been made into.

A program may leave trees deeper than any path can name, folders that nobody may enter, links to anywhere, and names
that are no text. So nothing here recurses, follows a link, or builds a path: folders are hoisted to the top, one level
at a time, until each is empty. It runs as the user whose files they are, when none of that user's processes is left.
"""

from __future__ import annotations

import itertools
import os
import stat
from collections.abc import Iterator

__all__ = ["sweep"]


def sweep(top: str, uid: int) -> bool:
    """Remove what belongs to `uid` in the folder `top`; false where something is left."""
    folder = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    try:
        nonce = os.urandom(8).hex()  # nobody can have taken these names before
        names = (f".{nonce}-{number}" for number in itertools.count())
        while found := _owned(folder, uid):
            if not sum(_remove(folder, name, names) for name in found):
                break
    except OSError:
        return False
    finally:
        os.close(folder)
    return not found


def _owned(folder: int, uid: int) -> list[bytes]:
    return [os.fsencode(entry) for entry in os.listdir(folder) if _lstat(folder, entry).st_uid == uid]


def _lstat(folder: int, name: str | bytes) -> os.stat_result:
    return os.stat(name, dir_fd=folder, follow_symlinks=False)


def _remove(top: int, name: bytes, names: Iterator[str]) -> bool:
    try:
        if stat.S_ISDIR(_lstat(top, name).st_mode):
            _hoist(top, name, names)
            os.rmdir(name, dir_fd=top)
        else:
            os.unlink(name, dir_fd=top)
    except OSError:
        return False
    return True


def _hoist(top: int, name: bytes, names: Iterator[str]) -> None:
    """Empty a folder: its files are removed, its folders become its neighbours."""
    os.chmod(name, stat.S_IRWXU, dir_fd=top)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
    try:
        for entry in os.listdir(folder):
            if stat.S_ISDIR(_lstat(folder, entry).st_mode):
                os.chmod(entry, stat.S_IRWXU, dir_fd=folder)
                os.rename(entry, next(names), src_dir_fd=folder, dst_dir_fd=top)
            else:
                os.unlink(entry, dir_fd=folder)
    finally:
        os.close(folder)
