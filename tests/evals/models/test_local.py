"""Models that run here: real ones, from a folder to the journal, token by token."""

from __future__ import annotations

import asyncio
import importlib.util

import pytest
import torch
from models import tiny_model

from llm_envs.errors import BadOption, MissingExtra, UnknownModel
from llm_envs.evals.engine import Engine
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.models import make_model
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.model import Decoding
from llm_envs.registry import row
from llm_envs.trainers.learner import without_bars

ENVS = (EnvPlan("llm/Arithmetic-v0"), EnvPlan("llm/GuessNumber-v0", {"difficulty": 0}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Of a tiny model without a tokenizer."""
    path = tmp_path_factory.mktemp("tiny")
    with without_bars():
        tiny_model().save_pretrained(path)
    return path


def played(path, spec, decoding=None, *, tasks=4, seed=0, **options):
    """The outcomes of a run, by attempt."""
    decoding = decoding or Decoding()
    plan = Plan(ENVS, spec, tasks, samples=2, seed=seed, decoding=decoding)
    asyncio.run(Engine(RunFolder.create(path, plan), make_model(spec, decoding, **options)).run())
    return {outcome.attempt: outcome for outcome in RunFolder.open(path).outcomes()}


def test_replies_are_ids_with_their_exact_log_probabilities(folder, tmp_path):
    """What the journal holds is what the model gives when it reads the whole episode again."""
    found = played(tmp_path / "run", f"hf:{folder}", Decoding(temperature=0.8, max_tokens=24))
    model = tiny_model()
    for outcome in found.values():
        context = []
        for said, reply in zip(outcome.ids, outcome.replies, strict=False):
            context += said
            with torch.no_grad():
                logits_T_V = model(torch.tensor([context + reply.ids])).logits[0, len(context) - 1 : -1]
            logprobs_T_V = torch.log_softmax(logits_T_V / 0.8, -1)
            expected_T = logprobs_T_V[torch.arange(len(reply.ids)), torch.tensor(reply.ids)]
            assert reply.logprobs == pytest.approx(expected_T.tolist(), abs=1e-4)
            assert len(reply.ids) <= 24
            context += reply.ids


def test_what_is_said_does_not_depend_on_concurrency(folder, tmp_path):
    """One at a time, all at once: the same replies, and others with another seed."""
    runs = [
        played(tmp_path / f"run{number}", f"hf:{folder}", seed=seed, concurrency=concurrency)
        for number, (concurrency, seed) in enumerate([(1, 0), (64, 0), (64, 1)])
    ]
    texts = [{attempt: [r.text for r in outcome.replies] for attempt, outcome in run.items()} for run in runs]
    assert texts[0] == texts[1] != texts[2]
    samples = [texts[0][attempt] for attempt in texts[0]]
    assert len({tuple(sample) for sample in samples}) == len(samples)


def test_the_most_likely_reply_is_always_the_same(folder, tmp_path):
    """At temperature 0 all samples of a task are equal."""
    found = played(tmp_path / "run", f"hf:{folder}", Decoding(temperature=0.0), tasks=3)
    for attempt, outcome in found.items():
        assert [r.ids for r in outcome.replies] == [r.ids for r in found[attempt._replace(sample=0)].replies]


def test_envs_are_made_for_the_model(folder):
    """Its tokenizer, its context, and the tokens that were asked for."""
    model = make_model(f"hf:{folder}", Decoding(max_tokens=9))
    assert model.level == "token"
    assert model.env_options == {"tokenizer": "bytes", "context_length": 2048, "max_new_tokens": 9}
    env = row("llm/Arithmetic-v0").make(**model.env_options)
    assert (env.chat.name, env.limits.context_length, env.limits.max_new_tokens) == ("bytes", 2048, 9)
    assert "max_new_tokens" not in make_model(f"hf:{folder}").env_options


def test_a_folder_without_a_model_is_named(tmp_path):
    """A training run's folder points to its checkpoint."""
    with pytest.raises(UnknownModel, match="Check the path"):
        make_model(f"hf:{tmp_path}")
    (tmp_path / "checkpoint" / "step-400").mkdir(parents=True)
    with pytest.raises(UnknownModel, match=r"hf:.*checkpoint/step-400"):
        make_model(f"hf:{tmp_path}")
    with pytest.raises(UnknownModel, match="names no model"):
        make_model("hf:")


def test_a_model_with_too_few_words_is_refused(tmp_path):
    """It could not read the prompts."""
    model = tiny_model()
    model.resize_token_embeddings(100)
    with without_bars():
        model.save_pretrained(tmp_path)
    with pytest.raises(BadOption, match="fewer token ids"):
        make_model(f"hf:{tmp_path}")


def test_what_cannot_be_sampled_is_refused(folder):
    """Rather than left out silently."""
    with pytest.raises(BadOption, match="top_p"):
        make_model(f"hf:{folder}", Decoding(top_p=0.9))
    assert make_model(f"hf:{folder}", Decoding(top_p=1.0))


def test_a_device_that_is_not_there_is_refused(folder):
    """Before anything is loaded."""
    with pytest.raises(BadOption, match="device"):
        make_model(f"hf:{folder}", device="tpu")


@pytest.mark.skipif(importlib.util.find_spec("vllm") is not None, reason="vllm is installed")
def test_vllm_that_is_missing_is_named(folder):
    """With the line that installs it."""
    with pytest.raises(MissingExtra, match=r"llm-envs\[vllm\]"):
        make_model(f"vllm:{folder}")
