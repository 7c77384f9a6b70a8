"""Where programs go in and results come out: a pool of boxes, each resident, each running one program at a time.

    with Sandbox() as sandbox:
        result = sandbox.run(Program("print(input())"), [Stdin("hello")])

A box that says nothing in time, says gibberish, or dies is killed, and the program gets one more try in a fresh one.
When that fails too, the sandbox has failed, not the program: `SandboxFailed`, which is never a reward. A box is also
retired when it could not clean up after a program, and after `RETIRE_AFTER` of them.

Results of programs that ended by themselves are remembered, since policies write the same program many times over.
What depended on how busy the machine was is not: time limits, memory limits, and what a SIGKILL ended.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib.util
import json
import os
import signal
import threading
import weakref
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from types import TracebackType
from typing import Any, Self

from llm_envs.errors import BadOption, SandboxFailed, SandboxUnavailable, did_you_mean
from llm_envs.sandbox.answers import Answers
from llm_envs.sandbox.backend import Backend, BoxOptions
from llm_envs.sandbox.box import sources
from llm_envs.sandbox.box.frames import BrokenFrame, parsed
from llm_envs.sandbox.languages import LANGUAGES
from llm_envs.sandbox.program import Given, Limits, Program
from llm_envs.sandbox.result import RunResult
from llm_envs.sandbox.selection import open_backend
from llm_envs.sandbox.session import Session
from llm_envs.sandbox.turnstile import Turnstile
from llm_envs.sandbox.wire import in_base64, limits_of, read_result, run_request
from llm_envs.sandbox.worker import BoxLost, Worker

__all__ = ["Sandbox", "shared"]

ATTEMPTS = 2
"""A program whose box was lost is tried once more: it may not be to blame."""

RETIRE_AFTER = 500
"""Programs after which a box is replaced, so that nothing can pile up in it."""

SLACK_S = 10.0
"""On top of what the box itself allows the runs: it ends them, cleans up and answers within milliseconds of that."""

COMPILE_S = 60.0
"""What a compiler may take, on top."""

SESSION_SLACK_S = 30.0
"""On top of a request's deadline: a session's box first asks what takes too long to stop."""

WAIT_S = 3600.0
"""For a free slot. Nobody is kept for longer by programs that are held to their limits."""


class Sandbox:
    """Runs programs that nobody vouches for. Safe to call from any number of threads, and after `os.fork()`.

    Nothing is started before the first program; `close()` ends everything, and a later call starts afresh.

    Args:
        backend: "docker", "namespaces", "unsafe" (none at all), or "auto": the first of the first two that works here.
        slots: programs at a time; further callers wait in order. None for one per processor.
        memory_mib: of a program with all its processes and files.
        preload: modules that programs find imported, which makes their own import of them free.
        runtime: of the Docker engine, such as "runsc".
        cache_mib: answers to remember; 0 for none.

    Raises:
        BadOption: an argument cannot be used.
    """

    def __init__(
        self,
        backend: str = "auto",
        *,
        slots: int | None = None,
        memory_mib: int = 512,
        preload: Sequence[str] = (),
        runtime: str = "",
        cache_mib: float = 64.0,
    ) -> None:
        self._slots = _positive("slots", slots if slots is not None else _processors())
        self._kind = backend
        self._options = BoxOptions(_positive("memory_mib", memory_mib), _importable(preload), runtime)
        self._answers = Answers(cache_mib)
        self._fresh()
        _sandboxes.add(self)

    def _fresh(self) -> None:
        """Nothing started yet: at the beginning, and in a forked child, whose parent owns the boxes."""
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._turnstile = Turnstile(self._slots)
        self._backend: Backend | None = None
        self._idle: list[Worker] = []
        self._live: set[Worker] = set()
        self._lent: set[Worker] = set()
        self._dropped: deque[Worker] = deque()
        self._era = 0

    @property
    def backend(self) -> str:
        """The name of the backend in use; for "auto", the one that was found.

        Raises:
            SandboxUnavailable: there is none.
        """
        return self._open_backend().name

    def run(
        self,
        program: Program,
        given: Sequence[Given],
        limits: Limits | None = None,
        *,
        together: bool = False,
        stop_at_failure: bool = False,
    ) -> RunResult:
        """What became of the runs of a program, one for each of `given`.

        Args:
            together: all in one process of the program, which is cheaper; they can see what earlier ones left.
            stop_at_failure: the first run that is not `ok` is the last.

        Raises:
            BadOption: an unknown language, a file without a place, or an argument that is not plain data.
            SandboxUnavailable: there is no place to run it.
            SandboxFailed: its box was lost, twice.
        """
        limits = limits or Limits()
        _check_language(program.language)
        _check_files(program.files)
        request = run_request(program, given, limits, together=together, stop_at_failure=stop_at_failure)
        key = _key(request)
        remembered = self._answers.get(key)
        if remembered is not None:
            return _result(remembered, len(given))
        timeout_s = limits.deadline_s * max(1, len(given)) + COMPILE_S + SLACK_S
        body, result = self._insist(request, program.language, timeout_s, len(given))
        if _is_lasting(result):
            self._answers.put(key, body)
        return result

    def _insist(self, request: dict[str, Any], language: str, timeout_s: float, asked: int) -> tuple[bytes, RunResult]:
        """The answer to a request, with what it says; on a second box where the first is lost."""
        lost: list[BoxLost] = []
        era = self._era
        backend = self._open_backend()
        with self.slot():
            while len(lost) < ATTEMPTS and era == self._era:
                try:
                    return self._attempt(backend.variant(language), request, timeout_s, asked, fresh=bool(lost))
                except BoxLost as error:
                    lost.append(error)
        raise _failed(lost, closed=era != self._era)

    def session(self, files: Mapping[str, bytes] | None = None, limits: Limits | None = None) -> Session:
        """A box of its own, whose state stays from request to request until it is closed.

        Sessions wait for a slot with every request, not with their life: many may be open while policies think.

        Args:
            files: of the working folder, by relative path.
            limits: of each request.

        Raises:
            BadOption: a file has no place in the folder.
            SandboxUnavailable: there is no place for it.
            SandboxFailed: the box was lost at the start.
        """
        limits = limits or Limits()
        _check_files(files or {})
        tenancy = _Tenancy(self, limits.deadline_s + SESSION_SLACK_S)
        tenancy.ask({"kind": "open", "files": in_base64(files or {}), "limits": limits_of(limits)})
        return Session(tenancy)

    @contextlib.contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the slots. Raises SandboxFailed where none comes free."""
        try:
            with self._turnstile.slot(WAIT_S):
                yield
        except TimeoutError as error:
            raise _failed([BoxLost("no slot came free for an hour")]) from error

    def _attempt(
        self, variant: str, request: dict[str, Any], timeout_s: float, asked: int, *, fresh: bool
    ) -> tuple[bytes, RunResult]:
        worker = self.take(variant, fresh=fresh)
        keep = False
        try:
            body = worker.ask(request, timeout_s)
            answer = _answer(body)
            result = read_result(answer, asked)
            keep = answer.get("clean") is True and worker.programs < RETIRE_AFTER
        finally:
            self.put_back(worker, keep=keep)
        return body, result

    def take(self, variant: str = "", *, fresh: bool = False, for_long: bool = False) -> Worker:
        """A box that can run this: an idle one or a new one. Idle ones make room, so that no more live than slots.

        Args:
            fresh: an idle one will not do.
            for_long: it is not counted, since it does not take a slot as long as it lives.
        """
        while self._dropped:
            self.put_back(self._dropped.popleft(), keep=False)
        worker, superfluous = self._pick(variant, fresh=fresh, for_long=for_long)
        if superfluous is not None:
            self._end(superfluous)
        if worker is None:
            worker = Worker(self._open_backend().open(variant), sources(), variant=variant)
        with self._lock:
            self._live.add(worker)
            if for_long:
                self._lent.add(worker)
        return worker

    def _pick(self, variant: str, *, fresh: bool, for_long: bool) -> tuple[Worker | None, Worker | None]:
        """An idle box that fits, or one that has to make room for a new one."""
        with self._lock:
            fitting = [worker for worker in self._idle if variant in ("", worker.variant)]
            if fitting and not fresh:
                self._idle.remove(fitting[-1])
                return fitting[-1], None
            if self._idle and not for_long and len(self._live - self._lent) >= self._slots:
                return None, self._idle.pop(0)
            return None, None

    def drop(self, worker: Worker) -> None:
        """End a box soon: safe wherever the garbage collector may call."""
        self._dropped.append(worker)

    def put_back(self, worker: Worker, *, keep: bool) -> None:
        """It is idle, if it may be kept and there is room for it; it has ended otherwise."""
        with self._lock:
            self._lent.discard(worker)
            if keep and worker in self._live and len(self._idle) < self._slots:
                self._idle.append(worker)
                return
        self._end(worker)

    def _end(self, worker: Worker) -> None:
        with self._lock:
            self._live.discard(worker)
        worker.end()

    def _open_backend(self) -> Backend:
        with self._opening:
            if self._backend is None:
                self._backend = open_backend(self._kind, self._options)
            return self._backend

    def close(self) -> None:
        """End every box; calls in progress raise `SandboxFailed`."""
        with self._lock:
            self._era += 1
            workers, self._live, self._lent, self._idle = list(self._live), set(), set(), []
        for worker in workers:
            worker.end()

    def abandon(self) -> None:
        """Let go, in a forked child, of boxes that belong to the parent."""
        for worker in self._live:
            worker.forget()
        self._fresh()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Tenancy:
    """A box that is a session's own, until it leaves, is lost, or is forgotten."""

    def __init__(self, sandbox: Sandbox, timeout_s: float) -> None:
        self._sandbox = sandbox
        self._timeout_s = timeout_s
        self._worker = sandbox.take(for_long=True)
        self._drop = weakref.finalize(self, sandbox.drop, self._worker)
        self._drop.atexit = False

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the box answers. Raises SandboxFailed where it is lost."""
        try:
            with self._sandbox.slot():
                return _answer(self._worker.ask(request, self._timeout_s))
        except BoxLost as error:
            self._put_back(keep=False)
            raise _failed([error]) from error
        except BaseException:  # nobody knows how far it got
            self._put_back(keep=False)
            raise

    def leave(self) -> None:
        """Give the box back, once it says that it is clean."""
        if self._drop.alive:
            clean = self.ask({"kind": "close"}).get("clean") is True
            self._put_back(keep=clean and self._worker.programs < RETIRE_AFTER)

    def _put_back(self, *, keep: bool) -> None:
        if self._drop.detach() is not None:
            self._sandbox.put_back(self._worker, keep=keep)


_sandboxes: weakref.WeakSet[Sandbox] = weakref.WeakSet()
_shared: dict[tuple[Any, ...], Sandbox] = {}
_sharing = threading.Lock()


def shared(backend: str = "auto", *, memory_mib: int = 512, preload: Sequence[str] = ()) -> Sandbox:
    """This process's sandbox of these options, which all envs use together: so many boxes as processors, no more."""
    key = (backend, memory_mib, tuple(preload))
    with _sharing:
        if key not in _shared:
            _shared[key] = Sandbox(backend, memory_mib=memory_mib, preload=preload)
        return _shared[key]


@atexit.register
def _close_all() -> None:
    for sandbox in list(_sandboxes):
        sandbox.close()


def _abandon_all() -> None:
    global _sharing  # noqa: PLW0603 - a lock may be held by a thread that the child does not have
    _sharing = threading.Lock()
    for sandbox in list(_sandboxes):
        sandbox.abandon()


os.register_at_fork(after_in_child=_abandon_all)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _positive(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise BadOption(f"{name} of a sandbox is out of range", expected="an integer above 0", received=repr(value))
    return value


def _importable(modules: Sequence[str]) -> tuple[str, ...]:
    """Modules that this Python finds, without importing any: a box has what this machine has."""
    if isinstance(modules, str):
        raise BadOption("preload takes several modules", expected="a sequence of names", received=repr(modules))
    for name in modules:
        if importlib.util.find_spec(name.partition(".")[0]) is None:
            raise BadOption(
                "a module to be preloaded is not installed",
                expected="modules that can be imported here",
                received=name,
                next_step="Install it, or leave it out of `preload`.",
            )
    return tuple(modules)


def _check_files(files: Mapping[str, bytes]) -> None:
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
            raise BadOption(
                "a file of a sandbox has no place in its working folder",
                expected="a relative path that does not lead out of it",
                received=repr(name),
            )


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise BadOption(
            "a sandbox knows no such language",
            expected="a row of llm_envs.sandbox.languages.LANGUAGES",
            received=repr(language),
            next_step=did_you_mean(str(language), LANGUAGES),
        )


def _key(request: dict[str, Any]) -> bytes:
    text = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).digest()


def _answer(body: bytes) -> dict[str, Any]:
    try:
        answer = parsed(body, len(body))
    except BrokenFrame as error:
        raise BoxLost(f"its answer is no message: {error}") from error
    if answer.get("missing"):
        raise SandboxUnavailable(
            "the sandbox lacks what this language needs",
            expected=f"{answer['missing']} on this machine, which the sandbox takes its programs from",
            next_step=f"Install it (Debian: apt-get install {answer['missing']}).",
        )
    if answer.get("failed"):
        raise BoxLost(str(answer["failed"]))
    return answer


def _result(body: bytes, asked: int) -> RunResult:
    return read_result(_answer(body), asked)


def _is_lasting(result: RunResult) -> bool:
    """Whether the program would end the same on a machine that is more busy, or less."""
    return all(
        run.status in ("ok", "runtime_error", "compile_error", "output_limit") and run.signal != signal.SIGKILL
        for run in result.runs
    )


def _failed(lost: Sequence[BoxLost], *, closed: bool = False) -> SandboxFailed:
    if closed:
        return SandboxFailed(
            "the sandbox was closed while a program ran",
            expected="a sandbox that stays open during its calls",
            next_step="Call again: it starts afresh.",
        )
    return SandboxFailed(
        "a program's box was lost, and another one too" if len(lost) > 1 else "a box was lost",
        expected="an answer before the deadline",
        received="; then ".join(str(error) for error in lost),
        next_step="Call again. If this repeats, look for a machine short of memory or processes (llm-envs doctor).",
    )
