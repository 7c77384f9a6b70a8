"""Messages to token ids and back: the built-in byte tokenizer, and any Hugging Face chat template.

`load_tokenizer` is the one door: it turns what a user passes as `tokenizer=` into a `ChatTokenizer`.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from llm_envs.chat.bytes import ByteTokenizer
from llm_envs.chat.tokenizer import ChatTokenizer, Tools
from llm_envs.errors import UnknownTokenizer

__all__ = ["ByteTokenizer", "ChatTokenizer", "Tools", "load_tokenizer"]


def load_tokenizer(source: Any) -> ChatTokenizer:
    """The chat tokenizer for `"bytes"`, a local path or Hub name, a Hugging Face tokenizer, or a ChatTokenizer.

    Loading the same name or object twice gives the same ChatTokenizer, so that many envs share one.

    Raises:
        UnknownTokenizer: nothing of that name can be loaded, or the object is no tokenizer.
        TemplateRefused: its chat template cannot be served without corrupting turns.
        MissingExtra: a name other than `"bytes"` needs the extra `hf`.
    """
    if hasattr(source, "encode_delta"):
        chat: ChatTokenizer = source
        return chat
    if isinstance(source, str):
        return _BYTES if source == "bytes" else _load_named(source)
    if hasattr(source, "apply_chat_template"):
        return _load_object(source)
    raise UnknownTokenizer(
        "this is no tokenizer",
        expected='"bytes", a path or Hub name, a Hugging Face tokenizer, or a ChatTokenizer',
        received=repr(source),
        next_step='Pass tokenizer="bytes" to start with.',
    )


def _check_name(name: str) -> None:
    """Tell a typo before anything is imported, and before a network is asked."""
    is_path = name.startswith(("/", ".", "~"))
    is_typo = not name or ("/" not in name and bool(get_close_matches(name, ["bytes"])))
    if not (is_path or is_typo) or Path(name).expanduser().is_dir():
        return
    raise UnknownTokenizer(
        f"there is no tokenizer {name!r}",
        expected='"bytes", a folder with tokenizer.json and tokenizer_config.json, or a Hub name',
        received=repr(name),
        next_step="Check the path." if is_path else "Did you mean 'bytes'?",
    )


_BYTES = ByteTokenizer()


@lru_cache(maxsize=8)
def _load_named(name: str) -> ChatTokenizer:
    _check_name(name)
    from llm_envs.chat.hf import HFChatTokenizer  # imported where used: optional extra `hf`

    return HFChatTokenizer.from_name(name)


def _load_object(tokenizer: Any) -> ChatTokenizer:
    from llm_envs.chat.hf import HFChatTokenizer  # imported where used: optional extra `hf`

    return HFChatTokenizer.of(tokenizer)
