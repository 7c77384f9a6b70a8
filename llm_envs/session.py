"""The token MDP of one episode: the only place where its rules live.

Envs, vector envs and rollouts are shells over a Session. It is pure Python over a ledger: it knows nothing of
Gymnasium, of spaces, or of how tokens were sampled.

The rules:

- A turn is the ids the policy samples up to and including a stop id.
- A turn that reaches `max_new_tokens`, or fills the context, before a stop id ends the episode, truncated. The reply
  is verified as it stands; the world never answers it.
- After a finished turn the world answers with messages, whose ids are appended, or ends the episode.
- The world's answer must leave room for at least one more id; otherwise the episode is truncated instead.
- The reward is 0 until the episode ends, then the verdict's.
- An infrastructure error truncates the episode, without a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from llm_envs.chat.tokenizer import ChatTokenizer
from llm_envs.errors import BadTask, BadVerdict, ContextTooSmall, InfrastructureError, InvalidAction, ResetNeeded
from llm_envs.ledger import Ledger
from llm_envs.types import Message, Span, StopReason, Task, Trajectory, Turn, Verdict, as_number, is_message

__all__ = ["LOGPROB_SLACK", "Dynamics", "Limits", "Session", "as_token_ids"]

_REWARD_SLACK = 1e-9
"""Weights such as 0.9 + 0.1 do not sum to 1 exactly in floating point."""

LOGPROB_SLACK = 1e-2
"""Samplers that compute in 16 bits give certain tokens log-probabilities a little above 0."""


class Dynamics(Protocol):
    """What the world does: how it answers a finished turn, and how it judges the episode."""

    def respond(self, task: Task, reply: str) -> Sequence[Message] | StopReason:
        """The messages that answer `reply`, or why the episode ends here."""

    def verify(self, task: Task, reply: str) -> Verdict | float:
        """The verdict on the episode; `reply` is the policy's last turn."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Where an episode is cut off.

    Args:
        max_new_tokens: sampled ids in one turn, the stop id included.
        max_turns: turns the policy may take.
        context_length: ids in the whole context, prompt included.
    """

    max_new_tokens: int
    max_turns: int
    context_length: int


class Session:
    """Plays one episode at a time: `begin(task)`, then `push(ids)` until a Turn is done.

    Args:
        chat: the tokenizer.
        dynamics: the world.
        limits: where an episode is cut off.
        reward_range: lowest and highest reward a verdict may give.
    """

    def __init__(
        self, chat: ChatTokenizer, dynamics: Dynamics, limits: Limits, reward_range: tuple[float, float] = (0.0, 1.0)
    ) -> None:
        self.chat = chat
        self.limits = limits
        self.reward_range = reward_range
        self._dynamics = dynamics
        self._is_stop = _stop_table(chat.vocab_size, chat.stop_ids)
        self._task: Task | None = None
        self._messages: list[Message] = []
        self._ledger = Ledger()
        self._turn_start = 0
        self._turns = 0
        self._verdict: Verdict | None = None
        self._stop_reason: StopReason | None = None

    def begin(self, task: Task) -> NDArray[np.int32]:
        """Open an episode and give the prompt's ids.

        Raises:
            ContextTooSmall: the prompt fills the context.
        """
        prompt_ids = self.chat.encode_prompt(task.messages, task.tools)
        if len(prompt_ids) >= self.limits.context_length:
            raise ContextTooSmall(
                f"the prompt of task {task.id!r} leaves no room for a reply",
                expected=f"context_length above the prompt's {len(prompt_ids)} tokens",
                received=f"context_length={self.limits.context_length}",
                next_step=f"Pass context_length={len(prompt_ids) + self.limits.max_new_tokens} or more.",
            )
        self._task = task
        self._messages = task.messages
        self._ledger = Ledger()
        self._ledger.append_env(prompt_ids, kind="prompt")
        self._turn_start = len(prompt_ids)
        self._turns = 0
        self._verdict = None
        self._stop_reason = None
        return self._ledger.ids()

    def close(self) -> None:
        """Drop the episode, if one is open: nothing can be pushed before the next `begin`."""
        self._task = None

    def push(self, ids: ArrayLike, logprobs: ArrayLike | None = None) -> Turn:
        """Append sampled ids; where they end the turn, let the world answer or judge.

        Ids after the end of the turn are not taken: see `Turn.consumed`. Without a stop id the turn stays open, and
        the next push continues it. One push of a whole turn equals pushing its ids one by one.

        Args:
            ids: sampled token ids, shape (n,).
            logprobs: their log-probabilities under the sampler, shape (n,).

        Raises:
            ResetNeeded: no episode is open.
            InvalidAction: ids are no token ids, or logprobs do not match them.
            BadVerdict: the env's `verify` gave no number, or one out of range.
        """
        self.require_open()
        ids_n = self._checked_ids(ids)
        start = len(self._ledger)
        consumed, reason = self._cut(ids_n)
        self._ledger.append_sampled(ids_n[:consumed], _checked_logprobs(logprobs, len(ids_n), consumed))
        info = self._end_turn(reason) if reason else {}
        return self._turn_since(start, consumed, info, ended=reason is not None)

    def cut_off(self, reason: StopReason = StopReason.MAX_NEW_TOKENS) -> Turn:
        """End the open turn, and with it the episode, where it stands.

        For policies that have limits of their own: an endpoint that stops in the middle of a sentence.

        Args:
            reason: `MAX_NEW_TOKENS` or `CONTEXT_FULL`.

        Raises:
            ResetNeeded: no episode is open.
        """
        self.require_open()
        return self._turn_since(len(self._ledger), 0, self._end_turn(reason), ended=True)

    @property
    def budget(self) -> int:
        """How many more ids the current turn may take; 0 once the episode is over."""
        if self.done:
            return 0
        length = len(self._ledger)
        return min(
            self.limits.max_new_tokens - (length - self._turn_start),
            self.limits.context_length - length,
        )

    @property
    def turn_limit(self) -> int:
        """How many ids the current turn could take when it began, or the last one where the episode is over."""
        return min(self.limits.max_new_tokens, self.limits.context_length - self._turn_start)

    @property
    def done(self) -> bool:
        """No episode is open: none was begun, or it is over."""
        return self._task is None or self._stop_reason is not None

    @property
    def is_stop(self) -> NDArray[np.bool_]:
        """True at the ids that end a turn, shape (vocab_size,)."""
        return self._is_stop

    @property
    def task(self) -> Task:
        """The task being played."""
        if self._task is None:
            raise ResetNeeded("no episode has begun", next_step="Call reset() first.")
        return self._task

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as text, finished turns only; copies."""
        return tuple(message.copy() for message in self._messages)

    @property
    def spans(self) -> Sequence[Span]:
        """Who wrote which part of the context."""
        return self._ledger.spans

    @property
    def verdict(self) -> Verdict | None:
        """The verdict; None while the episode is open or when infrastructure failed."""
        return self._verdict

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the episode ended; None while it is open."""
        return self._stop_reason

    def context(self) -> NDArray[np.int32]:
        """All ids so far, a copy."""
        return self._ledger.ids()

    def trajectory(self) -> Trajectory:
        """The finished episode.

        Raises:
            ResetNeeded: the episode is still open.
        """
        if self._task is None:
            raise ResetNeeded("no episode has begun", next_step="Call reset() first.")
        if self._stop_reason is None:
            raise ResetNeeded("the episode is not over yet", next_step="Step until terminated or truncated.")
        return Trajectory(
            task=self._task,
            ids=self._ledger.ids(),
            mask=self._ledger.mask(),
            logprobs=self._ledger.logprobs(),
            spans=tuple(self._ledger.spans),
            messages=self.messages,
            verdict=self._verdict,
            reward=self._verdict.reward if self._verdict else 0.0,
            stop_reason=self._stop_reason,
            turns=self._turns,
        )

    def length_of(self, reply: str) -> int:
        """How many ids were sampled for `reply`, the stop id included; a text that nobody sampled is encoded."""
        heard = bool(self._messages) and self._messages[-1] == {"role": "assistant", "content": reply}
        if heard and self._ledger.spans[-1].kind == "sampled":
            return len(self._ledger) - self._turn_start
        return len(self.chat.encode_reply(reply))

    def require_open(self) -> None:
        """Raise ResetNeeded, with the reason, where no id can be taken."""
        if self._task is None:
            raise ResetNeeded("an action came before reset()", next_step="Call reset() first.")
        if self._stop_reason is not None:
            raise ResetNeeded(
                f"an action came after the episode had ended ({self._stop_reason})",
                next_step="Call reset() to open the next episode.",
            )

    def _checked_ids(self, ids: ArrayLike) -> NDArray[np.int64]:
        ids_n = as_token_ids(ids, len(self._is_stop))
        if ids_n is not None:
            return ids_n
        raise InvalidAction(
            "these are no token ids",
            expected=f"a sequence of integers in [0, {len(self._is_stop)})",
            received=ids,
            next_step="Encode text with the env's own tokenizer: env.unwrapped.chat.encode_reply(text).",
        )

    def _cut(self, ids_n: NDArray[np.int64]) -> tuple[int, StopReason | None]:
        """How many of the ids belong to this turn, and why it ends there, if it does."""
        budget = self.budget
        stops_n = self._is_stop[ids_n[:budget]]
        first = int(stops_n.argmax()) if stops_n.size else 0
        if stops_n.size and stops_n[first]:
            return first + 1, StopReason.END_OF_TURN
        if len(ids_n) < budget:
            return len(ids_n), None
        turn_is_full = len(self._ledger) + budget - self._turn_start >= self.limits.max_new_tokens
        return budget, StopReason.MAX_NEW_TOKENS if turn_is_full else StopReason.CONTEXT_FULL

    def _turn_since(self, start: int, consumed: int, info: dict[str, Any], *, ended: bool) -> Turn:
        reason = self._stop_reason
        return Turn(
            ids=self._ledger.ids(start),
            mask=self._ledger.mask(start),
            reward=self._verdict.reward if self._verdict else 0.0,
            terminated=reason is not None and not reason.truncates,
            truncated=reason is not None and reason.truncates,
            info=info,
            consumed=consumed,
            ended=ended,
        )

    def _end_turn(self, reason: StopReason) -> dict[str, Any]:
        reply = self._take_reply(stopped=reason is StopReason.END_OF_TURN)
        self._turns += 1
        try:
            ending = self._answer(reply) if reason is StopReason.END_OF_TURN else reason
            return self._finish(ending, reply) if ending else {"turn": self._turns, "stop_reason": reason.value}
        except InfrastructureError as error:
            return self._abandon(error)
        except BaseException as error:
            self._stop_reason = StopReason.INFRASTRUCTURE
            error.add_note(f"raised while task {self.task.id!r} was answered or judged; the episode is abandoned")
            raise

    def _take_reply(self, *, stopped: bool) -> str:
        ids = self._ledger.ids(self._turn_start)
        reply = self.chat.decode(ids[:-1] if stopped else ids)
        self._messages.append({"role": "assistant", "content": reply})
        return reply

    def _answer(self, reply: str) -> StopReason | None:
        """Let the world answer; None when the policy is to go on."""
        answer = _checked_answer(self._dynamics.respond(self.task, reply))
        if isinstance(answer, StopReason):
            return answer
        if self._turns >= self.limits.max_turns:
            return StopReason.MAX_TURNS
        stop_id = int(self._ledger.ids(len(self._ledger) - 1)[0])
        env_ids = self.chat.encode_delta(self._messages, answer, stop_id, self.task.tools)
        if len(self._ledger) + len(env_ids) >= self.limits.context_length:
            return StopReason.CONTEXT_FULL
        self._ledger.append_env(env_ids)
        self._messages.extend(answer)
        self._turn_start = len(self._ledger)
        return None

    def _finish(self, reason: StopReason, reply: str) -> dict[str, Any]:
        verdict = self._checked_verdict(self._dynamics.verify(self.task, reply))
        self._verdict = verdict
        self._stop_reason = reason
        return {"turn": self._turns, "stop_reason": reason.value, "verdict": verdict.to_dict()}

    def _abandon(self, error: InfrastructureError) -> dict[str, Any]:
        self._stop_reason = StopReason.INFRASTRUCTURE
        return {
            "turn": self._turns,
            "stop_reason": self._stop_reason.value,
            "infrastructure_error": f"{type(error).__name__}: {error.message}",
        }

    def _checked_verdict(self, value: Verdict | float) -> Verdict:
        verdict = value if isinstance(value, Verdict) else self._scored(value)
        low, high = self.reward_range
        if not low - _REWARD_SLACK <= verdict.reward <= high + _REWARD_SLACK:
            raise BadVerdict(
                f"the reward of task {self.task.id!r} is out of range",
                expected=f"a reward in [{low:g}, {high:g}]",
                received=verdict.reward,
                next_step="Let the parts' weights sum to 1, or declare reward_range on the env class.",
            )
        return verdict

    def _scored(self, value: Any) -> Verdict:
        score = as_number(value, f"what `verify` returned for task {self.task.id!r}")
        if 0.0 <= score <= 1.0:
            return Verdict.of(score)
        raise BadVerdict(
            f"what `verify` returned for task {self.task.id!r} is out of range",
            expected="a number in [0, 1], or a Verdict",
            received=value,
            next_step="Scale it; for other rewards return a Verdict, and declare reward_range on the env class.",
        )


def as_token_ids(ids: Any, vocab_size: int) -> NDArray[np.int64] | None:
    """`ids` as an array of shape (n,), each in [0, vocab_size); None where they are no such thing."""
    with suppress(ValueError):  # NumPy's, of ragged sequences
        array = np.asarray(ids)
        if array.ndim == 1 and not array.size:
            return np.empty(0, np.int64)
        if array.ndim == 1 and array.dtype.kind in "iu":
            ids_n = array.astype(np.int64, copy=False)
            if ids_n.view(np.uint64).max() < vocab_size:  # a negative id is a huge unsigned one
                return ids_n
    return None


def _checked_answer(answer: Any) -> list[Message] | StopReason:
    if isinstance(answer, StopReason) and not answer.truncates:
        return answer
    if isinstance(answer, Sequence) and not isinstance(answer, str) and all(map(is_message, answer)):
        return [message.copy() for message in answer]
    raise BadTask(
        "`respond` gave no answer",
        expected="a list of {'role': ..., 'content': ...}, or StopReason.END_OF_TURN, SOLVED or GAVE_UP",
        received=answer,
        next_step="Return one of these on every path through `respond`.",
    )


@lru_cache(maxsize=8)
def _stop_table(vocab_size: int, stop_ids: frozenset[int]) -> NDArray[np.bool_]:
    """Shared by all sessions of a tokenizer: a thousand rows of a 150k vocabulary would take 150 MB otherwise."""
    table = np.zeros(vocab_size, np.bool_)
    table[sorted(stop_ids)] = True
    table.flags.writeable = False
    return table


def _checked_logprobs(logprobs: ArrayLike | None, pushed: int, consumed: int) -> NDArray[np.float32] | None:
    if logprobs is None:
        return None
    with suppress(ValueError, TypeError):  # NumPy's, of ragged sequences and of what is no number
        logprobs_n = np.asarray(logprobs, np.float32)
        if logprobs_n.shape == (pushed,) and not (logprobs_n > LOGPROB_SLACK).any():
            return logprobs_n[:consumed]
    raise InvalidAction(
        "these are no log-probabilities of the ids",
        expected=f"{pushed} floats, none above 0; nan where one is unknown",
        received=logprobs,
        next_step="Pass the sampler's log-probability of each id, or leave logprobs out.",
    )
