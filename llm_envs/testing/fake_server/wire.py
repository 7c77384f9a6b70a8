"""HTTP/1.1 as far as it is needed: requests with a Content-Length, connections that stay open."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import NamedTuple

from llm_envs.testing.fake_server.speech import Raw

__all__ = ["Request", "packed", "read_request", "reset"]

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Request(NamedTuple):
    """What came over the wire; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None where there is none."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, path, _ = first.split(" ")
        size = int(headers.get("content-length", 0))
        return Request(method, path, headers, await reader.readexactly(size) if size else b"")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
        return None


def packed(answer: Raw, content: bytes | None = None) -> bytes:
    """An answer's bytes; `content` stands in for its body, whatever length the header tells."""
    told = answer.content
    more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
    head = (
        f"HTTP/1.1 {answer.status} {_PHRASES.get(answer.status, 'Unknown')}\r\nContent-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(told)}\r\n{more}\r\n"
    )
    return head.encode("latin-1") + (told if content is None else content)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with RST, not with FIN."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):  # the client was faster
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
