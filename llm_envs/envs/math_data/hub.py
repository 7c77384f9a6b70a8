"""Rows of a data set on the Hugging Face Hub, or in its local cache."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from llm_envs.envs.math_data.files import Row
from llm_envs.errors import MissingExtra, UnknownDataset

__all__ = ["read"]

_BATCH = 1000
"""Rows one by one would take the library ten times as long."""

_NAME = re.compile(r"[\w.-]+/[\w.-]+")


def read(path: str, name: str | None, revision: str | None) -> Iterator[Row]:
    """The rows of all splits, in order; each knows its split.

    Args:
        path: such as `openai/gsm8k`.
        name: of the configuration, where there are several, such as `main`.
        revision: a branch, a tag or a commit.

    Raises:
        MissingExtra: the package `datasets` is not installed.
        UnknownDataset: it cannot be loaded; the library's own words are in the error.
    """
    if not _NAME.fullmatch(path):
        raise _unknown(path, "it is no file, and no name on the Hub")
    return _rows(path, name, revision)


def _rows(path: str, name: str | None, revision: str | None) -> Iterator[Row]:
    try:
        import datasets  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra.of("data", "datasets", f"loading {path!r} from the Hub") from error
    try:
        splits = datasets.load_dataset(path, name, revision=revision)
    except Exception as error:  # the library raises of every kind: OSError, ValueError, its own
        raise _unknown(path, str(error)) from error
    for split, rows in splits.items():
        batches = (zip(*batch.values(), strict=True) for batch in rows.iter(_BATCH))
        values = itertools.chain.from_iterable(batches)
        for number, row in enumerate(values, 1):
            yield Row(f"{split} row {number}", dict(zip(rows.column_names, row, strict=True)), str(split))


def _unknown(path: str, why: str) -> UnknownDataset:
    return UnknownDataset(
        f"the data set {path!r} cannot be loaded",
        expected="a file, a name on the Hub such as 'openai/gsm8k', or 'sample'",
        received=why,
        next_step="Check the spelling, name= (the configuration) and the network.",
    )
