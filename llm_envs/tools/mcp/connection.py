"""One session with an MCP server, for code that knows nothing of event loops.

All sessions of a process live on one event loop, in a thread of its own that starts with the first. Every wait has an
end: a server that neither answers nor leaves is lost, which is infrastructure, and never a policy's mistake. Whether a
call alone was slow or the whole server hangs is found out by asking it something else.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from llm_envs.errors import MissingExtra, ToolServerLost
from llm_envs.tools.errors import ToolError
from llm_envs.tools.mcp.spec import ServerSpec

try:
    import mcp
    from mcp import types
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client
except ModuleNotFoundError as missing:
    raise MissingExtra.of("mcp", missing.name or "mcp", "an MCP server's tools") from missing

__all__ = ["Connection"]

_START_S = 60.0
"""A first start may install the server (npx, uvx)."""

_STOP_S = 15.0
"""Its input is closed, then it is asked to end, then killed: the SDK takes at most some six seconds for that."""

_ALIVE_S = 5.0
"""To answer anything at all, when a call has brought no answer."""

_SLACK_S = 5.0
_PAGES = 100
_WORDS_CHARS = 190
"""Of what a server says on its standard error before it goes: as much as a message shows."""

_GUARD = str(Path(__file__).with_name("guard.py"))

Result = TypeVar("Result")


class Connection:
    """A session that is open from the beginning, until `close`.

    Args:
        timeout_s: of a call.

    Raises:
        ToolServerLost: the server cannot be started or reached, or does not speak MCP.
    """

    def __init__(self, spec: ServerSpec, timeout_s: float) -> None:
        spec.check()
        self._spec = spec
        self._timeout_s = timeout_s
        self._process = os.getpid()
        self._last_words = _LastWords()
        self._closing = asyncio.Event()
        self._opened: Future[mcp.Client] = Future()
        self._task: asyncio.Task[Any] | None = None
        self._life = _start(self._live())
        _open.add(self)
        try:
            self._client = self._opened.result()
        except (Exception, CancelledError) as error:
            raise self._lost("cannot be started" if spec.command else "cannot be reached", error) from error
        except BaseException:  # Ctrl-C
            self.close()
            raise

    def tools(self) -> tuple[types.Tool, ...]:
        """What the server offers now.

        Raises:
            ToolServerLost: it has gone.
        """
        try:
            return _wait(self._listed(), _START_S)
        except (Exception, CancelledError) as error:
            raise self._lost("does not tell its tools", error) from error

    def call(self, name: str, arguments: Mapping[str, Any]) -> types.CallToolResult:
        """What the server answers.

        Raises:
            ToolError: E_TIMEOUT, E_ARGS where the server says so, E_TOOL_CRASH for what cannot be read.
            ToolServerLost: it has gone, or hangs.
        """
        if os.getpid() != self._process:
            raise ToolServerLost(
                f"the MCP server {self._spec.name!r} belongs to the process that this one was forked from"
            )
        asked = self._client.call_tool(name, dict(arguments), read_timeout_seconds=self._timeout_s)
        try:
            return _wait(asked, self._timeout_s + _SLACK_S)
        except (Exception, CancelledError) as error:
            self._check_alive(error)
            raise _told(name, error, self._timeout_s) from error

    @property
    def is_alive(self) -> bool:
        """The session is open, as far as anybody knows."""
        return not self._life.done() and os.getpid() == self._process

    def close(self) -> None:
        """End the session, and the server where it was started here."""
        self.let_go()
        if os.getpid() == self._process:
            with contextlib.suppress(Exception, CancelledError):
                self._life.result(_STOP_S)
        _open.discard(self)

    def let_go(self) -> None:
        """The same, without waiting for it."""
        if os.getpid() == self._process:
            _loop().call_soon_threadsafe(self._end)

    def _end(self) -> None:
        self._closing.set()
        if self._task is not None and not self._opened.done():
            self._task.cancel()

    async def _live(self) -> None:
        """The whole session: what a task has entered, it must leave itself."""
        self._task = asyncio.current_task()
        try:
            async with AsyncExitStack() as stack:
                async with asyncio.timeout(_START_S):
                    transport = await stack.enter_async_context(self._transport())
                    client = await stack.enter_async_context(mcp.Client(transport, cache=None))
                self._last_words.listen_only()
                self._opened.set_result(client)
                await self._closing.wait()
        except BaseException as error:
            if not self._opened.done():
                self._opened.set_exception(error)
            raise
        finally:
            self._last_words.close()

    @asynccontextmanager
    async def _transport(self) -> AsyncIterator[Any]:
        if self._spec.url:
            async with create_mcp_http_client(headers=dict(self._spec.headers)) as http:
                yield streamable_http_client(self._spec.url, http_client=http)
            return
        guarded = ["-I", "-S", _GUARD, str(os.getpid()), *self._spec.command]
        started = mcp.StdioServerParameters(
            command=sys.executable,
            args=guarded,
            env=dict(self._spec.env),
            cwd=self._spec.cwd,
            encoding_error_handler="replace",
        )
        yield mcp.stdio_client(started, errlog=self._last_words.file)

    async def _listed(self) -> tuple[types.Tool, ...]:
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._client.list_tools(cursor=cursor)
            found += page.tools
            cursor = page.next_cursor
            if cursor is None:
                break
        return tuple(found)

    def _check_alive(self, error: BaseException) -> None:
        if isinstance(error, mcp.MCPError) and error.code not in _MAY_BE_OURS:
            return
        try:
            _wait(self._client.list_tools(), _ALIVE_S)
        except (Exception, CancelledError) as silence:  # noqa: BLE001 (whatever it is, nobody has answered)
            raise self._lost("has gone, or hangs", silence) from error

    def _lost(self, what: str, error: BaseException) -> ToolServerLost:
        self.close()
        words = self._last_words.text or _innermost(error)
        return ToolServerLost(
            f"the MCP server {self._spec.name!r} {what}",
            expected="a server that speaks MCP for as long as it is needed",
            received=words,
            next_step="Run that command by hand, and see what it says." if self._spec.command else "Start it.",
        )


_MAY_BE_OURS = frozenset({types.CONNECTION_CLOSED, types.REQUEST_TIMEOUT})
"""Codes that the SDK gives an error of its own; servers may use them as well."""


def _told(name: str, error: BaseException, timeout_s: float) -> ToolError:
    """The error as the policy hears of it, of a server that is alive."""
    if not isinstance(error, mcp.MCPError):
        late = isinstance(error, TimeoutError)
        return (
            ToolError("E_TIMEOUT", _late(name, timeout_s)) if late else ToolError("E_TOOL_CRASH", f"{name} has failed")
        )
    if error.code == types.REQUEST_TIMEOUT:
        return ToolError("E_TIMEOUT", _late(name, timeout_s))
    return ToolError("E_ARGS" if error.code == types.INVALID_PARAMS else "E_TOOL_CRASH", error.message)


def _late(name: str, timeout_s: float) -> str:
    return f"{name} took longer than {timeout_s:g} s"


def _innermost(error: BaseException) -> str:
    """In words; task groups wrap the error that matters."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


class _LastWords:
    """What a server says on its standard error, the end of it. Used on the event loop.

    Attributes:
        file: for the server to write to.
    """

    def __init__(self) -> None:
        self._bytes = b""
        self._read_end, write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        self.file = os.fdopen(write_end, "w")
        _loop().call_soon_threadsafe(lambda: _loop().add_reader(self._read_end, self._hear))

    @property
    def text(self) -> str:
        return self._bytes.decode("utf-8", "replace").strip()[-_WORDS_CHARS:].strip()

    def listen_only(self) -> None:
        """The server has the other end by now."""
        self.file.close()

    def close(self) -> None:
        """Hear the rest."""
        self.file.close()
        if self._read_end >= 0:
            self._hear()
            self._stop()

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            said = os.read(self._read_end, 1 << 16)
            self._bytes = (self._bytes + said)[-8 * _WORDS_CHARS :]
            if not said:
                self._stop()

    def _stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self._read_end)
        os.close(self._read_end)
        self._read_end = -1


_lock = threading.Lock()
_open: set[Connection] = set()
_shared: list[asyncio.AbstractEventLoop] = []


def _loop() -> asyncio.AbstractEventLoop:
    """The one of this process; it runs for as long as that does."""
    with _lock:
        if not _shared:
            _shared.append(asyncio.new_event_loop())
            threading.Thread(target=_shared[0].run_forever, name="llm-envs-mcp", daemon=True).start()
        return _shared[0]


def _start(work: Coroutine[Any, Any, Result]) -> Future[Result]:
    return asyncio.run_coroutine_threadsafe(work, _loop())


def _wait(work: Coroutine[Any, Any, Result], timeout_s: float) -> Result:
    future = _start(work)
    try:
        return future.result(timeout_s)
    finally:
        future.cancel()


@atexit.register
def _close_all() -> None:
    there = list(_open)
    for connection in there:
        connection.let_go()
    for connection in there:
        connection.close()


def _forget() -> None:
    """In a forked process, which has none of its parent's threads."""
    global _lock  # noqa: PLW0603 (another thread of the parent may hold it)
    _lock = threading.Lock()
    _shared.clear()
    _open.clear()


os.register_at_fork(after_in_child=_forget)
