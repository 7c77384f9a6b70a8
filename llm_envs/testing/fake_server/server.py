"""The server: an event loop in a thread of its own, and a log of what was asked and what was answered."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Self, TypeVar

from llm_envs.chat import load_tokenizer
from llm_envs.testing.fake_server.faults import Faults, uniform
from llm_envs.testing.fake_server.manners import Answer, Manners
from llm_envs.testing.fake_server.speech import Asked, Raw, trouble
from llm_envs.testing.fake_server.wire import Request, packed, read_request, reset

__all__ = ["FakeServer"]

_PATIENCE_S = 30.0
"""For the thread to do what it is told; it takes milliseconds."""

_LAST_ROUNDS = 8
"""Of the loop: connections that were just taken begin to talk, and those that were closed are let go."""

_DRIPS = 10
"""Pieces of a slow answer."""

Result = TypeVar("Result")


class FakeServer:
    """An endpoint to test clients against; a context manager, and `start` and `stop`.

    Args:
        answer: what it says. It runs in the server's thread and must not block. By default the length and the end of
            what was asked.
        models: what /v1/models lists; others are unknown.
        key: that requests must carry; "" asks for none.
        latency_s: from a question to its answer.
        jitter: share of the latency by which it varies, up or down.
        faults: share of all questions by fault, see `FAULTS`; other paths are always right.
        seed: of faults and jitter.
        retry_after_s: what a 429 says.
        drip_s: how long a slow answer takes.
        refuses: fields of a request that it does not know, and refuses with 400.
        gives_ids: it knows `return_token_ids`, as vLLM does, and lists how long a context it takes.
        tokenizer: of prompts and answers that are token ids; a name or a ChatTokenizer.
        context_length: prompts with `max_tokens` must fit into it, in its own count.
        port: 0 takes one that is free.
        log: False keeps counts alone, for long runs.

    Raises:
        BadOption: there is no such fault, or the shares are none.
    """

    def __init__(
        self,
        answer: Answer | None = None,
        *,
        models: Sequence[str] = ("fake",),
        key: str = "",
        latency_s: float = 0.0,
        jitter: float = 0.0,
        faults: Mapping[str, float] | None = None,
        seed: int = 0,
        retry_after_s: float = 1.0,
        drip_s: float = 0.5,
        refuses: Sequence[str] = (),
        gives_ids: bool = True,
        tokenizer: Any = "bytes",
        context_length: int | None = None,
        port: int = 0,
        log: bool = True,
    ) -> None:
        self.tokenizer = load_tokenizer(tokenizer)
        self.port = port
        self.asked: list[Asked] = []
        self.answered: list[Asked] = []
        self.counts: Counter[str] = Counter()
        self.open_now = self.open_most = 0
        self.manners = Manners(
            answer,
            self.tokenizer,
            models=models,
            key=key,
            retry_after_s=retry_after_s,
            refuses=refuses,
            gives_ids=gives_ids,
            context_length=context_length,
        )
        self._latency_s, self._jitter = latency_s, jitter
        self._faults, self._seed = Faults(faults or {}, seed), seed
        self._drip_s = drip_s
        self._log = log
        self._first_s = self._last_s = 0.0
        self._cpu_before_s = time.process_time()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._listener: asyncio.Server | None = None
        self._talks: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    # For tests

    @property
    def base_url(self) -> str:
        """Where it is, as clients want it."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def span_s(self) -> float:
        """From the first question to the last answer."""
        return max(0.0, self._last_s - self._first_s)

    @property
    def cpu_s(self) -> float:
        """Of this process, since the server was made; its own, where it has a process of its own."""
        return time.process_time() - self._cpu_before_s

    def misbehave(self, faults: Mapping[str, float]) -> None:
        """Have other faults from now on; none, by an empty mapping."""
        self._faults = Faults(faults, self._seed)

    def down(self) -> None:
        """Have an outage: connections are cut, and no more are taken."""
        self._do(self._shut())

    def up(self) -> None:
        """End the outage, at the same address."""
        self._do(self._open())

    # Its thread

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Take questions.

        Raises:
            OSError: the port is taken.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-server", daemon=True)
        self._thread.start()
        try:
            self._do(self._open())
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Cut all connections and end the thread."""
        if self._loop is None or self._thread is None:
            return
        self._do(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self._loop.close()
        self._loop = self._thread = None

    def _do(self, work: Coroutine[Any, Any, Result]) -> Result:
        if self._loop is None:
            work.close()
            raise RuntimeError("the server does not run: enter it as a context manager, or call start()")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE_S)

    async def _open(self) -> None:
        if self._listener is None:
            self._listener = await asyncio.start_server(self._talk, "127.0.0.1", self.port, backlog=1024)
            self.port = self._listener.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._listener is not None:
            for listening in self._listener.sockets:
                asyncio.get_running_loop().remove_reader(listening.fileno())
            await asyncio.sleep(0)  # a connection that is being taken now must not meet a closed listener
            self._listener.close()
            self._listener = None
        for _ in range(_LAST_ROUNDS):
            for talk, writer in self._talks.items():
                reset(writer)
                talk.cancel()
            await asyncio.sleep(0)

    # One connection

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 (streams run their callback in a task)
        self._talks[task] = writer
        self.counts["connections"] += 1
        try:
            while request := await read_request(reader):
                await self._handle(request, reader, writer)
                if writer.is_closing() or request.headers.get("connection") == "close":
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass  # the client has gone, or the server is shutting down
        finally:
            del self._talks[task]
            writer.close()

    async def _handle(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = request.path.partition("?")[0]
        if path not in _QUESTIONS:
            writer.write(packed(self._page(request, path)))
            await writer.drain()
            return
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            await self._take(request, path, reader, writer)
        finally:
            self.open_now -= 1

    async def _take(
        self, request: Request, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer one question, or fail to, as its number has it."""
        number = self.counts["asked"]
        self._first_s = self._first_s or time.monotonic()
        asked = Asked(number, path, _json(request.body), self._faults.of(number), request.headers)
        self.counts["asked"] += 1
        if self._log:
            self.asked.append(asked)
        if asked.fault:
            self.counts[asked.fault] += 1
        await self._wait(number)
        if asked.fault in (None, "drip"):
            await self._reply(asked, reader, writer)
        else:
            await self._fail(asked, reader, writer)

    async def _reply(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say what is right; it counts as answered the moment before its last bytes go out."""
        answer = self.manners.refusal(asked) or self.manners.spoken(asked)
        wire = packed(answer)
        step = -(-len(wire) // _DRIPS) if asked.fault else len(wire)
        *pieces, last = (wire[start : start + step] for start in range(0, len(wire), step))
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(self._drip_s / _DRIPS)
        if not reader.at_eof():
            self._note(asked, answer)
        writer.write(last)
        await writer.drain()

    def _note(self, asked: Asked, answer: Raw) -> None:
        self._last_s = time.monotonic()
        if answer.status == 200:
            self.counts["answered"] += 1
            if self._log:
                self.answered.append(asked)

    async def _wait(self, number: int) -> None:
        if self._latency_s:
            varied = 1.0 + self._jitter * (2.0 * uniform(self._seed, "jitter", number) - 1.0) if self._jitter else 1.0
            await asyncio.sleep(self._latency_s * varied)

    async def _fail(self, asked: Asked, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if asked.fault == "hang":
            await reader.read(1)  # nothing comes before the client has had enough and goes
            writer.close()
        elif asked.fault == "reset":
            reset(writer)
        elif asked.fault == "truncated":
            whole = self.manners.spoken(asked)
            writer.write(packed(whole, whole.content[:-10]))
            await writer.drain()
            writer.close()
        else:
            writer.write(packed(self.manners.faulty(asked)))
            await writer.drain()

    def _page(self, request: Request, path: str) -> Raw:
        """What stands at a path that takes no questions."""
        if path == "/v1/models":
            refusal = self.manners.turned_away(request.headers)
            return refusal or Raw(200, {"object": "list", "data": self.manners.cards()})
        if path == "/counts":
            times = {"span_s": self.span_s, "cpu_s": self.cpu_s, "open_most": self.open_most}
            return Raw(200, {**self.counts, **times})
        return trouble(404, f"There is nothing at {path}.")


_QUESTIONS = frozenset({"/v1/chat/completions", "/v1/completions"})


def _json(body: bytes) -> Mapping[str, Any]:
    """The object that a body holds; an empty one where it holds none."""
    try:
        plain = json.loads(body)
    except ValueError:
        return {}
    return plain if isinstance(plain, dict) else {}
