"""A box for as long as an episode: cells of one Python interpreter, calls, commands and files that stay in between.

    with sandbox.session(files={"data.csv": b"1,2"}) as session:
        session.execute("rows = open('data.csv').read()")
        session.execute("rows").value                       # "'1,2'"
        session.shell("wc -c data.csv").stdout

What is wrong with a cell or a command is its reply's status, never an exception. A box that is lost is one: its state
cannot be had again, so nothing is tried twice.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, Protocol, Self

from llm_envs.errors import SandboxFailed
from llm_envs.sandbox.program import Invocation
from llm_envs.sandbox.result import NO_VALUE, TestRun
from llm_envs.sandbox.wire import in_base64, invocation, read_run
from llm_envs.sandbox.worker import BoxLost

__all__ = ["Raised", "Reply", "Session"]

_FILES = 10_000
_NAME_CHARS = 1000


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception of the program: its words, and nothing that could be one here."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply(TestRun):
    """How a request ended, and what it brought: all of it the program's word.

    Args:
        value: of a cell the `repr` of its last expression, of a call its value, of `read` the content as bytes, of
            `files` the paths; NO_VALUE where there is none.
        raised: what a cell or call has raised.
    """

    raised: Raised | None = None


class Tenancy(Protocol):
    """A box that is one session's own."""

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the box answers. Raises SandboxFailed."""

    def leave(self) -> None:
        """Give it back. Raises SandboxFailed."""


class Session:
    """A state that stays from request to request; made by `Sandbox.session`.

    Args:
        tenancy: the box that is its own.
    """

    def __init__(self, tenancy: Tenancy) -> None:
        self._tenancy = tenancy

    def execute(self, source: str) -> Reply:
        """Run a cell of Python, which finds what earlier cells have left. Raises SandboxFailed."""
        return self._told({"kind": "execute", "source": source}, _cell_value)

    def call(self, function: str, *args: Any, **kwargs: Any) -> Reply:
        """Call what cells have defined, with plain data. Raises BadOption, SandboxFailed."""
        return self._told({"kind": "call", **invocation(Invocation(function, args, kwargs))}, None)

    def shell(self, command: str) -> Reply:
        """Run a command of the shell in the working folder; what it leaves running ends. Raises SandboxFailed."""
        return self._told({"kind": "shell", "command": command}, None)

    def read(self, path: str) -> Reply:
        """A file's content, as bytes. Raises SandboxFailed."""
        return self._told({"kind": "read", "path": path}, _content)

    def write(self, path: str, content: bytes) -> Reply:
        """Put a file there, and the folders that lead to it. Raises SandboxFailed."""
        return self._told({"kind": "write", "path": path, **in_base64({"content": content})}, None)

    def files(self) -> Reply:
        """The paths of all files in the working folder, those of folders with a stroke. Raises SandboxFailed."""
        return self._told({"kind": "files"}, _paths)

    def close(self) -> None:
        """Give the box back; nothing of the session stays in it. May be called again."""
        with contextlib.suppress(SandboxFailed):  # it is gone, then
            self._tenancy.leave()

    def _told(self, request: dict[str, Any], read_value: Callable[[Mapping[str, Any]], Any] | None) -> Reply:
        answer = self._tenancy.ask(request)
        try:
            known = _fields(read_run(answer))
            if read_value is not None:
                known["value"] = read_value(answer)
            return Reply(**known, raised=_raised(answer.get("error")))
        except (BoxLost, ValueError) as error:  # what answers in a session is of the program's own user
            return Reply("runtime_error", detail=f"the session garbled its answer: {error}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _fields(run: TestRun) -> dict[str, Any]:
    return {field.name: getattr(run, field.name) for field in fields(run)}


def _cell_value(answer: Mapping[str, Any]) -> Any:
    value = answer.get("value")
    return value if isinstance(value, str) else NO_VALUE


def _content(answer: Mapping[str, Any]) -> Any:
    content = answer.get("content")
    if not isinstance(content, str):
        return NO_VALUE
    try:
        return base64.b64decode(content, validate=True)
    except binascii.Error as error:
        raise ValueError("no content") from error


def _paths(answer: Mapping[str, Any]) -> Any:
    paths = answer.get("files")
    if not isinstance(paths, list):
        return NO_VALUE
    return tuple(path for path in paths[:_FILES] if isinstance(path, str))


def _raised(error: Any) -> Raised | None:
    if not isinstance(error, dict):
        return None
    return Raised(str(error.get("name"))[:_NAME_CHARS], str(error.get("text"))[:_NAME_CHARS])
