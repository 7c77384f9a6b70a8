"""Messages over a pair of descriptors: four bytes of length, then JSON.

Both sides use it. What a box sends holds a program's output, so a host bounds what it will read; JSON is UTF-8 with
lone surrogates let through, because a program may print them and a frame must never fail.
"""

from __future__ import annotations

import json
import os
from typing import Any, Final

__all__ = ["MOST_MIB", "BrokenFrame", "parsed", "receive", "send", "write_all", "written"]

MOST_MIB: Final = 512
"""No request and no answer within all limits comes near it; a length beyond is garbage."""


class BrokenFrame(ValueError):
    """What came is no message: the other side is not what it should be."""


def written(message: dict[str, Any]) -> bytes:
    """A message as it goes over the wire.

    Raises:
        BrokenFrame: it is too long.
    """
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    if len(body) > MOST_MIB << 20:
        raise BrokenFrame(f"a message of {len(body):,} bytes")
    return len(body).to_bytes(4, "big") + body


def send(descriptor: int, message: dict[str, Any]) -> None:
    """Write a message, all of it."""
    write_all(descriptor, written(message))


def write_all(descriptor: int, data: bytes) -> None:
    """Write, in as many pieces as the kernel takes it in."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def receive(descriptor: int) -> dict[str, Any] | None:
    """The next message; None where the other side has hung up instead.

    Raises:
        BrokenFrame: what came is no message, or its end is missing.
    """
    header = _read(descriptor, 4)
    if not header:
        return None
    size = int.from_bytes(header, "big")
    if len(header) < 4 or size > MOST_MIB << 20:
        raise BrokenFrame(f"a header that says {size:,} bytes")
    return parsed(_read(descriptor, size), size)


def parsed(body: bytes, size: int) -> dict[str, Any]:
    """The message that a body holds.

    Raises:
        BrokenFrame: it holds none.
    """
    if len(body) < size:
        raise BrokenFrame(f"{len(body):,} bytes of {size:,}")
    try:
        message = json.loads(body.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise BrokenFrame(str(error)) from None
    if not isinstance(message, dict):
        raise BrokenFrame("JSON, but no object")
    return message


def _read(descriptor: int, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = os.read(descriptor, min(size - len(data), 1 << 20))
        if not piece:
            break
        data += piece
    return bytes(data)
