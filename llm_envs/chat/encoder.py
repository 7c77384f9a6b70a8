"""Text with a chat template's control strings in it, to ids; and untrusted text, which must never become control ids.

Untrusted text is guarded before a template sees it: every control string in it is broken up by marks that no text may
hold, so that neither template nor tokenizer recognises it. After rendering, broken strings are spelled with a copy of
the tokenizer that has no added tokens, and everything else is encoded as the tokenizer always would.

Every added token with a visible character counts as control, not only those marked special. This module knows nothing
of messages and templates. It needs the package `tokenizers`, which the extra `hf` brings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tokenizers import Tokenizer

__all__ = ["GuardedEncoder"]

_OPEN, _BREAK, _CLOSE = "\ufdd0", "\ufdd1", "\ufdd2"
"""Unicode noncharacters: not for interchange, so text that holds them is malformed, and reads U+FFFD here."""

_MALFORMED = re.compile(f"[{_OPEN}{_BREAK}{_CLOSE}\ud800-\udfff]")
_GUARDED = re.compile(f"{_OPEN}((?:.(?:{_BREAK}.)*)?){_CLOSE}|[{_OPEN}{_BREAK}{_CLOSE}]", re.DOTALL)
_BYTE_TOKEN = re.compile(r"<0x[0-9A-F]{2}>")

_LEADS = ("\n", "a", ".")
"""Text to encode a continuation behind, so that SentencePiece-like tokenizers put no space before it."""

_CACHED_TEXTS = 1024
"""Shapes of answers, and control strings found in content: a few dozen of each occur, over and over."""


class GuardedEncoder:
    """A tokenizer that tells control strings of the template from the same characters in content.

    Args:
        tokenizer: any `tokenizers.Tokenizer`; it is copied, later changes to it do not matter.
        special: control strings beyond those that its added tokens mark special.

    Attributes:
        tokenizer: the copy, which neither pads nor truncates.
        vocab: every token's id.
        control_ids: every control string's id.
    """

    def __init__(self, tokenizer: Tokenizer, special: Iterable[str] = ()) -> None:
        layout = json.loads(tokenizer.to_str()) | {"truncation": None, "padding": None, "post_processor": None}
        self.tokenizer = Tokenizer.from_str(json.dumps(layout))
        self._plain = Tokenizer.from_str(json.dumps(layout | {"added_tokens": []}))
        added = self.tokenizer.get_added_tokens_decoder().items()
        self.control_ids: dict[str, int] = {
            token.content: i for i, token in added if token.content.strip(" \t\r\n\v\f▁")
        }
        self._behind_full = _Continuing(self.tokenizer)
        self._behind_plain = _Continuing(self._plain)
        self.vocab: dict[str, int] = self.tokenizer.get_vocab(with_added_tokens=True)
        self._special = {token.content for _, token in added if token.special}.union(special)
        self._pattern = _any_of(self.control_ids)
        self._harmful = frozenset(self.control_ids.values()) - _ids_of_plain_text(layout["model"], self._plain)
        self.control_sequence = lru_cache(_CACHED_TEXTS)(self._control_sequence)
        self._forbidden = lru_cache(1)(self._forbid)
        self._spelled_control = lru_cache(_CACHED_TEXTS)(self._spelled)

    def guard(self, text: str) -> str:
        """`text` with every control string in it broken; a template sees it and prints it like any other text."""
        return self._pattern.sub(_broken_match, _well_formed(text))

    def guard_whole(self, text: str) -> str:
        """All of `text` broken: for content that turns into a control string only beside other text."""
        return _broken(_well_formed(text))

    def find_controls(self, text: str) -> list[str]:
        """The control strings in `text`, guarded ones excepted, in order."""
        return [match.group() for match in self._pattern.finditer(text)]

    def controls_among(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Those of `ids` that only control strings encode to, in order."""
        return tuple(i for i in ids if i in self._harmful)

    def encode(self, rendered: str) -> list[int]:
        """The ids of rendered text, guarded parts spelled."""
        return self._join(rendered, self._ids)

    def encode_behind(self, control: str, rendered: str) -> list[int]:
        """The ids of rendered text as they stand behind a control string, without the ids of that string."""
        return self._join(rendered, lambda first: self._ids_behind(control, first))

    def encode_reply(self, text: str, never: frozenset[int], own: frozenset[str] = frozenset()) -> list[int]:
        """A policy's text: its added tokens encode as themselves, special ones and the ids in `never` do not.

        Args:
            own: special control strings that a policy writes all the same.
        """
        forbidden_ids, pattern = self._forbidden(never, own)
        text = _well_formed(text)
        ids = self._join(pattern.sub(_broken_match, text), self._behind_full.ids)
        return ids if forbidden_ids.isdisjoint(ids) else list(self._spelled(text))

    def decode(self, ids: list[int]) -> str:
        """The text of `ids`, control tokens included."""
        text: str = self.tokenizer.decode(ids, skip_special_tokens=False)
        return text

    def _forbid(self, never: frozenset[int], own: frozenset[str]) -> tuple[frozenset[int], re.Pattern[str]]:
        special = self._special - own
        forbidden = {text: i for text, i in self.control_ids.items() if text in special or i in never}
        return self._harmful.intersection(forbidden.values()), _any_of(forbidden)

    def _control_sequence(self, control: str, rendered: str) -> tuple[int, ...]:
        return self.controls_among(self.encode_behind(control, rendered))

    def _join(self, rendered: str, encode_first: Callable[[str], list[int]]) -> list[int]:
        first, *rest = _GUARDED.split(rendered)
        ids = encode_first(first)
        for guarded, free in zip(rest[::2], rest[1::2], strict=True):
            ids += self._spell(guarded.replace(_BREAK, "")) if guarded else ()
            ids += self._behind_full.ids(free)
        return ids

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _ids_behind(self, control: str, text: str) -> list[int]:
        ids = self._ids(control + text)
        return ids[ids.index(self.control_ids[control]) + 1 :]

    def _spell(self, text: str) -> tuple[int, ...]:
        return self._spelled_control(text) if text in self.control_ids else self._spelled(text)

    def _spelled(self, text: str) -> tuple[int, ...]:
        """The ids of untrusted text in the middle of other text: never a control id."""
        ids = self._behind_plain.ids(text)
        if self._harmful.isdisjoint(ids):
            return tuple(ids)
        return tuple(i for one in text for i in self._behind_plain.ids(one) if i not in self._harmful)


class _Continuing:
    """Encodes text as it stands in the middle of other text."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._leads = {lead: tokenizer.encode(lead, add_special_tokens=False).ids for lead in _LEADS}

    def ids(self, text: str) -> list[int]:
        if not text:
            return []
        for lead, lead_ids in self._leads.items():
            ids: list[int] = self._tokenizer.encode(lead + text, add_special_tokens=False).ids
            if lead_ids and ids[: len(lead_ids)] == lead_ids:
                return ids[len(lead_ids) :]
        alone: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return alone


def _ids_of_plain_text(model: Mapping[str, Any], plain: Tokenizer) -> frozenset[int]:
    """Ids that plain text may well contain: the model's own unknown token, and its bytes."""
    unknown, unknown_id = model.get("unk_token"), model.get("unk_id")  # some models name it, some number it
    vocab = plain.get_vocab(with_added_tokens=False)
    named = [i for name, i in vocab.items() if name == unknown or _BYTE_TOKEN.fullmatch(name)]
    return frozenset(named if unknown_id is None else [*named, unknown_id])


def _well_formed(text: str) -> str:
    return _MALFORMED.sub("\ufffd", text)


def _broken(text: str) -> str:
    return f"{_OPEN}{_BREAK.join(text)}{_CLOSE}"


def _broken_match(match: re.Match[str]) -> str:
    return _broken(match.group())


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern for the longest of `words`, as a trie: thousands of added tokens cost no more than a few."""
    trie: dict[str, Any] = {}
    for word in words:
        node = trie
        for character in word:
            node = node.setdefault(character, {})
        node[""] = {}
    return re.compile(_trie_pattern(trie) if trie else r"(?!)")


def _trie_pattern(node: Mapping[str, Any]) -> str:
    branches = [re.escape(character) + _trie_pattern(child) for character, child in node.items() if character]
    if not branches:
        return ""
    pattern = branches[0] if len(branches) == 1 and "" not in node else f"(?:{'|'.join(branches)})"
    return f"{pattern}?" if "" in node else pattern
