"""A Python interpreter that remembers: cells are run one after the other in one module, calls are made into it.

It is untrusted from its first cell on, and says what it says to the session's `agent`, which believes none of it.
"""

from __future__ import annotations

import ast
import linecache
import os
import sys
import traceback
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any, Final, NoReturn

from llm_envs.sandbox import plain
from llm_envs.sandbox.box import python
from llm_envs.sandbox.box.frames import receive, send

__all__ = ["interpret"]

_VALUE_CHARS: Final = 1 << 16
"""Of what a value shows of itself; a number of a million digits is not worth reading."""


def interpret(requests: int, answers: int, done: int) -> NoReturn:
    """Answer until nobody asks; after each answer one byte on `done`."""
    interpreter = _Interpreter(python.settle())
    while (request := receive(requests)) is not None:
        send(answers, interpreter.answer(request))
        python.flush(sys.stdout, sys.stderr)
        os.write(done, b".")
    os._exit(0)


class _Interpreter:
    """One module, and what is run in it."""

    def __init__(self, module: ModuleType) -> None:
        self._space = module.__dict__
        self._cells = 0

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["kind"] == "execute":
            return self._attempted(lambda: {"value": self._executed(request["source"])})
        return self._attempted(lambda: {"said": self._called(request)})

    def _attempted(self, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What a cell or call comes to; an interpreter survives all that can be caught."""
        try:
            return work()
        except BaseException as error:  # noqa: BLE001 - its author is unknown
            self._show(error)
            return {"error": {"name": type(error).__name__, "text": _text_of(error)}}
        finally:
            python.flush(sys.stdout, sys.stderr)

    def _executed(self, source: str) -> str | None:
        statements, last = self._compiled(source)
        exec(statements, self._space)  # noqa: S102 - what a sandbox is for
        if last is None:
            return None
        value = eval(last, self._space)  # noqa: S307 - the same
        if value is None:
            return None
        self._space["_"] = value
        return repr(value)[:_VALUE_CHARS]

    def _compiled(self, source: str) -> tuple[CodeType, CodeType | None]:
        """A cell's statements, and its last expression, if it ends with one."""
        self._cells += 1
        name = f"<cell {self._cells}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        tree = ast.parse(source.encode("utf-8", "surrogatepass"), name)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        statements = compile(tree, name, "exec", dont_inherit=True)
        if not isinstance(last, ast.Expr):
            return statements, None
        return statements, compile(ast.Expression(last.value), name, "eval", dont_inherit=True)

    def _called(self, request: dict[str, Any]) -> str:
        args = [plain.decode(arg) for arg in request["args"]]
        kwargs = {name: plain.decode(arg) for name, arg in request["kwargs"].items()}
        function = eval(request["function"], self._space)  # noqa: S307 - the host's own words
        return python.told(function(*args, **kwargs), args)

    def _show(self, error: BaseException) -> None:
        trace = error.__traceback__
        while trace is not None and not self._is_own(trace.tb_frame.f_code.co_filename):
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace)

    @staticmethod
    def _is_own(file: str) -> bool:
        return file.startswith("<cell ")


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:_VALUE_CHARS]
    except Exception:  # noqa: BLE001 - an exception whose text cannot be made is still worth its name
        return ""
