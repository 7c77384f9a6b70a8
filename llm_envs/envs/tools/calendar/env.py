"""The env of the calendar: its rules, and how tasks are drawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar

import numpy as np

from llm_envs.envs.tools.calendar.plan import open_plan
from llm_envs.envs.tools.calendar.requests import KINDS
from llm_envs.envs.tools.calendar.rules import NOTES, ROLE, RULES
from llm_envs.envs.tools.calendar.service import TABLES, TOOLS
from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.drawing import found_in
from llm_envs.envs.tools.scenario import Scenario, refuse, submit
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.world import Tables

__all__ = ["Calendar"]

_RULES = f"""\
{ROLE}
{RULES}
{NOTES} Where a rule forbids what is asked, change nothing and call refuse with that rule.
Where a question is asked, call submit with the answer. Otherwise do what is asked, no more and no less, and then say
so."""

_MONDAYS, _WEEKS = date(2026, 1, 5), 49


class Calendar(WorldEnv):
    """Look after a calendar.

    ## Description
    The system message tells the rules, the user, who owns the calendar, what to find out, plan, move or cancel. The
    world holds 7 people in the time zones of one region, 4 rooms and about 20 meetings within two weeks of 2026, drawn
    anew for each task. Clocks change in some of these weeks. Some requests are against a rule; then nothing may change,
    and the rule must be named.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools in the form of the tokenizer's own template
    (`env.unwrapped.chat.calling`), or says the last word.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What tools answer comes in the role `tool`.

    ## Reward
    1 where exactly the wanted rows have changed, and the answer is right where one was asked; else 0. With
    `partial_weight`, that share of it is for rows that were changed as wanted, by their F1.

    ## Episode end
    Terminated by `submit`, by `refuse`, or by a turn without calls; where there is a `user`, such a turn goes to them,
    and they end the episode once they are told that all is done, or when their patience is at its end (`gave_up`).
    Truncated after 32 turns, when a turn exceeds `max_new_tokens`, or when the context is full.

    ## Arguments
    `difficulty` 0 to 5: 0 asks when a meeting is, or what is on one day; 1 cancels, invites or books a room; 2 converts
    times of others, plans a meeting, or meets R4 and R5; 3 finds the first time that suits everybody, or meets R1 to
    R3; 4 plans or moves a meeting to that time, or meets R2 and R4; 5 resolves a conflict, cancels a series, finds time
    and room, or meets R1 and R3. From 4 on, a tool fails once. Whatever a rule forbids is asked more often, in the same
    words, where none does. `partial_weight` and `format_weight`, 0 by default. `user`: "none" says everything in the
    first message; "agenda" says what it wants and tells the rest when asked; others play the same part, see
    `llm_envs.tools.user`.

    ## Verifier
    `llm_envs.verifiers.state` on the difference to the world before, `llm_envs.verifiers.value` on the answer.

    ## Version history
    - v0: first release.
    """

    tables: ClassVar[Tables] = TABLES
    conversational: ClassVar[bool] = True
    rules: ClassVar[str] = _RULES
    tools: ClassVar[tuple[Tool, ...]] = (*TOOLS, submit, refuse)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Draw calendars until one has what the request is about."""
        chance = Chance(rng)
        monday = _MONDAYS + timedelta(weeks=chance.between(0, _WEEKS - 1))
        kind = chance.pick(KINDS[difficulty])
        return found_in(lambda chance: open_plan(chance, monday), kind, difficulty, chance)
