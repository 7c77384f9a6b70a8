"""A user's own pages and questions, from files in any of the layouts that `llm_envs.envs.math_data.files` reads.

- corpus: `id`, `title`, `text`, and `date` where pages have one.
- questions: `question`; `answer`, or `answers` where several spellings count; where one likes, `evidence`, the ids of
  the pages that prove it, and `split`.

A row that cannot be read is an error that names file and line: half a corpus answers half the questions.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from llm_envs.envs.math_data import files
from llm_envs.envs.search.engines import engine_of
from llm_envs.envs.search.library import Heading, Library
from llm_envs.errors import BadDataset, BadOption, BadReference, UnknownDataset
from llm_envs.tasks import SPLITS, bucket
from llm_envs.types import Task
from llm_envs.verifiers import entity

__all__ = ["Asked", "Source", "library_of", "located", "questions_of"]

_KEPT = 4
"""Corpora in memory."""

_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_FILE = f"the name of a file with one of the suffixes {', '.join(files.SUFFIXES)}"
_PAGE = '{"id": "p1", "title": "Torvel", "text": "Torvel is a city."}'
_QUESTION = '{"question": "Who founded Torvel?", "answer": "Ada Alban"}'


class Source(NamedTuple):
    """A file as it was when it was located; equal sources have equal rows."""

    path: str
    size: int
    changed_ns: int


class Asked(NamedTuple):
    """One question of a file.

    Args:
        place: where it stands, such as `line 3`.
        answers: spellings that count.
        evidence: ids of the pages that prove it.
    """

    place: str
    question: str
    answers: tuple[str, ...]
    evidence: tuple[str, ...]
    split: str


def located(name: str, path: Any) -> Source:
    """The file of that path.

    Args:
        name: of the argument that gave it.

    Raises:
        BadOption: it is no path.
        UnknownDataset: there is no such file.
        BadDataset: it is a folder, or a file of another kind.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise BadOption(f"{name}= is no path", expected="the name of a file", received=repr(path))
    try:
        file = files.find(os.fspath(path))
    except OSError as error:  # a name too long, a folder that may not be entered
        raise UnknownDataset(f"{name}= cannot be looked up", received=str(error)) from error
    except UnknownDataset as error:
        error.expected = _FILE
        raise
    if file is None:
        there = repr(os.fspath(path))
        raise UnknownDataset(
            f"there is no file {there}", expected=_FILE, received=there, next_step="Check the spelling."
        )
    stat = file.stat()
    return Source(str(file), stat.st_size, stat.st_mtime_ns)


@functools.lru_cache(maxsize=_KEPT)
def library_of(source: Source, engine: str) -> Library:
    """The pages of a corpus.

    Raises:
        BadDataset: a row is broken, an id is there twice, or there is no row.
    """
    headings: dict[str, Heading] = {}
    texts: list[str] = []
    for row in _rows(source):
        where = f"{source.path}: {row.place}"
        page = _field(row.fields, "id", where, _PAGE)
        if page in headings:
            raise _broken(where, f"the id {page!r} has been there before", _PAGE)
        headings[page] = Heading(
            page, _field(row.fields, "title", where, _PAGE), _field(row.fields, "date", where, _PAGE, default="")
        )
        texts.append(_field(row.fields, "text", where, _PAGE))
    return Library([*headings.values()], texts.__getitem__, engine_of(engine))


@functools.lru_cache(maxsize=_KEPT)
def questions_of(source: Source, corpus: Source, engine: str, split: str | None) -> tuple[Asked, ...]:
    """The questions of a split, of None all; where the file does not say, a hash of the question deals them out.

    Raises:
        BadDataset: a row is broken, or names a page that the corpus does not have.
        BadOption: there is no question of that split.
    """
    pages = library_of(corpus, engine).numbers
    every = [_asked(f"{source.path}: {row.place}", row, pages) for row in _rows(source)]
    kept = tuple(one for one in every if split in (None, one.split))
    if kept:
        return kept
    splits = sorted({one.split for one in every})
    raise BadOption(
        f"{source.path} has no question of split {split!r}",
        expected=f"split= one of {', '.join(map(repr, splits))}",
        received=repr(split),
        next_step="To take every question whatever its split, pass whole=True.",
    )


def _rows(source: Source) -> Iterator[files.Row]:
    number = 0
    try:
        with Path(source.path).open("rb") as file:
            for row in files.read(file, Path(source.path).suffix):
                number += 1
                yield row
    except BadDataset as error:
        if not error.message.startswith(source.path):
            error.message = f"{source.path}: {error.message}"
        raise
    except OSError as error:
        raise BadDataset(f"{source.path} cannot be read", received=str(error)) from error
    if not number:
        raise BadDataset(f"{source.path} is empty", expected="one row or more", next_step="Check that it was written.")


def _asked(where: str, row: files.Row, pages: Mapping[str, int]) -> Asked:
    question = _field(row.fields, "question", where, _QUESTION)
    given = row.fields.get("answers", row.fields.get("answer"))
    answers = tuple(str(one) for one in (given if isinstance(given, list) else [given]) if _is_word(one))
    try:
        entity("", answers)
    except BadReference as error:
        raise _broken(where, f"its answer {given!r} is none that can be judged: {error.expected}", _QUESTION) from error
    evidence = row.fields.get("evidence") or []
    if not isinstance(evidence, list) or not all(str(page) in pages for page in evidence):
        raise _broken(where, f"its evidence {evidence!r} is no list of ids of pages in the corpus", _QUESTION)
    split = row.fields.get("split") or bucket(Task(question))
    if split not in SPLITS:
        raise _broken(where, f"its split {split!r} is none of {', '.join(SPLITS)}", _QUESTION)
    return Asked(row.place.replace(" ", "-"), question, answers, tuple(map(str, evidence)), split)


def _is_word(value: Any) -> bool:
    return (
        isinstance(value, (str, int, float)) and not isinstance(value, bool) and not _HALF_CHARACTER.search(str(value))
    )


def _field(fields: Mapping[str, Any], name: str, where: str, example: str, default: str | None = None) -> str:
    """The text of a field; numbers count as text."""
    value = fields.get(name, default)
    if value is None or not _is_word(value) or not (str(value).strip() or default == ""):
        what = (
            f"is not among {', '.join(map(repr, fields))}"[:200]
            if name not in fields
            else f"is no text: {repr(value)[:60]}"
        )
        raise _broken(where, f"its {name!r} {what}", example)
    return str(value)


def _broken(where: str, why: str, example: str) -> BadDataset:
    return BadDataset(f"{where} is broken: {why}", expected=example, next_step="Repair or delete this row.")
