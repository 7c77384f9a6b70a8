"""Calls of tools in the text of a reply: one module for each family of formats, one reader for all.

A format is found by round trip through a tokenizer's own template, never by a model's name.
"""

from llm_envs.chat.calls.call import Call, CallAttempt, CallFormat, CallStatus
from llm_envs.chat.calls.calling import Calling, Reading
from llm_envs.chat.calls.tagged_json import TaggedJson

__all__ = ["Call", "CallAttempt", "CallFormat", "CallStatus", "Calling", "Reading", "TaggedJson"]
