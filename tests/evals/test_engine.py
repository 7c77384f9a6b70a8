"""The engine: everything is played once, three outcomes are never mixed, and nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest
from speakers import Speaker, gold
from worlds import PATIENCE_S

import llm_envs
from llm_envs import InfrastructureError, MultiTurnEnv, SingleTurnEnv, StopReason, Task, Verdict
from llm_envs.errors import BadOption, EndpointRefused, ModelUnavailable, Outage, RunBusy, UnknownEnv
from llm_envs.evals.engine import Engine, Settings
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.journal import Journal
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.evals.records import Episode
from llm_envs.evals.summary import summarise
from llm_envs.policies.model import Attempt, Completion

SUM = EnvPlan("llm/Arithmetic-v0")
GUESS = EnvPlan("llm/GuessNumber-v0", {"difficulty": 1})


@llm_envs.register("test/Shaky-v0")
class Shaky(SingleTurnEnv):
    """Does what the reply says: breaks, hangs, or is content."""

    resources = ("sandbox",)
    hang = threading.Event()
    open_now = open_most = 0
    lock = threading.Lock()

    def sample(self, rng):
        """One question."""
        if self.index == 13:
            raise InfrastructureError("the thirteenth task cannot be made")
        return Task(prompt=f"Task {self.index}", answer=self.index)

    def verify(self, task, reply):
        """As told."""
        with self.lock:
            Shaky.open_now += 1
            Shaky.open_most = max(Shaky.open_most, Shaky.open_now)
        time.sleep(0.002)
        with self.lock:
            Shaky.open_now -= 1
        if reply == "hang":
            self.hang.wait()
        if reply == "break":
            raise InfrastructureError("the sandbox is gone")
        if reply == "bug":
            raise ZeroDivisionError("the author's")
        return float(reply == "right")


@llm_envs.register("test/Story-v0")
class Story(MultiTurnEnv):
    """Tells chapter after chapter; another edition tells another story."""

    edition = 1
    max_turns = 8

    def sample(self, rng):
        """Where it begins."""
        return Task(prompt=f"Chapter 0 of {rng.integers(1000)}", answer=4)

    def respond(self, task, reply):
        """The next chapter."""
        told = sum(message["role"] == "assistant" for message in self.session.messages)
        edition = self.edition if told > 1 else 1
        return StopReason.SOLVED if told == 4 else [{"role": "user", "content": f"Chapter {told}, edition {edition}"}]

    def verify(self, task, reply):
        """The last word counts."""
        return float(reply == "end 3")


def run(path, plan, model, settings=None, **options):
    """One sitting; the engine that has done it."""
    engine = Engine(RunFolder.create(path, plan), model, settings, **options)
    asyncio.run(engine.run())
    return engine


def outcomes(path):
    """By attempt, the last one counting; and nothing comes twice unless it failed before."""
    found = {}
    for outcome in RunFolder.open(path).outcomes():
        assert not isinstance(found.get(outcome.attempt), Episode)
        found[outcome.attempt] = outcome
    return found


def timeless(episode):
    """An episode without what clocks said."""
    replies = [replace(reply, took_s=0, queued_s=0) for reply in episode.replies]
    return replace(episode, replies=replies, env_s=0, verifier_s=0, at_s=0).__repr__()


def test_every_attempt_is_played_once_and_scored(tmp_path):
    """Several envs, tasks and samples; samples of a task are the same task."""
    plan = Plan((SUM, GUESS), "gold", tasks=7, samples=3)
    model = Speaker(gold)
    engine = run(tmp_path / "run", plan, model)
    found = outcomes(tmp_path / "run")
    assert set(found) == set(plan.attempts())
    assert all(episode.reward == 1.0 for episode in found.values())
    assert set(model.asked.values()) == {1}
    assert engine.is_complete
    assert engine.tally.scored == plan.episodes
    for attempt, episode in found.items():
        assert episode.task_id == found[attempt._replace(sample=0)].task_id
        assert episode.messages()[-1]["content"] == episode.replies[-1].text


def test_questions_and_envs_keep_to_their_limits(tmp_path):
    """No more questions open, and no more envs at work, than was said; and the limit is made use of."""
    Shaky.open_most = 0
    model = Speaker(lambda _: "right", wait_s=0.01)
    plan = Plan((EnvPlan("test/Shaky-v0"),), "right", tasks=12, samples=6)
    run(tmp_path / "run", plan, model, Settings(concurrency=5, verifiers=3, resources={"sandbox": 20}))
    assert model.open_most == 5
    assert Shaky.open_most <= 3


def test_episodes_that_hold_a_resource_keep_to_its_limit(tmp_path):
    """An env that declares "sandbox" waits for one, however many questions may be open."""
    model = Speaker(lambda _: "right", wait_s=0.005)
    plan = Plan((EnvPlan("test/Shaky-v0"),), "right", tasks=12, samples=2)
    run(tmp_path / "run", plan, model, Settings(concurrency=16, resources={"sandbox": 2}))
    assert model.open_most == 2


def test_infrastructure_is_never_a_reward_and_a_mistake_is_never_an_error(tmp_path):
    """Each attempt has one outcome; errors name phase, class and message, and the others go on."""
    words = ["right", "wrong", "break", "bug", "unavailable", ""]

    def say(query):
        word = words[query.attempt.task % len(words)]
        if word == "unavailable":
            raise ModelUnavailable("no answer")
        return word

    plan = Plan((EnvPlan("test/Shaky-v0"),), "words", tasks=18)
    run(tmp_path / "run", plan, Speaker(say))
    found = {attempt.task: outcome for attempt, outcome in outcomes(tmp_path / "run").items()}
    assert {n: found[n].reward for n in range(18) if isinstance(found[n], Episode)} == {
        n: float(words[n % 6] == "right") for n in range(18) if words[n % 6] in {"right", "wrong", ""} and n != 13
    }
    assert {(found[n].phase, found[n].error) for n in range(18) if words[n % 6] == "unavailable"} == {
        ("model", "ModelUnavailable")
    }
    assert "sandbox is gone" in found[2].message
    assert (found[3].phase, found[3].error) == ("verifier", "ZeroDivisionError")
    assert "test_engine.py:" in found[3].message
    assert (found[13].phase, found[13].error) == ("env", "InfrastructureError")
    assert found[5].fault == "empty"
    assert found[5].reward == 0.0


def test_errors_are_tried_again_in_the_next_sitting_without_asking_again(tmp_path):
    """What the model said to a broken env is played into a mended one."""
    plan = Plan((EnvPlan("test/Shaky-v0"),), "words", tasks=3)
    model = Speaker(lambda query: "break" if query.attempt.task == 1 else "right")
    run(tmp_path / "run", plan, model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shaky, "verify", lambda *_: 0.5)
        engine = run(tmp_path / "run", plan, model)
    assert set(model.asked.values()) == {1}
    assert engine.is_complete
    rewards = {attempt.task: outcome.reward for attempt, outcome in outcomes(tmp_path / "run").items()}
    assert rewards == {0: 1.0, 1: 0.5, 2: 1.0}


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path):
    """Over many sittings, each answer is asked for once, and all is as it would have been undisturbed."""
    plan = Plan((GUESS, SUM), "gold", tasks=9, samples=2)
    run(tmp_path / "whole", plan, Speaker(gold))
    asked = Counter()
    sittings = 0
    while sittings < 100:
        model = Speaker(lambda query: left.pop() and gold(query))  # noqa: B023 (one sitting at a time)
        folder = RunFolder.create(tmp_path / "parts", plan)
        engine = Engine(folder, model, Settings(concurrency=3))
        left = Stopper(engine, 4)
        asyncio.run(engine.run())
        asked += model.asked
        sittings += 1
        if engine.is_complete:
            break
    assert sittings > 3
    assert set(asked.values()) == {1}
    whole, parts = outcomes(tmp_path / "whole"), outcomes(tmp_path / "parts")
    assert {a: timeless(e) for a, e in whole.items()} == {a: timeless(e) for a, e in parts.items()}


class Stopper:
    """Stops an engine after a few answers."""

    def __init__(self, engine, answers):
        self.engine, self.answers = engine, answers

    def pop(self):
        """One answer more."""
        self.answers -= 1
        if self.answers <= 0:
            self.engine.stop()
        return True


def test_a_question_that_breaks_while_the_run_stops_has_not_failed(tmp_path):
    """Ctrl-C may end a model's own processes: what they owe is asked again by the next sitting, without a record."""
    plan = Plan((SUM,), "gold", tasks=20)

    def say(query):
        if query.attempt.task == 5:
            engine.stop()
        if query.attempt.task in {5, 6}:
            raise (ModelUnavailable if query.attempt.task == 5 else Outage)("its process is gone")
        return gold(query)

    engine = Engine(RunFolder.create(tmp_path / "run", plan), Speaker(say, wait_s=0.01), Settings(concurrency=4))
    asyncio.run(engine.run())
    assert not engine.tally.errors
    run(tmp_path / "run", plan, Speaker(gold))
    assert {outcome.reward for outcome in outcomes(tmp_path / "run").values()} == {1.0}


def test_an_episode_that_shows_something_else_begins_again(tmp_path, monkeypatch):
    """Replies to another observation are void; the journal says so, and no episode mixes the two."""
    plan = Plan((EnvPlan("test/Story-v0"),), "story", tasks=1)

    def say(query):
        return left.pop() and f"end {query.turn}"

    engine = Engine(RunFolder.create(tmp_path / "run", plan), Speaker(say), Settings(concurrency=1))
    left = Stopper(engine, 3)
    asyncio.run(engine.run())
    monkeypatch.setattr(Story, "edition", 2)
    left.answers = 100
    engine = run(tmp_path / "run", plan, Speaker(say))
    assert engine.tally.restarted == 1
    assert "began again" in engine.tally.notes[0]
    for episode in outcomes(tmp_path / "run").values():
        assert episode.turns == len(episode.replies) == 4
        assert "edition 2" in episode.said[2][0]["content"]
    with Journal(tmp_path / "run" / "journal.log") as journal:
        assert [record["turn"] for record in journal.records() if record["kind"] == "restart"] == [2]


def test_a_journal_that_is_cut_off_anywhere_goes_on_to_the_same_end(tmp_path, monkeypatch):
    """Before, within and behind a restart, and with errors in between: nothing that counts is asked for again."""
    plan = Plan((EnvPlan("test/Story-v0"),), "story", tasks=3)

    def say(query):
        return left.pop() and f"end {query.turn}"

    engine = Engine(RunFolder.create(tmp_path / "run", plan), Speaker(say), Settings(concurrency=1))
    left = Stopper(engine, 7)
    asyncio.run(engine.run())
    monkeypatch.setattr(Story, "edition", 2)
    with monkeypatch.context() as broken:
        broken.setattr(Story, "verify", lambda *_: 1 / 0)
        run(tmp_path / "run", plan, Speaker(lambda query: f"end {query.turn}"))
    run(tmp_path / "run", plan, Speaker(lambda query: f"end {query.turn}"))
    lines = (tmp_path / "run" / "journal.log").read_bytes().splitlines(keepends=True)
    assert {b"reply", b"restart", b"error", b"episode"} <= {line.split(b'"')[3] for line in lines}
    whole = summarise(RunFolder.open(tmp_path / "run")).to_json()
    for kept in range(len(lines)):
        cut = RunFolder.create(tmp_path / f"cut {kept}", plan)
        cut.journal.write_bytes(b"".join(lines[:kept]) + lines[kept][:-3])
        run(cut.path, plan, Speaker(lambda query: f"end {query.turn}"))
        assert summarise(cut).to_json() == whole
        assert _answers_that_count_twice(cut) == []


def _answers_that_count_twice(folder):
    """Replies to one turn that stand beside each other, with no restart in between."""
    count, found = Counter(), []
    with Journal(folder.journal) as journal:
        for record in journal.records():
            if record["kind"] == "restart":
                count = Counter({key: n for key, n in count.items() if key[0] != record["task"]})
            elif record["kind"] == "reply":
                count[record["task"], record["turn"]] += 1
                found += [record] if count[record["task"], record["turn"]] > 1 else []
    return found


@pytest.mark.parametrize("error", [EndpointRefused("wrong key"), Outage("nobody is answered"), BadOption("nonsense")])
def test_what_nobody_will_fare_better_with_stops_the_run_at_once(tmp_path, error):
    """The error comes out as it is; what was scored before stands, and the run can go on later."""
    plan = Plan((SUM,), "gold", tasks=40)

    def say(query):
        if query.attempt.task >= 5:
            raise error
        return gold(query)

    model = Speaker(say)
    with pytest.raises(type(error), match=error.message):
        run(tmp_path / "run", plan, model, Settings(concurrency=2))
    assert not model.is_open
    assert model.asked.total() < 30
    later = Speaker(gold)
    run(tmp_path / "run", plan, later)
    assert len(outcomes(tmp_path / "run")) == 40
    assert not any(attempt.task < 5 for attempt, _ in later.asked & model.answered)


def test_an_env_that_hangs_costs_its_own_episode_and_not_the_program(tmp_path):
    """The deadline ends the episode as an error; the others are scored; the interpreter leaves."""
    code = (
        "import sys, asyncio\nsys.path[:0] = sys.argv[1:3]\nfrom pathlib import Path\nimport test_engine as t\n"
        "plan = t.Plan((t.EnvPlan('test/Shaky-v0'),), 'words', tasks=6)\n"
        "model = t.Speaker(lambda query: 'hang' if query.attempt.task < 2 else 'right')\n"
        "engine = t.run(Path(sys.argv[3]), plan, model, t.Settings(env_timeout_s=1.0, verifiers=2))\n"
        "print(engine.tally.scored, dict(engine.tally.failed))\n"
    )
    here = __file__.rpartition("/")[0]
    told = subprocess.run(
        [sys.executable, "-c", code, here, here.rpartition("/")[0], str(tmp_path / "run")],
        capture_output=True,
        text=True,
        check=True,
        timeout=2 * PATIENCE_S,
    )
    assert told.stdout.strip() == "4 {'TimeoutError': 2}"


def test_every_env_that_does_not_hang_is_closed(tmp_path, monkeypatch):
    """Those that failed, those that were stopped, and those that are done."""
    made, closed = [], []
    monkeypatch.setattr(Shaky, "begin", lambda self, _: made.append(id(self)))
    monkeypatch.setattr(Shaky, "close", lambda self: closed.append(id(self)))
    plan = Plan((EnvPlan("test/Shaky-v0"),), "words", tasks=40)

    def say(query):
        return left.pop() and ("bug" if query.attempt.task % 3 else "right")

    engine = Engine(RunFolder.create(tmp_path / "run", plan), Speaker(say), Settings(concurrency=4))
    left = Stopper(engine, 12)
    asyncio.run(engine.run())
    assert set(made) <= set(closed)
    assert len(closed) == len(set(closed))


def test_envs_that_do_not_let_go_do_not_keep_the_run(tmp_path, monkeypatch):
    """One deadline is for all of them."""
    never = threading.Event()
    monkeypatch.setattr(Shaky, "close", lambda _: never.wait())
    plan = Plan((EnvPlan("test/Shaky-v0"),), "right", tasks=8)
    began_s = time.monotonic()
    settings = Settings(env_timeout_s=0.5, verifiers=2, resources={"sandbox": 8})
    engine = run(tmp_path / "run", plan, Speaker(lambda _: "right", wait_s=0.05), settings)
    never.set()
    assert engine.is_complete
    assert time.monotonic() - began_s < PATIENCE_S


@pytest.mark.parametrize(
    "error", [SystemExit(5), KeyboardInterrupt(), StopIteration(), asyncio.CancelledError(), GeneratorExit()]
)
def test_an_env_cannot_end_the_program(tmp_path, monkeypatch, error):
    """What it raises ends its own episode, whatever it is."""

    def verify(env, task, reply):
        if env.index == 1:
            raise error
        return 1.0

    monkeypatch.setattr(Shaky, "verify", verify)
    run(tmp_path / "run", Plan((EnvPlan("test/Shaky-v0"),), "right", tasks=3), Speaker(lambda _: "right"))
    found = {attempt.task: outcome for attempt, outcome in outcomes(tmp_path / "run").items()}
    assert [found[0].reward, found[2].reward] == [1.0, 1.0]
    assert type(error).__name__ in found[1].message


class Silent(Exception):
    """Fails where it should say what it is."""

    def __str__(self):
        raise ValueError


@pytest.mark.parametrize("verdict", [Verdict.of(1.0, reason=object()), Silent()], ids=["no JSON", "no words"])
def test_what_no_journal_can_hold_is_an_error_of_the_env(tmp_path, monkeypatch, verdict):
    """The run goes on, and its journal can be read."""

    def verify(env, task, reply):
        if isinstance(verdict, Exception):
            raise verdict
        return verdict if env.index == 1 else 1.0

    monkeypatch.setattr(Shaky, "verify", verify)
    run(tmp_path / "run", Plan((EnvPlan("test/Shaky-v0"),), "right", tasks=3), Speaker(lambda _: "right"))
    assert outcomes(tmp_path / "run")["test/Shaky-v0", 1, 0].phase == "verifier"


def test_what_was_cancelled_inside_a_model_is_an_error(tmp_path):
    """It ends no task of the run, and no attempt goes missing."""

    def say(query):
        if query.attempt.task == 1:
            raise asyncio.CancelledError
        return gold(query)

    engine = run(tmp_path / "run", Plan((SUM,), "gold", tasks=4), Speaker(say), Settings(concurrency=1, verifiers=1))
    assert engine.tally.failed == {"CancelledError": 1}
    assert engine.tally.scored == 3


def test_an_env_that_cannot_be_made_in_time_is_named(tmp_path, monkeypatch):
    """Before anybody is asked."""
    never = threading.Event()
    monkeypatch.setattr(Shaky, "__init__", lambda *_, **__: never.wait())
    with pytest.raises(InfrastructureError, match="Shaky-v0 has not been made"):
        run(
            tmp_path / "run",
            Plan((EnvPlan("test/Shaky-v0"),), "w", tasks=1),
            Speaker(gold),
            Settings(env_timeout_s=0.1),
        )
    never.set()


def test_a_model_that_hangs_is_an_error_of_infrastructure(tmp_path):
    """No await is without a deadline."""
    plan = Plan((SUM,), "slow", tasks=2)
    engine = run(tmp_path / "run", plan, Speaker(gold, wait_s=3600), Settings(reply_timeout_s=0.05))
    assert engine.tally.failed == {"TimeoutError": 2}


@pytest.mark.parametrize(
    ("finish", "reason"), [("length", "max_new_tokens"), ("context", "context_full"), ("filter", "end_of_turn")]
)
def test_a_reply_that_was_cut_off_is_judged_as_it_stands(tmp_path, finish, reason):
    """A model's limits are its own: the reply is scored by the env's rule, and counted as a fault."""
    plan = Plan((SUM,), "cut", tasks=1)
    run(tmp_path / "run", plan, Speaker(lambda query: Completion(gold(query), finish=finish)))
    (episode,) = outcomes(tmp_path / "run").values()
    assert episode.stop_reason == reason
    assert episode.reward == 1.0
    assert episode.fault == ("withheld" if finish == "filter" else "cut off")


def test_sampled_ids_are_pushed_as_they_are(tmp_path):
    """At the token level the journal has every id, and who wrote it; the text is not encoded again."""
    plan = Plan((GUESS,), "ids", tasks=2)

    def say(query):
        ids = query.env.chat.encode_reply(gold(query))
        return Completion("another text", ids=ids, logprobs=[-0.5] * len(ids))

    model = Speaker(say)
    model.level = "token"
    run(tmp_path / "run", plan, model)
    for episode in outcomes(tmp_path / "run").values():
        assert episode.reward == 1.0
        assert len(episode.ids) == len(episode.said) == len(episode.replies)
        assert all(reply.logprobs == [-0.5] * len(reply.ids) for reply in episode.replies)


def test_a_run_ends_early_once_it_is_told_enough(tmp_path):
    """Episodes that were begun are finished, no more are begun."""
    seen = []
    plan = Plan((SUM,), "gold", tasks=500)
    engine = run(
        tmp_path / "run",
        plan,
        Speaker(gold, wait_s=0.001),
        Settings(concurrency=4, verifiers=1),
        enough=lambda outcome: seen.append(outcome) or len(seen) >= 10,
    )
    assert 10 <= engine.tally.scored < 40
    assert not engine.is_complete


def test_a_run_grows_in_its_folder(tmp_path):
    """More tasks and samples ask for what is new alone."""
    model = Speaker(gold)
    run(tmp_path / "run", Plan((SUM,), "gold", tasks=3), model)
    run(tmp_path / "run", Plan((SUM,), "gold", tasks=5, samples=2), model)
    assert set(model.asked) == {(Attempt("llm/Arithmetic-v0", n, k), 0) for n in range(5) for k in range(2)}
    assert set(model.asked.values()) == {1}


def test_a_finished_run_asks_nobody(tmp_path):
    """Not even whether the model is there."""
    plan = Plan((SUM,), "gold", tasks=2)
    run(tmp_path / "run", plan, Speaker(gold))
    model = Speaker(gold)
    model.open = None
    assert run(tmp_path / "run", plan, model).is_complete


def test_an_unknown_env_is_named_before_anybody_is_asked(tmp_path):
    """Nothing was journalled but the start."""
    with pytest.raises(UnknownEnv, match="Arithmetik"):
        run(tmp_path / "run", Plan((EnvPlan("llm/Arithmetik-v0"),), "gold", tasks=2), Speaker(gold))


def test_two_processes_do_not_write_to_one_run(tmp_path):
    """The second one is turned away."""
    folder = RunFolder.create(tmp_path / "run", Plan((SUM,), "gold", tasks=2))
    with Journal(folder.journal), pytest.raises(RunBusy):
        asyncio.run(Engine(folder, Speaker(gold)).run())


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"verifiers": -1}, {"env_timeout_s": 0}])
def test_settings_without_sense_are_refused(wrong):
    """A number above 0."""
    with pytest.raises(BadOption):
        Settings(**wrong)


def test_a_resource_that_does_not_exist_is_named():
    """With what was probably meant."""
    with pytest.raises(BadOption, match="sandbox"):
        Settings(resources={"sandboxes": 2})
