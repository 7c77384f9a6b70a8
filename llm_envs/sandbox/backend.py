"""What makes boxes, and what all boxes of a sandbox are like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from llm_envs.sandbox.worker import Box

__all__ = ["Backend", "BoxOptions"]


class Backend(Protocol):
    """Makes boxes."""

    name: str

    def variant(self, language: str) -> str:
        """Which kind of box runs programs in this language; "" where any does."""

    def open(self, variant: str) -> Box:
        """A running box. Raises SandboxUnavailable."""

    def forget(self) -> None:
        """In a forked child: let go of what is the parent's."""


@dataclass(frozen=True, slots=True)
class BoxOptions:
    """What all boxes of a sandbox are like.

    Args:
        memory_mib: of a program with all its processes and files.
        preload: modules that programs find imported.
        runtime: of the Docker engine; "" for its default.
    """

    memory_mib: int = 512
    preload: tuple[str, ...] = ()
    runtime: str = ""
