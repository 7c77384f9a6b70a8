"""What the benchmark scripts share: jobs under a progress bar, rows to a table, to JSON, and into RESULTS.md.

The clock is elsewhere (`peers.measure`), because peers run it without this project's dependencies.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar, Protocol

import click
from peers.installed import Peer, PeerFailed, install, play
from peers.measure import Measured, cpu_time_s
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import llm_envs

__all__ = [
    "Figures",
    "Job",
    "Row",
    "best_rate",
    "chosen",
    "compared",
    "figure",
    "machine",
    "peer_rows",
    "perform",
    "publish",
    "run",
]

_RESULTS = Path(__file__).with_name("RESULTS.md")
_HEADER = """# Results

How fast, how accurate, against whom. Each section is written by the script that its command names (`--write`); the
ratios count, the absolute figures belong to the machine named with them.
"""


class Figures(Protocol):
    """A dataclass that is one line of a table.

    Attributes:
        CAPTION: of the table, where a benchmark has several.
        COLUMNS: the heads, and "left" or "right" for each.
        ours: it is llm-envs.
    """

    CAPTION: ClassVar[str]
    COLUMNS: ClassVar[Mapping[str, str]]
    ours: bool

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""


@dataclass(frozen=True)
class Row:
    """One measured figure, or the reason why there is none.

    Args:
        what: the thing done; rows of one `what` are compared with each other.
        who: who did it.
        per_cpu_s: times per CPU-second.
        ours: it is llm-envs.
        target: at least this much is promised.
        ours_by_theirs: our figure for the same thing divided by this one.
    """

    what: str
    who: str
    per_cpu_s: float | None
    ours: bool = False
    target: float | None = None
    ours_by_theirs: float | None = None
    note: str = ""

    CAPTION: ClassVar = ""
    COLUMNS: ClassVar = {
        "what": "left",
        "who": "left",
        "per CPU-second": "right",
        "target": "right",
        "ours / theirs": "right",
        "note": "left",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        rate = "none" if self.per_cpu_s is None else figure(self.per_cpu_s)
        ratio = "" if self.ours_by_theirs is None else figure(self.ours_by_theirs)
        return self.what, self.who, rate, f">= {self.target:,.0f}" if self.target else "", ratio, self.note


def figure(number: float) -> str:
    """Three digits, or all of those before the point."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


_MIN_COLUMNS = 150
"""A log has no width of its own, and a wrapped table cannot be read."""

Job = tuple[str, Callable[[], Sequence[Figures]]]
"""What the progress bar says, and the work."""


def best_rate(work: Callable[[], int], *, budget_s: float, rounds: int) -> float:
    """Repeat `work`, which gives how many things it did, for `budget_s` CPU-seconds a round; the best round counts."""
    began_s = cpu_time_s()
    things = work()
    passes = max(1, int(budget_s / max(cpu_time_s() - began_s, 1e-6)))
    return things * passes / min(_took_s(work, passes) for _ in range(rounds))


def _took_s(work: Callable[[], int], passes: int) -> float:
    began_s = cpu_time_s()
    for _ in range(passes):
        work()
    return cpu_time_s() - began_s


def chosen(names: str, peers: Sequence[Peer]) -> list[Peer]:
    """The peers of a comma-separated list; `all` and `none` are what they say."""
    known = {peer.module: peer for peer in peers}
    wanted = {"all": list(known), "none": []}.get(names, names.split(","))
    for name in wanted:
        if name not in known:
            raise click.BadParameter(f"{name!r} is no peer; known: {', '.join(known)}, all, none", param_hint="--peers")
    return [known[name] for name in wanted]


def peer_rows(peer: Peer, episodes: Path, keep: Path | None, *, budget_s: float, rounds: int) -> list[Row]:
    """Install the peer, under `keep` if that is given, and let it play the episodes; or say why that failed."""
    with nullcontext(keep) if keep else TemporaryDirectory(prefix=f"{peer.module}-") as folder:
        try:
            python = install(peer, Path(folder))
            return [_peer_row(peer, m) for m in play(peer, python, episodes, budget_s=budget_s, rounds=rounds)]
        except PeerFailed as reason:
            return [Row("episode", peer.name, None, note=str(reason))]


def _peer_row(peer: Peer, measured: Measured) -> Row:
    right = f"; {measured.right:.0%} of the rewards right" if 0.0 < measured.right < 1.0 else ""
    return Row(measured.what, peer.name, measured.per_cpu_s, note=measured.note + right)


def run(jobs: Sequence[Job]) -> list[Row]:
    """Do the jobs one after the other, and compare what they measured."""
    return compared(perform(jobs))


def perform(jobs: Sequence[Job]) -> list[Figures]:
    """Do the jobs one after the other."""
    return [row for work in _with_progress(jobs) for row in work()]


def publish(rows: Sequence[Figures], title: str, *, as_json: bool, write: bool) -> None:
    """Print the rows, as a table for each kind or as JSON; with `write`, renew this script's section of RESULTS.md."""
    if as_json:
        print(json.dumps({"title": title, "machine": machine(), "rows": [asdict(row) for row in rows]}, indent=2))
    else:
        console = Console()
        console.width = max(console.width, _MIN_COLUMNS)
        for alike in _by_kind(rows):
            console.print(_table(alike, f"{title}. {alike[0].CAPTION}".strip(". ")))
    if write:
        _write_section(Path(sys.argv[0]).stem, _section(rows, title))


def machine() -> str:
    """The machine and the versions, in words."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("gymnasium", "numpy"))
    python = f"Python {platform.python_version()}, llm-envs {llm_envs.__version__}, {versions}"
    return f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, {python}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _with_progress(jobs: Sequence[Job]) -> Iterator[Callable[[], Sequence[Row]]]:
    columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.completed}/{task.total} {task.description}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=len(jobs))
        for label, work in jobs:
            progress.update(bar, description=label)
            yield work
            progress.advance(bar)


def compared(rows: Sequence[Row]) -> list[Row]:
    """The rows with their ratios, those of one `what` together."""
    ours = {row.what: row.per_cpu_s for row in rows if row.ours}
    order = list(dict.fromkeys(row.what for row in rows))
    together = sorted(rows, key=lambda row: order.index(row.what))
    return [replace(row, ours_by_theirs=_ratio(ours.get(row.what), row)) for row in together]


def _ratio(ours: float | None, row: Row) -> float | None:
    return None if row.ours or ours is None or row.per_cpu_s is None else ours / row.per_cpu_s


def _by_kind(rows: Sequence[Figures]) -> list[list[Figures]]:
    """The rows of each table, in the order of first rows."""
    kinds = dict.fromkeys(map(type, rows))
    return [[row for row in rows if type(row) is kind] for kind in kinds]


def _table(rows: Sequence[Figures], title: str) -> Table:
    table = Table(title=title, caption=machine())
    for column, justify in rows[0].COLUMNS.items():
        table.add_column(column, justify=justify, no_wrap=justify == "left" and column != "note")
    for row in rows:
        table.add_row(*row.cells(), style="bold" if row.ours else None)
    return table


def _section(rows: Sequence[Figures], title: str) -> str:
    command = shlex.join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    today = datetime.now(UTC).date().isoformat()
    tables = [line for alike in _by_kind(rows) for line in ["", *_lines(alike)]]
    return "\n".join([f"## {title}", "", f"`{command}`, {today}, {machine()}.", *tables])


def _lines(rows: Sequence[Figures]) -> list[str]:
    """A table in Markdown, its caption above it."""
    columns = rows[0].COLUMNS
    rules = ["---" if justify == "left" else "---:" for justify in columns.values()]
    table = [tuple(columns), rules, *(row.cells() for row in rows)]
    caption = [rows[0].CAPTION, ""] if rows[0].CAPTION else []
    return caption + ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |" for cells in table]


def _write_section(name: str, section: str) -> None:
    """Renew the section between this script's markers, or append it."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    text = _RESULTS.read_text(encoding="utf-8") if _RESULTS.exists() else _HEADER
    before, _, rest = text.partition(begin)
    after = rest.partition(end)[2] if rest else ""
    text = f"{before.rstrip()}\n\n{begin}\n{section}\n{end}\n\n{after.lstrip()}"
    _RESULTS.write_text(text.rstrip() + "\n", encoding="utf-8")
