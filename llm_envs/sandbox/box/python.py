"""The end of a candidate's way: this process becomes a Python program, as `python solution.py` would start it.

The program is `__main__`, and its source lies in its working folder, where tracebacks, `inspect` and processes that it
spawns find it. Where it is run for one of its functions, what stands under `if __name__ == "__main__"` is left out, as
an import would: it often reads an input that is not there.

It ends as Python ends: threads that are no daemons are waited for, exit functions run, the module's objects are
dropped, streams are flushed. Then the process is gone, with nothing of ours in between that a program could break to
its gain: all that is said here is data that nobody trusts.
"""

from __future__ import annotations

import ast
import atexit
import builtins
import functools
import gc
import io
import linecache
import os
import sys
import threading
import types
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from types import CodeType
from typing import Any, Final, NoReturn

from llm_envs.sandbox import plain
from llm_envs.sandbox.box.candidate import SAID
from llm_envs.sandbox.box.frames import write_all

__all__ = ["FAILED", "FILE", "compiled", "flush", "own_modules", "run_invocations", "run_main", "settle", "told"]

FILE: Final = "solution.py"
FAILED: Final = "!"
"""What is said of a call begins with it where the call has raised; no JSON does."""

_GUARDS: Final = frozenset({"__name__ == '__main__'", "'__main__' == __name__"})
_DETAIL_CHARS: Final = 500


def compiled(source: str, *, as_script: bool) -> CodeType:
    """The program's code.

    Args:
        as_script: what is for scripts alone is left in.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it has none.
    """
    text, path = source.encode("utf-8", "surrogatepass"), os.path.abspath(FILE)
    if as_script or b"__main__" not in text:
        return compile(text, path, "exec", dont_inherit=True)
    tree = ast.parse(text, path)
    tree.body = [kept for statement in tree.body for kept in _unguarded(statement)]
    return compile(tree, path, "exec", dont_inherit=True)


def _unguarded(statement: ast.stmt) -> list[ast.stmt]:
    if isinstance(statement, ast.If) and ast.unparse(statement.test) in _GUARDS:
        return statement.orelse
    return [statement]


def run_main(code: CodeType) -> NoReturn:
    """Run it as a script."""
    module = settle()
    _finish(module, _exit_code(lambda: exec(code, module.__dict__)))  # noqa: S102 - what a sandbox is for


def run_invocations(code: CodeType, given: list[dict[str, Any]], *, together: bool) -> NoReturn:
    """Run it, then call functions, each after the other; say what each has returned.

    Together, a call that raises is said to have, and the next is made; else the program ends as Python lets it.
    """
    module = settle()
    process = os.getpid()

    def call_all() -> None:
        try:
            exec(code, module.__dict__)  # noqa: S102 - what a sandbox is for
        except SystemExit as leaving:
            if leaving.code:
                raise
        for one in given:
            said = _attempted(module, one) if together else _called(module, one)
            if os.getpid() != process:
                return  # a fork of the program's own came back here
            _say(said)

    _finish(module, _exit_code(call_all))


def _attempted(module: types.ModuleType, given: dict[str, Any]) -> str:
    try:
        return _called(module, given)
    except Exception as error:  # noqa: BLE001 - its author is unknown
        return FAILED + _words(error)


def _called(module: types.ModuleType, given: dict[str, Any]) -> str:
    args = [plain.decode(arg) for arg in given["args"]]
    kwargs = {name: plain.decode(arg) for name, arg in given["kwargs"].items()}
    function = eval(given["function"], module.__dict__)  # noqa: S307 - the host's own words
    return told(function(*args, **kwargs), args)


def told(value: Any, args: list[Any]) -> str:
    """A value that was returned, and the arguments as they were left."""
    try:
        return plain.dumps((value, tuple(args)))
    except plain.Unplain:
        return plain.dumps((value, ()))  # arguments changed into what cannot be told are the program's business


def _say(text: str) -> None:
    write_all(SAID, text.encode("ascii", "replace") + b"\n")


def _words(error: BaseException) -> str:
    try:
        text = f"{type(error).__name__}: {error}"
    except Exception:  # noqa: BLE001 - an exception whose text cannot be made is still worth its name
        text = type(error).__name__
    return ascii(text[:_DETAIL_CHARS])[1:-1]


def settle() -> types.ModuleType:
    """Make the interpreter look as if it had just been started for this file."""
    for name in own_modules():
        sys.modules.pop(name, None)
    path = os.path.abspath(FILE)
    module = types.ModuleType("__main__")
    module.__dict__.update(
        __file__=path, __builtins__=builtins, __cached__=None, __loader__=SourceFileLoader("__main__", path)
    )
    sys.modules["__main__"] = module
    sys.argv[:] = [FILE]
    sys.path.insert(0, os.getcwd())
    linecache.clearcache()
    _open_streams()
    return module


@functools.cache
def own_modules() -> tuple[str, ...]:
    """Names that a program must not find imported; asked for once, since looking at names writes to their memory."""
    return tuple(name for name in sys.modules if name.partition(".")[0] == "llm_envs")


def _open_streams() -> None:
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        raw = io.FileIO(number, "w" if number else "r", closefd=False)
        raw.name = f"<{name}>"
        stream = io.TextIOWrapper(
            io.BufferedWriter(raw) if number else io.BufferedReader(raw),
            encoding="utf-8",
            errors="backslashreplace" if name == "stderr" else "surrogateescape",
            line_buffering=name == "stderr",
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _exit_code(work: Callable[[], object]) -> int:
    try:
        work()
    except SystemExit as leaving:
        return _status(leaving.code)
    except BaseException as error:  # noqa: BLE001 - as an interpreter does at its top
        _show(error)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _status(code: Any) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1


def _show(error: BaseException) -> None:
    """Its traceback, by the program's own hook if it has one, from the first line that is the program's."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith("<llm_envs"):
        trace = trace.tb_next
    sys.excepthook(type(error), error.with_traceback(trace), trace)


def _finish(module: types.ModuleType, status: int) -> NoReturn:
    for step in _LAST_STEPS:
        status = _exit_code(step) or status
    _drop(module)
    _exit_code(lambda: flush(sys.__stdout__, sys.__stderr__))
    os._exit(status)


def _drop(module: types.ModuleType) -> None:
    """Let go of the program's objects, for those that say goodbye."""
    for name in list(module.__dict__):
        if name != "__builtins__":
            module.__dict__[name] = None
    gc.collect()


def flush(*streams: Any) -> None:
    """As far as they are streams, and open."""
    for stream in streams:
        if stream is not None and not getattr(stream, "closed", False):
            stream.flush()


_LAST_STEPS: Final[tuple[Callable[[], object], ...]] = (
    threading._shutdown,  # type: ignore[attr-defined]  # noqa: SLF001 - what an interpreter does at its end
    atexit._run_exitfuncs,  # noqa: SLF001 - the same
    lambda: flush(sys.stdout, sys.stderr),
)
