"""What a sandbox has seen of a program: how each run ended, and what it wrote. Never whether that was right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["NO_VALUE", "RunResult", "RunStatus", "TestRun"]

RunStatus = Literal["ok", "runtime_error", "compile_error", "time_limit", "memory_limit", "output_limit"]
"""How a run ended; `ok` says that it ended by itself with exit status 0, and has written all that it wanted to."""


class _NoValue:
    """What an invocation has returned that has returned nothing."""

    def __repr__(self) -> str:
        return "NO_VALUE"

    def __reduce__(self) -> str:
        return "NO_VALUE"


NO_VALUE = _NoValue()
"""Stands where no value came back: None is one."""


@dataclass(frozen=True, slots=True)
class TestRun:
    """One run of a program.

    Args:
        value: what an invocation returned, as plain data; NO_VALUE where there was none, or it cannot be told.
        args: an invocation's positional arguments as they were left: some functions change them.
        exit_code: None where a signal ended it.
        signal: its number, where one ended it; 0 otherwise.
        wall_s, cpu_s: from start to end, and of all its processes together.
        peak_memory_mib: of its largest process.
        truncated: stdout or stderr was longer.
        detail: what went wrong, in words for people; "" where nothing did.
    """

    __test__ = False  # no test case, whatever pytest thinks of the name

    status: RunStatus
    stdout: str = ""
    stderr: str = ""
    value: Any = NO_VALUE
    args: tuple[Any, ...] = ()
    exit_code: int | None = 0
    signal: int = 0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_mib: float = 0.0
    truncated: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """All runs of one program, in the order in which they were asked for.

    Args:
        runs: fewer than were asked for where the program does not compile (none), or the first that failed was to be
            the last.
        compile_error: what the compiler said; "" where it was content.
    """

    runs: tuple[TestRun, ...] = field(default=())
    compile_error: str = ""

    @property
    def status(self) -> RunStatus:
        """Of the first run that was not `ok`; "ok" where there is none."""
        if self.compile_error:
            return "compile_error"
        return next((run.status for run in self.runs if run.status != "ok"), "ok")
