"""A server's tools as an env's tools.

    box = Toolbox("python server.py")
    box.open()                       # starts the server, where it does not run; asks for its tools
    box.tools                        # Tools, until the next open()
    box.close()

What a server says of its tools, their names, descriptions and schemas, is a stranger's text in the policy's prompt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from llm_envs.errors import BadOption
from llm_envs.tools.mcp.connection import Connection
from llm_envs.tools.mcp.results import text_of
from llm_envs.tools.mcp.spec import ServerSpec
from llm_envs.tools.tool import Tool

__all__ = ["Toolbox"]

_NAME_CHARS = 64
_DESCRIPTION_CHARS = 2_000


class Toolbox:
    """One server, for one env.

    Args:
        server: see `ServerSpec.of`.
        timeout_s: of a call.
        restart: a server for each episode, and not one for all: for servers that remember.

    Raises:
        BadOption: the server is no server, or the timeout no time.
    """

    def __init__(self, server: Any, *, timeout_s: float = 30.0, restart: bool = False) -> None:
        if not isinstance(timeout_s, (int, float)) or not timeout_s > 0:
            raise BadOption("a call has no time", expected="timeout_s above 0", received=repr(timeout_s))
        self.tools: tuple[Tool, ...] = ()
        self._spec = ServerSpec.of(server)
        self._timeout_s = float(timeout_s)
        self._restart = restart
        self._connection: Connection | None = None
        self._seen: Any = None

    def open(self) -> None:
        """Begin an episode: a server that runs, and its tools as they are now.

        Raises:
            ToolServerLost: it cannot be started or reached.
            BadTool: one of its tools cannot be offered.
        """
        if self._restart or self._connection is None or not self._connection.is_alive:
            self.close()
            self._connection = Connection(self._spec, self._timeout_s)
        seen = (self._connection, self._connection.tools())
        if seen != self._seen:
            self.tools = tuple(_tools(*seen))
            self._seen = seen

    def close(self) -> None:
        """End the session, and the server where it was started here; `open` begins another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def let_go(self) -> None:
        """The same, without waiting for it."""
        if self._connection is not None:
            self._connection.let_go()


def _tools(connection: Connection, offered: Any) -> list[Tool]:
    taken: set[str] = set()
    return [_tool(connection, one, taken) for one in offered]


def _tool(connection: Connection, offered: Any, taken: set[str]) -> Tool:
    name = _free(re.sub(r"[^A-Za-z0-9_]", "_", offered.name), taken)
    description = offered.description or offered.title or f"The tool {name}."
    schema = {"name": name, "description": description[:_DESCRIPTION_CHARS], "parameters": offered.input_schema}
    reads = offered.annotations is not None and bool(offered.annotations.read_only_hint)
    return Tool.from_schema(schema, _caller(connection, offered.name), "read" if reads else "write")


def _free(name: str, taken: set[str]) -> str:
    """A name as templates take it, which no other tool has."""
    stem = name if re.match(r"[A-Za-z_]", name) else f"_{name}"
    found, number = stem[:_NAME_CHARS], 1
    while found in taken:
        number += 1
        found = f"{stem[: _NAME_CHARS - 4]}_{number}"
    taken.add(found)
    return found


def _caller(connection: Connection, name: str) -> Callable[..., str]:
    return partial(_call, connection, name)


def _call(_connection: Connection, _tool_name: str, /, **arguments: Any) -> str:
    return text_of(_tool_name, _connection.call(_tool_name, arguments))
