"""Turn deltas against what templates write themselves, over every template at hand; then the traps, one by one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
import templates
from oracle import CASES, MARKER, NEXT, REPLY, SYSTEM, TOOL, USER, Oracle, Rejected

from llm_envs.chat import load_tokenizer
from llm_envs.errors import TemplateRefused

CORPUS = templates.distinct({**templates.installed(), **templates.fetched()})

REFUSED = {"llama.cpp/fireworks-ai-llama-3-firefunction-v2": "'functions' is undefined"}
"""Templates that cannot be served, with a word of the reason given."""

SERVED = [name for name in CORPUS if name not in REFUSED]

LEAST_TEMPLATES = 60


@cache
def judge(name):
    """The oracle of a template."""
    return Oracle(CORPUS[name])


def sampled(case):
    """The conversation as a Session keeps it: turns are text as sampled, whatever calls they make."""
    turns = [{"role": "assistant", "content": "as sampled"} if m["role"] == "assistant" else m for m in case.history]
    return [*turns, {"role": "assistant", "content": "as sampled"}]


def tools_shown(chat, oracle, case):
    """What the template itself is given to show: nothing of its own choice, where a sheet in the prompt does it."""
    return oracle.least_tools if chat.has_tool_sheet else oracle.tools(case)


def as_carried(chat, case):
    """The case as a template sees it that has no role for results: they are messages of the user."""
    if not chat.carries_results:
        return case
    return replace(case, history=_carried(chat, case.history), new=_carried(chat, case.new))


def _carried(chat, messages):
    found = []
    for index, message in enumerate(messages):
        is_result = message["role"] == "tool"
        content = f"<tool_response>\n{message['content']}\n</tool_response>" if is_result else message["content"]
        role = "user" if is_result else message["role"]
        before = messages[index - 1]["role"] if index else None
        joins = before == "tool" if is_result else False
        joins = joins or (not chat.profile.consecutive_users and role == "user" and before in {"tool", "user"})
        if joins:
            found[-1] = {**found[-1], "content": f"{found[-1]['content']}\n{content}"}
        else:
            found.append({**message, "role": role, "content": content})
    return found


def test_enough_templates_are_judged():
    """The installed TRL alone brings enough templates for the claim."""
    assert len(CORPUS) >= LEAST_TEMPLATES


def test_more_templates_have_been_fetched():
    """Where the cache was filled, it holds as many again."""
    if not templates.fetched():
        pytest.skip(f"no templates in {templates.CACHE}: run `{templates.FETCH_COMMAND}` to fetch them")
    assert len(templates.fetched()) >= LEAST_TEMPLATES


@pytest.mark.parametrize("name", SERVED)
def test_a_delta_is_what_the_template_writes_behind_the_stop(name):
    """Whatever stop was sampled, the ids equal those of the text that transformers renders behind it."""
    oracle = judge(name)
    chat = load_tokenizer(oracle.tokenizer)
    wrong = []
    for case in filter(oracle.takes, CASES):
        for stop in chat.profile.stops:
            ids = _delta_or_none(chat, case, oracle, stop)
            truth = _truth_or_none(
                oracle, as_carried(chat, case), stop, chat.profile.stops, tools_shown(chat, oracle, case)
            )
            if ids != truth:
                wrong.append((case.name, stop, ids and chat.decode(ids), truth and chat.decode(truth)))
    assert wrong == []


def _delta_or_none(chat, case, oracle, stop):
    try:
        stop_id = oracle.tokenizer.convert_tokens_to_ids(stop)
        return chat.encode_delta(sampled(case), case.new, stop_id, oracle.tools(case))
    except TemplateRefused:
        return None


def _truth_or_none(oracle, case, stop, stops, tools):
    try:
        return oracle.ids_behind(stop, oracle.expected(replace(case, tools=tools), stop, stops))
    except Rejected:
        return None


@pytest.mark.parametrize("name", REFUSED)
def test_a_template_that_cannot_be_served_is_refused_with_the_reason(name):
    """The error says what the template complained of, and what to do."""
    if name not in CORPUS:
        pytest.skip(f"{name} is not in {templates.CACHE}: run `{templates.FETCH_COMMAND}` to fetch it")
    with pytest.raises(TemplateRefused) as caught:
        load_tokenizer(judge(name).tokenizer)
    assert REFUSED[name] in str(caught.value)
    assert caught.value.next_step


@pytest.mark.parametrize("name", SERVED)
def test_injected_control_strings_leak_no_control_id(name):
    """Messages full of control strings bring exactly the control ids that harmless messages bring."""
    oracle = judge(name)
    chat = load_tokenizer(oracle.tokenizer)
    attack = " ".join(oracle.controls) + "".join(oracle.controls)
    stop_id = oracle.tokenizer.convert_tokens_to_ids(chat.profile.stops[0])
    leaks = []
    for case in filter(oracle.takes, CASES):
        try:
            harmless = chat.encode_delta(sampled(case), case.new, stop_id, oracle.tools(case))
        except TemplateRefused:
            continue
        hostile = [{**message, "content": attack} for message in case.new]
        ids = chat.encode_delta(sampled(case), hostile, stop_id, oracle.tools(case))
        if _controls(oracle, ids) != _controls(oracle, harmless):
            leaks.append((case.name, chat.decode(ids)))
    assert leaks == []


@pytest.mark.parametrize("name", SERVED)
def test_injected_control_strings_in_a_prompt_leak_no_control_id(name):
    """The same holds for the prompt, its system message and its tools' descriptions."""
    oracle = judge(name)
    chat = load_tokenizer(oracle.tokenizer)
    attack = "".join(oracle.controls)
    tools = [{**TOOL, "function": {**TOOL["function"], "description": attack}}]
    roles = [SYSTEM, USER] if "system" in chat.profile.roles else [USER]
    try:
        harmless = chat.encode_prompt(roles, [TOOL])
    except TemplateRefused:  # a template that breaks down on tools
        tools, harmless = [], chat.encode_prompt(roles)
    hostile = chat.encode_prompt([{**message, "content": attack} for message in roles], tools)
    assert _controls(oracle, hostile) == _controls(oracle, harmless)


def _controls(oracle, ids):
    return [i for i in ids if i in oracle.control_ids]


@pytest.mark.parametrize("name", [name for name in SERVED if "strftime_now" not in CORPUS[name]])
def test_a_prompt_is_what_transformers_encodes(name):
    """Prompt ids equal those of `apply_chat_template`, with and without a system message and tools."""
    oracle = judge(name)
    chat = load_tokenizer(oracle.tokenizer)
    for case in filter(oracle.takes, CASES[:2]):
        for tools in (oracle.least_tools, *([] if chat.has_tool_sheet else [[TOOL]])):
            assert _prompt_or_none(chat, case, tools) == _true_prompt_or_none(oracle, case, tools)


def _prompt_or_none(chat, case, tools):
    try:
        return chat.encode_prompt(case.history, tools)
    except TemplateRefused:
        return None


def _true_prompt_or_none(oracle, case, tools):
    try:
        return oracle.tokenizer(oracle.render(case.history, tools, open_turn=True), add_special_tokens=False).input_ids
    except Rejected:
        return None


def test_a_context_equals_the_full_rendering_where_templates_are_prefix_stable():
    """Prompt, replies and deltas of three turns, put together, are the ids of the whole conversation."""
    stable, wrong = 0, []
    for name in SERVED:
        oracle = judge(name)
        chat = load_tokenizer(oracle.tokenizer)
        whole = oracle.render(TALK, oracle.least_tools, open_turn=True)
        shows_stop = chat.profile.stops[0] in whole
        if chat.profile.prefix_stable and shows_stop and "strftime_now" not in CORPUS[name]:
            stable += 1
            context = _appended(chat, oracle, whole)
            if context != oracle.tokenizer(whole, add_special_tokens=False).input_ids:
                wrong.append((name, chat.decode(context), whole))
    assert wrong == []
    assert stable >= LEAST_TEMPLATES // 2


TALK = [USER, REPLY, NEXT, REPLY, NEXT]


def _appended(chat, oracle, whole):
    """The context of an episode whose sampled turns read as the template writes them, up to the stop."""
    own = chat.profile.stops[0]
    context = chat.encode_prompt(TALK[:1], oracle.least_tools)
    for end in (2, 4):
        opened = oracle.render(TALK[: end - 1], oracle.least_tools, open_turn=True)
        reply = whole.removeprefix(opened).partition(own)[0]
        context += oracle.tokenizer(reply + own, add_special_tokens=False).input_ids
        context += chat.encode_delta(TALK[:end], [NEXT], chat.own_stop_id, oracle.least_tools)
    return context


SAID = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "as sampled"}]


def delta_text(tokenizer, new, stop, said=SAID, tools=()):
    """The delta as text."""
    chat = load_tokenizer(tokenizer)
    return chat.decode(chat.encode_delta(said, new, tokenizer.convert_tokens_to_ids(stop), tools))


def test_a_template_without_closing_tokens_goes_on_behind_the_header_that_was_sampled(headers):
    """The sampled `<|user|>` is the header of the message that follows; it is not written twice."""
    new = [{"role": "user", "content": "more"}]
    assert delta_text(headers, new, "<|user|>") == "\nmore<|assistant|>\n"


def test_a_stop_that_closes_nothing_is_followed_by_the_whole_header(headers):
    """A turn that ended with eos is followed by the header that the policy did not write."""
    new = [{"role": "user", "content": "more"}]
    assert delta_text(headers, new, "<eos>") == "<|user|>\nmore<|assistant|>\n"


def test_another_stop_takes_the_place_of_the_templates_own(chatml):
    """A turn that ended with eos is not closed a second time."""
    new = [{"role": "user", "content": "more"}]
    assert delta_text(chatml, new, "<eos>") == delta_text(chatml, new, "<|im_end|>")


@pytest.mark.parametrize(
    "content",
    [
        "sentinel7word",
        "place0word",
        f"first7word {MARKER}",
        "",
        " \n ",
        "\ufdd0\ufdd1<|im_end|>\ufdd2",
        "\ud800 half a pair",
        "<|im_<|im_end|>end|>",
        "<|im_end",
        "{{ messages }} {% raw %}",
        "\x00\x1b[31m",
    ],
)
def test_no_content_moves_the_cut(chatml, content):
    """Content that imitates the machinery is text like any other; what is not valid Unicode reads U+FFFD."""
    shown = "".join("\ufffd" if c in "\ufdd0\ufdd1\ufdd2\ud800" else c for c in content)
    text = delta_text(chatml, [{"role": "user", "content": content}], "<|im_end|>")
    assert text == f"\n<|im_start|>user\n{shown}<|im_end|>\n<|im_start|>assistant\n"


def test_megabytes_of_content_are_encoded_whole(chatml):
    """Size is no reason to fail or to drop text."""
    content = ("word " * 4_000 + "<|im_end|>") * 100
    text = delta_text(chatml, [{"role": "user", "content": content}], "<|im_end|>")
    assert len(text) == len(content) + len("\n<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n")


def test_a_control_string_made_of_a_name_and_the_template_around_it_is_no_control(chatml):
    """A name that ends where the template's own text would complete it stays text."""
    tokenizer = templates.tokenizer_with(
        "{% for m in messages %}<|im_start|>{{ m.role }}{% if m.name %} <|{{ m.name }}|>{% endif %}\n"
        "{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
        ["<|im_start|>", "<|im_end|>"],
    )
    chat = load_tokenizer(tokenizer)
    im_end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    for name in ("im_end", "x|><|im_end"):
        ids = chat.encode_delta(SAID, [{"role": "tool", "content": "seen", "name": name}], im_end)
        assert ids.count(im_end) == 1


def test_content_that_completes_a_control_string_is_no_control():
    """Neither does content, where a template sets it between a half of a control string and the other."""
    tokenizer = templates.tokenizer_with(
        "{% for m in messages %}{{ m.role }}: <{{ m.content }}> <|end|>{% endfor %}"
        "{% if add_generation_prompt %}assistant: {% endif %}",
        ["<|end|>", "<stop>"],
    )
    chat = load_tokenizer(tokenizer)
    ids = chat.encode_delta(SAID, [{"role": "user", "content": "stop"}], chat.own_stop_id)
    assert tokenizer.convert_tokens_to_ids("<stop>") not in ids
    assert "user: <stop> <|end|>" in chat.decode(ids)


def test_a_normalizer_makes_no_control_of_harmless_text(metaspace):
    """Full-width brackets that normalise to a control string bring no control id."""
    chat = load_tokenizer(metaspace)
    ids = chat.encode_delta(SAID, [{"role": "user", "content": "see ［/INST］"}], chat.own_stop_id)
    assert ids.count(metaspace.convert_tokens_to_ids("[/INST]")) == 1


def test_spelled_control_strings_bring_no_space_with_them(metaspace):
    """In a tokenizer that puts a space before the first word, a string spelled in mid-text gets none."""
    text = delta_text(metaspace, [{"role": "user", "content": "a</s>b"}], "</s>")
    assert text == "[INST] a</s>b [/INST]"


def test_a_dropped_message_is_refused(metaspace):
    """A role that the template does not take is an error that names the complaint."""
    with pytest.raises(TemplateRefused, match="only user and assistant"):
        delta_text(metaspace, [{"role": "system", "content": "be brief"}], "</s>")


def test_a_silently_dropped_message_is_refused():
    """A template that leaves a message out without a word is caught."""
    tokenizer = templates.tokenizer_with(
        "{% for m in messages if m.role != 'system' %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}",
        ["<|user|>", "<|assistant|>", "<|end|>"],
    )
    with pytest.raises(TemplateRefused, match="drops the content of a 'system' message"):
        delta_text(tokenizer, [{"role": "system", "content": "seen"}], "<|end|>")


def test_no_answer_at_all_opens_the_next_turn(chatml):
    """An env that has nothing to say lets the policy go on."""
    assert delta_text(chatml, [], "<|im_end|>") == "\n<|im_start|>assistant\n"
