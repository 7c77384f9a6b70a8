"""Policies that need no model: the env's own oracle, and one that always says the same.

They speak text, so the log-probabilities of their replies are unknown (nan).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llm_envs.chat import ChatTokenizer
from llm_envs.policies.policy import Reply, Request, Sampling
from llm_envs.vector import LLMVectorEnv

__all__ = ["Constant", "Oracle"]


class Oracle:
    """Says what the env's `demonstrate` says.

    Args:
        envs: the vector env that it plays; it looks at the tasks there, answers included.
    """

    def __init__(self, envs: LLMVectorEnv) -> None:
        self._envs = envs

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """The demonstrated turn of each row's task; sampling plays no part."""
        return [_say(self._envs.chat, self._turn(request.row)) for request in requests]

    def _turn(self, row: int) -> str:
        env = self._envs.envs[row]
        taken = sum(message["role"] == "assistant" for message in env.session.messages)
        return env.demonstrate(env.task)[taken]


class Constant:
    """Says the same in every turn; the empty text does nothing.

    Args:
        chat: the tokenizer of the env that it plays.
        text: what it says.
    """

    def __init__(self, chat: ChatTokenizer, text: str = "") -> None:
        self._reply = _say(chat, text)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """One and the same reply for each request."""
        return [self._reply for _ in requests]


def _say(chat: ChatTokenizer, text: str) -> Reply:
    ids = np.array(chat.encode_reply(text), np.int32)
    return Reply(ids, np.full(len(ids), np.nan, np.float32))
