"""The env of each pair of domains; `llm/Office-v0` is made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.drawing import Kind, draw_scenario
from llm_envs.envs.tools.office import invoices, meetings, papers
from llm_envs.envs.tools.office.domain import BANK, CALENDAR, FILES, MAIL, Domain, rules_of, tools_of
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Tables

__all__ = ["PAIRS"]


def _mail_and(
    other: Domain,
    kinds: Sequence[Sequence[Kind[Any]]],
    refusals: Mapping[str, Kind[Any]],
    draw_world: Callable[[Chance], Any],
) -> type[WorldEnv]:
    """The env of mail and another domain; see `draw_scenario` for the rest."""

    class Pair(WorldEnv):
        """Look after somebody's mail, and what else is theirs."""

        tables: ClassVar[Tables] = MAIL.tables | other.tables
        rules: ClassVar[str] = rules_of(MAIL, other)
        canonical: ClassVar[Canonical] = {**MAIL.canonical, **other.canonical}
        tools: ClassVar[tuple[Tool, ...]] = tools_of(MAIL, other)

        def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
            """Choose what is asked, then draw worlds until one has what it is about."""
            return draw_scenario(rng, difficulty, kinds, refusals, draw_world)

    return Pair


PAIRS: dict[str, type[WorldEnv]] = {
    "calendar": _mail_and(CALENDAR, meetings.KINDS, meetings.REFUSALS, meetings.drawn),
    "bank": _mail_and(BANK, invoices.KINDS, invoices.REFUSALS, invoices.drawn),
    "files": _mail_and(FILES, papers.KINDS, papers.REFUSALS, papers.drawn),
}
"""By what there is beside mail; their order is part of the env's version."""
