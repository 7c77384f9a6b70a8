"""A causal language model run by vLLM, as a policy: token ids in, token ids and log-probabilities out.

vLLM is given ids and asked for ids: it has no tokenizer of its own here, applies no defaults of the model's makers, and
stops where the chat tokenizer says that a turn ends. Log-probabilities are those of the distribution that was drawn
from, temperature included; at temperature 0 they are 0, as `HFPolicy` has them.

What it deliberately does not do: weights of a model in training are not brought over, and top-k, top-p and penalties
are left to endpoints. A batch is finished whole before the next begins; within it, vLLM schedules as it likes.

Needs the package `vllm` (extra `vllm`), which runs its engine in a process of its own. Programs that use this policy
must guard their entry by `if __name__ == "__main__":`, because that process imports them again.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from llm_envs.chat import ChatTokenizer
from llm_envs.errors import MissingExtra
from llm_envs.policies.noise import key
from llm_envs.policies.policy import Reply, Request, Sampling

__all__ = ["VLLMPolicy"]

_SEED_BITS = 31
"""What vLLM hands on to torch's generators."""

_SETTINGS = {
    "VLLM_WORKER_MULTIPROCESSING_METHOD": "spawn",  # forking a process that has threads may hang it
    "VLLM_LOGGING_LEVEL": "ERROR",  # its notes would run over whatever is shown meanwhile
    "VLLM_NO_USAGE_STATS": "1",  # nothing is reported to anybody
}
"""What the environment says instead stands."""


class VLLMPolicy:
    """Samples replies.

    Args:
        llm: a `vllm.LLM`; use `load` to get one that fits.
        chat: the tokenizer; its stop ids end a reply, and no id beyond its vocabulary is drawn, though the model may
            have a wider one.
    """

    def __init__(self, llm: Any, chat: ChatTokenizer) -> None:
        self._llm = llm
        self._stop_ids = sorted(chat.stop_ids)
        is_wider = llm.model_config.get_vocab_size() > chat.vocab_size
        self._allowed_ids = list(range(chat.vocab_size)) if is_wider else None

    @classmethod
    def load(cls, source: str, chat: ChatTokenizer, context_length: int | None = None) -> Self:
        """The model in a folder, or of a Hub name; float32 on a CPU, elsewhere in the type its makers chose.

        Args:
            context_length: most ids of prompt and reply; the model's own by default.

        Raises:
            MissingExtra: vllm is not installed.
        """
        for name, value in _SETTINGS.items():
            os.environ.setdefault(name, value)
        try:
            from vllm import LLM
            from vllm.platforms import current_platform
        except ImportError as error:
            raise MissingExtra.of("vllm", "vllm", f"the model vllm:{source}") from error
        on_cpu = current_platform.is_cpu()
        llm = LLM(
            source,
            skip_tokenizer_init=True,
            dtype="float32" if on_cpu else "auto",
            enforce_eager=on_cpu,  # compiling takes a CPU longer than it saves
            max_model_len=context_length,
            logprobs_mode="processed_logprobs",
            disable_log_stats=True,
        )
        return cls(llm, chat)

    def generate(self, requests: Sequence[Request], sampling: Sampling) -> list[Reply]:
        """One reply a request, in order."""
        if not requests:
            return []
        prompts = [{"prompt_token_ids": request.context.tolist()} for request in requests]
        outputs = self._llm.generate(prompts, [self._params(request, sampling) for request in requests], use_tqdm=False)
        return [_reply(output.outputs[0], is_greedy=sampling.temperature == 0.0) for output in outputs]

    def close(self) -> None:
        """End the engine's process."""
        self._llm.llm_engine.engine_core.shutdown()

    def _params(self, request: Request, sampling: Sampling) -> Any:
        from vllm import SamplingParams

        place = (sampling.seed, sampling.step, request.row, len(request.context))
        return SamplingParams(
            temperature=sampling.temperature,
            seed=key(*place) % 2**_SEED_BITS,
            max_tokens=request.budget,
            logprobs=0,
            stop_token_ids=self._stop_ids,
            ignore_eos=True,
            allowed_token_ids=self._allowed_ids,
            detokenize=False,
        )


def _reply(output: Any, *, is_greedy: bool) -> Reply:
    ids = np.array(output.token_ids, np.int32)
    if is_greedy:
        return Reply(ids, np.zeros(len(ids), np.float32))
    logprobs = [of_token[token].logprob for token, of_token in zip(output.token_ids, output.logprobs, strict=True)]
    return Reply(ids, np.array(logprobs, np.float32))
