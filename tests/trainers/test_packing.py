"""Packed rows: the same log-probabilities as one row an episode, for less work."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from episodes import MULTI_TURN, SINGLE_TURN, batch
from models import KINDS, tiny_model

from llm_envs.chat import ByteTokenizer
from llm_envs.trainers.packing import can_share_prompts, pack, token_entropies, token_logprobs

LONG = [[300], [300, 5, 20], [40], [40], [1], [2], [3], [4]]
"""Continuations that do not fit one shared row."""


def alone(model, trajectory):
    """Log-probabilities of the sampled tokens by one plain forward pass."""
    ids = torch.from_numpy(trajectory.ids).long()
    logits = model(input_ids=ids[None], use_cache=False).logits[0, :, : ByteTokenizer.vocab_size]
    logprobs = torch.log_softmax(logits, -1)[:-1].gather(1, ids[1:, None])[:, 0]
    return logprobs[torch.from_numpy(trajectory.mask[1:])]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shapes", [SINGLE_TURN, MULTI_TURN, LONG], ids=["single turn", "multi-turn", "long"])
@pytest.mark.parametrize("max_tokens", [1, 100, 10_000])
def test_logprobs_are_those_of_separate_rows(kind, shapes, max_tokens):
    """Neither neighbours in a row nor padding nor micro-batches change a sampled token's log-probability."""
    model, trajectories = tiny_model(kind), batch(shapes)
    found = {}
    with torch.inference_mode():
        for packed in pack(trajectories, model, max_tokens):
            logprobs_N = token_logprobs(model, packed, ByteTokenizer.vocab_size)
            for i in packed.trajectory_N.unique().tolist():
                assert i not in found
                mine = packed.trajectory_N == i
                found[i] = logprobs_N[mine]
                assert packed.target_N[mine].tolist() == trajectories[i].ids[trajectories[i].mask].tolist()
                sampled = trajectories[i].logprobs[trajectories[i].mask]
                assert packed.sampled_logprobs_N[mine].tolist() == sampled.tolist()
        for i, trajectory in enumerate(trajectories):
            torch.testing.assert_close(found[i], alone(model, trajectory), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_entropies_are_those_of_the_sampling_distributions(temperature):
    """In nats, at the temperature, over the tokenizer's ids alone."""
    model, trajectories = tiny_model(), batch(SINGLE_TURN)
    for packed in pack(trajectories, model, 10_000):
        found_N = token_entropies(model, packed, ByteTokenizer.vocab_size, temperature)
        for i in packed.trajectory_N.unique().tolist():
            ids = torch.from_numpy(trajectories[i].ids).long()
            with torch.inference_mode():
                logits = model(input_ids=ids[None], use_cache=False).logits[0, :-1, : ByteTokenizer.vocab_size]
            drawn = torch.distributions.Categorical(logits=logits / temperature)
            expected = drawn.entropy()[torch.from_numpy(trajectories[i].mask[1:])]
            torch.testing.assert_close(found_N[packed.trajectory_N == i], expected, atol=1e-4, rtol=1e-4)


def test_a_shared_prompt_stands_once():
    """A group is one row, as long as its prompt and the continuations without their last tokens."""
    (packed,) = pack(batch(SINGLE_TURN, (7, 7)), tiny_model(), 10_000)
    assert packed.ids_R_L.shape == (2, 7 + (3 + 3 + 11 + 1))
    assert packed.shares_prompts


def test_one_continuation_needs_no_mask():
    """Rows that share nothing are ordinary causal rows."""
    (packed,) = pack(batch([[5], [3]]), tiny_model(), 10_000)
    assert not packed.shares_prompts


def test_rows_stay_short_where_continuations_are_long():
    """A row is shared up to 512 positions only."""
    lengths = [packed.ids_R_L.shape[1] for packed in pack(batch(LONG), tiny_model(), 1)]
    assert lengths == [11 + 0 + 1 + 2 + 3, 7 + 299, 7 + 324 + 39 + 39]


def test_micro_batches_keep_to_their_size():
    """No micro-batch of several rows has more positions than it may, padding included."""
    rng = np.random.default_rng(0)
    trajectories = batch([[int(n)] for n in rng.integers(1, 60, 64)], prompt_lengths=range(5, 37))
    micro_batches = list(pack(trajectories, tiny_model(), 200))
    assert len(micro_batches) > 5
    assert all(packed.ids_R_L.numel() <= 200 or len(packed.ids_R_L) == 1 for packed in micro_batches)


def test_only_full_attention_shares():
    """A window or a recurrent state would see the neighbours: such models get one continuation a row."""
    sharing = {kind: can_share_prompts(tiny_model(kind)) for kind in KINDS}
    assert sharing == {kind: "sliding window" not in kind for kind in KINDS}
    assert not all(sharing.values())


def test_an_episode_without_sampled_tokens_adds_nothing():
    """It is packed, and no token of it is in the loss."""
    trajectories = [*batch([[5], [3]]), *batch([[], [2]], seed=1)]
    seen = torch.cat([packed.trajectory_N for packed in pack(trajectories, tiny_model(), 100)])
    assert sorted(set(seen.tolist())) == [0, 1, 3]


def test_temperature_is_that_of_sampling():
    """Log-probabilities at a temperature are those of the scaled logits."""
    model, trajectories = tiny_model(), batch([[5], [3]])
    (packed,) = pack(trajectories, model, 1000)
    with torch.inference_mode():
        cool_N = token_logprobs(model, packed, ByteTokenizer.vocab_size, 0.5)
        ids = torch.from_numpy(trajectories[0].ids).long()
        logits = model(input_ids=ids[None]).logits[0, :-1] / 0.5
    expected = torch.log_softmax(logits, -1).gather(1, ids[1:, None])[7 - 1 :, 0]
    torch.testing.assert_close(cool_N[packed.trajectory_N == 0], expected, atol=1e-4, rtol=1e-4)
