"""The sampler against the model it samples from, and against `model.generate`."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from models import KINDS, tiny_model
from transformers import DynamicCache, GenerationConfig

from llm_envs.chat import ByteTokenizer
from llm_envs.policies import hf
from llm_envs.policies.hf import HFPolicy
from llm_envs.policies.policy import Request, Sampling


class Stopping(ByteTokenizer):
    """Bytes, of which one in eight ends a reply, so that random models stop now and then."""

    stop_ids = frozenset(range(0, 256, 8))


CHAT = Stopping()
WIDTHS = (12, 12, 3, 30, 12, 30)


def requests(widths=WIDTHS, group_size=3, budget=40):
    """Groups of rows that share a prompt; prompts have different lengths."""
    rng = np.random.default_rng(0)
    prompts = [rng.integers(0, 256, width, np.int32) for width in widths]
    return [Request(prompt, budget, row) for row, prompt in enumerate(p for p in prompts for _ in range(group_size))]


def recomputed(model, request, reply, temperature=1.0):
    """Log-probabilities of a reply by one forward pass without a cache."""
    ids = torch.from_numpy(np.concatenate([request.context, reply.ids])).long()
    with torch.inference_mode():
        logits = model(input_ids=ids[None], use_cache=False).logits[0, :, : CHAT.vocab_size]
    logprobs = torch.log_softmax(logits / temperature, -1)[len(request.context) - 1 : -1]
    return logprobs.gather(1, ids[len(request.context) :, None])[:, 0].numpy()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("widths", [WIDTHS, (20, 20)], ids=["ragged", "equal"])
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_logprobs_are_the_models_own(kind, widths, temperature):
    """Every sampled token has the log-probability that the model gives it without cache, padding or batch."""
    model = tiny_model(kind)
    asked = requests(widths)
    replies = HFPolicy(model, CHAT).generate(asked, Sampling(temperature))
    assert len({len(reply.ids) for reply in replies}) > 1, "rows are to end at different times"
    for request, reply in zip(asked, replies, strict=True):
        np.testing.assert_allclose(reply.logprobs, recomputed(model, request, reply, temperature), atol=1e-4)


def test_replies_end_at_a_stop_id_or_at_the_budget():
    """A stop id is the last id and stands nowhere else; without one the reply is as long as it may be."""
    asked = [request._replace(budget=1 + request.row % 20) for request in requests()]
    replies = HFPolicy(tiny_model(), CHAT).generate(asked, Sampling())
    for request, reply in zip(asked, replies, strict=True):
        stops = [int(i) in CHAT.stop_ids for i in reply.ids]
        assert not any(stops[:-1])
        assert stops[-1] or len(reply.ids) == request.budget


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_replies_are_those_of_generate(kind):
    """At temperature 0 it takes the tokens that `model.generate` takes."""
    model = tiny_model(kind)
    config = GenerationConfig(
        max_new_tokens=40,
        do_sample=False,
        eos_token_id=sorted(CHAT.stop_ids),
        pad_token_id=256,
        suppress_tokens=list(range(CHAT.vocab_size, model.config.vocab_size)) or None,
    )
    asked = requests(group_size=1)
    for request, reply in zip(asked, HFPolicy(model, CHAT).generate(asked, Sampling(0.0)), strict=True):
        ids = torch.from_numpy(request.context).long()[None]
        expected = model.generate(ids, attention_mask=torch.ones_like(ids), generation_config=config)
        assert reply.ids.tolist() == expected[0, ids.shape[1] :].tolist()


def test_a_row_draws_the_same_in_any_batch():
    """Replies do not depend on which other rows are in the batch, nor on their order."""
    policy = HFPolicy(tiny_model(), CHAT)
    asked = requests()
    together = policy.generate(asked, Sampling(seed=5, step=9))
    backwards = policy.generate(asked[::-1], Sampling(seed=5, step=9))[::-1]
    alone = [policy.generate([request], Sampling(seed=5, step=9))[0] for request in asked]
    for one, two, three in zip(together, backwards, alone, strict=True):
        assert one.ids.tolist() == two.ids.tolist() == three.ids.tolist()


def test_siblings_differ():
    """Rows of one prompt draw different replies, and another seed or step draws others again."""
    policy = HFPolicy(tiny_model(), CHAT)
    asked = requests((12,), group_size=8)
    drawn = {
        tuple(reply.ids.tolist())
        for sampling in (Sampling(), Sampling(seed=1), Sampling(step=1))
        for reply in policy.generate(asked, sampling)
    }
    assert len(drawn) > 20


def test_tokens_come_as_often_as_the_model_says():
    """Over 4,000 draws the frequencies of first tokens match the model's probabilities."""
    model, context = tiny_model(), np.arange(10, dtype=np.int32)
    replies = HFPolicy(model, CHAT).generate([Request(context, 1, row) for row in range(4000)], Sampling())
    counts_V = np.bincount([reply.ids[0] for reply in replies], minlength=CHAT.vocab_size)
    with torch.inference_mode():
        logits = model(input_ids=torch.from_numpy(context).long()[None]).logits[0, -1]
    expected_V = torch.softmax(logits, -1).numpy() * 4000
    often = expected_V >= 5
    chi2 = ((counts_V - expected_V)[often] ** 2 / expected_V[often]).sum()
    assert chi2 < often.sum() + 5 * np.sqrt(2 * often.sum())


def test_no_id_beyond_the_tokenizer_is_drawn():
    """A model with a wider vocabulary than its tokenizer speaks only what the tokenizer knows."""
    model = tiny_model("llama, wider than the tokenizer")
    replies = HFPolicy(model, CHAT).generate(requests(group_size=20), Sampling(temperature=5.0))
    assert max(int(reply.ids.max()) for reply in replies) < CHAT.vocab_size


def test_extreme_noise_draws_possible_tokens():
    """At both ends of the noise a token with positive probability is drawn, whatever the rounding."""
    logits_B_V = torch.randn(1000, 50, generator=torch.Generator().manual_seed(0)) * 5
    logits_B_V[:, [0, -1]] = -torch.inf
    for noise, token in ((0.0, 1), (1 - 2.0**-52, 48)):
        tokens_B, logprobs_B = hf._draw(logits_B_V, torch.full((1000,), noise, dtype=torch.float64), 1.0)
        assert torch.isfinite(logprobs_B).all()
        assert (tokens_B == token).float().mean() > 0.9


def test_a_shared_prompt_is_read_once():
    """The first forward pass has as many rows as there are different prompts."""
    model = tiny_model()
    seen = []
    model.register_forward_pre_hook(lambda _, args, kwargs: seen.append(kwargs["input_ids"].shape), with_kwargs=True)
    HFPolicy(model, CHAT).generate(requests(), Sampling())
    assert seen[0] == (len(WIDTHS), max(WIDTHS))
    assert seen[-1][0] < len(WIDTHS) < seen[1][0] <= 3 * len(WIDTHS), "finished rows leave the batch"


def test_the_growing_cache_holds_what_the_stock_one_holds():
    """After appends of any length and dropped, repeated rows, keys and values are those of transformers' own cache."""
    rng = torch.Generator().manual_seed(0)
    model = tiny_model()
    ours, stock = hf._growing_cache(model), DynamicCache(config=model.config)
    rows = 3
    for length, index in ((5, [0, 0, 1, 2, 2]), (1, [4, 1]), (200, [1, 0, 0]), (1, None)):
        states = [torch.randn(rows, 1, length, 16, generator=rng) for _ in range(2)]
        for layer in (0, 1):
            for one, other in zip(ours.update(*states, layer), stock.update(*states, layer), strict=True):
                assert torch.equal(one, other)
        assert ours.get_seq_length() == stock.get_seq_length()
        if index is not None:
            ours.reorder_cache(torch.tensor(index))
            stock.reorder_cache(torch.tensor(index))
            rows = len(index)


def test_nothing_asked_nothing_said():
    """No requests, no replies."""
    assert HFPolicy(tiny_model(), CHAT).generate([], Sampling()) == []


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_gives_what_its_own_forward_pass_gives():
    """In bfloat16 the sampler's log-probabilities are close to those of float32."""
    model = tiny_model().cuda()
    asked = requests()
    replies = HFPolicy(model, CHAT).generate(asked, Sampling())
    model.cpu()
    errors = [np.abs(r.logprobs - recomputed(model, q, r)).mean() for q, r in zip(asked, replies, strict=True)]
    assert np.mean(errors) < 0.1
