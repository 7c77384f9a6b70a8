"""The conformance kit passes what conforms, and names what does not."""

from __future__ import annotations

import random

import gymnasium
import pytest

import llm_envs
from llm_envs import MultiTurnEnv, SingleTurnEnv, StopReason, Task, Verdict
from llm_envs.registry import rows
from llm_envs.testing import EnvTests, check_env, check_verifier, read_rows

IDS = [row.id for row in rows() if row.id.startswith("llm/")]


@pytest.mark.parametrize("env_id", IDS)
def test_every_registered_env_conforms(env_id):
    """All facts hold of every id that the suite ships."""
    check_env(env_id)


class Copy(SingleTurnEnv):
    """Say a number back."""

    def sample(self, rng):
        number = int(rng.integers(10**6))
        return Task(prompt=f"Say {number} and nothing else.", answer=str(number))

    def verify(self, task, reply):
        return float(reply == task.answer)

    def demonstrate(self, task):
        return [task.answer]


class PaysForNothing(Copy):
    """Pays an empty reply."""

    def verify(self, task, reply):
        return 1.0


class PaysForGarbage(Copy):
    """Pays a reply that only looks like an answer."""

    def verify(self, task, reply):
        return float(reply == task.answer or "boxed" in reply)


class PaysForTheQuestion(Copy):
    """Pays a reply that repeats the question."""

    def verify(self, task, reply):
        return float(task.answer in reply)


class WrongOracle(Copy):
    """Its own oracle is wrong."""

    def demonstrate(self, task):
        return ["I cannot tell."]


class GlobalRandom(Copy):
    """Draws from a generator that belongs to everybody."""

    def sample(self, rng):
        return Task(prompt=f"Say {random.randrange(10**6)}.", answer="1")


class Forgetful(Copy):
    """Gives one task, whatever the seed."""

    def sample(self, rng):
        return Task(prompt="Say 1 and nothing else.", answer="1")


class NoNumber(Copy):
    """Its verdict on an empty reply is no number."""

    def verify(self, task, reply):
        return float(reply == task.answer) if reply else float("nan")


class Endless(MultiTurnEnv):
    """Never comes to an end."""

    max_turns = 10**6
    context_length = 10**6

    def sample(self, rng):
        return Task(prompt=f"Say anything. ({rng.integers(10**6)})")

    def respond(self, task, reply):
        return [{"role": "user", "content": "Go on."}]

    def verify(self, task, reply):
        return 0.0


FAULTS = {
    PaysForNothing: "doing nothing is not paid",
    PaysForGarbage: "garbage is judged and not paid",
    PaysForTheQuestion: "repeating the prompt is not paid",
    WrongOracle: "the oracle is paid in full",
    GlobalRandom: "equal seeds give equal episodes",
    Forgetful: "seeds and splits give other tasks",
    NoNumber: "doing nothing is not paid",
    Endless: "the episode does not end",
}


@pytest.fixture
def registered():
    """Registers env classes under ids of their own, for one test."""
    ids = []

    def register(env_class):
        env_id = f"test/{env_class.__name__}-v0"
        llm_envs.register(env_id)(env_class)
        ids.append(env_id)
        return env_id

    yield register
    for env_id in ids:
        gymnasium.registry.pop(env_id)
        llm_envs.registry._ROWS.pop(env_id)


def test_a_good_env_passes(registered):
    """An env that holds all facts raises nothing, also through the pytest class."""
    env_id = registered(Copy)
    check_env(env_id)
    suite = type("TestCopy", (EnvTests,), {"env_id": env_id})()
    suite.test_the_oracle_is_paid_in_full()


@pytest.mark.parametrize(("env_class", "fact"), FAULTS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_each_fault_is_named(registered, env_class, fact):
    """An env with a fault is refused, and the message names the fact that does not hold."""
    with pytest.raises(AssertionError, match=fact):
        check_env(registered(env_class))


def test_an_env_without_an_oracle_may_pass(registered):
    """`demonstrate` is optional."""

    class NoOracle(Copy):
        """Say a number back."""

        demonstrate = SingleTurnEnv.demonstrate

    check_env(registered(NoOracle))


def test_a_world_may_answer(registered):
    """An env of several turns passes as well."""

    class Twice(MultiTurnEnv):
        """Say yes, twice."""

        def sample(self, rng):
            return Task(prompt=f"Say yes, then yes again. ({rng.integers(10**6)})")

        def begin(self, task):
            self.said = 0

        def respond(self, task, reply):
            self.said += reply == "yes"
            if reply != "yes":
                return StopReason.GAVE_UP
            return StopReason.SOLVED if self.said == 2 else [{"role": "user", "content": "Again."}]

        def verify(self, task, reply):
            return float(self.said == 2)

        def demonstrate(self, task):
            return ["yes", "yes"]

    check_env(registered(Twice))


def exact(answer, reference):
    """The strictest verifier there is."""
    return float(answer == reference)


def test_a_good_verifier_passes():
    """A verifier that agrees with its table raises nothing."""
    check_verifier(
        exact, [{"answer": "a", "reference": "a", "expected": 1}, {"answer": "b", "reference": "a", "expected": 0}]
    )


@pytest.mark.parametrize(
    ("verifier", "says"),
    [
        (lambda _, __: 0.0, "expected 1"),
        (lambda _, __: 1.0, "expected 0"),
        (lambda a, _: Verdict.of(bool(a)), "expected 0"),
    ],
    ids=["never pays", "always pays", "pays garbage"],
)
def test_a_wrong_verifier_is_named(verifier, says):
    """Rows that do not hold are named, garbage among them."""
    with pytest.raises(AssertionError, match=says):
        check_verifier(verifier, [{"answer": "a", "reference": "a", "expected": 1}])


def test_tables_are_read_from_files(tmp_path):
    """A path is as good as the rows in it; blank lines count for nothing."""
    table = tmp_path / "exact.jsonl"
    table.write_text('{"answer": "a", "reference": "a", "expected": 1}\n\n', encoding="utf-8")
    assert list(read_rows(table)) == [{"answer": "a", "reference": "a", "expected": 1}]
    check_verifier(exact, table)
