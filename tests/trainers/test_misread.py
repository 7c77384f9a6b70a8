"""Results of tools with other digits: who reads them is misled."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from llm_envs.policies.policy import Reply, Sampling
from llm_envs.trainers.evaluation import evaluate
from llm_envs.trainers.misread import Misread, other_digits, share_misled


class Reader:
    """Calls as the oracle does; then says the last line of what it sees, or what it was told aside."""

    def __init__(self, envs, aside=None):
        self._envs, self._aside = envs, aside

    def generate(self, requests, sampling):
        """One turn for every request."""
        return [self._reply(self._envs.envs[request.row], request.context) for request in requests]

    def _reply(self, env, context):
        seen = env.chat.decode(context)
        if "<|im_start|>tool\n" not in seen:
            said = env.demonstrate(env.task)[0]
        else:
            said = self._aside(env.task) if self._aside else seen.split("<|im_start|>tool\n")[-1].split("<|im_end|>")[0]
        ids = env.chat.encode_reply(said)
        return Reply(np.array(ids, np.int32), np.zeros(len(ids), np.float32))


@pytest.fixture
def envs():
    """Sixteen tasks that take one call."""
    made = gymnasium.make_vec("llm/Calc-v0", num_envs=16, difficulty=0)
    yield made.unwrapped
    made.close()


def test_who_reads_is_misled(envs):
    """It is right when it sees the results, and says the changed ones when it sees those."""
    assert evaluate(Reader(envs), envs, Sampling()).reward == 1
    misled = evaluate(Misread(Reader(envs)), envs, Sampling())
    assert misled.reward == 0
    assert share_misled(misled) == 1


def test_who_knows_otherwise_is_not(envs):
    """An answer from elsewhere stays right, because tools and judge are as ever."""
    misled = evaluate(Misread(Reader(envs, aside=lambda task: str(task.answer))), envs, Sampling())
    assert misled.reward == 1
    assert share_misled(misled) == 0


def test_every_digit_becomes_another():
    """And none of them 0, which a number would not begin with; the rest stays."""
    assert other_digits("0123456789, a-b") == "1234567891, a-b"
