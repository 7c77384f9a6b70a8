"""Tokens per second: `llm_envs.policies.hf` against `model.generate`, on one model and the same prompts.

    python benchmarks/sampler.py [--device cuda]

Groups of 8 rows share a prompt, as in GRPO. Replies end at random, as those of a trained model do: the weights are
random, and one id in sixteen stops. Both sample at temperature 1 and give log-probabilities; each takes its best of
three. Only tokens up to the stop id count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from transformers import GenerationConfig, PreTrainedModel

from llm_envs.chat import ByteTokenizer
from llm_envs.policies.hf import HFPolicy, precision
from llm_envs.policies.policy import Request, Sampling
from llm_envs.trainers.demo import small_model

GROUPS, GROUP_SIZE, PROMPT_TOKENS = 32, 8, 24
NEW_TOKENS = (8, 64)


class StoppingTokenizer(ByteTokenizer):
    """Bytes, of which one in sixteen ends a reply."""

    stop_ids = frozenset(range(0, ByteTokenizer.vocab_size, 16))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu")
    device = parser.parse_args().device
    model = small_model(seed=0).to(device).eval()
    prompts = np.random.default_rng(0).integers(0, 256, (GROUPS, PROMPT_TOKENS), np.int32).repeat(GROUP_SIZE, 0)
    table = Table("at most", "generate, tokens/s", "llm-envs, tokens/s", "ratio", title=f"{device}, 1.0M parameters")
    for new_tokens in NEW_TOKENS:
        peer = best_rate(lambda n=new_tokens: with_generate(model, prompts, n))
        ours = best_rate(lambda n=new_tokens: with_policy(model, prompts, n))
        table.add_row(f"{new_tokens} tokens", f"{peer:,.0f}", f"{ours:,.0f}", f"{ours / peer:.1f}")
    Console().print(table)


def with_generate(model: PreTrainedModel, prompts: np.ndarray, new_tokens: int) -> int:
    """Sampled tokens, by transformers' own loop."""
    config = GenerationConfig(
        max_new_tokens=new_tokens,
        do_sample=True,
        top_k=0,
        eos_token_id=sorted(StoppingTokenizer.stop_ids),
        pad_token_id=ByteTokenizer.pad_id,
        return_dict_in_generate=True,
        output_logits=True,
    )
    ids = torch.from_numpy(prompts).long().to(model.device)
    with torch.inference_mode(), precision(model.device):
        output = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
        model.compute_transition_scores(output.sequences, output.logits, normalize_logits=True)
    stops = torch.isin(output.sequences[:, ids.shape[1] :].cpu(), torch.tensor(sorted(StoppingTokenizer.stop_ids)))
    return int((stops.cumsum(1) <= stops).sum())


def with_policy(model: PreTrainedModel, prompts: np.ndarray, new_tokens: int) -> int:
    """Sampled tokens, by the suite's sampler."""
    requests = [Request(prompt, new_tokens, row) for row, prompt in enumerate(prompts)]
    return sum(len(reply.ids) for reply in HFPolicy(model, StoppingTokenizer()).generate(requests, Sampling()))


def best_rate(work: Callable[[], int]) -> float:
    """The best tokens per second of three, after one to warm up."""
    work()
    rates = []
    for _ in range(3):
        began_s = time.perf_counter()
        tokens = work()
        rates.append(tokens / (time.perf_counter() - began_s))
    return max(rates)


if __name__ == "__main__":
    main()
