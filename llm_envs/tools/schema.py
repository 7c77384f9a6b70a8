"""From a function's hints and docstring to the JSON schema of its arguments, and from arguments to Python values.

Schemas are normalised: no titles, no `$ref`, no `anyOf` around an optional value, extra arguments forbidden. What is
declared is what is taken: nothing is converted but what JSON itself cannot say, such as dates.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from llm_envs.errors import BadTool, MissingExtra
from llm_envs.tools.errors import ToolError

try:
    import docstring_parser
    import jsonschema  # type: ignore[import-untyped]
    import pydantic
except ModuleNotFoundError as missing:
    raise MissingExtra.of("tools", missing.name or "pydantic", "an env with tools") from missing

__all__ = ["Arguments", "Injected", "arguments_of", "arguments_of_schema", "describe"]

T = TypeVar("T")
_INJECTED = object()
Injected = Annotated[T, _INJECTED]
"""Marks a parameter that the env fills in: `world: Injected[World]`. The policy never hears of it."""

_HINT_EXAMPLE = "def find_order(order_id: str, limit: int = 10) -> list[dict]: ..."
_FAULTS_TOLD = 3
"""Of one call: more would fill the context."""


class Arguments:
    """What a tool takes.

    Args:
        schema: of the object of all arguments, normalised.
        validate: keyword arguments from plain JSON values, or a list of what is wrong.
        injected: the parameter that the env fills in; "" where there is none.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        validate: Callable[[Mapping[str, Any]], dict[str, Any] | list[str]],
        injected: str,
    ) -> None:
        self.schema = schema
        self.injected = injected
        self._validate = validate

    def decode(self, given: Mapping[str, Any], *, typed: bool) -> dict[str, Any]:
        """Keyword arguments for the function.

        Args:
            typed: False where all values are texts, which the declared types decode.

        Raises:
            ToolError: E_ARGS, with everything that is wrong.
        """
        properties = self.schema["properties"]
        values = given if typed else {name: _decoded(text, properties.get(name, {})) for name, text in given.items()}
        found = self._validate(values)
        if isinstance(found, dict):
            return found
        raise ToolError("E_ARGS", "; ".join(found[:_FAULTS_TOLD]))


def describe(function: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """What the docstring says of the function, and of its parameters by name."""
    parsed = docstring_parser.parse(inspect.getdoc(function) or "")
    words = " ".join(filter(None, (parsed.short_description, parsed.long_description)))
    return " ".join(words.split()), {p.arg_name: " ".join((p.description or "").split()) for p in parsed.params}


def arguments_of(function: Callable[..., Any]) -> Arguments:
    """What a function takes.

    Raises:
        BadTool: a parameter has no hint, a type that JSON cannot say, or is `*args` or `**kwargs`.
    """
    name = getattr(function, "__name__", repr(function))
    hints = _hints(function, name)
    _, words = describe(function)
    injected, fields = "", {}
    for parameter in inspect.signature(function).parameters.values():
        hint = _hint(parameter, hints, name)
        if get_origin(hint) is Annotated and _INJECTED in get_args(hint):
            injected = parameter.name
            continue
        default = ... if parameter.default is inspect.Parameter.empty else parameter.default
        fields[parameter.name] = (hint, pydantic.Field(default, description=words.get(parameter.name)))
    model = _model(name, fields)
    return Arguments(_normalised(model.model_json_schema(), name), _by_model(model, tuple(fields)), injected)


def _hints(function: Callable[..., Any], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except Exception as error:  # a hint may be any expression
        raise BadTool(
            f"the hints of the tool {name} cannot be read",
            expected=_HINT_EXAMPLE,
            received=f"{type(error).__name__}: {error}",
            next_step="Import what the hints name at the top of the module.",
        ) from error


def _hint(parameter: inspect.Parameter, hints: Mapping[str, Any], name: str) -> Any:
    if parameter.kind in {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}:
        raise BadTool(
            f"the tool {name} takes any number of arguments",
            expected="parameters by name: a policy must be told what there is to say",
            received=str(parameter),
            next_step="Spell them out, or take one list.",
        )
    if parameter.name not in hints:
        raise BadTool(
            f"the parameter {parameter.name!r} of the tool {name} has no type hint",
            expected=_HINT_EXAMPLE,
            received=str(parameter),
            next_step=f"Write {parameter.name}: str, or whatever it is.",
        )
    return hints[parameter.name]


def _model(name: str, fields: Mapping[str, Any]) -> type[pydantic.BaseModel]:
    config = pydantic.ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    try:
        model: type[pydantic.BaseModel] = pydantic.create_model(f"{name} arguments", __config__=config, **fields)
        model.model_json_schema()
    except (pydantic.errors.PydanticUserError, NameError, TypeError) as error:
        raise BadTool(
            f"the tool {name} takes something that JSON cannot say",
            expected="str, int, float, bool, Literal, enums, dates, lists, dicts, TypedDicts, dataclasses, or models",
            received=str(error).splitlines()[0],
            next_step="Take plain values, and make of them what the tool needs.",
        ) from error
    return model


def _by_model(model: type[pydantic.BaseModel], names: tuple[str, ...]) -> Callable[[Mapping[str, Any]], Any]:
    def validate(given: Mapping[str, Any]) -> dict[str, Any] | list[str]:
        try:
            found = model.model_validate_json(json.dumps(given))
        except pydantic.ValidationError as error:
            return [f"{_place(fault['loc'])}: {fault['msg']}" for fault in error.errors(include_url=False)]
        return {name: getattr(found, name) for name in names}

    return validate


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(map(str, location)) or "arguments"


def arguments_of_schema(schema: Mapping[str, Any], name: str) -> Arguments:
    """What a JSON schema says a tool takes.

    Raises:
        BadTool: it is no schema of an object.
    """
    whole = {"type": "object", "properties": {}, "additionalProperties": False, **schema}
    validator_class = jsonschema.validators.validator_for(whole, default=jsonschema.Draft202012Validator)
    try:
        validator_class.check_schema(whole)
    except jsonschema.SchemaError as error:
        raise BadTool(
            f"the parameters of the tool {name} are no JSON schema",
            expected='{"type": "object", "properties": {...}, "required": [...]}',
            received=error.message,
        ) from error
    if whole["type"] != "object":
        raise BadTool(
            f"the parameters of the tool {name} are no object", expected='"type": "object"', received=whole["type"]
        )
    validator = validator_class(whole)

    def validate(given: Mapping[str, Any]) -> dict[str, Any] | list[str]:
        faults = [f"{_place(tuple(error.absolute_path))}: {error.message}" for error in validator.iter_errors(given)]
        return faults or dict(given)

    return Arguments(_normalised(whole, name), validate, "")


def _normalised(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The schema without titles, references and detours."""
    definitions = schema.get("$defs", {})
    plain = _plain({key: value for key, value in schema.items() if key != "$defs"}, definitions, (), name)
    return {"type": "object", "properties": plain.get("properties", {}), "required": plain.get("required", [])}


def _plain(value: Any, definitions: Mapping[str, Any], inside: tuple[str, ...], name: str) -> Any:
    if isinstance(value, list):
        return [_plain(item, definitions, inside, name) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(reference := value.get("$ref"), str):
        if reference in inside:
            raise BadTool(
                f"the tool {name} takes a type that holds itself", expected="types of bounded depth", received=reference
            )
        target = definitions.get(reference.rpartition("/")[2], {})
        return _plain({**target, **_without(value, "$ref")}, definitions, (*inside, reference), name)
    if (single := _optional(value)) is not None:
        return _plain({**single, **_without(value, "anyOf")}, definitions, inside, name)
    return {
        key: {one: _plain(two, definitions, inside, name) for one, two in item.items()}
        if key == "properties"
        else _plain(item, definitions, inside, name)
        for key, item in value.items()
        if not (
            key == "title"
            or (key == "additionalProperties" and isinstance(item, bool))
            or (key, item) == ("default", None)
        )
    }


def _optional(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The one choice besides null of an `anyOf`."""
    choices = [choice for choice in value.get("anyOf", ()) if choice != {"type": "null"}]
    return choices[0] if len(choices) == 1 else None


def _without(value: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != name}


def _decoded(text: Any, schema: Mapping[str, Any]) -> Any:
    """A text as the declared type wants it; as it is, where it cannot be."""
    if not isinstance(text, str) or schema.get("type") == "string" or ("enum" in schema and text in schema["enum"]):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"true": True, "false": False, "none": None}.get(text.strip().lower(), text)
