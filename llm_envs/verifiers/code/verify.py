"""The verdict on a program: does it do what every test expects of it?

    verifiers.code(reply, {"tests": [{"stdin": "1 2", "stdout": "3"}]}, sandbox=sandbox)

The program runs in a sandbox that is told what to give it, and never what it ought to answer; that is compared here.
The first test runs alone, so that most wrong programs cost one run, and then all others. A program that prints or
returns what is expected and then crashes, or does not end, has failed.

Tests that assert are one program, and count as one test; see `asserts`.

Covered: programs that read standard input (all languages of the sandbox), functions and methods (Python), arguments
changed in place, checkers of the author's.
Not covered: interactive tests, tests of files that a program writes, how fast it is within its limits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_envs.errors import BadOption, InfrastructureError
from llm_envs.sandbox.languages import LANGUAGES
from llm_envs.sandbox.program import Given, Invocation, Program, Stdin
from llm_envs.sandbox.result import TestRun
from llm_envs.types import Part, Verdict
from llm_envs.verifiers.code import custom
from llm_envs.verifiers.code.asserts import ending
from llm_envs.verifiers.code.extract import program_of
from llm_envs.verifiers.code.reference import CodeReference, CodeTest
from llm_envs.verifiers.code.runner import Runner

__all__ = ["check_partial", "code"]

_MOST_PARTIAL = 0.5
"""From here on, half of the tests could be worth as much as all of them."""

_SHOWN_CHARS = 200
"""Of what a policy's program says of its own end, in a reason."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """How one test went; `said` is what the program itself says of it."""

    outcome: str
    said: str = ""


def code(
    reply: str,
    reference: CodeReference | Mapping[str, Any],
    *,
    sandbox: Runner,
    partial: float = 0.0,
    together: bool = False,
) -> Verdict:
    """1 when the program in `reply` passes every test, else 0.

    Args:
        reference: see `llm_envs.verifiers.code.reference`.
        sandbox: where the program runs.
        partial: the weight of the share of tests passed; `correct` weighs what it leaves of 1. Above 0, all tests run.
        together: all tests that call a function run in one process: faster, and what one leaves behind the next finds.

    Returns:
        A verdict with the status `timeout` where time was what the first failing test used up. Its details hold
        `outcome` ("passed", "wrong_answer", "no_program", or how the run ended), `failed_test`, the number of the first
        test that failed, or None, and `passed` and `tests`, how many there are; and `trust`, "low" where a reference
        has put tests and program into one box. What was expected is never in it.

    Raises:
        BadReference: there are no tests, or some cannot be judged.
        SandboxFailed, SandboxUnavailable: the program could not be run, through no fault of its own.
    """
    check_partial(partial)
    wanted = CodeReference.of(reference)
    source = program_of(reply, wanted.language)
    if not source:
        return _verdict([_Judged("no_program")], max(1, len(wanted.tests)), partial)
    program = Program(source, wanted.language, wanted.files)
    if wanted.asserts:
        end = ending(program, wanted.asserts, wanted.limits, sandbox)
        trust = "low" if wanted.asserts.one_box else "full"
        return _verdict([_Judged(end.outcome, end.said)], 1, partial, trust=trust)
    judge = _Judge(program, wanted, sandbox, together=together)
    judged = judge.all() if partial else judge.until_one_fails()
    return _verdict(judged, len(wanted.tests), partial)


def check_partial(partial: float) -> None:
    """Raise BadOption where it cannot be the weight of partial credit."""
    is_number = isinstance(partial, (int, float)) and not isinstance(partial, bool)
    if not (is_number and 0.0 <= partial < _MOST_PARTIAL):
        raise BadOption("partial is out of range", expected=f"a number in [0, {_MOST_PARTIAL})", received=repr(partial))


class _Judge:
    """Runs one program on the tests of one reference."""

    def __init__(self, program: Program, reference: CodeReference, sandbox: Runner, *, together: bool) -> None:
        self._program = program
        self._reference = reference
        self._sandbox = sandbox
        self._together = together

    def until_one_fails(self) -> list[_Judged]:
        """How the tests went, up to the first that failed."""
        tests = self._reference.tests
        compiles = LANGUAGES[self._program.language].compile  # which costs more than the tests
        first = len(tests) if compiles else 1
        judged = self._judged(tests[:first], stop_at_failure=True)
        if judged[-1].outcome == "passed" and tests[first:]:
            judged += self._judged(tests[first:], stop_at_failure=True)
        return judged

    def all(self) -> list[_Judged]:
        """How each test went; a program that does not compile has failed the first."""
        return self._judged(self._reference.tests, stop_at_failure=False)

    def _judged(self, tests: Sequence[CodeTest], *, stop_at_failure: bool) -> list[_Judged]:
        runs = self._runs([test.given for test in tests], stop_at_failure=stop_at_failure)
        if isinstance(runs, _Judged):
            return [runs]
        judged: list[_Judged] = []
        for test, run in zip(tests, runs, strict=False):
            judged.append(self._judge(test, run))
            if stop_at_failure and judged[-1].outcome != "passed":
                break
        return judged

    def _runs(self, given: Sequence[Given], *, stop_at_failure: bool) -> Sequence[TestRun] | _Judged:
        together = self._together and all(isinstance(one, Invocation) for one in given)
        limits = self._reference.limits
        result = self._sandbox.run(self._program, given, limits, together=together, stop_at_failure=stop_at_failure)
        if result.compile_error:
            return _Judged("compile_error", result.compile_error)
        if len(result.runs) < len(given) and result.status == "ok":
            raise InfrastructureError(
                "the sandbox has left out some runs", expected=f"{len(given)} of them", received=str(len(result.runs))
            )
        return result.runs

    def _judge(self, test: CodeTest, run: TestRun) -> _Judged:
        if run.status != "ok":
            return _Judged(run.status, run.detail or run.stderr)
        checker, given = self._reference.checker, test.given
        if checker.name == "custom" and isinstance(given, Stdin):
            passed = custom.accepts(checker, given.text, run.stdout, test.expected, self._sandbox)
        else:
            passed = test.is_passed(run, checker)
        return _Judged("passed" if passed else "wrong_answer")


def _verdict(judged: Sequence[_Judged], tests: int, partial: float, **facts: Any) -> Verdict:
    passed = sum(one.outcome == "passed" for one in judged)
    failed = next((number for number, one in enumerate(judged) if one.outcome != "passed"), None)
    outcome = "passed" if failed is None else judged[failed].outcome
    return Verdict(
        _parts(passed, tests, partial),
        "timeout" if outcome == "time_limit" else "ok",
        f"all {tests} tests passed" if failed is None else _why(judged[failed], failed, tests),
        {"outcome": outcome, "failed_test": failed, "passed": passed, "tests": tests, **facts},
    )


def _parts(passed: int, tests: int, partial: float) -> tuple[Part, ...]:
    correct = Part("correct", float(passed == tests), 1.0 - partial)
    return (correct, Part("partial", passed / tests, partial, "partial")) if partial else (correct,)


def _why(judged: _Judged, number: int, tests: int) -> str:
    if judged.outcome == "no_program":
        return "the reply holds no program"
    said = judged.said.strip().rpartition("\n")[2][:_SHOWN_CHARS]
    how = judged.outcome.replace("_", " ") + (f": {said}" if said else "")
    return how if judged.outcome == "compile_error" else f"test {number + 1} of {tests}: {how}"
