"""The maths verifier in batches, in an event loop, in a crowd, and with a second opinion."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from llm_envs import verifiers
from llm_envs.errors import BadOption, BadReference, MissingExtra
from llm_envs.testing import read_rows

ROWS = [row for row in read_rows(Path(__file__).parents[2] / "verifiers" / "math.jsonl") if row["class"] != "hostile"]
HANGING = (r"\boxed{x^{9^{9^{9}}}}", "x")
SYMBOLIC = (r"\boxed{\sin(x)+e^{-1000}}", r"\sin x")
"""A row that only SymPy can tell apart."""


@pytest.fixture
def patient(monkeypatch):
    """Checks that take their time on a busy machine are not what a test is about."""
    pool = sys.modules["llm_envs.verifiers.math.verify"]._pool
    return lambda timeout_s: monkeypatch.setattr(pool, "_timeout_s", timeout_s)


def children():
    """Processes below this one."""
    found = []
    for task in Path(f"/proc/{os.getpid()}/task").iterdir():
        found += (task / "children").read_text().split()
    return found


def test_a_batch_gives_the_verdicts_of_single_checks(patient):
    """In order, whatever layer each is settled by; SymPy's answers among them."""
    patient(60.0)
    rows = [(row["answer"], row["reference"]) for row in ROWS[::9]] + [SYMBOLIC, (r"\boxed{7}", 7), SYMBOLIC]
    single = [verifiers.math(*row) for row in rows]
    assert verifiers.math_many(*map(list, zip(*rows, strict=True))) == single
    assert len({verdict.reward for verdict in single}) == 2


def test_an_empty_batch_has_no_verdicts():
    """As any list function."""
    assert verifiers.math_many([], []) == []


@pytest.mark.parametrize("references", [["1"], "12", ["1", "2", "3"]], ids=str)
def test_a_batch_needs_one_reference_for_each_reply(references):
    """Anything else is said at once, with what to do."""
    with pytest.raises(BadOption, match="references, one for each reply"):
        verifiers.math_many(["1", "2"], references)


def test_a_bad_reference_in_a_batch_is_named():
    """It is the task's fault, not the policy's."""
    with pytest.raises(BadReference, match="empty"):
        verifiers.math_many(["1", "2"], ["1", ""])


def test_an_event_loop_goes_on_while_answers_hang(patient):
    """Checks that hang wait in threads of their own; honest ones, SymPy's too, do not wait for them."""
    patient(6.0)

    async def crowd():
        hanging = [asyncio.create_task(verifiers.math_async(*HANGING)) for _ in range(8)]
        await asyncio.sleep(0)
        honest = await asyncio.gather(*(verifiers.math_async(*SYMBOLIC) for _ in range(4)))
        quick = [await verifiers.math_async(r"\boxed{2}", 2) for _ in range(100)]
        waiting = sum(not task.done() for task in hanging)
        return honest, quick, waiting, await asyncio.gather(*hanging)

    honest, quick, waiting, hung = asyncio.run(crowd())
    assert {(verdict.reward, verdict.status) for verdict in honest} == {(0.0, "ok")}
    assert {verdict.reward for verdict in quick} == {1.0}
    assert waiting
    assert {(verdict.reward, verdict.status) for verdict in hung} == {(0.0, "timeout")}


def test_close_leaves_no_process():
    """Whatever checks have started is gone, and the next check starts what it needs."""
    assert verifiers.math(*SYMBOLIC).reward == 0.0
    before = children()
    verifiers.close()
    assert len(children()) < len(before)
    assert verifiers.math(*SYMBOLIC).status == "ok"


def test_every_thread_gives_the_same_verdict(patient):
    """A sample of the table, many threads at once."""
    patient(60.0)
    rows = ROWS[::5]
    with ThreadPoolExecutor(16) as threads:
        scores = list(threads.map(lambda row: verifiers.math(row["answer"], row["reference"]).reward, rows))
    assert scores == [row["expected"] for row in rows]


# A second opinion

UNREAD = (r"\boxed{\oiint_{S} 1 \, dS}", "5")


def test_a_second_opinion_is_asked_for_what_cannot_be_read():
    """And only then: what is decided here stays decided."""
    assert "Math-Verify" not in verifiers.math(*UNREAD).reason
    assert "Math-Verify" in verifiers.math(*UNREAD, second_opinion=True).reason
    decided = verifiers.math(r"\boxed{\frac{1}{2004!}}", r"\frac{1}{2006!}", second_opinion=True)
    assert decided.reward == 0.0
    assert "Math-Verify" not in decided.reason


def test_without_the_extra_a_second_opinion_names_the_pip_line(monkeypatch):
    """No silent fallback."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="math-verify"):
        verifiers.math("1", 1, second_opinion=True)


def test_the_second_opinion_is_another_one():
    """Differential: on a sample of the table the two disagree here and there, and then the table is with us."""
    opinion = pytest.importorskip("llm_envs.verifiers.math.opinion")
    rows = [row for row in ROWS[::12] if isinstance(row["answer"], str) and isinstance(row["reference"], str)]
    outcomes = [opinion.ask(row["answer"], row["reference"]) for row in rows]
    theirs = [outcome.status == "ok" and outcome.value[0] for outcome in outcomes]
    ours = [verifiers.math(row["answer"], row["reference"]).correct for row in rows]
    apart = [(row, mine) for row, mine, other in zip(rows, ours, theirs, strict=True) if mine != other]
    print(*(f"{row['answer']} | {row['reference']} | ours {mine}" for row, mine in apart), sep="\n")  # noqa: T201 (the list is what pytest shows should this fail)
    assert sum(mine == other for mine, other in zip(ours, theirs, strict=True)) > len(rows) / 2
    assert all(mine == bool(row["expected"]) for row, mine in apart)
