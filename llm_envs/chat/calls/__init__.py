"""Calls of tools in the text of a reply: one module for each family of formats, one reader for all.

A format is found by round trip through a tokenizer's own template, never by a model's name.
"""

from llm_envs.chat.calls.by_type import decode_text, value_of
from llm_envs.chat.calls.call import Call, CallAttempt, CallFormat, CallStatus
from llm_envs.chat.calls.calling import Calling, Reading
from llm_envs.chat.calls.formats import FORMATS
from llm_envs.chat.calls.tagged_json import TaggedJson

__all__ = [
    "FORMATS",
    "Call",
    "CallAttempt",
    "CallFormat",
    "CallStatus",
    "Calling",
    "Reading",
    "TaggedJson",
    "decode_text",
    "value_of",
]
