"""Answers that were given before, for any model: a question that was answered once is not paid for twice.

A question is the model, what it is shown (messages and tools, or token ids and how many more fit), how it samples, the
run's seed, and which turn of which attempt it is. So another run of the same plan, or of one that shares attempts
with it, hears what the first one heard; but samples of one task, and tasks that look alike, stay independent draws.

The answers are rows of one SQLite file that several processes may use at a time; nothing of it is held in memory. The
cache is a convenience: where it cannot be read or written any more, a warning says so, and questions are asked as if
there were none. No reply waits for it, and none is lost by it.

What it deliberately does not do: it forgets nothing (delete the file), and cannot see that an endpoint has begun to
serve another model under the old name.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import importlib.util
import json
import sqlite3
import threading
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from llm_envs.errors import StorageFailed
from llm_envs.evals.hands import Hands
from llm_envs.policies.model import Completion, Decoding, Level, Model, Query

__all__ = ["CacheOff", "Cached", "Replies", "identity", "question"]

_FORMAT = 1
"""Of file and keys; kept as SQLite's user_version."""

_PATIENCE_S = 5.0
"""For another process to finish writing, which takes milliseconds."""

_KEPT = ("text", "ids", "logprobs", "finish", "prompt_tokens", "sampled_tokens")
_WEIGHTS = {".safetensors", ".bin", ".json"}

Result = TypeVar("Result")


class CacheOff(UserWarning):
    """The cache cannot be used any more in this sitting; questions are asked as if there were none."""


class Cached:
    """A model whose answers are remembered.

    Args:
        model: asked what was not asked before.
        path: the file of answers; it is made where it is missing.
        identity: what tells this model from others, such as `identity(spec)`.
        decoding: how it samples.
    """

    def __init__(self, model: Model, path: Path, identity: str, decoding: Decoding) -> None:
        self._model = model
        self._path = path
        self._identity = identity
        self._decoding = decoding
        self._replies: Replies | None = None
        self._hands = Hands(1)
        self._writing: set[asyncio.Task[None]] = set()

    @property
    def level(self) -> Level:
        """The model's."""
        return self._model.level

    @property
    def env_options(self) -> Mapping[str, Any]:
        """The model's."""
        return self._model.env_options

    async def open(self) -> None:
        """Open the file, and the model.

        Raises:
            StorageFailed: the file is none of ours, or cannot be written.
            LLMEnvsError: the model cannot be opened.
        """
        self._replies = await self._hands.do(lambda: Replies(self._path), None)
        await self._model.open()

    async def close(self) -> None:
        """Close the model, finish writing, and close the file."""
        try:
            await self._model.close()
        finally:
            await asyncio.gather(*self._writing)
            if self._replies:
                self._replies.close()
                self._replies = None
            self._hands.close()

    async def reply(self, query: Query) -> Completion:
        """What was answered before, or what the model answers now.

        Raises:
            LLMEnvsError: as the model does.
        """
        if self._replies is None:
            return await self._model.reply(query)
        key = question(query, self.level, self._identity, self._decoding)
        known = await self._tried(partial(self._replies.get, key))
        if known is not None:
            return known
        completion = await self._model.reply(query)
        self._keep(key, completion)
        return completion

    def _keep(self, key: bytes, completion: Completion) -> None:
        """Write it down without being waited for: nothing may come between a reply and the journal."""
        if self._replies:
            task = asyncio.create_task(self._tried(partial(self._replies.put, key, completion)))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    async def _tried(self, work: Callable[[], Result]) -> Result | None:
        """The result of using the file; None, and no further use, where that fails."""
        try:
            return await self._hands.do(work, None)
        except sqlite3.Error as error:
            if self._replies:
                self._replies.close()
                self._replies = None
                warnings.warn(f"the cache {self._path} is not used any more: {error}", CacheOff, stacklevel=2)
            return None


class Replies:
    """The file of answers. Used from any thread, by one at a time.

    Raises:
        StorageFailed: it is none, of a newer version, or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            raise _unusable(path, error) from error
        try:
            self._prepare(path)
        except sqlite3.Error as error:
            self._file.close()
            raise _unusable(path, error) from error
        except StorageFailed:
            self._file.close()
            raise

    def _prepare(self, path: Path) -> None:
        self._file.execute("PRAGMA journal_mode=WAL")
        self._file.execute("PRAGMA synchronous=NORMAL")
        (version,) = self._file.execute("PRAGMA user_version").fetchone()
        if version > _FORMAT:
            raise _unusable(path, f"format {version}, by a newer llm-envs")
        self._file.execute(
            "CREATE TABLE IF NOT EXISTS reply (question BLOB PRIMARY KEY, completion TEXT) WITHOUT ROWID"
        )
        self._file.execute(f"PRAGMA user_version={_FORMAT}")

    def get(self, key: bytes) -> Completion | None:
        """The answer to this question, if there is one."""
        with self._lock:
            found = self._file.execute("SELECT completion FROM reply WHERE question = ?", (key,)).fetchone()
        return found and _completion(found[0])

    def put(self, key: bytes, completion: Completion) -> None:
        """Keep an answer; the first one to a question stands."""
        plain = {name: getattr(completion, name) for name in _KEPT}
        text = json.dumps({name: value for name, value in plain.items() if value is not None}, default=list)
        with self._lock:
            self._file.execute("INSERT OR IGNORE INTO reply VALUES (?, ?)", (key, text))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()


def question(query: Query, level: Level, identity: str, decoding: Decoding) -> bytes:
    """What is asked, by whom and how, as 32 bytes."""
    env = query.env
    shown: Any = [query.messages, [dict(tool) for tool in env.task.tools]]
    if level == "token":
        shown = [hashlib.sha256(env.context().tobytes()).hexdigest(), env.budget]
    how = dataclasses.asdict(decoding)
    asked = [_FORMAT, identity, level, shown, how, query.seed, query.attempt, query.turn]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).digest()


def identity(spec: str) -> str:
    """What tells the model of a SPEC from others: the SPEC, and which files it runs, where they lie here."""
    form, _, rest = spec.partition(":")
    if form in {"hf", "vllm"}:
        paths = sorted(path for path in Path(rest).expanduser().glob("*") if path.suffix in _WEIGHTS)
    elif form == "python":
        paths = _source_of(rest.partition(":")[0])
    else:
        return spec
    files = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths]
    return json.dumps([spec, files])


def _source_of(module: str) -> list[Path]:
    with suppress(ImportError, ValueError):  # there is no such module
        found = importlib.util.find_spec(module)
        if found and found.origin and Path(found.origin).is_file():
            return [Path(found.origin)]
    return []


def _completion(text: str) -> Completion | None:
    """What was kept; None where another version kept something else."""
    try:
        return Completion(**json.loads(text), tries=0, cached=True)
    except (ValueError, TypeError):
        return None


def _unusable(path: Path, why: object) -> StorageFailed:
    return StorageFailed(
        f"{path} cannot be used as a cache",
        expected="a file of answers, or a new one in a folder that this user may write to",
        received=f"{type(why).__name__}: {why}" if isinstance(why, Exception) else why,
        next_step="Name another file, or leave the cache out.",
    )
