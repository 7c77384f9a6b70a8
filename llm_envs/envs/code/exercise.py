"""A problem as it is asked: as a program between standard input and output, or as a function; with its tests.

The same `solve` serves both: a program is a `solve`, what reads its arguments, and what prints its result.
"""

from __future__ import annotations

import random
import re
from typing import Any, Literal, NamedTuple

from llm_envs.envs.code.cases import Case, Cases
from llm_envs.envs.code.forms import FORMS, Layout, described
from llm_envs.envs.code.problem import Problem

__all__ = ["CPU_S", "Exercise", "Mode"]

Mode = Literal["stdin", "function"]

CPU_S = 2.0
"""What a test may take; the references need a hundredth of that."""

_NAMES = ("solve", "answer", "result", "compute", "find", "evaluate", "run", "work_out", "process", "determine")

_PROGRAM = """\
{rules} Find {asked}.

Write a Python program that reads standard input and writes standard output.

Input, in this order:
{given}

Output: the result, {form}.

{examples}

{closing}"""

_FUNCTION = """\
{rules} Find {asked}.

Write a Python function `{name}({names})` that returns the result ({kind}).

Arguments:
{given}

{examples}

{closing}"""

_CLOSING = (
    "Hidden tests decide, {count} of them; each may take {cpu_s:g} seconds of CPU time. Only Python's standard library "
    "is there. Put the whole program in one ```python block."
)

_MAIN = """\
import sys

{solve}

given = iter(sys.stdin.read().split("\\n"))
{reads}
result = solve({names})
{prints}
"""


class Exercise(NamedTuple):
    """One problem, and how it is asked.

    Args:
        order: in which the arguments stand, as places in `problem.takes`.
        name: of the function.
    """

    problem: Problem
    cases: Cases
    mode: Mode
    layout: Layout
    order: tuple[int, ...]
    name: str

    @classmethod
    def drawn(cls, problem: Problem, cases: Cases, rng: random.Random) -> Exercise:
        """Either mode, any layout, any order of arguments."""
        order = rng.sample(range(len(problem.takes)), k=len(problem.takes))
        mode: Mode = rng.choice(("stdin", "function"))
        return cls(problem, cases, mode, Layout.drawn(rng), tuple(order), rng.choice(_NAMES))

    @property
    def statement(self) -> str:
        """What the policy reads."""
        problem, is_program = self.problem, self.mode == "stdin"
        result = FORMS[problem.gives.form]
        return (_PROGRAM if is_program else _FUNCTION).format(
            rules=problem.words.strip(),
            asked=problem.gives.words,
            given="\n".join(self._given(place) for place in self.order),
            form=described(result.asked, self.layout),
            name=self.name,
            names=self._names,
            kind=result.kind,
            examples="\n\n".join(self._example(number, case) for number, case in enumerate(self.cases.examples, 1)),
            closing=_CLOSING.format(count=len(self.cases.hidden), cpu_s=CPU_S),
        )

    def program(self, source: str) -> str:
        """A text that defines `solve`, made what is asked for."""
        if self.mode == "function":
            moved = re.sub(r"def solve\([^)]*\)", f"def solve({self._names})", source, count=1)
            return re.sub(r"\bsolve\b", self.name, moved)
        reads = [
            f"{argument.name} = {described(FORMS[argument.form].reader, self.layout)}"
            for argument in (self.problem.takes[place] for place in self.order)
        ]
        prints = described(FORMS[self.problem.gives.form].printer, self.layout)
        names = ", ".join(argument.name for argument in self.problem.takes)
        return _MAIN.format(solve=source.strip(), reads="\n".join(reads), names=names, prints=prints)

    @property
    def reference(self) -> dict[str, Any]:
        """What programs are judged by, as the verifier takes it."""
        tests = [self._test(case) for case in self.cases.hidden]
        named = {"function": self.name, "checker": "json"} if self.mode == "function" else {}
        return {**named, "tests": tests, "limits": {"cpu_s": CPU_S}}

    def _test(self, case: Case) -> dict[str, Any]:
        if self.mode == "function":
            return {"args": [case.args[place] for place in self.order], "value": case.answer}
        return {"stdin": self._stdin(case), "stdout": self._stdout(case)}

    @property
    def _names(self) -> str:
        return ", ".join(self.problem.takes[place].name for place in self.order)

    def _given(self, place: int) -> str:
        argument = self.problem.takes[place]
        form = FORMS[argument.form]
        how = described(form.given, self.layout) if self.mode == "stdin" else form.kind
        return f"- `{argument.name}` ({how}): {argument.words}"

    def _example(self, number: int, case: Case) -> str:
        if self.mode == "function":
            shown = ", ".join(repr(case.args[place]) for place in self.order)
            return f"Example {number}: `{self.name}({shown})` returns `{case.answer!r}`."
        return f"Example {number}, input:\n```\n{self._stdin(case)}```\noutput:\n```\n{self._stdout(case)}```"

    def _stdin(self, case: Case) -> str:
        parts = (
            FORMS[self.problem.takes[place].form].written(case.args[place], self.layout.mark) for place in self.order
        )
        return "\n".join(parts) + "\n"

    def _stdout(self, case: Case) -> str:
        form = self.problem.gives.form
        is_empty = form in {"ints", "words"} and not case.answer
        written = FORMS[form].written(case.answer, self.layout.out)
        return f"{self.layout.nothing if is_empty else written}\n"
