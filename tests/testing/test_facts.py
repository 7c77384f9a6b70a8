"""Facts checked one by one: what a finding says, and that its calls show the fault again."""

from __future__ import annotations

import time

import pytest

import llm_envs
from llm_envs import MultiTurnEnv, SingleTurnEnv, Task, registry
from llm_envs.errors import SandboxUnavailable
from llm_envs.testing import GARBAGE, check_facts


class Say(SingleTurnEnv):
    """Say a number back."""

    def sample(self, rng):
        number = int(rng.integers(10**6))
        return Task(prompt=f"Say {number} and nothing else.", answer=str(number))

    def verify(self, task, reply):
        return float(reply == task.answer)


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(registry, "_ROWS", {**registry._ROWS})


def findings(env_class, **given):
    """By fact, of a class registered as fact/Env-v0."""
    llm_envs.registry._ROWS.pop("fact/Env-v0", None)
    llm_envs.register("fact/Env-v0")(env_class)
    return {finding.fact: finding for finding in check_facts("fact/Env-v0", **given)}


def again(finding):
    """What the last of a finding's calls gives."""
    names = {}
    *lines, last = finding.reproduce
    exec("\n".join(lines), names)
    return eval(last, names)


def test_the_calls_of_a_finding_show_it_again():
    """They make the env, open its episode, and say what was said."""

    class PaysAtOnce(Say):
        """Pays an empty reply, at some tasks."""

        def verify(self, task, reply):
            return float(not reply and "7" in task.answer)

    finding = findings(PaysAtOnce)["doing nothing is not paid"]
    assert again(finding)[1] == 1.0


def test_long_garbage_is_called_by_its_place():
    """No page of brackets in a message."""

    class PaysForNines(Say):
        """Pays what is long and of nines."""

        def verify(self, task, reply):
            return float(reply.endswith("99999"))

    finding = findings(PaysForNines)["garbage is judged and not paid"]
    assert finding.reproduce[-1] == f"env.step(llm_envs.testing.GARBAGE[{GARBAGE.index('9' * 5_000)}])"
    assert again(finding)[1] == 1.0


def test_the_place_is_in_the_envs_own_code():
    """Not in the kit, and not in what the env calls."""

    class Stumbles(Say):
        """Reads numbers only."""

        def verify(self, task, reply):
            return float(int(reply) == 1)

    finding = findings(Stumbles)["garbage is judged and not paid"]
    assert __file__ in finding.place
    assert finding.place.endswith("in verify: return float(int(reply) == 1)")


@pytest.mark.parametrize("said", ["7", []])
def test_an_oracle_gives_a_list_of_replies(said):
    """A text would be played letter by letter."""

    class Sayer(Say):
        """Its oracle says something else."""

        def demonstrate(self, task):
            return said

    finding = findings(Sayer)["the oracle is paid in full"]
    assert "`demonstrate` gives no replies" in finding.explanation
    assert finding.next_step.startswith("Return the list")


def test_a_line_that_raises_is_what_to_repair():
    """Whichever fact met it first."""

    class Breaks(Say):
        """Its oracle raises."""

        def demonstrate(self, task):
            raise KeyError(task.answer)

    assert findings(Breaks)["every episode ends"].next_step == "Repair that line."


def test_a_fact_has_a_deadline():
    """What swallows exceptions is cut off all the same."""

    class Sleeps(Say):
        """Waits for ever for a reply with a number."""

        def verify(self, task, reply):
            while not reply:
                try:
                    time.sleep(10)
                except Exception:  # noqa: BLE001 (that is the point)
                    return 0.0
            return float(reply == task.answer)

    finding = findings(Sleeps, deadline_s=0.1)["doing nothing is not paid"]
    assert (finding.outcome, finding.explanation) == ("fails", "it was not done after 0.1 s")


def test_what_is_not_there_says_nothing_of_the_env():
    """Where no sandbox can be had there is no finding, but an error."""

    class Sandboxed(Say):
        """Needs a sandbox."""

        def begin(self, task):
            raise SandboxUnavailable("no engine answers")

    with pytest.raises(SandboxUnavailable):
        findings(Sandboxed)


def test_arguments_stand_in_the_calls():
    """An env made with options is made with them again."""

    class Talks(MultiTurnEnv):
        """Pays for anything from a length on."""

        def __init__(self, *, length=1, **options):
            super().__init__(**options)
            self.length = length

        def sample(self, rng):
            return Task(prompt=f"Say anything. {rng.integers(10**6)}")

        def respond(self, task, reply):
            return [{"role": "user", "content": "Go on."}]

        def verify(self, task, reply):
            return float(len(reply) >= self.length)

    finding = findings(Talks, options={"length": 0, "max_turns": 2})["doing nothing is not paid"]
    assert "length=0, max_turns=2" in finding.reproduce[1]
    assert finding.reproduce[-1] == "for _ in range(2): env.step('')"
