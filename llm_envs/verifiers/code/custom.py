"""A checker that the author of a task wrote, for tasks with many right answers. It runs in a box of its own.

The program finds three files in its folder: `input.txt`, `output.txt`, and `expected.txt`, one right output. It accepts
by ending with exit status 0, and refuses by any other. Nothing of the candidate is in that box but its output.

An author's mistake must not be taken for a candidate's. So the checker is first asked about the expected output, once;
where it does not accept that, the reference is bad. What it does on a candidate's output afterwards is the candidate's
affair: a checker that stumbles over garbage has refused it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from llm_envs.errors import BadReference
from llm_envs.sandbox.program import Limits, Program, Stdin
from llm_envs.sandbox.result import RunResult
from llm_envs.verifiers.code.checker import Checker
from llm_envs.verifiers.code.runner import Runner

__all__ = ["accepts"]

_LIMITS = Limits(cpu_s=10.0)
_SHOWN_CHARS = 500


def accepts(checker: Checker, given: str, output: str, expected: str, runner: Runner) -> bool:
    """Whether the checker accepts `output` for the input `given`.

    Raises:
        BadReference: it does not accept what is expected.
    """
    return _case(checker, given, expected).accepts(output, runner)


@dataclass(slots=True)
class _Case:
    """One test of a custom checker; `proved` once it was seen to accept what is expected."""

    checker: Checker
    given: str
    expected: str
    proved: bool = False

    def accepts(self, output: str, runner: Runner) -> bool:
        if not self.proved:
            self._prove(runner)
        return self._asked(output, runner).status == "ok"

    def _prove(self, runner: Runner) -> None:
        result = self._asked(self.expected, runner)
        if result.status != "ok":
            said = result.compile_error or result.runs[-1].stderr or result.runs[-1].detail
            raise BadReference(
                "a custom checker does not accept the expected output",
                expected="exit status 0 where output.txt is expected.txt",
                received=f"{result.status}: {said[-_SHOWN_CHARS:]}",
                next_step="Mend the checker, or give each of its tests a right output.",
            )
        self.proved = True

    def _asked(self, output: str, runner: Runner) -> RunResult:
        texts = {"input.txt": self.given, "output.txt": output, "expected.txt": self.expected}
        files = {name: text.encode("utf-8", "surrogatepass") for name, text in texts.items()}
        return runner.run(Program(self.checker.source, self.checker.language, files), (Stdin(),), _LIMITS)


_case = lru_cache(maxsize=256)(_Case)
