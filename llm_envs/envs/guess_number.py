"""`llm/GuessNumber-v0`: find a hidden number by bisection, the smallest env whose world answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from llm_envs.env import MultiTurnEnv
from llm_envs.types import Message, StopReason, Task, Verdict

__all__ = ["GuessNumber"]

_HIGHEST = (4, 8, 16, 64, 256, 1024)
"""Largest number, by difficulty; bisection finds one of n numbers in `n.bit_length()` guesses, nothing in fewer."""

_GUESS = re.compile(r"(?:guess\s*+:?\s*+)?(\d{1,9})\s*+\.?", re.IGNORECASE | re.ASCII)
"""Possessive throughout: a reply of nothing but blanks is read in linear time."""

_REASONING_END = "</think>"


class GuessNumber(MultiTurnEnv):
    """Guess a hidden number; the world says `higher` or `lower`.

    ## Description
    A number from 1 to n is hidden. Each turn is one guess; the answer tells on which side the number lies. There are
    just enough guesses for bisection: it always wins, and what guesses worse needs luck.

    ## Action space
    `Discrete(vocab_size)`, one token a step; a turn should read as a number, alone or after `guess:`. Anything before
    `</think>` is not read. A reply with no number, or with several, is answered with what was expected and costs a
    guess.

    ## Observation space
    See `llm_envs.views`; `delta` by default.

    ## Reward
    1 if the number was found, else 0.

    ## Episode end
    Terminated when the number is found (`solved`) or the guesses are used up (`gave_up`). Truncated when a guess
    exceeds `max_new_tokens` or the context is full.

    ## Arguments
    `difficulty` 0 to 5: the highest number is 4, 8, 16, 64, 256 or 1024. By default it is drawn.

    ## Verifier
    The episode's own state: nothing that the policy writes is trusted but the number.

    ## Version history
    - v0: first release.
    """

    max_new_tokens: ClassVar[int] = 64
    context_length: ClassVar[int] = 2048
    difficulties: ClassVar[range | None] = range(6)

    def sample(self, rng: np.random.Generator) -> Task:
        """Hide a number."""
        difficulty = int(rng.integers(6)) if self.difficulty is None else self.difficulty
        highest = _HIGHEST[difficulty]
        guesses = highest.bit_length()
        return Task(
            prompt=(
                f"I think of a number from 1 to {highest}. Find it in {guesses} guesses. "
                "After each I say whether it is higher or lower. Reply with one number."
            ),
            answer=int(rng.integers(1, highest + 1)),
            metadata={"difficulty": difficulty, "highest": highest, "guesses": guesses},
        )

    def begin(self, task: Task) -> None:
        """Nothing is guessed yet."""
        self._guesses_left: int = task.metadata["guesses"]
        self._found = False

    def respond(self, task: Task, reply: str) -> Sequence[Message] | StopReason:
        """Compare the guess with the number."""
        self._guesses_left -= 1
        guess = _read_guess(reply)
        self._found = guess == task.answer
        if self._found:
            return StopReason.SOLVED
        if not self._guesses_left:
            return StopReason.GAVE_UP
        return [{"role": "user", "content": self._hint(guess, task.answer)}]

    def verify(self, task: Task, reply: str) -> Verdict:
        """1 if the last guess was the number."""
        if self._found:
            return Verdict.of(1.0, f"found {task.answer}, {_guesses(self._guesses_left)} left")
        return Verdict.of(0.0, f"the number was {task.answer}; the last reply was {_read_guess(reply)}")

    def demonstrate(self, task: Task) -> list[str]:
        """Bisect."""
        low, high = 1, task.metadata["highest"]
        replies = []
        while True:
            guess = (low + high) // 2
            replies.append(str(guess))
            if guess == task.answer:
                return replies
            low, high = (guess + 1, high) if guess < task.answer else (low, guess - 1)

    def _hint(self, guess: int | None, number: int) -> str:
        left = f"{_guesses(self._guesses_left)} left"
        if guess is None:
            return f"Reply with one number, such as 3. {left}."
        return f"The number is {'higher' if guess < number else 'lower'}. {left}."


def _read_guess(reply: str) -> int | None:
    match = _GUESS.fullmatch(reply.rpartition(_REASONING_END)[2].strip())
    return int(match[1]) if match else None


def _guesses(count: int) -> str:
    return "1 guess" if count == 1 else f"{count} guesses"
