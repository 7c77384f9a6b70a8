"""The words of host and supervisor.

A request to run a program:

    {"kind": "run", "source": str, "language": str, "files": {path: base64}, "given": [GIVEN, ...],
     "limits": {"cpu_s", "deadline_s", "output_kib", "processes", "disk_mib", "open_files"},
     "together": bool, "stop_at_failure": bool}
    GIVEN = {"stdin": str} or {"function": str, "args": [plain, ...], "kwargs": {name: plain}}
            where plain is as `llm_envs.sandbox.plain.encode` makes it

and its answer:

    {"compile_error": str, "runs": [RUN, ...], "clean": bool, "missing": str, "failed": str}
    RUN = {"status", "stdout", "stderr", "said", "exit_code", "signal", "wall_s", "cpu_s", "peak_memory_mib",
           "truncated", "detail"}

`said` is what the program says of an invocation, or None: a text for `plain.loads`, which gives (value, args), args as
they were left. It may be forged, like all output. `clean` false: something could not be cleaned up, and this box must
not be used again. `missing` names a program that this box lacks (a compiler); `failed` says what went wrong with the
box itself: in both cases nothing is known of the program.
"""

from __future__ import annotations

import base64
from typing import Any, Final, NamedTuple

__all__ = ["Limits", "Program", "run"]

_KNOWN: Final = ("cpu_s", "deadline_s", "output_kib", "processes", "disk_mib", "open_files")


class Limits(NamedTuple):
    """What one run may use, as `llm_envs.sandbox.program.Limits` has it."""

    cpu_s: float
    deadline_s: float
    output_kib: int
    processes: int
    disk_mib: int
    open_files: int

    @classmethod
    def of(cls, message: dict[str, Any]) -> Limits:
        """Further limits in the message are not this box's business."""
        return cls(**{name: message[name] for name in _KNOWN})


class Program(NamedTuple):
    """What is to be run; `files` by relative path."""

    source: str
    language: str
    files: dict[str, bytes]

    @classmethod
    def of(cls, message: dict[str, Any]) -> Program:
        """The program of a request."""
        files = {path: base64.b64decode(content) for path, content in message.get("files", {}).items()}
        return cls(message["source"], message["language"], files)


def run(status: str, **known: Any) -> dict[str, Any]:
    """A RUN, of what is known about it."""
    blank = {
        "stdout": "",
        "stderr": "",
        "said": None,
        "exit_code": None,
        "signal": 0,
        "wall_s": 0.0,
        "cpu_s": 0.0,
        "peak_memory_mib": 0.0,
        "truncated": False,
        "detail": "",
    }
    return {"status": status, **blank, **known}
