"""A box that is a child process of this one: what it is confined by, its command says."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence

from llm_envs.errors import SandboxUnavailable
from llm_envs.sandbox.worker import BoxLost

__all__ = ["ProcessBox"]

_LAST_WORDS = 2000
_END_TIMEOUT_S = 10.0


class ProcessBox:
    """A process and its pipes; a session of its own, so that no terminal's signal reaches it.

    Raises:
        SandboxUnavailable: it cannot be started.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], pass_fds: Sequence[int] = ()) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - a command of our own; programs come as data
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=dict(environment),
                start_new_session=True,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise SandboxUnavailable(
                "no process could be started for untrusted programs",
                expected=f"a machine that starts {command[0]}",
                received=str(error),
                next_step="Free memory, raise the limit on processes (ulimit -u), or see `llm-envs doctor`.",
            ) from error
        self.pid = self._process.pid
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            os.set_blocking(_descriptor(stream), False)

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it to the box's standard input."""
        into, left = _descriptor(self._process.stdin), memoryview(data)
        while left:
            self._await(into, select.POLLOUT, deadline)
            try:
                left = left[os.write(into, left) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise BoxLost(self._post_mortem()) from error

    def receive(self, size: int, deadline: float) -> bytes:
        """What the box has written to its standard output, as it comes."""
        source = _descriptor(self._process.stdout)
        while True:
            self._await(source, select.POLLIN, deadline)
            try:
                data = os.read(source, size)
            except BlockingIOError:
                continue
            if not data:
                raise BoxLost(self._post_mortem())
            return data

    def _await(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        left_s = deadline - time.monotonic()
        if left_s <= 0 or not poll.poll(left_s * 1000):
            raise BoxLost("it did not answer in time")

    def _post_mortem(self) -> str:
        """What is known of a process that hung up: its last words, read without waiting."""
        words = b""
        with contextlib.suppress(OSError):
            words = os.read(_descriptor(self._process.stderr), _LAST_WORDS)
        said = words.decode("utf-8", "replace").strip()
        return f"its process hung up{f': {said}' if said else ''}"

    def kill(self) -> None:
        """SIGKILL to it and its group; what it has confined beyond that ends with it."""
        if self._process.poll() is None:
            for end in (os.killpg, os.kill):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    end(self.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_END_TIMEOUT_S)

    def close(self) -> None:
        """Let go of the streams."""
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        if self._process.returncode is None:
            self._process.returncode = 0  # a parent's child: nobody here may wait for it


def _descriptor(stream: object) -> int:
    number: int = stream.fileno()  # type: ignore[attr-defined]
    return number
