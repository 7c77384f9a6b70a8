"""Is the last table of a reply this table? For grids of digits, such as a sudoku, and for tables of words.

Read generously: cells may be parted by blanks, commas, pipes, ampersands or box-drawing characters, digits by nothing
at all; lines may carry the number of their row; the table may stand in a code block, in Markdown, in LaTeX or in JSON.
Where the last `<answer>...</answer>` or the last `\\boxed{}` holds a table, that is the answer. Judged strictly: every
cell counts.

A line is a row only when nothing stands in it but cells that the reference has somewhere, so a line with a gap in it,
or with a word too many, is prose. Prose ends a table; blank and ruled lines do not. The last run of rows that is long
enough is the answer, by its last rows.

Linear in the reply's length, of which the end counts; nothing is interpreted.

Covered: upper and lower case, `Row 1:`, `House 2 |`, `3.`, all rows on one line, text before and after the table.
Not covered, and so never right: cells of several words, tables turned by 90 degrees, columns in another order, one cell
a line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from llm_envs.errors import BadReference
from llm_envs.types import Verdict
from llm_envs.verifiers.math.extract import answer_tag, boxes_of, visible

__all__ = ["table"]

Cells = tuple[str, ...]


class _Row(NamedTuple):
    """A row as read; `number` is the one that the line gives it, 0 where it gives none."""

    number: int
    cells: Cells


_WORD = re.compile(r"[^\W_]+")
_LINE_END = re.compile(r"\n|\\\\|\\(?:begin|end)\{\w+\}(?:\{[^{}]*\})?|\\hline")
_LABELS = frozenset({"row", "line", "house"})
_MOST_DIGITS = 3
"""Of a row's number."""


def table(reply: str, reference: Sequence[Sequence[str]]) -> Verdict:
    """1 when the last table of `reply` has the cells of `reference`, row by row; else 0.

    Args:
        reference: rows of cells, all of one length; a row may be a text of one-character cells.

    Returns:
        A verdict whose details hold `rows`, what was read, or () where there is no table of that shape.

    Raises:
        BadReference: the rows are no table.
    """
    wanted = _checked(reference)
    rows = _read(reply, wanted)
    if not rows:
        shape = f"{len(wanted)} rows and {len(wanted[0])} columns"
        return Verdict.of(0.0, f"the reply has no table of {shape}, or one with entries that no cell can have", rows=())
    right = sum(a == b for row, want in zip(rows, wanted, strict=True) for a, b in zip(row, want, strict=True))
    cells = len(wanted) * len(wanted[0])
    return Verdict.of(float(rows == wanted), f"{right} of {cells} cells are right", rows=rows)


def _checked(reference: Sequence[Sequence[str]]) -> tuple[Cells, ...]:
    try:
        rows = tuple(tuple(cell.casefold() for cell in row) for row in reference)
    except (TypeError, AttributeError):
        rows = ()
    if rows and rows[0] and all(len(row) == len(rows[0]) and all(map(_WORD.fullmatch, row)) for row in rows):
        return rows
    raise BadReference(
        "the reference is no table",
        expected="rows of one length, whose cells are words of letters and digits",
        received=repr(reference),
    )


def _read(reply: str, wanted: tuple[Cells, ...]) -> tuple[Cells, ...]:
    """The table of a reply; () where there is none."""
    text = visible(reply)
    for part in () if text is None else _parts(text):
        rows = _in_order(_last_run(part, len(wanted), len(wanted[0]), frozenset().union(*wanted)))
        if rows:
            return rows
    return ()


def _parts(text: str) -> Iterator[str]:
    """Where the table may stand: what is marked as the answer, and then anywhere."""
    tagged = answer_tag(text)
    if tagged is not None:
        yield tagged
    boxes, _ = boxes_of(text)
    if boxes:
        yield boxes[-1].content
    yield text


def _last_run(text: str, height: int, width: int, words: Collection[str]) -> list[_Row]:
    """The last rows of the last run of rows that is long enough."""
    run: list[_Row] = []
    best: list[_Row] = []
    for line in _LINE_END.split(text):
        found = _rows_of(line, width, words)
        run = [] if found is None else run + found if len(run) + len(found) <= height else [*run, *found][-height:]
        if found and len(run) == height:
            best = run
    return best


def _rows_of(line: str, width: int, words: Collection[str]) -> list[_Row] | None:
    """The rows that a line holds, none where it is blank or ruled; None where it is prose."""
    tokens: Sequence[str] = [token.casefold() for token in _WORD.findall(line)]
    cells = _cells(tokens, words)
    if cells is not None and len(cells) % width == 0:
        return [_Row(0, tuple(cells[start : start + width])) for start in range(0, len(cells), width)]
    number, tokens = _numbered(tokens)
    cells = _cells(tokens, words) if number else None
    return [_Row(number, tuple(cells))] if cells is not None and len(cells) == width else None


def _cells(tokens: Sequence[str], words: Collection[str]) -> list[str] | None:
    """The tokens as cells, taken apart where cells have one character; None where some token is no cell."""
    cells = [*"".join(tokens)] if all(len(word) == 1 for word in words) else [*tokens]
    return cells if all(cell in words for cell in cells) else None


def _numbered(tokens: Sequence[str]) -> tuple[int, Sequence[str]]:
    """The number of the row that a line begins with, and what follows it; 0 where there is none."""
    start = int(bool(tokens) and tokens[0] in _LABELS)
    number = tokens[start] if len(tokens) > start else ""
    if number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS:
        return int(number), tokens[start + 1 :]
    return 0, tokens


def _in_order(rows: Sequence[_Row]) -> tuple[Cells, ...]:
    """The rows by their numbers, where they have numbers; () where these are not 1, 2, 3, ..."""
    ordered = sorted(rows, key=lambda row: row.number)
    numbers = [row.number for row in ordered]
    if any(numbers) and numbers != [*range(1, len(rows) + 1)]:
        return ()
    return tuple(row.cells for row in ordered)
