"""The comparisons of outputs and values, row by row of their table, and what they must never do."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_envs.errors import BadReference
from llm_envs.testing import read_rows, written_out
from llm_envs.verifiers.code import outputs, values
from llm_envs.verifiers.code.checker import Checker

ROWS = list(read_rows(Path(__file__).parents[2] / "verifiers" / "code_checkers.jsonl"))
NAMES = {"nan": math.nan, "inf": math.inf, "set": set, "frozenset": frozenset, "__builtins__": {}}

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.floats() | st.booleans(), inner, max_size=4)
        | st.sets(st.integers() | st.floats() | st.text() | st.tuples(st.integers(), st.booleans()), max_size=4)
        | st.frozensets(st.integers() | st.booleans(), max_size=4)
    ),
    max_leaves=12,
)
CHECKERS = [Checker(name) for name in ("", "tokens", "exact", "float", "unordered")]
RULES = [Checker(name) for name in ("", "exact", "float", "unordered", "json")]


def accepts(row):
    """Whether the checker of a row accepts its answer."""
    reference = row["reference"]
    checker = Checker.of(reference["checker"])
    if "stdout" in reference:
        return checker.accepts_output(written_out(row["answer"]), reference["stdout"])
    value, expected = (eval(text, NAMES.copy()) for text in (row["answer"], reference["value"]))
    return checker.accepts_value(value, expected)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['class']}: {row['why']}")
def test_every_row_of_the_table_holds(row):
    """What is right is accepted, and nothing else."""
    assert accepts(row) is bool(row["expected"])


def test_rows_say_why():
    """Every row has a class and a reason, and no two judge the same."""
    assert all(row["class"] and row["why"] for row in ROWS)
    assert len({json.dumps([row["answer"], row["reference"]]) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda checker: checker.name or "default")
@given(st.text(), st.text())
def test_no_text_raises_and_every_text_equals_itself(checker, output, expected):
    """Whatever is printed; and both ways round the checkers agree that different texts are different, or are not."""
    assert checker.accepts_output(expected, expected)
    there, back = checker.accepts_output(output, expected), checker.accepts_output(expected, output)
    assert there == back or checker.name == "float"


@given(st.lists(st.text("0123456789.eE+-_xnaif１٣\x00", max_size=12), max_size=4), st.floats(allow_nan=False))
def test_nothing_like_a_number_raises(words, expected):
    """Words made of what numbers are made of."""
    assert outputs.floats(" ".join(words), repr(expected), absolute=1e-6, relative=1e-6) in {True, False}


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["{!r}", "{:.17g}", "{:.17e}", "{:+.17g}"]))
def test_a_float_is_itself_however_it_is_written(number, form):
    """With a tolerance of nothing at all."""
    written = form.format(number)
    assert outputs.floats(written, repr(number), absolute=0.0, relative=0.0)


@given(st.integers(), st.integers(-3, 3))
def test_whole_numbers_are_exact_under_every_checker(number, off):
    """One off is wrong, however large the number and the tolerance."""
    loose = Checker("float", absolute=10.0, relative=1.0)
    assert loose.accepts_output(str(number + off), str(number)) is (off == 0)
    assert loose.accepts_value(number + off, number) is (off == 0)


@pytest.mark.parametrize("rule", RULES, ids=lambda checker: checker.name or "default")
@settings(deadline=None)
@given(PLAIN, PLAIN)
def test_no_value_raises_and_every_value_equals_itself(rule, value, expected):
    """Nan, nested sets and keys of several types included."""
    assert rule.accepts_value(expected, expected)
    assert rule.accepts_value(value, expected) in {True, False}


@given(PLAIN, PLAIN)
def test_exact_values_are_those_that_look_the_same(value, expected):
    """Values whose text is the same are equal, and equal ones are equal for Python, nan aside."""
    equal = values.same(value, expected)
    assert equal or repr(value) != repr(expected)
    assert not equal or value == expected or "nan" in repr(value)


@given(PLAIN, PLAIN)
def test_what_is_exact_is_accepted_by_every_rule(value, expected):
    """Rules are loosened, never tightened."""
    if values.same(value, expected):
        assert all(rule.accepts_value(value, expected) for rule in RULES)


def test_a_value_may_be_nested_as_deeply_as_it_likes():
    """It is compared as deep as what is expected, and no deeper."""
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert not values.same(deep, [[1]])
    assert not Checker("unordered").accepts_value([deep, 1], [1, 2])


def test_depth_and_plainness_are_told():
    """A number has depth 0; what is nested too deep has one more than may be; what is not plain has none."""
    deep = 1
    for _ in range(500):
        deep = [deep]
    holds_itself = []
    holds_itself.append(holds_itself)
    assert [values.depth_of(value) for value in (1, [], [1], {(1, 2): {3}})] == [0, 0, 1, 2]
    assert values.depth_of(deep) == values.depth_of(holds_itself) == values.MAX_DEPTH + 1
    assert values.depth_of([object()]) is values.depth_of(type("Int", (int,), {})(3)) is None


@pytest.mark.parametrize(
    "said",
    [
        "token",
        {"name": "float", "absolute": -1},
        {"name": "float", "relative": math.nan},
        {"name": "float", "absolute": True},
        {"name": "float", "tolerance": 1},
        "custom",
        {"name": "tokens", "source": "pass"},
        7,
    ],
)
def test_what_is_no_checker_is_refused(said):
    """It is the author's mistake, and it is said at once."""
    with pytest.raises(BadReference):
        Checker.of(said)


def test_a_checker_compares_what_it_can():
    """Words of outputs, types of values."""
    with pytest.raises(BadReference):
        Checker("tokens").require(object)
    with pytest.raises(BadReference):
        Checker("json").require(str)
    Checker().require(str)
    Checker().require(object)
