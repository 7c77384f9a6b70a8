"""Tests that are a program themselves: HumanEval's `check(candidate)`, MBPP's lists of assertions.

The tests run in one box, with stubs for the functions; the candidate runs in another, and is told nothing but
arguments. What it answers is plain data when it comes to the tests: it cannot patch `assert`, return an object that
equals everything, or look into its caller's frame, for there is nothing of the tests where it is.

Boxes cannot speak with each other, nor does one of them wait for the other. The tests are run until they ask for
something (see `replay`, which guesses what else they will ask for); the candidate answers all of it in one process; the
tests are run again with the answers. What counts is the last round: tests that come to their end, each of their calls
being the one that the candidate has answered there, in order, in one process.

Covered: arguments changed in place; builtin exceptions, which are raised as themselves; calls that depend on answers.
Not covered: arguments that are not plain; functions that keep something between calls and answer at random, where later
calls depend on it; tests that ask for other things each time they are run. A candidate may see the arguments of calls
to come. For tests that need the candidate's own classes there is `one_box`, where nothing keeps it from cheating; its
verdicts say `"trust": "low"`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from llm_envs.errors import BadReference
from llm_envs.sandbox.plain import Unplain, encode
from llm_envs.sandbox.program import Invocation, Limits, Program
from llm_envs.sandbox.result import RunResult, RunStatus, TestRun
from llm_envs.verifiers.code import replay, values
from llm_envs.verifiers.code.runner import Runner

__all__ = ["Asserts", "Ending", "ending"]

MOST_ROUNDS = 50
"""Of calls that each depend on the last answer. A candidate that answers differently each time gets no further."""

_TEST_LIMITS = Limits(cpu_s=10.0)
_RAISED = re.compile(r"([A-Za-z_]\w*)(?:: (.*))?", re.DOTALL)
"""What a sandbox says of a call that has raised, and of nothing else."""

_CATCHER = """
PLAIN = (str, bytes, int, float, bool, type(None))

def catching(function):
    def call(*args, **kwargs):
        try:
            return "value", function(*args, **kwargs)
        except Exception as error:
            kind = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
            parts = error.args if all(type(part) in PLAIN for part in error.args) else (str(error),)
            return kind.__name__, parts
    return call
"""
"""Runs beside the candidate, and tells of an exception which builtin one it is."""

_CATCHING = f"(lambda space: __import__('builtins').exec({_CATCHER!r}, space) or space['catching'])({{}})"
"""An expression that gives `catching`."""

_OUTCOMES = {"passed": "passed", "failed": "wrong_answer", "raised": "runtime_error"}


@dataclass(frozen=True, slots=True)
class Asserts:
    """A program that tests.

    Args:
        source: it comes to its end where the candidate is right.
        functions: names of what it calls of the candidate.
        setup: what is run before these names are bound: imports, helpers, the prompt of HumanEval.
        one_box: run the candidate beside the tests, where they need more of it than plain answers.
    """

    source: str
    functions: tuple[str, ...]
    setup: str = ""
    one_box: bool = False

    def __post_init__(self) -> None:
        if not self.source.strip() or not self.functions or not all(map(str.isidentifier, self.functions)):
            raise BadReference(
                "tests that assert have a source, and names of functions that they call",
                received=f"functions {self.functions!r}",
            )


class Ending(NamedTuple):
    """How the tests went: an outcome of `verify`, and words on it."""

    outcome: str
    said: str = ""


class _Transcript(NamedTuple):
    """What the candidate was asked in one process, its answers, and how it ended before it had answered all."""

    calls: list[Any]
    answers: list[Any]
    end: Ending | None = None


def ending(program: Program, asserts: Asserts, limits: Limits, runner: Runner) -> Ending:
    """How the tests go with this program.

    Raises:
        BadReference: the tests cannot be run, or call nothing.
    """
    if asserts.one_box:
        return _in_one_box(program, asserts, limits, runner)
    known, guess = _Transcript([], []), True
    for _ in range(MOST_ROUNDS):
        result = _replayed(asserts, known, runner, guess=guess)
        if result.status != "ok" and guess:
            guess = False
            continue
        if result.status != "ok":
            return Ending(result.status, "the tests came to no end with these answers")
        how, made, guessed, words = _read(result)
        if how != "asks":
            return _end(how, made, words)
        if known.calls and not values.same(made[:1], known.calls[:1]):
            raise BadReference(
                "tests that assert do not begin the same twice", next_step="Seed what they draw at random."
            )
        if known.end and values.same(made, known.calls[: len(made)]):
            return known.end
        known = _asked(program, [*made, *guessed], limits, runner)
        if known.end and known.end.outcome == "compile_error":
            return known.end
    return Ending("runtime_error", "the program does not answer twice the same")


def _end(how: str, made: Sequence[Any], words: str) -> Ending:
    if how == "passed" and made:
        return Ending("passed")
    if how in _OUTCOMES and made:
        return Ending(_OUTCOMES[how], words if how == "raised" else "")
    raise BadReference(
        "tests that assert cannot be run",
        expected="a program that calls the functions named, with plain data",
        received=words or f"{how}, with {len(made)} calls",
        next_step="Put imports and helpers into `setup`; where tests need the candidate's own objects, set `one_box`.",
    )


def _replayed(asserts: Asserts, known: _Transcript, runner: Runner, *, guess: bool) -> RunResult:
    arguments = (asserts.setup, asserts.source, list(asserts.functions), known.calls, known.answers)
    return runner.run(Program(_driver()), (Invocation("replay", arguments, {"guess": guess}),), _TEST_LIMITS)


def _read(result: RunResult) -> tuple[str, list[Any], list[Any], str]:
    """What `replay` has returned, held to its form: tests are programs, too."""
    value = result.runs[0].value
    kinds = tuple(map(type, value)) if isinstance(value, tuple) else ()
    if kinds == (str, list, list, str) and all(map(_is_call, [*value[1], *value[2]])):
        return str(value[0]), list(value[1]), list(value[2]), str(value[3])
    raise BadReference("tests that assert have not said how they went", received=repr(kinds))


def _is_call(call: Any) -> bool:
    return isinstance(call, tuple) and tuple(map(type, call)) == (str, list, dict)


def _asked(program: Program, calls: list[Any], limits: Limits, runner: Runner) -> _Transcript:
    given = [Invocation(f"{_CATCHING}({name})", tuple(args), kwargs) for name, args, kwargs in calls]
    result = runner.run(program, given, limits, together=True)
    if result.compile_error:
        return _Transcript(calls, [], Ending("compile_error", result.compile_error))
    answers: list[Any] = []
    for run in result.runs:
        answer = _answer(run)
        if answer is None:
            return _Transcript(calls, answers if _can_be_sent(answers) else [], _lost(run))
        answers.append(answer)
    if not _can_be_sent(answers):
        return _Transcript(calls, [], Ending("output_limit", "its answers are too large or too deep for the tests"))
    return _Transcript(calls, answers)


def _can_be_sent(answers: list[Any]) -> bool:
    """Whether all of them together can go into another box; each has come out of one."""
    try:
        encode(answers)
    except Unplain:
        return False
    return True


def _answer(run: TestRun) -> tuple[str, Any, Any] | None:
    """What a call came to, as `replay` takes it; None where the process ended in it."""
    if run.status == "ok" and isinstance(run.value, tuple) and len(run.value) == 2:
        kind, held = run.value
        return ("value", held, list(run.args)) if kind == "value" else ("error", str(kind), _parts(held))
    raised = _RAISED.fullmatch(run.detail) if run.status == "runtime_error" else None
    return ("error", raised[1], [raised[2] or ""]) if raised else None


def _parts(held: Any) -> list[Any]:
    return list(held) if isinstance(held, tuple) else []


def _lost(run: TestRun) -> Ending:
    status: RunStatus = "runtime_error" if run.status == "ok" else run.status
    return Ending(status, run.detail or run.stderr)


def _in_one_box(program: Program, asserts: Asserts, limits: Limits, runner: Runner) -> Ending:
    arguments = (program.source, asserts.setup, asserts.source, list(asserts.functions))
    result = runner.run(Program(_driver(), files=program.files), (Invocation("in_one_box", arguments),), limits)
    run = result.runs[0]
    if run.status != "ok":
        return Ending(run.status, run.detail or run.stderr)
    value = run.value
    how, words = value if isinstance(value, tuple) and tuple(map(type, value)) == (str, str) else ("failed", "")
    return Ending(_OUTCOMES.get(how, "wrong_answer"), words if how == "raised" else "")


@cache
def _driver() -> str:
    """The source of `replay`."""
    return inspect.getsource(replay)
