"""The benchmark scripts run, and what they stand on is sound; how fast anything is, is not asserted."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (["env_throughput.py", "--peers", "none"], {"episode, exact match", "episode, math verified"}),
        (["vector_throughput.py"], {"reset and push of a turn of 200, N=16"}),
        (["tools.py", "--peers", "none"], {"episode with tools, verified", "second rollout of a task"}),
        (["math_data.py"], {"GSM8K's layout, JSONL", "MATH's layout, JSONL"}),
        (["math_verifier.py", "--peers", "none"], {"verifiers/math.jsonl", "llm/Math-v0", "integers", "hostile"}),
    ],
)
def test_a_script_prints_its_figures_as_json(script, said):
    """In quick mode, without peers, every row of ours has a figure."""
    command = [sys.executable, str(BENCHMARKS / script[0]), *script[1:], "--quick", "--json"]
    printed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)
    assert said <= {row["what"] for row in printed["rows"]}
    untimed = {"hostile", "second rollout of a task"}
    assert all(row["per_cpu_s"] > 0 for row in printed["rows"] if row["ours"] and row["what"] not in untimed)


def script(name, *arguments):
    """Run a script to its end."""
    command = [sys.executable, str(BENCHMARKS / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


def test_every_family_keeps_its_promises():
    """Some tasks of every family and level: solutions are paid, nothing else is, guessing does not pay."""
    run = script("math_families.py", "--tasks", "60", "--json")
    levels = json.loads(run.stdout)
    assert {(level["gold_unpaid"], level["others_paid"]) for level in levels} == {(0, 0)}
    assert len(levels) == 6 * len({level["family"] for level in levels})


def test_a_template_keeps_its_promises():
    """References are paid, brute forces agree, mutants fail, cheats are not paid: no fault is found."""
    run = script("code_templates.py", "--tasks", "1", "--template", "robot_walk")
    assert (run.returncode, run.stderr.strip()) == (0, "")
    assert "robot_walk" in run.stdout


def test_a_family_that_can_be_guessed_is_a_fault():
    """And so is one that repeats itself, pays a wrong reply or takes too long."""
    from math_families import Level

    good = Level("topic", "family", "integer", 0, 1000, 0, 0, guessed=0.01, repeats=0, make_ms=0.1, judge_ms=0, steps=1)
    assert not good.faults()
    changes = {"guessed": 0.051, "repeats": 300, "make_ms": 6.0, "gold_unpaid": 1, "others_paid": 1}
    assert all(replace(good, **{name: value}).faults() for name, value in changes.items())
    assert not replace(good, kind="yes_no", guessed=0.55).faults()


def test_fuzzing_finds_no_fault():
    """A few thousand mutated rows and arbitrary texts: a verdict for each, and the memory stays."""
    run = script("math_fuzz.py", "--strings", "4000", "--seed", "5")
    faults = [line for line in run.stdout.splitlines() if line.startswith("fault:")]
    slow = re.compile(r"fault: [\d.]+ s: ")  # how fast it is on a busy machine, is not asserted
    assert "4,000 strings: " in run.stdout, run.stderr
    assert not [fault for fault in faults if not slow.match(fault)]
    assert float(re.search(r"grew by (-?[\d.]+) MiB", run.stdout)[1]) < 10


def test_a_crowd_gets_the_right_verdicts():
    """Beside answers that hang, in threads and in an event loop, all verdicts are right and no process is left."""
    run = script("math_crowd.py", "--seconds", "3")
    assert "wrong verdicts: 0; processes left after close(): 0" in run.stdout, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("name", "asked", "known"),
    [("env_throughput.py", "gemm", "gem_llm"), ("math_verifier.py", "mathverify", "math_verify")],
)
def test_an_unknown_peer_is_refused(name, asked, known):
    """The message names the peers that there are."""
    refused = script(name, "--peers", asked)
    assert refused.returncode == 2
    assert known in refused.stderr


def test_a_peer_that_cannot_be_installed_is_a_row_with_the_reason(tmp_path):
    """It has no figure, and keeps nobody else from having one."""
    from peers.installed import Peer
    from publishing import peer_rows

    peer = Peer("openenv", ("openenv==0.10.0",), python=(99, 0))
    (row,) = peer_rows(peer, tmp_path / "episodes.json", tmp_path, budget_s=0.01, rounds=1)
    assert row.per_cpu_s is None
    assert row.note == "needs Python 99.0, and none was found"


def test_a_peer_that_breaks_is_a_row_with_the_reason(tmp_path):
    """The last line of what it said is the note."""
    from peers.installed import Peer
    from publishing import peer_rows

    home = tmp_path / "openenv"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python").symlink_to(sys.executable)
    (home / "installed.json").touch()
    (row,) = peer_rows(Peer("openenv", ("openenv==0.10.0",)), tmp_path / "none", tmp_path, budget_s=0.01, rounds=1)
    assert row.per_cpu_s is None
    assert "No module named" in row.note


@pytest.mark.parametrize("reward", [0.0, 1.0])
def test_a_judge_that_says_one_thing_has_no_speed(reward):
    """Half of the replies are wrong, so always yes and always no are both found out."""
    from peers.measure import Episode, measure

    episodes = [Episode(index=i, prompt="", answer="", reply="", reward=float(i % 2)) for i in range(8)]
    with pytest.raises(ValueError, match="rewards were right"):
        measure("episode", lambda batch: [reward] * len(batch), episodes, budget_s=0.001, rounds=1)


def _burn(cpu_s):
    while time.process_time() < cpu_s:
        pass


def test_the_clock_counts_child_processes():
    """CPU time spent in a child is charged, whether the child has ended or not."""
    from peers.measure import cpu_time_s

    before_s = cpu_time_s()
    with get_context("spawn").Pool(1) as pool:
        pool.apply(_burn, (0.3,))
        assert cpu_time_s() - before_s > 0.25
    pool.join()
    assert cpu_time_s() - before_s > 0.25


def test_an_episode_has_the_length_and_the_reward_that_it_says():
    """Right, wrong and restated answers are what `llm/Math-v0` itself takes them for."""
    import gymnasium as gym
    from workload import episodes

    env = gym.make("llm/Math-v0")
    for episode in episodes(env, 32, 200, restate=True):
        ids = env.unwrapped.chat.encode_reply(episode["reply"])
        env.reset(seed=0, options={"index": episode["index"]})
        assert len(ids) == 200
        assert env.unwrapped.push(ids).reward == episode["reward"]


def test_writing_results_renews_one_section_and_leaves_the_others(tmp_path, monkeypatch):
    """A section stands between its script's markers; other text stays as it is."""
    import publishing

    results = tmp_path / "RESULTS.md"
    monkeypatch.setattr(publishing, "_RESULTS", results)
    publishing._write_section("a", "first of a")
    publishing._write_section("b", "first of b")
    publishing._write_section("a", "second of a")
    text = results.read_text(encoding="utf-8")
    assert text.startswith("# Results")
    assert "first of a" not in text
    assert text.index("second of a") < text.index("first of b")


def test_ratios_compare_figures_for_the_same_thing():
    """A peer's row shows our figure divided by its own; a row without a figure shows none."""
    from publishing import Row, run

    rows = [Row("x", "us", 30.0, ours=True), Row("x", "them", 10.0), Row("y", "them", 10.0), Row("x", "gone", None)]
    assert [row.ours_by_theirs for row in run([("all", lambda: rows)])] == [None, 3.0, None, None]


RIGHT, WRONG = ("3/4", r"\boxed{0.75}"), ("3/4", r"\boxed{0.7}")


@pytest.fixture
def cases_file(tmp_path):
    """Six cases, of which ours takes four as the file says: one reference is unreadable, one row is a lie."""
    cases = [(*RIGHT, True), (*WRONG, False), ("x+1", "$1+x$", True), ("5", "no idea", False), ("((", "((", True)]
    rows = [{"gold": gold, "prediction": prediction, "equal": equal} for gold, prediction, equal in cases]
    rows.append({"gold": "2", "prediction": "$2$", "equal": False, "hostile": True})
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_verdicts_on_a_file_of_cases_are_counted(cases_file):
    """An unreadable reference is a crash and unequal; a wrong True is a false positive."""
    import math_verifier
    from math_cases import read_cases

    steps = []
    cases = {"mine": read_cases(cases_file)}
    (row,) = math_verifier.grade("llm_envs", "llm-envs", Path(sys.executable), cases, lambda: steps.append(1))
    assert (row.cases, row.false_positives, row.false_negatives, row.crashes) == (6, 1, 1, 1)
    assert (row.slow, row.code_run, row.note, len(steps)) == (0, 0, "", 6)
    assert row.accuracy == pytest.approx(4 / 6)


def test_broken_cases_are_named_by_line(cases_file):
    """Every broken line is in the message, with what is wrong there."""
    with cases_file.open("a", encoding="utf-8") as lines:
        lines.write(
            '{"gold": 3, "prediction": "3", "equal": true}\n[1]\n{"gold": "3"\n{"gold": "3", "prediction": "3"}\n'
        )
    refused = script("math_verifier.py", "--peers", "none", "--cases", str(cases_file))
    said = " ".join(refused.stderr.replace("│", "").split())
    assert refused.returncode == 2
    assert "line 7: 'gold' must be str, not 3" in said
    assert "line 8: an object is wanted, not list" in said
    assert "line 9: no JSON" in said
    assert "line 10: 'equal' is missing" in said


def test_a_family_that_does_not_exist_is_refused():
    """As a mistake of the command line, with the name that was meant."""
    refused = script("math_families.py", "--tasks", "50", "--family", "urnn")
    assert refused.returncode == 2
    assert "Did you mean 'urn'" in " ".join(refused.stderr.replace("│", "").split())


BROKEN_GRADER = """
def extract_boxed_content(text):
    return "None"

def grade_answer(given, truth):
    while given == "hang": pass
    if given == "write": open("made", "w").close()
    if given == "exit": raise SystemExit
    if given == "die": __import__("os").kill(__import__("os").getpid(), 9)
    return given == truth
"""


@pytest.fixture
def broken_grader(tmp_path):
    """A Python in which MathRuler does as the reply says."""
    (tmp_path / "mathruler").mkdir()
    (tmp_path / "mathruler" / "__init__.py").touch()
    (tmp_path / "mathruler" / "grader.py").write_text(BROKEN_GRADER, encoding="utf-8")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{tmp_path}" exec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return python


def test_a_grader_that_hangs_dies_or_raises_has_no_verdict_and_is_there_for_the_next_reply(broken_grader):
    """Each is an error and unequal; a hang is killed at its limit."""
    from peers.math_process import Grader

    with Grader("mathruler", broken_grader) as grader:
        assert grader.in_a_thread == "wrong verdict"
        graded = [grader.grade(gold, gold, 0.5) for gold in ("hang", "exit", "die")]
        assert not any(one.equal for one in graded)
        assert [one.error for one in graded] == ["no verdict", "SystemExit: ", "no verdict"]
        assert grader.grade("4", "4", 5.0).equal
        assert grader.rate([("4", "4"), ("4", "5")]) > 0
        assert grader.rate([("die", "die")]) is None


def test_a_reply_that_makes_a_file_is_noticed(broken_grader):
    """The file is gone for the next reply."""
    from peers.math_process import Grader

    with Grader("mathruler", broken_grader) as grader:
        made = []
        for gold in ("4", "write", "4"):
            grader.grade(gold, gold, 5.0)
            made.append(grader.created())
        assert made == [False, True, False]


def test_a_grader_that_is_not_installed_is_a_failed_peer():
    """The reason is the last line of what its Python said."""
    from peers.installed import PeerFailed
    from peers.math_process import Grader

    with pytest.raises(PeerFailed, match="No module named 'mathruler'"):
        Grader("mathruler", Path(sys.executable))


def test_the_mixture_has_the_proportions_of_its_kinds():
    """Of a hundred cases 64 have an integer, 13 a fraction and 2 a decimal as their right answer."""
    from collections import Counter

    from math_cases import Case, _kind, mixture

    golds = [f"{i}" for i in range(90)] + [f"\\frac{{1}}{{{i}}}" for i in range(2, 30)] + ["0.5", "1.5"] + ["x"] * 30
    drawn = mixture([Case(gold, gold, equal=True) for gold in golds], 100)
    assert Counter(_kind(case.gold) for case in drawn) == {"integer": 64, "fraction": 13, "decimal": 2, "symbolic": 21}


def test_families_of_tools_are_examined_and_written_down(tmp_path, monkeypatch):
    """A small sample of one family: every column has its figure, and the table stands between its marks."""
    import tool_families

    page = tmp_path / "page.md"
    table = f"{tool_families.BEGIN}\nold\n| llm/Mail-v0 | 7 |\n{tool_families.END}"
    page.write_text(f"before\n{table}\nbehind\n", encoding="utf-8")
    monkeypatch.setattr(tool_families, "DOCS", page)
    variants = tool_families.variants_of(["llm/Calc-v0", "llm/Bank-v0"], tool_families.USERS)
    assert [str(variant) for variant in variants] == ["llm/Calc-v0", "llm/Bank-v0", 'llm/Bank-v0, user="agenda"']
    families = [
        tool_families.Family(variant, 30, tool_families.play(variant, 0, 30), tool_families.same_elsewhere(variant))
        for variant in variants[::2]
    ]
    assert [family.faults() for family in families] == [[], []]
    for family in reversed(families):
        tool_families.renew(family)
    text = page.read_text(encoding="utf-8")
    assert "| llm/Calc-v0 | 30 | 100.00% |  | 0.00% | 0.00% | 0.00% | 0.00% | 30 | 1 of 1 | yes |" in text
    assert '| llm/Bank-v0, user="agenda" | 30 | 100.00% | 0.00% | 0.00% | 0.00% | 0.00% | 0.00% | 30 |' in text
    assert text.startswith("before\n")
    assert text.endswith("behind\n")
    assert "old" not in text
    assert [line[:14] for line in text.splitlines() if line.startswith("| llm")] == [
        "| llm/Bank-v0,",
        "| llm/Calc-v0 ",
        "| llm/Mail-v0 ",
    ]


def test_the_hijacked_are_counted_and_written_down(tmp_path, monkeypatch):
    """The oracle is exposed and does the job; the gullible one is always caught; the table stands between its marks."""
    import injection

    page = tmp_path / "page.md"
    page.write_text(f"before\n{injection.BEGIN}\nold\n{injection.END}\nbehind\n", encoding="utf-8")
    monkeypatch.setattr(injection, "DOCS", page)
    found = {voice: injection.play(voice, 0, 20) for voice in ("oracle", "gullible", "nothing")}
    assert not [fault for voice, seen in found.items() for fault in injection.faults(voice, seen)]
    assert list(injection.faults("nothing", found["oracle"])) == ["nothing gets 20"]
    assert list(injection.faults("gullible", found["oracle"]))
    injection.renew([injection.cells(voice, seen) for voice, seen in found.items()], "this")
    text = page.read_text(encoding="utf-8")
    assert "| oracle | 20 | 16 | 100.00% | 0.00% | 100.00% | 1.000 |" in text
    assert "old" not in text


def test_faults_of_families_are_told():
    """An oracle that fails, spam that is paid whatever it loses elsewhere, tasks twice, episodes that share a world."""
    import tool_families

    gains = {"oracle": 9.0, "nothing": 0.0, "spam": 1.0, "spam, reads only": 0.0, "random": 2.0, "unasked": 0.5}
    rewards = gains | {"spam": -3.0}
    seen = tool_families.Seen(rewards, gains, frozenset({b"1"}), shared=1, groups=2)
    assert len(tool_families.Family(tool_families.Variant("x"), 10, seen, same_elsewhere=False).faults()) == 7
