"""Rows of a local file: JSONL, JSON, CSV, or parquet; by the file's suffix.

A file that breaks off or is malformed is an error that names the line: a data set is read as a whole or not at all.
What the columns mean is no business of this module.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from llm_envs.errors import BadDataset, MissingExtra, UnknownDataset, did_you_mean

__all__ = ["READ_AT_ONCE", "SUFFIXES", "Row", "find", "read"]


class Row(NamedTuple):
    """One row of a data set.

    Args:
        place: where it stands, such as `line 3`.
        fields: its values by column.
        split: the split that the data set itself puts it in; "" where it does not say.
    """

    place: str
    fields: dict[str, Any]
    split: str = ""


def find(path: str) -> Path | None:
    """The file of that name; None for what looks like the name of a data set on the Hub.

    Raises:
        UnknownDataset: it looks like the name of a file, and there is none.
        BadDataset: it is a folder, or a file of a kind that is not read.
    """
    file = Path(path).expanduser()
    if file.is_file() and file.suffix.lower() in SUFFIXES:
        return file
    if file.exists():
        raise BadDataset(
            f"{path!r} is {'a folder' if file.is_dir() else 'a file of another kind'}",
            expected=f"a file with one of the suffixes {', '.join(SUFFIXES)}",
            received=file.suffix or "no suffix",
            next_step=f"Name a file. {did_you_mean('', _readable_in(file))}"
            if file.is_dir()
            else "Convert or rename it.",
        )
    if file.suffix.lower() in SUFFIXES or path.startswith((".", "/", "~")):
        raise UnknownDataset(
            f"there is no file {path!r}",
            expected="a file, a name on the Hub such as 'openai/gsm8k', or 'sample'",
            received=repr(path),
            next_step=f"Check the spelling. {_others(file)}",
        )
    return None


def read(file: BinaryIO, suffix: str) -> Iterator[Row]:
    """The rows of an open file, in order.

    Raises:
        BadDataset: the file is malformed.
        MissingExtra: it is parquet, and pyarrow is not installed.
    """
    return _READERS[suffix.lower()](file)


def _others(file: Path) -> str:
    there = _readable_in(file.parent)
    return did_you_mean(file.name, there) if there else f"{file.parent.absolute()} has no such files."


def _readable_in(folder: Path) -> list[str]:
    return [file.name for file in folder.glob("*") if file.suffix.lower() in SUFFIXES]


def _jsonl(file: BinaryIO) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if line.strip():
            place = f"line {number}"
            yield Row(place, _object(_parsed(line, place), place))


def _json(file: BinaryIO) -> Iterator[Row]:
    value = _parsed(file.read(), "the file")
    if not isinstance(value, list):
        raise BadDataset(
            "the file is no list of rows",
            expected='a JSON list of objects, such as [{"problem": "...", "answer": "..."}]',
            received=_kind(value),
            next_step="Put the list at the top level, or write one object a line and name the file .jsonl.",
        )
    yield from (Row(f"item {number}", _object(row, f"item {number}")) for number, row in enumerate(value, 1))


def _csv(file: BinaryIO) -> Iterator[Row]:
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    reader = csv.DictReader(text, strict=True)
    try:
        _check_commas(reader.fieldnames or ())
        for fields in reader:
            if None in fields or None in fields.values():
                raise _broken(f"line {reader.line_num}", "it has another number of fields than the first line")
            yield Row(f"line {reader.line_num}", fields)
    except UnicodeDecodeError as error:  # read ahead of the rows: the line is not known
        raise _broken("the file", str(error), _SAVE_AS_UTF_8) from error
    except csv.Error as error:
        raise _broken(f"line {reader.line_num + 1}", str(error)) from error
    finally:
        text.detach()  # the file is its opener's to close


def _check_commas(names: Sequence[str]) -> None:
    if len(names) == 1 and re.search(r"[;\t|]", names[0]):
        raise BadDataset(
            "the columns are not separated by commas",
            expected="a first line such as problem,answer",
            received=names[0],
            next_step="Write the file with commas, or as JSONL.",
        )


def _parquet(file: BinaryIO) -> Iterator[Row]:
    try:
        from pyarrow import ArrowException, parquet  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra.of("data", "pyarrow", "reading parquet files") from error
    number = 0
    try:
        for batch in parquet.ParquetFile(file).iter_batches():
            for fields in batch.to_pylist():
                number += 1
                yield Row(f"row {number}", fields)
    except (ArrowException, OSError, UnicodeDecodeError) as error:  # as pyarrow calls it, by where the fault lies
        raise _broken(f"row {number + 1}", str(error)) from error


_READERS: dict[str, Callable[[BinaryIO], Iterator[Row]]] = {
    ".jsonl": _jsonl,
    ".json": _json,
    ".csv": _csv,
    ".parquet": _parquet,
}
SUFFIXES = tuple(_READERS)
READ_AT_ONCE = (".json", ".parquet")
"""The place in such a file says nothing about how far its rows have come."""

_SAVE_AS_UTF_8 = "Save the file as UTF-8."
_NAME_IT_JSONL = "Repair the file; one with an object a line is JSONL: name it .jsonl."


def _parsed(text: bytes, place: str) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        why = f"no JSON: {error.msg}, at character {error.colno}"
        if place == "the file":
            raise _broken(f"line {error.lineno}", why, _NAME_IT_JSONL) from error
        raise _broken(place, why) from error
    except UnicodeDecodeError as error:
        raise _broken(place, str(error), _SAVE_AS_UTF_8) from error
    except (ValueError, RecursionError) as error:  # an integer of 5,000 digits, 10,000 brackets
        raise _broken(place, str(error)) from error


def _object(value: Any, place: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise _broken(place, f"a row is an object with named values, and this is {_kind(value)}")


def _kind(value: Any) -> str:
    return {dict: "an object", list: "a list", str: "a text", type(None): "null"}.get(type(value), "a number")


def _broken(place: str, why: str, next_step: str = "Repair or delete this row.") -> BadDataset:
    return BadDataset(f"{place} is broken: {why}", expected="a file without broken rows", next_step=next_step)
