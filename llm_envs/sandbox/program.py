"""What is run in a sandbox: a program, what it is given, and what it may use.

Nothing here says what a program ought to answer: expected outputs, checkers and tests stay with whoever asks, and no
sandbox ever sees them. What is given to a program, the program may keep, show or lie about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from llm_envs.errors import BadOption

__all__ = ["Given", "Invocation", "Limits", "Program", "Stdin"]

_WALL_PER_CPU = 4.0
"""Programs wait: for the disk, for a busy machine. A sleeper still ends."""


@dataclass(frozen=True, slots=True)
class Program:
    """Source code that nobody vouches for.

    Args:
        language: a row of `llm_envs.sandbox.languages.LANGUAGES`, such as "python" or "cpp".
        files: further files of its working folder, by relative path.
    """

    source: str
    language: str = "python"
    files: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stdin:
    """A run of the whole program, which reads this text."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A run of the whole program, and then of one of its functions. Python alone.

    Args:
        function: an expression that names it, such as "add" or "Solution().two_sum".
        args, kwargs: plain data; see `llm_envs.sandbox.plain`.
    """

    function: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


Given = Stdin | Invocation
"""What one run is given."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use; memory is the sandbox's own, since the kernel holds it by container.

    Args:
        cpu_s: of all its processes together.
        wall_s: None for four times `cpu_s`, and a second.
        output_kib: of stdout and of stderr, each.
        processes: and threads, at a time.
        disk_mib: of all its files together.
        open_files: by process.
    """

    cpu_s: float = 10.0
    wall_s: float | None = None
    output_kib: int = 1024
    processes: int = 32
    disk_mib: int = 32
    open_files: int = 256

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value is None and name == "wall_s":
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
                raise BadOption(
                    f"{name} of a run's limits is out of range", expected="a number above 0", received=value
                )

    @property
    def deadline_s(self) -> float:
        """After which a run is ended, by the wall's clock."""
        return 1.0 + _WALL_PER_CPU * self.cpu_s if self.wall_s is None else self.wall_s
