"""The table of hostile and of correct programs, replayed in every sandbox that is here."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import pytest

from llm_envs.errors import MissingExtra, SandboxUnavailable
from llm_envs.sandbox import Invocation, Limits, Program, Sandbox
from llm_envs.sandbox.languages import LANGUAGES
from llm_envs.testing import read_rows, written_out
from llm_envs.verifiers import CodeReference, code
from llm_envs.verifiers.code.extract import MOST_CHARS

FOLDER = Path(__file__).parents[2] / "verifiers"
ROWS = list(read_rows(FOLDER / "code.jsonl"))
TASKS = json.loads((FOLDER / "code_tasks.json").read_text(encoding="utf-8"))
CLASSES = list(dict.fromkeys((row["expected"], row["class"], row.get("language", "python")) for row in ROWS))
AT_A_TIME = 3

HOSTILE_LIMITS = {"cpu_s": 1.0, "wall_s": 3.0}
"""Where a hostile row names none: whatever it is up to, it is up to it soon."""

HONEST = (Path(__file__).parent / "witness.py").read_text(encoding="utf-8")
"""A program that adds two numbers, and tells of the world that it finds itself in."""


def test_there_are_enough_programs_of_both_kinds():
    """At least 120 hostile ones, and at least 40 correct ones."""
    count = Counter(row["expected"] for row in ROWS)
    assert set(count) == {0, 1}
    assert count[0] >= 120
    assert count[1] >= 40


def test_rows_say_why():
    """Every row has a class, a reason, a task and limits that there are, and no two judge the same."""
    assert all(row["class"] and row["why"] and row["reference"] in TASKS for row in ROWS)
    assert all(Limits(**row.get("limits", {})).deadline_s > 0 for row in ROWS)
    kinds = {(json.dumps(row["answer"]), row["reference"], row.get("together")) for row in ROWS}
    assert len(kinds) == len(ROWS)


def test_the_table_is_short():
    """What is long is said by a template and a count."""
    assert (FOLDER / "code.jsonl").stat().st_size < 1 << 18


class Ground:
    """A sandbox of one box, and the world that a program saw in it before any hostile one was there."""

    def __init__(self, backend, needs=()):
        self.backend = backend
        self.sandbox = Sandbox(backend, slots=1, preload=needs, cache_mib=0)
        self.before = self.next_program()

    def next_program(self):
        """What an honest program gives, and sees, that is run now."""
        given = [Invocation("add", (2, 3)), Invocation("world")]
        return [(run.status, run.value) for run in self.sandbox.run(Program(HONEST), given, together=True).runs]

    def faults(self, row):
        """What is wrong with how a row went; nothing, or its reason and what happened."""
        answer, task = written_out(row["answer"]), reference(row)
        verdict = code(answer, task, sandbox=self.sandbox, together=row.get("together", False))
        if len(answer) > MOST_CHARS:  # the verifier has not shown it to the sandbox
            first = CodeReference.of(task).tests[0].given
            self.sandbox.run(Program(answer), [first], Limits(**task["limits"]))
        faults = [] if verdict.reward == row["expected"] else [f"{row['why']}: {verdict.reward}, {verdict.reason}"]
        after = self.next_program()
        if after != self.before:
            faults.append(f"{row['why']}: the next program sees {difference(self.before, after)}")
            self.before = after
        return faults


def reference(row):
    """The row's task, for its language and its limits."""
    task = TASKS[row["reference"]]
    tests = [{name: text(said) for name, said in test.items()} for test in task["tests"]]
    limits = row.get("limits", {} if row["expected"] else HOSTILE_LIMITS)
    return {**task, "tests": tests, "language": row.get("language", "python"), "limits": limits}


def text(said):
    """What a test says, with repetitions written out."""
    return written_out(said) if isinstance(said, dict) else said


def difference(before, after):
    """What has changed between two worlds."""
    old, new = before[-1][1], after[-1][1]
    if before[0] != after[0] or not isinstance(new, dict):
        return after
    return {name: (old[name], new[name]) for name in old if old[name] != new[name]}


@pytest.fixture(
    scope="module",
    params=[pytest.param(backend, marks=getattr(pytest.mark, backend)) for backend in ("docker", "namespaces")],
)
def grounds(request):
    """Sandboxes of one backend, each lent to one row at a time."""
    try:
        made = [Ground(request.param) for _ in range(AT_A_TIME)]
    except (MissingExtra, SandboxUnavailable) as error:
        if os.environ.get(f"LLM_ENVS_{request.param.upper()}") == "required":
            raise
        pytest.skip(f"NOT TESTED, no sandbox of kind {request.param}: {error.message}")
    free = SimpleQueue()
    for ground in made:
        free.put(ground)
    yield free
    for ground in made:
        ground.sandbox.close()


def replayed(rows, grounds):
    """The faults of all rows, some of them at a time."""

    def replay(row):
        ground = grounds.get()
        try:
            return ground.faults(row)
        finally:
            grounds.put(ground)

    with ThreadPoolExecutor(AT_A_TIME) as threads:
        return [fault for faults in threads.map(replay, rows) for fault in faults]


@pytest.mark.parametrize(("expected", "kind", "language"), CLASSES)
def test_programs_are_paid_what_they_deserve(expected, kind, language, grounds):
    """And leave nothing behind: the next program finds the world as it was, and gets its right verdict."""
    rows = [
        row
        for row in ROWS
        if (row["expected"], row["class"], row.get("language", "python")) == (expected, kind, language)
    ]
    if missing := [name for name in LANGUAGES[language].command[:1] if not shutil.which(name)]:
        pytest.skip(f"NOT TESTED, this machine has no {missing[0]}")
    assert replayed([row for row in rows if "needs" not in row], grounds) == []


def test_programs_that_need_more_find_it(grounds):
    """What a sandbox was made with, its programs can import."""
    lent = grounds.get()
    try:
        more = Ground(lent.backend, needs=("numpy",))
        faults = [fault for row in ROWS if row.get("needs") == ["numpy"] for fault in more.faults(row)]
        more.sandbox.close()
    finally:
        grounds.put(lent)
    assert faults == []
