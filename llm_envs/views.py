"""Four ways to look at a growing token context: `delta`, `last`, `padded`, `text`.

A view turns appended ids into observations and nothing else: what was appended is the session's business. No two
observations share memory.

| view | space | an observation is |
|---|---|---|
| `delta` | `Tokens` | the ids appended since the observation before; concatenated, they are the context |
| `last` | `Discrete(vocab_size)` | the newest id |
| `padded` | `Dict(tokens=Box(context_length,), length=Discrete)` | the whole context, padded on the right |
| `text` | `Text` | the whole context, decoded |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, get_args

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from llm_envs.chat.tokenizer import ChatTokenizer
from llm_envs.errors import BadOption, did_you_mean
from llm_envs.spaces import Text, Tokens

__all__ = ["ObsMode", "View", "make_view"]

ObsMode = Literal["delta", "last", "padded", "text"]


class View(Protocol):
    """Makes observations of one context."""

    space: spaces.Space[Any]

    def begin(self, prompt_ids: NDArray[np.int32]) -> Any:
        """The first observation of an episode."""

    def extend(self, ids: NDArray[np.int32]) -> Any:
        """The observation after `ids`, at least one, were appended."""

    def extend_one(self, token: int) -> Any:
        """The observation after a single id was appended: the hot path of `step`."""


def make_view(mode: str, chat: ChatTokenizer, context_length: int) -> View:
    """The view of that name.

    Raises:
        BadOption: there is none.
    """
    if mode not in get_args(ObsMode):
        raise BadOption(
            "unknown observation mode",
            expected=f"obs= one of {', '.join(get_args(ObsMode))}",
            received=mode,
            next_step=did_you_mean(str(mode), _VIEWS),
        )
    return _VIEWS[mode](chat, context_length)


class _Delta:
    def __init__(self, chat: ChatTokenizer, context_length: int) -> None:
        self.space: spaces.Space[Any] = Tokens(chat.vocab_size, context_length, min_length=1)

    def begin(self, prompt_ids: NDArray[np.int32]) -> NDArray[np.int32]:
        return prompt_ids

    def extend(self, ids: NDArray[np.int32]) -> NDArray[np.int32]:
        return ids

    def extend_one(self, token: int) -> NDArray[np.int32]:
        return np.array((token,), np.int32)


class _Last:
    def __init__(self, chat: ChatTokenizer, context_length: int) -> None:
        self.space: spaces.Space[Any] = spaces.Discrete(chat.vocab_size)

    def begin(self, prompt_ids: NDArray[np.int32]) -> np.int64:
        return np.int64(prompt_ids[-1])

    def extend(self, ids: NDArray[np.int32]) -> np.int64:
        return np.int64(ids[-1])

    def extend_one(self, token: int) -> np.int64:
        return np.int64(token)


class _Padded:
    def __init__(self, chat: ChatTokenizer, context_length: int) -> None:
        self.space: spaces.Space[Any] = spaces.Dict(
            tokens=spaces.Box(0, chat.vocab_size - 1, (context_length,), np.int32),
            length=spaces.Discrete(context_length + 1),
        )
        self._pad_id = chat.pad_id
        self._tokens = np.full(context_length, chat.pad_id, np.int32)
        self._length = 0

    def begin(self, prompt_ids: NDArray[np.int32]) -> dict[str, Any]:
        self._tokens[:] = self._pad_id
        self._length = 0
        return self.extend(prompt_ids)

    def extend(self, ids: NDArray[np.int32]) -> dict[str, Any]:
        end = self._length + len(ids)
        self._tokens[self._length : end] = ids
        self._length = end
        return {"tokens": self._tokens.copy(), "length": np.int64(end)}

    def extend_one(self, token: int) -> dict[str, Any]:
        return self.extend(np.array((token,), np.int32))


class _Text:
    def __init__(self, chat: ChatTokenizer, context_length: int) -> None:
        self.space: spaces.Space[Any] = Text(context_length * chat.max_chars_per_id)
        self._chat = chat
        self._ids = np.empty(0, np.int32)

    def begin(self, prompt_ids: NDArray[np.int32]) -> str:
        self._ids = prompt_ids
        return self._chat.decode(prompt_ids)

    def extend(self, ids: NDArray[np.int32]) -> str:
        self._ids = np.concatenate([self._ids, ids])
        return self._chat.decode(self._ids)

    def extend_one(self, token: int) -> str:
        return self.extend(np.array((token,), np.int32))


_VIEWS: dict[str, Callable[[ChatTokenizer, int], View]] = {
    "delta": _Delta,
    "last": _Last,
    "padded": _Padded,
    "text": _Text,
}
