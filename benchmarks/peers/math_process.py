"""A maths grader in a process of its own, which is killed when a check takes too long.

What is killed, or raises, is a crash, and no verdict.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Self

from peers.installed import PeerFailed
from peers.math_grader import READY, Graded

__all__ = ["Grader"]

_START_S = 120.0
"""To import a grader on a busy machine."""
_ALL_S = 900.0
"""For a whole set of checks, none of which hung before."""
_BENCHMARKS = Path(__file__).parents[1]


class Grader:
    """Grades with the grader `name`, as the Python `python` has it.

    Attributes:
        in_a_thread: the type of what it raises off the main thread; nothing if it works there.

    Raises:
        PeerFailed: it does not start.
    """

    def __init__(self, name: str, python: Path) -> None:
        self._command = [str(python), "-m", "peers.math_grader", name]
        own = [str(_BENCHMARKS.parent), os.environ.get("PYTHONPATH", "")] if name == "llm_envs" else []
        self._environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(_BENCHMARKS), *own]))}
        self._folder = TemporaryDirectory(prefix=f"{name}-")
        self.in_a_thread = ""
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._folder.cleanup()

    def grade(self, gold: str, reply: str, limit_s: float) -> Graded:
        """Ask, and start anew where there is no answer within `limit_s`."""
        began_s = time.perf_counter()
        line = self._asked(json.dumps([gold, reply]), limit_s)
        took_s = time.perf_counter() - began_s
        if line:
            graded = Graded(**json.loads(line))
        else:
            graded = Graded(equal=False, error="no verdict", wall_s=took_s)
            self._kill()
            self._start()
        return graded

    def rate(self, pairs: Sequence[tuple[str, str]]) -> float | None:
        """Checks per CPU-second, one after the other; None where they do not come to an end."""
        line = self._asked(json.dumps(pairs), _ALL_S) if pairs else ""
        return len(pairs) / max(json.loads(line), 1e-9) if line else None

    def created(self) -> bool:
        """Whether a reply has made files; they are removed."""
        found = list(Path(self._folder.name).iterdir())
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return bool(found)

    def _start(self) -> None:
        self._said = TemporaryFile("w+")  # noqa: SIM115 (closed with the process)
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder.name,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            start_new_session=True,
        )
        line = self._line(_START_S)
        if not line:
            reason = self._last_words()
            self._kill()
            self._folder.cleanup()
            raise PeerFailed(reason)
        self.in_a_thread = json.loads(line)[READY]

    def _last_words(self) -> str:
        self._said.seek(0)
        return (self._said.read().strip() or f"no start within {_START_S:g} s").splitlines()[-1]

    def _kill(self) -> None:
        """The whole group: a peer's own processes too."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process.stdout.close()
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._said.close()

    def _asked(self, question: str, limit_s: float) -> str:
        with suppress(BrokenPipeError):
            self._process.stdin.write(question + "\n")
            self._process.stdin.flush()
        return self._line(limit_s)

    def _line(self, limit_s: float) -> str:
        """The next line; nothing where none comes in time, or the process has ended."""
        ready, _, _ = select.select([self._process.stdout], [], [], limit_s)
        return self._process.stdout.readline() if ready else ""
