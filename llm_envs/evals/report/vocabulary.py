"""What token ids say, through the run's own tokenizer where it can be loaded and proves to be the right one.

Each id is read by itself, behind a letter, because some tokenizers drop a space at the beginning. An id that is part of
a character only says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from llm_envs.chat import ChatTokenizer, load_tokenizer
from llm_envs.errors import LLMEnvsError, MissingExtra
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import read_records

__all__ = ["Vocabulary", "tokenizers_of"]

_LOCAL_MODELS = ("hf:", "vllm:")


class Vocabulary:
    """The tokenizer of a run, found when the first ids are to be read.

    Args:
        names: tokenizers that the run may have used, the likeliest first.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = names
        self._chat: ChatTokenizer | None = None
        self._proven = False
        self._known: dict[int, str] = {}

    def prove(self, ids: Sequence[int], text: str) -> None:
        """Settle on the first tokenizer by which `ids` say `text`; once, at the first reply that says anything."""
        if self._proven or not text.strip():
            return
        self._proven = True
        self._chat = next((chat for chat in _loaded(self._names) if _says(chat, ids, text)), None)

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


def tokenizers_of(folder: RunFolder) -> Iterator[str]:
    """Tokenizers that a run may have used: what its model, its plan or its configuration names, and bytes."""
    if folder.journal.exists():
        first = next(read_records(folder.journal), {})
        yield from _texts(first.get("env_options", {}).get("tokenizer"))
    plan, config = folder.about.get("plan", {}), folder.about.get("config", {})
    for env in plan.get("envs", ()):
        yield from _texts(env.get("options", {}).get("tokenizer"))
    yield from _texts(config.get("tokenizer"), config.get("model"))
    for kind in _LOCAL_MODELS:
        yield from _texts(str(plan.get("model", "")).partition(kind)[2])
    yield "bytes"


def _texts(*values: Any) -> Iterator[str]:
    return (value for value in values if isinstance(value, str) and value)


def _loaded(names: Iterable[str]) -> Iterator[ChatTokenizer]:
    for name in names:
        try:
            yield load_tokenizer(name if name == "bytes" or Path(name).is_dir() else _downloaded(name))
        except (LLMEnvsError, OSError, ValueError):
            continue  # ids are shown instead


def _downloaded(name: str) -> Any:
    """A tokenizer that the run has fetched; a report fetches nothing."""
    try:
        from transformers import AutoTokenizer  # imported where used: optional extra `hf`
    except ImportError as error:
        raise MissingExtra.of("hf", "transformers", f"reading tokens of {name!r}") from error
    return AutoTokenizer.from_pretrained(name, local_files_only=True)


def _says(chat: ChatTokenizer, ids: Sequence[int], text: str) -> bool:
    if not ids or min(ids) < 0 or max(ids) >= chat.vocab_size:
        return False
    return text in chat.decode(ids)
