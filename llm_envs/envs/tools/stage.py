"""Where a scenario is played: a world of its rows, and the tools that work there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from llm_envs.chat.calls import CallAttempt
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.tools import Answer, Toolset
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Diff, Snapshot, Tables, World

__all__ = ["House", "Stage"]

_SECONDS_PER_CALL = 30


@dataclass(frozen=True, slots=True)
class House:
    """Where a scenario is set; see `WorldEnv` for the names."""

    rules: str
    tables: Tables
    toolset: Toolset
    canonical: Canonical


@dataclass(slots=True)
class Stage:
    """A scenario, with the world that was built for it.

    Args:
        tools: bound to that world.
        played: an episode has used it.
    """

    scenario: Scenario
    house: House
    world: World
    before: Snapshot
    tools: Toolset
    played: bool = False

    def run(self, attempt: CallAttempt, calls_left: int = 1) -> Answer:
        """Let time pass and a call be answered; one that fails leaves nothing behind."""
        self.world.tick(_SECONDS_PER_CALL)
        called = self.tools.get(attempt.name)
        if called is None or called.kind != "write":
            return self.tools.answer(attempt, calls_left)
        with suppress(_Failed), self.world.atomic():
            answer = self.tools.answer(attempt, calls_left)
            if answer.code:
                raise _Failed
        return answer

    def changes(self) -> Diff:
        """What is not as it was in the beginning."""
        return self.world.diff(self.before)


class _Failed(Exception):
    """A call has come to nothing."""
