"""The countdown verifier, row by row of its table, and against every expression that there is."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from pathlib import Path

import pytest

from llm_envs.errors import BadReference
from llm_envs.testing import check_verifier, read_rows, written_out
from llm_envs.verifiers import countdown

TABLE = Path(__file__).parents[2] / "verifiers" / "countdown.jsonl"
PRODUCT = {"numbers": [3, 4, 5], "target": 35}


ROWS = [{**row, "answer": written_out(row["answer"])} for row in read_rows(TABLE)]


def expressions(texts):
    """Every expression of these operands, in full brackets, with its value; None where it divides by 0."""
    if len(texts) == 1:
        yield texts[0], Fraction(texts[0])
        return
    for size in range(1, len(texts)):
        for chosen in itertools.combinations(range(len(texts)), size):
            left = [texts[i] for i in chosen]
            right = [text for i, text in enumerate(texts) if i not in chosen]
            for (a, x), (b, y) in itertools.product(expressions(left), expressions(right)):
                if x is None or y is None:
                    continue
                values = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else None}
                yield from ((f"({a}{sign}{b})", value) for sign, value in values.items())


def test_every_row_of_the_table_holds():
    """In this thread and in another one; and no garbage is paid for any reference."""
    check_verifier(countdown, ROWS)


def test_rows_say_why():
    """Every row has a class and a reason, and no two judge the same."""
    assert all(row["class"] and row["why"] for row in ROWS)
    assert len({(row["answer"], json.dumps(row["reference"])) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("numbers", [[2, 3, 7], [4, 4, 4], [1, 5, 10]], ids=str)
def test_every_expression_is_worth_what_it_says(numbers):
    """Of all expressions of three numbers exactly those are right whose value Python's fractions give as the target."""
    found = list(expressions([str(number) for number in numbers]))
    assert len(found) > 100
    for target in {value.numerator for _, value in found if value is not None and value.denominator == 1}:
        for text, value in found:
            verdict = countdown(text, {"numbers": numbers, "target": target})
            assert verdict.reward == float(value == target), (text, target)
            assert verdict.details["value"] == value


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("(3+4)*5", "the value is 35, the target 35"),
        ("3+4+5", "the value is 12, the target 35"),
        ("7*5", "the numbers used are [5, 7], given are [3, 4, 5]"),
        ("(3+4)*5=36", "the sides of the equation are not equal"),
        ("(3+4)*-5", "a sign stands before a number, not between two"),
        ("3^4*5", "only + - * / and brackets between whole numbers are allowed"),
        ("<think>", "the reasoning was never closed"),
        ("", "the reply has no expression"),
    ],
)
def test_the_verdict_says_why(reply, reason):
    """One sentence that a person understands."""
    assert countdown(reply, PRODUCT).reason == reason


def test_a_long_value_is_cut():
    """Reasons stay short, whatever the numbers are."""
    numbers = [10**15 + n for n in range(60)]
    verdict = countdown("*".join(map(str, numbers)), {"numbers": numbers, "target": 1})
    assert len(verdict.reason) < 200


@pytest.mark.parametrize(
    "reference",
    [
        None,
        35,
        {},
        {"numbers": [], "target": 3},
        {"numbers": [3.0], "target": 3},
        {"numbers": [0], "target": 0},
        {"numbers": [True], "target": 1},
        {"numbers": "345", "target": 35},
        {"numbers": [3, 4, 5], "target": "35"},
        {"numbers": [3, 4, 5]},
    ],
    ids=str,
)
def test_a_reference_must_have_numbers_and_a_target(reference):
    """Anything else is the task's fault, not the policy's."""
    with pytest.raises(BadReference):
        countdown("(3+4)*5", reference)
