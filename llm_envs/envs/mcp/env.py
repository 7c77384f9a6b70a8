"""`llm/MCP-v0`: tasks of a file, solved with the tools of any MCP server."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Unpack

import numpy as np

from llm_envs.env import EnvOptions
from llm_envs.envs.math_data.order import position
from llm_envs.envs.mcp.tasks import Judge, Question, judge_of, load
from llm_envs.errors import BadOption
from llm_envs.tools import ToolEnv, Toolset
from llm_envs.tools.mcp import Toolbox
from llm_envs.types import Task, Verdict

__all__ = ["MCP"]

_SAMPLE = Path(__file__).with_name("museum.py")
_SAMPLE_SERVER = (sys.executable, "-I", "-S", str(_SAMPLE))
_SAMPLE_TASKS = str(_SAMPLE.with_suffix(".jsonl"))


class MCP(ToolEnv):
    """Tasks of a file, solved with the tools of an MCP server: any server, of anybody.

    ## Description
    A question, and whatever tools the server offers. Without arguments: a small museum that comes with this package,
    whose labels answer questions about its exhibits.

        env = gym.make("llm_envs:llm/MCP-v0", server="python server.py", tasks="tasks.jsonl")

    A line of the file is `{"prompt": "...", "answer": ...}`; a `split` of its own keeps a row to that split, and
    `calls` such as `[{"name": "room", "arguments": {"name": "Hall"}}]` show the way. A seed orders the tasks: its first
    n indices, for n tasks, meet each once.

    Each env has one session with the server, from its making to `close`, and asks for the tools at each reset; what is
    offered then holds for the episode. A server that remembers what was done would carry it into the next episode:
    `restart=True` starts it anew for each. Servers reached by URL are shared with whoever else uses them.

    ## Action space
    `Discrete(vocab_size)`, one token a step; a turn is a reply, with calls of tools or without.

    ## Observation space
    See `llm_envs.views`; `delta` by default. What the server answers comes in the role `tool`; it is a stranger's text,
    and makes no control ids. Images, sounds and data are described in words.

    ## Reward
    1 if the last reply answers the question, else 0.

    ## Episode end
    Terminated by a turn without calls (`end_of_turn`). Truncated at `max_turns`, `max_new_tokens`, a full context, or
    where the server dies or hangs (`infrastructure`, without a verdict).

    ## Arguments
    - `server`: a command line or its words; the URL of a server that speaks streamable HTTP; or an entry of an
      `mcp.json`, with `command`, `args`, `env` and `cwd`, or `url` and `headers`.
    - `tasks`: a file of JSON lines, JSON, CSV or parquet.
    - `verifier`: `entity` (a name, number or phrase in one of its spellings; `answer` may list them), `math`, or a
      function of the reply and the answer.
    - `timeout_s`: of a call; the policy hears of E_TIMEOUT.
    - `restart`: the server is started anew for each episode.

    ## Verifier
    See `verifier`. Answers that it cannot read are refused when the env is made.

    ## Version history
    - v0: first release.
    """

    max_turns: ClassVar[int] = 16
    max_new_tokens: ClassVar[int] = 1024
    context_length: ClassVar[int] = 32_768
    call_timeout_s: ClassVar[float | None] = None  # the session has its own

    def __init__(
        self,
        *,
        server: str | Sequence[str] | Mapping[str, Any] | None = None,
        tasks: str | os.PathLike[str] | None = None,
        verifier: str | Judge = "entity",
        timeout_s: float = 30.0,
        restart: bool = False,
        **options: Unpack[EnvOptions],
    ) -> None:
        super().__init__(**options)
        if (server is None) is not (tasks is None):
            raise BadOption(
                "a server needs tasks, and tasks a server",
                expected='server="python server.py", tasks="tasks.jsonl", or neither, for the sample',
                received=f"server={server!r}, tasks={tasks!r}",
            )
        self._judge = judge_of(verifier)
        self.questions = load(os.fspath(tasks or _SAMPLE_TASKS), self.split, self._judge)
        self._toolbox = Toolbox(server or _SAMPLE_SERVER, timeout_s=timeout_s, restart=restart)
        self._let_go = weakref.finalize(self, self._toolbox.let_go)
        self._open()

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Open the next episode, with the tools that the server offers now.

        Raises:
            ToolServerLost: the server cannot be started or reached, or tells no tools.
        """
        self._open()
        return super().reset(seed=seed, options=options)

    def close(self) -> None:
        """End the session, and the server where it was started here."""
        self._toolbox.close()
        super().close()

    def sample(self, rng: np.random.Generator) -> Task:
        """The question whose turn it is; the seed has shuffled them, so nothing is left to draw from `rng`."""
        at = position(self.env_id, self.split, len(self.questions), self.np_random_seed, self.index)
        return self._task(self.questions[at])

    def verify(self, task: Task, reply: str) -> Verdict | float:
        """What the last reply says, calls and reasoning left out."""
        return self._judge(self.chat.calling.read(reply).text, task.answer)

    def demonstrate(self, task: Task) -> list[str]:
        """The calls that the row tells, one a turn, and the answer."""
        answer = task.answer[0] if isinstance(task.answer, list) else task.answer
        write = self.chat.calling.write
        said = f"\\boxed{{{answer}}}" if self._judge is judge_of("math") else f"Answer: {answer}"
        return [*(write([call]) for call in task.metadata["calls"]), write((), said)]

    def _open(self) -> None:
        self._toolbox.open()
        if tuple(self.toolset.values()) != self._toolbox.tools:
            self.toolset = Toolset(self._toolbox.tools, self.call_timeout_s)

    def _task(self, question: Question) -> Task:
        return Task(
            prompt=question.prompt,
            answer=question.answer,
            id=f"{self.env_id}/{self.split}/{question.place.replace(' ', '-')}",
            metadata={"place": question.place, "calls": question.calls},
        )
