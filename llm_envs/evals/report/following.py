"""A run that goes on while people look at it: its journal is read from where it was read before.

Figures are worked out anew for every look while that is quick, and more seldom as the run grows: never for more than a
tenth of the time.
"""

from __future__ import annotations

import time
from tempfile import TemporaryFile
from threading import Lock
from typing import Any

from llm_envs.errors import BrokenRun
from llm_envs.evals.folder import Listener, RunFolder
from llm_envs.evals.journal import follow_records
from llm_envs.evals.report.pages import Pages, figures
from llm_envs.evals.summary import summarise

__all__ = ["Following"]

_SHARE_OF_TIME = 10.0


class Following:
    """One run, for as many threads as like to look at it."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self._lock = Lock()
        self._generation = 0
        self._quiet_until_s = 0.0
        self._begin()

    def _begin(self) -> None:
        self._store = TemporaryFile()  # noqa: SIM115 (it lives as long as this object)
        self._pages = Pages(self.folder, self._store)
        self._listener = Listener()
        self._position = 0

    def index(self, after: int) -> dict[str, Any]:
        """What has come since row `after`; `generation` rises when the run was set back and all must be asked again.

        Raises:
            BrokenRun: the journal is damaged.
        """
        with self._lock:
            grown = self._read_on()
            if grown or self._pages.summary is None:
                self._sum_up()
            return {**self._pages.index(after), "generation": self._generation}

    def chunk(self, number: int) -> bytes | None:
        """A chunk of transcripts, compressed; None where there is none of that number."""
        with self._lock:
            return self._pages.chunks.read(number) if 0 <= number < len(self._pages.chunks.firsts) else None

    def close(self) -> None:
        """Drop what was kept."""
        self._store.close()

    def _read_on(self) -> bool:
        """Take in what is new; True where there was something."""
        journal = self.folder.journal
        if not journal.exists():
            return False
        if journal.stat().st_size < self._position:  # training went back to a checkpoint
            self._generation += 1
            self._store.close()
            self._begin()
        before = self._position
        for position, record in follow_records(journal, before):
            outcome = self._listener.hear(record)
            if outcome is not None:
                self._pages.add(outcome)
            self._position = position
        return self._position > before

    def _sum_up(self) -> None:
        if self.folder.kind != "evaluation" or time.monotonic() < self._quiet_until_s:
            return
        began_s = time.monotonic()
        try:
            self._pages.summary = figures(summarise(RunFolder.open(self.folder.path)))
        except BrokenRun:  # the plan grew between two looks; the page works its figures out itself
            self._pages.summary = None
        ended_s = time.monotonic()
        self._quiet_until_s = ended_s + _SHARE_OF_TIME * (ended_s - began_s)
