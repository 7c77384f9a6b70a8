"""The env of the bank: its rules, and how tasks are drawn."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from llm_envs.envs.tools.bank.ledger import drawn, opening_time
from llm_envs.envs.tools.bank.requests import KINDS, REFUSALS
from llm_envs.envs.tools.bank.rules import NOTES, ROLE, RULES
from llm_envs.envs.tools.bank.service import TABLES, TOOLS
from llm_envs.envs.tools.drawing import draw_scenario
from llm_envs.envs.tools.scenario import CLOSING, Scenario, refuse, submit
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Tables

__all__ = ["Bank"]

_RULES = f"{ROLE}\n{RULES}\n{NOTES}\n{CLOSING}"


def _words(text: Any) -> str:
    """Without case, and with single blanks."""
    return " ".join(str(text).split()).casefold()


class Bank(WorldEnv):
    """Assist the customers of a bank.

    ## Description
    The system message tells the rules of the house, the user what a customer asks: a balance, a sum, a card blocked, a
    payee saved, money transferred. A transfer takes two steps, a request that gives a code and its confirmation; large
    ones take an approval in between, and late ones are dated on the next banking day. The world holds 3 customers and
    their accounts in up to two currencies, cards, payees, standing orders and payments of two months, drawn anew for
    each task. A request against a rule must be refused by naming the rule, and exactly one rule fits.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools in the form of the tokenizer's own template
    (`env.unwrapped.chat.calling`), or says the last word.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What tools answer comes in the role `tool`.

    ## Reward
    1 where exactly the wanted rows have changed, and the answer is right where one was asked; else 0. With
    `partial_weight`, that share of it is for rows that were changed as wanted, by their F1. A transfer that was asked
    for and never confirmed has changed nothing.

    ## Episode end
    Terminated by `submit`, by `refuse`, or by a turn without calls; where there is a `user`, such a turn goes to them,
    and they end the episode once they are told that all is done, or when their patience is at its end (`gave_up`).
    Truncated after 32 turns, when a turn exceeds `max_new_tokens`, or when the context is full.

    ## Arguments
    `difficulty` 0 to 5: 0 asks about one thing; 1 changes a card or a payee; 2 transfers, adds up, or changes a
    standing order; 3 has large and later transfers and other currencies; 4 must find the amount or the condition out; 5
    does several things. From 2 on, a quarter of the requests is against one of the ten rules; from 4 on, a tool fails
    once. `partial_weight` and `format_weight`, 0 by default. `user`: "none" says everything in the first message;
    "agenda" says what it wants and tells the rest when asked; others play the same part, see `llm_envs.tools.user`.

    ## Verifier
    `llm_envs.verifiers.state` on the difference to the world before, `llm_envs.verifiers.value` on the answer.

    ## Version history
    - v0: first release.
    """

    tables: ClassVar[Tables] = TABLES
    conversational: ClassVar[bool] = True
    rules: ClassVar[str] = _RULES
    canonical: ClassVar[Canonical] = {f"payees.{column}": _words for column in ("name", "number", "currency")}
    tools: ClassVar[tuple[Tool, ...]] = (*TOOLS, submit, refuse)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Choose what is asked, then draw banks until one has what it is about."""
        return draw_scenario(rng, difficulty, KINDS, REFUSALS, lambda chance: drawn(chance, opening_time(chance)))
