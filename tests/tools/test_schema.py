"""What tools take: what prompts show of it, and what is let through."""

from __future__ import annotations

import datetime as dt
import enum
import sys
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal, NotRequired, Optional

import pydantic
import pytest

from llm_envs.errors import BadTool
from llm_envs.tools import Injected, Tool, ToolError, tool

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:
    from typing_extensions import TypedDict


NOTHING = object()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Point:
    x: int
    y: float = 0.5
    tags: list[str] = field(default_factory=list)


class Address(TypedDict):
    street: str
    number: NotRequired[int]


class Node(pydantic.BaseModel):
    value: int
    next: Node | None = None


@tool
def everything(
    schema: int,
    *,
    colour: Colour = Colour.RED,
    point: Optional[Point] = None,  # noqa: UP045 (as many still write it)
    address: Address | None = None,
    node: Node | None = None,
    day: dt.date = dt.date(2026, 1, 2),
    amount: Annotated[int, pydantic.Field(ge=0, description="in cents")] = 0,
    either: int | str = 0,
    names: dict[str, list[int]] | None = None,
    pair: tuple[int, str] = (0, ""),
    sentinel: Any = NOTHING,
) -> dict:
    """Take everything.

    Args:
        schema (int): a name that means something to others.
        colour: of the paint.
    """
    return {}


def taken(function, *, typed=True, **arguments):
    """What the function would be called with."""
    return Tool.of(function).arguments.decode(arguments, typed=typed)


def test_every_type_is_shown_without_references_and_titles():
    """A type that holds itself is named where it comes again."""
    parameters = everything.schema["function"]["parameters"]
    assert parameters["required"] == ["schema"]
    assert parameters["properties"] == {
        "schema": {"type": "integer", "description": "a name that means something to others."},
        "colour": {"type": "string", "enum": ["red", "blue"], "default": "red", "description": "of the paint."},
        "point": {
            "type": "object",
            "properties": {
                "x": {"type": "integer"},
                "y": {"type": "number", "default": 0.5},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["x"],
        },
        "address": {
            "type": "object",
            "properties": {"street": {"type": "string"}, "number": {"type": "integer"}},
            "required": ["street"],
        },
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "next": {"type": "object", "description": "again as in Node"},
            },
            "required": ["value"],
        },
        "day": {"type": "string", "format": "date", "default": "2026-01-02"},
        "amount": {"type": "integer", "minimum": 0, "description": "in cents", "default": 0},
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}], "default": 0},
        "names": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "integer"}, {"type": "string"}],
            "minItems": 2,
            "maxItems": 2,
            "default": [0, ""],
        },
        "sentinel": {},
    }


def test_every_type_arrives_as_what_it_is():
    """Enums, dataclasses, models, dates and tuples, of JSON values."""
    given = taken(
        everything,
        schema=1,
        colour="blue",
        point={"x": 1, "y": 2},
        address={"street": "Long Lane"},
        node={"value": 1, "next": {"value": 2}},
        day="2026-03-02",
        pair=[1, "one"],
        either="x",
    )
    assert given["point"] == Point(1, 2.0)
    assert (given["colour"], given["day"], given["pair"]) == (Colour.BLUE, dt.date(2026, 3, 2), (1, "one"))
    assert given["node"].next == Node(value=2)
    assert (given["address"], given["either"], given["names"]) == ({"street": "Long Lane"}, "x", None)


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"point": {"x": "1"}}, "point.x"),
        ({"point": {"x": 1, "z": 1}}, "point.z"),
        ({"point": {"x": 1, "tags": [1]}}, "point.tags.0"),
        ({"address": {"street": "a", "town": "b"}}, "address.town"),
        ({"node": {"value": 1, "next": {"value": 2, "prev": None}}}, "node.next.prev"),
        ({"names": {"a": ["1"]}}, "names.a.0"),
        ({"colour": "green"}, "colour"),
        ({"colour": "RED"}, "colour"),
        ({"day": "2026-02-30"}, "day"),
        ({"day": 5}, "day"),
        ({"amount": -1}, "amount"),
        ({"amount": 1.0}, "amount"),
        ({"pair": [1]}, "pair"),
        ({"either": 1.5}, "either"),
        ({"argument_0": 1}, "argument_0"),
    ],
)
def test_nothing_undeclared_is_taken_at_any_level(arguments, place):
    """Not converted, not left out: the place is named."""
    with pytest.raises(ToolError, match=f"^E_ARGS: {place}"):
        taken(everything, schema=1, **arguments)


def test_texts_are_read_as_what_is_declared_at_any_level():
    """As formats give them whose arguments are texts: a text stays one, anything else is JSON, or null."""
    given = taken(everything, typed=False, schema="3", point='{"x": 1}', node="null", either="7", colour="blue")
    assert (given["schema"], given["point"], given["either"], given["colour"]) == (3, Point(1), 7, Colour.BLUE)
    assert (given["node"], given["sentinel"]) == (None, NOTHING)


def test_null_in_a_text_is_nothing_where_a_text_would_not_do():
    """A day that may be left out; a name may well be null."""

    @tool
    def book(name: str | None = "x", day: dt.date | None = dt.date(2026, 1, 2)) -> None:
        """Book."""

    assert taken(book, typed=False, day="null", name="null") == {"day": None, "name": "null"}


def test_choices_in_a_docstring_restrict():
    """As functions for Hugging Face's templates have them."""

    @tool
    def paint(colour: str, coats: int | None = None) -> str:
        """Paint the wall.

        Args:
            colour: What to paint it with. (choices: ["red", "blue"])
            coats: How many. (Choices: [1, 2])

        Returns:
            What it looks like.
        """
        return colour

    assert paint.description == "Paint the wall."
    assert paint.schema["function"]["parameters"]["properties"] == {
        "colour": {"type": "string", "enum": ["red", "blue"], "description": "What to paint it with."},
        "coats": {"type": "integer", "enum": [1, 2], "description": "How many."},
    }
    assert taken(paint, colour="red", coats=2) == {"colour": "red", "coats": 2}
    for wrong in ({"colour": "green"}, {"colour": "red", "coats": 3}):
        with pytest.raises(ToolError, match="E_ARGS"):
            taken(paint, **wrong)


def test_choices_of_another_type_are_refused():
    """At once."""

    def paint(colour: int) -> None:
        """Paint.

        Args:
            colour: with it. (choices: ["red"])
        """

    with pytest.raises(BadTool, match="none of its type"):
        Tool.of(paint)


def test_defaults_are_not_shared_between_calls():
    """A tool may change what it got."""

    @tool
    def add(numbers: list[int] = []) -> list[int]:  # noqa: B006 (this is the point)
        """Add one."""
        numbers.append(1)
        return numbers

    assert add.function(**taken(add)) == add.function(**taken(add)) == [1]


def _positional(city: str, /) -> None:
    """Tell the weather."""


def _two(one: Injected[list], two: Injected[list]) -> None:
    """Tell the weather."""


async def _later(city: str) -> str:
    """Tell the weather."""
    return city


class _Caller:
    """Tell the weather."""

    async def __call__(self, city: str) -> str:
        return city


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_positional, "takes an argument that has no name"),
        (_two, "asks for two contexts"),
        (_later, "the tool _later is asynchronous"),
        (_Caller(), "is asynchronous"),
        (partial(_later, city="x"), "is asynchronous"),
        (lambda: None, "cannot be called '<lambda>'"),
        (dict, "nobody can tell what the tool dict takes"),
    ],
)
def test_what_cannot_be_called_is_refused_at_once(function, words):
    """Rather than at the thousandth step."""
    with pytest.raises(BadTool, match=words):
        Tool.of(function)


def test_a_method_can_be_a_tool():
    """Its object is no argument."""

    class Shop:
        def find(self, name: Literal["a", "b"]) -> str:
            """Find it."""
            return name * 2

    found = Tool.of(Shop().find)
    assert found.schema["function"]["parameters"]["properties"] == {"name": {"type": "string", "enum": ["a", "b"]}}
    assert found(name="a") == "aa"
