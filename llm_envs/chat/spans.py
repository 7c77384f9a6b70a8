"""From characters of a reply back to the sampled ids that cover them.

Rewards and masks stand on tokens, calls and answers are found in text. Ids are decoded, never encoded again: what was
sampled is looked up, in logarithmically many decodings.
"""

from __future__ import annotations

from collections.abc import Sequence
from os.path import commonprefix
from typing import Any

from numpy.typing import NDArray

from llm_envs.chat.tokenizer import ChatTokenizer

__all__ = ["token_span"]


def token_span(chat: ChatTokenizer, ids: Sequence[int] | NDArray[Any], start: int, end: int) -> range:
    """The positions in `ids` whose tokens cover the characters `start` to `end` of `chat.decode(ids)`.

    A token that covers some of them counts, and so does each part of a character that several tokens make.

    Args:
        ids: of one turn, its stop left out, as verifiers see it decoded.
    """
    if start >= end:
        return range(0)
    text = chat.decode(ids)

    def settled(count: int) -> int:
        """How many characters of the text the first ids settle."""
        return len(commonprefix([text, chat.decode(ids[:count])]))  # noqa: RUF071 (of texts, not of paths)

    last = _first(len(ids), lambda count: settled(count) >= min(end, len(text)))
    before = _first(last, lambda count: settled(count) > start) - 1
    known = settled(max(before, 0))
    return range(_first(before, lambda count: settled(count) >= known), last)


def _first(most: int, holds: Any) -> int:
    """The least count from 0 to `most` for which a condition holds that stays true; `most` where it never does."""
    low, high = 0, max(most, 0)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
