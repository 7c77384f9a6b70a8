"""The env of each pair of domains; `llm/Office-v0` is made of them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from llm_envs.envs.tools.drawing import draw_scenario
from llm_envs.envs.tools.office import invoices, meetings, papers
from llm_envs.envs.tools.office.domain import BANK, CALENDAR, FILES, MAIL, rules_of, tools_of
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Tables

__all__ = ["PAIRS", "MailAndBank", "MailAndCalendar", "MailAndFiles"]


class MailAndCalendar(WorldEnv):
    """Look after somebody's mail and calendar."""

    tables: ClassVar[Tables] = MAIL.tables | CALENDAR.tables
    rules: ClassVar[str] = rules_of(MAIL, CALENDAR)
    canonical: ClassVar[Canonical] = {**MAIL.canonical, **CALENDAR.canonical}
    tools: ClassVar[tuple[Tool, ...]] = tools_of(MAIL, CALENDAR)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Choose what is asked, then draw diaries until one has what it is about."""
        return draw_scenario(rng, difficulty, meetings.KINDS, meetings.REFUSALS, meetings.drawn)


class MailAndBank(WorldEnv):
    """Look after somebody's mail and bank."""

    tables: ClassVar[Tables] = MAIL.tables | BANK.tables
    rules: ClassVar[str] = rules_of(MAIL, BANK)
    canonical: ClassVar[Canonical] = {**MAIL.canonical, **BANK.canonical}
    tools: ClassVar[tuple[Tool, ...]] = tools_of(MAIL, BANK)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Choose what is asked, then draw desks until one has what it is about."""
        return draw_scenario(rng, difficulty, invoices.KINDS, invoices.REFUSALS, invoices.drawn)


class MailAndFiles(WorldEnv):
    """Look after somebody's mail and files."""

    tables: ClassVar[Tables] = MAIL.tables | FILES.tables
    rules: ClassVar[str] = rules_of(MAIL, FILES)
    canonical: ClassVar[Canonical] = {**MAIL.canonical, **FILES.canonical}
    tools: ClassVar[tuple[Tool, ...]] = tools_of(MAIL, FILES)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Choose what is asked, then draw studies until one has what it is about."""
        return draw_scenario(rng, difficulty, papers.KINDS, papers.REFUSALS, papers.drawn)


PAIRS: dict[str, type[WorldEnv]] = {"calendar": MailAndCalendar, "bank": MailAndBank, "files": MailAndFiles}
"""By what there is beside mail; their order is part of the env's version."""
