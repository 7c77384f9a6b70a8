"""The verdict on a query: does it find what the reference finds, in the database shown and in many others?

    verifiers.sql("SELECT name FROM t WHERE x >= 3", "SELECT name FROM t WHERE x > 2", database)

A result on one database proves little: many a wrong query finds the right rows there by chance. So both queries run on
dozens of small random databases of the same tables as well; see `trials`.

Covered: whatever SQLite reads. Columns count by place, rows as often as they are there, order only where asked.
Not covered, and so never right: recursive queries, functions of the clock, at random or of files, several statements;
see `reader`. A reference whose order leaves ties open may be judged by how SQLite breaks them: end it with a key.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from llm_envs.errors import BadReference
from llm_envs.types import Part, Verdict
from llm_envs.verifiers.sql.database import Database
from llm_envs.verifiers.sql.reader import Exhausted, Reader, Refused, Steps, Unread
from llm_envs.verifiers.sql.results import same
from llm_envs.verifiers.sql.tokens import tokens_of
from llm_envs.verifiers.sql.trials import trials

__all__ = ["sql"]

_MOST_ROWS = 20_000
"""Of a reference, which is trusted."""


def sql(
    query: str,
    reference: str,
    database: Database | str,
    *,
    ordered: bool | None = None,
    tolerance: float = 1e-6,
    databases: int = 48,
) -> Verdict:
    """1 when `query` finds what `reference` finds in every database tried, else 0.

    Args:
        database: what was shown, or a script of CREATE TABLE and INSERT statements that makes it.
        ordered: the order of rows counts; by default where the reference has an ORDER BY of its own.
        tolerance: relative and absolute, of numbers that are not whole.
        databases: how many to try besides the one shown.

    Returns:
        A verdict with the status `timeout` where the query took too many steps; its details hold `failed_on`: `shown`,
        the number of a random database, or None.

    Raises:
        BadReference: the reference or the database cannot be run.
    """
    shown = Database.of(database) if isinstance(database, str) else database
    in_order = _is_ordered(reference) if ordered is None else ordered
    expected = _expected(shown, reference)
    images = [(shown.image, expected), *trials(shown, reference, databases)]
    steps = Steps()
    reader = Reader([table.name for table in shown.tables], shown.image)
    try:
        for number, (image, wanted) in enumerate(images):
            if number:
                reader.load(image)
            found = reader.read(query, len(wanted), steps)
            if found.more or not same(found.rows, wanted, ordered=in_order, tolerance=tolerance):
                return _differs(number, len(images) - 1)
    except Exhausted as fault:
        return Verdict((Part("correct", 0.0),), "timeout", fault.message)
    except Unread as fault:
        kind = "is refused" if isinstance(fault, Refused) else "fails"
        return Verdict.of(0.0, f"the query {kind}: {fault.message}", failed_on="shown")
    finally:
        reader.close()
    return Verdict.of(1.0, f"finds the same in the database shown and in {len(images) - 1} others", failed_on=None)


def _differs(number: int, of: int) -> Verdict:
    where = f"random database {number} of {of}" if number else "the database shown"
    return Verdict.of(0.0, f"finds something else in {where}", failed_on=number or "shown")


@lru_cache(maxsize=64)
def _expected(database: Database, reference: str) -> list[tuple[Any, ...]]:
    reader = Reader([table.name for table in database.tables], database.image)
    try:
        return reader.read(reference, _MOST_ROWS).rows
    except Unread as fault:
        raise BadReference(
            "the reference cannot be run",
            expected="one query that may only read",
            received=f"{reference}: {fault.message}",
        ) from fault
    finally:
        reader.close()


def _is_ordered(reference: str) -> bool:
    """Whether an ORDER BY stands outside of all brackets."""
    depth = 0
    for token in tokens_of(reference):
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.low == "order":
            return True
    return False
