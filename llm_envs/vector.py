"""Many episodes at once: the vector env behind `gym.make_vec`.

Token steps are batched: until a turn ends, a step is a handful of numpy operations over all rows. Turns that end are
handed to their sessions, in threads where answering takes long. Streams equal those of `SyncVectorEnv`, in all three
autoreset modes.

Three ways to drive it:

- `step(actions)`: Gymnasium's, one token (or one text turn) a row.
- `push(ids)`: a ragged turn for each row, or for some rows; what rollouts use.
- `send(ids, env_ids)` and `recv()`: the same without waiting for the slowest row.

`reset(seed=[7] * 8 + [9] * 8)` makes two groups of eight episodes that share a task, as GRPO wants them.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from enum import Enum
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array
from numpy.typing import ArrayLike, NDArray

from llm_envs.env import LLMEnv
from llm_envs.errors import BadOption, InvalidAction, ResetNeeded, did_you_mean
from llm_envs.parallel import Parallel
from llm_envs.registry import row
from llm_envs.session import as_token_ids
from llm_envs.types import Trajectory, Turn

try:
    from gymnasium.vector import AutoresetMode
except ImportError:  # Gymnasium 1.0 knows the one mode alone

    class AutoresetMode(Enum):  # type: ignore[no-redef]
        """When a finished row opens its next episode."""

        NEXT_STEP = "NextStep"
        SAME_STEP = "SameStep"
        DISABLED = "Disabled"


__all__ = ["AutoresetMode", "LLMVectorEnv"]

_FIRST_WIDTH = 256
"""Tokens of an unfinished turn held per row before the buffer grows."""


class LLMVectorEnv(gymnasium.vector.VectorEnv[Any, Any, Any]):
    """`num_envs` independent episodes of one env.

    Args:
        num_envs: rows.
        env_id: a registered id.
        autoreset_mode: `NextStep`, `SameStep` or `Disabled`. Disabled rows are reset by
            `reset(options={"reset_mask": mask})`.
        options: arguments of the env itself.
    """

    def __init__(
        self, num_envs: int = 1, *, env_id: str, autoreset_mode: str | AutoresetMode = "NextStep", **options: Any
    ) -> None:
        self._parallel = Parallel()
        self._under_way: set[int] = set()
        self.envs: list[LLMEnv] = []  # from here on it can be closed, even if what follows raises
        self.num_envs = _positive(num_envs)
        self.autoreset_mode = _mode(autoreset_mode)
        self.envs.extend(row(env_id).make(**options) for _ in range(num_envs))
        first = self.envs[0]
        self.chat = first.chat
        self.render_mode = first.render_mode
        self.metadata = {**first.metadata, "autoreset_mode": self.autoreset_mode}
        self.single_observation_space = first.observation_space
        self.single_action_space = first.action_space
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._received: queue.SimpleQueue[tuple[int, Turn | BaseException]] = queue.SimpleQueue()
        self._observed: list[Any] | NDArray[np.int64] = [None] * num_envs
        self._over_N = np.zeros(num_envs, np.bool_)
        self._obs_mode = first.obs_mode
        self._takes_tokens = first.action_mode == "token"
        self._batches_tokens = self._takes_tokens and first.obs_mode in ("delta", "last")
        self._keeps_observed = self.autoreset_mode is AutoresetMode.DISABLED  # reset shows unmasked rows once more
        self._rows_N = np.arange(num_envs)
        self._is_stop = first.session.is_stop
        self._pending_N_T = np.zeros((num_envs, min(_FIRST_WIDTH, first.limits.max_new_tokens)), np.int32)
        self._filled_N = np.zeros(num_envs, np.int64)
        self._budget_N = np.zeros(num_envs, np.int64)

    # What Gymnasium calls

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Open new episodes, in all rows or in those of a mask.

        Args:
            seed: one for row 0, counted up for the others; or one for each row, equal seeds meaning equal tasks.
            options: those of the env, and `reset_mask`, shape (num_envs,), bool: which rows to reset.

        Raises:
            BadOption: seeds or mask do not match the rows, or a row's last turn has not been received.
            ResetNeeded: a row outside the mask was never reset.
        """
        options = dict(options or {})
        mask_N = self._checked_mask(options.pop("reset_mask", None))
        rows = self._checked_rows(np.flatnonzero(mask_N).tolist())
        others = np.flatnonzero(~mask_N).tolist()
        if any(self._observed[i] is None for i in others):
            raise ResetNeeded("rows outside reset_mask were never opened", next_step="Call reset() without it first.")
        infos = self._reset_rows(rows, {}, self._checked_seeds(seed), options)
        for i in others:
            self._observed[i] = deepcopy(self._observed[i])
        return self._observations(), infos

    def step(self, actions: Any) -> tuple[Any, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """One token, or one text turn, for every row.

        Raises:
            ResetNeeded: before the first reset, or for a finished row where autoreset is disabled.
            InvalidAction: an action is outside its space.
        """
        self._require_open()
        resets = np.flatnonzero(self._over_N).tolist()
        live_N = ~self._over_N
        turns = self._step_tokens(actions, live_N) if self._batches_tokens else self._step_each(actions, live_N)
        rewards_N = np.zeros(self.num_envs)
        terminations_N = np.zeros(self.num_envs, np.bool_)
        truncations_N = np.zeros(self.num_envs, np.bool_)
        infos = self._reset_rows(resets, {}) if resets else {}
        for i, (reward, terminated, truncated, info) in turns.items():
            rewards_N[i], terminations_N[i], truncations_N[i] = reward, terminated, truncated
            if (terminated or truncated) and self.autoreset_mode is AutoresetMode.SAME_STEP:
                info = {"final_obs": self._observed[i], "final_info": info}  # noqa: PLW2901 (as Gymnasium nests it)
            infos = self._add_info(infos, info, i)
        over_N = terminations_N | truncations_N
        if self.autoreset_mode is AutoresetMode.SAME_STEP and over_N.any():
            infos = self._reset_rows(np.flatnonzero(over_N).tolist(), infos)
        else:
            self._over_N = over_N
        return self._observations(), rewards_N, terminations_N, truncations_N, infos

    def render(self) -> tuple[Any, ...]:
        """One rendering a row."""
        self._require_received(range(self.num_envs))
        self._flush(range(self.num_envs))
        return tuple(env.render() for env in self.envs)

    def close_extras(self, **kwargs: Any) -> None:
        """Close every row's env, and the threads."""
        self._parallel.close()
        self._under_way.clear()
        for env in self.envs:
            env.close()

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Call a method of every row's env, or read an attribute."""
        values = [getattr(env, name) for env in self.envs]
        return tuple(value(*args, **kwargs) if callable(value) else value for value in values)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """An attribute of every row's env."""
        return self.call(name)

    @property  # type: ignore[misc]  # as in Gymnasium's SyncVectorEnv: rows own their generators
    def np_random(self) -> Any:
        """The generator of every row."""
        return self.get_attr("np_random")

    @property
    def np_random_seed(self) -> Any:
        """The seed of every row."""
        return self.get_attr("np_random_seed")

    # What trainers call

    def push(
        self,
        ids: Sequence[ArrayLike],
        logprobs: Sequence[ArrayLike] | None = None,
        env_ids: Sequence[int] | None = None,
    ) -> list[Turn]:
        """Take a turn, or a piece of one, for each row of `env_ids` (all rows by default).

        Never resets a row: `reset(seed=...)` opens the next episodes.

        Args:
            ids: token ids a row, ragged.
            logprobs: their log-probabilities, the same shapes.
            env_ids: the rows, each at most once.

        Raises:
            BadOption: `env_ids` does not select rows, or a row's last turn has not been received.
            InvalidAction: ids are no token ids, or logprobs do not match them.
            ResetNeeded: a row's episode is over.
        """
        rows = self._checked_rows(range(self.num_envs) if env_ids is None else env_ids)
        jobs = dict(zip(rows, self._pairs(ids, logprobs, rows), strict=True))
        turns = self._parallel.map(lambda i: self._push_row(i, *jobs[i]), list(jobs))
        for i, turn in zip(jobs, turns, strict=True):
            self._over_N[i] = turn.done
        return turns

    def send(
        self, ids: Sequence[ArrayLike], env_ids: Sequence[int], logprobs: Sequence[ArrayLike] | None = None
    ) -> None:
        """Start pushing turns and return at once; `recv` gives the results, in the order they come."""
        rows = self._checked_rows(env_ids)
        for i, (ids_n, logprobs_n) in zip(rows, self._pairs(ids, logprobs, rows), strict=True):
            self._under_way.add(i)
            self._parallel.start(partial(self._send_row, i, ids_n, logprobs_n))

    def recv(self, min_count: int = 1, timeout_s: float | None = None) -> list[tuple[int, Turn]]:
        """Wait for `min_count` of the turns that were sent (fewer if fewer are under way), and take all that are there.

        Returns:
            Pairs of row and Turn; fewer than `min_count` when `timeout_s` ran out, or when a row raised.

        Raises:
            Exception: what a row raised, once the turns received before it have been given.
        """
        turns: list[tuple[int, Turn]] = []
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while self._under_way:
            try:
                wait_s = 0.0 if len(turns) >= min_count else _seconds_left(deadline)
                i, turn = self._received.get(timeout=wait_s) if wait_s != 0.0 else self._received.get_nowait()
            except queue.Empty:
                break
            if isinstance(turn, BaseException) and turns:
                self._received.put((i, turn))
                break
            self._under_way.remove(i)
            self._over_N[i] = self.envs[i].session.done
            if isinstance(turn, BaseException):
                turn.add_note(f"raised in row {i}")
                raise turn
            turns.append((i, turn))
        return turns

    def contexts(self) -> list[NDArray[np.int32]]:
        """All ids of every row's episode so far, copies."""
        self._require_received(range(self.num_envs))
        self._flush(range(self.num_envs))
        return [env.context() for env in self.envs]

    def trajectories(self) -> list[Trajectory]:
        """Every row's finished episode.

        Raises:
            ResetNeeded: one of them is still open.
        """
        return [env.trajectory() for env in self.envs]

    # How it is done

    def _reset_rows(
        self,
        rows: list[int],
        infos: dict[str, Any],
        seeds: Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Open the next episode of each row; `infos` with theirs added."""

        def open_row(i: int) -> tuple[Any, dict[str, Any]]:
            return self.envs[i].reset(seed=None if seeds is None else seeds[i], options=options)

        opened = self._parallel.map(open_row, rows)
        for i, (observation, info) in zip(rows, opened, strict=True):
            self._observed[i] = observation
            self._filled_N[i] = 0
            self._budget_N[i] = self.envs[i].budget
            infos = self._add_info(infos, info, i)
        self._over_N[rows] = False
        return infos

    def _step_tokens(self, actions: Any, live_N: NDArray[np.bool_]) -> dict[int, tuple[Any, ...]]:
        """Append a token to every live row; hand over the turns that it completes."""
        tokens_N = self._checked_tokens(actions)
        rows = self._rows_N if live_N.all() else np.flatnonzero(live_N)
        tokens = tokens_N[rows]
        filled = self._filled_N[rows]
        if len(filled) and filled.max() >= self._pending_N_T.shape[1]:
            self._pending_N_T = np.concatenate([self._pending_N_T, np.zeros_like(self._pending_N_T)], axis=1)
        self._pending_N_T[rows, filled] = tokens
        filled += 1
        self._filled_N[rows] = filled
        self._observed = self._observe_tokens(tokens_N)
        ended = rows[self._is_stop[tokens] | (filled >= self._budget_N[rows])].tolist()
        results = self._parallel.map(self._commit_row, ended) if ended else []
        return {i: self._observe_turn(i, seen, turn) for i, (seen, turn) in zip(ended, results, strict=True)}

    def _observe_tokens(self, tokens_N: NDArray[np.int64]) -> list[Any] | NDArray[np.int64]:
        if self._obs_mode == "last":
            return tokens_N.copy()
        return list(tokens_N.astype(np.int32)[:, None])

    def _observe_turn(self, i: int, seen: int, turn: Turn) -> tuple[Any, ...]:
        ids = turn.ids[seen:]
        self._observed[i] = ids if self._obs_mode == "delta" else np.int64(ids[-1])
        return turn.reward, turn.terminated, turn.truncated, turn.info

    def _commit_row(self, i: int) -> tuple[int, Turn]:
        """Push what steps have collected; how many of its ids have been observed already, and the turn."""
        ids = self._pending_N_T[i, : self._filled_N[i]]
        self._filled_N[i] = 0
        return len(ids) - 1, self._push_ids(i, ids)

    def _step_each(self, actions: Any, live_N: NDArray[np.bool_]) -> dict[int, tuple[Any, ...]]:
        """Step row by row, for modes that have nothing to batch."""
        actions_N = self._checked_tokens(actions) if self._takes_tokens else self._checked_texts(actions)
        rows = np.flatnonzero(live_N).tolist()
        results = self._parallel.map(lambda i: self.envs[i].step(actions_N[i]), rows)
        for i, result in zip(rows, results, strict=True):
            self._observed[i] = result[0]
        return {i: result[1:] for i, result in zip(rows, results, strict=True)}

    def _observations(self) -> Any:
        """The newest observation of every row, as the batched space has it."""
        if self._obs_mode == "delta":
            return tuple(map(np.copy, self._observed) if self._keeps_observed else self._observed)
        if self._obs_mode == "last":
            return np.array(self._observed, np.int64)
        space = self.single_observation_space
        buffer: Any = create_empty_array(space, self.num_envs)
        return concatenate(space, list(self._observed), buffer)

    def _push_row(self, i: int, ids: ArrayLike, logprobs: ArrayLike | None) -> Turn:
        self._flush([i])
        return self._push_ids(i, ids, logprobs)

    def _push_ids(self, i: int, ids: ArrayLike, logprobs: ArrayLike | None = None) -> Turn:
        try:
            return self.envs[i].push(ids, logprobs)
        finally:
            self._budget_N[i] = self.envs[i].budget  # an error while answering ends the episode too

    def _send_row(self, i: int, ids: ArrayLike, logprobs: ArrayLike | None) -> None:
        try:
            self._received.put((i, self._push_row(i, ids, logprobs)))
        except BaseException as error:  # noqa: BLE001 (recv raises it where the caller is)
            self._received.put((i, error))

    def _flush(self, rows: Iterable[int]) -> None:
        """Hand over what single steps have collected of unfinished turns."""
        for i in rows:
            if self._filled_N[i]:
                self._commit_row(i)

    def _require_open(self) -> None:
        if self._observed[0] is None:
            raise ResetNeeded("step() came before the first reset()", next_step="Call reset() first.")
        self._require_received(range(self.num_envs))
        if self.autoreset_mode is AutoresetMode.DISABLED and self._over_N.any():
            raise ResetNeeded(
                f"rows {np.flatnonzero(self._over_N).tolist()} are over, and autoreset is disabled",
                next_step='Call reset(options={"reset_mask": terminated | truncated}).',
            )

    def _require_received(self, rows: Iterable[int]) -> None:
        waiting = sorted(self._under_way.intersection(rows)) if self._under_way else []
        if waiting:
            raise BadOption(f"rows {waiting} are under way", next_step="Take their turns with recv() first.")

    def _checked_tokens(self, actions: Any) -> NDArray[np.int64]:
        tokens_N = as_token_ids(actions, len(self._is_stop))
        if tokens_N is not None and len(tokens_N) == self.num_envs:
            return tokens_N
        raise InvalidAction(
            "the actions are outside the action space",
            expected=f"{self.num_envs} token ids in [0, {len(self._is_stop)})",
            received=actions,
        )

    def _checked_texts(self, actions: Any) -> list[str]:
        replies_N = list(actions) if isinstance(actions, Iterable) and not isinstance(actions, str) else []
        if len(replies_N) == self.num_envs and all(isinstance(reply, str) for reply in replies_N):
            return replies_N
        raise InvalidAction(
            "the actions are outside the action space", expected=f"{self.num_envs} replies as text", received=actions
        )

    def _checked_rows(self, env_ids: Iterable[int]) -> list[int]:
        rows = list(env_ids)
        self._require_received(rows)
        if len(set(rows)) == len(rows) and set(rows) <= set(range(self.num_envs)):
            return rows
        raise BadOption(
            "env_ids do not select rows",
            expected=f"integers in [0, {self.num_envs}), each at most once",
            received=env_ids,
        )

    def _checked_seeds(self, seed: int | Sequence[int | None] | None) -> Sequence[int | None] | None:
        if seed is None:
            return None
        if isinstance(seed, int | np.integer):
            return [int(seed) + i for i in range(self.num_envs)]
        if isinstance(seed, Sequence | np.ndarray) and len(seed) == self.num_envs:
            return seed
        raise BadOption(
            "the seeds do not match the rows", expected=f"one integer, or {self.num_envs} of them", received=seed
        )

    def _checked_mask(self, mask: Any) -> NDArray[np.bool_]:
        if mask is None:
            return np.ones(self.num_envs, np.bool_)
        if isinstance(mask, np.ndarray) and mask.shape == (self.num_envs,) and mask.dtype == np.bool_ and mask.any():
            return mask
        raise BadOption(
            "reset_mask does not select rows",
            expected=f"a bool array of shape ({self.num_envs},) with a True in it",
            received=mask,
        )

    def _pairs(
        self, ids: Sequence[ArrayLike], logprobs: Sequence[ArrayLike] | None, env_ids: Sequence[int]
    ) -> list[tuple[ArrayLike, ArrayLike | None]]:
        if len(ids) == len(env_ids) and (logprobs is None or len(logprobs) == len(env_ids)):
            logprobs_of: Sequence[ArrayLike | None] = [None] * len(ids) if logprobs is None else logprobs
            return list(zip(ids, logprobs_of, strict=True))
        raise InvalidAction(
            "turns do not match the rows",
            expected=f"{len(env_ids)} id sequences, and as many logprobs if any",
            received=f"{len(ids)} and {None if logprobs is None else len(logprobs)}",
        )


def _mode(autoreset_mode: str | AutoresetMode) -> AutoresetMode:
    try:
        return AutoresetMode(autoreset_mode)
    except ValueError:
        names = [mode.value for mode in AutoresetMode]
        raise BadOption(
            "unknown autoreset mode",
            expected=", ".join(names),
            received=autoreset_mode,
            next_step=did_you_mean(str(autoreset_mode), names),
        ) from None


def _positive(num_envs: int) -> int:
    if num_envs > 0:
        return num_envs
    raise BadOption("there are no rows", expected="num_envs of 1 or more", received=num_envs)


def _seconds_left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
