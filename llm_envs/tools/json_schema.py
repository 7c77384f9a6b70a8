"""What a tool takes that comes with a JSON schema: of an MCP server, or of whoever has written one by hand.

The schema is shown without references, and closed at every level. Nothing is fetched from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llm_envs.errors import BadTool, MissingExtra
from llm_envs.tools.closed import closed
from llm_envs.tools.printed import printed
from llm_envs.tools.schema import STRICT_JSON, Arguments, Fault

try:
    import jsonschema  # type: ignore[import-untyped]
    import referencing

    from llm_envs.tools.patterns import pattern
except ModuleNotFoundError as missing:
    raise MissingExtra.of("tools", missing.name or "jsonschema", "a tool with a JSON schema") from missing

__all__ = ["arguments_of_schema"]

_OBJECT = '{"type": "object", "properties": {...}, "required": [...]}'


def arguments_of_schema(schema: Mapping[str, Any], name: str) -> Arguments:
    """What a JSON schema says a tool takes.

    Raises:
        BadTool: it is no schema of an object, or refers to what is not there.
    """
    if not isinstance(schema, Mapping):
        raise BadTool(f"the parameters of the tool {name} are no JSON schema", expected=_OBJECT, received=repr(schema))
    whole = {"type": "object", "properties": {}, **schema}
    dialect = jsonschema.validators.validator_for(whole, default=jsonschema.Draft202012Validator)
    try:
        dialect.check_schema(whole)
    except jsonschema.SchemaError as error:
        raise BadTool(
            f"the parameters of the tool {name} are no JSON schema", expected=_OBJECT, received=error.message
        ) from error
    if whole["type"] != "object":
        raise BadTool(
            f"the parameters of the tool {name} are no object", expected='"type": "object"', received=whole["type"]
        )
    shown = printed(whole, name)
    modern = "unevaluatedProperties" in dialect.VALIDATORS
    nothing_elsewhere: referencing.Registry[Any] = referencing.Registry()
    checked = jsonschema.validators.extend(dialect, {"pattern": pattern})
    validator = checked(closed(whole, modern=modern), registry=nothing_elsewhere, format_checker=dialect.FORMAT_CHECKER)

    def validate(given: Mapping[str, Any]) -> dict[str, Any] | list[Fault]:
        plain: dict[str, Any] = json.loads(STRICT_JSON.encode(given))
        faults = [Fault(tuple(error.absolute_path), error.message) for error in validator.iter_errors(plain)]
        return faults or plain

    return Arguments(shown, validate)
