"""Losses: by hand, against a reference in plain Python, and against TRL's on the same batch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from episodes import MULTI_TURN, SINGLE_TURN, batch
from models import tiny_model

from llm_envs.chat import ByteTokenizer
from llm_envs.trainers.advantages import group_advantages
from llm_envs.trainers.losses import clipped_policy_loss, cross_entropy_loss, k3_divergence
from llm_envs.trainers.packing import pack, token_logprobs

HAND = {
    # ratio, advantage: loss, is its gradient clipped away?
    "on policy": (1.0, 2.0, -2.0, False),
    "on policy, bad": (1.0, -2.0, 2.0, False),
    "better, within": (1.2, 1.0, -1.2, False),
    "better, beyond": (1.5, 1.0, -1.28, True),
    "better, far below: no clip": (0.5, 1.0, -0.5, False),
    "worse, within": (0.9, -1.0, 0.9, False),
    "worse, beyond": (0.5, -1.0, 0.8, True),
    "worse, far above: no clip": (2.0, -1.0, 2.0, False),
    "no advantage": (1.5, 0.0, 0.0, False),
}


def policy_loss(logprobs_N, sampled_N, advantages_N, mask_N=None, **options):
    """The loss with the usual clips."""
    mask_N = torch.ones_like(logprobs_N, dtype=torch.bool) if mask_N is None else mask_N
    options = {"clip_low": 0.2, "clip_high": 0.28, "tokens": float(mask_N.sum()), **options}
    return clipped_policy_loss(logprobs_N, sampled_N, advantages_N, mask_N, **options)


@pytest.mark.parametrize("case", HAND)
def test_one_token(case):
    """One token costs what the formula gives by hand, and has a gradient unless it is clipped."""
    ratio, advantage, expected, is_clipped = HAND[case]
    logprob_1 = torch.tensor([-1.0], requires_grad=True)
    terms = policy_loss(logprob_1, logprob_1.detach() - math.log(ratio), torch.tensor([advantage]))
    terms.loss.backward()
    assert terms.loss.item() == pytest.approx(expected)
    assert terms.clipped.item() == is_clipped
    assert logprob_1.grad.item() == pytest.approx(0.0 if is_clipped else -ratio * advantage)


def test_k3_by_hand():
    """exp(d) - 1 - d: 0 for equal policies, e - 2 when the reference is e times as likely, 1/e when e times less."""
    logprobs_N = torch.tensor([-2.0, -2.0, -2.0])
    divergence_N = k3_divergence(logprobs_N, torch.tensor([-2.0, -1.0, -3.0]))
    assert divergence_N.tolist() == pytest.approx([0.0, math.e - 2, 1 / math.e])


def test_the_gradient_of_the_penalty_is_that_of_the_divergence():
    """Averaged over what the policy samples, the penalty pulls towards the reference as the exact divergence does."""
    logits_V = torch.tensor([0.0, 1.0, 2.0, 3.0], requires_grad=True)
    reference_V = torch.log_softmax(torch.tensor([2.0, 0.0, 1.0, 0.0]), -1)
    logprobs_V = torch.log_softmax(logits_V, -1)
    exact = (logprobs_V.exp() * (logprobs_V - reference_V)).sum()
    (expected_V,) = torch.autograd.grad(exact, logits_V, retain_graph=True)
    sampled_V, nothing_V = logprobs_V.detach(), torch.zeros(4)
    losses = [
        policy_loss(
            logprobs_V[[v]], sampled_V[[v]], nothing_V[[v]], reference_logprobs_N=reference_V[[v]], kl_weight=1.0
        ).loss
        for v in range(4)
    ]
    (gradient_V,) = torch.autograd.grad((sampled_V.exp() * torch.stack(losses)).sum(), logits_V)
    torch.testing.assert_close(gradient_V, expected_V)


def test_k3_estimates_the_divergence():
    """Its expectation under the policy is the KL divergence."""
    policy_V, reference_V = torch.softmax(torch.tensor([[0.0, 1, 2, 3], [2.0, 0, 1, 0]]), -1)
    expected = (policy_V * (policy_V / reference_V).log()).sum()
    estimate = (policy_V * k3_divergence(policy_V.log(), reference_V.log())).sum()
    assert estimate.item() == pytest.approx(expected.item())


@pytest.mark.parametrize("junk", [torch.nan, torch.inf, -torch.inf, 1e30])
def test_masked_tokens_do_not_exist(junk):
    """Whatever stands where the mask is False, neither loss nor gradient know it."""
    mask_N = torch.tensor([True, False, True])
    logprobs_N = torch.tensor([-1.0, junk, -2.0], requires_grad=True)
    others = [torch.tensor([-1.1, junk, -1.9]), torch.tensor([1.0, junk, -1.0])]
    reference_N = torch.tensor([-1.0, junk, -1.0])
    terms = policy_loss(logprobs_N, *others, mask_N, reference_logprobs_N=reference_N, kl_weight=0.5)
    terms.loss.backward()
    kept = [tensor[mask_N] for tensor in (logprobs_N.detach(), *others)]
    alone = policy_loss(*kept, reference_logprobs_N=reference_N[mask_N], kl_weight=0.5)
    assert terms.loss.item() == pytest.approx(alone.loss.item())
    assert terms.divergence.item() == pytest.approx(alone.divergence.item())
    assert logprobs_N.grad[1] == 0
    assert torch.isfinite(logprobs_N.grad).all()


def test_micro_batches_add_up():
    """However a batch is cut, the parts sum to the loss of the whole: every token has the same weight."""
    rng = torch.Generator().manual_seed(0)
    logprobs_N, sampled_N, advantages_N = torch.randn(3, 100, generator=rng)
    whole = policy_loss(logprobs_N, sampled_N, advantages_N)
    parts = [
        policy_loss(logprobs_N[cut], sampled_N[cut], advantages_N[cut], tokens=100.0).loss
        for cut in (slice(0, 3), slice(3, 60), slice(60, 100))
    ]
    assert sum(parts).item() == pytest.approx(whole.loss.item(), rel=1e-5)


def test_cross_entropy_by_hand():
    """The mean negative log-likelihood of the masked tokens."""
    logprobs_N, mask_N = torch.tensor([-1.0, -5.0, -3.0]), torch.tensor([True, False, True])
    assert cross_entropy_loss(logprobs_N, mask_N, tokens=2).item() == 2.0


# On trajectories, through a real model


def ours(model, trajectories, advantages_B, reference=None, kl_weight=0.0):
    """Loss of a batch, its gradient left in the model."""
    tokens = sum(int(t.mask.sum()) for t in trajectories)
    total = 0.0
    for packed in pack(trajectories, model, 64):
        logprobs_N = token_logprobs(model, packed, ByteTokenizer.vocab_size)
        with torch.no_grad():
            reference_N = token_logprobs(reference, packed, ByteTokenizer.vocab_size) if reference else None
        loss = policy_loss(
            logprobs_N,
            packed.sampled_logprobs_N,
            advantages_B[packed.trajectory_N],
            tokens=tokens,
            reference_logprobs_N=reference_N,
            kl_weight=kl_weight,
        ).loss
        loss.backward()
        total += loss.item()
    return total


def naive(model, trajectories, advantages_B, reference=None, kl_weight=0.0):
    """The same number, token by token in plain Python, each token in a forward pass of its own."""
    total, tokens = 0.0, 0
    for episode, advantage in zip(trajectories, advantages_B.tolist(), strict=True):
        for t in np.flatnonzero(episode.mask).tolist():
            logprob = logprob_of(model, episode.ids[:t], int(episode.ids[t]))
            ratio = math.exp(logprob - float(episode.logprobs[t]))
            clipped = min(max(ratio, 1 - 0.2), 1 + 0.28)
            total -= min(ratio * advantage, clipped * advantage)
            if reference is not None:
                difference = logprob_of(reference, episode.ids[:t], int(episode.ids[t])) - logprob
                total += kl_weight * ratio * (math.exp(difference) - 1 - difference)
            tokens += 1
    return total / tokens


def logprob_of(model, context, token):
    """The log-probability of one token after a context."""
    with torch.inference_mode():
        logits_V = model(input_ids=torch.from_numpy(context).long()[None]).logits[0, -1]
    logits = logits_V.tolist()
    highest = max(logits)
    return logits[token] - highest - math.log(sum(math.exp(x - highest) for x in logits))


@pytest.mark.parametrize("shapes", [SINGLE_TURN, MULTI_TURN], ids=["single turn", "multi-turn"])
@pytest.mark.parametrize("kl_weight", [0.0, 0.3])
def test_the_batched_loss_is_the_naive_one(shapes, kl_weight):
    """Packing, masks, shifts and micro-batches change nothing about the sum over tokens."""
    model, reference = tiny_model(), tiny_model(seed=1)
    trajectories, advantages_B = batch(shapes), torch.randn(8, generator=torch.Generator().manual_seed(1))
    arguments = model, trajectories, advantages_B, reference if kl_weight else None, kl_weight
    assert ours(*arguments) == pytest.approx(naive(*arguments), rel=1e-5)


# Against TRL


def trl_trainer(model, kl_weight, tmp_path):
    """TRL's GRPO trainer of a model, with the same clips and the same mean over tokens."""
    trl = pytest.importorskip("trl")
    from datasets import Dataset
    from transformers import PreTrainedTokenizerFast

    model.save_pretrained(tmp_path)
    model.config._name_or_path = str(tmp_path)  # TRL looks there for a generation config
    return trl.GRPOTrainer(
        model=model,
        reward_funcs=lambda completions, **_: [0.0] * len(completions),
        args=trl.GRPOConfig(
            output_dir=str(tmp_path),
            loss_type="bnpo",
            epsilon=0.2,
            epsilon_high=0.28,
            beta=kl_weight,
            use_cpu=True,
            bf16=False,
            report_to=[],
            per_device_train_batch_size=8,
            num_generations=4,
        ),
        train_dataset=Dataset.from_dict({"prompt": ["?"] * 8}),
        processing_class=PreTrainedTokenizerFast(tokenizer_object=byte_vocabulary(), pad_token="256", eos_token="258"),
    )


def trl_loss(trainer, trajectories, advantages_B, reference=None):
    """TRL's own `_compute_loss` on a batch; its gradient is left in the trainer's model."""
    inputs = trl_inputs(trajectories, advantages_B)
    if reference is not None:
        width = inputs["completion_ids"].shape[1]
        ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], 1)
        mask = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], 1)
        trainer.ref_model.load_state_dict(reference.state_dict())
        with torch.no_grad():
            scored = trainer._get_per_token_logps_and_entropies(trainer.ref_model, ids, mask, width)
        inputs["ref_per_token_logps"] = scored[0]
    trainer.model.eval()
    trainer.current_gradient_accumulation_steps = 1
    loss = trainer._compute_loss(trainer.model, inputs)
    loss.backward()
    return loss.item()


def byte_vocabulary():
    """A tokenizer object of 259 words, for TRL's constructor alone."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    return Tokenizer(WordLevel({str(i): i for i in range(259)}, unk_token="0"))


def trl_inputs(trajectories, advantages_B):
    """The batch as TRL holds it: prompts padded left, completions right, env tokens in `tool_mask`."""
    width = max(t.prompt_length for t in trajectories)
    length = max(len(t.ids) - t.prompt_length for t in trajectories)
    shapes = {"prompt_ids": width, "prompt_mask": width, "completion_ids": length, "completion_mask": length}
    inputs = {name: torch.zeros(len(trajectories), size, dtype=torch.long) for name, size in shapes.items()}
    inputs["tool_mask"] = torch.zeros(len(trajectories), length, dtype=torch.long)
    inputs["old_per_token_logps"] = torch.zeros(len(trajectories), length)
    for i, t in enumerate(trajectories):
        p, c = t.prompt_length, len(t.ids) - t.prompt_length
        inputs["prompt_ids"][i, width - p :] = torch.from_numpy(t.ids[:p])
        inputs["prompt_mask"][i, width - p :] = 1
        inputs["completion_ids"][i, :c] = torch.from_numpy(t.ids[p:])
        inputs["completion_mask"][i, :c] = 1
        inputs["tool_mask"][i, :c] = torch.from_numpy(t.mask[p:])
        inputs["old_per_token_logps"][i, :c] = torch.from_numpy(t.logprobs[p:])
    return {**inputs, "advantages": advantages_B}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shapes", [SINGLE_TURN, MULTI_TURN], ids=["single turn", "multi-turn"])
@pytest.mark.parametrize("kl_weight", [0.0, 0.3])
def test_loss_and_gradients_are_those_of_trl(shapes, kl_weight, tmp_path, monkeypatch):
    """TRL's GRPO loss on the same model and batch gives the same loss and the same gradient for every parameter."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)  # TRL reports who uses it
    rewards_P_G = torch.tensor([[1.0, 0, 0, 1], [0, 1, 0, 0]])
    trajectories, advantages_B = batch(shapes), group_advantages(rewards_P_G).flatten()
    reference = tiny_model(seed=1) if kl_weight else None
    model, peer = tiny_model(), tiny_model()
    loss = ours(model, trajectories, advantages_B, reference, kl_weight)
    trainer = trl_trainer(peer, kl_weight, tmp_path)
    assert loss == pytest.approx(trl_loss(trainer, trajectories, advantages_B, reference), rel=1e-6)
    for (name, one), (_, other) in zip(model.named_parameters(), peer.named_parameters(), strict=True):
        difference = (one.grad - other.grad).norm() / other.grad.norm()
        assert difference < 1e-5, name  # float32 rounding: 3e-6 where attention is summed in another order
