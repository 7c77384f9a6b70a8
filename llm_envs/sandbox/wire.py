"""What a host asks of a box, and what it makes of the answer.

The answer is the supervisor's, and is held to its form: anything else is a lost box. What it holds of the program's own
words (stdout, stderr, values) is taken as data of any content: a value that cannot be read is the program's fault.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, get_args

from llm_envs.errors import BadOption
from llm_envs.sandbox.plain import Unplain, encode, loads
from llm_envs.sandbox.program import Given, Invocation, Limits, Program, Stdin
from llm_envs.sandbox.result import NO_VALUE, RunResult, RunStatus, TestRun
from llm_envs.sandbox.worker import BoxLost

__all__ = ["in_base64", "invocation", "limits_of", "read_result", "read_run", "run_request"]

_STATUSES = frozenset(get_args(RunStatus))
_KINDS: dict[str, tuple[type, ...]] = {
    "stdout": (str,),
    "stderr": (str,),
    "exit_code": (int, type(None)),
    "signal": (int,),
    "wall_s": (int, float),
    "cpu_s": (int, float),
    "peak_memory_mib": (int, float),
    "truncated": (bool,),
    "detail": (str,),
}


def run_request(
    program: Program, given: Sequence[Given], limits: Limits, *, together: bool, stop_at_failure: bool
) -> dict[str, Any]:
    """The frame that asks for a program's runs.

    Raises:
        BadOption: an argument of an invocation is not plain data.
    """
    return {
        "kind": "run",
        "source": program.source,
        "language": program.language,
        "files": in_base64(program.files),
        "given": [_given(one) for one in given],
        "limits": limits_of(limits),
        "together": together,
        "stop_at_failure": stop_at_failure,
    }


def limits_of(limits: Limits) -> dict[str, Any]:
    """Limits as frames have them."""
    return {**asdict(limits), "deadline_s": limits.deadline_s}


def in_base64(files: Mapping[str, bytes]) -> dict[str, str]:
    """Files as frames have them."""
    return {path: base64.b64encode(content).decode("ascii") for path, content in files.items()}


def _given(one: Given) -> dict[str, Any]:
    return {"stdin": one.text} if isinstance(one, Stdin) else invocation(one)


def invocation(one: Invocation) -> dict[str, Any]:
    """A call as frames have it.

    Raises:
        BadOption: an argument is not plain data.
    """
    try:
        args = [encode(value) for value in one.args]
        kwargs = {name: encode(value) for name, value in one.kwargs.items()}
    except Unplain as error:
        raise BadOption(
            f"an argument of {one.function} cannot be sent into a sandbox",
            expected="plain data: None, bool, numbers, str, bytes, list, tuple, dict, set, frozenset",
            received=str(error),
            next_step="Give it as plain data, and let the program make of it what it needs.",
        ) from error
    return {"function": one.function, "args": args, "kwargs": kwargs}


def read_result(answer: Mapping[str, Any], asked: int) -> RunResult:
    """The runs that an answer tells of.

    Args:
        asked: how many runs were asked for; there may be fewer, never more.

    Raises:
        BoxLost: it is no answer.
    """
    runs, compile_error = answer.get("runs"), answer.get("compile_error")
    if not isinstance(runs, list) or not isinstance(compile_error, str) or len(runs) > asked:
        raise BoxLost("its answer has not the form of a result")
    return RunResult(tuple(read_run(run) for run in runs), compile_error)


def read_run(run: Any) -> TestRun:
    """One run.

    Raises:
        BoxLost: it has not the form of one.
    """
    if not isinstance(run, dict) or str(run.get("status")) not in _STATUSES:
        raise BoxLost("its answer has a run without a known status")
    for name, kinds in _KINDS.items():
        if not isinstance(run.get(name), kinds):
            raise BoxLost(f"its answer has a run whose {name} is {type(run.get(name)).__name__}")
    known = {name: run[name] for name in _KINDS}
    said = run.get("said")
    if said is None:
        return TestRun(run["status"], **known)
    try:
        value, args = _values(said)
    except Unplain as error:
        return TestRun(**_blamed(run["status"], known, f"what it returned cannot be read: {error}"))
    return TestRun(run["status"], value=value, args=args, **known)


def _values(said: Any) -> tuple[Any, tuple[Any, ...]]:
    """An invocation's value and its arguments as they were left; the program may have forged them."""
    both = loads(said) if isinstance(said, str) else None
    if not (isinstance(both, (tuple, list)) and len(both) == 2 and isinstance(both[1], (tuple, list))):
        raise Unplain("not a value with its arguments")
    return both[0], tuple(both[1])


def _blamed(status: str, known: dict[str, Any], detail: str) -> dict[str, Any]:
    """A run that ended well and said nonsense has failed; one that failed anyhow failed as it did."""
    if status != "ok":
        return {"status": status, **known}
    return {"status": "runtime_error", **known, "value": NO_VALUE, "detail": detail}
