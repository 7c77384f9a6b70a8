"""Whoever sits at the terminal, as a model: asked one thing at a time, an episode from its first turn to its last.

The person is told no verdicts, as no model is. Who leaves, by `:quit` or Ctrl-D, stops the run, and finds it where it
was when the same command is given again. So does Ctrl-C: it is heard by the main thread, and the thread that waits for
a line looks up now and then.
"""

from __future__ import annotations

import asyncio
import io
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping
from functools import partial
from types import FrameType
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from llm_envs.errors import Outage
from llm_envs.evals.hands import Hands
from llm_envs.policies.model import ROOM, Attempt, Completion, Level, Query
from llm_envs.policies.terminal import QUOTES, Command, Terminal, asks_for_box, boxed
from llm_envs.policies.typed_calls import as_call, explained

__all__ = ["Person", "at_this_terminal"]

_COMMANDS = (Command.HELP, Command.NEXT, Command.TOOLS, Command.QUIT)
"""Solutions are not shown to who is being evaluated."""

_LOOK_S = 0.1

_ANSWER_S = 0.3
"""Within it most envs answer: the person goes on with the same episode, if it goes on."""


class _Open(NamedTuple):
    """A question that waits for its turn."""

    query: Query
    reply: asyncio.Future[str]


class Person:
    """A person as a model.

    Args:
        terminal: where they sit.
        env_options: besides room for what they may say.
        gone: set at Ctrl-C, for whoever waits for a line.
    """

    level: Level = "turn"

    def __init__(
        self,
        terminal: Terminal,
        env_options: Mapping[str, Any] | None = None,
        gone: threading.Event | None = None,
    ) -> None:
        self.env_options: Mapping[str, Any] = {**ROOM, **(env_options or {})}
        self._terminal = terminal
        self._gone = gone or threading.Event()
        self._at_interrupt: Any = None
        self._waiting: list[_Open] = []
        self._asked = asyncio.Event()
        self._hands = Hands(1)
        self._server: asyncio.Task[None] | None = None
        self._last: Attempt | None = None
        self._passed: Attempt | None = None
        self._shown = 0

    async def open(self) -> None:
        """Say how to reply."""
        self._terminal.say(
            f"Reply in one line, or in several between {QUOTES} and {QUOTES}; :help tells more. "
            "Where a box is asked for, a bare answer counts as if it were boxed.",
            "dim",
        )
        self._server = asyncio.create_task(self._serve())
        if threading.current_thread() is threading.main_thread():
            self._at_interrupt = signal.signal(signal.SIGINT, self._on_interrupt)

    async def close(self) -> None:
        """Ask nothing more."""
        if self._at_interrupt is not None:
            signal.signal(signal.SIGINT, self._at_interrupt)
        if self._server:
            self._server.cancel()
            await asyncio.gather(self._server, return_exceptions=True)
        self._hands.close()

    async def reply(self, query: Query) -> Completion:
        """What the person types; nothing, in all its turns, where they pass the task over.

        Raises:
            Outage: they have left.
        """
        began_s = time.perf_counter()
        waiting = _Open(query, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._asked.set()
        return Completion(await waiting.reply, took_s=time.perf_counter() - began_s)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        self._gone.set()
        if callable(self._at_interrupt):
            self._at_interrupt(number, frame)

    async def _serve(self) -> None:
        while True:
            await self._asked.wait()
            query, reply = waiting = self._next()
            self._waiting.remove(waiting)
            if not self._waiting:
                self._asked.clear()
            try:
                said = await self._hands.do(partial(self._ask, query), None)
            except (EOFError, Outage):
                reply.set_exception(_left())
                continue
            if not reply.done():
                reply.set_result(said)
            if query.env.limits.max_turns > 1:
                await asyncio.sleep(_ANSWER_S)

    def _next(self) -> _Open:
        """The next turn of the same episode, if it is there, else whoever waits longest."""
        same = (waiting for waiting in self._waiting if waiting.query.attempt == self._last)
        return next(same, self._waiting[0])

    def _ask(self, query: Query) -> str:
        if query.attempt == self._passed:
            return ""
        if query.attempt != self._last:
            env, task, sample = query.attempt
            self._terminal.console.rule(Text(f"{env} {task}.{sample}", "bold"), align="left", style="dim")
            self._last, self._shown = query.attempt, 0
        self._terminal.show(query.messages[self._shown :])
        self._shown = len(query.messages)
        said = self._said(query)
        if said == Command.QUIT:
            raise _left()
        if said == Command.NEXT:
            self._passed = query.attempt
            return ""
        return said

    def _said(self, query: Query) -> str | Command:
        """A reply, or a command that ends the turn."""
        task, prompt = query.env.task, f"{query.turn + 1}> " if query.env.limits.max_turns > 1 else "> "
        while True:
            said = self._terminal.ask(prompt)
            if said == Command.TOOLS:
                self._terminal.say(explained(task.tools), "cyan")
                continue
            try:
                call = as_call(said, task.tools, query.env.chat.calling.write)
            except ValueError as error:
                self._terminal.say(str(error), "yellow")
                continue
            return boxed(said) if call == said and not isinstance(said, Command) and asks_for_box(task) else call


def at_this_terminal(env_options: Mapping[str, Any] | None = None) -> Person:
    """Whoever is at standard input and output."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # what a pipe brings may be in any encoding
    gone, types = threading.Event(), sys.stdin.isatty()
    read = partial(_typed, gone) if types else input
    return Person(Terminal(Console(), read, echo=not types, commands=_COMMANDS), env_options, gone)


def _typed(gone: threading.Event, prompt: str) -> str:
    """A line that somebody types; EOFError where they go instead."""
    sys.stdout.write(prompt)
    sys.stdout.flush()
    while not select.select([sys.stdin], [], [], _LOOK_S)[0]:
        if gone.is_set():
            raise EOFError
    return input()


def _left() -> Outage:
    return Outage(
        "the person at the terminal has left",
        expected="a reply",
        next_step="Give the same command again to go on where you were.",
    )
