"""Any Hugging Face tokenizer with a chat template, as a ChatTokenizer.

It takes a snapshot: the backend, the template and the special tokens are copied, so that padding, truncation or
another template set on the original later do not change a running env. Only tokenizers with a `tokenizers` backend
("fast" ones) are served. Needs the extra `hf`.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from llm_envs.chat.calls import Call, Calling
from llm_envs.chat.tokenizer import Tools
from llm_envs.errors import MissingExtra, TemplateRefused, UnknownTokenizer
from llm_envs.types import Message

try:
    from llm_envs.chat.encoder import GuardedEncoder
except ModuleNotFoundError as missing:  # `tokenizers` comes with transformers
    raise MissingExtra.of("hf", "transformers", "a Hugging Face tokenizer") from missing

from llm_envs.chat.calling_of import find_calling, says_how
from llm_envs.chat.delta import SentinelDelta
from llm_envs.chat.endings import find_endings
from llm_envs.chat.probe import USER, calling
from llm_envs.chat.profile import TemplateProfile, find_profile
from llm_envs.chat.template import ChatTemplate
from llm_envs.chat.tool_sheet import carried, with_sheet
from llm_envs.chat.untrusted import Guard, changed_structure, placed, require_shown

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["HFChatTokenizer"]

_SPACE_BEFORE_WORD = 1
"""Word-piece decoders put a space before a token, which the token itself does not show."""


@dataclass(frozen=True)
class _Snapshot:
    """What of a Hugging Face tokenizer matters here."""

    name: str
    backend: Tokenizer
    template: str
    tool_template: str
    special_tokens: Mapping[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        """Differs where a tokenizer was changed since."""
        return self.template, self.tool_template, repr(self.special_tokens), self.backend.get_vocab_size()


class HFChatTokenizer:
    """Messages to ids and back by a tokenizer's own chat template; use `from_name` or `of` to get one.

    Attributes:
        profile: what the template can do.
    """

    def __init__(self, snapshot: _Snapshot) -> None:
        special = snapshot.special_tokens
        self._encoder = GuardedEncoder(snapshot.backend, _words(special))
        self._snapshot = replace(snapshot, backend=self._encoder.tokenizer)
        self._plain = _Dialect(snapshot.template, special, self._encoder)
        self._with_tools = self._plain
        if snapshot.tool_template != snapshot.template:
            self._with_tools = _Dialect(snapshot.tool_template, special, self._encoder)
        control_ids = self._encoder.control_ids
        stops = (*self._plain.profile.stops, *self._with_tools.profile.stops)
        self.name = snapshot.name
        self.profile: TemplateProfile = self._with_tools.profile
        self.vocab_size = max(self._encoder.vocab.values()) + 1
        self.stop_ids = frozenset(control_ids[stop] for stop in stops)
        self.own_stop_id = control_ids[stops[0]]
        self.pad_id = control_ids.get(special.get("pad_token") or "", self.own_stop_id)
        self.max_chars_per_id = max(map(len, self._encoder.vocab)) + _SPACE_BEFORE_WORD
        self._stop_of_id = {control_ids[stop]: stop for stop in stops}

    @property
    def calling(self) -> Calling:
        """How the model calls tools.

        Raises:
            TemplateRefused: the template writes calls in no format that is known here.
        """
        if self._with_tools.calling is not None:
            return self._with_tools.calling
        raise TemplateRefused(
            "the chat template writes tool calls in a format that is not known",
            expected="one of the formats of llm_envs.chat.calls",
            received=self._with_tools.example_of_calls(),
            next_step="Set tokenizer.chat_template to one that writes calls as <tool_call>{...}</tool_call>.",
        )

    @property
    def has_tool_sheet(self) -> bool:
        """The template does not show tools, or not how they are called: a sheet in the prompt does."""
        return self._with_tools.has_sheet

    @property
    def carries_results(self) -> bool:
        """The template has no role `tool`: results are carried in messages of the user."""
        return self._with_tools.carries_results

    @classmethod
    def from_name(cls, name: str) -> HFChatTokenizer:
        """The tokenizer in a local folder, or of a Hub repository.

        Raises:
            UnknownTokenizer: there is none, or it cannot be reached.
            TemplateRefused: its chat template cannot be served.
            MissingExtra: transformers is not installed.
        """
        try:
            from transformers import AutoTokenizer  # imported where used: slow, and an optional extra
        except ImportError as error:
            raise MissingExtra.of("hf", "transformers", f"the tokenizer {name!r}") from error
        try:
            tokenizer = AutoTokenizer.from_pretrained(name)
        except Exception as error:  # a folder may be broken in any way
            raise UnknownTokenizer(
                f"the tokenizer {name!r} cannot be loaded",
                expected='"bytes", a folder with tokenizer.json and tokenizer_config.json, or a reachable Hub name',
                received=f"{type(error).__name__}: {error}",
                next_step="Check the spelling and the network (HF_HUB_OFFLINE=1 uses the local cache only).",
            ) from error
        return cls.of(tokenizer)

    @classmethod
    def of(cls, tokenizer: Any) -> HFChatTokenizer:
        """The chat tokenizer of a Hugging Face tokenizer object; the same one each time, while the object lives.

        Raises:
            UnknownTokenizer: the object has no `tokenizers` backend, or no chat template.
            TemplateRefused: its chat template cannot be served.
        """
        snapshot = _snapshot_of(tokenizer)
        with _LOCK:
            known = _KNOWN.get(tokenizer)
            if known is None or known[0] != snapshot.key:
                known = _KNOWN[tokenizer] = (snapshot.key, cls(snapshot))
            return known[1]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._snapshot,)

    def encode_prompt(self, messages: Sequence[Message], tools: Tools = ()) -> list[int]:
        """The opening context, up to where the policy's first turn begins.

        Raises:
            TemplateRefused: the template rejects a message, or drops its content.
        """
        return self._dialect(tools).prompt_ids(messages, tools)

    def encode_delta(
        self, messages: Sequence[Message], new: Sequence[Message], stop_id: int, tools: Tools = ()
    ) -> list[int]:
        """What stands between a sampled turn, ended by `stop_id`, and the next one.

        Raises:
            TemplateRefused: the template rejects a new message, or drops its content.
        """
        return self._dialect(tools).delta_ids(messages, new, self._stop_of_id[stop_id], tools)

    def encode_reply(self, text: str) -> list[int]:
        """A whole turn of a policy that speaks text, closed by the template's own end of turn.

        Added tokens such as `<think>` encode as themselves, and so do the markers of calls and reasoning; other special
        tokens in the text become plain characters.
        """
        return [*self._encoder.encode_reply(text, self.stop_ids, self._with_tools.said_by_policy), self.own_stop_id]

    def decode(self, ids: Sequence[int] | NDArray[Any]) -> str:
        """The text of `ids`, control tokens included, malformed bytes replaced."""
        return self._encoder.decode(np.asarray(ids, np.int64).tolist())

    def _dialect(self, tools: Tools) -> _Dialect:
        return self._with_tools if tools else self._plain


class _Dialect:
    """One template of a tokenizer, ready to use: some have another one for conversations with tools."""

    def __init__(self, source: str, special_tokens: Mapping[str, Any], encoder: GuardedEncoder) -> None:
        self._template = ChatTemplate(source, special_tokens)
        self._encoder = encoder
        endings = find_endings(self._template, encoder, special_tokens.get("eos_token"))
        self.profile = find_profile(self._template, encoder, endings)
        self._delta = SentinelDelta(
            self._template, encoder, endings, history_matters=not self.profile.dummy_history_safe
        )
        self.carries_results = "tool" not in self.profile.roles

    @cached_property
    def calling(self) -> Calling | None:
        return find_calling(self._template, self.profile, self._encoder.control_ids)

    @cached_property
    def has_sheet(self) -> bool:
        return not says_how(self._template, self._encoder.control_ids)

    @cached_property
    def said_by_policy(self) -> frozenset[str]:
        """Control strings that a policy writes to call and to reason."""
        if self.calling is None:
            return frozenset()
        example = self.calling.write([Call("look", {"what": "x"}), Call("find_all", {"what": "y"})])
        return frozenset(self._encoder.find_controls(example + "".join(self.calling.thinking)))

    def example_of_calls(self) -> str:
        """How the template writes a call."""
        return self._template.try_render([USER, calling("this")], open_turn=False).rpartition(USER["content"])[2]

    def prompt_ids(self, messages: Sequence[Message], tools: Tools) -> list[int]:
        messages, tools = self._fitted(messages, tools)
        shape = self._opened(placed(messages, self._encoder), tools)
        require_shown(shape, messages)
        own_controls = self._encoder.controls_among(self._encoder.encode(shape))
        for guard in (Guard(self._encoder), Guard(self._encoder, whole=True)):
            ids = self._encoder.encode(self._opened(guard.messages(messages), tools))
            if self._encoder.controls_among(ids) == own_controls:
                return ids
        raise changed_structure(messages)

    def delta_ids(self, messages: Sequence[Message], new: Sequence[Message], stop: str, tools: Tools) -> list[int]:
        messages, shown = self._fitted(messages, tools)
        return self._delta.ids(messages, self._carried(new), stop, shown)

    def _fitted(self, messages: Sequence[Message], tools: Tools) -> tuple[Sequence[Message], Tools]:
        """The messages as the template takes them, and the tools that it shows itself."""
        messages = self._carried(messages)
        if not tools or not self.has_sheet or self.calling is None:
            return messages, tools
        in_system = self.profile.system in {"own message", "inside the user message"}
        return with_sheet(messages, tools, self.calling, in_system=in_system), self._template.required_tools

    def _carried(self, messages: Sequence[Message]) -> Sequence[Message]:
        if not self.carries_results:
            return messages
        return carried(messages, several=self.profile.consecutive_users)

    def _opened(self, messages: Sequence[Message], tools: Tools) -> str:
        return self._template.render(messages, Guard(self._encoder).tools(tools), open_turn=True)


_KNOWN: WeakKeyDictionary[Any, tuple[Any, HFChatTokenizer]] = WeakKeyDictionary()
"""By tokenizer object: what it was like, and what was made of it; nothing here keeps the object alive."""

_LOCK = threading.Lock()


def _snapshot_of(tokenizer: Any) -> _Snapshot:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise UnknownTokenizer(
            f"the tokenizer {_name_of(tokenizer)!r} has no fast backend",
            expected="a tokenizer backed by the `tokenizers` library",
            received=type(tokenizer).__name__,
            next_step="Load it with AutoTokenizer.from_pretrained; of a processor, pass its .tokenizer.",
        )
    templates = _templates_of(tokenizer)
    return _Snapshot(
        name=_name_of(tokenizer),
        backend=backend,
        template=templates["default"],
        tool_template=templates.get("tool_use", templates["default"]),
        special_tokens=dict(tokenizer.special_tokens_map),
    )


def _templates_of(tokenizer: Any) -> dict[str, str]:
    templates = tokenizer.chat_template
    if isinstance(templates, str):
        return {"default": templates}
    if isinstance(templates, dict) and "default" in templates:
        return templates
    raise UnknownTokenizer(
        f"the tokenizer {_name_of(tokenizer)!r} has no chat template",
        expected="tokenizer.chat_template: a Jinja template, as instruction-tuned models have",
        received=templates,
        next_step='Load the "-Instruct" or "-it" sibling of the model, or set tokenizer.chat_template yourself.',
    )


def _name_of(tokenizer: Any) -> str:
    return str(getattr(tokenizer, "name_or_path", "") or type(tokenizer).__name__)


def _words(special_tokens: Mapping[str, Any]) -> list[str]:
    values = [value if isinstance(value, list) else [value] for value in special_tokens.values()]
    return [str(word) for group in values for word in group]
