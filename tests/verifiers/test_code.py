"""The verdict on programs: what is run, what is compared, and what is never said."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys

import pytest

from llm_envs.errors import BadOption, BadReference, InfrastructureError, SandboxUnavailable
from llm_envs.sandbox import NO_VALUE, Invocation, Limits, RunResult, Stdin, TestRun
from llm_envs.verifiers import CodeReference, code
from llm_envs.verifiers.code import custom
from llm_envs.verifiers.code.extract import MOST_CHARS, program_of

ADD = {"tests": [{"stdin": f"{a} {b}\n", "stdout": f"{a + b}\n"} for a, b in [(1, 2), (5, 5), (-3, 1)]]}
CALLED = {"function": "add", "tests": [{"args": [a, b], "value": a + b} for a, b in [(1, 2), (5, 5), (-3, 1)]]}
RIGHT = "a, b = map(int, input().split())\nprint(a + b)"


class Processes:
    """Runs programs as plain processes: well-meaning ones, written here."""

    def __init__(self):
        self.asked = []

    def run(self, program, given, limits, *, together=False, stop_at_failure=False):
        self.asked.append((program, tuple(given)))
        try:
            compile(program.source, "program", "exec")
        except (SyntaxError, ValueError) as fault:
            return RunResult(compile_error=f"SyntaxError: {fault}")
        runs = []
        for one in given:
            runs.append(self.one(program, one, limits))
            if stop_at_failure and runs[-1].status != "ok":
                break
        return RunResult(tuple(runs))

    def one(self, program, given, limits):
        source, text = program.source, ""
        if isinstance(given, Invocation):
            source += f"\nargs = {list(given.args)!r}\nvalue = {given.function}(*args, **{dict(given.kwargs)!r})"
            source += "\nprint(repr((value, args)))"
        else:
            text = given.text
        try:
            run = subprocess.run(
                [sys.executable, "-I", "-c", self.unpacked(program) + source],
                input=text,
                capture_output=True,
                text=True,
                timeout=limits.deadline_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return TestRun("time_limit", exit_code=None, signal=9)
        if run.returncode:
            return TestRun("runtime_error", run.stdout, run.stderr, exit_code=run.returncode)
        if isinstance(given, Invocation):
            value, args = eval(run.stdout, {"nan": float("nan")})
            return TestRun("ok", value=value, args=tuple(args))
        return TestRun("ok", run.stdout, run.stderr)

    @staticmethod
    def unpacked(program):
        """Its files, in a folder of its own."""
        if not program.files:
            return ""
        files = {name: content.decode() for name, content in program.files.items()}
        return (
            "import os, tempfile\nos.chdir(tempfile.mkdtemp())\n"
            f"for name, text in {files!r}.items():\n    open(name, 'w', newline='').write(text)\n"
        )


class Answers:
    """Answers with what it was given, run after run."""

    def __init__(self, *results):
        self.results = list(results)

    def run(self, program, given, limits, *, together=False, stop_at_failure=False):
        return self.results.pop(0)


@pytest.fixture
def processes():
    """A fresh place to run well-meaning programs in."""
    return Processes()


def fenced(source, tag="python"):
    """A reply that holds a program."""
    return f"Here it is:\n```{tag}\n{source}\n```\nThat is all."


def test_a_right_program_is_paid(processes):
    """It passes all tests."""
    verdict = code(fenced(RIGHT), ADD, sandbox=processes)
    assert (verdict.reward, verdict.status, verdict.reason) == (1.0, "ok", "all 3 tests passed")
    assert verdict.details == {"outcome": "passed", "failed_test": None, "passed": 3, "tests": 3}


def test_the_first_test_that_fails_is_named(processes):
    """By its number, and how it went; not by what was expected."""
    verdict = code(fenced(RIGHT.replace("a + b", "abs(a) + b")), ADD, sandbox=processes)
    assert (verdict.reward, verdict.reason) == (0.0, "test 3 of 3: wrong answer")
    assert verdict.details == {"outcome": "wrong_answer", "failed_test": 2, "passed": 2, "tests": 3}


def test_a_wrong_program_is_found_by_its_first_run(processes):
    """And a right one takes two requests; all tests run at once where compiling costs more."""
    code(fenced("print(7)"), ADD, sandbox=processes)
    assert [len(given) for _, given in processes.asked] == [1]
    code(fenced(RIGHT), ADD, sandbox=processes)
    assert [len(given) for _, given in processes.asked] == [1, 1, 2]
    right = RunResult(tuple(TestRun("ok", test["stdout"]) for test in ADD["tests"]))
    assert code(fenced("int main", "cpp"), {**ADD, "language": "cpp"}, sandbox=Answers(right)).reward == 1.0


def test_what_is_expected_never_enters_the_sandbox(processes):
    """Neither with the program, nor with what it is given."""
    secret = {"tests": [{"stdin": "1\n", "stdout": "prune"}], "checker": "exact"}
    code(fenced("print(2)"), secret, sandbox=processes)
    code(fenced("def f(x): return x"), {"function": "f", "tests": [{"args": [1], "value": "prune"}]}, sandbox=processes)
    assert len(processes.asked) == 2
    assert b"prune" not in pickle.dumps(processes.asked)


def test_nothing_that_is_expected_is_told(processes):
    """A verdict is shown to people, logged, and part of an env's info."""
    reference = {"function": "f", "tests": [{"args": [1], "value": "prune"}]}
    for source in ("def f(x): return 1", "def f(x): return 1 / 0", "def g(x: return", "f = 1"):
        assert "prune" not in json.dumps(code(fenced(source), reference, sandbox=processes).to_dict())


def test_functions_are_compared_by_value_and_type(processes):
    """A float is no int, unless the checker says so."""
    exact = fenced("def add(a, b): return a + b")
    close = fenced("def add(a, b): return float(a + b)")
    assert code(exact, CALLED, sandbox=processes).reward == 1.0
    assert code(close, CALLED, sandbox=processes).reward == 0.0
    assert code(close, {**CALLED, "checker": "json"}, sandbox=processes).reward == 1.0


def test_arguments_can_be_what_is_judged(processes):
    """Some functions change what they are given, and return nothing."""
    reference = {"function": "order", "tests": [{"args": [[2, 1, 3]], "left": [[1, 2, 3]]}]}
    assert code(fenced("def order(x): x.sort()"), reference, sandbox=processes).reward == 1.0
    assert code(fenced("def order(x): return sorted(x)"), reference, sandbox=processes).reward == 0.0
    both = {"function": "order", "tests": [{"args": [[2, 1, 3]], "left": [[1, 2, 3]], "value": None}]}
    assert code(fenced("def order(x): x.sort()"), both, sandbox=processes).reward == 1.0
    assert code(fenced("def order(x):\n    x.sort()\n    return x"), both, sandbox=processes).reward == 0.0


def test_nothing_returned_is_not_none():
    """A run that ended well and has no value has not returned None."""
    reference = {"function": "f", "tests": [{"args": [], "value": None}]}
    assert code("f", reference, sandbox=Answers(RunResult((TestRun("ok", value=None),)))).reward == 1.0
    assert code("f", reference, sandbox=Answers(RunResult((TestRun("ok", value=NO_VALUE),)))).reward == 0.0


@pytest.mark.parametrize(
    ("status", "expected"),
    [("runtime_error", "ok"), ("time_limit", "timeout"), ("memory_limit", "ok"), ("output_limit", "ok")],
)
def test_a_run_that_does_not_end_well_has_failed(status, expected):
    """Whatever it has printed by then."""
    run = TestRun(status, "3\n", stderr="Traceback\nValueError: no")
    verdict = code("print(3)", {"tests": [{"stdout": "3"}]}, sandbox=Answers(RunResult((run,))))
    assert (verdict.reward, verdict.status, verdict.details["outcome"]) == (0.0, expected, status)
    assert verdict.reason.endswith("ValueError: no")


def test_a_program_that_does_not_compile_is_wrong(processes):
    """And is told what the compiler said."""
    verdict = code(fenced("print(1"), ADD, sandbox=processes)
    assert (verdict.reward, verdict.details["outcome"]) == (0.0, "compile_error")
    assert "never closed" in verdict.reason


def test_a_reply_without_a_program_is_wrong(processes):
    """Nothing is run for it."""
    for reply in ("", " \n", "```python\n```", "<think>\n```python\nprint(3)\n```"):
        assert code(reply, ADD, sandbox=processes).details["outcome"] == "no_program"
    assert not processes.asked


def test_partial_credit_is_a_part_of_its_own(processes):
    """Off by default; then every test runs, and all of them pay 1 together."""
    half = fenced(RIGHT.replace("a + b", "abs(a) + b"))
    verdict = code(half, ADD, sandbox=processes, partial=0.3)
    assert [(part.name, part.kind, part.weight) for part in verdict.parts] == [
        ("correct", "correct", 0.7),
        ("partial", "partial", 0.3),
    ]
    assert verdict.reward == pytest.approx(0.2)
    assert code(fenced(RIGHT), ADD, sandbox=processes, partial=0.3).reward == 1.0
    assert code(fenced("print(1"), ADD, sandbox=processes, partial=0.3).reward == 0.0
    with pytest.raises(BadOption):
        code(half, ADD, sandbox=processes, partial=0.5)


def test_infrastructure_is_no_verdict():
    """An error of the sandbox, or runs that it has left out, pass through."""

    class Gone:
        def run(self, *args, **options):
            raise SandboxUnavailable("gone")

    with pytest.raises(SandboxUnavailable):
        code(fenced(RIGHT), ADD, sandbox=Gone())
    first = RunResult((TestRun("ok", "3"),))
    with pytest.raises(InfrastructureError, match="left out"):
        code(fenced(RIGHT), ADD, sandbox=Answers(first, first))


CLOSE = """
    given = int(open("input.txt").read())
    output = int(open("output.txt").read())
    assert output * output <= given < (output + 1) ** 2 and output >= 0
"""
ROOT = {
    "tests": [{"stdin": "10", "stdout": "3"}, {"stdin": "16", "stdout": "4"}],
    "checker": {"name": "custom", "source": "\n".join(line.strip() for line in CLOSE.splitlines())},
}


def test_a_custom_checker_decides(processes):
    """By its exit status; an output that it stumbles over is wrong."""
    assert code("print(int(int(input()) ** 0.5))", ROOT, sandbox=processes).reward == 1.0
    assert code("print(3)", ROOT, sandbox=processes).details["failed_test"] == 1
    assert code("print('three')", ROOT, sandbox=processes).details["outcome"] == "wrong_answer"


def test_a_custom_checker_has_a_box_of_its_own(processes):
    """Nothing of the candidate is in there but its output."""
    code("print(3) # prune", ROOT, sandbox=processes)
    with_checker = [program for program, _ in processes.asked if program.files]
    assert with_checker
    assert all(program.files.keys() == {"input.txt", "output.txt", "expected.txt"} for program in with_checker)
    assert b"prune" not in pickle.dumps(with_checker)


@pytest.mark.parametrize("source", ["import sys; sys.exit(1)", "1 / 0", "print(", "import time; time.sleep(9)"])
def test_a_custom_checker_that_refuses_what_is_expected_is_the_authors_mistake(processes, source, monkeypatch):
    """No policy is judged by it."""
    monkeypatch.setattr(custom, "_LIMITS", Limits(wall_s=1.0))
    reference = {"tests": [{"stdin": "", "stdout": "3"}], "checker": {"name": "custom", "source": source}}
    with pytest.raises(BadReference, match="does not accept"):
        code("print(3)", reference, sandbox=processes)


@pytest.mark.parametrize(
    "reference",
    [
        None,
        [],
        "3",
        {},
        {"tests": []},
        {"tests": "abc"},
        {"tests": [3]},
        {"tests": [{}]},
        {"tests": [{"stdin": "1"}]},
        {"tests": [{"stdin": 1, "stdout": "1"}]},
        {"tests": [{"stdin": "1", "stdout": 1}]},
        {"tests": [{"stdin": "1", "stdout": "1", "value": 2}]},
        {"tests": [{"input": "1", "output": "1"}]},
        {"tests": [{"args": [1], "value": 1}]},
        {"function": "f", "tests": [{"args": [1]}]},
        {"function": "f", "tests": [{"args": 1, "value": 1}]},
        {"function": "f", "tests": [{"args": [1], "kwargs": [], "value": 1}]},
        {"function": "f", "tests": [{"args": [1], "value": object()}]},
        {"function": "f", "tests": [{"args": [object()], "value": 1}]},
        {"function": "f", "tests": [{"args": [1], "value": 1}], "language": "cpp"},
        {"function": "f", "tests": [{"args": [1], "value": 1}], "checker": "tokens"},
        {"tests": [{"stdout": "1"}], "checker": "json"},
        {"tests": [{"stdout": "1"}], "checker": "nonsense"},
        {"tests": [{"stdout": "1"}], "limits": {"cpu_s": -1}},
        {"tests": [{"stdout": "1"}], "limits": {"seconds": 1}},
        {"tests": [{"stdout": "1"}], "limit": {}},
        {"tests": [{"stdout": "1"}], "language": "cobol"},
    ],
)
def test_a_reference_that_cannot_be_judged_by_is_refused(reference, processes):
    """It is the author's mistake, and nothing is run."""
    with pytest.raises(BadReference):
        code(fenced(RIGHT), reference, sandbox=processes)
    assert not processes.asked


def test_references_say_what_may_be_used():
    """Limits, language and files."""
    said = {**ADD, "limits": {"cpu_s": 2}, "language": "c", "files": {"a.txt": b"1"}}
    reference = CodeReference.of(said)
    assert (reference.limits, reference.language, reference.files) == (Limits(cpu_s=2), "c", {"a.txt": b"1"})
    assert reference.tests[0].given == Stdin("1 2\n")
    assert CodeReference.of(reference) is reference


PROGRAMS = [
    ("one block", "```python\nx = 1\n```", "x = 1\n"),
    ("text around", "So:\n```python\nx = 1\n```\nDone.", "x = 1\n"),
    ("the last of several", "```python\nx = 1\n```\nBetter:\n```python\nx = 2\n```", "x = 2\n"),
    ("other names of the language", "```py\nx = 1\n```", "x = 1\n"),
    ("upper case", "```Python3\nx = 1\n```", "x = 1\n"),
    ("no tag", "```\nx = 1\n```", "x = 1\n"),
    ("a tag before none", "```python\nx = 1\n```\nIt prints\n```\n1\n```", "x = 1\n"),
    ("a tag before another", "```python\nx = 1\n```\n```bash\npython x.py\n```", "x = 1\n"),
    ("another tag where there is nothing else", "```text\nx = 1\n```", "x = 1\n"),
    ("tildes", "~~~python\nx = 1\n~~~", "x = 1\n"),
    ("a longer fence around a shorter one", "````python\ns = '''\n```\n'''\n````", "s = '''\n```\n'''\n"),
    ("a fence that is never closed", "```python\nx = 1\ny = 2", "x = 1\ny = 2\n"),
    ("nothing fenced", "x = 1\nprint(x)", "x = 1\nprint(x)"),
    ("an indented block", "1. So:\n   ```python\n   if x:\n       y = 1\n   ```", "if x:\n    y = 1\n"),
    ("blanks in a text stay", "```python\ns = '''\n   \n'''\n```", "s = '''\n   \n'''\n"),
    ("lines of Windows", "```python\r\nx = 1\r\n```\r\n", "x = 1\n"),
    ("more behind the tag", "```python title=main.py\nx = 1\n```", "x = 1\n"),
    ("code in a line is no fence", "Use ```x``` here:\n```python\nx = 1\n```", "x = 1\n"),
    ("reasoning before", "<think>\n```python\nx = 1\n```\n</think>\n```python\nx = 2\n```", "x = 2\n"),
    ("reasoning that the prompt opened", "```python\nx = 1\n```\n</think>\nx = 2", "\nx = 2"),
    ("a block in the reasoning alone", "<think>\n```python\nx = 1\n```\n</think>\n", ""),
    ("reasoning that never ends", "<think>\n```python\nx = 1\n```", ""),
    ("reasoning after the block", "```python\nx = 1\n```\n<think>\n```python\nx = 2\n```\n</think>", "x = 1\n"),
    ("a block open when the reasoning ends", "<think>\n```python\nx = \n</think>\n```python\nx = 2\n```", "x = 2\n"),
    ("a mark within the program", "```python\nprint('<think></think>')\n```", "print('<think></think>')\n"),
    ("an empty block", "```python\n```", ""),
    ("nothing", "", ""),
    ("a program that is too long", "```python\n" + "x" * MOST_CHARS + "\n```", ""),
]


@pytest.mark.parametrize(("reply", "program"), [row[1:] for row in PROGRAMS], ids=[row[0] for row in PROGRAMS])
def test_the_program_is_the_last_block_behind_the_reasoning(reply, program):
    """Of the language, or of none that is named."""
    assert program_of(reply) == program


def test_blocks_are_chosen_by_language():
    """A program in C++ beside one in Python."""
    reply = "```cpp\nint x;\n```\n```python\nx = 1\n```"
    assert [program_of(reply, language) for language in ("cpp", "python")] == ["int x;\n", "x = 1\n"]


@pytest.mark.parametrize(
    "unit", ["```\n", "```python\n", "~~~", "`", "<think>", "</think>", " ", "\n", "\x00", "\ud800"]
)
def test_long_replies_are_read_in_linear_time(unit):
    """Megabytes of any mark."""
    assert isinstance(program_of(unit * (2_000_000 // len(unit))), str)
