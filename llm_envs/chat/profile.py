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
from llm_envs.chat.endings import TurnEndings
from llm_envs.chat.probe import AGAIN, REPLY, SYSTEM, TOOL, USER, calling, reply, result
from llm_envs.chat.template import ChatTemplate
from llm_envs.chat.tokenizer import Tools
from llm_envs.errors import TemplateRefused
from llm_envs.types import Message

__all__ = ["TemplateProfile", "find_profile"]

SystemHandling = Literal["own message", "inside the user message", "dropped", "rejected"]

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
    thinking = _thinking(template)
    return TemplateProfile(
        roles=_roles(template),
        system=_system_handling(template),
        consecutive_users=template.shows(USER, AGAIN),
        prefix_stable=_is_prefix_stable(template, thinking),
        stops=endings.stops,
        generation_prompt=_generation_prompt(template),
        thinking=thinking,
        parallel_tool_calls=template.shows_calls and template.shows(USER, *_PARALLEL),
        tool_format=_tool_format(template) if template.shows_calls else "none",
        dummy_history_safe=_is_dummy_history_safe(template, encoder, endings),
    )


def _require_two_turns(template: ChatTemplate) -> None:
    text = template.render([USER, REPLY, AGAIN], template.required_tools, open_turn=True)
    for message in (USER, REPLY, AGAIN):
        if message["content"] not in text:
            raise TemplateRefused(
                f"the chat template drops a {message['role']} message of a two-turn conversation",
                expected="all of user, assistant, user",
                next_step="Set tokenizer.chat_template to one that shows the whole conversation.",
            )


def _roles(template: ChatTemplate) -> tuple[str, ...]:
    system = ("system",) if template.shows(SYSTEM, USER) else ()
    tool = ("tool",) if template.shows_calls or template.shows(USER, REPLY, result("seen7word")) else ()
    return (*system, "user", "assistant", *tool)


def _system_handling(template: ChatTemplate) -> SystemHandling:
    text = template.try_render([SYSTEM, USER])
    alone = template.try_render([USER])
    if not text:
        return "rejected"
    if SYSTEM["content"] not in text:
        return "dropped"
    before_user = alone.partition(USER["content"])[0]
    before_system = text.partition(SYSTEM["content"])[0]
    return "inside the user message" if before_system == before_user else "own message"


def _is_prefix_stable(template: ChatTemplate, thinking: tuple[str, str] | None) -> bool:
    system = [SYSTEM] if template.shows(SYSTEM, USER) else []
    opening, closing = thinking or ("", "")
    thoughtful = reply(f"{opening}\nwhy7word\n{closing}\n\nreply7word")
    work = [*system, USER, calling("what7word"), result("seen7word"), REPLY, AGAIN]
    if template.shows_calls and not _grows(template, work):
        return False
    return _grows(template, [*system, USER, thoughtful, AGAIN, REPLY, AGAIN])


def _grows(template: ChatTemplate, messages: Sequence[Message]) -> bool:
    """True where each beginning that awaits a reply renders to a beginning of the whole, and no reasoning is lost."""
    tools = (TOOL,) if any("tool_calls" in message for message in messages) else template.required_tools
    whole = template.try_render(messages, tools)
    if any("why7word" in message["content"] for message in messages) and "why7word" not in whole:
        return False
    awaiting = [messages[:end] for end, message in enumerate(messages) if message["role"] == "assistant"]
    return all(whole.startswith(template.try_render(beginning, tools) or "\0") for beginning in awaiting)


def _generation_prompt(template: ChatTemplate) -> str:
    closed, opened = (template.try_render([USER], open_turn=open_turn) for open_turn in (False, True))
    return opened.removeprefix(closed) if opened.startswith(closed) else opened.partition(USER["content"])[2]


def _thinking(template: ChatTemplate) -> tuple[str, str] | None:
    """The strings around reasoning that is given apart from content, in a turn that is the last one."""
    reasoned: Any = {**REPLY, "reasoning_content": "why7word", "thinking": "why7word"}
    before, shown, after = (template.try_render([USER, reasoned], open_turn=False)).partition("why7word")
    opening = re.search(r"(?:<\|\w+\|>\w+)?[<\[][^<>\[\]]*[>\]]\s*\Z", before.rpartition(USER["content"])[2])
    closing = re.match(r"\s*(?:<\|\w+\|>\w+<\|\w+\|>|[<\[][^<>\[\]]*[>\]])", after)
    if shown and opening and closing:
        return opening.group().strip(), closing.group().strip()
    return _opened_thinking(_generation_prompt(template))


def _opened_thinking(generation_prompt: str) -> tuple[str, str] | None:
    opening = re.search(r"<(think\w*|seed:think)>", generation_prompt)
    return (opening.group(), f"</{opening.group(1)}>") if opening else None


def _tool_format(template: ChatTemplate) -> str:
    conversation = [USER, calling("what7word"), result("seen7word")]
    text = template.try_render(conversation[:2], open_turn=False) or template.try_render(conversation)
    written = text.rpartition(USER["content"])[2]
    return next((name for name, pattern in _FORMATS if re.search(pattern, written, re.DOTALL)), "other")


def _is_dummy_history_safe(template: ChatTemplate, encoder: GuardedEncoder, endings: TurnEndings) -> bool:
    """True where no history that the template takes changes what it adds behind a turn."""
    with_tool = (TOOL,)
    seen, heard = result("seen7word", 5), result("heard7word", 6)
    probes = [
        ([AGAIN], template.required_tools),
        ([AGAIN], with_tool),
        ([seen], with_tool),
        ([seen, heard], with_tool),
    ]
    delta = SentinelDelta(template, encoder, endings)
    for new, tools in probes:
        answers = {_try_delta(delta, [*history, REPLY], new, endings.stops[0], tools) for history in _HISTORIES}
        if len(answers - {None}) > 1:
            return False
    return True


_PARALLEL = (calling("what7word", "other7word"), result("seen7word"), result("heard7word", 1))

_HISTORIES: tuple[tuple[Message, ...], ...] = (
    (USER,),
    (SYSTEM, USER),
    (USER, REPLY, AGAIN),
    (SYSTEM, USER, REPLY, AGAIN),
    (USER, calling("what7word"), result("seen7word")),
    (SYSTEM, USER, calling("what7word"), result("seen7word"), REPLY, AGAIN),
)


def _try_delta(
    delta: SentinelDelta, messages: Sequence[Message], new: Sequence[Message], stop: str, tools: Tools
) -> tuple[int, ...] | None:
    try:
        return tuple(delta.ids(messages, new, stop, tools))
    except TemplateRefused:
        return None
