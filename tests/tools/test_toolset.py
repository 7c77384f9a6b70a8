"""Calls of tools: what is run, what is refused, and in which words."""

from __future__ import annotations

import datetime as dt
import json
from typing import Literal

import pytest

from llm_envs.chat.calls import CallAttempt
from llm_envs.errors import BadTool, InfrastructureError
from llm_envs.tools import Injected, Tool, ToolError, Toolset, tool


@tool(kind="write")
def book(
    world: Injected[list],
    guest: str,
    *,
    nights: int = 1,
    day: dt.date | None = None,
    room: Literal["single", "double"] = "single",
    extras: dict[str, int] | None = None,
) -> dict:
    """Book a room.

    Args:
        guest: by full name.
        nights: how many.
    """
    if guest == "Nobody":
        raise ToolError("E_NOT_FOUND", "there is no guest 'Nobody'")
    if guest == "Chaos":
        raise KeyError(guest)
    if guest == "Outage":
        raise InfrastructureError("the database is gone")
    world.append((guest, nights, day, room, extras))
    return {"booked": guest, "rooms": len(world)}


def call(name="book", *, typed=True, **arguments):
    """A well-formed attempt."""
    return CallAttempt("ok", 0, 1, name, arguments, typed)


def answered(attempt):
    """The answer, and what the world has seen."""
    world = []
    return Toolset([book]).bound(world).answer(attempt), world


def test_a_call_reaches_the_function_with_python_values():
    """And with the context, which the policy cannot pass."""
    answer, world = answered(call(guest="Ada", day="2026-03-02", room="double", extras={"breakfast": 2}))
    assert world == [("Ada", 1, dt.date(2026, 3, 2), "double", {"breakfast": 2})]
    assert (answer.content, answer.code, answer.kind) == ('{"booked": "Ada", "rooms": 1}', None, "write")


def test_texts_are_decoded_by_the_declared_type():
    """A guest called 007 stays a text; a number of nights becomes one."""
    _, world = answered(call(typed=False, guest="007", nights="3", extras='{"bed": 1}'))
    assert world == [("007", 3, None, "single", {"bed": 1})]


@pytest.mark.parametrize(
    ("attempt", "code", "words"),
    [
        (call(guest=7), "E_ARGS", "guest: Input should be a valid string"),
        (call(guest="Ada", nights="3"), "E_ARGS", "nights: Input should be a valid integer"),
        (call(guest="Ada", nights=True), "E_ARGS", "nights: Input should be a valid integer"),
        (call(guest="Ada", nights=float("nan")), "E_ARGS", "nights"),
        (call(guest="Ada", room="suite"), "E_ARGS", "room: Input should be 'single' or 'double'"),
        (call(guest="Ada", vip=True), "E_ARGS", "vip: Extra inputs are not permitted"),
        (call(guest="Ada", world=[]), "E_ARGS", "world: Extra inputs are not permitted"),
        (call(), "E_ARGS", "guest: Field required"),
        (call("boock", guest="Ada"), "E_UNKNOWN_TOOL", "Did you mean 'book'?"),
        (call(guest="Nobody"), "E_NOT_FOUND", "there is no guest 'Nobody'"),
        (call(guest="Chaos"), "E_TOOL_CRASH", "book has failed"),
        (CallAttempt("invalid_json", 0, 9, why="no value at character 3"), "E_PARSE", "no value at character 3"),
        (CallAttempt("too_many", 0, 9, "book", {"guest": "Ada"}), "E_BUDGET", ""),
    ],
)
def test_what_cannot_be_done_is_answered_in_words(attempt, code, words):
    """With a stable id; nothing happens to the world."""
    answer, world = answered(attempt)
    assert (answer.code, world) == (code, [])
    told = json.loads(answer.content)
    assert told["error"] == code
    assert words in told["message"]


def test_no_call_is_run_when_none_are_left():
    """The policy is told to come to its end."""
    world = []
    answer = Toolset([book]).bound(world).answer(call(guest="Ada"), calls_left=0)
    assert (answer.code, world) == ("E_BUDGET", [])


def test_an_outage_passes_through():
    """It is nobody's fault, and no policy is told."""
    with pytest.raises(InfrastructureError, match="database is gone"):
        answered(call(guest="Outage"))


def test_a_result_that_json_cannot_say_is_its_authors_error():
    """Told where it happens, with what to return instead."""

    @tool
    def clock() -> object:
        """Tell the time."""
        return dt.datetime(2026, 3, 2)  # noqa: DTZ001 (any object will do)

    with pytest.raises(BadTool, match="the tool clock has returned what JSON cannot say"):
        Toolset([clock]).answer(call("clock"))


def test_a_schema_shows_what_can_be_passed_and_no_more():
    """No titles, no detours around optional values, no context."""
    parameters = book.schema["function"]["parameters"]
    assert parameters["required"] == ["guest"]
    assert parameters["properties"] == {
        "guest": {"type": "string", "description": "by full name."},
        "nights": {"type": "integer", "default": 1, "description": "how many."},
        "day": {"type": "string", "format": "date"},
        "room": {"type": "string", "enum": ["single", "double"], "default": "single"},
        "extras": {"type": "object", "additionalProperties": {"type": "integer"}},
    }


def test_a_tool_may_come_with_a_schema_of_its_own():
    """Arguments are held to it, others are forbidden."""
    parameters = {"properties": {"city": {"type": "string", "minLength": 2}}, "required": ["city"]}
    schema = {"name": "weather", "description": "Tell the weather.", "parameters": parameters}
    tools = Toolset([Tool.from_schema(schema, lambda city: f"rain in {city}")])
    assert tools.answer(call("weather", city="Bergen")).content == "rain in Bergen"
    assert tools.answer(call("weather", city="B")).code == "E_ARGS"
    assert tools.answer(call("weather", city="Bergen", unit="C")).code == "E_ARGS"


def _bare(city):
    """Tell the weather."""


def _many(*cities: str):
    """Tell the weather."""


def _strange(city: Toolset):
    """Tell the weather."""


def _mute(city: str): ...


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_bare, "'city' of the tool _bare has no type hint"),
        (_many, "takes any number of arguments"),
        (_strange, "something that JSON cannot say"),
        (_mute, "does not say what it does"),
        (7, "this is no tool"),
    ],
)
def test_a_function_that_cannot_be_offered_is_refused_at_once(function, words):
    """With what to write instead."""
    with pytest.raises(BadTool, match=words):
        Tool.of(function)


def test_two_tools_of_one_name_are_refused():
    """Nobody could tell which is meant."""
    with pytest.raises(BadTool, match="two tools are called 'book'"):
        Toolset([book, book])
