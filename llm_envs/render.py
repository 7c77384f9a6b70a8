"""An episode as a person reads it: who said what, in colour, and the verdict."""

from __future__ import annotations

import io

from llm_envs.session import Session
from llm_envs.types import StopReason, Verdict

__all__ = ["transcript", "visible"]

_STYLE = {"prompt": "dim", "sampled": "bold green", "env": "cyan"}
_WIDTH = 100
"""Columns; a fixed width keeps the rendering the same in every terminal and in tests."""

_PICTURES = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"},
    **dict.fromkeys((*range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD),
}
"""C0 controls have a picture each; C1 controls and marks that reverse the writing direction have none."""


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
            text.append(visible(session.chat.decode(ids[max(start, span.start) : span.end])), _STYLE[span.kind])
    text.append(visible(pending), _STYLE["sampled"])
    if session.stop_reason is not None:
        text.append("\n" + visible(_judgement(session.verdict, session.stop_reason)), "bold yellow")
    sink = io.StringIO()
    Console(file=sink, force_terminal=colour, color_system="standard" if colour else None, width=_WIDTH).print(
        text, soft_wrap=True, highlight=False
    )
    return sink.getvalue()


def visible(text: str) -> str:
    """Control characters as pictures: what a policy writes must not drive the reader's terminal."""
    return text.translate(_PICTURES)


def _judgement(verdict: Verdict | None, reason: StopReason | None) -> str:
    if verdict is None:
        return f"[no verdict: {reason}]"
    parts = ", ".join(f"{part.name} {part.score:g} x {part.weight:g}" for part in verdict.parts)
    return f"[reward {verdict.reward:g} = {parts}; {reason}] {verdict.reason}".rstrip()
