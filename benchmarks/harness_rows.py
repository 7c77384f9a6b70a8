"""The tables of `harness.py`: what asking costs, what a kill costs, what faulty servers cost, what a long run costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from publishing import figure

__all__ = ["GRACE_S", "MATHS", "TEXT", "TOKENS", "Faulty", "Killed", "Long", "Row", "Speed"]

GRACE_S = 0.1
"""What a server said less than this before a kill may never have been read."""

TEXT, MATHS, TOKENS = "text", "text, judged as mathematics", "token ids, logprobs"
"""What there is to keep and to judge."""

_PROMISED = {"cpu": " (1.0)", "span": " (0.60)", "cold": " (1.5)", "peak": " (80)"}


@dataclass(frozen=True)
class Speed:
    """What asking all questions costs, or the reason why that is not known. Replies have 200 tokens.

    Args:
        what: the endpoint gives.
        cpu_ms: of a sample, beyond what one sample costs.
        start_cpu_s: before the first question.
        span_s: from the first question to the last answer, as the server saw it.
        cold_s: of the whole command.
        peak_mib: of all its processes.
    """

    what: str
    who: str
    cpu_ms: float | None = None
    start_cpu_s: float = 0.0
    span_s: float = 0.0
    cold_s: float = 0.0
    peak_mib: float = 0.0
    score: float | None = None
    transcript: str = ""
    note: str = ""
    ours: bool = False

    CAPTION: ClassVar = "500 questions, 64 at a time, 50 ms each; in brackets, what ours is to keep"
    COLUMNS: ClassVar = {
        "given": "left",
        "harness": "left",
        "CPU a sample": "right",
        "CPU to start": "right",
        "server's span": "right",
        "command": "right",
        "memory": "right",
        "score": "right",
        "logged": "left",
        "note": "left",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        if self.cpu_ms is None:
            return (self.what, self.who, *[""] * (len(self.COLUMNS) - 3), self.note)
        promised = _PROMISED if self.ours and self.what == TEXT else dict.fromkeys(_PROMISED, "")
        return (
            self.what,
            self.who,
            f"{self.cpu_ms:.2f} ms{promised['cpu']}",
            f"{self.start_cpu_s:.2f} s",
            f"{self.span_s:.2f} s{promised['span']}",
            f"{self.cold_s:.2f} s{promised['cold']}",
            f"{self.peak_mib:.0f} MiB{promised['peak']}",
            _score(self.score),
            self.transcript,
            self.note,
        )


@dataclass(frozen=True)
class Killed:
    """What SIGKILL halfway, and going on, costs.

    Args:
        given: answers, before the kill.
        lost: of these, asked for again.
        asked: questions, before and after.
        planned: tasks.
    """

    what: str
    who: str
    given: int = 0
    lost: int = 0
    asked: int = 0
    planned: int = 0
    score: float | None = None
    note: str = ""
    ours: bool = False

    CAPTION: ClassVar = (
        f"SIGKILL halfway, and going on; answers given less than {GRACE_S} s before the kill do not count"
    )
    COLUMNS: ClassVar = {
        "harness": "left",
        "answers given": "right",
        "lost: asked for again": "right",
        "questions asked in all": "right",
        "score": "right",
        "note": "left",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        if not self.given:
            return (self.who, *[""] * (len(self.COLUMNS) - 2), self.note)
        asked = f"{self.asked} for {self.planned} tasks"
        return self.who, str(self.given), str(self.lost), asked, _score(self.score), self.note


@dataclass(frozen=True)
class Faulty:
    """What a faulty server's replies come to."""

    what: str
    who: str
    truth: float = 0.0
    score: float | None = None
    wall_s: float = 0.0
    note: str = ""
    ours: bool = False

    CAPTION: ClassVar = "faulty servers, met with default flags"
    COLUMNS: ClassVar = {
        "server": "left",
        "harness": "left",
        "truth": "right",
        "score": "right",
        "took": "right",
        "note": "left",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        took = f"{self.wall_s:.1f} s" if self.wall_s else ""
        return self.what, self.who, f"{self.truth:.3f}", _score(self.score), took, self.note


@dataclass(frozen=True)
class Long:
    """What a long run of ours costs."""

    what: str
    who: str
    episodes: int
    peak_mib: float
    cpu_ms: float
    journal_mib: float
    ours: bool = True

    CAPTION: ClassVar = "a long run; in brackets, what 100,000 episodes are to keep"
    COLUMNS: ClassVar = {
        "run": "left",
        "episodes": "right",
        "peak memory": "right",
        "CPU per episode": "right",
        "journal": "right",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        journal = f"{figure(self.journal_mib)} MiB"
        return self.what, f"{self.episodes:,}", f"{self.peak_mib:.0f} MiB (300)", f"{self.cpu_ms:.2f} ms", journal


def _score(score: float | None) -> str:
    return "none" if score is None else f"{score:.3f}"


Row = Speed | Killed | Faulty | Long
