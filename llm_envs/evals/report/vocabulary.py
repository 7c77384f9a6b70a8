"""What token ids say, through the run's own tokenizer where it can be loaded and proves to be the right one.

Each id is read by itself, behind a letter, because some tokenizers drop a space at the beginning. An id that is part of
a character only says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llm_envs.chat import ChatTokenizer, load_tokenizer
from llm_envs.errors import LLMEnvsError

__all__ = ["Vocabulary"]

_LOCAL_MODELS = ("hf:", "vllm:")


class Vocabulary:
    """The tokenizer of a run, found when the first ids are to be read.

    Args:
        about: what run.json says.
    """

    def __init__(self, about: Mapping[str, Any]) -> None:
        self._about = about
        self._chat: ChatTokenizer | None = None
        self._proven = False
        self._known: dict[int, str] = {}

    def prove(self, ids: Sequence[int], text: str) -> None:
        """Settle on the first tokenizer by which `ids` say `text`; once, at the first reply that says anything."""
        if self._proven or not text.strip():
            return
        self._proven = True
        self._chat = next((chat for chat in _loaded(_names(self._about)) if _says(chat, ids, text)), None)

    def pieces(self, ids: Sequence[int]) -> list[str] | None:
        """The text of each id; None where no tokenizer is known."""
        if self._chat is None:
            return None
        return [self._known.get(number) or self._piece(self._chat, number) for number in ids]

    def _piece(self, chat: ChatTokenizer, number: int) -> str:
        anchor = list(chat.encode_reply("a")[:1])
        text = chat.decode([*anchor, number]).removeprefix(chat.decode(anchor))
        if chat.name == "bytes" and text == "\ufffd":
            text = f"\\x{number:02x}"
        self._known[number] = text
        return text


def _names(about: Mapping[str, Any]) -> Iterator[str]:
    """Tokenizers that the run may have used, the likeliest first."""
    plan = about.get("plan", {})
    named = [env.get("options", {}).get("tokenizer") for env in plan.get("envs", ())]
    model = str(plan.get("model", ""))
    named += [about.get("tokenizer"), *(model.removeprefix(kind) for kind in _LOCAL_MODELS if model.startswith(kind))]
    yield from dict.fromkeys([name for name in named if isinstance(name, str)] + ["bytes"])


def _loaded(names: Iterator[str]) -> Iterator[ChatTokenizer]:
    for name in names:
        try:
            yield load_tokenizer(name)
        except (LLMEnvsError, OSError, ValueError):
            continue  # ids are shown instead


def _says(chat: ChatTokenizer, ids: Sequence[int], text: str) -> bool:
    if not ids or min(ids) < 0 or max(ids) >= chat.vocab_size:
        return False
    return text in chat.decode(ids)
