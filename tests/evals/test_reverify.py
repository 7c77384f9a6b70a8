"""Old replies, judged again: what moved is found, what was seen otherwise is never scored, the old run stays."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math

import numpy as np
import pytest
from runs import make_error, make_plan, make_run
from speakers import Speaker

import llm_envs
from llm_envs import InfrastructureError, MultiTurnEnv, StopReason, Task, Verdict
from llm_envs.chat import ByteTokenizer
from llm_envs.errors import BadOption, BrokenRun, UnknownEnv
from llm_envs.evals.engine import Engine, Settings
from llm_envs.evals.folder import RunFolder, write_about
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.evals.records import Episode, ErrorRecord
from llm_envs.evals.reverify import reverify
from llm_envs.policies.model import Completion


@llm_envs.register("test/Fickle-v0")
class Fickle(MultiTurnEnv):
    """Asks twice, then judges; what it says, and how it judges, is set by tests."""

    greeting = "Say a number."
    judge = staticmethod(lambda task, reply: Verdict.of(float(reply == "7"), f"{reply} was judged"))
    turns_wanted = 2

    def sample(self, rng: np.random.Generator) -> Task:
        """The same question for everybody."""
        return Task(prompt=f"{self.greeting} ({self.index})", answer="7")

    def begin(self, task: Task) -> None:
        """Nothing has been said."""
        self.said = 0

    def respond(self, task: Task, reply: str):
        """Ask again, once."""
        self.said += 1
        return StopReason.END_OF_TURN if self.said == self.turns_wanted else [{"role": "user", "content": "Again."}]

    def verify(self, task: Task, reply: str):
        """As set."""
        return self.judge(task, reply)


def play(path, say, *, tasks=6, samples=2, speaker=None) -> RunFolder:
    """A real run of a real engine."""
    folder = RunFolder.create(path, Plan((EnvPlan("test/Fickle-v0"),), "mock:test", tasks, samples))
    asyncio.run(Engine(folder, speaker or Speaker(say)).run())
    return folder


def by_task(query):
    """Tasks below 3 are answered rightly, others wrongly."""
    return "7" if query.attempt.task < 3 else "8"


def contents(folder):
    """A digest of every file."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.path.iterdir()}


def test_an_unchanged_verifier_moves_nothing(tmp_path):
    """Every verdict is as it was, and the new folder is a whole run."""
    run = play(tmp_path / "run", by_task)
    before = contents(run)
    found = reverify(run)
    assert (found.checked, found.moved, found.diverged, found.failed) == (12, [], 0, 0)
    assert found.mean_before == found.mean_after == 0.5
    assert found.folder == tmp_path / "run--reverified"
    again = RunFolder.open(found.folder)
    key = lambda episode: episode.attempt
    old, new = (sorted(folder.outcomes(), key=key) for folder in (run, again))
    assert [(e.attempt, e.verdict, e.messages(), e.said) for e in old] == [
        (e.attempt, e.verdict, e.messages(), e.said) for e in new
    ]
    assert again.plan == run.plan
    assert again.about["reverified"]["run"] == "run"
    assert contents(run) == before


def test_a_changed_verifier_is_seen_in_what_moved(tmp_path, monkeypatch):
    """Each moved episode with both rewards and reasons, in order, and the mean of both."""
    run = play(tmp_path / "run", by_task, samples=1)
    monkeypatch.setattr(
        Fickle, "judge", staticmethod(lambda task, reply: Verdict.of(float(reply in "78") / 2, f"now {reply}"))
    )
    found = reverify(run)
    assert [(m.task, m.before, m.after) for m in found.moved] == [
        (0, 1.0, 0.5),
        (1, 1.0, 0.5),
        (2, 1.0, 0.5),
        (3, 0.0, 0.5),
        (4, 0.0, 0.5),
        (5, 0.0, 0.5),
    ]
    assert (found.moved[0].reason_before, found.moved[0].reason_after) == ("7 was judged", "now 7")
    assert found.moved[0].task_id == "test/Fickle-v0/test/0/0"
    assert (found.mean_before, found.mean_after) == (0.5, 0.5)
    rewards = [outcome.reward for outcome in RunFolder.open(found.folder).outcomes()]
    assert rewards == [0.5] * 6


def test_what_shows_something_else_is_never_scored(tmp_path, monkeypatch):
    """Another question is another episode: counted apart, and an error in the new run."""
    run = play(tmp_path / "run", by_task)
    monkeypatch.setattr(Fickle, "greeting", "Say another number.")
    found = reverify(run)
    assert (found.checked, found.diverged, found.moved) == (0, 12, [])
    assert math.isnan(found.mean_after)
    outcomes = list(RunFolder.open(found.folder).outcomes())
    assert {(type(outcome), outcome.error) for outcome in outcomes} == {(ErrorRecord, "Diverged")}


@pytest.mark.parametrize("turns", [1, 3])
def test_an_episode_that_ends_elsewhere_is_another(tmp_path, monkeypatch, turns):
    """Ending sooner or later than it did counts as diverged."""
    run = play(tmp_path / "run", by_task)
    monkeypatch.setattr(Fickle, "turns_wanted", turns)
    found = reverify(run)
    assert (found.checked, found.diverged) == (0, 12)


def test_a_verifier_that_fails_judges_nobody(tmp_path, monkeypatch):
    """Infrastructure and bugs are counted, and never a reward; the others are judged."""
    run = play(tmp_path / "run", by_task, samples=1)

    def judge(task, reply):
        if reply == "8":
            raise InfrastructureError("the sandbox is gone")
        return 1.0

    monkeypatch.setattr(Fickle, "judge", staticmethod(judge))
    found = reverify(run)
    assert (found.checked, found.failed, found.moved) == (3, 3, [])


def test_errors_of_the_old_run_stay_errors(tmp_path):
    """They have no replies to judge, and still count among the planned."""
    run = play(tmp_path / "run", by_task)
    with (run.path / "journal.log").open("ab") as file:
        other = make_run(tmp_path / "other", make_plan(), [make_error(99, env="test/Fickle-v0")])
        file.write(other.journal.read_bytes())
    found = reverify(RunFolder.open(run.path))
    outcomes = list(RunFolder.open(found.folder).outcomes())
    assert sum(isinstance(outcome, ErrorRecord) for outcome in outcomes) == 1
    assert found.failed == 0


def test_cut_off_replies_are_judged_as_they_were(tmp_path):
    """How a reply ended is part of it."""
    run = play(tmp_path / "run", lambda query: Completion("7", finish="length"), tasks=2)
    found = reverify(run)
    assert (found.checked, found.moved, found.diverged) == (4, [], 0)
    assert {outcome.stop_reason for outcome in RunFolder.open(found.folder).outcomes()} == {"max_new_tokens"}


def test_what_the_model_had_settled_of_the_envs_holds_again(tmp_path):
    """Room for its replies stands in the journal: no model is made."""
    speaker = Speaker(lambda query: "x" * 2_000, max_new_tokens=4_000, context_length=10_000)
    found = reverify(play(tmp_path / "run", None, speaker=speaker))
    assert (found.checked, found.diverged) == (12, 0)


def test_token_level_runs_push_their_ids_again(tmp_path, monkeypatch):
    """Ids that no text would be encoded to are judged as they were sampled."""

    class Tokens(Speaker):
        level = "token"

    ids = [0xFF, ord("7"), min(ByteTokenizer.stop_ids)]
    monkeypatch.setattr(Fickle, "judge", staticmethod(lambda task, reply: float(reply == "\ufffd7")))
    run = play(tmp_path / "run", None, speaker=Tokens(lambda query: Completion("7", ids=ids)))
    found = reverify(run)
    assert (found.checked, found.moved, found.mean_after) == (12, [], 1.0)
    assert all(isinstance(episode, Episode) and episode.ids for episode in RunFolder.open(found.folder).outcomes())


def test_an_earlier_reverification_is_replaced_and_nothing_else(tmp_path):
    """The folder beside the run is made anew; a folder with something else is refused."""
    run = play(tmp_path / "run", by_task)
    first = reverify(run).folder
    (first / "report.html").write_text("old")
    assert not (reverify(run).folder / "report.html").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "run--reverified"]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.tex").write_text("precious")
    for place in (mine, run.path):
        with pytest.raises(BadOption, match="--folder"):
            reverify(run, place)
    assert (mine / "thesis.tex").read_text() == "precious"


def test_a_reverification_can_be_judged_again(tmp_path):
    """Its folder is a run like any other."""
    again = reverify(RunFolder.open(reverify(play(tmp_path / "run", by_task)).folder))
    assert (again.checked, again.moved) == (12, [])


def test_runs_that_cannot_be_judged_are_told(tmp_path):
    """No finished episode, a training run, an env that is gone: each says what to do; no folder is left."""
    empty = make_run(tmp_path / "empty", make_plan(), [])
    with pytest.raises(BrokenRun, match="no finished episode"):
        reverify(empty)
    run = play(tmp_path / "run", by_task)
    plan = run.plan.to_dict()
    plan["envs"][0]["id"] = "test/Fickl-v0"
    write_about(run.path, {**run.about, "plan": plan})
    with pytest.raises(UnknownEnv, match="Did you mean"):
        reverify(RunFolder.open(run.path))
    write_about(run.path, {**run.about, "kind": "training"})
    with pytest.raises(BrokenRun, match="evaluation"):
        reverify(RunFolder.open(run.path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "run"]


def test_envs_are_bounded_by_the_setting(tmp_path, monkeypatch):
    """No more envs exist than may work at a time."""
    run = play(tmp_path / "run", by_task, tasks=30)
    made = []

    def close(self):
        made.append(self)

    monkeypatch.setattr(Fickle, "close", close)
    assert reverify(run, settings=Settings(verifiers=3)).checked == 60
    assert 1 <= len(set(map(id, made))) <= 3


def test_the_new_run_says_which_versions_judged(tmp_path):
    """Then and now."""
    run = play(tmp_path / "run", by_task)
    write_about(run.path, {**run.about, "versions": {"llm-envs": "0.0.1"}})
    found = reverify(RunFolder.open(run.path))
    about = json.loads((found.folder / "run.json").read_text())
    assert found.versions == ("0.0.1", llm_envs.__version__)
    assert about["reverified"]["versions"] == {"llm-envs": "0.0.1"}
    assert about["versions"]["llm-envs"] == llm_envs.__version__
