"""The outcomes of a run, one for each attempt, read as a stream, with a bar where that takes its time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from llm_envs.errors import BrokenRun
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import read_records
from llm_envs.evals.plan import Plan
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.policies.model import Attempt

__all__ = ["Reading"]

_PATIENCE_S = 2.0
"""Reading that takes longer shows how far it is."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Reading:
    """A run folder as exports and reverifications read it; it may be read several times."""

    folder: RunFolder

    @property
    def plan(self) -> Plan | None:
        """What was to be done; None for training runs, which have no end that is known."""
        return self.folder.plan if self.folder.about.get("plan") else None

    @property
    def model(self) -> str:
        """Who spoke, as far as the folder says."""
        plan = self.plan
        return plan.model if plan else str(self.folder.about.get("model", "unknown"))

    @property
    def start(self) -> Mapping[str, Any]:
        """How the run first began: its `start` record; {} where the journal has none."""
        first = next(read_records(self.folder.journal), {}) if self.folder.journal.exists() else {}
        return first if first.get("kind") == "start" else {}

    @property
    def began_s(self) -> float:
        """When the run first began, in seconds since 1970; 0 where the journal does not say."""
        return float(self.start.get("time", 0.0))

    def outcomes(self, title: str = "reading") -> Iterator[Episode | ErrorRecord]:
        """How each attempt has ended: episodes as they come, and at last the errors that no later try overcame."""
        plan = self.plan
        return _watched(_settled(self.folder.outcomes()), title, plan.episodes if plan else None)

    def episodes(self, title: str = "reading") -> Iterator[Episode]:
        """Those with a verdict."""
        return (outcome for outcome in self.outcomes(title) if isinstance(outcome, Episode))

    def require_episodes(self) -> None:
        """Raise BrokenRun where nothing has been finished."""
        if not any(isinstance(outcome, Episode) for outcome in self.folder.outcomes()):
            raise BrokenRun(
                f"{self.folder.path} has no finished episode",
                expected="a run in which at least one episode came to a verdict",
                received="an empty run, or errors alone",
                next_step="Give the command that began the run again: it goes on where it was.",
            )


def _settled(outcomes: Iterable[Episode | ErrorRecord]) -> Iterator[Episode | ErrorRecord]:
    failed: dict[Attempt, ErrorRecord] = {}
    for outcome in outcomes:
        if isinstance(outcome, ErrorRecord):
            failed[outcome.attempt] = outcome
        else:
            failed.pop(outcome.attempt, None)
            yield outcome
    yield from failed.values()


def _watched(items: Iterator[Item], title: str, total: int | None) -> Iterator[Item]:
    """The items as they come, with a bar once they have taken longer than `_PATIENCE_S`."""
    end_s = time.monotonic() + _PATIENCE_S
    for done, item in enumerate(items, 1):
        yield item
        if time.monotonic() > end_s:
            yield from _with_bar(items, title, total, done)


def _with_bar(items: Iterator[Item], title: str, total: int | None, done: int) -> Iterator[Item]:
    from rich.console import Console  # imported where used: it takes longer than most exports
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        yield from bar.track(items, total=total, completed=done, description=title)
