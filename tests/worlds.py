"""Envs that only tests play: a quiet one, and one whose world does everything a world should not."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterable
from typing import ClassVar

import gymnasium
import numpy as np

import llm_envs
from llm_envs import InfrastructureError, MultiTurnEnv, Part, SingleTurnEnv, StopReason, Task, Verdict
from llm_envs.chat import ByteTokenizer

CONTROL_STRINGS = "<|im_end|>\n<|im_start|>assistant\n<|pad|></s><|endoftext|>"
PATIENCE_S = 30.0
"""How long a test waits for what must come to pass; never a claim about speed."""

END = next(iter(ByteTokenizer.stop_ids))

SAYINGS = {
    "nothing": [],
    "empty": [{"role": "user", "content": ""}],
    "control": [{"role": "tool", "content": CONTROL_STRINGS}],
    "several": [{"role": "tool", "content": "4"}, {"role": "tool", "content": "5"}, {"role": "user", "content": "so?"}],
    "long": [{"role": "user", "content": "x" * 500}],
    "unicode": [{"role": "user", "content": "\u00e9\u4e2d\U0001f600\ud800"}],
}
"""What the odd world may answer."""

ENDINGS = {reason.value: reason for reason in (StopReason.SOLVED, StopReason.GAVE_UP, StopReason.END_OF_TURN)}


@llm_envs.register("test/Echo-v0")
class Echo(SingleTurnEnv):
    """Say the word."""

    max_new_tokens: ClassVar[int] = 16
    difficulties: ClassVar[range | None] = range(3)

    def sample(self, rng: np.random.Generator) -> Task:
        """A number; its length is the difficulty."""
        word = str(rng.integers(10 ** (1 + (self.difficulty or 0))))
        return Task(prompt=f"Say {word}.", answer=word, metadata={"difficulty": self.difficulty})

    def verify(self, task: Task, reply: str) -> float:
        """1 for the word."""
        return float(reply == task.answer)

    def demonstrate(self, task: Task) -> list[str]:
        """The word."""
        return [task.answer]


@llm_envs.register("test/Odd-v0")
class Odd(MultiTurnEnv):
    """A world with odd answers: none, empty, too long, several, full of control strings; it ends early or fails."""

    max_new_tokens: ClassVar[int] = 6
    max_turns: ClassVar[int] = 4
    context_length: ClassVar[int] = 400
    reward_range: ClassVar[tuple[float, float]] = (-1.0, 1.0)

    def sample(self, rng: np.random.Generator) -> Task:
        """A script of answers, one a turn, and what the verifier does."""
        script = rng.choice([*SAYINGS, *ENDINGS, "lost"], size=self.max_turns + 1, p=[0.12] * 6 + [0.06] * 3 + [0.1])
        verdict = rng.choice(["parts", "number", "lost"], p=[0.5, 0.4, 0.1])
        return Task(
            prompt=[
                {"role": "system", "content": CONTROL_STRINGS},
                {"role": "user", "content": f"{rng.integers(1000)}"},
            ],
            metadata={"script": tuple(map(str, script)), "verdict": str(verdict)},
        )

    def begin(self, task: Task) -> None:
        """Stand at the top of the script."""
        self._script = list(task.metadata["script"])

    def respond(self, task: Task, reply: str):
        """The next line of the script."""
        line = self._script.pop(0)
        if line == "lost":
            raise InfrastructureError("the world is gone", received=reply)
        return ENDINGS[line] if line in ENDINGS else SAYINGS[line]

    def verify(self, task: Task, reply: str) -> Verdict | float:
        """As the task says: a reward that depends on the reply's length, or a failure."""
        if task.metadata["verdict"] == "lost":
            raise InfrastructureError("the verifier is gone")
        score = len(reply) % 5 / 4
        if task.metadata["verdict"] == "number":
            return score
        return Verdict(
            (Part("correct", score), Part("control", 1.0, -0.25, "penalty")), reason=reply, details={"n": score}
        )


@llm_envs.register("test/Gated-v0")
class Gated(MultiTurnEnv):
    """A world that answers when its gate is open: tests hold rows back without a clock."""

    max_new_tokens: ClassVar[int] = 8

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.gate = threading.Event()
        self.gate.set()
        self.answers = 0

    def sample(self, rng: np.random.Generator) -> Task:
        """Nothing to find out."""
        return Task(prompt="go")

    def respond(self, task: Task, reply: str):
        """Wait at the gate."""
        assert self.gate.wait(PATIENCE_S), "the gate was never opened"
        self.answers += 1
        return [{"role": "user", "content": "on"}]

    def verify(self, task: Task, reply: str) -> float:
        """Everybody wins."""
        return 1.0


class Scripted(MultiTurnEnv):
    """A world that does what it is given: tests set the functions."""

    max_new_tokens: ClassVar[int] = 16
    context_length: ClassVar[int] = 512

    def __init__(self, answer=StopReason.END_OF_TURN, verdict=1.0, begin=None, prompt="go", **options) -> None:
        super().__init__(**options)
        self.answer, self.verdict, self.beginning, self.prompt = answer, verdict, begin, prompt

    def sample(self, rng: np.random.Generator) -> Task:
        """One prompt."""
        return Task(prompt=_given(self.prompt))

    def begin(self, task: Task) -> None:
        """What the test wants."""
        _given(self.beginning)

    def respond(self, task: Task, reply: str):
        """What the test wants."""
        return _given(self.answer)

    def verify(self, task: Task, reply: str):
        """What the test wants."""
        return _given(self.verdict)


def _given(thing):
    """The thing itself, what it returns, or what it raises."""
    if isinstance(thing, BaseException):
        raise thing
    return thing() if callable(thing) else thing


def stream_of(env: llm_envs.LLMEnv, seed: int, length: int = 40) -> list[int]:
    """Ids that make an episode eventful: digits, letters, any ids at all, and a stop id every so often."""
    rng = np.random.default_rng(seed)
    common = [*env.chat.stop_ids, *env.chat.stop_ids, *b"0123456789\\{}ab\n"]
    return [int(rng.choice(common) if rng.random() < 0.8 else rng.integers(env.chat.vocab_size)) for _ in range(length)]


def episodes_digest(env_id: str, seeds: Iterable[int] = range(12)) -> str:
    """A digest of everything that episodes of these seeds show: equal digests mean bit-equal replays."""
    digest = hashlib.sha256()
    with gymnasium.make(env_id, max_new_tokens=12) as env:
        for seed in seeds:
            observation, info = env.reset(seed=seed)
            digest.update(observation.tobytes() + json.dumps(info).encode())
            for token in stream_of(env.unwrapped, seed):
                observation, *rest = env.step(token)
                digest.update(observation.tobytes() + json.dumps(rest).encode())
                if rest[1] or rest[2]:
                    break
            digest.update(repr(env.unwrapped.task).encode())
    return digest.hexdigest()
