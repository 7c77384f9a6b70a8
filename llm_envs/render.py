"""An episode as a person reads it: who said what, in colour, and the verdict."""

from __future__ import annotations

import io

from llm_envs.session import Session
from llm_envs.types import StopReason, Verdict

__all__ = ["transcript"]

_STYLE = {"prompt": "dim", "sampled": "bold green", "env": "cyan"}
_WIDTH = 100
"""Columns; a fixed width keeps the rendering the same in every terminal and in tests."""


def transcript(session: Session, pending: str = "", *, start: int = 0, colour: bool = True) -> str:
    """The context from id `start` on, one colour a speaker, and the verdict once there is one.

    Args:
        pending: text sampled since the session was last told.
        colour: with ANSI escape codes.
    """
    from rich.console import Console  # imported where used: rich takes longer to import than the core
    from rich.text import Text

    text = Text()
    ids = session.context()
    for span in session.spans:
        if span.end > start:
            text.append(session.chat.decode(ids[max(start, span.start) : span.end]), _STYLE[span.kind])
    text.append(pending, _STYLE["sampled"])
    if session.done:
        text.append("\n" + _judgement(session.verdict, session.stop_reason), "bold yellow")
    sink = io.StringIO()
    Console(file=sink, force_terminal=colour, color_system="standard" if colour else None, width=_WIDTH).print(
        text, soft_wrap=True, highlight=False
    )
    return sink.getvalue()


def _judgement(verdict: Verdict | None, reason: StopReason | None) -> str:
    if verdict is None:
        return f"[no verdict: {reason}]"
    parts = ", ".join(f"{part.name} {part.score:g} x {part.weight:g}" for part in verdict.parts)
    return f"[reward {verdict.reward:g} = {parts}; {reason}] {verdict.reason}".rstrip()
