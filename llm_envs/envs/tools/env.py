"""`llm/Tools-v0`: all families of worlds in one env, one of them drawn for each task."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from llm_envs.envs.tools.mixture import Chosen, Mixture
from llm_envs.registry import row
from llm_envs.tools import ToolEnv

__all__ = ["Tools"]

_FAMILIES = {
    "bank": "llm/Bank-v0",
    "calc": "llm/Calc-v0",
    "calendar": "llm/Calendar-v0",
    "files": "llm/Files-v0",
    "mail": "llm/Mail-v0",
    "office": "llm/Office-v0",
    "shop": "llm/Shop-v0",
}
"""By the names that `families` takes. A row more raises the version, because families are drawn by their place."""


class Tools(Mixture):
    """Act in one of several worlds, by its tools.

    ## Description
    Each task is one of a family: `llm/Bank-v0`, `llm/Calc-v0`, `llm/Calendar-v0`, `llm/Files-v0`, `llm/Mail-v0`,
    `llm/Office-v0` or `llm/Shop-v0`. It offers that family's tools and no others, under that family's rules.
    Families whose rewards may be negative are none of them, because one mean reward could not be read any more.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools in the form of the tokenizer's own template
    (`env.unwrapped.chat.calling`), or says the last word.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What tools answer comes in the role `tool`.

    ## Reward
    As the family gives it: 1 where exactly what was asked has been done and answered, else 0.

    ## Episode end
    As in the family. Truncated after 32 turns, when a turn exceeds `max_new_tokens`, or when the context is full.

    ## Arguments
    `families`: a name such as `"shop"`, several, or a mapping of names to weights; all evenly by default. `difficulty`
    0 to 5 goes to the family; drawn by default.

    ## Verifier
    The family's. `task.metadata["family"]` names it.

    ## Version history
    - v0: first release.
    """

    members: ClassVar[tuple[str, ...]] = tuple(_FAMILIES)
    what: ClassVar[str] = "family"

    def __init__(self, *, families: Chosen = None, **options: Any) -> None:
        super().__init__(families, **options)

    def open_member(self, name: str) -> ToolEnv:
        """The env of a family; only those that are drawn from are imported."""
        return cast("ToolEnv", row(_FAMILIES[name]).make(tokenizer=self.chat, split=self.split))
