"""The math verifier: its table of truths, its hostile rows under load, and what it promises of every text."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_envs import verifiers
from llm_envs.errors import BadOption, BadReference
from llm_envs.testing import written_out
from llm_envs.verifiers.math import parser, verify
from llm_envs.verifiers.math.extract import extract
from llm_envs.verifiers.math.reference import _read_text

TABLE = Path(__file__).parents[2] / "verifiers" / "math.jsonl"


ROWS = [json.loads(line) for line in TABLE.read_text().splitlines()]
HOSTILE = [row for row in ROWS if row["class"] == "hostile"]
CLASSES = sorted({row["class"] for row in ROWS})


def wrong_rows(rows: list[dict]) -> list[tuple]:
    """What the verifier and the table disagree on."""
    found = []
    for row in rows:
        verdict = verifiers.math(written_out(row["answer"]), row["reference"])
        if verdict.correct != bool(row["expected"]):
            found.append((row["answer"], row["reference"], row["expected"], verdict.reason))
    return found


# The table


def test_the_table_is_well_formed():
    """Every row has an answer, a reference, what is expected, its class and why; none is there twice."""
    assert all(set(row) == {"answer", "reference", "expected", "class", "why"} for row in ROWS)
    assert len({json.dumps([row["answer"], row["reference"]]) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("name", CLASSES)
def test_every_row_gets_the_verdict_it_must_get(name):
    """The table is what the verifier means by right and wrong."""
    assert wrong_rows([row for row in ROWS if row["class"] == name]) == []


@pytest.mark.parametrize("name", CLASSES)
def test_every_row_gets_the_same_verdict_off_the_main_thread(name):
    """Nothing depends on signals or on the thread."""
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(wrong_rows, [row for row in ROWS if row["class"] == name]).result() == []


def test_hostile_rows_are_judged_right_under_32_concurrent_checks(tmp_path, monkeypatch):
    """No payload runs, no verdict changes, and the next honest check is right."""
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(32) as threads:
        wrong = [row for found in threads.map(lambda row: wrong_rows([row]), HOSTILE) for row in found]
    assert wrong == []
    assert list(tmp_path.iterdir()) == []
    assert verifiers.math("\\boxed{\\sin 2x}", "2\\sin x\\cos x").correct


def test_no_process_is_left_when_the_pool_is_closed():
    """Whatever the hostile rows started is gone."""
    assert verifiers.math("\\boxed{x^{9^{9^{9}}}}", "x").status == "timeout"
    server = verify._pool._server
    verify._pool.close()
    assert server._process.returncode is not None


# Verdicts


def test_a_check_that_runs_out_of_time_is_zero_with_its_own_status():
    """The policy's doing: a 0, told apart from a wrong answer."""
    verdict = verifiers.math("\\boxed{x^{9^{9^{9}}}}", "x")
    assert (verdict.reward, verdict.status) == (0.0, "timeout")


@pytest.mark.parametrize(
    ("reply", "reference", "reason"),
    [
        ("\\boxed{5}", 5, "5 is right."),
        ("\\boxed{6}", 5, "6 is not 5: the values differ."),
        ("\\boxed{0.33}", "1/3", "0.33 is not 1/3: the decimal 0.33 does not round-trip (needs 7 digits)."),
        ("\\boxed{17+25}", 42, "17+25 is not 42: the calculation is left to do."),
        ("\\boxed{2x+3<7}", "x<2", "2x+3<7 is not x<2: it is left to solve."),
        ("\\boxed{5\\text{ cm}}", "5\\text{ m}", "5\\text{ cm} is not 5\\text{ m}: it is 0.05 m."),
        ("\\boxed{(1,2)}", "\\{1,2\\}", "(1,2) is not \\{1,2\\}: a tuple was given where a set is wanted."),
        ("\\boxed{1, 2}", 1, "1, 2 is not 1: 2 items given where one item would be right."),
        ("\\boxed{1/0}", 1, "1/0 is not 1: division by zero."),
        ("\\boxed{\\foo}", 1, "\\foo is not 1: the command \\foo is not known."),
        ("\\boxed{abc}", "6/41", "abc is not 6/41: a number is wanted, without a, b, c."),
        ("<think>5", 5, "No answer can be judged: the reasoning was never closed."),
        ("", 5, "No answer can be judged: nothing was found that is one."),
    ],
)
def test_the_reason_can_be_shown_to_a_person(reply, reference, reason):
    """One sentence: what was taken, what was wanted, why not."""
    assert verifiers.math(reply, reference).reason == reason


@pytest.mark.parametrize(
    ("reply", "rule", "answer"),
    [
        ("so \\boxed{5}.", "box", "5"),
        ("\\boxed{1} and \\boxed{2}", "boxes", "1, 2"),
        ("<answer>5</answer>", "answer tag", "5"),
        ("work\n#### 5", "hashes", "5"),
        ("The answer is 5.", "phrase", "5"),
        ("We get $x+1$ now.", "formula", "x+1"),
        ("x + 1", "whole reply", "x + 1"),
        ("It costs 5 in all", "number", "5"),
        ("I do not know", "none", ""),
    ],
)
def test_the_verdict_says_what_was_taken_and_by_which_rule(reply, rule, answer):
    """`details` can be written to a log as they are."""
    details = verifiers.math(reply, 5).to_dict()["details"]
    assert json.loads(json.dumps(details)) == {"answer": answer, "rule": rule}


def test_restatement_accepts_arithmetic_that_is_left_to_do():
    """The option that loosens the one rule against restating the question."""
    assert verifiers.math("\\boxed{17+25}", 42, restatement=True).correct
    assert not verifiers.math("\\boxed{17+26}", 42, restatement=True).correct


@pytest.mark.parametrize(
    ("answer", "reference", "wrong"),
    [
        ("x^2 < 4", "(-2, 2)", "(-2, 3)"),
        ("\\frac{x-3}{x-1} \\le 0", "(1, 3]", "[1, 3]"),
        ("\\int_0^1 x^2\\,dx", "1/3", "1/2"),
        ("\\lim_{x\\to 0} \\frac{\\sin x}{x}", 1, 2),
        ("\\sum_{k=1}^{n} k", "\\frac{n(n+1)}{2}", "\\frac{n(n-1)}{2}"),
        ("\\frac{d}{dx} x^3", "3x^2", "3x"),
        ("(1+1, 3)", (2, 3), (3, 3)),
        ("\\sin 30^\\circ", "1/2", "1/3"),
    ],
)
def test_restatement_accepts_what_is_left_to_solve_and_integrals(answer, reference, wrong):
    """What is right in value is then right, whatever is left to do."""
    reply = f"\\boxed{{{answer}}}"
    assert verifiers.math(reply, reference, restatement=True).correct
    assert not verifiers.math(reply, wrong, restatement=True).correct
    assert not verifiers.math(reply, reference).correct


@pytest.mark.parametrize("reply", [None, 5, b"\\boxed{5}", ["\\boxed{5}"]])
def test_a_reply_that_is_no_text_is_the_callers_mistake(reply):
    """Swapped arguments must not train a policy on zeros."""
    with pytest.raises(BadOption, match="in this order"):
        verifiers.math(reply, 5)


# References


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (42, "42"),
        (Fraction(1, 2), "\\frac12"),
        (Fraction(4, 2), "2"),
        (Decimal("0.125"), "1/8"),
        (2.5, "2.5"),
        (True, "True"),
        ({1, Fraction(1, 2)}, "\\{0.5, 1\\}"),
        (frozenset({"\\sqrt{2}"}), "\\{\\sqrt2\\}"),
        ((1, "x^2"), "(1, x \\cdot x)"),
        ([3, -1], "(3, -1)"),
        ({(1, 2), (3, 4)}, "\\{(3,4),(1,2)\\}"),
        (10**5000, "10^{5000}"),
        ({10**5000, 2}, "\\{2, 10^{5000}\\}"),
        (set(), "\\emptyset"),
        ({"A", "C"}, "A, C"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_references_may_be_python_values(reference, answer):
    """Numbers, and sets, tuples and lists of them or of LaTeX."""
    assert verifiers.math(f"\\boxed{{{answer}}}", reference).correct


UNREADABLE = [
    *(
        "",
        "  ",
        "\\frac{1}{0}",
        "(1, 1/0)",
        Decimal("1E+5000"),
        "\\frac{1}{",
        "1 +",
        "((",
        "\\foo{1}",
        "5)",
        "1E1000000",
        "9" * 5000,
    ),
    *("(" * 300 + "5" + ")" * 300, float("nan"), float("inf"), None, {}, (), [], object(), {"a": 1}, b"5"),
]


@pytest.mark.parametrize("reference", UNREADABLE, ids=lambda reference: repr(reference)[:20])
def test_a_reference_that_cannot_be_read_is_an_error_of_the_task(reference):
    """Never a reward of 0 for whatever the policy says."""
    with pytest.raises(BadReference, match="cannot be read"):
        verifiers.math("\\boxed{5}", reference)


@given(st.integers(-(10**18), 10**18))
def test_plain_integers_are_read_the_short_way_to_the_same_end(number):
    """As text, through all layers, and as a Python value: one reference."""
    assert verifiers.math_reference(str(number)) == _read_text(str(number))


def test_a_reference_can_be_read_once_and_used_often():
    """`math_reference` is for tasks that want the error early and the reading done."""
    reference = verifiers.math_reference("\\{1, 2\\}")
    assert verifiers.math("\\boxed{\\{2,1\\}}", reference).correct
    assert verifiers.math_reference(reference) is reference


# What holds for every text

ALPHABET = st.sampled_from(
    [
        *(
            "\\boxed{",
            "\\frac",
            "\\sqrt",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            "\\{",
            "\\}",
            "^",
            "_",
            "!",
            "%",
            "|",
            ",",
            ";",
        ),
        *("=", "<", "\\le ", "\\cup ", "\\pm ", "\\infty", "\\pi", "\\sin ", "\\log", "\\text{", "\\circ", "&", "\\\\"),
        *(
            "\\begin{matrix}",
            "\\end{matrix}",
            "x",
            "y",
            "e",
            "i",
            "0",
            "1",
            "2",
            "9",
            ".",
            "1/3",
            "+",
            "-",
            "*",
            "/",
            " ",
        ),
        *(
            "\n",
            "and",
            "or",
            "</think>",
            "<think>",
            "####",
            "answer is ",
            "\ud800",
            "½",
            "²",
            "∞",
            "\u200b",
            "\x00",
            "$",
        ),
    ]
)
FORMULAS = st.lists(ALPHABET, max_size=30).map("".join)


@settings(deadline=None, derandomize=True, max_examples=400)
@given(reply=st.one_of(st.text(max_size=200), FORMULAS, FORMULAS.map(lambda text: f"\\boxed{{{text}}}")))
def test_any_reply_gets_a_verdict(reply):
    """No text raises, whatever the kind of reference; scores are 0 or 1 and the verdict is JSON."""
    for reference in (5, "x^2+1", "\\{1,2\\}", "(1,2]", "B", "blue", "3.14"):
        verdict = verifiers.math(reply, reference)
        assert verdict.reward in {0.0, 1.0}
        json.dumps(verdict.to_dict()).encode()


@settings(deadline=None, derandomize=True, max_examples=200)
@given(value=st.fractions(), other=st.fractions())
def test_fractions_are_equal_exactly_when_they_are(value, other):
    """No rounding anywhere between a reply and a rational reference."""
    reply = f"\\boxed{{\\frac{{{value.numerator}}}{{{value.denominator}}}}}"
    assert verifiers.math(reply, value, restatement=True).correct
    assert verifiers.math(reply, other, restatement=True).correct == (value == other)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=5), st.lists(st.integers(-9, 9), min_size=1, max_size=5))
def test_polynomials_are_equal_exactly_when_their_coefficients_are(left, right):
    """Horner's form against the expanded one."""

    def expanded(coefficients: list[int]) -> str:
        return " + ".join(f"({c})x^{{{power}}}" for power, c in enumerate(coefficients)) + " + y"

    def nested(coefficients: list[int]) -> str:
        text = "0"
        for c in reversed(coefficients):
            text = f"(({text})x + ({c}))"
        return text + " + y"

    def trimmed(coefficients: list[int]) -> list[int]:
        return coefficients[: max((i + 1 for i, c in enumerate(coefficients) if c), default=0)]

    verdict = verifiers.math(f"\\boxed{{{nested(left)}}}", expanded(right).replace("x^{0}", "1"))
    assert verdict.correct == (trimmed(left) == trimmed(right))


# The package


def test_the_function_and_the_package_of_one_name_live_side_by_side():
    """`verifiers.math` is the function; modules of the package are imported by their full names."""
    assert callable(verifiers.math)
    assert importlib.import_module("llm_envs.verifiers.math.parser") is parser
    code = "import llm_envs.verifiers.math.parser; from llm_envs.verifiers import math; assert callable(math)"
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )


def test_sympy_is_never_imported_by_the_caller():
    """Not by the import, and not by a check that reaches the last layer."""
    code = (
        "import sys; from llm_envs import verifiers; "
        "assert verifiers.math('\\\\boxed{x^{9^{9^{9}}}}', 'x').status == 'timeout'; assert 'sympy' not in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )


def test_sympy_decides_what_numbers_cannot():
    """Values beyond any float at every point, equal by the laws of powers alone."""
    grown = "e^{e^{e^{e^{x^2+20}}}}"
    assert verifiers.math(f"\\boxed{{{grown}\\cdot e^{{\\ln 2}}}}", f"2{grown}").correct


def test_extraction_takes_time_linear_in_the_reply():
    """Megabytes of every mark are read, and only the end of them is looked at."""
    for mark in ("\\boxed{", "<answer>", "$", "\\(", "answer is ", "#### ", "111,", "1", "**", "</think>", "\\text{"):
        extract(mark * (4_000_000 // len(mark)) + "1111")


def test_checks_from_many_threads_agree_with_checks_from_one():
    """High-precision arithmetic shares caches between threads, and must not let them mix."""
    pairs = [(f"\\sqrt{{2}}+\\pi^{{{k}}}", f"\\pi^{{{k + k % 2}}}+2^{{1/2}}") for k in range(64)]
    expected = [k % 2 == 0 for k in range(64)]
    results: list[list[bool]] = []

    def check() -> None:
        results.append([verifiers.math(f"\\boxed{{{answer}}}", reference).correct for answer, reference in pairs])

    threads = [threading.Thread(target=check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8
