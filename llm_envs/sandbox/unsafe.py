"""No sandbox: programs run as this user, with all that this user may do. By name only, for programs one trusts.

Limits on processor time, output and open files hold, as far as a program does not mind them; nothing keeps it from
reading, writing, deleting or sending what it likes, or from staying.
"""

from __future__ import annotations

import os
import sys
import warnings

from llm_envs.sandbox.backend import BoxOptions
from llm_envs.sandbox.box import arguments
from llm_envs.sandbox.process import ProcessBox

__all__ = ["Unsafe"]


class Unsafe:
    """Processes of this user; each program has a folder of its own under the temporary folder."""

    name = "unsafe"

    def __init__(self, options: BoxOptions) -> None:
        self._preload = options.preload
        _warn_once()

    def variant(self, language: str) -> str:
        """All boxes are alike."""
        return ""

    def open(self, variant: str) -> ProcessBox:
        """A running box."""
        command = [sys.executable, *arguments(isolation="none", preload=",".join(self._preload))]
        return ProcessBox(command, {**os.environ, "OMP_NUM_THREADS": "1"})

    def forget(self) -> None:
        """A forked child has nothing to let go of."""


_warned: list[bool] = []


def _warn_once() -> None:
    if not _warned:
        _warned.append(True)
        warnings.warn(
            'backend="unsafe" runs programs without any sandbox: with all that this user may do',
            UserWarning,
            stacklevel=4,
        )
