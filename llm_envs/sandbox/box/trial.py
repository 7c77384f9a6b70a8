"""One process tree from its start until nothing of it is left, and what was seen of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

from llm_envs.sandbox.box.candidate import STATUS, Plumbing, confine
from llm_envs.sandbox.box.frames import write_all
from llm_envs.sandbox.box.memory import kills
from llm_envs.sandbox.box.outlet import Outlet
from llm_envs.sandbox.box.processes import end_all
from llm_envs.sandbox.box.request import Limits
from llm_envs.sandbox.box.slots import Slot
from llm_envs.sandbox.box.watch import watch

__all__ = ["Broken", "Seen", "fork_candidate", "report", "trial"]

_READY: Final = b"R"
_COMPLAINT: Final = b"\0"
"""What a candidate says first once it is confined, and what comes before the words of one that cannot be."""

_STATUS_BYTES: Final = 4096
_FAILED: Final = 99


class Broken(Exception):
    """The box itself does not do what it must."""


class Seen(NamedTuple):
    """What a supervisor knows.

    Args:
        reported: what the candidate said before it ran anything untrusted, beyond that it was ready.
        why: the limit for which it was ended, or "".
        out_of_memory: the kernel has killed for want of memory meanwhile.
        clean: nothing of it is left.
    """

    reported: bytes
    why: str
    status: int
    stdout: bytes
    stderr: bytes
    said: bytes
    truncated: bool
    wall_s: float
    cpu_s: float
    peak_memory_mib: float
    out_of_memory: bool
    clean: bool

    @property
    def exit_code(self) -> int | None:
        """None where a signal ended it."""
        return os.WEXITSTATUS(self.status) if os.WIFEXITED(self.status) else None

    @property
    def signal(self) -> int:
        """0 where it ended by itself."""
        return os.WTERMSIG(self.status) if os.WIFSIGNALED(self.status) else 0


def trial(
    become: Callable[[], object],
    limits: Limits,
    slot: Slot,
    *,
    said_kib: int,
    stdin: str = "",
    program: int | None = None,
) -> Seen:
    """Fork a candidate, confine it, let it `become` the program; then watch, end and sweep it.

    Raises:
        Broken: it could not be confined, so nothing was run.
        OSError: no process, pipe or file could be made.
    """
    killed, started = kills(), time.monotonic()
    standing = _written(stdin)
    cap = int(limits.output_kib) << 10
    outlets = [Outlet(cap), Outlet(cap), Outlet(said_kib << 10), Outlet(_STATUS_BYTES)]
    stdout, stderr, said, status = (outlet.writer for outlet in outlets)
    plumbing = Plumbing(standing, stdout, stderr, said, status, program)
    pid = fork_candidate(become, plumbing, limits, slot)
    os.close(standing)
    for outlet in outlets:
        outlet.shut()
    why = watch(pid, outlets, limits, started)
    if why:
        slot.kill()
    _, ending, usage = os.wait4(pid, 0)
    wall_s = time.monotonic() - started
    orphans_s, ended = end_all(slot.kill)
    swept = ended and slot.sweep()
    over = any(outlet.over for outlet in outlets)
    written, complaints, results, told = (outlet.close() for outlet in outlets)
    if not told.startswith(_READY) or _COMPLAINT in told:
        raise Broken(told.decode("utf-8", "replace") or f"a candidate was lost at its start (status {ending})")
    return Seen(
        reported=told[1:],
        why=why or ("output_limit" if over or any(outlet.over for outlet in outlets) else ""),
        status=ending,
        stdout=written,
        stderr=complaints,
        said=results,
        truncated=any(outlet.over for outlet in outlets[:2]),
        wall_s=wall_s,
        cpu_s=usage.ru_utime + usage.ru_stime + orphans_s,
        peak_memory_mib=usage.ru_maxrss / 1024,
        out_of_memory=kills() > killed,
        clean=swept,
    )


def report(text: bytes = b"") -> None:
    """In a candidate, before it runs anything untrusted: its last trusted words, if it has any."""
    os.write(STATUS, text.replace(_COMPLAINT, b"")[: _STATUS_BYTES - 1])
    os.close(STATUS)


def _written(stdin: str) -> int:
    """A file in memory, at its beginning: programs may seek in it, and nothing waits for them to read."""
    file = os.memfd_create("stdin")
    write_all(file, _bytes(stdin))
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _bytes(text: str) -> bytes:
    """Lone surrogates stand for bytes that are no UTF-8, or, where they cannot, for themselves."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def fork_candidate(become: Callable[[], object], plumbing: Plumbing, limits: Limits, slot: Slot) -> int:
    """The id of a process that confines itself, says so, and then becomes something."""
    pid = os.fork()
    if pid == 0:
        _candidate(become, plumbing, limits, slot)
    return pid


def _candidate(become: Callable[[], object], plumbing: Plumbing, limits: Limits, slot: Slot) -> NoReturn:
    status = plumbing.status
    try:
        confine(plumbing, limits, slot)
        status = STATUS
        os.write(status, _READY)
        become()
    except BaseException as error:  # noqa: BLE001 - a fork must not run on as its parent
        _complain(status, error)
    finally:
        os._exit(_FAILED)


def _complain(status: int, error: BaseException) -> None:
    os.write(status, _COMPLAINT + f"{type(error).__name__}: {error}".encode("utf-8", "replace")[: _STATUS_BYTES - 2])
