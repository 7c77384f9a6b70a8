"""A run as the page wants it: columns to look through, transcripts to open, and errors that nothing has overcome.

It takes outcomes one at a time and keeps no episode, so that a run of any length can be followed while it goes on.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from llm_envs.evals.folder import RunFolder
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.report.chunks import Chunks
from llm_envs.evals.report.columns import Columns
from llm_envs.evals.report.picture import shown
from llm_envs.evals.report.transcript import transcript
from llm_envs.evals.report.vocabulary import Vocabulary, tokenizers_of
from llm_envs.evals.summary import Summary
from llm_envs.policies.model import Attempt

__all__ = ["Pages", "figures"]

_MESSAGE_CHARS = 2000
_SECRET = re.compile(r"api_?key|authorization|secret|password|bearer|credential|access_?token", re.IGNORECASE)
_USER_IN_URL = re.compile(r"(?<=://)[^/@\s]*@")


class Pages:
    """Everything about a run that a page shows.

    Args:
        store: where compressed transcripts are kept.

    Attributes:
        summary, comparison: figures of the run, and of it against another; None where there are none.
    """

    def __init__(self, folder: RunFolder, store: BinaryIO) -> None:
        self.chunks = Chunks(store)
        self._folder = folder
        self._columns = Columns()
        self._errors: dict[Attempt, ErrorRecord] = {}
        self.summary: dict[str, Any] | None = None
        self.comparison: dict[str, Any] | None = None
        self._vocabulary = Vocabulary(tokenizers_of(folder))

    def add(self, outcome: Episode | ErrorRecord) -> None:
        """One more outcome; an episode overcomes the error that an earlier try of it met."""
        if isinstance(outcome, ErrorRecord):
            self._errors[outcome.attempt] = outcome
            return
        self._errors.pop(outcome.attempt, None)
        self._columns.add(outcome)
        self.chunks.add(transcript(outcome, self._vocabulary, shown(self._folder.path, outcome.files)))

    def pass_on(self, outcomes: Iterable[Episode | ErrorRecord]) -> Iterator[Episode | ErrorRecord]:
        """The same outcomes, each added as it passes."""
        for outcome in outcomes:
            self.add(outcome)
            yield outcome

    def index(self, after: int = 0) -> dict[str, Any]:
        """What the page knows from the start: everything but the transcripts, rows from `after` on."""
        self.chunks.close()
        plan = self._folder.about.get("plan", {})
        return {
            "name": self._folder.path.resolve().name,
            "about": _without_keys(self._folder.about),
            "planned": len(plan.get("envs", ())) * plan.get("tasks", 0) * plan.get("samples", 0),
            "columns": self._columns.plain(after),
            "chunks": self.chunks.firsts,
            "errors": [_plain(error) for error in self._errors.values()],
            "metrics": _metrics(self._folder.path / "metrics.csv"),
            "summary": self.summary,
            "comparison": self.comparison,
        }


def figures(summary: Summary) -> dict[str, Any]:
    """What the page takes of a summary: figures and clocks."""
    plain = summary.to_dict()
    del plain["plan"]
    return {**plain, "timing": {**summary.timing.to_dict(), "advice": summary.timing.advice}}


def _metrics(path: Path) -> dict[str, list[float | None]]:
    """The columns that a training run has logged, by name; empty where there are none."""
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [_number(row[name]) for row in rows] for name in (rows[0] if rows else ())}


def _number(text: str | None) -> float | None:
    with suppress(ValueError):
        value = float(text or "nan")
        return value if math.isfinite(value) else None
    return None


def _plain(error: ErrorRecord) -> dict[str, Any]:
    return {
        "env": error.env,
        "task": error.task,
        "sample": error.sample,
        "phase": error.phase,
        "error": error.error,
        "message": error.message[:_MESSAGE_CHARS],
        "turn": error.turn,
    }


def _without_keys(value: Any) -> Any:
    """The same without what looks like a password, in names or inside addresses."""
    if isinstance(value, Mapping):
        return {name: "(left out)" if _SECRET.search(name) else _without_keys(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_keys(item) for item in value]
    return _USER_IN_URL.sub("", value) if isinstance(value, str) else value
