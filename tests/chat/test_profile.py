"""Template profiles: what probing finds in templates whose nature is known."""

from __future__ import annotations

import pytest
import templates
from small_templates import CHATML, CHATML_CONTROLS, HEADERS, INSTRUCT

from llm_envs.chat import load_tokenizer
from llm_envs.errors import TemplateRefused

THINKING = """
{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' }}
{%- if message.role == 'assistant' and loop.last %}
{{- '<think>\\n' + (message.reasoning_content or '') + '\\n</think>\\n\\n' }}
{%- endif %}
{{- (message.content.split('</think>') | last) + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif %}
"""

PARTS = """
{%- for message in messages %}<|im_start|>{{ message.role }}:
{%- for part in message.content %}{{ part.text }}{% endfor %}<|im_end|>
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant:{% endif %}
"""

ONCE = "<|im_start|>{{ messages[-1].content }}<|im_end|>"


def profile_of(template, controls=tuple(CHATML_CONTROLS), eos="<eos>"):
    """What probing finds."""
    return load_tokenizer(templates.tokenizer_with(template, list(controls), eos)).profile


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("roles", ("system", "user", "assistant", "tool")),
        ("system", "own message"),
        ("consecutive_users", True),
        ("prefix_stable", True),
        ("stops", ("<|im_end|>", "<eos>")),
        ("generation_prompt", "<|im_start|>assistant\n"),
        ("thinking", None),
        ("parallel_tool_calls", True),
        ("tool_format", "json"),
        ("dummy_history_safe", True),
    ],
)
def test_a_chatml_template_with_tools(field, found):
    """Every turn closed by one token, every role in a message of its own."""
    assert getattr(profile_of(CHATML), field) == found


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("roles", ("user", "assistant")),
        ("system", "rejected"),
        ("stops", ("</s>",)),
        ("generation_prompt", ""),
        ("tool_format", "none"),
        ("parallel_tool_calls", False),
    ],
)
def test_an_instruct_template_without_system_messages(field, found):
    """User and assistant alone; turns end with the tokenizer's own eos."""
    assert getattr(profile_of(INSTRUCT, ["[INST]", "[/INST]"], eos="</s>"), field) == found


def test_a_template_that_closes_no_turn_stops_at_headers():
    """The header of the next speaker is the stop, and eos beside it."""
    found = profile_of(HEADERS, ["<|user|>", "<|assistant|>", "<|tool|>", "<|system|>"])
    assert found.stops == ("<|user|>", "<eos>")


def test_a_template_that_drops_old_reasoning_is_not_prefix_stable():
    """Its thinking markers are found where it prints reasoning, and later renderings are known to lose it."""
    found = profile_of(THINKING)
    assert found.thinking == ("<think>", "</think>")
    assert not found.prefix_stable


def test_a_template_that_takes_content_in_parts_is_served():
    """Templates of vision models read content as a list of typed parts."""
    chat = load_tokenizer(templates.tokenizer_with(PARTS, CHATML_CONTROLS))
    text = chat.decode(chat.encode_prompt([{"role": "user", "content": "hello"}]))
    assert text == "<|im_start|>user:hello<|im_end|><|im_start|>assistant:"


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for m in messages %}", "not valid Jinja"),
        ("hello", "does not show what the user says"),
        ("{{ raise_exception('no chat today') }}", "no chat today"),
        ("{{ messages[0].content }}{{ undefined.attribute }}", "'undefined' is undefined"),
        (ONCE, "drops a user message of a two-turn conversation"),
    ],
)
def test_a_template_that_cannot_be_served_is_refused_with_its_reason(template, reason):
    """The reason stands in the message, and a next step below it."""
    with pytest.raises(TemplateRefused) as caught:
        profile_of(template)
    assert reason in str(caught.value)
    assert caught.value.next_step


def test_a_template_and_tokenizer_without_any_stop_are_refused():
    """A turn that nothing can end is no turn."""
    plain = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
    tokenizer = templates.tokenizer_with(plain, [])
    tokenizer.eos_token = None
    with pytest.raises(TemplateRefused, match="nothing in the chat template ends an assistant turn"):
        load_tokenizer(tokenizer)
