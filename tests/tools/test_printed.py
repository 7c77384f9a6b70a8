"""What chat templates make of schemas."""

from __future__ import annotations

import pytest
from templates import distinct, fetched, installed

from llm_envs.chat.template import ChatTemplate
from llm_envs.errors import LLMEnvsError
from llm_envs.tools import Tool, Toolset, tool

PARAMETERS = {
    "$defs": {"Node": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/Node"}}}},
    "properties": {
        "tree": {"$ref": "#/$defs/Node"},
        "kind": {"const": "a"},
        "level": {"enum": [1, 2]},
        "maybe": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "either": {"oneOf": [{"type": "integer"}, {"type": "object", "properties": {"inner": {"type": "string"}}}]},
        "several": {"type": ["string", "integer"], "description": "any"},
        "list": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string", "format": "date"}]}},
        "anything": {},
        "names": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["tree", "kind"],
}
TEMPLATES = distinct({**installed(), **fetched()})


@tool
def look(city: str) -> str:
    """Look."""
    return city


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_shows_tools_shows_every_parameter(name):
    """Whatever the schema was made of."""
    question = [{"role": "user", "content": "Hello."}]
    try:
        template = ChatTemplate(TEMPLATES[name], {"bos_token": "<s>", "eos_token": "</s>"})
        shown = template.render(question, Toolset([look]).schemas, open_turn=True)
    except LLMEnvsError:
        pytest.skip("it takes no tools")
    if "city" not in shown:
        pytest.skip("it shows no tools")
    search = Tool.from_schema({"name": "search", "description": "Search.", "parameters": PARAMETERS}, dict)
    shown = template.render(question, Toolset([search]).schemas, open_turn=True)
    assert not [parameter for parameter in PARAMETERS["properties"] if parameter not in shown]
