"""The env of the shop: its rules, and how tasks are drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter
from typing import ClassVar

import numpy as np

from llm_envs.envs.tools.drawing import failing_once
from llm_envs.envs.tools.scenario import CLOSING, Scenario, refuse, submit
from llm_envs.envs.tools.shop.books import open_books
from llm_envs.envs.tools.shop.requests import KINDS
from llm_envs.envs.tools.shop.service import TABLES, TOOLS
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.world import Tables

__all__ = ["Shop"]

_RULES = f"""\
You are the customer service of a shop. You act by calling tools; customers do not see them. Prices are in cents.
R1. An order can be cancelled only while it is processing.
R2. An item can be returned or exchanged only within 30 days after its order was delivered.
R3. Items of products on final sale can be neither returned nor exchanged.
R4. An item can be exchanged only for a product of the same category that is in stock.
R5. You act for the customer who writes to you, and never on the orders of others.
R6. The address of an order can be changed only while it is processing.
{CLOSING}"""


class Shop(WorldEnv):
    """Serve the customers of a shop.

    ## Description
    The system message tells the rules of the house, the user what a customer asks: the status or the price of an
    order, a cancellation, another address, a return, an exchange. The world holds 8 customers, 30 products and 20
    orders, drawn anew for each task. Some requests are against a rule; then nothing may change, and the rule must be
    named.

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
    `difficulty` 0 to 5: 0 asks about one order; 1 cancels or sends elsewhere; 2 returns an item, adds up, or meets R1
    and R6; 3 exchanges, or meets R2, R3 and R5; 4 must find the order out; 5 acts on several. From 4 on, a tool fails
    once. `partial_weight` and `format_weight`, 0 by default. `user`: "none" says everything in the first message;
    "agenda" says what it wants and tells the rest when asked, see `llm_envs.tools.user`; "http://HOST/v1#model",
    "human" or a function of the task that makes a `User` play the same part.

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
        """Draw shops until one has what the request is about."""
        now = datetime(2026, 1, 5, 9, 0) + timedelta(days=int(rng.integers(300)))  # noqa: DTZ001 (the shop's own clock)
        kinds = KINDS[difficulty]
        while True:
            books = open_books(rng, now)
            found = kinds[rng.integers(len(kinds))](books)
            if found is not None:
                return replace(found, now=now, failing=failing_once(difficulty, found.calls, itemgetter(-1)))
