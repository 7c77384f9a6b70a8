"""Which call format a chat template writes, found out by having it write calls and reading them back.

A format is taken where it reads every probe exactly as it was meant; of several, one that writes the simplest probe as
the template does. A template that is shown tools but writes no calls is taken at its word: it has the format whose
marker it mentions. Names of models are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from llm_envs.chat.calls import FORMATS, Call, CallAttempt, CallFormat, Calling, TaggedJson
from llm_envs.chat.calls.by_type import decode_text
from llm_envs.chat.probe import USER, call_id, result, tool_call
from llm_envs.chat.profile import TemplateProfile
from llm_envs.chat.template import ChatTemplate
from llm_envs.types import Message

__all__ = ["find_calling", "says_how", "writes_alike"]

_TOOLS: tuple[dict[str, Any], ...] = tuple(
    {
        "type": "function",
        "function": {
            "name": name,
            "description": "Find a thing.",
            "parameters": {
                "type": "object",
                "properties": {
                    "what": {"type": "string", "description": "Its name."},
                    "times": {"type": "integer", "description": "How often."},
                    "slowly": {"type": "boolean", "description": "Take time."},
                    "where": {
                        "type": "object",
                        "description": "Where.",
                        "additionalProperties": {"type": "string"},
                    },
                },
                "required": ["what"],
            },
        },
    }
    for name in ("look", "find_all")
)
_PROPERTIES = _TOOLS[0]["function"]["parameters"]["properties"]

_ONE = Call("look", {"what": "one7word"})
_PROBES: tuple[tuple[Call, ...], ...] = (
    (_ONE,),
    (Call("find_all", {"what": "two7word", "times": 3, "slowly": True}),),
    (Call("look", {"what": 'a "b"\n  <c> é東 {d}, [e]'}),),
    (Call("find_all", {"what": "x7word", "where": {"rooms": [1, 2.5, {"name": "y7word"}], "open": False}}),),
)
_PARALLEL = (_ONE, Call("find_all", {"what": "two7word", "times": 3}))

_THINKING = (("<think>", "</think>"), ("[THINK]", "[/THINK]"), ("<|channel>thought", "<channel|>"))
"""Markers of reasoning that templates mention without writing reasoning by them; the usual ones first."""

_HEADERS = (
    r"<\|start\|>assistant|(?:^|(?<=assistant)) ?to=[\w.]{1,128}(?=<\|message\|>)|<\|channel\|>[a-z]{1,32}"
    r"|<\|(?:message|end|eom|call)\|>|<\|(?:open|close)\|>[a-z]{1,32}<\|sep\|>"
)
"""Of messages within a turn, where templates write channels and recipients."""


def find_calling(template: ChatTemplate, profile: TemplateProfile, controls: Collection[str] = ()) -> Calling | None:
    """How the model behind a template calls tools; None where the template writes calls in no format that is known.

    Args:
        controls: control strings of the tokenizer: they tell the format of a template that shows tools but no calls.
    """
    if not template.shows_calls:
        mentioned = _mentioned(template, controls) if shows_tools(template) else None
        return _calling(template, profile, mentioned or TaggedJson(), parallel=True)
    parallel = profile.parallel_tool_calls
    probes = [*_PROBES, _PARALLEL] if parallel else list(_PROBES)
    said = [(probe, _said(template, probe)) for probe in probes]
    fitting = []
    for form in FORMATS:
        calling = _calling(template, profile, form, parallel=parallel)
        if all(_reads_back(calling, probe, turn) for probe, turn in said):
            fitting.append(calling)
    return min(fitting, key=lambda calling: not writes_alike(template, calling), default=None)


def shows_tools(template: ChatTemplate) -> bool:
    """Whether the prompt names the tools that may be called."""
    return "find_all" in template.try_render([USER], _TOOLS)


def says_how(template: ChatTemplate, controls: Collection[str] = ()) -> bool:
    """Whether a template shows tools, and leaves no doubt how they are called."""
    return shows_tools(template) and (template.shows_calls or _mentioned(template, controls) is not None)


def writes_alike(template: ChatTemplate, calling: Calling) -> bool:
    """Whether calls are written character by character as the template writes them."""
    probes = [(_ONE,), _PARALLEL] if calling.parallel else [(_ONE,)]
    return all(calling.format.write(calls) in _said(template, calls).text for calls in probes)


def _calling(template: ChatTemplate, profile: TemplateProfile, form: CallFormat, *, parallel: bool) -> Calling:
    mentioned = (pair for pair in _THINKING if all(mark in template.source for mark in pair))
    thinking = profile.thinking or next(mentioned, _THINKING[0])
    opened = profile.generation_prompt.rstrip().endswith(thinking[0])
    headers = _HEADERS if any(mark in template.source for mark in ("<|message|>", "<|open|>")) else ""
    calling = Calling(form, parallel, thinking, opened, headers)
    thought = _read(calling, _said(template, (_ONE,))) if template.shows_calls else ()
    if any(attempt.status == "in_reasoning" for attempt in thought):  # markers of everything, not of reasoning alone
        return Calling(form, parallel, headers=headers)
    return calling


class _Turn(NamedTuple):
    """What a policy would say; `opened`: it begins right where the template opens the turn."""

    text: str
    opened: bool


def _read(calling: Calling, turn: _Turn) -> tuple[CallAttempt, ...]:
    return replace(calling, opened=calling.opened and turn.opened).read(turn.text).attempts


def _reads_back(calling: Calling, calls: Sequence[Call], turn: _Turn) -> bool:
    attempts = _read(calling, turn)
    found = [(one.status, one.name, _decoded(one.arguments, typed=one.typed)) for one in attempts]
    return found == [("ok", call.name, dict(call.arguments)) for call in calls]


def _decoded(arguments: Mapping[str, Any], *, typed: bool) -> dict[str, Any]:
    if typed:
        return dict(arguments)
    return {name: decode_text(text, _PROPERTIES.get(name, {})) for name, text in arguments.items()}


def _said(template: ChatTemplate, calls: Sequence[Call]) -> _Turn:
    """The turn that makes these calls; templates that write calls only once they are answered are given answers."""
    written = [tool_call(call.name, call.arguments, call_id(index)) for index, call in enumerate(calls)]
    turn: Message = {"role": "assistant", "content": "", "tool_calls": written}
    answers = [result("seen7word", index) for index in range(len(calls))]
    opening = template.try_render([USER], _TOOLS)
    unanswered = template.try_render([USER, turn], _TOOLS, open_turn=False)
    text = unanswered or template.try_render([USER, turn, *answers], _TOOLS).partition("seen7word")[0]
    if opening and text.startswith(opening):
        return _Turn(text[len(opening) :], opened=True)
    return _Turn(text.rpartition(USER["content"])[2], opened=False)


def _mentioned(template: ChatTemplate, controls: Collection[str]) -> CallFormat | None:
    """The format whose opening marker stands in the template's source, or else in the vocabulary."""
    markers = {form: _marker(form) for form in FORMATS}
    in_source = [form for form, marker in markers.items() if marker and marker in template.source]
    known = in_source or [form for form, marker in markers.items() if marker in controls]
    return max(known, key=lambda form: len(markers[form]), default=None)


def _marker(form: CallFormat) -> str:
    """The first bracketed words that a format writes; "" where it writes none."""
    marker = re.match(r"[<\[][^<>\[\]{]*[>\]]", form.write([_ONE]))
    return marker.group() if marker else ""
