"""What a training run shows while it goes: a bar where there is a terminal, a line at each evaluation everywhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

__all__ = ["TrainProgress"]


class TrainProgress:
    """A bar of steps with the newest reward.

    Args:
        title: stands before the bar.
        steps: of the whole run.
        done: steps taken before.
    """

    def __init__(self, title: str, steps: int, done: int = 0) -> None:
        self.console = Console(highlight=False)
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[status]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self._title = title
        self._task = self._bar.add_task(title, total=steps, completed=done, status="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def advance(self, status: str) -> None:
        """One step is done; `status` stands beside the bar."""
        self._bar.update(self._task, advance=1, status=status)

    def say(self, step: int, line: str) -> None:
        """A line that stays; it is not broken, so that a command in it can be copied."""
        self.console.print(f"{self._title}  step {step:>5}  {line}", soft_wrap=True)
