"""Small real tokenizers, trained on a few lines: one for each way to end a turn, and a SentencePiece-like one."""

from __future__ import annotations

import pytest
import templates
from small_templates import CHATML, CHATML_CONTROLS, HEADERS, INSTRUCT


@pytest.fixture(scope="session")
def chatml():
    """Every turn is closed by `<|im_end|>`; `<think>` and `<tool_call>` are added tokens, not special."""
    return templates.tokenizer_with(CHATML, CHATML_CONTROLS)


@pytest.fixture(scope="session")
def headers():
    """No turn is closed: a policy stops by sampling `<|user|>`."""
    return templates.tokenizer_with(HEADERS, ["<|user|>", "<|assistant|>", "<|system|>", "<|tool|>"])


@pytest.fixture(scope="session")
def metaspace():
    """Spaces are part of tokens, and the first word of any text gets one; control tokens stand in the vocabulary."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    backend.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    bytes_256 = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=600, show_progress=False, special_tokens=["<unk>", "<s>", "</s>", *bytes_256]
    )
    backend.train_from_iterator(["the quick brown fox < / s > [ INST ] 1 2 3 4 5 6 7 8 9 0 abc xyz"] * 4, trainer)
    backend.add_tokens([AddedToken(name, special=False, normalized=True) for name in ("[INST]", "[/INST]")])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=_without_added_bytes(backend), bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    tokenizer.chat_template = INSTRUCT
    return tokenizer


def _without_added_bytes(backend):
    """The trainer marks the byte tokens special as well; in real vocabularies they are plain entries."""
    import json

    from tokenizers import Tokenizer

    layout = json.loads(backend.to_str())
    layout["added_tokens"] = [token for token in layout["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(layout))
