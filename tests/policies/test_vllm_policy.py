"""vLLM as a policy, for real: ids as sampled, log-probabilities as the model gives them, and noise by the counter.

One engine serves all tests of this file, because each takes many seconds to start.
"""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("vllm", reason="the package vllm is not installed")

import torch
from models import tiny_model

from llm_envs.chat import ByteTokenizer
from llm_envs.errors import BadOption
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models import make_model
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Decoding
from llm_envs.policies.policy import Request, Sampling
from llm_envs.policies.vllm import VLLMPolicy

pytestmark = [pytest.mark.vllm, pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

KIND = "llama, wider than the tokenizer, heads for vllm"
CHAT = ByteTokenizer()
TOLERANCE = 1e-4


@pytest.fixture(scope="module", autouse=True)
def _little_memory():
    """GiB for keys and values, on a CPU."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of a tiny model with more ids than the tokenizer has."""
    path = tmp_path_factory.mktemp("tiny")
    tiny_model(KIND).save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def policy(folder):
    """The engine, on it, as the SPEC starts it."""
    policy = make_model(f"vllm:{folder}")._load()
    assert isinstance(policy, VLLMPolicy)
    yield policy
    policy.close()


def requests(count=8, budget=24):
    """Contexts of several lengths, two of each."""
    prompts = [CHAT.encode_prompt([{"role": "user", "content": "x" * (row // 2)}]) for row in range(count)]
    return [Request(np.array(prompt, np.int32), budget, row) for row, prompt in enumerate(prompts)]


def exact(request, reply, temperature=1.0):
    """The log-probabilities of a reply, read as a whole by transformers."""
    ids = torch.tensor([*request.context.tolist(), *reply.ids.tolist()])
    with torch.no_grad():
        logits_T_V = tiny_model(KIND)(ids[None]).logits[0, len(request.context) - 1 : -1, : CHAT.vocab_size]
    logprobs_T_V = torch.log_softmax(logits_T_V / temperature, -1)
    return logprobs_T_V.gather(1, torch.tensor(reply.ids.tolist())[:, None])[:, 0].numpy()


@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_log_probabilities_are_those_of_the_distribution(policy, temperature):
    """Temperature and tokenizer's words included, they agree with transformers."""
    asked = requests()
    replies = policy.generate(asked, Sampling(temperature, seed=3))
    for request, reply in zip(asked, replies, strict=True):
        assert reply.logprobs == pytest.approx(exact(request, reply, temperature), abs=TOLERANCE)
        assert reply.ids.dtype == np.int32
        assert reply.logprobs.dtype == np.float32


def test_replies_end_with_a_stop_id_or_at_the_budget(policy):
    """Both happen; no id stands behind a stop id, and none is beyond the vocabulary."""
    replies = policy.generate(requests(64, 60), Sampling(1.5))
    ended = [reply.ids[-1] in CHAT.stop_ids for reply in replies]
    assert any(ended)
    assert not all(ended)
    for reply, is_whole in zip(replies, ended, strict=True):
        assert is_whole or len(reply.ids) == 60
        assert not set(reply.ids[:-1].tolist()) & CHAT.stop_ids
        assert reply.ids.max() < CHAT.vocab_size


def test_a_reply_does_not_depend_on_its_batch(policy):
    """Alone and in company, in this order and the other; another seed, step or row says something else."""
    asked = requests()
    together = policy.generate(asked, Sampling(seed=1, step=2))
    backwards = policy.generate(asked[::-1], Sampling(seed=1, step=2))[::-1]
    alone = [policy.generate([request], Sampling(seed=1, step=2))[0] for request in asked]
    others = [policy.generate(asked, Sampling(seed=seed, step=step)) for seed, step in ((2, 2), (1, 3))]
    for row, reply in enumerate(together):
        assert reply.ids.tolist() == backwards[row].ids.tolist() == alone[row].ids.tolist()
    assert all([r.ids.tolist() for r in together] != [r.ids.tolist() for r in other] for other in others)
    assert together[0].ids.tolist() != together[1].ids.tolist()


def test_temperature_0_takes_the_most_likely_id(policy):
    """As transformers does; the log-probability of a certain choice is 0."""
    asked = requests(2)
    for request, reply in zip(asked, policy.generate(asked, Sampling(0.0)), strict=True):
        ids = torch.tensor([*request.context.tolist(), *reply.ids.tolist()])
        with torch.no_grad():
            logits_T_V = tiny_model(KIND)(ids[None]).logits[0, len(request.context) - 1 : -1, : CHAT.vocab_size]
        assert reply.ids.tolist() == logits_T_V.argmax(-1).tolist()
        assert not reply.logprobs.any()


def test_no_request_is_no_reply(policy):
    """And costs nothing."""
    assert policy.generate([], Sampling()) == []


def test_a_run_is_played_token_by_token(policy, folder, tmp_path):
    """From the SPEC to the journal, many episodes in one batch."""
    envs = (EnvPlan("llm/Arithmetic-v0"), EnvPlan("llm/GuessNumber-v0", {"difficulty": 0}))
    plan = Plan(envs, f"vllm:{folder}", tasks=3, samples=2, decoding=Decoding(max_tokens=16))
    model = make_model(plan.model, plan.decoding)
    model._load = lambda: SimpleNamespace(generate=policy.generate)  # the engine that runs already, and goes on
    asyncio.run(Engine(RunFolder.create(tmp_path / "run", plan), model).run())
    outcomes = list(RunFolder.open(tmp_path / "run").outcomes())
    assert len(outcomes) == plan.episodes
    for outcome in outcomes:
        for said, reply in zip(outcome.ids, outcome.replies, strict=False):
            assert said
            assert len(reply.logprobs) == len(reply.ids) <= 16


def test_what_vllm_cannot_run_is_told(folder):
    """An architecture that nobody knows is an error of the suite, with vLLM's own words."""
    config = json.loads((folder / "config.json").read_text())
    broken = folder / "broken"
    broken.mkdir()
    (broken / "config.json").write_text(json.dumps({**config, "architectures": ["NobodyKnowsForCausalLM"]}))
    with pytest.raises(BadOption, match="NobodyKnowsForCausalLM"):
        make_model(f"vllm:{broken}")._load()
