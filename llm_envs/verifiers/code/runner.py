"""What the judge asks of a sandbox; whatever runs programs may stand in for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from llm_envs.sandbox.program import Given, Limits, Program
from llm_envs.sandbox.result import RunResult

__all__ = ["Runner"]


class Runner(Protocol):
    """A place where programs are run that nobody vouches for."""

    def run(
        self,
        program: Program,
        given: Sequence[Given],
        limits: Limits,
        *,
        together: bool = False,
        stop_at_failure: bool = False,
    ) -> RunResult:
        """How the program ran on each of `given`, in their order.

        Args:
            together: in one process, one after the other.
            stop_at_failure: no further once a run has not ended well.

        Raises:
            InfrastructureError: it could not be found out.
        """
        ...
