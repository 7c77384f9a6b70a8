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

__all__ = ["Asked", "Raw", "Said", "spoken", "trouble"]

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
    def text(self) -> str:
        """What was said last, in a chat; the prompt, where it is text."""
        if "messages" in self.body:
            return str(self.body["messages"][-1].get("content") or "")
        prompt = self.body.get("prompt", "")
        return prompt if isinstance(prompt, str) else ""

    @property
    def ids(self) -> Sequence[int]:
        """The prompt, where it is token ids."""
        prompt = self.body.get("prompt")
        return prompt if isinstance(prompt, list) else ()

    @property
    def prompt_tokens(self) -> int:
        """How long the prompt is, roughly where it is text."""
        if "messages" in self.body:
            return sum(len(str(message.get("content"))) for message in self.body["messages"]) // _CHARS_PER_TOKEN
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


def spoken(asked: Asked, said: Said, tokenizer: ChatTokenizer, *, gives_ids: bool) -> Raw:
    """The answer to a chat or a completion."""
    body = asked.body
    wants_ids = gives_ids and bool(body.get("return_token_ids"))
    logprobs = body.get("logprobs")
    wants_logprobs = logprobs is not None and logprobs is not False
    cut = body.get("max_tokens") or body.get("max_completion_tokens")
    ids = _ids(said, tokenizer) if wants_ids or wants_logprobs or cut else []
    if ids and cut and len(ids) > cut:
        ids = ids[:cut]
        said = Said(tokenizer.decode(ids), "length", said.more)
    chat = "messages" in body
    choice: dict[str, Any] = {"index": 0, "finish_reason": said.finish, "stop_reason": None, "logprobs": None}
    if chat:
        choice["message"] = {"role": "assistant", "content": said.text, **said.more}
    else:
        choice["text"] = said.text
    if wants_ids:
        choice["token_ids"] = ids
        if not chat:
            choice["prompt_token_ids"] = list(asked.ids)
    if wants_logprobs:
        choice["logprobs"] = _logprobs(ids, tokenizer, chat=chat)
    sampled = len(ids) or 1 + len(said.text or "") // _CHARS_PER_TOKEN
    usage = {"prompt_tokens": asked.prompt_tokens, "completion_tokens": sampled}
    usage["total_tokens"] = sum(usage.values())
    whole = {"id": f"fake-{asked.number}", "object": "chat.completion" if chat else "text_completion", "created": 0}
    return Raw(200, {**whole, "model": body.get("model"), "choices": [choice], "usage": usage})


def _ids(said: Said, tokenizer: ChatTokenizer) -> list[int]:
    ids = tokenizer.encode_reply(said.text or "")
    return ids if said.finish == "stop" else ids[:-1]


def logprob(token: int) -> float:
    """Of any id: made up, always the same, a different one for ids that lie close."""
    return -0.125 * (1 + token % 8)


def _logprobs(ids: Sequence[int], tokenizer: ChatTokenizer, *, chat: bool) -> dict[str, Any]:
    if chat:
        return {"content": [{"token": tokenizer.decode([i]), "logprob": logprob(i), "top_logprobs": []} for i in ids]}
    return {"token_logprobs": [logprob(i) for i in ids], "tokens": [tokenizer.decode([i]) for i in ids]}
