"""Call formats found in chat templates, over every template at hand."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
import templates
from oracle import Oracle
from small_templates import CHATML, CHATML_CONTROLS

from llm_envs.chat import load_tokenizer
from llm_envs.chat.calls import Call, decode_text
from llm_envs.errors import TemplateRefused

CORPUS = templates.distinct({**templates.installed(), **templates.fetched()})
SERVED = [name for name in CORPUS if "firefunction" not in name]


@cache
def chat_of(name):
    """The chat tokenizer of a template."""
    return load_tokenizer(Oracle(CORPUS[name]).tokenizer)


@pytest.mark.parametrize("name", SERVED)
def test_a_template_has_a_format_that_reads_what_it_writes(name):
    """Written behind the template's own prompt, encoded, decoded and read again."""
    chat = chat_of(name)
    calls = [Call("look", {"what": 'a "door"\nand é東'}), Call("look", {"what": "b", "deep": {"n": [1, None]}})]
    reply = chat.decode(chat.encode_reply(chat.calling.write(calls, "I look."))[:-1])
    reading = chat.calling.read(reply)
    assert [attempt.status for attempt in reading.attempts] == ["ok", "ok"]
    schemas = {"what": {"type": "string"}}
    for attempt, call in zip(reading.attempts, calls, strict=True):
        given = attempt.arguments.items()
        values = {k: v if attempt.typed else decode_text(v, schemas.get(k, {})) for k, v in given}
        assert (attempt.name, values) == (call.name, call.arguments)
    assert reading.text.startswith("I look.")


def test_many_formats_are_found():
    """None of them twenty times for want of a better one."""
    found = Counter(chat_of(name).calling.format.name for name in SERVED)
    assert found["tagged json"] < len(SERVED) / 2
    assert len(found) >= (8 if not templates.fetched() else 24)


def test_a_format_that_is_not_known_is_told():
    """With what the template writes, when tools are used; other envs are served."""
    strange = CHATML.replace("'<tool_call>'", "'~~call: '").replace("'</tool_call>'", "' ~~'")
    chat = load_tokenizer(templates.tokenizer_with(strange, CHATML_CONTROLS))
    assert chat.encode_prompt([{"role": "user", "content": "hello"}])
    with pytest.raises(TemplateRefused, match="~~call"):
        _ = chat.calling
