"""What tools take that come with a JSON schema: what prompts show of it, and what is let through."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from llm_envs.errors import BadTool
from llm_envs.tools import Tool, ToolError
from llm_envs.tools.json_schema import arguments_of_schema

RECURSIVE = {
    "$defs": {
        "N": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/N"}}},
        "a/b~c": {"const": 7},
    },
    "properties": {
        "tree": {"$ref": "#/$defs/N", "description": "any"},
        "odd": {"$ref": "#/$defs/a~1b~0c"},
        "kind": {"const": "a"},
        "level": {"enum": [1, 2], "title": "Level"},
        "mixed": {"enum": [1, "a", None]},
        "maybe": {"oneOf": [{"type": "null"}, {"type": "string", "format": "date"}]},
        "list": {"type": ["array", "null"], "items": {"allOf": [{"type": "integer"}]}},
        "several": {"type": ["string", "integer"]},
        "either": {
            "anyOf": [
                {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
                {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]},
            ]
        },
        "both": {
            "allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "integer"}}}],
        },
        "free": {"type": "object"},
        "open": {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
        "title": {"type": "string", "default": "none"},
        "$ref": {"type": "object", "default": {"title": "kept"}},
    },
}


def test_a_schema_is_shown_without_detours():
    """References written out, types named, what may be null as what else it may be; data is left as it is."""
    shown = arguments_of_schema(RECURSIVE, "t").schema
    assert shown["type"] == "object"
    assert shown["properties"] == {
        "tree": {
            "type": "object",
            "properties": {
                "v": {"type": "integer"},
                "next": {"type": "object", "description": "again as in N"},
            },
            "description": "any",
        },
        "odd": {"type": "integer", "const": 7},
        "kind": {"type": "string", "const": "a"},
        "level": {"type": "integer", "enum": [1, 2]},
        "mixed": {"enum": [1, "a", None]},
        "maybe": {"type": "string", "format": "date"},
        "list": {"type": "array", "items": {"type": "integer"}},
        "several": {"type": ["string", "integer"]},
        "either": RECURSIVE["properties"]["either"],
        "both": RECURSIVE["properties"]["both"],
        "free": {"type": "object"},
        "open": {"type": "object", "properties": {"a": {}}},
        "title": {"type": "string", "default": "none"},
        "$ref": {"type": "object", "default": {"title": "kept"}},
    }
    json.dumps(shown)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"tree": {"v": 1, "next": {"next": {"v": 3}}}},
        {"odd": 7, "kind": "a", "level": 2, "mixed": None},
        {"maybe": None},
        {"maybe": "2026-02-28"},
        {"list": [1]},
        {"list": None},
        {"either": {"a": 1}},
        {"either": {"b": 1}},
        {"both": {"a": 1, "b": 1}},
        {"free": {"anything": [{}]}},
        {"open": {"a": 1, "z": 2}},
    ],
)
def test_what_a_schema_takes_is_taken(arguments):
    """Whatever the schema shows of it."""
    assert arguments_of_schema(RECURSIVE, "t").decode(arguments, typed=True) == arguments


@pytest.mark.parametrize(
    "arguments",
    [
        {"zebra": 1},
        {"tree": {"v": 1, "next": {"w": 2}}},
        {"tree": {"v": True}},
        {"odd": 8},
        {"maybe": "2026-02-30"},
        {"list": ["1"]},
        {"either": {}},
        {"either": {"a": 1, "c": 1}},
        {"both": {"a": 1, "c": 1}},
    ],
)
def test_what_a_schema_does_not_take_is_refused_at_every_level(arguments):
    """Extra arguments of nested objects, too, unless the schema allows them."""
    with pytest.raises(ToolError, match="E_ARGS"):
        arguments_of_schema(RECURSIVE, "t").decode(arguments, typed=True)


def test_an_older_dialect_is_held_to_its_own_rules():
    """Definitions under their old name, tuples as a list of items."""
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"p": {"type": "object", "properties": {"x": {"type": "integer"}}}},
        "properties": {"p": {"$ref": "#/definitions/p"}, "t": {"items": [{"type": "integer"}, {"type": "string"}]}},
    }
    arguments = arguments_of_schema(schema, "t")
    assert arguments.schema["properties"]["p"] == {"type": "object", "properties": {"x": {"type": "integer"}}}
    assert arguments.decode({"t": [1, "a"]}, typed=True) == {"t": [1, "a"]}
    for wrong in ({"p": {"x": "1"}}, {"t": ["a"]}, {"q": 1}):
        with pytest.raises(ToolError, match="E_ARGS"):
            arguments.decode(wrong, typed=True)


def _doubling(depth: int) -> dict[str, Any]:
    """References that double at each step."""
    steps = {
        f"d{step}": {"properties": {side: {"$ref": f"#/$defs/d{step + 1}"} for side in "ab"}} for step in range(depth)
    }
    return {"$defs": {**steps, f"d{depth}": {}}, "properties": {"x": {"$ref": "#/$defs/d0"}}}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"type": "array"}, "are no object"),
        ({"type": "objekt"}, "are no JSON schema"),
        ({"properties": {"a": {"type": 5}}}, "are no JSON schema"),
        ({"properties": {"a": {"pattern": "("}}}, "are no JSON schema"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "refer to what is not there"),
        ({"properties": {"a": {"$ref": "https://example.org/a.json"}}}, "refer to what is not there"),
        ([1], "are no JSON schema"),
        (_doubling(12), "too many to show"),
    ],
)
def test_a_schema_that_cannot_be_served_is_refused_at_once(parameters, words):
    """Nothing is fetched from anywhere."""
    with pytest.raises(BadTool, match=words):
        Tool.from_schema({"name": "t", "description": "Do.", "parameters": parameters}, dict)


@pytest.mark.parametrize("schema", ["t", None, {"function": 3}])
def test_what_is_no_schema_of_a_tool_is_refused(schema):
    """With an example of one."""
    with pytest.raises(BadTool, match="no schema of a tool"):
        Tool.from_schema(schema, dict)


def test_only_tools_with_a_schema_pay_for_its_checks():
    """The library that checks them is slow to import."""
    seen = "import sys, llm_envs.tools; print('jsonschema' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
