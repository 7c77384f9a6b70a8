"""A run that is killed again and again: no answer is lost, none is asked for twice, and the figures are the same.

The witness is a file of its own, written by the model itself: what it was asked, and what it has answered. The one
answer that a kill may catch between the witness and the journal, two system calls apart, is the last of its sitting.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from worlds import PATIENCE_S

from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import read_records
from llm_envs.evals.records import Episode, attempt_of
from llm_envs.evals.summary import summarise

KILLS = 60
HERE = Path(__file__).parent

SITTING = """
import asyncio, hashlib, os, random, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from speakers import Speaker, gold
from llm_envs.evals.engine import Engine, Settings
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.plan import EnvPlan, Plan

witness = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

class Witnessed(Speaker):
    async def reply(self, query):
        place = f"{query.attempt.env} {query.attempt.task} {query.attempt.sample} {query.turn}"
        os.write(witness, f"asked {place}\\n".encode())
        draw = int(hashlib.sha256(place.encode()).hexdigest(), 16)
        await asyncio.sleep(draw % 8 / 1000)
        completion = await super().reply(query)
        os.write(witness, f"answered {place}\\n".encode())
        return completion

def mostly_right(query):
    draw = int(hashlib.sha256(repr(query.attempt).encode()).hexdigest(), 16)
    return gold(query) if draw % 5 else "none"

plan = Plan((EnvPlan("llm/GuessNumber-v0"), EnvPlan("llm/Arithmetic-v0")), "mostly", tasks=60, samples=2)
engine = Engine(RunFolder.create(Path(sys.argv[1]), plan), Witnessed(mostly_right), Settings(concurrency=12))
asyncio.run(engine.run())
"""


def sitting(run: Path, witness: Path) -> subprocess.Popen:
    """A process that goes on with the run."""
    return subprocess.Popen([sys.executable, "-c", SITTING, str(run), str(witness), str(HERE)], stderr=subprocess.PIPE)


def places(lines: list[str], verb: str) -> list[str]:
    """What was asked or answered, as `env task sample turn`."""
    return [line.removeprefix(f"{verb} ") for line in lines if line.startswith(f"{verb} ")]


def journalled(run: Path) -> list[str]:
    """The replies that the journal holds, in the same form."""
    path = run / "journal.log"
    records = read_records(path) if path.exists() else ()
    return [" ".join(map(str, (*attempt_of(r), r["turn"]))) for r in records if r["kind"] == "reply"]


def figures(run: Path) -> dict:
    """What came of every attempt, clocks left out."""
    return {
        outcome.attempt: (outcome.reward, outcome.verdict, outcome.said, [reply.text for reply in outcome.replies])
        for outcome in RunFolder.open(run).outcomes()
        if isinstance(outcome, Episode)
    }


@pytest.mark.slow
def test_a_run_that_is_killed_at_random_moments_loses_nothing_and_asks_nothing_twice(tmp_path):
    """SIGKILL, sixty times, at moments drawn at random."""
    whole, parts, witness = tmp_path / "whole", tmp_path / "parts", tmp_path / "witness"
    with sitting(whole, tmp_path / "other witness") as process:
        assert process.wait(PATIENCE_S) == 0, process.stderr.read().decode()
    rng = random.Random(7)
    kills = 0
    while True:
        before, seen = journalled(parts), len(witness.read_text().splitlines()) if witness.exists() else 0
        with sitting(parts, witness) as process:
            if kills < KILLS:
                _wait_for_lines(witness, seen + rng.randint(1, 40), process)
                process.send_signal(signal.SIGKILL)
            code = process.wait(PATIENCE_S)
        assert code in {0, -signal.SIGKILL}, process.stderr.read().decode()
        lines = witness.read_text().splitlines()[seen:]
        after = journalled(parts)
        assert after[: len(before)] == before
        assert not set(before) & set(places(lines, "asked")), "an answer that was there was asked for again"
        lost = [place for place in places(lines, "answered") if place not in set(after)]
        assert lost in ([], places(lines, "answered")[-1:]), "an answer was lost"
        if code == 0:
            break
        kills += 1
    assert kills >= KILLS - 10, "the run was over before it had been killed often enough"
    assert figures(parts) == figures(whole)
    assert summarise(RunFolder.open(parts)).to_json() == summarise(RunFolder.open(whole)).to_json()
    assert max(Counter(journalled(parts)).values()) == 1


def _wait_for_lines(witness: Path, count: int, process: subprocess.Popen) -> None:
    """Until the witness has so many lines, or the process is over."""
    while process.poll() is None:
        if witness.exists() and witness.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.0005)
