"""The env of the mailbox: its rules, and how tasks are drawn."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import numpy as np

from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.drawing import found_in
from llm_envs.envs.tools.mail.mailbox import open_mailbox
from llm_envs.envs.tools.mail.requests import KINDS
from llm_envs.envs.tools.mail.rules import NOTES, ROLE, RULES
from llm_envs.envs.tools.mail.service import CANONICAL, TABLES, TOOLS
from llm_envs.envs.tools.scenario import CLOSING, Scenario, refuse, submit
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Tables

__all__ = ["Mail"]

_RULES = f"{ROLE}\n{RULES}\n{NOTES}\n{CLOSING}"


class Mail(WorldEnv):
    """Look after a mailbox.

    ## Description
    The system message tells the rules, the user, who owns the mailbox, what to find out, send, answer, forward, file,
    label or delete. The world holds 14 contacts, among them two pairs of namesakes, and about 27 mails in 9 threads and
    5 mails of news, drawn anew for each task. Threads state a fact, correct it, and quote what no longer holds. Some
    requests are against a rule; then nothing may change, and the rule must be named.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools in the form of the tokenizer's own template
    (`env.unwrapped.chat.calling`), or says the last word.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What tools answer comes in the role `tool`. Bodies of mails are text by
    others.

    ## Reward
    1 where exactly the wanted rows have changed, and the answer is right where one was asked; else 0. Case, blanks and
    a final stop in what is sent do not count; everything else does. With `partial_weight`, that share of it is for rows
    that were changed as wanted, by their F1.

    ## Episode end
    Terminated by `submit`, by `refuse`, or by a turn without calls; where there is a `user`, such a turn goes to them,
    and they end the episode once they are told that all is done, or when their patience is at its end (`gave_up`).
    Truncated after 32 turns, when a turn exceeds `max_new_tokens`, or when the context is full.

    ## Arguments
    `difficulty` 0 to 5: 0 asks for what one mail says; 1 files, labels or deletes one mail; 2 answers, writes, finds
    facts that were corrected, or meets R2 and R3; 3 forwards to namesakes, acts on all mails of a kind, or meets R1 and
    R5; 4 sends facts that must be found, writes to teams, or meets R1 and R4; 5 does two things in one request, or
    meets R1 and R5. From 4 on, a tool fails once. Whatever a rule forbids is asked more often, in the same words, where
    none does. `partial_weight` and `format_weight`, 0 by default. `user`: "none" says everything in the
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
    canonical: ClassVar[Canonical] = CANONICAL
    tools: ClassVar[tuple[Tool, ...]] = (*TOOLS, submit, refuse)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Draw mailboxes until one has what the request is about."""
        chance = Chance(rng)
        now = datetime(2026, 1, 5, 9, 0) + timedelta(days=chance.between(0, 299))  # noqa: DTZ001 (the owner's own clock)
        kind = chance.pick(KINDS[difficulty])
        return found_in(lambda chance: open_mailbox(chance, now), kind, difficulty, chance)
