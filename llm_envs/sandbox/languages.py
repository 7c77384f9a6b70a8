"""Languages by one row each: the file that a program becomes, how that is compiled, and how it is run.

Python is run by the box's own interpreter, in a process that has it loaded already; all others are programs of the
box's image, found on its PATH.

Standard library alone, and nothing of this package: this very source runs in the box as well.
"""

from __future__ import annotations

from typing import Final, NamedTuple

__all__ = ["BINARY", "LANGUAGES", "Language"]

BINARY: Final = "program"
"""What a compiler has made, in the working folder."""


class Language(NamedTuple):
    """One row.

    Args:
        file: the source's name in the working folder.
        compile: a command that makes `BINARY` of it; empty where none is needed.
        run: a command; empty where `BINARY` is run, or where the box does it itself.
    """

    file: str
    compile: tuple[str, ...] = ()
    run: tuple[str, ...] = ()

    @property
    def command(self) -> tuple[str, ...]:
        """What must be installed for it: its compiler or interpreter, and the arguments."""
        return self.compile or self.run


LANGUAGES: Final = {
    "python": Language("solution.py"),
    "c": Language("solution.c", ("gcc", "-O2", "-std=gnu17", "-w", "-o", BINARY, "solution.c", "-lm", "-pthread")),
    "cpp": Language("solution.cpp", ("g++", "-O2", "-std=gnu++17", "-w", "-o", BINARY, "solution.cpp", "-pthread")),
    "javascript": Language("solution.js", run=("node", "solution.js")),
}
"""By the name that `llm_envs.sandbox.Program` takes."""
