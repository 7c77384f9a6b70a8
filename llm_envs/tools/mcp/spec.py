"""Which server is meant: a command line, a URL, or an entry of an `mcp.json`."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from llm_envs.errors import BadOption, ToolServerLost

__all__ = ["ServerSpec"]

_EXPECTED = (
    '"python server.py", "http://127.0.0.1:8000/mcp", or {"command": "python", "args": ["server.py"], "env": {}}'
)


@dataclass(frozen=True)
class ServerSpec:
    """How a server is reached.

    Args:
        command: the program and its arguments; () where there is a URL.
        env: variables besides HOME, PATH and few others: a server sees no secrets of ours.
        url: of a server that runs already, for streamable HTTP.
        headers: sent with each request to the URL.
    """

    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str | None = None
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, server: Any) -> ServerSpec:
        """What a user means.

        Args:
            server: a command line or its words, a URL, or a mapping with `command`, `args`, `env`, `cwd`, or with `url`
                and `headers`, as other MCP clients have it in their files.

        Raises:
            BadOption: it is none of these.
        """
        if isinstance(server, ServerSpec):
            return server
        try:
            found = cls._of_words(server) if isinstance(server, (str, Sequence)) else cls._of_entry(server)
        except (TypeError, ValueError, AttributeError) as error:
            raise BadOption(f"this is no MCP server: {error}", expected=_EXPECTED, received=repr(server)) from error
        if not (found.command or found.url):
            raise BadOption("this is no MCP server", expected=_EXPECTED, received=repr(server))
        return found

    @classmethod
    def _of_words(cls, server: str | Sequence[str]) -> ServerSpec:
        if isinstance(server, str) and server.startswith(("http://", "https://")):
            return cls(url=server)
        return cls(command=tuple(map(str, shlex.split(server) if isinstance(server, str) else server)))

    @classmethod
    def _of_entry(cls, entry: Mapping[str, Any]) -> ServerSpec:
        known = {"command", "args", "env", "cwd", "url", "headers", "type"}
        if strange := entry.keys() - known:
            raise ValueError(f"it has no {min(map(str, strange))!r}")
        command = (str(entry["command"]), *map(str, entry.get("args") or ())) if entry.get("command") else ()
        env, headers = dict(entry.get("env") or {}), dict(entry.get("headers") or {})
        return cls(command, env, entry.get("cwd"), str(entry.get("url") or ""), headers)

    @property
    def name(self) -> str:
        """For messages; without headers and variables, which may hold secrets."""
        return self.url or shlex.join(self.command)

    def check(self) -> None:
        """Raise ToolServerLost where the program is not there."""
        if self.command and self.cwd is None and shutil.which(self.command[0]) is None:
            raise ToolServerLost(
                f"there is no program {self.command[0]!r} to start an MCP server with",
                expected="a program on the PATH, or the path of one",
                received=self.name,
                next_step="Install it, or mend the command line.",
            )
