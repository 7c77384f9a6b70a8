"""A session's process inside: of the program's own user, it runs cells, calls and commands, and reaches its files.

It is our code, hidden from the processes that it starts, but of their user, so that they may end it; the supervisor
starts another then. It ends what takes too much by itself, so that a session outlives a cell that does not end: first
by an interrupt, which leaves the interpreter what it knows, then for good.
"""

from __future__ import annotations

import base64
import contextlib
import os
import resource
import signal
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

from llm_envs.sandbox.box import kernel
from llm_envs.sandbox.box.candidate import SAID
from llm_envs.sandbox.box.frames import parsed, receive, send
from llm_envs.sandbox.box.interpreter import interpret
from llm_envs.sandbox.box.outlet import Outlet
from llm_envs.sandbox.box.processes import children, cpu_below
from llm_envs.sandbox.box.request import Limits, run
from llm_envs.sandbox.box.watch import watch

__all__ = ["FILE_MIB", "serve"]

FILE_MIB: Final = 8
"""Of a file that is read."""

_FILES: Final = 10_000
_DEPTH: Final = 32
_ANSWER_KIB: Final = 16384
_GRACE_S: Final = 1.0
"""After an interrupt, for an interpreter to come to itself."""

_PATIENCE_S: Final = 2.0
_INTERPRETER_LOST: Final = "the interpreter has ended; the next cell starts a fresh one"


def serve(limits: Limits) -> NoReturn:
    """Answer the supervisor until it hangs up."""
    kernel.hide()
    kernel.adopt_orphans()
    requests = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    agent = _Agent(limits)
    while (request := receive(requests)) is not None:
        send(SAID, agent.answer(request))
    os._exit(0)


class _Agent:
    """What it has started, and how it is asked."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cap = int(limits.output_kib) << 10
        self._interpreter: _Interpreter | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        kinds: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "execute": self._ask_interpreter,
            "call": self._ask_interpreter,
            "shell": self._shell,
            "read": _read,
            "write": _write,
            "files": _files,
        }
        try:
            return kinds[request["kind"]](request)
        except OSError as error:
            return run("runtime_error", detail=f"{type(error).__name__}: {error.strerror or error}")

    def _ask_interpreter(self, request: dict[str, Any]) -> dict[str, Any]:
        """A cell or a call; an interpreter that does not live through it is forgotten."""
        if self._interpreter is None:
            self._interpreter = _Interpreter(self._cap)
        answer, alive = self._interpreter.ask(request, self._limits)
        if not alive:
            self._end_all(spare=0)
            self._interpreter.close()
            self._interpreter = None
        return answer

    def _shell(self, request: dict[str, Any]) -> dict[str, Any]:
        """A command; what it leaves running is ended with it."""
        outlets = [_outlet(self._cap), _outlet(self._cap)]
        started, spent_s, used_s = time.monotonic(), cpu_below(), _used()
        shell = subprocess.Popen(
            ["/bin/sh", "-c", request["command"]],
            stdin=subprocess.DEVNULL,
            stdout=outlets[0].writer,
            stderr=outlets[1].writer,
            start_new_session=True,
        )
        for outlet in outlets:
            outlet.shut()
        why = watch(shell.pid, outlets, self._limits, started, spent_s=spent_s)
        if why:
            shell.kill()
        code = shell.wait()
        self._end_all(spare=self._interpreter.pid if self._interpreter else 0)
        used_s = _used() - used_s
        status = why or ("ok" if code == 0 else "runtime_error")
        return _outcome(status, outlets, started, used_s, exit_code=max(code, 0), signal=max(-code, 0))

    def _end_all(self, spare: int) -> None:
        """End what runs, but for the interpreter; where that does not help, leave it to the supervisor."""
        end = time.monotonic() + _PATIENCE_S
        while others := [pid for pid in children() if pid != spare]:
            if time.monotonic() > end:
                os._exit(1)
            for pid in others:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)


class _Interpreter:
    """A process of `interpreter`, and the pipes to it."""

    def __init__(self, cap: int) -> None:
        self._cap = cap
        reader, self._requests = os.pipe()
        self._answers = Outlet(_ANSWER_KIB << 10)
        self._done, done = os.pipe()
        self._outlets = [_outlet(cap), _outlet(cap)]
        self.pid = os.fork()
        if self.pid == 0:
            self._become(reader, done)
        for descriptor in (reader, done):
            os.close(descriptor)
        for outlet in (self._answers, *self._outlets):
            outlet.shut()

    def _become(self, reader: int, done: int) -> NoReturn:
        try:
            for descriptor in (self._requests, self._done, SAID):
                os.close(descriptor)
            for number, outlet in enumerate(self._outlets, 1):
                os.dup2(outlet.writer, number)
            os.setsid()
            kernel.show()
            kernel.die_with_parent()
            interpret(reader, self._answers.writer, done)
        finally:
            os._exit(1)

    def ask(self, request: dict[str, Any], limits: Limits) -> tuple[dict[str, Any], bool]:
        """What it answers, and whether it is still to be asked."""
        started, spent_s = time.monotonic(), cpu_below()
        for outlet in (self._answers, *self._outlets):
            outlet.forget()
        with contextlib.suppress(OSError):
            send(self._requests, request)
        why = self._watched(limits, started, spent_s)
        alive = self._is_done()
        if why and not alive:
            os.kill(self.pid, signal.SIGINT)
            grace = limits._replace(deadline_s=_GRACE_S, cpu_s=limits.cpu_s + _GRACE_S)
            alive = not self._watched(grace, time.monotonic(), spent_s) and self._is_done()
        used_s = cpu_below() - spent_s
        told = self._told() if alive else {}
        status = why or ("ok" if alive and "error" not in told else "runtime_error")
        answer = _outcome(status, self._outlets, started, used_s, close=False) | told
        if not alive:
            answer["detail"] = _INTERPRETER_LOST
        elif "error" in told:
            answer["detail"] = "{name}: {text}".format(**told["error"])
        return answer, alive

    def _watched(self, limits: Limits, started: float, spent_s: float) -> str:
        return watch(self.pid, [self._answers, *self._outlets], limits, started, spent_s=spent_s, until=self._done)

    def _is_done(self) -> bool:
        os.set_blocking(self._done, False)
        try:
            return os.read(self._done, 1) == b"."
        except BlockingIOError:
            return False

    def _told(self) -> dict[str, Any]:
        self._answers.drain()
        frame = self._answers.kept()
        try:
            said = parsed(frame[4:], int.from_bytes(frame[:4], "big"))
        except ValueError:
            return {"error": {"name": "", "text": "the interpreter has garbled its answer"}}
        known = {name: said[name] for name in ("value", "said") if isinstance(said.get(name), str)}
        if isinstance(said.get("error"), dict):
            known["error"] = {part: str(said["error"].get(part, "")) for part in ("name", "text")}
        return known

    def close(self) -> None:
        for descriptor in (self._requests, self._done):
            os.close(descriptor)
        for outlet in (self._answers, *self._outlets):
            outlet.close()


def _used() -> float:
    """Seconds of CPU that what this process has started has used, as far as it can know."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return cpu_below() + ended.ru_utime + ended.ru_stime


def _outlet(cap: int) -> Outlet:
    return Outlet(cap, strict=False)


def _outcome(
    status: str, outlets: list[Outlet], started: float, used_s: float, *, close: bool = True, **known: Any
) -> dict[str, Any]:
    stdout, stderr = [outlet.close() if close else outlet.kept() for outlet in outlets]
    return run(
        status,
        stdout=stdout.decode("utf-8", "replace"),
        stderr=stderr.decode("utf-8", "replace"),
        wall_s=time.monotonic() - started,
        cpu_s=max(0.0, used_s),
        truncated=any(outlet.over for outlet in outlets),
        **known,
    )


def _read(request: dict[str, Any]) -> dict[str, Any]:
    """A file, whatever somebody has put in its place."""
    descriptor = os.open(request["path"], os.O_RDONLY | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return run("runtime_error", detail="no ordinary file")
        content = file.read((FILE_MIB << 20) + 1)
    if len(content) > FILE_MIB << 20:
        return run("output_limit", detail=f"larger than {FILE_MIB} MiB")
    return run("ok", content=base64.b64encode(content).decode("ascii"))


def _write(request: dict[str, Any]) -> dict[str, Any]:
    """A file, and the folders that lead to it."""
    path = request["path"]
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)  # a pipe or a link in its place would lead elsewhere
    if folder := os.path.dirname(path):
        os.makedirs(folder, exist_ok=True)
    with open(path, "wb") as file:
        file.write(base64.b64decode(request["content"]))
    return run("ok")


def _files(_: dict[str, Any]) -> dict[str, Any]:
    """Paths of what lies in the working folder and below, folders with a stroke at their end."""
    found = []
    for path in _walked(".", _DEPTH):
        found.append(path)
        if len(found) == _FILES:
            break
    return run("ok", files=found, truncated=len(found) == _FILES)


def _walked(folder: str, depth: int) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        inner = entry.is_dir(follow_symlinks=False)
        yield entry.path[2:] + ("/" if inner else "")
        if inner and depth:
            yield from _walked(entry.path, depth - 1)
