"""A data set as an env needs it: its problems, checked once, in the file's order, shared by all who load it.

A row that cannot be asked, or whose answer the verifier cannot read, is left out and reported: scored 0 for ever it
would be noise. Questions that are there twice are reported and kept: the data set is the user's.
"""

from __future__ import annotations

import functools
import itertools
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import NoneType
from typing import Any, NamedTuple

from llm_envs import verifiers
from llm_envs.envs.math_data import files, hub
from llm_envs.envs.math_data.files import Row
from llm_envs.envs.math_data.layouts import Columns, Layout, Problem, choose
from llm_envs.envs.math_data.progress import watched
from llm_envs.errors import BadDataset, BadOption, BadReference, BadTask, UnknownDataset, did_you_mean
from llm_envs.tasks import bucket
from llm_envs.types import Task
from llm_envs.verifiers.math.parser import MAX_CHARS

__all__ = ["Source", "load", "locate", "longest"]

_SAMPLES = Path(__file__).parent / "samples"
_SAMPLE_NAMES = {f"sample/{file.stem}": file for file in sorted(_SAMPLES.iterdir())}
_SAMPLE = "sample/gsm8k"

_CACHED = 8
"""Data sets kept in memory; the rows of a vector env, and a train and a test env, share them."""

_REPORTED = 5
"""Rows that a warning names; the others are counted."""


class Source(NamedTuple):
    """Where problems come from; equal sources have equal problems.

    Args:
        path: of the file, or the name on the Hub.
        stamp: the file's size in bytes and its time of change in ns; None on the Hub.
        name, revision: see `hub.read`.
        layout: of its columns; None recognises it.
        columns: those that the user names.
    """

    path: str
    stamp: tuple[int, int] | None
    name: str | None
    revision: str | None
    layout: str | None
    columns: Columns


def locate(path: Any, name: str | None, revision: str | None, layout: str | None, columns: Columns) -> Source:
    """The source of that path: a bundled sample, a file, or a name on the Hub.

    Raises:
        UnknownDataset: there is no such file.
        BadDataset: it is no file that can be read.
        BadOption: the path is none, or `name` or `revision` is given for a file, which has none.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise BadOption("path is no path", expected="the name of a file or a data set", received=repr(path))
    path = os.fspath(path)
    for given in (name, revision, layout, *columns):
        if not isinstance(given, (str, NoneType)):
            raise BadOption("this is no name", expected="a text, or None", received=repr(given))
    try:
        file = _SAMPLE_NAMES.get(_SAMPLE if path == "sample" else path) or files.find(path)
    except OSError as error:  # a name too long, a folder that may not be entered
        raise UnknownDataset("the path cannot be looked up", received=str(error)) from error
    if file is None:
        _check_sample(path)
        return Source(path, None, name, revision, layout, columns)
    if name or revision:
        raise BadOption(
            "name= and revision= are for data sets on the Hub",
            expected="neither of them with a file",
            received=f"name={name!r}, revision={revision!r} with {path!r}",
        )
    stat = file.stat()
    return Source(str(file.resolve()), (stat.st_size, stat.st_mtime_ns), None, None, layout, columns)


def _check_sample(path: str) -> None:
    if path.startswith("sample/"):
        raise UnknownDataset(
            f"there is no sample {path!r}",
            expected=" or ".join(_SAMPLE_NAMES),
            received=repr(path),
            next_step=did_you_mean(path, _SAMPLE_NAMES),
        )


@functools.lru_cache(maxsize=_CACHED)
def load(source: Source, split: str | None) -> tuple[Problem, ...]:
    """The problems of a split, in order; of None, all.

    Where the data set does not say what belongs to which split, a hash of the question does.

    Raises:
        BadDataset: rows are broken, a column is missing, or no answer can be read.
        BadOption: the data set has no problem of this split.
    """
    problems = _all(source)
    kept = tuple(problem for problem in problems if split in (None, problem.split or bucket(Task(problem.question))))
    if kept:
        return kept
    splits = sorted({problem.split or bucket(Task(problem.question)) for problem in problems})
    raise BadOption(
        f"the data set has no problem of split {split!r}",
        expected=f"split= one of {', '.join(map(repr, splits))}",
        received=repr(split),
        next_step="To take every row whatever its split, pass whole=True.",
    )


@functools.lru_cache(maxsize=_CACHED)
def longest(source: Source, split: str | None) -> Problem:
    """The problem with the longest question."""
    return max(load(source, split), key=lambda problem: len(problem.question))


@functools.lru_cache(maxsize=_CACHED)
def _all(source: Source) -> tuple[Problem, ...]:
    try:
        if source.stamp is None:
            return _watched(source, hub.read(source.path, source.name, source.revision))
        suffix = Path(source.path).suffix.lower()
        with Path(source.path).open("rb") as file:
            place = None if suffix in files.READ_AT_ONCE else file.tell
            return _watched(source, files.read(file, suffix), place)
    except BadDataset as error:
        error.message = f"{source.path}: {error.message}"
        raise
    except OSError as error:
        raise BadDataset(f"{source.path} cannot be read", received=str(error)) from error


def _watched(source: Source, rows: Iterator[Row], place: Callable[[], int] | None = None) -> tuple[Problem, ...]:
    size = source.stamp[0] if source.stamp and place else None
    with closing(watched(rows, f"loading {source.path}", size, place)) as watched_rows:
        return _problems(source, watched_rows)


def _problems(source: Source, rows: Iterator[Row]) -> tuple[Problem, ...]:
    """The problems of all rows that are fit to be asked."""
    first = next(rows, None)
    if first is None:
        raise BadDataset("the data set is empty", expected="one row or more", next_step="Check that it was written.")
    layout = choose(first, source.layout, source.columns)
    problems: list[Problem] = []
    unfit: list[str] = []
    for row in itertools.chain([first], rows):
        try:
            problems.append(_checked(layout, row))
        except (BadTask, BadReference) as error:
            unfit.append(f"{row.place}: {error.message}")
    if not problems:
        raise BadDataset(
            f"no row of the data set can be asked, by layout {layout.name!r}",
            expected=f"a question in {layout.question!r}, and an answer that the maths verifier reads",
            received=unfit[0] + (f"; and {len(unfit) - 1:,} more" if len(unfit) > 1 else ""),
            next_step="Mend the rows, or name layout=, question= and answer=.",
        )
    _report(source.path, f"{len(unfit):,} of {len(problems) + len(unfit):,} rows are left out", unfit)
    _report(source.path, "questions are asked more than once", _repeated(problems))
    return tuple(problems)


def _checked(layout: Layout, row: Row) -> Problem:
    problem = layout.problem(row)
    if len(problem.answer) > MAX_CHARS:
        raise BadTask(f"its answer has more than the {MAX_CHARS:,} characters that are judged")
    verifiers.math_reference(problem.answer)
    return problem


def _repeated(problems: Iterable[Problem]) -> list[str]:
    """One sentence for each question that was asked before."""
    asked: dict[str, Problem] = {}
    found = []
    for problem in problems:
        before = asked.setdefault(problem.question, problem)
        if before is not problem:
            other = "" if before.answer == problem.answer else ", and has another answer"
            found.append(f"{problem.place} repeats {before.place}{other}")
    return found


def _report(path: str, what: str, rows: list[str]) -> None:
    if not rows:
        return
    more = f"\n- and {len(rows) - _REPORTED:,} more" if len(rows) > _REPORTED else ""
    told = "".join(f"\n- {row}" for row in rows[:_REPORTED])
    warnings.warn(f"{path}: {what}{told}{more}", stacklevel=2)
