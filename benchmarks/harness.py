"""What does an evaluation cost beside its answers, what survives a kill, and what becomes of a faulty server's replies?

    python benchmarks/harness.py                          # ours, Inspect and lm-eval, in throw-away environments
    python benchmarks/harness.py --peers none             # ours alone, five minutes
    python benchmarks/harness.py --episodes 100000        # with a run long enough to see whether memory is bounded
    python benchmarks/harness.py --keep /var/tmp/peers    # install the peers once

All ask the same local server the same 500 questions, 64 at a time, and compare how the replies end. The server takes
50 ms for each: 0.40 s for all, at the least. How each harness is started stands in `harnesses.py`, what is asked in
`quiz.py`. Two rows are of ours alone: where the tasks are those of `llm/Math-v0`, made and judged as mathematics, and
where the server gives what few harnesses ask for, token ids and log-probabilities.

CPU time counts for the start until the server has its first question. What comes after counts for the samples, less
what comes after it in a run of one question. The best of several rounds counts. Whatever does not end is killed.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import processes
from harness_rows import GRACE_S, MATHS, TEXT, TOKENS, Faulty, Killed, Long, Row, Speed
from harnesses import PEERS, Errand, Harness, LLMEnvs, Reported, installed
from peers.installed import Peer, PeerFailed, is_installed
from processes import Done
from publishing import Job, chosen, perform, publish
from quiz import MATH, SUMS, Quiz, Sayings

import llm_envs
from llm_envs.testing import FakeServer

LATENCY_S = 0.05
JITTER = 0.5
"""Where a kill is to come between answers, they must not all come at once."""

KINDS = ("malformed", "html", "truncated", "no_choices", "null_content", "reset", "429", "500", "503")
FAULTS: Mapping[str, Mapping[str, float]] = {
    "one reply in ten is faulty": dict.fromkeys(KINDS, 0.1 / len(KINDS)),
    "one reply in fifty never comes": {"hang": 0.02},
}
PATIENCE_S = 420.0
"""For any command to end; lm-eval waits 300 s for an answer."""

LONG_RUN = ("llm/Arithmetic-v0", "--model", "mock:gold")


@dataclass(frozen=True)
class Setting:
    """What is asked, how often, how long each may take, and where runs are kept meanwhile."""

    quiz: Quiz
    folder: Path
    rounds: int
    patience_s: float
    runs: list[Path] = field(default_factory=list)

    def errand(self, server: FakeServer, count: int | None = None) -> Errand:
        """To ask the first `count` questions, or all of them."""
        tasks, count = self.folder / "tasks.jsonl", count or len(self.quiz.prompts)
        return Errand(server.base_url, self.quiz.env_id, tasks, self.new_run(), count)

    def new_run(self) -> Path:
        """An empty folder."""
        self.runs.append(self.folder / f"run{len(self.runs)}")
        self.runs[-1].mkdir()
        return self.runs[-1]

    def run(self, command: Sequence[str], environ: Mapping[str, str], **watched: Callable[[], bool]) -> Done:
        """Run a command to its end; byte code may be kept, as it is wherever a package is installed."""
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return processes.run(command, cwd=self.folder, environ=kept | environ, limit_s=self.patience_s, **watched)


@dataclass(frozen=True)
class Answered:
    """A run, from its start to its score."""

    done: Done
    span_s: float
    reported: Reported


def answered(harness: Harness, setting: Setting, count: int | None = None, *, bare: bool = True) -> Answered:
    """Ask a server that works."""
    with FakeServer(Sayings(setting.quiz, bare=bare), latency_s=LATENCY_S) as server:
        errand = setting.errand(server, count)
        environ = harness.environ(server.base_url)
        done = setting.run(harness.start(errand), environ, has_begun=lambda: bool(server.asked))
    return Answered(done, server.span_s, harness.report(errand.run, done))


def speed(harness: Harness, setting: Setting, what: str = TEXT) -> list[Row]:
    """What all questions cost, and one."""
    bare = what != TOKENS
    first = answered(harness, setting, 1, bare=bare)  # and whatever is compiled at a first start
    if first.done.code != 0:
        return [Speed(what, harness.name, note=first.done.last_words, ours=harness.ours)]
    ones, alls = [], []
    for _ in range(setting.rounds):
        ones.append(answered(harness, setting, 1, bare=bare).done)
        alls.append(answered(harness, setting, bare=bare))
    more_cpu_s = min(every.done.work_cpu_s for every in alls) - min(one.work_cpu_s for one in ones)
    row = Speed(
        what,
        harness.name,
        cpu_ms=1000 * more_cpu_s / (len(setting.quiz.prompts) - 1),
        start_cpu_s=min(one.before_cpu_s for one in ones),
        span_s=min(every.span_s for every in alls),
        cold_s=min(every.done.wall_s for every in alls),
        peak_mib=max(every.done.peak_mib for every in alls),
        score=alls[-1].reported.score,
        transcript=harness.transcript,
        ours=harness.ours,
    )
    return [row]


def killed(harness: Harness, setting: Setting) -> list[Row]:
    """SIGKILL once half of the answers were given, and what is asked for when it goes on."""
    sayings, planned = Sayings(setting.quiz), len(setting.quiz.prompts)
    given: list[str] = []

    def is_halfway() -> bool:
        given[:] = sayings.until(time.perf_counter() - GRACE_S)
        return len(given) >= planned / 2

    with FakeServer(sayings, latency_s=LATENCY_S, jitter=JITTER) as server:
        errand, environ = setting.errand(server), harness.environ(server.base_url)
        first = setting.run(harness.start(errand, to_be_killed=True), environ, kill_when=is_halfway)
        if first.code is not None:
            return [Killed("SIGKILL", harness.name, note=f"it ended before: {first.last_words}", ours=harness.ours)]
        before = len(server.asked)
        done = setting.run(harness.resume(errand), environ)
        again = {asked.text.strip() for asked in server.asked[before:]}
        lost, asked = len(again.intersection(given)), len(server.asked)
    score, why = harness.report(errand.run, done)
    note = _ending(done) or why
    return [Killed("SIGKILL", harness.name, len(given), lost, asked, planned, score, note, harness.ours)]


def faulty(harness: Harness, setting: Setting, what: str) -> list[Row]:
    """What is reported for a faulty server."""
    with FakeServer(Sayings(setting.quiz), latency_s=LATENCY_S, faults=FAULTS[what]) as server:
        errand = setting.errand(server)
        done = setting.run(harness.start(errand), harness.environ(server.base_url))
    score, why = harness.report(errand.run, done) if done.code is not None else Reported(None)
    note = _ending(done) or why
    return [Faulty(what, harness.name, setting.quiz.truth, score, done.wall_s, note, harness.ours)]


def _ending(done: Done) -> str:
    """What there is to say of how a command ended."""
    if done.code is None:
        return f"no end within {done.wall_s:.0f} s"
    return f"exit code {done.code}: {done.last_words}"[:120] if done.code else ""


def long(setting: Setting, episodes: int) -> list[Row]:
    """What many episodes of ours cost, no server involved."""
    run = setting.new_run()
    command = [sys.executable, "-m", "llm_envs", "eval", *LONG_RUN, "-n", str(episodes), "--folder", str(run), "--json"]
    done = setting.run(command, LLMEnvs().environ(""))
    if done.code != 0:
        raise click.ClickException(f"the long run failed: {_ending(done)}")
    journal_mib = (run / "journal.log").stat().st_size / 2**20
    cpu_ms = 1000 * done.cpu_s / episodes
    return [Long(" ".join(LONG_RUN), "llm-envs", episodes, done.peak_mib, cpu_ms, journal_mib)]


def mishaps(harness: Harness, setting: Setting) -> list[Row]:
    """What becomes of a run that is killed, and of replies that are faulty."""
    return killed(harness, setting) + [row for what in FAULTS for row in faulty(harness, setting, what)]


def peers_speed(peer: Peer, folder: Path, setting: Setting) -> list[Row]:
    """Install the peer and measure it; or say why that failed."""
    try:
        return speed(installed(peer, folder), setting)
    except PeerFailed as reason:
        return [Speed(TEXT, peer.name, note=str(reason))]


def peers_mishaps(peer: Peer, folder: Path, setting: Setting) -> list[Row]:
    """The same of a peer that could be installed."""
    return mishaps(installed(peer, folder), setting) if is_installed(peer, folder) else []


@click.command()
@click.option("--peers", default="all", help=f"all, none, or names: {','.join(peer.module for peer in PEERS)}.")
@click.option("--episodes", type=click.IntRange(min=1), default=10_000, show_default=True, help="Of the long run.")
@click.option(
    "--rounds", type=click.IntRange(min=1), default=5, show_default=True, help="Of the speed; the best counts."
)
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the peers' environments here, and reuse them.")
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, peers: str, episodes: int, rounds: int, keep: Path | None, quick: bool, as_json: bool, write: bool) -> None:
    """Evaluation harnesses: cost, loss on SIGKILL, and what they make of faulty servers."""
    players, ours = chosen(peers, PEERS), LLMEnvs()
    with TemporaryDirectory(prefix="harness-") as scratch:
        folder = keep or Path(scratch)
        sums, maths = (Quiz.of(env_id, 25 if quick else 500) for env_id in (SUMS, MATH))
        setting = Setting(sums, Path(scratch), 1 if quick else rounds, PATIENCE_S)
        sums.write(Path(scratch) / "tasks.jsonl")
        jobs: list[Job] = [
            ("llm-envs", partial(speed, ours, setting)),
            ("llm-envs, mathematics", partial(speed, ours, replace(setting, quiz=maths), MATHS)),
            ("llm-envs, token ids", partial(speed, ours, setting, TOKENS)),
            *((f"{peer.name} (installing, asking)", partial(peers_speed, peer, folder, setting)) for peer in players),
            ("a long run of llm-envs", partial(long, setting, 200 if quick else episodes)),
            ("llm-envs, mishaps", partial(mishaps, ours, setting)),
            *((f"{peer.name}, mishaps", partial(peers_mishaps, peer, folder, setting)) for peer in players),
        ]
        rows = perform(jobs)
    order = [kind.__name__ for kind in (Speed, Killed, Faulty, Long)]
    rows.sort(key=lambda row: (order.index(type(row).__name__), row.what))  # those of one thing together
    publish(rows, f"Evaluation harnesses, llm-envs {llm_envs.__version__}", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
