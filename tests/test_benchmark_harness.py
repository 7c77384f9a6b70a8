"""`benchmarks/harness.py` counts right: what is lost, what hangs, what is answered. Speed is not asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_ours_loses_nothing_and_is_not_misled():
    """In quick mode, without peers: every score is the truth, no answer is asked for twice."""
    command = [sys.executable, str(BENCHMARKS / "harness.py"), "--peers", "none", "--quick", "--json"]
    printed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=180).stdout)
    rows = {row["what"]: row for row in printed["rows"]}
    assert {row["score"] for row in printed["rows"] if "score" in row} == {0.84}
    assert (rows["SIGKILL"]["lost"], rows["SIGKILL"]["asked"]) == (0, 25)
    assert rows["one reply in ten is faulty"]["truth"] == 0.84
    assert rows["text"]["transcript"] == "all, as it happens"
    assert rows["llm/Arithmetic-v0 --model mock:gold"]["episodes"] == 200


def test_an_unknown_peer_is_refused():
    """The message names the peers that there are."""
    command = [sys.executable, str(BENCHMARKS / "harness.py"), "--peers", "inspect"]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 2
    assert "inspect_ai" in refused.stderr


ASK_ONE_BY_ONE = """
import json, sys, urllib.request
url, tasks, keeps, kept = sys.argv[1:]
asked = [json.loads(line)["input"] for line in open(tasks)]
done = open(kept).read().splitlines() if keeps == "keeps" else []
for prompt in asked[len(done):]:
    body = json.dumps({"model": "fake", "messages": [{"role": "user", "content": prompt}]}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + "/chat/completions", body)) as answer:
        json.load(answer)
    with open(kept, "a") as file:
        file.write("answered\\n")
"""


@dataclass(frozen=True)
class OneByOne:
    """A harness that asks one question after the other, and goes on where it stopped, or from the start."""

    keeps: str
    name: str = "one by one"
    ours = False
    transcript = "none"

    def start(self, errand, *, to_be_killed=False):
        kept = errand.run / "kept"
        kept.touch()
        return [sys.executable, "-c", ASK_ONE_BY_ONE, errand.base_url, str(errand.tasks), self.keeps, str(kept)]

    def resume(self, errand):
        return self.start(errand)

    def environ(self, base_url):
        return {}

    def report(self, run, done):
        return (None, "") if done.code else (0.5, "")


@pytest.fixture
def setting(tmp_path):
    """Sixteen questions."""
    from harness import Setting
    from quiz import SUMS, Quiz

    found = Setting(Quiz.of(SUMS, 16), tmp_path, rounds=1, patience_s=60.0)
    found.quiz.write(tmp_path / "tasks.jsonl")
    return found


@pytest.mark.parametrize(("keeps", "share"), [("keeps", 0), ("forgets", 1)])
def test_answers_that_are_asked_for_again_are_lost(setting, keeps, share):
    """Those that were given before the kill count, and no others."""
    from harness import killed

    (row,) = killed(OneByOne(keeps), setting)
    assert 8 <= row.given < row.planned == 16
    assert row.lost == share * row.given
    assert row.asked >= 16
    assert row.score == 0.5


def test_a_harness_that_ends_before_it_is_killed_says_why(setting):
    """There is nothing to count then."""
    from harness import killed

    class Refused(OneByOne):
        def start(self, errand, *, to_be_killed=False):
            return [sys.executable, "-c", "raise SystemExit('no such model')"]

    (row,) = killed(Refused("keeps"), setting)
    assert "no such model" in row.note
    assert not row.given


def test_a_harness_that_waits_for_ever_is_killed(setting, monkeypatch):
    """Its row has no score, and says how long it had."""
    import harness

    monkeypatch.setitem(harness.FAULTS, "silence", {"hang": 1.0})
    (row,) = harness.faulty(OneByOne("keeps"), replace(setting, patience_s=1.0), "silence")
    assert row.score is None
    assert row.note.startswith("no end within ")


@pytest.mark.parametrize("env_id", ["workload:bench/Sum-v0", "llm/Math-v0"])
def test_the_replies_are_right_as_often_as_the_quiz_says(tmp_path, env_id):
    """Of 125 tasks 101: 0.808. What others compare with stands at the end of the right replies, and only there."""
    from quiz import Quiz

    quiz = Quiz.of(env_id, 125)
    quiz.write(tmp_path / "tasks.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "tasks.jsonl").read_text(encoding="utf-8").splitlines()]
    right = [reply.endswith(row["target"]) for reply, row in zip(quiz.replies, rows, strict=True)]
    assert quiz.truth == sum(right) / 125 == 0.808
    assert [row["input"] for row in rows] == quiz.prompts


HOLD = "import time; held = bytearray(64 << 20); {}; time.sleep({})"


def test_a_process_tree_is_weighed_as_a_whole(tmp_path):
    """Child and parent hold 64 MiB each; the 256 MiB of whoever started them are not theirs."""
    from processes import run

    held = bytearray(256 << 20)
    child = HOLD.format("pass", 0.5)
    code = HOLD.format(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", 0)
    done = run([sys.executable, "-c", code], cwd=tmp_path, environ=os.environ, limit_s=60.0)
    assert done.code == 0
    assert 128 < done.peak_mib < len(held) / 2**20


def test_cpu_time_before_the_work_is_told_apart(tmp_path):
    """Up to the moment when it has begun, and from then on."""
    from processes import run

    burn = "import pathlib, time\nwhile time.process_time() < {}: pass\n"
    code = burn.format(0.4) + "pathlib.Path('begun').touch()\n" + burn.format(0.8)
    begun = tmp_path / "begun"
    done = run([sys.executable, "-c", code], cwd=tmp_path, environ=os.environ, limit_s=60.0, has_begun=begun.exists)
    assert 0.35 < done.before_cpu_s < done.cpu_s
    assert done.work_cpu_s < done.cpu_s - 0.35


def test_a_killed_command_takes_its_children_with_it(tmp_path):
    """And has no exit code; what it said before is there."""
    from processes import run

    code = "import subprocess, sys; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()"
    done = run([sys.executable, "-c", code], cwd=tmp_path, environ=os.environ, limit_s=1.0)
    assert done.code is None
    ends_s = time.monotonic() + 10.0
    while _lives(int(done.out)) and time.monotonic() < ends_s:
        time.sleep(0.05)
    assert not _lives(int(done.out))


def _lives(pid):
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_rows_of_several_kinds_make_several_tables():
    """Each with its own head, in the order of their first rows."""
    import publishing
    from harness_rows import Faulty, Killed

    rows = [Killed("SIGKILL", "a", given=3), Faulty("html", "a"), Killed("SIGKILL", "b", note="broken")]
    section = publishing._section(rows, "Harnesses")
    assert section.count("\n\n| ") == 2
    assert section.index("| b |") < section.index(Faulty.CAPTION)
