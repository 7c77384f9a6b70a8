"""The env of the file system: its rules, and how tasks are drawn."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from llm_envs.envs.tools.drawing import draw_scenario
from llm_envs.envs.tools.files.disk import drawn, opening_time
from llm_envs.envs.tools.files.requests import KINDS, REFUSALS
from llm_envs.envs.tools.files.rules import ROLE, RULES
from llm_envs.envs.tools.files.service import TABLES, TOOLS, tidied
from llm_envs.envs.tools.scenario import CLOSING, Scenario, refuse, submit
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.tools import Tool
from llm_envs.verifiers.state import Canonical
from llm_envs.world import Tables

__all__ = ["Files"]

_RULES = f"{ROLE}\n{RULES}\n{CLOSING}"


class Files(WorldEnv):
    """Look after the files of a user.

    ## Description
    The system message tells the rules of the house, the user what is to be done: a setting read or changed, files
    renamed, moved by type or age, logs merged, a broken reference mended, a disk cleaned up. The world is a file system
    of about 10 folders and 30 files with contents, owners, locks and days of modification, drawn anew for each task;
    tools are like those of a shell. A request against a rule must be refused by naming the rule, and exactly one rule
    fits.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools in the form of the tokenizer's own template
    (`env.unwrapped.chat.calling`), or says the last word.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What tools answer comes in the role `tool`.

    ## Reward
    1 where every file is where it should be with the content it should have, and the answer is right where one was
    asked; else 0. How it came there does not matter, nor do blanks at ends of lines. With `partial_weight`, that share
    of it is for files that were changed as wanted, by their F1.

    ## Episode end
    Terminated by `submit`, by `refuse`, or by a turn without calls; where there is a `user`, such a turn goes to them,
    and they end the episode once they are told that all is done, or when their patience is at its end (`gave_up`).
    Truncated after 32 turns, when a turn exceeds `max_new_tokens`, or when the context is full.

    ## Arguments
    `difficulty` 0 to 5: 0 asks about one file; 1 moves, copies, renames, deletes; 2 edits a file, or counts; 3 acts on
    several files; 4 must find out which file, or whether; 5 merges, cleans up, compares. From 2 on, a quarter of the
    requests is against one of the seven rules; from 4 on, a tool fails once. `partial_weight` and `format_weight`, 0 by
    default. `user`: "none" says everything in the first message; "agenda" says what it wants and tells the rest when
    asked; others play the same part, see `llm_envs.tools.user`.

    ## Verifier
    `llm_envs.verifiers.state` on the difference to the world before, `llm_envs.verifiers.value` on the answer.

    ## Version history
    - v0: first release.
    """

    tables: ClassVar[Tables] = TABLES
    conversational: ClassVar[bool] = True
    rules: ClassVar[str] = _RULES
    canonical: ClassVar[Canonical] = {"entries.content": tidied}
    tools: ClassVar[tuple[Tool, ...]] = (*TOOLS, submit, refuse)

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """Choose what is asked, then draw disks until one has what it is about."""
        return draw_scenario(rng, difficulty, KINDS, REFUSALS, lambda chance: drawn(chance, opening_time(chance)))
