"""What all envs with a world share: rehearsed tasks, and verdicts on what really changed."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import gymnasium as gym
import numpy as np
import pytest

import llm_envs
from llm_envs.chat.calls import Call
from llm_envs.envs.tools.scenario import Scenario, refuse, submit
from llm_envs.envs.tools.world_env import WorldEnv
from llm_envs.errors import BadOption, BadTask, ResetNeeded
from llm_envs.testing import FakeServer
from llm_envs.tools import Injected, ToolError, tool
from llm_envs.tools.user import Agenda, Fact, Plan
from llm_envs.types import StopReason
from llm_envs.world import Tables, World


@tool
def count(world: Injected[World]) -> int:
    """Count the lamps that are on."""
    return world.one("SELECT count(*) AS n FROM lamps WHERE lit")["n"]


@tool(kind="write")
def switch(world: Injected[World], lamp: str, lit: bool) -> str:
    """Switch a lamp on or off.

    Args:
        lamp: such as L1.
        lit: whether it is to be on.
    """
    world.execute("UPDATE lamps SET lit = ? WHERE id = ?", int(lit), lamp)
    if lamp == "L3":
        raise ToolError("E_PRECONDITION", "L3 is broken")
    return "done"


LAMPS = {"lamps": [{"id": f"L{i}", "lit": i % 2} for i in range(4)]}
ON = Call("switch", {"lamp": "L0", "lit": True})
DRAWN = {
    "change": Scenario(LAMPS, "Switch on L0.", (ON,), "change"),
    "answer": Scenario(LAMPS, "How many are on?", (Call("count", {}),), "answer", answer=2),
    "both": Scenario(LAMPS, "Switch on L0. How many are on then?", (ON, Call("count", {})), "both", answer=3),
    "refusal": Scenario(LAMPS, "Switch on L9.", (), "refusal", refusal="R1"),
    "failing": replace(Scenario(LAMPS, "Switch on L0.", (ON,), "failing"), failing=frozenset({"switch"})),
    "talk": replace(
        Scenario(LAMPS, "Switch on L0.", (ON,), "talk"),
        agenda=Agenda(
            "have a lamp switched on", (Fact("lamp", "L0"),), Plan("switch", ("L0",)), {"switch": ("switch",)}
        ),
    ),
    "misspelt": Scenario(LAMPS, "Switch on L0.", (ON,), "misspelt", failing=frozenset({"swich"})),
    "idle": Scenario(LAMPS, "Nothing.", (Call("count", {}),), "idle"),
    "broken": Scenario(LAMPS, "Switch on L3.", (Call("switch", {"lamp": "L3", "lit": True}),), "broken"),
}


@llm_envs.register("test/Lamps-v0")
class Lamps(WorldEnv):
    """Switch lamps."""

    tables: ClassVar[Tables] = Tables("CREATE TABLE lamps (id TEXT PRIMARY KEY, lit INTEGER NOT NULL)")
    rules: ClassVar[str] = "R1. There are four lamps, L0 to L3."
    tools = (count, switch, submit, refuse)
    conversational: ClassVar[bool] = True

    def __init__(self, *, kind: str = "change", **options) -> None:
        super().__init__(**options)
        self.kind = kind

    def scenario(self, rng: np.random.Generator, difficulty: int) -> Scenario:
        """The one that was asked for."""
        return DRAWN[self.kind]


def opened(kind, **options):
    """The env, its episode begun."""
    env = gym.make("test/Lamps-v0", action="turn", kind=kind, **options)
    env.reset(seed=1)
    return env, env.unwrapped


def played(kind, *turns, **options):
    """The reward at the end of the turns, in which calls may stand instead of text; and the verdict's reason."""
    env, inner = opened(kind, **options)
    for turn in turns:
        text = turn if isinstance(turn, str) else inner.chat.calling.write(turn)
        _, reward, over, _, info = env.step(text)
    assert over
    return reward, info["verdict"]["reason"]


def said(answer):
    """A turn that submits it."""
    return [Call("submit", {"answer": answer})]


REFUSED = [Call("refuse", {"rule": "R1"})]
OFF, L2 = Call("switch", {"lamp": "L0", "lit": False}), Call("switch", {"lamp": "L2", "lit": True})


@pytest.mark.parametrize("kind", ["change", "answer", "both", "refusal", "failing"])
def test_the_oracle_solves_what_is_drawn(kind):
    """And doing nothing does not."""
    env, inner = opened(kind)
    for turn in inner.demonstrate(inner.task):
        _, reward, over, _, _ = env.step(turn)
    assert (reward, over) == (1.0, True)
    assert played(kind, "")[0] == 0.0


@pytest.mark.parametrize(
    ("kind", "turns", "reward"),
    [
        ("change", [[ON], "Done."], 1.0),
        ("change", [[ON, OFF, ON], "Done."], 1.0),
        ("change", [[ON, L2], "Done."], 0.0),
        ("change", [[ON], REFUSED], 0.0),
        ("change", [[ON], said("done")], 1.0),
        ("answer", [said("2")], 1.0),
        ("answer", [said("1, 2, 3")], 0.0),
        ("answer", [[ON], said("2")], 0.0),
        ("answer", ["2"], 0.0),
        ("both", [[ON], "3"], 0.0),
        ("both", [said("3")], 0.0),
        ("both", [[ON], said("3")], 1.0),
        ("refusal", [[Call("refuse", {"rule": "r1."})]], 1.0),
        ("refusal", [[Call("refuse", {"rule": "Rule R1: lamps that are not there stay off."})]], 1.0),
        ("refusal", [[Call("refuse", {"rule": "R1 or R2"})]], 0.0),
        ("refusal", [[Call("refuse", {"rule": "R11"})]], 0.0),
        ("refusal", [[Call("refuse", {"rule": "R2"}), *REFUSED]], 0.0),
        ("refusal", [[*said("1"), *REFUSED]], 0.0),
        ("answer", [[Call("count", {})] * 16] * 2 + [[Call("count", {})] * 3, said("2")], 1.0),
        ("refusal", [[ON], REFUSED], 0.0),
        ("refusal", ["I will not: R1."], 0.0),
        ("failing", [[ON], "Done."], 0.0),
        ("failing", [[ON], [ON], "Done."], 1.0),
        ("change", [[Call("switch", {"lamp": "L3", "lit": False})], [ON], "Done."], 1.0),
    ],
)
def test_all_of_it_counts_or_nothing(kind, turns, reward):
    """The changes, the answer and the refusal; what failed or was taken back has not happened."""
    assert played(kind, *turns)[0] == reward


def test_nothing_is_run_behind_the_last_word():
    """Also where it stands in the same turn."""
    assert played("answer", [*said("2"), ON])[0] == 1.0


def test_partial_rewards_are_for_right_changes_only():
    """An idle episode gets none, also where nothing had to change."""
    assert played("change", [ON, L2], "Done.", partial_weight=0.25)[0] == pytest.approx(0.25 * 2 / 3)
    assert played("both", [ON], "3", partial_weight=0.25)[0] == 0.25
    assert played("both", [ON], said("3"), partial_weight=0.25)[0] == 1.0
    assert [played(kind, "", partial_weight=0.25)[0] for kind in ("change", "answer", "both", "refusal")] == [0.0] * 4


def test_calls_that_nobody_can_read_may_cost_something():
    """Their share of the weight, and only where there is something to lose."""
    garbage, right = "<tool_call>{</tool_call>", [ON]
    assert played("change", garbage, right, "Done.")[0] == 1.0
    assert played("change", garbage, right, "Done.", format_weight=0.2)[0] == pytest.approx(0.9)
    assert played("change", right, "Done.", format_weight=0.2)[0] == pytest.approx(1.0)
    assert played("change", "Done.", format_weight=0.2)[0] == 0.0
    assert played("change", garbage, right, "Done.", format_weight=0.2, partial_weight=0.3)[0] == pytest.approx(0.9)


def test_an_episode_that_is_begun_again_has_the_world_of_the_first():
    """Whatever was done in between."""
    env, inner = opened("change")
    env.step(inner.chat.calling.write([ON, L2]))
    env.reset(seed=1)
    assert inner.world.query("SELECT * FROM lamps") == LAMPS["lamps"]
    inner.begin(inner.task)
    assert inner.world.query("SELECT * FROM lamps") == LAMPS["lamps"]


def test_a_task_that_idleness_solves_is_refused():
    """When it is drawn, with its kind."""
    with pytest.raises(BadTask, match="is solved by doing nothing"):
        opened("idle")


def test_an_oracle_that_fails_is_told_at_once():
    """With the call, and what the tool said."""
    with pytest.raises(BadTask, match=r"fails at switch\({'lamp': 'L3'") as caught:
        opened("broken")
    assert "L3 is broken" in str(caught.value)


def test_tools_that_a_task_needs_are_there(monkeypatch):
    """Told when it is drawn: those that fail, and those that end the episode."""
    with pytest.raises(BadTask, match="needs the tool 'swich'"):
        opened("misspelt")
    monkeypatch.setattr(Lamps, "tools", (count, switch))
    with pytest.raises(BadTask, match="needs the tool 'submit'"):
        opened("answer")


def test_a_share_beyond_the_whole_is_refused():
    """When the env is made."""
    with pytest.raises(BadOption, match="partial_weight is out of range"):
        gym.make("test/Lamps-v0", partial_weight=1.5)
    with pytest.raises(BadOption, match="format_weight is out of range"):
        gym.make("test/Lamps-v0", format_weight=-0.1)
    with pytest.raises(BadOption, match="partial_weight is out of range"):
        gym.make("test/Lamps-v0", partial_weight="much")
    with pytest.raises(BadOption, match="leave nothing for being right"):
        gym.make("test/Lamps-v0", partial_weight=0.6, format_weight=0.6)


def test_there_is_no_world_before_the_first_episode():
    """Nor behind the last one."""
    inner = gym.make("test/Lamps-v0").unwrapped
    with pytest.raises(ResetNeeded):
        _ = inner.world


class Echo:
    """A user who repeats what is said, and is content with two turns."""

    def __init__(self, task):
        self.task, self.turns = task, 0

    def open(self):
        """The wish of the task."""
        return f"To {self.task.metadata['agenda'].wish}!"

    def answer(self, text):
        """The text."""
        self.turns += 1
        return f"You said {text}" if self.turns < 3 else StopReason.END_OF_TURN


def said_to(messages):
    """What the policy reads, the rules left out."""
    return [message["content"] for message in messages if message["role"] == "user"]


def test_a_turn_without_calls_goes_to_the_user():
    """Who may be anybody; the state decides, however the talk ends."""
    env, inner = opened("talk", user=Echo)
    for turn in ("Hm?", inner.chat.calling.write([ON]), "So?"):
        assert not env.step(turn)[2]
    _, reward, over, _, info = env.step("Fine.")
    assert (reward, over, info["stop_reason"]) == (1.0, True, "end_of_turn")
    assert said_to(inner.session.messages) == ["To have a lamp switched on!", "You said Hm?", "You said So?"]
    env.reset(seed=1)
    assert not env.step("Hm?")[2], "the user of the next episode is another one"


def test_the_scripted_user_gives_up_on_the_idle():
    """Which is no solution."""
    env, _ = opened("talk", user="agenda")
    for _ in range(3):
        assert not env.step("")[2]
    _, reward, terminated, truncated, info = env.step("")
    assert (reward, terminated, truncated, info["stop_reason"]) == (0.0, True, False, "gave_up")


def test_the_oracle_asks_before_it_acts():
    """For what the first message does not say."""
    env, inner = opened("talk", user="agenda")
    turns = inner.demonstrate(inner.task)
    assert "What is the lamp?" in turns
    assert [env.step(turn)[1] for turn in turns][-1] == 1.0
    assert "L0" not in inner.task.messages[1]["content"]
    assert inner.session.stop_reason is StopReason.END_OF_TURN


def test_a_language_model_can_play_the_user():
    """It is told the part; what the agent must find out is not in it."""
    with FakeServer(lambda asked: "[DONE]" if "done" in asked.text.lower() else "It is L0.") as server:
        env, inner = opened("talk", user=f"{server.base_url}#fake")
        turns = inner.demonstrate(inner.task)
        assert [env.step(turn)[1] for turn in turns][-1] == 1.0
        assert "It is L0." in said_to(inner.session.messages)
        assert "switch(" not in str(server.asked[0].body)


def test_a_user_who_does_not_answer_is_no_fault_of_the_policy():
    """The episode has no verdict."""
    with FakeServer(models=("other",)) as server:
        env, inner = opened("talk", user=f"{server.base_url}#fake")
        _, reward, terminated, truncated, info = env.step("Which lamp?")
    assert (reward, terminated, truncated) == (0.0, False, True)
    assert "ModelUnavailable" in info["infrastructure_error"]
    assert inner.session.verdict is None


class Mute:
    """A user of somebody's own, who forgets to answer."""

    def __init__(self, task):
        self.said = "Hello."

    def open(self):
        """Speak once."""
        return self.said

    def answer(self, text):
        """Nothing."""


def test_a_user_of_ones_own_has_to_speak(monkeypatch):
    """At first, and after each turn."""
    env, _ = opened("talk", user=Mute)
    with pytest.raises(BadTask, match="a user has said nothing"):
        env.step("Which lamp?")
    monkeypatch.setattr(Mute, "open", lambda _self: None)
    with pytest.raises(BadTask, match="a user has said nothing"):
        opened("talk", user=Mute)


def test_a_scenario_without_an_agenda_is_no_conversation():
    """It is told when it is drawn."""
    with pytest.raises(BadTask, match="cannot be a conversation"):
        opened("change", user="agenda")


def test_families_without_agendas_take_no_user():
    """When the env is made."""

    class Silent(Lamps):
        conversational: ClassVar[bool] = False

    with pytest.raises(BadOption, match="tasks of Silent are no conversations"):
        Silent(user="agenda")
    with pytest.raises(BadOption, match="unknown user"):
        gym.make("test/Lamps-v0", user="agend")
