"""How a run stands while it goes on: counters for people to look at. The figures to quote come from the journal."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from llm_envs.evals.records import Episode, ErrorRecord, Reply

__all__ = ["Tally"]

_NOTES_KEPT = 50


@dataclass(slots=True)
class Tally:
    """Counters of one run; `scored` and `failed` include what earlier sittings left in the journal.

    Args:
        planned: episodes.
        asking: questions that are open now.
        working: envs that are making a task, answering or judging now.
        restarted: episodes that did not show again what they had shown before.
    """

    planned: int = 0
    scored: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    rewards: float = 0.0
    squares: float = 0.0
    asking: int = 0
    working: int = 0
    restarted: int = 0
    prompt_tokens: int = 0
    sampled_tokens: int = 0
    fresh: int = 0
    began_s: float = field(default_factory=time.monotonic)
    notes: deque[str] = field(default_factory=lambda: deque(maxlen=_NOTES_KEPT))

    @property
    def done(self) -> int:
        """Episodes that came to an end, one way or the other."""
        return self.scored + self.errors

    @property
    def errors(self) -> int:
        """Episodes without a reward."""
        return self.failed.total()

    @property
    def mean(self) -> float:
        """Of the rewards so far; nan where there is none."""
        return self.rewards / self.scored if self.scored else float("nan")

    def count(self, outcome: Episode | ErrorRecord, *, fresh: bool = True) -> None:
        """One more attempt has come to an end."""
        self.fresh += fresh
        if isinstance(outcome, ErrorRecord):
            self.failed[outcome.error] += 1
            return
        self.scored += 1
        self.rewards += outcome.reward
        self.squares += outcome.reward**2

    def hear(self, reply: Reply) -> None:
        """One more reply has arrived."""
        self.prompt_tokens += reply.prompt_tokens or 0
        self.sampled_tokens += reply.sampled_tokens or (len(reply.ids) if reply.ids else 0)
