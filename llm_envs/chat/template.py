"""A Hugging Face chat template, compiled: messages in, text out.

Rendering is a pure function of its arguments: a template that asks for today's date always gets the same day, so that
episodes replay. Templates disagree on two shapes, text content and tool-call arguments; both are found out once, here,
and hidden from everybody else. This module neither tokenizes nor guards content.

Source: the rendering contract of `transformers` (variables, `tojson`, `raise_exception`, `generation` blocks).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser
import jinja2.sandbox

from llm_envs.chat.probe import TOOL, USER, calling, result, words
from llm_envs.chat.tokenizer import Tools
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["ChatTemplate"]

TODAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""What templates that print the date are told: a real clock would make two runs of one seed differ."""


class ChatTemplate:
    """One template with the special tokens it may print.

    Args:
        source: the Jinja source.
        special_tokens: `bos_token`, `eos_token` and the like, as the template sees them.

    Attributes:
        required_tools: what it cannot be rendered without: nothing, or one sample tool.
        shows_calls: it writes an assistant message's tool calls; others leave them to content.

    Raises:
        TemplateRefused: it is no Jinja template, or it does not show what a user says.
    """

    def __init__(self, source: str, special_tokens: Mapping[str, Any]) -> None:
        self.source = source
        self._special_tokens = dict(special_tokens)
        self._compiled = _compile(source)
        self.required_tools: Tools
        self._content_as_parts: bool
        self._call_shape: _CallShape = _as_given
        self._find_user_shape()
        self.shows_calls = self._find_call_shape()

    def render(self, messages: Sequence[Message], tools: Tools = (), *, open_turn: bool) -> str:
        """The conversation as text; `open_turn` appends what opens the policy's turn.

        Raises:
            TemplateRefused: the template rejects these messages.
        """
        try:
            return self._compiled.render(
                messages=[self._shaped(message) for message in messages],
                tools=[dict(tool) for tool in tools] or None,
                documents=None,
                add_generation_prompt=open_turn,
                **self._special_tokens,
            )
        except Exception as error:  # a template is a foreign program: it may raise anything
            raise TemplateRefused(
                "the chat template rejects these messages",
                expected="an order of roles that the template takes",
                received=f"{', '.join(message['role'] for message in messages)}: {type(error).__name__}: {error}",
                next_step="Run `llm-envs doctor TOKENIZER` to see which roles it takes, and use only those.",
            ) from error

    def _shaped(self, message: Message) -> dict[str, Any]:
        shaped: dict[str, Any] = dict(message)
        if "tool_calls" in shaped:
            shaped = self._call_shape(shaped)
        if self._content_as_parts and isinstance(shaped.get("content"), str):
            shaped["content"] = [{"type": "text", "text": shaped["content"]}]
        return shaped

    def try_render(self, messages: Sequence[Message], tools: Tools | None = None, *, open_turn: bool = True) -> str:
        """The conversation as text, empty where the template rejects it; offered the tools that it calls for."""
        calls = any("tool_calls" in message for message in messages)
        try:
            return self.render(messages, tools or ((TOOL,) if calls else self.required_tools), open_turn=open_turn)
        except TemplateRefused:
            return ""

    def shows(self, *messages: Message) -> bool:
        """Whether the template takes these messages and prints every word of them."""
        text = self.try_render(messages)
        return bool(text) and all(word in text for word in words(messages))

    def _find_user_shape(self) -> None:
        for self.required_tools, self._content_as_parts in (((), False), ((), True), ((TOOL,), False), ((TOOL,), True)):
            if self.shows(USER):
                return
        self.required_tools, self._content_as_parts = (), False
        self.render([USER], open_turn=True)  # where it raises, its own complaint says more
        raise TemplateRefused(
            "the chat template does not show what the user says",
            expected="a template that prints the content of user messages",
            received=self.source,
            next_step="Set tokenizer.chat_template to one that does.",
        )

    def _find_call_shape(self) -> bool:
        for self._call_shape in _CALL_SHAPES:
            if self.shows(USER, calling("what7word"), result("seen7word")):
                return True
        self._call_shape = _as_given
        return False


def _as_given(message: dict[str, Any]) -> dict[str, Any]:
    return message


def _with_json_arguments(message: dict[str, Any]) -> dict[str, Any]:
    calls = [dict(call, function=_json_arguments(call["function"])) for call in message["tool_calls"]]
    return dict(message, tool_calls=calls)


def _without_content(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key != "content"}


def _without_content_json(message: dict[str, Any]) -> dict[str, Any]:
    return _without_content(_with_json_arguments(message))


_CallShape = Callable[[dict[str, Any]], dict[str, Any]]

_CALL_SHAPES: tuple[_CallShape, ...] = (_as_given, _with_json_arguments, _without_content, _without_content_json)
"""How templates want an assistant message with tool calls, the most usual shape first."""


def _json_arguments(function: Mapping[str, Any]) -> dict[str, Any]:
    arguments = function["arguments"]
    as_text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return dict(function, arguments=as_text)


class _GenerationBlock(jinja2.ext.Extension):
    """`{% generation %}` marks assistant text for other people's loss masks; here it prints its body."""

    tags = {"generation"}  # noqa: RUF012 -- the attribute Jinja reads

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _compile(source: str) -> jinja2.Template:
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationBlock, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = _tojson
    environment.globals.update(raise_exception=_raise, strftime_now=TODAY.strftime)
    try:
        return environment.from_string(source)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateRefused(
            "the chat template is not valid Jinja",
            received=f"line {error.lineno}: {error}",
            next_step="Set tokenizer.chat_template to a template that transformers itself can render.",
        ) from error


def _tojson(
    value: Any,
    ensure_ascii: bool = False,  # noqa: FBT002 -- the signature that templates call
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT002 -- the same
) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _raise(message: str) -> NoReturn:
    raise jinja2.TemplateError(message)
