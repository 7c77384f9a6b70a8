"""What is asked and said, in OpenAI's words, with the additions of vLLM.

Source: the request and response models of vLLM's OpenAI-compatible server (`return_token_ids`, `token_ids`,
`prompt_token_ids`, `reasoning`, `stop_reason`, `max_model_len`); SGLang has the first three per choice as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from llm_envs.chat.tokenizer import ChatTokenizer

__all__ = ["Asked", "Raw", "Said", "Speaker", "logprob", "trouble"]

_CHARS_PER_TOKEN = 4
"""Of a chat, for its usage: nobody here counts real tokens."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request.

    Args:
        number: how many came before it.
        body: its JSON.
        fault: what it met.
        headers: names in lower case.
    """

    number: int
    path: str
    body: Mapping[str, Any]
    fault: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_chat(self) -> bool:
        """It came to /v1/chat/completions."""
        return self.path.endswith("/chat/completions")

    @property
    def text(self) -> str:
        """What was said last, in a chat; the prompt, where it is text."""
        if self.is_chat:
            return str(self._messages[-1].get("content") or "") if self._messages else ""
        prompt = self.body.get("prompt", "")
        return prompt if isinstance(prompt, str) else ""

    @property
    def _messages(self) -> Sequence[Mapping[str, Any]]:
        found = self.body.get("messages")
        return [message for message in found if isinstance(message, dict)] if isinstance(found, list) else []

    @property
    def ids(self) -> Sequence[int]:
        """The prompt, where it is token ids."""
        prompt = self.body.get("prompt")
        return prompt if isinstance(prompt, list) else ()

    @property
    def prompt_tokens(self) -> int:
        """How long the prompt is, roughly where it is text."""
        if self.is_chat:
            return sum(len(str(message.get("content"))) for message in self._messages) // _CHARS_PER_TOKEN
        return len(self.ids) or len(self.text) // _CHARS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class Said:
    """One answer.

    Args:
        text: None for a message without content.
        finish: what stands as `finish_reason`.
        more: further fields of the message, such as `reasoning`, `refusal` or `tool_calls`.
    """

    text: str | None
    finish: str = "stop"
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer as it goes over the wire, for whatever a server may say besides.

    Args:
        is_json: what the header says of a body that is text; any other body is JSON.
    """

    status: int
    body: str | Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    is_json: bool = False

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    @property
    def content_type(self) -> str:
        """As the header says."""
        is_text = isinstance(self.body, str) and not self.is_json
        return "text/html; charset=utf-8" if is_text else "application/json"


def trouble(status: int, message: str, code: str | None = None, headers: Mapping[str, str] | None = None) -> Raw:
    """An error, as OpenAI words them."""
    kind = HTTPStatus(status).phrase.replace(" ", "") + "Error"
    return Raw(status, {"error": {"message": message, "type": kind, "param": None, "code": code}}, headers or {})


class Speaker:
    """Puts what is said into a response.

    Args:
        gives_ids: token ids too, where they are asked for.
    """

    def __init__(self, tokenizer: ChatTokenizer, *, gives_ids: bool) -> None:
        self._tokenizer = tokenizer
        self._gives_ids = gives_ids
        self._entries: dict[int, dict[str, Any]] = {}

    def answer(self, asked: Asked, said: Said) -> Raw:
        """The answer to a chat or a completion, cut off at the length that was asked for."""
        body = asked.body
        ids = self._ids(said) if _LONGER & body.keys() else []
        cut = body.get("max_tokens") or body.get("max_completion_tokens")
        if ids and cut and len(ids) > cut:
            ids = ids[:cut]
            said = Said(self._tokenizer.decode(ids), "length", said.more)
        sampled = len(ids) or 1 + len(said.text or "") // _CHARS_PER_TOKEN
        usage = {"prompt_tokens": asked.prompt_tokens, "completion_tokens": sampled}
        plain = {
            "id": f"fake-{asked.number}",
            "object": "chat.completion" if asked.is_chat else "text_completion",
            "created": 0,
            "model": body.get("model"),
            "choices": [self._choice(asked, said, ids)],
            "usage": {**usage, "total_tokens": sum(usage.values())},
        }
        return Raw(200, plain)

    def _choice(self, asked: Asked, said: Said, ids: list[int]) -> dict[str, Any]:
        choice: dict[str, Any] = {"index": 0, "finish_reason": said.finish, "stop_reason": None, "logprobs": None}
        if asked.is_chat:
            choice["message"] = {"role": "assistant", "content": said.text, **said.more}
        else:
            choice["text"] = said.text
        if self._gives_ids and asked.body.get("return_token_ids"):
            choice["token_ids"] = ids
            choice["prompt_token_ids"] = None if asked.is_chat else list(asked.ids)
        logprobs = asked.body.get("logprobs")
        if logprobs is not None and logprobs is not False:
            choice["logprobs"] = self._logprobs(ids, chat=asked.is_chat)
        return choice

    def _ids(self, said: Said) -> list[int]:
        ids = self._tokenizer.encode_reply(said.text or "")
        return ids if said.finish == "stop" else ids[:-1]

    def _logprobs(self, ids: Sequence[int], *, chat: bool) -> dict[str, Any]:
        entries = [self._entries.get(i) or self._entry(i) for i in ids]
        if chat:
            return {"content": entries}
        return {name: [entry[of] for entry in entries] for name, of in _COMPLETION_LOGPROBS.items()}

    def _entry(self, token: int) -> dict[str, Any]:
        """What a chat's log-probabilities say of one id."""
        entry = {"token": self._tokenizer.decode([token]), "logprob": logprob(token), "top_logprobs": []}
        return self._entries.setdefault(token, entry)


_LONGER = frozenset({"return_token_ids", "logprobs", "max_tokens", "max_completion_tokens"})
"""Fields for which the answer's ids are needed."""

_COMPLETION_LOGPROBS = {"token_logprobs": "logprob", "tokens": "token"}


def logprob(token: int) -> float:
    """Of any id: made up, always the same, a different one for ids that lie close."""
    return -0.125 * (1 + token % 8)
