"""What a tool takes: the JSON schema of its arguments, and Python values of what a policy passes.

Of a function with hints and a docstring; what comes as a JSON schema is in `json_schema`. What is declared is what is
taken, at every level: nothing is converted but what JSON itself cannot say, such as dates, and what is not declared is
refused.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from llm_envs.chat.calls import value_of
from llm_envs.errors import BadTool, MissingExtra, did_you_mean
from llm_envs.tools.docstring import Parameter, describe
from llm_envs.tools.errors import ToolError
from llm_envs.tools.printed import printed

try:
    import pydantic
    from pydantic.json_schema import GenerateJsonSchema
except ModuleNotFoundError as missing:
    raise MissingExtra.of("tools", missing.name or "pydantic", "an env with tools") from missing

__all__ = ["STRICT_JSON", "Arguments", "Fault", "Injected", "arguments_of"]

T = TypeVar("T")
_INJECTED = object()
Injected = Annotated[T, _INJECTED]
"""Marks a parameter that the env fills in: `world: Injected[World]`. The policy never hears of it."""

STRICT_JSON = json.JSONEncoder(allow_nan=False)
"""Takes what JSON can say, and nothing else."""

_HINT_EXAMPLE = "def find_order(order_id: str, limit: int = 10) -> list[dict]: ..."
_FAULTS_TOLD = 3
"""Of one call: more would fill the context."""

_FAULT_CHARS = 300
_PLACE_CHARS = 100


class Fault(NamedTuple):
    """What is wrong with the arguments of a call, and where."""

    place: tuple[int | str, ...]
    words: str

    def __str__(self) -> str:
        place = ".".join(map(str, self.place)) or "arguments"
        return f"{_shortened(place, _PLACE_CHARS)}: {_shortened(self.words, _FAULT_CHARS)}"


Validate = Callable[[Mapping[str, Any]], dict[str, Any] | list[Fault]]


class Arguments:
    """What a tool takes.

    Args:
        schema: of the object of all arguments, as prompts show it.
        validate: keyword arguments from plain JSON values, or a list of what is wrong.
        injected: the parameter that the env fills in; "" where there is none.
    """

    def __init__(self, schema: Mapping[str, Any], validate: Validate, injected: str = "") -> None:
        self.schema = schema
        self.injected = injected
        self._validate = validate

    def decode(self, given: Mapping[str, Any], *, typed: bool) -> dict[str, Any]:
        """Keyword arguments for the function, which share nothing with what was given.

        Args:
            typed: False where all values are texts, which the declared types decode.

        Raises:
            ToolError: E_ARGS, with what is wrong.
        """
        values = given if typed else {name: self._decoded(name, text) for name, text in given.items()}
        found = self._checked(values)
        if isinstance(found, list) and not typed:
            found = self._checked(self._read_again(values, found))
        if isinstance(found, dict):
            return found
        raise ToolError("E_ARGS", "; ".join(map(str, found[:_FAULTS_TOLD])))

    def _checked(self, values: Mapping[str, Any]) -> dict[str, Any] | list[Fault]:
        try:
            return self._validate(values)
        except (ValueError, TypeError, RecursionError) as error:  # json's: NaN, depth, digits beyond number
            return [Fault((), f"they are no JSON: {error}")]

    def _decoded(self, name: str, text: Any) -> Any:
        schema = self.schema["properties"].get(name, {})
        is_text = isinstance(schema, Mapping) and schema.get("type") == "string"
        return text if is_text or not isinstance(text, str) else value_of(text)

    def _read_again(self, values: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
        """The values, with the texts that did not fit read as JSON: `null`, where a text or nothing is declared."""
        wrong = {fault.place[0] for fault in faults if fault.place}
        return {name: value_of(value) if name in wrong else value for name, value in values.items()}


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def arguments_of(function: Callable[..., Any]) -> Arguments:
    """What a function takes.

    Raises:
        BadTool: a parameter has no hint, cannot be passed by name, or has a type that JSON cannot say; or the docstring
            describes one that is not there.
    """
    name = getattr(function, "__name__", repr(function))
    hints = _hints(function, name)
    said = describe(function).parameters
    parameters = _parameters(function, name)
    _check_described(function, said, [parameter.name for parameter in parameters], name)
    injected = ""
    fields: dict[str, tuple[Any, Any]] = {}
    for parameter in parameters:
        hint = _hint(parameter, hints, name)
        if get_origin(hint) is Annotated and _INJECTED in get_args(hint):
            if injected:
                raise BadTool(f"the tool {name} asks for two contexts", expected="one parameter that is Injected")
            injected = parameter.name
        else:
            fields[parameter.name] = _field(parameter, hint, said.get(parameter.name, Parameter("")), name)
    model = _model(name, fields)
    return Arguments(printed(model.model_json_schema(schema_generator=_Schema), name), _by_model(model), injected)


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


def _parameters(function: Callable[..., Any], name: str) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (ValueError, TypeError) as error:
        raise BadTool(
            f"nobody can tell what the tool {name} takes",
            expected=_HINT_EXAMPLE,
            received=str(error),
            next_step="Wrap it in a function of your own.",
        ) from error


def _check_described(function: Callable[..., Any], said: Mapping[str, Any], names: list[str], name: str) -> None:
    """Raise BadTool where words about a parameter would not reach the policy."""
    lost = [one for one in said if one not in names] if inspect.isroutine(function) else []
    if lost:
        raise BadTool(
            f"the docstring of the tool {name} describes {lost[0]!r}, which it does not take",
            expected=f"under `Args:`, one line for each of {', '.join(names)}",
            received=lost[0],
            next_step=did_you_mean(lost[0], names),
        )


def _hint(parameter: inspect.Parameter, hints: Mapping[str, Any], name: str) -> Any:
    if parameter.kind not in {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}:
        one = parameter.kind is inspect.Parameter.POSITIONAL_ONLY
        what = "an argument that has no name" if one else "any number of arguments"
        raise BadTool(
            f"the tool {name} takes {what}",
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


def _field(parameter: inspect.Parameter, hint: Any, said: Parameter, name: str) -> tuple[Any, Any]:
    """Hint and field of one parameter, under its own name for the policy."""
    default = ... if parameter.default is inspect.Parameter.empty else parameter.default
    words = {"description": said.words} if said.words else {}
    hint = hint if said.choices is None else _chosen(hint, said.choices, f"{parameter.name!r} of the tool {name}")
    return hint, pydantic.Field(default, alias=parameter.name, **words)  # type: ignore[call-overload]


def _chosen(hint: Any, choices: tuple[Any, ...], what: str) -> Any:
    """The hint, restricted to the choices that the docstring gives."""
    takes_null = type(None) in get_args(hint)
    fit = [one for one in choices if isinstance(one, (str, int))]
    try:
        pydantic.TypeAdapter(list[hint], config=_STRICT).validate_python(fit)
    except pydantic.PydanticUserError:
        return hint  # a type that JSON cannot say is told of elsewhere
    except pydantic.ValidationError:
        fit = []
    if not fit or len(fit) < len(choices):
        raise BadTool(
            f"the choices of {what} are none of its type",
            expected='texts or whole numbers that fit the hint, such as (choices: ["red", "blue"])',
            received=repr(choices),
        )
    return Literal[tuple(fit)] | None if takes_null else Literal[tuple(fit)]


_STRICT = pydantic.ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class _Schema(GenerateJsonSchema):
    """Says nothing of defaults that JSON cannot say; the function has them all the same."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 (pydantic's own annotation)


_NO_MODEL = (pydantic.errors.PydanticUserError, NameError, TypeError)


def _model(name: str, fields: Mapping[str, tuple[Any, Any]]) -> type[pydantic.BaseModel]:
    """A model of the arguments; its fields are numbered, because no name is free of meaning to pydantic."""
    numbered: dict[str, Any] = {f"argument_{number}": field for number, field in enumerate(fields.values())}
    try:
        model: type[pydantic.BaseModel] = pydantic.create_model(f"{name} arguments", __config__=_STRICT, **numbered)
        model.model_json_schema(schema_generator=_Schema)
    except _NO_MODEL as error:
        culprit = next((one for one, field in fields.items() if not _can_be_said(field)), "")
        hint = inspect.formatannotation(fields[culprit][0]) if culprit else str(error).splitlines()[0]
        raise BadTool(
            f"the tool {name} takes something that JSON cannot say",
            expected="str, int, float, bool, Literal, enums, dates, lists, dicts, TypedDicts, dataclasses, or models",
            received=f"{culprit}: {hint}",
            next_step=f"Take plain values, and make of them what the tool needs. Where the env and not the policy "
            f"gives it, write {culprit}: Injected[{hint}].",
        ) from error
    return model


def _can_be_said(field: tuple[Any, Any]) -> bool:
    try:
        pydantic.create_model("one", __config__=_STRICT, argument=field).model_json_schema(schema_generator=_Schema)
    except _NO_MODEL:
        return False
    return True


def _worded(fault: Mapping[str, Any], names: Collection[str]) -> str:
    """As pydantic has it, but for a name that is mistyped."""
    if fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1:
        return f"there is no such argument. {did_you_mean(str(fault['loc'][0]), names)}"
    return str(fault["msg"])


def _by_model(model: type[pydantic.BaseModel]) -> Validate:
    names = {field: str(info.alias) for field, info in model.model_fields.items()}
    validator = model.__pydantic_validator__

    def validate(given: Mapping[str, Any]) -> dict[str, Any] | list[Fault]:
        text = STRICT_JSON.encode(given)
        try:
            found = validator.validate_json(text, strict=True, extra="forbid")
        except pydantic.ValidationError as error:
            return [Fault(fault["loc"], _worded(fault, names.values())) for fault in error.errors(include_url=False)]
        return {name: getattr(found, field) for field, name in names.items()}

    return validate
