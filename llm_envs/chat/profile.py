"""What a chat template can do, found out by rendering small conversations once; never by a model's name.

A profile is for people and for early errors: `llm-envs doctor` prints it. One part of it changes what is done:
`dummy_history_safe` spares rendering the whole conversation at each turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from llm_envs.chat.delta import SentinelDelta
from llm_envs.chat.encoder import GuardedEncoder
from llm_envs.chat.endings import TurnEndings, call_id
from llm_envs.chat.template import SAMPLE_TOOL, ChatTemplate, tool_call
from llm_envs.chat.tokenizer import Tools
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["TemplateProfile", "find_profile"]

SystemHandling = Literal["own message", "inside the user message", "dropped", "rejected"]

_USER: Message = {"role": "user", "content": "ask7word"}
_REPLY: Message = {"role": "assistant", "content": "reply7word"}
_AGAIN: Message = {"role": "user", "content": "again7word"}
_SYSTEM: Message = {"role": "system", "content": "rule7word"}
_FORMATS: tuple[tuple[str, str], ...] = (
    ("harmony", r"to=functions\.look.*<\|message\|>\s*\{"),
    ("arg_key xml", r"look\s*<arg_key>what</arg_key>"),
    ("invoke xml", r"<[^<>]*invoke name=\"look\">"),
    ("function xml", r"<function=look>\s*<parameter=what>"),
    ("function json", r"<function=look>\s*\{"),
    ("call braces", r"call:look\s*\{"),
    ("pythonic", r"look\(what="),
    ("name and json", r"look[^\w{}\"]*(?:```json\s*|<[^<>]*>\s*|\[ARGS\]|\d[^\w{}\"]*)*\{"),
    ("json list", r"\[\s*\{[^{}]*\"(?:name|tool_name)\":\s*\"look\""),
    ("json", r"\{[^{}]*\"(?:name|tool_name)\":\s*\"look\""),
    ("json", r"\{[^{}]*\"function\":\s*\"?\{?"),
)
"""How a call of `look(what=...)` may be written, the most telling first."""


@dataclass(frozen=True, slots=True)
class TemplateProfile:
    """One chat template.

    Args:
        roles: those whose content it shows.
        system: what becomes of a system message.
        consecutive_users: takes two user messages in a row.
        prefix_stable: rendering a longer conversation never changes the text of what came before.
        stops: control strings that end a turn, the template's own first.
        generation_prompt: what opens the policy's turn.
        thinking: the strings around reasoning; None where the template knows none.
        parallel_tool_calls: takes several calls in one turn, and a result for each.
        tool_format: how a tool call is written, coarsely; `none` where the template has no tools.
        dummy_history_safe: what it adds behind a turn does not depend on the conversation before.
    """

    roles: tuple[str, ...]
    system: SystemHandling
    consecutive_users: bool
    prefix_stable: bool
    stops: tuple[str, ...]
    generation_prompt: str
    thinking: tuple[str, str] | None
    parallel_tool_calls: bool
    tool_format: str
    dummy_history_safe: bool


def find_profile(template: ChatTemplate, encoder: GuardedEncoder, endings: TurnEndings) -> TemplateProfile:
    """Probe a template.

    Raises:
        TemplateRefused: it cannot carry on after an assistant's turn.
    """
    _require_two_turns(template)
    has_tools = _shows(template, _USER, _calling("what7word"), _result("seen7word"))
    return TemplateProfile(
        roles=_roles(template, has_tools=has_tools),
        system=_system_handling(template),
        consecutive_users=_shows(template, _USER, _AGAIN),
        prefix_stable=_is_prefix_stable(template, has_tools=has_tools),
        stops=endings.stops,
        generation_prompt=_generation_prompt(template),
        thinking=_thinking(template),
        parallel_tool_calls=template.shows_calls and _takes_parallel_calls(template),
        tool_format=_tool_format(template) if template.shows_calls else "none",
        dummy_history_safe=_is_dummy_history_safe(template, encoder, endings),
    )


def _require_two_turns(template: ChatTemplate) -> None:
    text = template.render([_USER, _REPLY, _AGAIN], template.required_tools, open_turn=True)
    for message in (_USER, _REPLY, _AGAIN):
        if message["content"] not in text:
            raise TemplateRefused(
                f"the chat template drops a {message['role']} message of a two-turn conversation",
                expected="all of user, assistant, user",
                next_step="Set tokenizer.chat_template to one that shows the whole conversation.",
            )


def _shows(template: ChatTemplate, *messages: Message) -> bool:
    text = _rendered(template, messages)
    return text is not None and all(message["content"] in text for message in messages)


def _rendered(template: ChatTemplate, messages: Sequence[Message], *, open_turn: bool = True) -> str | None:
    try:
        return template.render(messages, _tools_for(template, messages), open_turn=open_turn)
    except TemplateRefused:
        return None


def _tools_for(template: ChatTemplate, messages: Sequence[Message]) -> Tools:
    return (SAMPLE_TOOL,) if any("tool_calls" in message for message in messages) else template.required_tools


def _calling(*arguments: str) -> Message:
    calls = [tool_call("look", {"what": argument}, call_id(i)) for i, argument in enumerate(arguments)]
    return {"role": "assistant", "content": "", "tool_calls": calls}


def _result(content: str, index: int = 0) -> Message:
    return {"role": "tool", "content": content, "name": "look", "tool_call_id": call_id(index)}


def _roles(template: ChatTemplate, *, has_tools: bool) -> tuple[str, ...]:
    system = ("system",) if _shows(template, _SYSTEM, _USER) else ()
    return (*system, "user", "assistant", *(("tool",) if has_tools else ()))


def _system_handling(template: ChatTemplate) -> SystemHandling:
    text = _rendered(template, [_SYSTEM, _USER])
    alone = _rendered(template, [_USER]) or ""
    if text is None:
        return "rejected"
    if _SYSTEM["content"] not in text:
        return "dropped"
    before_user = alone.partition(_USER["content"])[0]
    before_system = text.partition(_SYSTEM["content"])[0]
    return "inside the user message" if before_system == before_user else "own message"


def _is_prefix_stable(template: ChatTemplate, *, has_tools: bool) -> bool:
    plain = [_SYSTEM] if _shows(template, _SYSTEM, _USER) else []
    conversation = [*plain, _USER, _REPLY, _AGAIN, {**_REPLY, "content": "more7word"}, _AGAIN]
    with_tools = [*plain, _USER, _calling("what7word"), _result("seen7word"), _REPLY, _AGAIN]
    return _grows(template, conversation) and (not (has_tools and template.shows_calls) or _grows(template, with_tools))


def _grows(template: ChatTemplate, messages: Sequence[Message]) -> bool:
    """True where each beginning that awaits a reply renders to a beginning of the whole."""
    tools = _tools_for(template, messages)
    whole = template.render(messages, tools, open_turn=True)
    awaiting = [end for end, message in enumerate(messages) if message["role"] == "assistant"]
    return all(whole.startswith(template.render(messages[:end], tools, open_turn=True)) for end in awaiting)


def _generation_prompt(template: ChatTemplate) -> str:
    closed, opened = (_rendered(template, [_USER], open_turn=open_turn) or "" for open_turn in (False, True))
    return opened.removeprefix(closed) if opened.startswith(closed) else opened.partition(_USER["content"])[2]


def _thinking(template: ChatTemplate) -> tuple[str, str] | None:
    """The strings around reasoning that is given apart from content, in a turn that is the last one."""
    reasoned: Any = {**_REPLY, "reasoning_content": "why7word", "thinking": "why7word"}
    before, shown, after = (_rendered(template, [_USER, reasoned], open_turn=False) or "").partition("why7word")
    turn = before.rpartition(_USER["content"])[2]
    opening = re.search(r"(?:<[^<>]*>\w*)?[<\[][^<>\[\]]*[>\]]\s*\Z", turn.removeprefix(_generation_prompt(template)))
    closing = re.match(r"\s*[<\[][^<>\[\]]*[>\]]", after)
    if shown and opening and closing:
        return opening.group().strip(), closing.group().strip()
    return _opened_thinking(_generation_prompt(template))


def _opened_thinking(generation_prompt: str) -> tuple[str, str] | None:
    opening = re.search(r"<(think\w*|seed:think)>", generation_prompt)
    return (opening.group(), f"</{opening.group(1)}>") if opening else None


def _takes_parallel_calls(template: ChatTemplate) -> bool:
    calling = _calling("what7word", "other7word")
    text = _rendered(template, [_USER, calling, _result("seen7word"), _result("heard7word", 1)])
    return text is not None and all(word in text for word in ("what7word", "other7word", "seen7word", "heard7word"))


def _tool_format(template: ChatTemplate) -> str:
    text = _rendered(template, [_USER, _calling("what7word")], open_turn=False)
    if text is None:
        text = _rendered(template, [_USER, _calling("what7word"), _result("seen7word")]) or ""
    written = text.rpartition(_USER["content"])[2]
    return next((name for name, pattern in _FORMATS if re.search(pattern, written, re.DOTALL)), "other")


def _is_dummy_history_safe(template: ChatTemplate, encoder: GuardedEncoder, endings: TurnEndings) -> bool:
    """True where no history that the template takes changes what it adds behind a turn."""
    with_tool = (SAMPLE_TOOL,)
    probes = [(_AGAIN, template.required_tools), (_AGAIN, with_tool), (_result("seen7word"), with_tool)]
    delta = SentinelDelta(template, encoder, endings)
    for new, tools in probes:
        answers = {_try_delta(delta, [*history, _REPLY], new, endings.stops[0], tools) for history in _HISTORIES}
        if len(answers - {None}) > 1:
            return False
    return True


_HISTORIES: tuple[tuple[Message, ...], ...] = (
    (_USER,),
    (_SYSTEM, _USER),
    (_USER, _REPLY, _AGAIN),
    (_SYSTEM, _USER, _REPLY, _AGAIN),
    (_USER, _calling("what7word"), _result("seen7word")),
    (_SYSTEM, _USER, _calling("what7word"), _result("seen7word"), _REPLY, _AGAIN),
)


def _try_delta(
    delta: SentinelDelta, messages: Sequence[Message], new: Message, stop: str, tools: Tools
) -> tuple[int, ...] | None:
    try:
        return tuple(delta.ids(messages, [new], stop, tools))
    except TemplateRefused:
        return None
