"""Hugging Face tokenizers as chat tokenizers: loading, identity, replies, decoding, and what is refused."""

from __future__ import annotations

import copy
import gc
import pickle
import sys
import threading
import weakref

import numpy as np
import pytest
import templates
from hypothesis import given
from hypothesis import strategies as st
from small_templates import CHATML, CHATML_CONTROLS

from llm_envs.chat import load_tokenizer
from llm_envs.errors import MissingExtra, TemplateRefused, UnknownTokenizer

SAID = [{"role": "user", "content": "hello"}]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, chatml):
    """A saved tokenizer."""
    path = tmp_path_factory.mktemp("tokenizer")
    chatml.save_pretrained(path)
    return str(path)


@pytest.fixture
def offline(monkeypatch):
    """The Hub is not asked."""
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


def test_a_local_folder_loads_without_network(folder, chatml, offline):
    """A path gives the ids that the object gives."""
    assert load_tokenizer(folder).encode_prompt(SAID) == load_tokenizer(chatml).encode_prompt(SAID)


def test_the_same_name_gives_the_same_chat_tokenizer(folder, offline):
    """Many envs share one."""
    assert load_tokenizer(folder) is load_tokenizer(folder)


def test_the_same_object_gives_the_same_chat_tokenizer(chatml):
    """The same again for objects."""
    assert load_tokenizer(chatml) is load_tokenizer(chatml)


def test_threads_that_load_one_object_get_one_chat_tokenizer():
    """Two threads that come at once do not get two."""
    tokenizer = templates.tokenizer_with(CHATML, CHATML_CONTROLS)
    got = []
    threads = [threading.Thread(target=lambda: got.append(load_tokenizer(tokenizer))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, got))) == 1


def test_a_changed_object_gives_a_new_chat_tokenizer():
    """Another template set on the tokenizer is honoured at the next load."""
    tokenizer = templates.tokenizer_with(CHATML, CHATML_CONTROLS)
    before = load_tokenizer(tokenizer)
    tokenizer.chat_template = CHATML.replace("assistant\\n'", "assistant\\n<think>'")
    assert load_tokenizer(tokenizer) is not before
    assert load_tokenizer(tokenizer).profile.generation_prompt == "<|im_start|>assistant\n<think>"


def test_a_dead_tokenizer_is_not_kept_alive():
    """Neither is the chat tokenizer that was made of it."""
    tokenizer = templates.tokenizer_with(CHATML, CHATML_CONTROLS)
    seen = weakref.ref(tokenizer), weakref.ref(load_tokenizer(tokenizer))
    del tokenizer
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


def test_a_pickled_chat_tokenizer_encodes_alike(chatml):
    """It can be sent to the worker processes of vector envs."""
    chat = load_tokenizer(chatml)
    again = pickle.loads(pickle.dumps(chat))
    assert again.encode_prompt(SAID) == chat.encode_prompt(SAID)
    assert again.stop_ids == chat.stop_ids


def test_padding_and_truncation_of_the_original_do_not_matter(chatml):
    """A trainer that pads with the same tokenizer does not shorten prompts."""
    tokenizer = copy.deepcopy(chatml)
    expected = load_tokenizer(chatml).encode_prompt(SAID)
    tokenizer.pad_token = "<eos>"
    tokenizer(["a"], padding="max_length", truncation=True, max_length=2)
    assert load_tokenizer(tokenizer).encode_prompt(SAID) == expected


def test_the_own_end_of_turn_comes_first_and_eos_stops_too(chatml):
    """Stop ids are the template's closing token and the tokenizer's eos."""
    chat = load_tokenizer(chatml)
    assert chat.own_stop_id == chatml.convert_tokens_to_ids("<|im_end|>")
    assert chat.stop_ids == {chat.own_stop_id, chatml.eos_token_id}


def test_the_vocabulary_covers_every_id(chatml):
    """Added tokens beyond the model's vocabulary count."""
    chat = load_tokenizer(chatml)
    assert chat.vocab_size > max(chatml.get_vocab().values())
    assert chat.pad_id < chat.vocab_size


def test_a_reply_thinks_and_calls_with_added_tokens_but_writes_no_special_one(chatml):
    """`<think>` encodes as itself; `<|im_end|>` within the text is spelled out; one stop id stands at the end."""
    chat = load_tokenizer(chatml)
    ids = chat.encode_reply("<think>so<|im_end|></think>5<eos>")
    added = chatml.get_added_vocab()
    assert [i for i in ids if i in added.values()] == [added["<think>"], added["</think>"], chat.own_stop_id]
    assert chat.decode(ids[:-1]) == "<think>so<|im_end|></think>5<eos>"


valid_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufdd0\ufdd1\ufdd2"), max_size=60)


@given(valid_text)
def test_a_reply_reads_back_as_it_was_written(chatml, text):
    """Any text survives the way to ids and back."""
    chat = load_tokenizer(chatml)
    assert chat.decode(chat.encode_reply(text)[:-1]) == text


@given(text=st.text(st.characters(), max_size=60))
def test_any_text_brings_one_stop_id(chatml, headers, metaspace, text):
    """Malformed text and control strings included, in three kinds of tokenizer."""
    for tokenizer in (chatml, headers, metaspace):
        chat = load_tokenizer(tokenizer)
        ids = chat.encode_reply(text + "<|im_end|></s><|user|>")
        assert [i for i in ids if i in chat.stop_ids] == [chat.own_stop_id]
        assert ids[-1] == chat.own_stop_id


@given(data=st.data())
def test_any_ids_decode_to_text_no_longer_than_promised(chatml, metaspace, data):
    """Whatever a policy samples can be read."""
    for tokenizer in (chatml, metaspace):
        chat = load_tokenizer(tokenizer)
        ids = data.draw(st.lists(st.integers(0, chat.vocab_size - 1), max_size=40))
        assert len(chat.decode(np.asarray(ids, np.int32))) <= len(ids) * chat.max_chars_per_id


def test_a_continued_prompt_puts_no_space_before_a_reply(metaspace):
    """The dummy space of SentencePiece belongs to the start of a text, not to that of a turn."""
    chat = load_tokenizer(metaspace)
    context = chat.encode_prompt(SAID) + chat.encode_reply("abc")
    assert chat.decode(context) == "<s>[INST] hello [/INST]abc</s>"


def test_separate_templates_for_tools_are_told_apart():
    """A tokenizer with a `default` and a `tool_use` template uses each where it belongs."""
    tokenizer = templates.tokenizer_with(CHATML, CHATML_CONTROLS)
    tokenizer.chat_template = {"default": CHATML, "tool_use": CHATML.replace("Tools: ", "You may call: ")}
    chat = load_tokenizer(tokenizer)
    assert "You may call" not in chat.decode(chat.encode_prompt(SAID))
    assert "You may call" in chat.decode(chat.encode_prompt(SAID, [{"name": "look"}]))


def test_the_date_in_a_template_is_the_same_every_day():
    """A template that asks for today cannot make two runs of one seed differ."""
    dated = CHATML.replace(
        "{%- for message in messages %}", "{{ strftime_now('%d %B %Y') }}{% for message in messages %}", 1
    )
    chat = load_tokenizer(templates.tokenizer_with(dated, CHATML_CONTROLS))
    assert chat.decode(chat.encode_prompt(SAID)).startswith("01 January 2026")


def test_a_prompt_that_the_template_rejects_is_refused(metaspace):
    """A system message where there is no such role names the template's complaint."""
    with pytest.raises(TemplateRefused, match="only user and assistant"):
        load_tokenizer(metaspace).encode_prompt([{"role": "system", "content": "be brief"}, *SAID])


def test_a_tokenizer_without_a_template_is_unknown(chatml):
    """Base models have none; the error says which sibling to load."""
    tokenizer = copy.deepcopy(chatml)
    tokenizer.chat_template = None
    with pytest.raises(UnknownTokenizer, match="no chat template"):
        load_tokenizer(tokenizer)


def test_a_slow_tokenizer_is_unknown():
    """Only backends of the `tokenizers` library are served."""

    class Slow:
        backend_tokenizer = None
        name_or_path = "slow/one"

        def apply_chat_template(self):
            raise AssertionError

    with pytest.raises(UnknownTokenizer, match="no fast backend"):
        load_tokenizer(Slow())


@pytest.mark.parametrize("name", ["/no/such/folder", "no-such-owner/no-such-model", "not a name"])
def test_a_name_that_cannot_be_loaded_is_unknown(name, offline):
    """A path, a Hub name without network, and nonsense: each with a next step."""
    with pytest.raises(UnknownTokenizer) as caught:
        load_tokenizer(name)
    assert name in str(caught.value)
    assert caught.value.next_step


def test_without_transformers_a_name_says_which_extra_it_needs(monkeypatch):
    """The error carries the pip line."""
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"llm-envs\[hf\]"):
        load_tokenizer("some/model")


def test_without_tokenizers_the_module_says_which_extra_it_needs(monkeypatch):
    """The same where the adapter itself cannot be imported."""
    for module in ("llm_envs.chat.hf", "llm_envs.chat.encoder"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match=r"llm-envs\[hf\]"):
        load_tokenizer("some/other-model")
