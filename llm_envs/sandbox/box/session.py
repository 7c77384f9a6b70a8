"""A session: requests that share a program's state and files, until the host closes it.

    {"kind": "open", "files": {path: base64}, "limits": {...}}
    {"kind": "execute", "source": str}            a cell of a Python interpreter; "value" is its last expression's repr
    {"kind": "call", "function", "args", "kwargs"}  of what cells have defined; "said" as of an invocation
    {"kind": "shell", "command": str}             in the working folder; what it leaves running ends with it
    {"kind": "read", "path"}                      "content": base64
    {"kind": "write", "path", "content": base64}
    {"kind": "files"}                             "files": paths in the working folder
    {"kind": "close"}

Each is answered by a RUN (see `request`) with "clean" and "failed", and what is named above; where a cell or call has
raised, "error" has the exception's "name" and "text". Limits hold for each request. All of it is the program's word:
what answers is a process of the program's own user. The supervisor alone decides on `clean` and `failed`.

A request that is not answered in time, or that ends who answers, loses the state of the interpreter, and nothing else
where files are kept apart by user; where they live in namespaces, these as well.
"""

from __future__ import annotations

import base64
import contextlib
import os
import select
import time
from typing import Any, Final

from llm_envs.sandbox.box import agent, frames
from llm_envs.sandbox.box.candidate import Plumbing, furnish
from llm_envs.sandbox.box.memory import kills
from llm_envs.sandbox.box.processes import end_all
from llm_envs.sandbox.box.request import Limits, run
from llm_envs.sandbox.box.slots import Slot
from llm_envs.sandbox.box.trial import fork_candidate, report

__all__ = ["hold"]

_GRACE_S: Final = 10.0
"""For an agent to end by itself what takes too much."""

_ANSWER_MIB: Final = 64
_START_TIMEOUT_S: Final = 20.0
_FOREVER_S: Final = 10**7
"""Of CPU: limits hold for each request, and the agent counts."""


def hold(requests: int, answers: int, opening: dict[str, Any], slot: Slot) -> bool:
    """Answer a session's requests until it is closed; false where the host hangs up instead.

    Raises:
        Broken, OSError: no agent could be started.
    """
    files = {path: base64.b64decode(content) for path, content in opening.get("files", {}).items()}
    agent_ = _Agent(Limits.of(opening["limits"]), slot)
    try:
        agent_.start(files)
        frames.send(answers, _answer(run("ok"), clean=True))
        while (request := frames.receive(requests)) is not None and request["kind"] != "close":
            frames.send(answers, _answer(agent_.ask(request), clean=True))
    finally:
        clean = agent_.end() and slot.sweep()
    if request is not None:
        frames.send(answers, _answer(run("ok"), clean=clean))
    return request is not None


def _answer(told: dict[str, Any], *, clean: bool) -> dict[str, Any]:
    return told | {"clean": clean, "failed": ""}


class _Agent:
    """The process that answers, and the pipes to it."""

    def __init__(self, limits: Limits, slot: Slot) -> None:
        self._limits = limits
        self._slot = slot
        self._to = self._from = -1

    def start(self, files: dict[str, bytes]) -> None:
        """Fork it; it confines itself, and writes the files."""
        reader, self._to = os.pipe()
        self._from, writer = os.pipe()
        status, told = os.pipe()
        for end in (self._to, self._from):
            os.set_blocking(end, False)

        def become() -> None:
            furnish(files)
            report()
            agent.serve(self._limits)

        nothing = os.open(os.devnull, os.O_RDWR)
        plumbing = Plumbing(reader, nothing, nothing, writer, told, None)
        fork_candidate(become, plumbing, self._limits._replace(cpu_s=_FOREVER_S), self._slot)
        for end in (reader, writer, told, nothing):
            os.close(end)
        self._await_report(status)

    def _await_report(self, status: int) -> None:
        """Files may not fit, or the kernel refuse."""
        with open(status, "rb") as file:
            if select.select([file], [], [], _START_TIMEOUT_S)[0] and (words := file.read()) != b"R":
                raise OSError(words.decode("utf-8", "replace"))

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """What it says, or what has become of it."""
        killed = kills()
        deadline = time.monotonic() + self._limits.deadline_s + _GRACE_S
        try:
            self._write(frames.written(request), deadline)
            size = int.from_bytes(self._read(4, deadline), "big")
            return frames.parsed(self._read(size, deadline), size)
        except (TimeoutError, frames.BrokenFrame, BrokenPipeError):
            status = "memory_limit" if kills() > killed else "runtime_error"
            if time.monotonic() > deadline:
                status = "time_limit"
        self.end()
        self.start({})
        return run(status, detail="all processes of the session were lost; the next request starts afresh")

    def _write(self, data: bytes, deadline: float) -> None:
        left = memoryview(data)
        while left:
            _await(self._to, select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                left = left[os.write(self._to, left) :]

    def _read(self, size: int, deadline: float) -> bytes:
        data = bytearray()
        if size > _ANSWER_MIB << 20:
            raise frames.BrokenFrame
        while len(data) < size:
            _await(self._from, select.POLLIN, deadline)
            with contextlib.suppress(BlockingIOError):
                piece = os.read(self._from, min(size - len(data), 1 << 20))
                if not piece:
                    raise frames.BrokenFrame
                data += piece
        return bytes(data)

    def end(self) -> bool:
        """End it and all that it has started; false where something is left."""
        self._slot.kill()
        _, ended = end_all(self._slot.kill)
        for descriptor in (self._to, self._from):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._to = self._from = -1
        return ended


def _await(descriptor: int, event: int, deadline: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
        raise TimeoutError
