"""The value verifier, row by row of its table."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from llm_envs.errors import BadReference
from llm_envs.testing import check_verifier, read_rows, written_out
from llm_envs.verifiers import value

TABLE = Path(__file__).parents[2] / "verifiers" / "value.jsonl"
KINDS = {"decimal": Decimal, "date": dt.date.fromisoformat, "datetime": dt.datetime.fromisoformat, "set": frozenset}


def reference(plain):
    """What JSON cannot say stands under the name of its type."""
    if isinstance(plain, dict):
        ((kind, said),) = plain.items()
        return KINDS[kind](said)
    return plain


ROWS = [
    {**row, "answer": written_out(row["answer"]), "reference": reference(row["reference"])} for row in read_rows(TABLE)
]


def test_every_row_of_the_table_holds():
    """In this thread and in another one; and no garbage is paid for any reference."""
    check_verifier(value, ROWS)


def test_rows_say_why():
    """Every row has a class and a reason, and no two judge the same."""
    assert all(row["class"] and row["why"] for row in ROWS)
    assert len({(row["answer"], repr(row["reference"])) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("wrong", [None, 1.5, object(), [None], {1.5}])
def test_a_reference_of_another_type_is_refused(wrong):
    """Floats among them: what equals one is a matter of rounding."""
    with pytest.raises(BadReference, match="cannot be compared with this"):
        value("1", wrong)


def test_times_with_a_zone_and_without_are_different():
    """Python does not even order them; here they are two values, in a set as well as alone."""
    here = dt.datetime(2026, 3, 2, 9)  # noqa: DTZ001 (the point)
    assert value("2026-03-02T09:00Z", here).reward == 0.0
    assert value("2026-03-02T09:00Z, 2026-03-03T09:00", {here, here + dt.timedelta(1)}).reward == 0.0
    assert value("2026-03-03T09:00, 2026-03-02 09:00", {here, here + dt.timedelta(1)}).reward == 1.0
