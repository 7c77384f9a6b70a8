"""A pipe that a program writes to, and how much of it is kept."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["Outlet"]

_PIECE: Final = 1 << 16
"""What a pipe holds unless somebody enlarged it: one read empties it."""


class Outlet:
    """Reads without ever waiting, and never keeps more than `cap` bytes.

    Args:
        cap: bytes; a program that writes more is `over`.
        strict: whether it is to be ended for that; otherwise what it writes is read on, and dropped.
    """

    def __init__(self, cap: int, *, strict: bool = True) -> None:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.fchmod(self.writer, 0o666)  # a program may open /dev/stdout, and is another user
        self.over = False
        self.strict = strict
        self._cap = cap
        self._kept = bytearray()

    def drain(self) -> bool:
        """Take what is there; false where nothing will ever come again."""
        while not (self.over and self.strict):
            try:
                piece = os.read(self.reader, _PIECE)
            except BlockingIOError:
                return True
            if not piece:
                return False
            self._kept += piece[: self._cap + 1 - len(self._kept)]
            self.over = len(self._kept) > self._cap
        return True

    def kept(self) -> bytes:
        """What has been written and is kept."""
        self.drain()
        return bytes(self._kept[: self._cap])

    def forget(self) -> None:
        """Begin anew."""
        self.drain()
        self._kept.clear()
        self.over = False

    def shut(self) -> None:
        """Close this process's end for writing, once a child has it."""
        os.close(self.writer)

    def close(self) -> bytes:
        """Take what is left, and give all that is kept."""
        kept = self.kept()
        os.close(self.reader)
        return kept
