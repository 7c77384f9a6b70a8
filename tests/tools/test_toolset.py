"""Calls of tools: what is run, what is refused, and in which words."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from typing import Literal, get_args

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_envs.chat.calls import CallAttempt, CallStatus
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
        (call(guest="Ada", nights=float("nan")), "E_ARGS", "they are no JSON"),
        (call(guest="Ada", room="suite"), "E_ARGS", "room: Input should be 'single' or 'double'"),
        (call(guest="Ada", gest=True), "E_ARGS", "gest: there is no such argument. Did you mean 'guest'?"),
        (call(guest="Ada", world=[]), "E_ARGS", "world: there is no such argument. Known: "),
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


def test_the_last_word_may_be_given_when_no_calls_are_left():
    """It takes a call to say it."""
    end = Tool.of(book.function, kind="control")
    assert Toolset([end]).bound([]).answer(call(guest="Ada"), calls_left=0).code is None


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


def _misnamed(city: str):
    """Tell the weather.

    Args:
        town: where.
    """


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (_bare, "'city' of the tool _bare has no type hint"),
        (_many, "takes any number of arguments"),
        (_strange, r"something that JSON cannot say(.|\n)*city: .*Toolset(.|\n)*Injected"),
        (_misnamed, r"describes 'town', which it does not take"),
        (_mute, "does not say what it does"),
        (7, "this is no tool"),
        ({"name": "weather"}, "Tool.from_schema"),
    ],
)
def test_a_function_that_cannot_be_offered_is_refused_at_once(function, words):
    """With what to write instead."""
    with pytest.raises(BadTool, match=words):
        Tool.of(function)


def test_a_kind_is_one_of_three():
    """A misspelt one would be none that policies and judges know."""
    with pytest.raises(BadTool, match="Did you mean 'read'"):
        tool(kind="raed")(_named)


def test_a_time_is_a_number():
    """Told when the tool is defined, not at its first call."""
    with pytest.raises(BadTool, match="has no time"):
        tool(timeout_s="3")(_named)


def _named(city: str):
    """Tell the weather."""


@pytest.mark.parametrize(
    ("required", "function"),
    [
        (["city"], lambda town: town),
        (["city"], lambda city, unit: unit + city),
        ([], lambda city: city),
    ],
)
def test_a_function_takes_what_its_schema_says(required, function):
    """Else each call would crash."""
    parameters = {"properties": {"city": {"type": "string"}}, "required": required}
    with pytest.raises(BadTool, match="does not take what its schema says"):
        Tool.from_schema({"name": "weather", "description": "Tell it.", "parameters": parameters}, function)


def test_one_tool_is_no_list_of_tools():
    """A comma is soon forgotten."""
    with pytest.raises(BadTool, match="with the comma"):
        Toolset(book)


def test_two_tools_of_one_name_are_refused():
    """Nobody could tell which is meant."""
    with pytest.raises(BadTool, match="two tools are called 'book'"):
        Toolset([book, book])


KEY = "sk-1234567890"


@tool
def leak(how: Literal["raise", "exit", "cancel", "chain", "recurse"]) -> str:
    """Fail in some way."""
    if how == "raise":
        raise RuntimeError(f"cannot log in with {KEY}")
    if how == "exit":
        sys.exit(f"bye, {KEY}")
    if how == "cancel":
        raise asyncio.CancelledError(KEY)
    if how == "recurse":
        return leak(how=how)
    raise ToolError("E_NOT_FOUND", "there is no such order") from RuntimeError(KEY)


@pytest.mark.parametrize("how", ["raise", "exit", "cancel", "chain", "recurse"])
def test_what_a_failing_tool_knows_is_not_told(how, caplog):
    """It stands in the log, for its author; the program goes on."""
    answer = Toolset([leak]).answer(call("leak", how=how))
    assert answer.code == ("E_NOT_FOUND" if how == "chain" else "E_TOOL_CRASH")
    assert KEY not in answer.content
    assert (KEY in caplog.text) is (how in {"raise", "exit", "cancel"})


def test_the_stack_of_a_crash_is_logged_once_and_begins_with_the_author(caplog):
    """A training run would be buried in them; the fault itself is with the answer."""
    tools = Toolset([leak], 60.0)
    faults = [tools.bound(None).answer(call("leak", how="raise")).fault for _ in range(3)]
    assert [type(fault) for fault in faults] == [RuntimeError] * 3
    assert [record.exc_info is None for record in caplog.records] == [False, True, True]
    assert caplog.text.count('  File "') == 1


def test_ctrl_c_inside_a_tool_is_nobodys_answer():
    """It ends what the person wants to end."""

    @tool
    def wait() -> None:
        """Wait."""
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Toolset([wait]).answer(call("wait"))


class Even(pydantic.BaseModel):
    number: int

    @pydantic.field_validator("number")
    @classmethod
    def check(cls, number):
        """Only even numbers; zero breaks it."""
        if 2 // number and number % 2:
            raise ValueError("odd numbers are for others")
        return number


def test_a_type_that_checks_its_values_may_say_no_or_break():
    """What it says is told, unless it crashes."""

    @tool
    def halve(even: Even) -> float:
        """Halve it."""
        return even.number / 2

    answers = [Toolset([halve]).answer(call("halve", even={"number": number})) for number in (4, 1, 0)]
    assert [answer.code for answer in answers] == [None, "E_ARGS", "E_TOOL_CRASH"]
    assert "odd numbers are for others" in answers[1].content


def test_a_tool_may_change_its_arguments():
    """The attempt stays what the policy said."""

    def spoil(rows):
        rows[0]["a"] = 2
        return rows

    @tool
    def ruin(rows: list[dict[str, int]]) -> list:
        """Ruin rows."""
        return spoil(rows)

    parameters = {"properties": {"rows": {"type": "array"}}, "required": ["rows"]}
    schema = {"name": "waste", "description": "Ruin rows.", "parameters": parameters}
    for name, tools in (("ruin", Toolset([ruin])), ("waste", Toolset([Tool.from_schema(schema, spoil)]))):
        attempt = call(name, rows=[{"a": 1}])
        answer = tools.answer(attempt)
        assert answer.content == '[{"a": 2}]'
        assert answer.attempt.arguments == {"rows": [{"a": 1}]}


def test_a_huge_result_is_cut():
    """And says by how much; so are huge messages."""

    @tool
    def speak(words: str) -> str:
        """Say it."""
        if words:
            raise ToolError("E_POLICY", words * 100_000)
        return "a" * 1_000_000

    told = Toolset([speak]).answer(call("speak", words="")).content
    assert told == "a" * 20_000 + "\n[980,000 more characters]"
    assert len(Toolset([speak]).answer(call("speak", words="no ")).content) < 2_200
    assert len(Toolset([speak]).answer(call("speak", words="", **{"x" * 100_000: 1})).content) < 2_200
    assert len(Toolset([speak]).answer(call("x" * 100_000)).content) < 2_200


@pytest.mark.parametrize("result", ["a\ud800b", ["a\ud800b"], {"\udfff": 1}])
def test_half_characters_of_a_result_become_question_marks(result):
    """No tokenizer could take them; control characters are characters."""

    @tool
    def read() -> object:
        """Read it."""
        return result

    told = Toolset([read]).answer(call("read")).content
    assert told == (result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)).replace(
        "\ud800", "?"
    ).replace("\udfff", "?")
    told.encode()


def test_control_characters_stay():
    """A tokenizer has ids for them."""

    @tool
    def read() -> str:
        """Read it."""
        return "a\x00\x1b[2J\r\n\u202e"

    assert Toolset([read]).answer(call("read")).content == "a\x00\x1b[2J\r\n\u202e"


def test_a_coroutine_is_no_result():
    """Its author is told; nothing is left that was never awaited."""

    async def later():
        return "x"

    @tool
    def fetch() -> object:
        """Fetch it."""
        return later()

    with pytest.raises(BadTool, match="coroutine"):
        Toolset([fetch]).answer(call("fetch"))


def test_an_error_has_a_code_that_is_known():
    """A misspelt one is its author's mistake."""

    @tool
    def find() -> str:
        """Find it."""
        raise ToolError("E_NOTFOUND", "no")

    with pytest.raises(BadTool, match="Did you mean 'E_NOT_FOUND'"):
        Toolset([find]).answer(call("find"))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from(["guest", "nights", "day", "room", "extras", "world", "rows", "mode"])


@tool
def anything(
    rows: list[dict[str, int | str | None]], mode: Literal["a", "b"] | None = None, day: dt.date = dt.date.max
):
    """Take rows."""
    return [rows, mode, str(day)]


SCHEMA = {
    "name": "raw",
    "description": "Take what a schema says.",
    "parameters": {
        "properties": {
            "rows": {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"enum": ["none", None]}]},
            "day": {"type": "string", "format": "date"},
            "guest": {"type": "string", "pattern": "^[a-z]+$"},
            "extras": {"type": "object", "properties": {"a": {"$ref": "#/properties/day"}}},
        }
    },
}


ALL = Toolset([book, anything, leak, Tool.from_schema(SCHEMA, lambda **given: given)], 60.0)


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(["book", "anything", "raw", "leak"]) | st.text(max_size=20),
    arguments=st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=5),
    status=st.sampled_from(get_args(CallStatus)),
    typed=st.booleans(),
    well=st.booleans(),
)
def test_whatever_a_policy_does_is_answered(name, arguments, status, typed, well):
    """Never an exception but those that stand for outages and authors; the answer can be encoded."""
    tools = ALL.bound([])
    attempt = CallAttempt("ok" if well else status, 0, 1, name, arguments, typed)
    try:
        answer = tools.answer(attempt)
    except InfrastructureError:
        assert arguments["guest"] == "Outage"
        return
    answer.content.encode()
    assert (answer.code is None) or json.loads(answer.content)["error"] == answer.code


@pytest.mark.parametrize("typed", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(10**5000, id="digits"),
        pytest.param("[" * 100_000, id="brackets"),
        pytest.param("1" * 100_000, id="digits in a text"),
        b"bytes",
        float("inf"),
        "NaN",
        pytest.param("\ud800", id="half a character"),
        object(),
    ],
)
def test_arguments_that_are_no_json_are_answered(value, typed):
    """Whoever made the attempt."""
    for name in ("book", "raw"):
        tools = Toolset([book, Tool.from_schema(SCHEMA, lambda **given: given)]).bound([])
        assert tools.answer(call(name, typed=typed, guest="a", extras=value)).code == "E_ARGS"


def test_arguments_nested_without_end_are_answered():
    """However they came to be."""
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    assert answered(call(guest="Ada", extras=deep))[0].code == "E_ARGS"


def test_an_error_may_be_handed_on_as_it_was_caught():
    """Its words are what the policy reads."""

    @tool
    def look() -> str:
        """Look."""
        raise ToolError("E_NOT_FOUND", KeyError("door"))

    answer = Toolset([look]).answer(CallAttempt("ok", 0, 0, "look"))
    assert json.loads(answer.content) == {"error": "E_NOT_FOUND", "message": "'door'"}
