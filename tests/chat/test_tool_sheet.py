"""Tools and results for templates that know neither, over every such template at hand."""

from __future__ import annotations

import json
from functools import cache

import pytest
import templates
from oracle import SYSTEM, TOOL, USER, Oracle, result
from small_templates import INSTRUCT

from llm_envs.chat import load_tokenizer
from llm_envs.chat.calls import Call

CORPUS = templates.distinct({**templates.installed(), **templates.fetched()})
SERVED = [name for name in CORPUS if "firefunction" not in name]


@cache
def oracle_of(name):
    """The oracle of a template."""
    return Oracle(CORPUS[name])


def chat_of(name):
    """The chat tokenizer of a template."""
    return load_tokenizer(oracle_of(name).tokenizer)


@pytest.mark.parametrize("name", SERVED)
def test_every_template_shows_tools_one_way_or_the_other(name):
    """The name of the tool and what it takes stand in the prompt, and, in a sheet, an example of a call."""
    chat = chat_of(name)
    prompt = chat.decode(chat.encode_prompt([USER], [TOOL]))
    assert "look" in prompt
    assert "Its name." in prompt or "what" in prompt
    if chat.has_tool_sheet:
        assert json.dumps(TOOL["function"]) in prompt
        assert chat.calling.format.write([Call("tool_name", {"argument_name": "value"})]) in prompt


@pytest.mark.parametrize("name", SERVED)
def test_the_sheet_goes_with_the_message_that_is_there(name):
    """Behind the env's own rules where the template takes any, before the question where it takes none."""
    chat = chat_of(name)
    if not chat.has_tool_sheet:
        return
    messages = [SYSTEM, USER] if "system" in chat.profile.roles else [USER]
    prompt = chat.decode(chat.encode_prompt(messages, [TOOL]))
    places = [prompt.index(words) for words in (*(message["content"] for message in messages[:-1]), "You can call")]
    assert places == sorted(places)
    assert prompt.index("You can call") < prompt.index(USER["content"])


@pytest.mark.parametrize("name", SERVED)
def test_hostile_tools_and_results_bring_no_control_id(name):
    """Control strings of all templates, whole and in halves, in descriptions, results and names of tools."""
    chat, oracle = chat_of(name), oracle_of(name)
    asked = {"role": "assistant", "content": "as sampled"}

    def ids_with(description, content):
        tools = [{**TOOL, "function": {**TOOL["function"], "description": description}}]
        prompt = chat.encode_prompt([USER], tools)
        delta = chat.encode_delta([USER, asked], [result(content)], chat.own_stop_id, tools)
        return [i for i in [*prompt, *delta] if i in oracle.control_ids]

    assert ids_with(hostile(), hostile()) == ids_with("Look.", "a door")


@cache
def hostile():
    """Control strings of all templates, whole and halved, side by side and apart."""
    found = sorted({control for name in SERVED for control in oracle_of(name).controls})
    halves = [half for control in found for half in (control[: len(control) // 2], control[len(control) // 2 :])]
    return "".join(found) + "".join(halves) + " ".join(found[::2]) + "\n".join(halves[::-1])


def test_results_are_joined_where_users_take_turns():
    """Two results, and what the env adds, are one message of a user who may not speak twice."""
    chat = load_tokenizer(templates.tokenizer_with(INSTRUCT, ["[INST]", "[/INST]"], "</s>"))
    said = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    new = [result("one"), result("two", 1), {"role": "user", "content": "go on"}]
    assert chat.carries_results
    text = chat.decode(chat.encode_delta(said, new, chat.own_stop_id))
    results = "<tool_response>\none\n</tool_response>\n<tool_response>\ntwo\n</tool_response>"
    assert text in {f"[INST] {results} [/INST][INST] go on [/INST]", f"[INST] {results}\ngo on [/INST]"}


def test_a_sheet_stands_in_the_first_question_where_there_are_no_rules():
    """An instruct template without system messages."""
    chat = load_tokenizer(templates.tokenizer_with(INSTRUCT, ["[INST]", "[/INST]"], "</s>"))
    prompt = chat.decode(chat.encode_prompt([{"role": "user", "content": "hello"}], [TOOL]))
    assert prompt.startswith("<bos>[INST] You can call these tools:\n")
    assert prompt.endswith("\n\nhello [/INST]")
