r"""How often are maths graders right, how fast are they, and what do hostile replies do to them?

    python benchmarks/math_verifier.py                         # ours and the peers, in throw-away environments
    python benchmarks/math_verifier.py --peers none            # ours alone, under a minute
    python benchmarks/math_verifier.py --peers math_verify --cases mine.jsonl --limit 200
    python benchmarks/math_verifier.py --keep /var/tmp/peers   # install the peers once

Asked are

- the rows of `verifiers/math.jsonl`: our own table, so that our figure there says little beside those of the peers;
- answers of `llm/Math-v0`, in several spellings, and their neighbours;
- files of cases, JSONL: `{"gold": "3/4", "prediction": "\\boxed{0.75}", "equal": true}`, with `"hostile": true` for an
  attack;
- of those of `llm/Math-v0`: the ones with an integer as their right answer, and a mixture as in competition sets.

Each grader runs in a process of its own, which is killed when a check takes too long. What was killed, or raised, is a
crash and counts as unequal, so that a right answer on which a grader crashes is a false negative too; a reference that
ours refuses is a crash of ours. Speed counts the CPU time of the checks and of the processes that they start.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import ClassVar

import click
from math_cases import BrokenCases, Case, generated, integers, mixture, read_cases, table
from peers.installed import Peer, PeerFailed, install
from peers.math_grader import Graded
from peers.math_process import Grader
from publishing import chosen, figure, publish
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

import llm_envs

PEERS = (
    Peer("math_verify", ("math-verify==0.9.0", "math-verify[antlr4_13_2]")),  # the extra is its parser
    Peer("mathruler", ("mathruler==0.1.0", "sympy==1.14.0", "pylatexenc==2.10", "tqdm")),  # it declares none of them
    Peer("skyrl_gym", ("skyrl-gym==0.4.0",)),
)
HOSTILE_S = 2.5
"""A hostile reply must be over by then, and is ended then."""
HONEST_S = 20.0
"""An honest check that takes longer hangs: the timers of the slowest peer add up to 15 s."""
TASKS = 1000
"""Tasks of `llm/Math-v0`; two cases each."""
DRAWN = 1000
"""Cases of the sets that are drawn from the others."""


@dataclass(frozen=True)
class Row:
    """What one grader made of one set of cases, or the reason why there is nothing.

    Args:
        code_run: replies that created a file.
        slow: hostile replies that were not over after `HOSTILE_S`.
    """

    what: str
    who: str
    cases: int = 0
    accuracy: float = 0.0
    false_positives: int = 0
    false_negatives: int = 0
    crashes: int = 0
    per_cpu_s: float | None = None
    p50_s: float = 0.0
    p99_s: float = 0.0
    slowest_s: float = 0.0
    code_run: int = 0
    slow: int = 0
    note: str = ""
    ours: bool = False

    CAPTION: ClassVar = ""
    COLUMNS: ClassVar = {
        "cases": "left",
        "who": "left",
        "number": "right",
        "right": "right",
        "false +": "right",
        "false -": "right",
        "crashes": "right",
        "per CPU-second": "right",
        "p50": "right",
        "p99": "right",
        "slowest": "right",
        f"over {HOSTILE_S} s": "right",
        "code run": "right",
        "note": "left",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        if not self.cases:
            return (self.what, self.who, *[""] * (len(self.COLUMNS) - 3), self.note)
        counts = (self.false_positives, self.false_negatives, self.crashes)
        return (
            self.what,
            self.who,
            f"{self.cases:,}",
            f"{self.accuracy:.1%}",
            *(f"{count:,}" for count in counts),
            figure(self.per_cpu_s) if self.per_cpu_s else "",
            *map(_duration, (self.p50_s, self.p99_s, self.slowest_s)),
            str(self.slow),
            str(self.code_run),
            self.note,
        )


def _duration(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{1000 * seconds:.0f} ms" if seconds >= 0.01 else f"{1000 * seconds:.2f} ms"


@dataclass
class Tally:
    """Verdicts as they come in."""

    false_positives: int = 0
    false_negatives: int = 0
    crashes: int = 0
    slow: int = 0
    code_run: int = 0
    wall_s: list[float] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)

    def add(self, case: Case, graded: Graded) -> None:
        """Count one check."""
        self.false_positives += graded.equal and not case.equal
        self.false_negatives += case.equal and not graded.equal
        self.crashes += bool(graded.error)
        self.slow += case.hostile and graded.wall_s >= HOSTILE_S
        self.wall_s.append(graded.wall_s)
        if not graded.error and not case.hostile:
            self.ended.append((case.gold, case.prediction))

    def row(self, what: str, who: str, per_cpu_s: float | None, note: str) -> Row:
        """In figures."""
        count = len(self.wall_s)
        cuts = quantiles(self.wall_s * 2, n=100, method="inclusive")  # twice, since one time has no quantiles
        return Row(
            what,
            who,
            count,
            1 - (self.false_positives + self.false_negatives) / count,
            self.false_positives,
            self.false_negatives,
            self.crashes,
            per_cpu_s,
            cuts[49],
            cuts[98],
            max(self.wall_s),
            self.code_run,
            self.slow,
            note,
        )


def sets(files: Sequence[Path], tasks: int, limit: int | None) -> dict[str, list[Case]]:
    """The cases by the name of their set."""
    rows, made = table(), generated(tasks)
    honest = [case for case in rows if not case.hostile]
    found = {
        "verifiers/math.jsonl": honest,
        "llm/Math-v0": made,
        **{str(path): read_cases(path) for path in files},
        "integers": integers(made, DRAWN),
        "mixture": mixture(made, DRAWN),
        "hostile": [case for case in rows if case.hostile],
    }
    return {what: cases[:limit] for what, cases in found.items() if cases}


def grade(name: str, who: str, python: Path, asked: dict[str, list[Case]], step: Callable[[], None]) -> list[Row]:
    """Let one grader grade every set, each with a fresh process, so that none profits from the one before.

    Speed is measured in another fresh process, on the cases that came to an end, without a pause between them.
    """
    rows = []
    for what, cases in asked.items():
        tally = Tally()
        with Grader(name, python) as grader:
            note = f"{grader.in_a_thread} off the main thread" if grader.in_a_thread else ""
            for case in cases:
                tally.add(case, grader.grade(case.gold, case.prediction, HOSTILE_S if case.hostile else HONEST_S))
                tally.code_run += grader.created()
                step()
        with Grader(name, python) as grader:
            rows.append(tally.row(what, who, grader.rate(tally.ended), note))
    return rows


def grade_with(peer: Peer, keep: Path | None, asked: dict[str, list[Case]], step: Callable[[], None]) -> list[Row]:
    """Install the peer and let it grade; or say why that failed."""
    with nullcontext(keep) if keep else TemporaryDirectory(prefix=f"{peer.module}-") as folder:
        try:
            return grade(peer.module, peer.name, install(peer, Path(folder).absolute()), asked, step)
        except PeerFailed as reason:
            return [Row("all", peer.name, note=str(reason))]


def measured(peers: Sequence[Peer], keep: Path | None, asked: dict[str, list[Case]]) -> list[Row]:
    """Ours and the peers' rows, under a progress bar, those of one set together."""
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    total = sum(map(len, asked.values()))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bars = [progress.add_task(who, total=total) for who in ("llm-envs", *(peer.name for peer in peers))]
        ours = grade("llm_envs", "llm-envs", Path(sys.executable), asked, lambda: progress.advance(bars[0]))
        rows = [replace(row, ours=True) for row in ours]
        for peer, bar in zip(peers, bars[1:], strict=True):
            rows += grade_with(peer, keep, asked, lambda bar=bar: progress.advance(bar))
    order = [*asked, "all"]
    return sorted(rows, key=lambda row: order.index(row.what))


EXAMPLES = """Examples:

\b
  python benchmarks/math_verifier.py --keep ~/.cache/peers
  python benchmarks/math_verifier.py --peers none --cases mine.jsonl
  python benchmarks/math_verifier.py --peers math_verify --limit 200 --json
"""


@click.command(epilog=EXAMPLES)
@click.option("--peers", default="all", help=f"all, none, or names: {','.join(peer.module for peer in PEERS)}.")
@click.option(
    "--cases",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSONL of gold, prediction, equal, and hostile where it is an attack. Repeatable.",
)
@click.option("--limit", type=click.IntRange(min=1), help="At most so many cases of each set.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the peers' environments here, and reuse them.")
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(
    *, peers: str, files: Sequence[Path], limit: int | None, keep: Path | None, quick: bool, as_json: bool, write: bool
) -> None:
    """Accuracy, speed and safety of maths graders: ours, Math-Verify, MathRuler (PRM800K) and SkyRL Gym (strings)."""
    players = chosen(peers, PEERS)
    try:
        asked = sets(files, 8 if quick else TASKS, 8 if quick else limit)
    except BrokenCases as error:
        raise click.BadParameter(str(error), param_hint="--cases") from None
    rows = measured(players, keep, asked)
    publish(rows, f"Maths graders, llm-envs {llm_envs.__version__}", as_json=as_json, write=write)


if __name__ == "__main__":
    main()
