"""The process that stays: it has imported what programs import, and forks a supervisor for each request.

The supervisor, not the zygote, reads the request, so that nothing of one program is in the memory that the next is
forked from. It waits for it before it comes, too, which saves the host the time of a fork.

Options, after BOOT on the command line:

    --isolation none|uid|namespaces   how candidates are kept apart; see `slots`
    --uid N                           which user they become (uid)
    --writable PATH,PATH              the places that they may write to, the working folder first (uid, namespaces)
    --path PATH:PATH                  further folders for imports
    --preload NAME,NAME               modules to import before the first request, where they exist
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import signal
import site
import sys
import traceback
from typing import Final, NoReturn

from llm_envs.sandbox.box import kernel, python
from llm_envs.sandbox.box.frames import receive, send
from llm_envs.sandbox.box.memory import kills
from llm_envs.sandbox.box.nested import OwnNamespaces
from llm_envs.sandbox.box.request import run
from llm_envs.sandbox.box.session import hold
from llm_envs.sandbox.box.slots import OwnUser, Slot, Unconfined
from llm_envs.sandbox.box.supervisor import answer

__all__ = ["main"]

_COMMON: Final = (
    "array,bisect,cmath,collections,copy,dataclasses,datetime,decimal,enum,fractions,functools,heapq,io,itertools,json"
    ",linecache,math,operator,queue,random,re,statistics,string,struct,textwrap,threading,time,traceback,typing"
)
"""What solutions import. A fork has it for nothing."""

_ENVIRONMENT: Final = frozenset({"PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "TZ"})
_SET: Final = {
    "LANG": "C.UTF-8",
    "LOGNAME": "program",
    "USER": "program",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""A program's environment: nothing of the host's. Libraries that start a thread per processor would meet limits."""

_NEXT, _HUNG_UP, _BROKEN = 0, 3, 4

_SOONER: Final = 250
"""Of a thousand: by what share of all memory a supervisor counts as larger than it is."""


def main(arguments: list[str]) -> NoReturn:
    """Serve until the host hangs up."""
    options = _parser().parse_args(arguments)
    requests, answers = _take_streams()
    _clear_environment()
    sys.path[:0] = [path for path in options.path.split(":") if path]
    _preload(f"{_COMMON},{options.preload}")
    slot = _slot(options)
    python.own_modules()
    _be_spared()
    kernel.hide()
    kernel.adopt_orphans()
    gc.collect()
    gc.freeze()
    while (status := _one(requests, answers, slot)) == _NEXT:
        _reap()
    sys.exit(0 if status == _HUNG_UP else status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="box", allow_abbrev=False)
    parser.add_argument("--isolation", choices=["none", "uid", "namespaces"], required=True)
    parser.add_argument("--uid", type=int, default=0)
    parser.add_argument("--writable", default="/box,/tmp,/dev/shm")
    parser.add_argument("--path", default="")
    parser.add_argument("--preload", default="")
    return parser


def _take_streams() -> tuple[int, int]:
    """The host's two pipes, moved to where no preloaded module reads or writes by mistake."""
    requests, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, answers


def _clear_environment() -> None:
    for name in set(os.environ) - _ENVIRONMENT:
        del os.environ[name]
    os.environ.update(_SET)


def _preload(names: str) -> None:
    for name in names.split(","):
        if name:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    site.setquit()  # `-S` leaves out what every program may use: exit, quit, help
    site.setcopyright()
    site.sethelper()


def _be_spared() -> None:
    """Where memory is short, be ended last, as far as this may be asked for; candidates are ended first."""
    for score in ("-1000", "0"):
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write(score)
            file.flush()
            return


def _slot(options: argparse.Namespace) -> Slot:
    writable = tuple(options.writable.split(","))
    if options.isolation == "uid":
        return OwnUser(options.uid, writable)
    if options.isolation == "namespaces":
        return OwnNamespaces(writable)
    return Unconfined()


def _one(requests: int, answers: int, slot: Slot) -> int:
    killed = kills()
    pid = os.fork()
    if pid == 0:
        status = _BROKEN
        try:
            status = _supervise(requests, answers, slot)
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status == -signal.SIGKILL and kills() > killed:
        _answer_for_the_killed(answers, slot)
    return status


def _answer_for_the_killed(answers: int, slot: Slot) -> None:
    """A program has taken so much memory that the kernel has ended its supervisor: that is the program's own doing."""
    with contextlib.suppress(OSError):
        slot.kill()
    spent = run("memory_limit", detail="memory limit exceeded")
    send(answers, {"compile_error": "", "runs": [spent], "clean": False, "missing": "", "failed": ""})


def _die_before_the_zygote() -> None:
    """Where memory is short, and the candidate hides how much it holds, somebody must be left to say so."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "r+") as file:
        raised = min(int(file.read()) + _SOONER, 1000)
        file.seek(0)
        file.write(str(raised))


def _supervise(requests: int, answers: int, slot: Slot) -> int:
    kernel.die_with_parent()
    kernel.hide()
    kernel.adopt_orphans()
    _die_before_the_zygote()
    request = receive(requests)
    if request is None:
        return _HUNG_UP
    slot.open()
    try:
        if request["kind"] == "open":
            return _NEXT if hold(requests, answers, request, slot) else _HUNG_UP
        reply = answer(request, slot)
    except Exception as error:  # noqa: BLE001 - the host is told, whatever it is
        reply = {"compile_error": "", "runs": [], "clean": False, "missing": "", "failed": _told(error)}
    finally:
        slot.close()
    send(answers, reply)
    return _NEXT


def _told(error: BaseException) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({where.filename}, line {where.lineno})"


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
