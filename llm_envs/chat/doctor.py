"""What `llm-envs doctor TOKENIZER` prints: what a chat template can do, and two turns as a policy would see them.

It examines; it repairs nothing. A template that cannot be served is an error of `load_tokenizer`, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from llm_envs.chat import load_tokenizer
from llm_envs.chat.calls import Call
from llm_envs.chat.tokenizer import ChatTokenizer
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["describe", "report"]

_QUESTION: Message = {"role": "user", "content": "What is 2 + 3?"}
_REPLY: Message = {"role": "assistant", "content": "5"}
_FOLLOW_UP: Message = {"role": "user", "content": "And twice that? <|im_end|></s>"}
"""Control strings in the content show that they come back as plain text."""

_CALL = Call("add", {"numbers": [2, 3], "note": "as asked"})


def report(tokenizer: str, console: Console) -> None:
    """Print the profile of a tokenizer's chat template, and a worked example of two turns with token counts.

    Raises:
        UnknownTokenizer: nothing of that name can be loaded.
        TemplateRefused: its chat template cannot be served.
        MissingExtra: it needs the extra `hf`.
    """
    chat = load_tokenizer(tokenizer)
    console.print(_facts(chat))
    console.print(_example(chat))
    console.print(_call_example(chat))


def describe(tokenizer: str) -> dict[str, Any]:
    """What `report` prints, as plain data: `tokenizer`, `facts` by name, `call`, and `turns`.

    `call` is a tool call as text, "" where its format is not known; each turn has who, token ids and text.

    Raises:
        UnknownTokenizer, TemplateRefused, MissingExtra: as `report`.
    """
    chat = load_tokenizer(tokenizer)
    return {
        "tokenizer": chat.name,
        "facts": dict((*_ids_of(chat), *_profile_of(chat), *_calls_of(chat))),
        "call": _called(chat),
        "turns": [{"who": who, "ids": list(map(int, ids)), "text": chat.decode(ids)} for who, ids in _turns(chat)],
    }


def _facts(chat: ChatTokenizer) -> Table:
    table = Table("what", "found", title=chat.name, title_justify="left")
    for what, found in (*_ids_of(chat), *_profile_of(chat), *_calls_of(chat)):
        table.add_row(what, Text(found))
    return table


def _ids_of(chat: ChatTokenizer) -> Iterator[tuple[str, str]]:
    yield "vocabulary", f"{chat.vocab_size:,} ids"
    yield "turns end with", ", ".join(f"{_shown(chat, [i])} ({i})" for i in sorted(chat.stop_ids))
    yield "padding", f"{_shown(chat, [chat.pad_id])} ({chat.pad_id})"


def _profile_of(chat: ChatTokenizer) -> Iterator[tuple[str, str]]:
    """The template's profile; the built-in tokenizer has none, and a layout that never surprises."""
    profile = getattr(chat, "profile", None)
    if profile is None:
        return
    yield "roles", ", ".join(profile.roles)
    yield "system message", profile.system
    yield "two user messages in a row", _yes(profile.consecutive_users)
    yield "the next turn opens with", repr(profile.generation_prompt)
    yield "thinking", " ... ".join(profile.thinking) if profile.thinking else "no markers"
    yield "re-rendering keeps earlier turns", _yes(profile.prefix_stable)
    yield "answers depend on the history", _yes(not profile.dummy_history_safe)


def _calls_of(chat: ChatTokenizer) -> Iterator[tuple[str, str]]:
    """How tools are shown, called and answered."""
    try:
        calling = chat.calling
    except TemplateRefused as error:
        yield "tool calls", f"{error.message}: {error.received}"
        return
    yield "tool calls", calling.format.name
    yield "several calls in one turn", _yes(calling.parallel)
    yield "reasoning stands between", " ... ".join(calling.thinking) + (", opened already" if calling.opened else "")
    yield "tools are shown by", "a sheet in the prompt" if getattr(chat, "has_tool_sheet", False) else "the template"
    yield "results are", "messages of the user" if getattr(chat, "carries_results", False) else "of the role tool"


def _called(chat: ChatTokenizer) -> str:
    try:
        return chat.calling.write([_CALL])
    except TemplateRefused:
        return ""


def _call_example(chat: ChatTokenizer) -> Table:
    table = Table("a call", title="a call", title_justify="left", show_header=False)
    table.add_row(Text(_called(chat) or "not known", style="bold"))
    return table


def _example(chat: ChatTokenizer) -> Table:
    table = Table("who", "tokens", "text", title="two turns", title_justify="left")
    for who, ids in _turns(chat):
        table.add_row(who, f"{len(ids):,}", Text(_shown(chat, ids), style="bold" if who == "policy" else ""))
    return table


def _turns(chat: ChatTokenizer) -> Iterator[tuple[str, Sequence[int]]]:
    reply_ids = chat.encode_reply(_REPLY["content"])
    yield "prompt", chat.encode_prompt([_QUESTION])
    yield "policy", reply_ids
    yield "env", chat.encode_delta([_QUESTION, _REPLY], [_FOLLOW_UP], reply_ids[-1])
    yield "policy", reply_ids


def _shown(chat: ChatTokenizer, ids: Sequence[int]) -> str:
    return chat.decode(ids).replace("\n", "↵\n").removesuffix("\n")


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
