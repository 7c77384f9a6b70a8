"""`hf:PATH` and `vllm:PATH`: models that run here, asked and answered in token ids.

The tokenizer is the model's own, or bytes for a folder that has none. Replies are sampled from the whole distribution,
at temperature 1 unless another one is asked for. A turn may have as many tokens as `max_tokens` says, or else as the
env allows; an episode as many as the model can read.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from llm_envs.chat import ChatTokenizer, load_tokenizer
from llm_envs.errors import BadOption, MissingExtra, UnknownModel
from llm_envs.evals.models.batched import Batched
from llm_envs.policies.model import Decoding
from llm_envs.policies.policy import Policy

__all__ = ["make_hf", "make_vllm"]

_TOKENIZER_FILE = "tokenizer_config.json"


def make_hf(source: str, decoding: Decoding, *, concurrency: int, tokenizer: str | None, device: str) -> Batched:
    """A model that transformers runs.

    Raises:
        UnknownModel: there is none of that name.
        BadOption: there is no such device, or the decoding is beyond it.
        MissingExtra: torch or transformers is not installed.
    """
    _require("torch", "train", f"the model hf:{source}")
    _require("transformers", "train", f"the model hf:{source}")
    from llm_envs.trainers.learner import check_device

    check_device(device)

    def load(chat: ChatTokenizer) -> Policy:
        from llm_envs.policies.hf import HFPolicy
        from llm_envs.trainers.learner import load_model

        return HFPolicy(load_model(source, device), chat)

    return _make("hf", source, load, decoding=decoding, concurrency=concurrency, tokenizer=tokenizer)


def make_vllm(source: str, decoding: Decoding, *, concurrency: int, tokenizer: str | None) -> Batched:
    """A model that vLLM runs, on the device that it was built for.

    Raises:
        UnknownModel: there is none of that name.
        BadOption: the decoding is beyond it.
        MissingExtra: vllm is not installed.
    """
    _require("vllm", "vllm", f"the model vllm:{source}")

    def load(chat: ChatTokenizer) -> Policy:
        from llm_envs.policies.vllm import VLLMPolicy

        context_length = _context_length(_config("vllm", source))
        try:
            return VLLMPolicy.load(source, chat, context_length)
        except (ValueError, RuntimeError) as error:
            raise BadOption(
                f"vLLM cannot run {source!r}",
                expected="a causal language model that vLLM knows, and memory for it",
                received=f"{type(error).__name__}: {error}",
                next_step="See why: VLLM_LOGGING_LEVEL=INFO, and the same command.",
            ) from error

    return _make("vllm", source, load, decoding=decoding, concurrency=concurrency, tokenizer=tokenizer)


def _make(
    runner: str,
    source: str,
    load: Callable[[ChatTokenizer], Policy],
    *,
    decoding: Decoding,
    concurrency: int,
    tokenizer: str | None,
) -> Batched:
    if decoding.top_p not in {None, 1.0}:
        raise BadOption(
            f"{runner}: samples from the whole distribution",
            expected="no top_p",
            received=f"top_p={decoding.top_p:g}",
            next_step="Leave top_p out, or serve the model and name the endpoint: http://localhost:8000/v1#MODEL.",
        )
    config = _config(runner, source)
    name = tokenizer or _own_tokenizer(source)
    chat = load_tokenizer(name)
    _require_words(config, chat)
    return Batched(
        lambda: load(chat),
        chat,
        decoding,
        env_options={"tokenizer": name, **_limits(config, decoding)},
        most=concurrency,
    )


def _require(package: str, extra: str, purpose: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise MissingExtra.of(extra, package, purpose)


def _config(runner: str, source: str) -> Any:
    """The text model's config."""
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(source).get_text_config()
    except (OSError, ValueError) as error:
        raise UnknownModel(
            f"there is no model in {source!r}",
            expected="the folder or Hub name of a transformers causal language model",
            received=f"{type(error).__name__}: {error}",
            next_step=_advice(runner, Path(source)),
        ) from error


def _advice(runner: str, folder: Path) -> str:
    """A training run's folder holds a model, but is none."""
    checkpoints = sorted(folder.glob("checkpoint/step-*"))
    if checkpoints:
        return f"Name its checkpoint: {runner}:{checkpoints[-1]}."
    return "Check the path or the name, and the network (HF_HUB_OFFLINE=1 uses the local cache only)."


def _own_tokenizer(source: str) -> str:
    folder = Path(source)
    return "bytes" if folder.is_dir() and not (folder / _TOKENIZER_FILE).exists() else source


def _require_words(config: Any, chat: ChatTokenizer) -> None:
    if config.vocab_size < chat.vocab_size:
        raise BadOption(
            "the model has fewer token ids than the tokenizer",
            expected=f"{chat.vocab_size} or more",
            received=config.vocab_size,
            next_step="Pass the --tokenizer that the model was made for.",
        )


def _limits(config: Any, decoding: Decoding) -> Mapping[str, int]:
    limits = {"context_length": _context_length(config), "max_new_tokens": decoding.max_tokens}
    return {name: limit for name, limit in limits.items() if limit}


def _context_length(config: Any) -> int | None:
    return getattr(config, "max_position_embeddings", None)
