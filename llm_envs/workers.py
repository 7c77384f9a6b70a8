"""A pool of worker processes that can be killed: where anything runs that might not come back.

One small server process per pool is started on first use. It imports what the work needs once, stays
single-threaded, and forks workers on demand, so that a fresh worker costs milliseconds although SymPy is loaded.
Caller, server and workers talk over Unix sockets; every calling thread drives its own worker, so there is no
helper thread, no queue and no signal handler, and a deadline holds in any thread and under asyncio
(`await asyncio.to_thread(pool.call, payload)`).

Why a server of our own rather than `multiprocessing`'s: that one imports the user's `__main__` again (a script
without an `if __name__ == "__main__"` guard runs twice), shares one server and one resource tracker per process
whose death cannot be told from a worker's, and leaves zombies to the caller. Why not one bare subprocess per job:
importing SymPy takes most of a second.

What ends a worker: SIGKILL at the deadline, which runs from the moment the worker starts on the job; RLIMIT_AS,
RLIMIT_CPU; the death of its server (PR_SET_PDEATHSIG), which itself leaves when its owner does.
A forked child of the owner forgets the pool's processes and starts its own.

It deliberately does not sandbox: workers run the suite's own functions on untrusted *data*. Programs that a policy
wrote belong in `llm_envs.sandbox`.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import json
import math
import os
import pickle
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, NamedTuple, NoReturn, Self

from llm_envs.errors import BadOption, WorkerLost

__all__ = ["Outcome", "WorkerPool"]

START_TIMEOUT_S = 60.0
"""Importing SymPy from a cold network disk takes many seconds; longer than this, something is broken."""

STOP_TIMEOUT_S = 5.0
"""A server that is told to stop kills its workers at once; past this it is killed itself."""

ORPHAN_CHECK_S = 1.0
"""How often a server looks whether its owner lives, should a stray copy of the socket hide its death."""

ATTEMPTS = 2
"""A job whose server died under it, through no fault of the job, is tried once more on a fresh one."""

NICENESS = 5
"""A crowd of jobs must not keep the caller and the server, who end them, from the processor."""

PATIENCE_S = 0.2
LONG_JOB_NICENESS = 19
"""A job that takes longer than this goes behind all others: a crowd that hangs leaves the processor to fresh jobs."""

DETAIL_CHARS = 500
"""What a worker says of an exception is for a person to read."""

Status = Literal["ok", "timeout", "memory", "crash", "exception"]

_LENGTH = struct.Struct("!Q")
_REQUEST = struct.Struct("!ci")
_REPLY = struct.Struct("!i")
_SPAWN, _REAP = b"s", b"r"
_READY = b"ready"
_PR_SET_PDEATHSIG = 1
_BOOT = (
    "import json, sys; order = json.loads(sys.argv[1]); sys.path[:] = order.pop('path'); "
    "from llm_envs.workers import serve; serve(**order)"
)


class Outcome(NamedTuple):
    """What became of one job.

    `timeout`: killed at its deadline (wall clock or CPU). `memory`: it asked for more than `memory_mib`.
    `crash`: the process died. `exception`: the function raised. In all of these the job is to blame, and `detail`
    says how in words; the pool itself is fine.
    """

    status: Status
    value: Any = None
    detail: str = ""


class WorkerPool:
    """Run `function(payload)` in processes that are killed when they take too long.

    Safe to call from any number of threads; lazily started; usable again after `close()` and after `os.fork()`.

    Args:
        function: `"module:name"` of a function of one picklable argument with a plain picklable result.
        size: the most workers at a time; further callers wait, and waiting does not count against their deadline.
        timeout_s: wall-clock deadline of one job, from its start.
        memory_mib: address space a worker may take on top of what the preloaded server holds.
        recycle_after: jobs after which a worker is replaced, so that nothing piles up in it.
        preload: further modules for the server to import before it forks.

    Raises:
        BadOption: an argument cannot be used.
    """

    def __init__(
        self,
        function: str,
        *,
        size: int = 4,
        timeout_s: float = 2.0,
        memory_mib: int = 512,
        recycle_after: int = 1000,
        preload: Sequence[str] = (),
    ) -> None:
        _check_options(function, size, timeout_s, memory_mib, recycle_after)
        self._order = {"function": function, "preload": list(preload), "memory_mib": memory_mib}
        self._size = size
        self._timeout_s = timeout_s
        self._recycle_after = recycle_after
        self._forget()
        _pools.add(self)

    def _forget(self) -> None:
        """A fresh state: at the beginning, and in a forked child, whose parent owns the processes."""
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(self._size)
        self._idle: list[_Worker] = []
        self._server: _Server | None = None
        self._era = 0

    def call(self, payload: Any, timeout_s: float | None = None) -> Outcome:
        """The outcome of `function(payload)`, at most `timeout_s` (the pool's by default) after its start.

        Raises:
            WorkerLost: no worker could be started, or the pool was closed during the call.
        """
        timeout_s = self._timeout_s if timeout_s is None else timeout_s
        job = pickle.dumps((math.ceil(timeout_s) + 1, payload), pickle.HIGHEST_PROTOCOL)
        era = self._era
        with self._slots:
            for _ in range(ATTEMPTS):
                if era != self._era:
                    break
                outcome = self._attempt(job, timeout_s)
                if outcome is not None:
                    return outcome
        if _leaving.is_set():
            threading.Event().wait()  # only a daemon thread gets here; it must not speak after the interpreter left
        raise WorkerLost(
            "the worker processes were closed or died while a job was running",
            expected="a pool that stays open during its calls",
            next_step="Call again: the pool starts afresh. If this repeats, look for a machine short of memory.",
        )

    def _attempt(self, job: bytes, timeout_s: float) -> Outcome | None:
        """One try; None where the server died and the job is not to blame."""
        worker = self._take()
        try:
            outcome = worker.run(job, timeout_s)
        except BaseException:
            worker.end()
            raise
        if outcome is None or outcome.status == "memory" or worker.jobs >= self._recycle_after or worker.stepped_back:
            worker.end()
        elif worker.alive:
            self._give_back(worker)
        return outcome

    def _take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.waiting:
                    return worker
                worker.end()
            if self._server is None or not self._server.alive:
                self._stop_server()
                self._server = _Server(self._order)
            return self._server.spawn()

    def _give_back(self, worker: _Worker) -> None:
        with self._lock:
            if worker.server is self._server:
                self._idle.append(worker)
            else:
                worker.end()

    def close(self) -> None:
        """End every process of the pool; calls in progress raise `WorkerLost`. A later call starts afresh."""
        with self._lock:
            self._era += 1
            self._stop_server()

    def _stop_server(self) -> None:
        for worker in self._idle:
            worker.disconnect()
        self._idle.clear()
        if self._server is not None:
            self._server.stop()
            self._server = None

    def abandon(self) -> None:
        """Let go, in a forked child, of processes that belong to the parent."""
        for worker in self._idle:
            worker.disconnect()
        if self._server is not None:
            self._server.abandon()
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if "_server" in self.__dict__:
            self.close()


_pools: weakref.WeakSet[WorkerPool] = weakref.WeakSet()
_leaving = threading.Event()


@atexit.register
def _close_all() -> None:
    _leaving.set()
    for pool in list(_pools):
        pool.close()


def _abandon_all() -> None:
    for pool in list(_pools):
        pool.abandon()


os.register_at_fork(after_in_child=_abandon_all)


def _check_options(function: str, size: int, timeout_s: float, memory_mib: int, recycle_after: int) -> None:
    if not isinstance(function, str) or function.count(":") != 1:
        raise BadOption(
            "a worker pool cannot find its function",
            expected="'module:function', importable in a fresh process",
            received=function,
            next_step="Name a function at the top level of a module: workers import it by name.",
        )
    counts = {"size": size, "timeout_s": timeout_s, "memory_mib": memory_mib, "recycle_after": recycle_after}
    for name, value in counts.items():
        if not value > 0:
            raise BadOption(f"{name} of a worker pool must be positive", expected="a number above 0", received=value)


# The caller's side


class _Server:
    """The caller's handle on the process that forks workers."""

    def __init__(self, order: dict[str, Any]) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = _launch(order, theirs)
        self._control.settimeout(START_TIMEOUT_S)
        try:
            greeting = _receive(self._control)
        except OSError:
            greeting = b""
        if greeting != _READY:
            self.stop()
            raise WorkerLost(
                "the server of the worker processes did not start",
                expected=f"{order['function']!r} importable by {sys.executable}",
                received=greeting.decode() or f"exit status {self._process.returncode}",
                next_step="Import the module in a fresh interpreter to see what fails.",
            )

    @property
    def alive(self) -> bool:
        return self._control.fileno() >= 0 and self._process.poll() is None

    def spawn(self) -> _Worker:
        """A fresh worker, ready for its first job."""
        ours, theirs = socket.socketpair()
        with theirs:
            pid = self._ask(_SPAWN, 0, theirs)
        if pid is None or pid < 0:
            ours.close()
            raise WorkerLost(
                "a worker process could not be started",
                expected="a machine that lets this user fork",
                received="no answer" if pid is None else os.strerror(-pid),
                next_step="Free memory or raise the limit on processes (ulimit -u).",
            )
        return _Worker(self, pid, ours)

    def reap(self, pid: int) -> int | None:
        """Kill `pid` if it still lives; its wait status, or None where the server is gone."""
        return self._ask(_REAP, pid)

    def _ask(self, kind: bytes, pid: int, gift: socket.socket | None = None) -> int | None:
        """The server's answer, or None, after which nothing more is asked of it: it is gone or stuck."""
        with self._lock:
            with contextlib.suppress(OSError):
                socket.send_fds(self._control, [_REQUEST.pack(kind, pid)], [gift.fileno()] if gift else [])
                reply = self._control.recv(_REPLY.size, socket.MSG_WAITALL)
                if len(reply) == _REPLY.size:
                    return int(_REPLY.unpack(reply)[0])
            self._control.close()
            return None

    def stop(self) -> None:
        """End the server and with it every worker."""
        self._control.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def abandon(self) -> None:
        """Let go of a server that belongs to the process this one was forked from."""
        self._control.close()
        self._process.returncode = 0


class _Worker:
    """The caller's handle on one worker; used by one thread at a time."""

    def __init__(self, server: _Server, pid: int, channel: socket.socket) -> None:
        self.server = server
        self.jobs = 0
        self.stepped_back = False
        self._pid = pid
        self._channel = channel

    @property
    def alive(self) -> bool:
        return self._channel.fileno() >= 0

    @property
    def waiting(self) -> bool:
        """False when the worker has died: nothing else makes the channel of an idle one readable."""
        return not self._readable(0)

    def _readable(self, timeout_s: float) -> bool:
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    def _step_back(self) -> None:
        """Let others go first, for the rest of this process's life: only root could take it back."""
        self.stepped_back = True
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._pid, LONG_JOB_NICENESS)

    def run(self, job: bytes, timeout_s: float) -> Outcome | None:
        """The outcome of one job; None where the server is gone and the job may be tried elsewhere."""
        self.jobs += 1
        deadline = time.monotonic() + timeout_s
        try:
            _send(self._channel, job, deadline)
            if not self._readable(min(PATIENCE_S, timeout_s)):
                self._step_back()
            answer = _receive(self._channel, deadline)
        except TimeoutError:
            self.end()
            return Outcome("timeout", detail=f"took longer than {timeout_s:g} s")
        except OSError:
            answer = b""
        if answer:
            return Outcome(*pickle.loads(answer))  # noqa: S301 - written by our own code in the worker
        status = self.end()
        return None if status is None else _post_mortem(status)

    def end(self) -> int | None:
        """Kill the process and collect it; its wait status, or None where that is no longer known."""
        if not self.alive:
            return None
        self.disconnect()
        if self.server.alive:  # the pid is this worker's until the server has collected it
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)  # now, not when the server gets to it: others may be waiting there
        return self.server.reap(self._pid)

    def disconnect(self) -> None:
        self._channel.close()


def _launch(order: dict[str, Any], control: socket.socket) -> subprocess.Popen[bytes]:
    """Start a server whose standard input is `control`: the one descriptor that survives a closed stdin."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    argument = json.dumps({**order, "path": sys.path, "owner": os.getpid()})
    try:
        return subprocess.Popen(  # noqa: S603 - a constant program; the argument is data
            [sys.executable, "-c", _BOOT, argument],
            stdin=control.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **threads},
            start_new_session=True,
        )
    except OSError as error:
        raise WorkerLost(
            "no process could be started for checks that may hang",
            expected="a machine that lets this user start processes",
            received=str(error),
            next_step="Free memory or raise the limit on processes (ulimit -u).",
        ) from error


def _post_mortem(status: int) -> Outcome:
    if not os.WIFSIGNALED(status):
        return Outcome("crash", detail=f"the worker left with exit status {os.waitstatus_to_exitcode(status)}")
    number = os.WTERMSIG(status)
    if number == signal.SIGXCPU:
        return Outcome("timeout", detail="used up its CPU time")
    return Outcome("crash", detail=f"the worker was killed by {signal.Signals(number).name}")


# The wire: a length, then that many bytes


def _send(channel: socket.socket, message: bytes, deadline: float | None = None) -> None:
    _arm(channel, deadline)
    channel.sendall(_LENGTH.pack(len(message)) + message)


def _receive(channel: socket.socket, deadline: float | None = None) -> bytes:
    """One message, or b"" where the other side has gone."""
    header = _receive_exactly(channel, _LENGTH.size, deadline)
    return _receive_exactly(channel, _LENGTH.unpack(header)[0], deadline) if header else b""


def _receive_exactly(channel: socket.socket, size: int, deadline: float | None) -> bytes:
    parts = []
    while size:
        _arm(channel, deadline)
        part = channel.recv(min(size, 1 << 20))
        if not part:
            return b""
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _arm(channel: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        return
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    channel.settimeout(left_s)


# The server's side and the workers': code below runs in processes of its own


def serve(function: str, preload: Sequence[str], memory_mib: int, owner: int) -> NoReturn:
    """Fork workers on request until the owner has gone. The body of the server process."""
    control = socket.socket(fileno=os.dup(0))
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    try:
        for name in preload:
            importlib.import_module(name)
        work = _resolve(function)
    except BaseException as error:  # noqa: BLE001 - whatever an import raises is told to the caller
        _send(control, _describe(error).encode("utf-8", "replace"))
        os._exit(1)
    gc.freeze()
    _send(control, _READY)
    workers: set[int] = set()
    with contextlib.suppress(OSError):
        while _owner_speaks(control, owner):
            message, gifts, _, _ = socket.recv_fds(control, _REQUEST.size, 1)
            if not message:
                break
            kind, pid = _REQUEST.unpack(message)
            reply = _fork(gifts[0], control, work, memory_mib, workers) if kind == _SPAWN else _reap(pid, workers)
            control.sendall(_REPLY.pack(reply))
    for pid in list(workers):
        _reap(pid, workers)
    os._exit(0)


def _resolve(function: str) -> Callable[[Any], Any]:
    module, name = function.split(":")
    found: Callable[[Any], Any] = getattr(importlib.import_module(module), name)
    if not callable(found):
        raise TypeError(f"{function} is not a function")
    return found


def _owner_speaks(control: socket.socket, owner: int) -> bool:
    """True once a request can be read; False when the owner is no longer this process's parent."""
    while os.getppid() == owner:
        if select.select([control], [], [], ORPHAN_CHECK_S)[0]:
            return True
    return False


def _fork(gift: int, control: socket.socket, work: Callable[[Any], Any], memory_mib: int, workers: set[int]) -> int:
    server = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        os.close(gift)
        return -(error.errno or 1)
    if pid == 0:
        control.close()
        _work(socket.socket(fileno=gift), work, memory_mib, server)
    os.close(gift)
    workers.add(pid)
    return pid


def _reap(pid: int, workers: set[int]) -> int:
    """Kill a worker with whatever it started, wait for it, and give its wait status."""
    if pid not in workers:
        return 0
    workers.discard(pid)
    for kill in (os.kill, os.killpg):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _work(channel: socket.socket, work: Callable[[Any], Any], memory_mib: int, server: int) -> NoReturn:
    """Answer jobs until the caller hangs up. The body of a worker process."""
    try:
        _confine(memory_mib, server)
        while job := _receive(channel):
            cpu_s, payload = pickle.loads(job)  # noqa: S301 - written by our own code in the caller
            _limit_cpu(cpu_s)
            _send(channel, _answer(work, payload))
    finally:
        os._exit(0)


def _confine(memory_mib: int, server: int) -> None:
    os.setpgid(0, 0)
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(0)
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        limit = held + (memory_mib << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit_cpu(cpu_s: int) -> None:
    """Allow this job `cpu_s` on top of what the worker has used: a backstop should nobody be left to kill it."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(usage.ru_utime + usage.ru_stime) + cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _answer(work: Callable[[Any], Any], payload: Any) -> bytes:
    try:
        return pickle.dumps(("ok", work(payload), ""), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", None, "asked for more memory than it may have"))
    except Exception as error:  # noqa: BLE001 - the job's failure is its outcome
        return pickle.dumps(("exception", None, _describe(error)))


def _describe(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - an exception whose text cannot be made is still worth its name
        text = ""
    return f"{type(error).__name__}: {text[:DETAIL_CHARS]}"
