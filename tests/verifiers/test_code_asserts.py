"""Tests that are programs, run beside no candidate: HumanEval's and MBPP's kind."""

from __future__ import annotations

import pickle
import warnings

import pytest

from llm_envs.errors import BadReference
from llm_envs.sandbox import Sandbox
from llm_envs.verifiers import code
from llm_envs.verifiers.code.replay import replay

CHECK = """
def check(candidate):
    assert candidate([3, 1, 2]) == [1, 2, 3]
    assert candidate([]) == []
    assert candidate([5, 5]) == [5, 5]
check(order)
"""
ORDER = {"function": "order", "asserts": CHECK, "setup": "from typing import List"}
RIGHT = "def order(x):\n    return sorted(x)"


class Recorded:
    """A sandbox that remembers what it was asked."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.asked = []

    def run(self, program, given, limits, **options):
        self.asked.append((program, tuple(given)))
        return self.sandbox.run(program, given, limits, **options)


@pytest.fixture(scope="module")
def unsafe():
    """For the well-meaning programs, and the harmless pranks, of this file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        with Sandbox("unsafe", slots=1) as sandbox:
            sandbox.backend  # noqa: B018 - warns while nobody minds
            yield sandbox


@pytest.fixture
def sandbox(unsafe):
    """The same, remembering."""
    return Recorded(unsafe)


def fenced(source):
    """A reply that holds a program."""
    return f"```python\n{source}\n```"


def outcome(source, reference, sandbox):
    """What the verdict says of a program."""
    verdict = code(fenced(source), reference, sandbox=sandbox)
    assert verdict.correct is (verdict.details["outcome"] == "passed")
    return verdict.details["outcome"]


def test_a_check_of_the_kind_of_humaneval(sandbox):
    """The function's own name, and a `candidate` that it is passed as."""
    assert outcome(RIGHT, ORDER, sandbox) == "passed"
    assert outcome("def order(x):\n    return x", ORDER, sandbox) == "wrong_answer"
    assert outcome("def order(x):\n    return None", ORDER, sandbox) == "wrong_answer"


def test_assertions_of_the_kind_of_mbpp(sandbox):
    """One after the other, of several functions."""
    reference = {
        "functions": ["f", "g"],
        "asserts": "assert f(2) == 4\nassert g('a') == ('a', 1)\nassert f(g(1)[1]) == 2",
    }
    source = "def f(x): return 2 * x\ndef g(x): return (x, 1)"
    assert outcome(source, reference, sandbox) == "passed"
    assert outcome(source.replace("(x, 1)", "[x, 1]"), reference, sandbox) == "wrong_answer"


def test_the_setup_is_run_first_and_overridden(sandbox):
    """As HumanEval's prompts define helpers, and the function itself without a body."""
    setup = "def double(x): return 2 * x\ndef half(x):\n    '''Undo `double`.'''\n"
    reference = {"function": "half", "setup": setup, "asserts": "for n in range(5): assert half(double(n)) == n"}
    assert outcome("def half(x): return x // 2", reference, sandbox) == "passed"
    assert outcome("def half(x): pass", reference, sandbox) == "wrong_answer"


def test_a_hundred_assertions_take_three_runs(sandbox):
    """One that asks, one of the candidate, one that judges."""
    reference = {"function": "f", "asserts": "for n in range(100): assert abs(f(n) - n / 2) < 1e-9"}
    assert outcome("def f(n): return n / 2", reference, sandbox) == "passed"
    assert [len(given) for _, given in sandbox.asked] == [1, 100, 1]


def test_calls_may_depend_on_answers(sandbox):
    """On one another, as arguments and as conditions."""
    asserts = """
n, steps = 27, 0
while n != 1:
    n, steps = step(n), steps + 1
    if steps > 10: break
assert n == 107, n
assert step(step(3)) == 5
"""
    reference = {"function": "step", "asserts": asserts}
    assert outcome("def step(n): return n // 2 if n % 2 == 0 else 3 * n + 1", reference, sandbox) == "passed"
    assert outcome("def step(n): return n // 2 if n % 2 == 0 else 3 * n - 1", reference, sandbox) == "wrong_answer"


def test_nothing_of_the_tests_is_where_the_candidate_is(sandbox):
    """Neither what is expected, nor the assertions."""
    reference = {"function": "f", "asserts": "assert f(1) == 'prune', 'plum'", "setup": "# pear"}
    assert outcome("def f(x): return 'apple'", reference, sandbox) == "wrong_answer"
    beside = [pickle.dumps(asked) for asked in sandbox.asked if "apple" in asked[0].source]
    assert len(beside) == 1
    assert not any(word in beside[0] for word in (b"prune", b"plum", b"pear"))


def test_arguments_changed_in_place_are_changed_for_the_tests(sandbox):
    """Lists, dicts, sets, nested ones, and those that something else holds, too."""
    asserts = """
inner = [2, 1]
outer = [inner, {"a": {1}}]
assert change(outer) is None
assert outer == [[1, 2], {"a": {1, 2}, "b": 0}, 3]
assert inner == [1, 2] and outer[0] is inner
"""
    source = "def change(x):\n    x[0].sort(); x[1]['a'].add(2); x[1]['b'] = 0; x.append(3)"
    assert outcome(source, {"function": "change", "asserts": asserts}, sandbox) == "passed"
    assert outcome("def change(x): pass", {"function": "change", "asserts": asserts}, sandbox) == "wrong_answer"


RAISES = """
try:
    f(-1)
except ValueError as error:
    assert str(error) == "no"
else:
    raise AssertionError("nothing was raised")
assert f(1) == 1
"""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("ValueError('no')", "passed"),
        ("TypeError('no')", "runtime_error"),
        ("ValueError('né')", "wrong_answer"),
        ("Own('no')", "passed"),
        ("Other('no')", "runtime_error"),
    ],
)
def test_builtin_exceptions_are_raised_as_themselves(sandbox, error, expected):
    """Others as the builtin exceptions that they are kinds of."""
    classes = "class Own(ValueError): pass\nclass Other(Exception): pass\n"
    source = f"{classes}def f(x):\n    if x < 0: raise {error}\n    return x"
    assert outcome(source, {"function": "f", "asserts": RAISES}, sandbox) == expected


PRANKS = {
    "an object that equals everything": "class Yes:\n    __eq__ = lambda *_: True\ndef order(x): return Yes()",
    "a list that does": "class Yes(list):\n    __eq__ = lambda *_: True\ndef order(x): return Yes()",
    "an assertion of its own": "def order(x): raise AssertionError",
    "an exit": "import os\ndef order(x): os._exit(0)",
    "a friendly exit": "def order(x): raise SystemExit(0)",
    "an exit at once": "import sys\nsys.exit(0)",
    "a patched sorted": "import builtins\nbuiltins.sorted = lambda x: None\nbuiltins.AssertionError = Exception\n"
    "def order(x): return sorted(x)",
    "another check": "def check(candidate): pass\ndef order(x): return x",
    "a stop": "def order(x): raise Stopped",
    "nothing": "pass",
    "a class": "class order:\n    def __init__(self, x): pass",
    "itself": "def order(x): return order",
    "a nested list without end": "def order(x):\n    x.append(x)\n    return x",
    "an error of its own": "class ValueError(Exception): pass\ndef order(x): raise ValueError(x)",
    "an error that lies": "class E(Exception):\n    args = ('value', [])\ndef order(x): raise E",
    "a forged answer": "def order(x): return ('value', sorted(x))",
}


@pytest.mark.parametrize("prank", PRANKS)
def test_pranks_are_not_paid(sandbox, prank):
    """What comes to the tests is plain data, or an exception."""
    assert outcome(PRANKS[prank], ORDER, sandbox) in {"wrong_answer", "runtime_error"}


def test_exceptions_keep_what_they_are_made_of(sandbox):
    """Texts of any script, keys, numbers."""
    asserts = """
for n, expected in enumerate(["ça", 7, b"x"]):
    try:
        f(expected)
    except KeyError as error:
        assert error.args == (expected,)
    else:
        raise AssertionError
"""
    assert outcome("def f(x): return {}[x]", {"function": "f", "asserts": asserts}, sandbox) == "passed"
    assert outcome("def f(x): raise KeyError(str(x))", {"function": "f", "asserts": asserts}, sandbox) == "wrong_answer"


def test_names_of_builtins_are_the_candidates_to_use(sandbox):
    """As many a beginner does; what surrounds the program uses none of them."""
    shadows = "dict = list = exec = type = isinstance = None\n"
    assert outcome(f"{shadows}{RIGHT}", ORDER, sandbox) == "passed"


def test_an_argument_may_be_left_as_what_cannot_be_told(sandbox):
    """A right answer is a right answer."""
    source = "def order(x):\n    y = sorted(x)\n    x.append(object())\n    return y"
    assert outcome(source, ORDER, sandbox) == "passed"


def test_a_candidate_that_dies_in_a_later_call_has_failed(sandbox):
    """Its answers up to there stand; there are no others."""
    dies = "import os\ndef order(x):\n    if not x: os._exit(3)\n    return sorted(x)"
    verdict = code(fenced(dies), ORDER, sandbox=sandbox)
    assert verdict.details["outcome"] == "runtime_error"
    assert "exit status 3" in verdict.reason


@pytest.mark.parametrize("end", ["", "if not x: import os; os._exit(3)"])
@pytest.mark.parametrize("body", ["return [0] * 400_000", "for _ in range(96): x = [x]\n    return x"])
def test_answers_too_large_or_too_deep_to_go_on_are_wrong(sandbox, body, end):
    """Each of them came out of its box, and not all of them fit into the other; no error that a policy can provoke."""
    source = f"def order(x):\n    {end}\n    {body}"
    assert outcome(source, ORDER, sandbox) in {"output_limit", "wrong_answer", "runtime_error"}


def test_a_candidate_that_does_not_end_has_run_out_of_time(sandbox):
    """Which the verdict says."""
    reference = {**ORDER, "limits": {"cpu_s": 1, "wall_s": 2}}
    verdict = code(fenced("def order(x):\n    while True: pass"), reference, sandbox=sandbox)
    assert (verdict.reward, verdict.status) == (0.0, "timeout")


def test_a_program_that_does_not_compile_is_wrong(sandbox):
    """And is told so."""
    assert outcome("def order(x:", ORDER, sandbox) == "compile_error"


def test_what_a_candidate_lacks_is_its_own_mistake(sandbox):
    """A name that it has not is no mistake of the tests."""
    verdict = code(fenced("def order(x): return sort(x)"), ORDER, sandbox=sandbox)
    assert verdict.details["outcome"] == "runtime_error"
    assert "sort" in verdict.reason


def test_tests_may_draw_at_random(sandbox):
    """The same each time they are run."""
    asserts = "import random\nfor _ in range(5):\n    n = random.randint(0, 10**9)\n    assert f(n) == n"
    assert outcome("def f(n): return n", {"function": "f", "asserts": asserts}, sandbox) == "passed"


def test_candidates_may_draw_at_random(sandbox):
    """Where no later call depends on it, nobody minds; where one does, there is an end to it."""
    source = "import random\ndef f(n): return random.SystemRandom().random()"
    assert outcome(source, {"function": "f", "asserts": "assert 0 <= f(1) < 1"}, sandbox) == "passed"
    assert outcome(source, {"function": "f", "asserts": "assert f(f(1)) == 3"}, sandbox) == "runtime_error"


def test_swallowed_exceptions_hide_no_missing_answer(sandbox):
    """Tests that catch everything still wait for every answer."""
    asserts = "for n in range(3):\n    try:\n        assert f(n) != 2\n    except:\n        last = n\nassert last == 2"
    assert outcome("def f(n): return n", {"function": "f", "asserts": asserts}, sandbox) == "passed"
    assert outcome("def f(n): return 0", {"function": "f", "asserts": asserts}, sandbox) == "wrong_answer"


@pytest.mark.parametrize(
    ("asserts", "setup"),
    [
        ("assert f(1) ==", ""),
        ("assert f(1) == g(1)", ""),
        ("assert math.isclose(f(1), 1)", ""),
        ("assert f(1) == 1", "import no_such_module"),
        ("assert True", ""),
        ("assert False", ""),
        ("assert f(lambda x: x) == 1", ""),
        ("assert f(object()) == 1", ""),
        ("import time\nassert f(time.time_ns()) == 1", ""),
    ],
)
def test_tests_that_cannot_be_run_are_the_authors_mistake(sandbox, asserts, setup):
    """No candidate is judged by them."""
    with pytest.raises(BadReference):
        code(fenced("def f(x): return 1"), {"function": "f", "asserts": asserts, "setup": setup}, sandbox=sandbox)


@pytest.mark.parametrize(
    "reference",
    [
        {"asserts": "assert f(1)"},
        {"asserts": "", "function": "f"},
        {"asserts": "assert f(1)", "function": "f()"},
        {"asserts": ["assert f(1)"], "function": "f"},
        {"asserts": "assert f(1)", "functions": [1]},
        {"asserts": "assert f(1)", "functions": []},
        {"asserts": "assert f(1)", "function": "f", "language": "c"},
        {"asserts": "assert f(1)", "function": "f", "tests": [{"args": [1], "value": 1}]},
        {"setup": "import os", "function": "f", "tests": [{"args": [1], "value": 1}]},
    ],
    ids=repr,
)
def test_a_reference_that_cannot_be_read_is_refused(sandbox, reference):
    """Before anything is run."""
    with pytest.raises(BadReference):
        code(fenced(RIGHT), reference, sandbox=sandbox)
    assert not sandbox.asked


def test_classes_are_tested_in_one_box_and_trusted_less(sandbox):
    """Where the tests need more than plain answers."""
    asserts = "box = Box(3)\nassert box.doubled().size == 6"
    reference = {"function": "Box", "asserts": asserts, "one_box": True}
    source = (
        "class Box:\n    def __init__(self, size): self.size = size\n    def doubled(self): return Box(2 * self.size)"
    )
    verdict = code(fenced(source), reference, sandbox=sandbox)
    assert (verdict.reward, verdict.details["trust"]) == (1.0, "low")
    assert outcome(source.replace("2 *", "3 *"), reference, sandbox) == "wrong_answer"
    assert outcome("pass", reference, sandbox) == "runtime_error"
    assert code(fenced(RIGHT), ORDER, sandbox=sandbox).details["trust"] == "full"


def test_calls_are_answered_where_they_are_the_same():
    """By type, by order of keys, and nan by nan."""
    tests = "assert f(nan) and f({'a': 1, 'b': 2})"
    calls = [("f", [float("nan")], {}), ("f", [{"a": 1, "b": 2}], {})]
    answers = [("value", True, [0.0]), ("value", True, [{"a": 1, "b": 2}])]
    setup = "nan = float('nan')"
    assert replay(setup, tests, ["f"], calls, answers, guess=False)[0] == "passed"
    turned = [calls[0], ("f", [{"b": 2, "a": 1}], {})]
    how, made, guessed, _ = replay(setup, tests, ["f"], turned, answers, guess=False)
    assert (how, len(made), guessed) == ("asks", 2, [])
    assert replay(setup, tests, ["f"], [("f", [1], {})], answers[:1], guess=False)[0] == "asks"


@pytest.mark.parametrize(
    "line",
    [
        "assert f(n) == n",
        "assert not f(n)",
        "assert abs(f(n) - 0.5) < 1e-6 and round(f(n), 2) == 3",
        "assert len(f(n)) == 3 and f(n)[0] + 1 == 2",
        "assert sorted(f(n)) == [] and sum(f(n)) == 2",
        "x = f(n).strip().split(',')\n    assert x[0] == 'a'",
        "assert tuple(f(n)) == (1, 2), f'{f(n)}'",
        "assert isinstance(f(n), int) and f(n) in {1, 2}",
        "import math; assert math.fabs(f(n)) < 2",
        "assert 1 if f(n) else 0",
    ],
)
def test_all_calls_are_guessed_at_once(line):
    """Whatever the tests do with the answers."""
    tests = f"for n in range(5):\n    {line}"
    how, made, guessed, _ = replay("", tests, ["f"], [], [], guess=True)
    assert how == "asks"
    assert {call[1][0] for call in [*made, *guessed]} == {0, 1, 2, 3, 4}


def test_guessing_comes_to_an_end():
    """Tests that wait for an answer of some kind are stopped."""
    how, made, guessed, _ = replay("", "while f(1): pass", ["f"], [], [], guess=True)
    assert how == "asks"
    assert len(made) + len(guessed) == 2_001
