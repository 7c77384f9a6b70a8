"""The env of the office: which pairs of domains it has."""

from __future__ import annotations

from typing import Any, ClassVar

from llm_envs.envs.tools.mixture import Chosen, Mixture
from llm_envs.envs.tools.office.pairs import PAIRS
from llm_envs.tools import ToolEnv

__all__ = ["Office"]


class Office(Mixture):
    """Look after somebody's mail, and their calendar, bank or files with it.

    ## Description
    Each world joins two: the mailbox of `llm/Mail-v0`, and beside it the calendar of `llm/Calendar-v0`, the bank of
    `llm/Bank-v0` or the disk of `llm/Files-v0`, with all tables and all tools of both. The same people are in both: who
    writes is who is invited, or paid. Nearly every request needs both: a time that a mail proposes goes into the
    calendar, an invoice is paid and answered with the code of the transfer, a meeting is moved and those who are
    invited are told, a setting goes from a mail into a file and the old one back. Letters have others of their kind
    beside them, and some are corrected by a later one. The rules of both families hold, numbered on from R7; exactly
    one of them forbids a request that must be refused. Where both have a tool of one name, its noun stands behind it:
    `move_mail`, `move_file`.

    ## Action space
    `Discrete(vocab_size)`, one token a step. A turn calls tools in the form of the tokenizer's own template
    (`env.unwrapped.chat.calling`), or says the last word.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What tools answer comes in the role `tool`. Bodies of mails are text by
    others.

    ## Reward
    1 where exactly the wanted rows of both domains have changed, and the answer is right where one was asked; else 0.
    With `partial_weight`, that share of it is for rows that were changed as wanted, by their F1.

    ## Episode end
    Terminated by `submit`, by `refuse`, or by a turn without calls. Truncated after 32 turns, when a turn exceeds
    `max_new_tokens`, or when the context is full.

    ## Arguments
    `difficulty` 0 to 5: 0 asks what a mail and the other domain tell together; 1 changes one thing that a mail names; 2
    carries one thing from one domain into the other; 3 has corrections, or a change in both domains; 4 must work
    something out first: a first time, a path, a code, whether it was paid; 5 does several things in both domains. From
    2 on, a quarter of the requests is such as a rule may forbid, and two of three of these are forbidden; from 4 on, a
    tool fails once. `pairs`: `"calendar"`, `"bank"` or `"files"`, several of them, or a mapping of them to weights; all
    evenly by default. `partial_weight` and `format_weight`, 0 by default.

    ## Verifier
    `llm_envs.verifiers.state` on the difference to the world before, `llm_envs.verifiers.value` on the answer.
    `task.metadata["pair"]` names the pair.

    ## Version history
    - v0: first release.
    """

    members: ClassVar[tuple[str, ...]] = tuple(PAIRS)
    what: ClassVar[str] = "pair"

    def __init__(
        self, *, pairs: Chosen = None, partial_weight: float = 0.0, format_weight: float = 0.0, **options: Any
    ) -> None:
        self._partial_weight, self._format_weight = partial_weight, format_weight
        super().__init__(pairs, **options)

    def open_member(self, name: str) -> ToolEnv:
        """The env of a pair."""
        return PAIRS[name](
            env_id=self.env_id,
            tokenizer=self.chat,
            split=self.split,
            partial_weight=self._partial_weight,
            format_weight=self._format_weight,
        )
