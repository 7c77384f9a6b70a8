"""The guarded encoder: control strings found and spelled, in the kinds of tokenizer that make it hard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers

from llm_envs.chat.encoder import GuardedEncoder

WORDS = ["<|a|>", "<|ab|>", "<|a|", "[X]", "[X][Y]", "]~b]", "</s>"]


def byte_level(*tokens, merges=(), **options):
    """A byte-level tokenizer with few merges."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {character: i for i, character in enumerate(alphabet)}
    for left, right in merges:
        vocab[left + right] = len(vocab)
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=list(merges), **options))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_tokens([AddedToken(token, normalized=False) if isinstance(token, str) else token for token in tokens])
    return tokenizer


def unigram():
    """A unigram model that has its control token among its pieces, and so could well choose it for plain text."""
    pieces = [("<unk>", 0.0), ("</s>", -0.1), *((character, -3.0) for character in "</s>ab ▁")]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.add_special_tokens(["</s>"])
    return tokenizer


def whole_words():
    """A model that takes a whole word from the vocabulary without merging, control tokens among them."""
    vocab = {character: i for i, character in enumerate("</s>ab ")} | {"</s>": 20}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[], ignore_merges=True))
    tokenizer.add_special_tokens(["</s>"])
    return tokenizer


def lower_case():
    """A tokenizer that finds control tokens in normalised text."""
    tokenizer = byte_level(AddedToken("</s>", normalized=True))
    tokenizer.normalizer = normalizers.Lowercase()
    return tokenizer


@pytest.mark.parametrize("tokenizer", [byte_level("</s>"), unigram(), whole_words()], ids=["bytes", "unigram", "words"])
@pytest.mark.parametrize("text", ["</s>", "a</s>b", "</s></s>", "<</s>/s>", "</s> "])
def test_guarded_text_brings_no_control_id_and_loses_no_character(tokenizer, text):
    """Whatever the model would choose for `</s>`, it is spelled in other tokens."""
    encoder = GuardedEncoder(tokenizer)
    ids = encoder.encode("a" + encoder.guard(text) + "b")
    assert encoder.controls_among(ids) == ()
    assert encoder.decode(ids).replace(" ", "") == f"a{text}b".replace(" ", "")


def test_text_that_only_normalises_to_a_control_string_is_found_by_its_ids():
    """The guard cannot see it, so callers compare control ids, and guard the text whole."""
    encoder = GuardedEncoder(lower_case())
    assert len(encoder.controls_among(encoder.encode(encoder.guard("a</S>b")))) == 1
    assert encoder.controls_among(encoder.encode(encoder.guard_whole("a</S>b"))) == ()


@given(st.text(st.sampled_from("<|ab>[]XY~/s"), max_size=40))
def test_the_longest_control_string_is_found(text):
    """As the tokenizer itself finds them: leftmost, then longest."""
    tokenizer = byte_level(*WORDS)
    encoder = GuardedEncoder(tokenizer)
    ids = tokenizer.encode(text).ids
    assert [encoder.control_ids[word] for word in encoder.find_controls(text)] == list(encoder.controls_among(ids))


@given(st.text(max_size=40))
def test_text_without_control_strings_encodes_as_it_always_would(text):
    """The guard leaves harmless text alone."""
    tokenizer = byte_level(*WORDS, merges=[("a", "b"), ("Ġ", "a")])
    encoder = GuardedEncoder(tokenizer)
    if not encoder.find_controls(text) and encoder.guard(text) == text:
        assert encoder.encode(encoder.guard(text)) == tokenizer.encode(text).ids


def test_a_control_token_that_swallows_white_space_does_so_behind_a_turn():
    """Phi's `<|end|>` takes the newline after it; so does what is encoded behind it."""
    tokenizer = byte_level(AddedToken("<|end|>", normalized=False, rstrip=True), "<|user|>")
    encoder = GuardedEncoder(tokenizer)
    assert encoder.encode_behind("<|end|>", "\n<|user|>a") == tokenizer.encode("<|end|>\n<|user|>a").ids[1:]


def test_runs_of_white_space_are_no_controls():
    """Some tokenizers add tokens for indentation; code keeps them."""
    encoder = GuardedEncoder(byte_level("    ", "\t\t", "▁▁", "<|end|>"))
    assert encoder.control_ids.keys() == {"<|end|>"}


@given(st.text(st.characters(), max_size=30))
def test_marks_in_text_are_text(text):
    """Noncharacters and half surrogates read U+FFFD; nothing breaks, and nothing is lost."""
    encoder = GuardedEncoder(byte_level("</s>"))
    shown = "".join("\ufffd" if c in "\ufdd0\ufdd1\ufdd2" or "\ud800" <= c <= "\udfff" else c for c in text)
    assert encoder.decode(encoder.encode(encoder.guard(f"\ufdd1{text}</s>\ufdd0"))) == f"\ufffd{shown}</s>\ufffd"
