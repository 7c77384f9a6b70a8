"""Three harnesses, each by its own command line: how it is started, how it goes on after a kill, where its score is.

All ask with up to 64 questions open, by the option that each documents for that; everything else is left as it comes:

    llm-envs eval workload:bench/Sum-v0 --model http://HOST/v1#fake --concurrency 64 -n 500
        --folder RUN --json
    inspect eval inspect_task.py -T tasks=FILE --limit 500 --model openai-api/fake/fake --max-connections 64
        --log-dir RUN --display none
    lm_eval run --tasks quiz --include_path FOLDER --limit 500 --model local-chat-completions
        --model_args model=fake,base_url=URL,num_concurrent=64 --apply_chat_template --log_samples --output_path RUN

After a kill, ours is given the same command again; Inspect has `inspect eval-retry LOG`, which first recovers what it
had buffered; lm-eval goes on only where `--use_cache` was there from the start, so where it is to be killed, it is.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol

import processes
from peers.installed import Peer, install
from processes import Done

__all__ = ["CONCURRENCY", "PEERS", "Errand", "Harness", "LLMEnvs", "Reported", "installed"]

PEERS = (
    Peer("inspect_ai", ("inspect-ai==0.3.285", "openai")),
    Peer("lm_eval", ("lm-eval==0.4.13", "lm-eval[api]")),
)
CONCURRENCY = 64
_ROOT = Path(__file__).parents[1]
_READ_S = 120.0
"""For a harness to print a log's header."""


@dataclass(frozen=True)
class Errand:
    """What a harness is to do: ask a server the first `count` of the tasks, and keep all in the folder `run`.

    It is started in the folder of the file of tasks, which are those of `env_id`.
    """

    base_url: str
    env_id: str
    tasks: Path
    run: Path
    count: int


class Reported(NamedTuple):
    """The score; None where there is none, and then perhaps why."""

    score: float | None
    why: str = ""


class Harness(Protocol):
    """One harness.

    Attributes:
        ours: it is llm-envs.
        transcript: what it keeps of a sample.
    """

    ours: ClassVar[bool]
    transcript: ClassVar[str]

    @property
    def name(self) -> str:
        """For people."""

    def start(self, errand: Errand, *, to_be_killed: bool = False) -> list[str]:
        """The command that begins."""

    def resume(self, errand: Errand) -> list[str]:
        """The command that goes on after a kill."""

    def environ(self, base_url: str) -> Mapping[str, str]:
        """What the commands need to find in their environment."""

    def report(self, run: Path, done: Done) -> Reported:
        """What it says of the tasks in the end."""


@dataclass(frozen=True)
class LLMEnvs:
    """Ours."""

    name: str = "llm-envs"
    ours: ClassVar[bool] = True
    transcript: ClassVar[str] = "all, as it happens"

    def start(self, errand: Errand, *, to_be_killed: bool = False) -> list[str]:
        """`llm-envs eval`; it makes the tasks itself."""
        model = ["--model", f"{errand.base_url}#fake", "--concurrency", str(CONCURRENCY)]
        asked = [errand.env_id, *model, "-n", str(errand.count), "--folder", str(errand.run)]
        return [sys.executable, "-m", "llm_envs", "eval", *asked, "--json"]

    def resume(self, errand: Errand) -> list[str]:
        """The same command."""
        return self.start(errand)

    def environ(self, base_url: str) -> Mapping[str, str]:
        """Where this copy of it is, and the benchmarks' own env."""
        places = (str(_ROOT), str(_ROOT / "benchmarks"), os.environ.get("PYTHONPATH", ""))
        return {"PYTHONPATH": os.pathsep.join(filter(None, places))}

    def report(self, run: Path, done: Done) -> Reported:
        """The mean of what was scored."""
        return Reported(json.loads(done.out)["reward"]["mean"] if done.out.startswith("{") else None)


@dataclass(frozen=True)
class Inspect:
    """Inspect, of the UK AI Security Institute."""

    name: str
    python: Path
    ours: ClassVar[bool] = False
    transcript: ClassVar[str] = "all, ten samples at a time"

    def start(self, errand: Errand, *, to_be_killed: bool = False) -> list[str]:
        """`inspect eval`, of a file in the working directory: it takes no other paths."""
        task = shutil.copy(Path(__file__).with_name("peers") / "inspect_task.py", errand.tasks.parent)
        asked = [Path(task).name, "-T", f"tasks={errand.tasks}", "--limit", str(errand.count)]
        return [self._inspect, "eval", *asked, "--model", "openai-api/fake/fake", *self._options(errand.run)]

    def resume(self, errand: Errand) -> list[str]:
        """`inspect eval-retry`, of the newest log."""
        return [self._inspect, "eval-retry", str(self._log(errand.run)), *self._options(errand.run)]

    def environ(self, base_url: str) -> Mapping[str, str]:
        """Address and key of the provider `fake`, as it calls them."""
        return {"FAKE_BASE_URL": base_url, "FAKE_API_KEY": "none"}

    def report(self, run: Path, done: Done) -> Reported:
        """The accuracy in the header of the newest log, or the error there."""
        command = [self._inspect, "log", "dump", "--header-only", str(self._log(run))]
        dumped = processes.run(command, cwd=run, environ=os.environ, limit_s=_READ_S)
        if dumped.code != 0:
            return Reported(None)
        log = json.loads(dumped.out)
        if log["status"] != "success":
            return Reported(None, f"{log['status']}: {(log.get('error') or {}).get('message', '')}")
        return Reported(log["results"]["scores"][0]["metrics"]["accuracy"]["value"])

    @property
    def _inspect(self) -> str:
        return str(self.python.with_name("inspect"))

    def _options(self, run: Path) -> list[str]:
        return ["--max-connections", str(CONCURRENCY), "--log-dir", str(run), "--display", "none"]

    def _log(self, run: Path) -> Path | None:
        return max(run.glob("*.eval"), key=lambda path: path.stat().st_mtime, default=None)


@dataclass(frozen=True)
class LMEval:
    """EleutherAI's Language Model Evaluation Harness."""

    name: str
    python: Path
    ours: ClassVar[bool] = False
    transcript: ClassVar[str] = "all, at the end"

    def start(self, errand: Errand, *, to_be_killed: bool = False) -> list[str]:
        """`lm_eval run`, with a description of the task beside the tasks."""
        folder = errand.tasks.parent
        (folder / "quiz.yaml").write_text(json.dumps(_lm_eval_task(errand.tasks)), encoding="utf-8")  # JSON is YAML
        at_a_time = f"model=fake,base_url={errand.base_url}/chat/completions,num_concurrent={CONCURRENCY}"
        model = ["--model", "local-chat-completions", "--model_args", at_a_time, "--apply_chat_template"]
        asked = ["--tasks", "quiz", "--include_path", str(folder), "--limit", str(errand.count)]
        kept = ["--log_samples", "--output_path", str(errand.run)]
        cache = ["--use_cache", str(errand.run / "cache")] if to_be_killed else []
        return [str(self.python.with_name("lm_eval")), "run", *model, *asked, *kept, *cache]

    def resume(self, errand: Errand) -> list[str]:
        """The same command."""
        return self.start(errand, to_be_killed=True)

    def environ(self, base_url: str) -> Mapping[str, str]:
        """A key; and it is to look for nothing elsewhere."""
        return {"OPENAI_API_KEY": "none", "HF_HUB_OFFLINE": "1"}

    def report(self, run: Path, done: Done) -> Reported:
        """The exact matches in the newest file of results."""
        newest = max(run.rglob("results_*.json"), key=lambda path: path.stat().st_mtime, default=None)
        if newest is None:
            return Reported(None)
        return Reported(json.loads(newest.read_text(encoding="utf-8"))["results"]["quiz"]["exact_match,boxed"])


def _lm_eval_task(tasks: Path) -> dict[str, object]:
    last_box = {"function": "regex", "regex_pattern": r"(\\boxed\{.*\})", "group_select": -1}
    return {
        "task": "quiz",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(tasks)}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{input}}",
        "doc_to_target": "{{target}}",
        "generation_kwargs": {"until": [], "max_gen_toks": 1024},
        "filter_list": [{"name": "boxed", "filter": [last_box, {"function": "take_first"}]}],
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
    }


def installed(peer: Peer, folder: Path) -> Harness:
    """The peer, installed under `folder`.

    Raises:
        PeerFailed: it cannot be.
    """
    return {"inspect_ai": Inspect, "lm_eval": LMEval}[peer.module](peer.name, install(peer, folder).absolute())
