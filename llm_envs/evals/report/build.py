"""Writes report.html into a run folder."""

from __future__ import annotations

import base64
import json
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from llm_envs.evals.compare import compare
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.report.page import head, tail
from llm_envs.evals.report.pages import Pages, figures
from llm_envs.evals.storage import whole_file
from llm_envs.evals.summary import Summary, summarise_outcomes

__all__ = ["build"]


def build(folder: RunFolder, *, summary: Summary | None = None, against: RunFolder | None = None) -> Path:
    """Write the report of a run, and return its path.

    Memory stays bounded: transcripts pass through a scratch file in the folder.

    Args:
        summary: of the run as it is now, where it is at hand; else it is worked out.
        against: another run, to compare it with attempt by attempt.

    Raises:
        BrokenRun: a journal is damaged.
        BadOption: the two runs have no task in common.
        StorageFailed: the folder cannot be written.
    """
    path = folder.path / "report.html"
    with whole_file(path) as file, _scratch(folder) as ours, _scratch(folder) as theirs:
        runs = {"run": _pages(folder, ours, summary)}
        if against is not None:
            runs["run"].comparison = _comparison(against, folder)
            runs["against"] = _pages(against, theirs)
        _write(file, f"{folder.path.resolve().name} · llm-envs", runs)
    return path


def _scratch(folder: RunFolder) -> BinaryIO:
    return TemporaryFile(dir=folder.path)


def _pages(folder: RunFolder, store: BinaryIO, summary: Summary | None = None) -> Pages:
    pages = Pages(folder, store)
    passing = pages.pass_on(folder.outcomes())
    if folder.kind == "evaluation":
        pages.summary = figures(summary or summarise_outcomes(folder.plan, passing))
    deque(passing, maxlen=0)  # what nobody has summed up
    return pages


def _comparison(first: RunFolder, second: RunFolder) -> dict[str, Any] | None:
    """What `compare` says of evaluations, without the flips, which the page finds itself."""
    if {first.kind, second.kind} != {"evaluation"}:
        return None
    plain = compare(first, second).to_dict()
    for env in plain["envs"]:
        del env["flips"]
    return plain


def _write(file: BinaryIO, title: str, runs: dict[str, Pages]) -> None:
    indexes = [(f"{name}-index", packed(pages.index())) for name, pages in runs.items()]
    file.writelines(text.encode("utf-8", "replace") for text in (head(title, "file", indexes), *tail(_chunks(runs))))


def _chunks(runs: dict[str, Pages]) -> Iterator[tuple[str, str]]:
    for name, pages in runs.items():
        for number in range(len(pages.chunks.firsts)):
            yield f"{name}-{number}", base64.b64encode(pages.chunks.read(number)).decode("ascii")


def packed(value: object) -> str:
    """Compressed JSON as base64."""
    return base64.b64encode(zlib.compress(json.dumps(value, separators=(",", ":")).encode("ascii"))).decode("ascii")
