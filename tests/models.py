"""Language models that only tests use: random weights, a fraction of a second to make."""

from __future__ import annotations

import torch
from transformers import (
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from llm_envs.chat import ByteTokenizer

_SMALL = {
    "vocab_size": ByteTokenizer.vocab_size,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "max_position_embeddings": 2048,
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "eos_token_id": 258,
    "pad_token_id": 256,
    "initializer_range": 0.3,
}
"""Weights large enough that the distributions are far from uniform, and differ from context to context."""

KINDS = {
    "qwen3": (Qwen3ForCausalLM, lambda: Qwen3Config(**_SMALL)),
    "llama, wider than the tokenizer": (LlamaForCausalLM, lambda: LlamaConfig(**{**_SMALL, "vocab_size": 320})),
    "llama, wider than the tokenizer, heads for vllm": (
        LlamaForCausalLM,
        lambda: LlamaConfig(**{**_SMALL, "vocab_size": 320, "head_dim": 32}),
    ),
    "gemma3, sliding window": (
        Gemma3ForCausalLM,
        lambda: Gemma3TextConfig(**_SMALL, sliding_window=16, layer_types=["sliding_attention", "full_attention"]),
    ),
}


def tiny_model(kind="qwen3", seed=0):
    """A model of some ten thousand parameters, in evaluation mode."""
    model_class, config = KINDS[kind]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return model_class(config()).eval()
