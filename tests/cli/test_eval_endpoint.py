"""`llm-envs eval` against an endpoint: a faulty one, one that refuses, one that is not there; and kills in between."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from worlds import PATIENCE_S

from llm_envs.cli import main
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import read_records
from llm_envs.evals.records import attempt_of
from llm_envs.policies.endpoint.questions import seed_of
from llm_envs.policies.model import Query
from llm_envs.registry import row
from llm_envs.testing import FakeServer

ENV = "llm/Arithmetic-v0"
TASKS = 60
KILLS = 10
SECRET = "sk-very-secret-0123456789"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Runs are kept below the current folder; nobody's key is about."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "LLM_ENVS_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def tasks():
    """Questions and the oracle's replies, in the order of the run."""
    env = row(ENV).make(split="test")
    for index in range(TASKS):
        env.reset(seed=0, options={"index": index})
        yield env.task.messages[-1]["content"], env.demonstrate(env.task)[0]


QUESTIONS, GOLDEN = [question for question, _ in tasks()], dict(tasks())


def answer(asked):
    """Right four times in five, by a hash of the question."""
    right = hashlib.sha256(asked.text.encode()).digest()[0] % 5
    return GOLDEN[asked.text] if right else "I do not know."


def truth():
    """The mean that the answers are worth."""
    return sum(hashlib.sha256(text.encode()).digest()[0] % 5 > 0 for text in QUESTIONS) / TASKS


def call(server, *arguments, model="fake"):
    """The command's result."""
    address = server if isinstance(server, str) else server.base_url
    return CliRunner().invoke(main, ["eval", ENV, "--model", f"{address}#{model}", "-n", str(TASKS), *arguments])


MIX = dict.fromkeys(
    ("malformed", "html", "truncated", "no_choices", "null_content", "reset", "429", "500", "502", "503"), 0.01
)


@pytest.mark.slow
def test_a_faulty_endpoint_changes_no_figure():
    """One reply in ten goes wrong, in ten ways; default flags; the mean is the truth, and nothing is an error."""
    with FakeServer(answer, latency_s=0.005, faults=MIX, retry_after_s=0.05) as server:
        result = call(server, "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0, result.output
    assert (found["scored"], found["errors"]) == (TASKS, 0)
    assert found["reward"]["mean"] == pytest.approx(truth(), abs=1e-9)
    assert sum(count for name, count in server.counts.items() if name in MIX) > 0


@pytest.mark.slow
def test_kills_between_answers_ask_nothing_twice(tmp_path):
    """What the journal has heard is never asked again; the figures are those of a run in one go."""
    with FakeServer(answer, latency_s=0.02, jitter=0.5) as server:
        command = [sys.executable, "-m", "llm_envs", "eval", ENV, "--model", f"{server.base_url}#fake"]
        command += ["-n", str(TASKS), "-k", "8", "--concurrency", "6", "--no-report", "--json", "--folder"]
        rng, kills = random.Random(3), 0
        while True:
            heard = replies(tmp_path / "parts")
            asked_before = len(server.asked)
            with subprocess.Popen([*command, "parts"], cwd=tmp_path, stdout=subprocess.PIPE) as process:
                while (
                    kills < KILLS and process.poll() is None and len(server.asked) < asked_before + rng.randint(4, 40)
                ):
                    time.sleep(0.001)
                if kills < KILLS:
                    process.send_signal(signal.SIGKILL)
                code = process.wait(PATIENCE_S)
            again = {(asked.text, asked.body.get("seed")) for asked in server.asked[asked_before:]} & heard
            assert not again
            if code == 0:
                break
            kills += 1
        assert kills >= 3
        subprocess.run([*command, "whole"], cwd=tmp_path, stdout=subprocess.PIPE, check=True, timeout=PATIENCE_S)
    assert (tmp_path / "parts" / "summary.json").read_bytes() == (tmp_path / "whole" / "summary.json").read_bytes()


def replies(run):
    """Question and sampling seed of everything that the journal has heard."""
    records = read_records(run / "journal.log") if (run / "journal.log").exists() else ()
    attempts = [attempt_of(record) for record in records if record["kind"] == "reply"]
    return {(QUESTIONS[attempt.task], seed_of(Query(None, attempt, 0, 0))) for attempt in attempts}


WRONG_KEY = "sk-wrong-key-9876543210"
CHECKS = {
    "no key": ("", "fake", 2, "key"),
    "wrong key": (WRONG_KEY, "fake", 2, "key"),
    "unknown model": (SECRET, "fakee", 2, "Did you mean 'fake'"),
    "right": (SECRET, "fake", 0, "mean"),
}


@pytest.mark.parametrize("check", CHECKS)
def test_keys_and_models_are_checked_at_once_and_keys_are_never_written(tmp_path, monkeypatch, check):
    """The message says what to do, and no file and no output has a key in it."""
    key, model, code, said = CHECKS[check]
    if key:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    with FakeServer(answer, key=SECRET) as server:
        result = call(server, model=model)
    assert (result.exit_code, said in result.output) == (code, True), result.output
    written = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file()) + result.output
    assert not any(secret in written for secret in (SECRET, WRONG_KEY))


def test_an_endpoint_that_is_not_there_is_an_outage():
    """Exit code 3: nothing is known about the model, and the run can be taken up later."""
    with FakeServer(answer) as server:
        address = server.base_url
    result = call(address)
    assert result.exit_code == 3, result.output
    assert address in result.output
    assert "Traceback" not in result.output


def test_a_run_that_grows_asks_an_endpoint_for_what_is_new_alone(tmp_path):
    """Ten tasks first, then all."""
    with FakeServer(answer, latency_s=0.01) as server:
        folder = ["--folder", "run", "--concurrency", "2"]
        first = CliRunner().invoke(main, ["eval", ENV, "--model", f"{server.base_url}#fake", "-n", "10", *folder])
        assert first.exit_code == 0, first.output
        asked = len(server.asked)
        result = call(server, *folder)
        assert result.exit_code == 0, result.output
        assert len(server.asked) - asked == TASKS - 10
    assert len(list(RunFolder.open(tmp_path / "run").outcomes())) == TASKS
