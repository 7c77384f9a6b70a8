"""Conversations with the customers of the shop."""

from __future__ import annotations

import gymnasium as gym
import pytest

from llm_envs.envs.tools.shop.requests import KINDS
from llm_envs.testing.conformance import play


def episodes(count, **options):
    """One env, at task after task."""
    env = gym.make("llm/Shop-v0", user="agenda", **options).unwrapped
    for index in range(count):
        env.reset(seed=11, options={"index": index})
        yield env


@pytest.mark.parametrize("difficulty", range(6))
def test_the_oracle_solves_every_conversation(difficulty):
    """It asks for what is needed, acts, and says its last word; nothing is left unsaid."""
    kinds = set()
    for env in episodes(30, difficulty=difficulty):
        turns = env.demonstrate(env.task)
        trajectory = play(env, turns)
        assert (trajectory.reward, trajectory.turns, trajectory.stop_reason) == (1.0, len(turns), "end_of_turn")
        kinds.add(env.task.metadata["kind"])
    assert len(kinds) >= min(2, len(KINDS[difficulty]))


def test_what_must_be_asked_for_is_not_in_the_prompt():
    """And the answer is not among what the user knows."""
    for env in episodes(60):
        opening, agenda = env.task.messages[1]["content"], env.task.metadata["agenda"]
        assert not [fact for fact in agenda.facts if fact.value in opening]
        assert str(env.task.answer.get("answer")) not in {fact.value for fact in agenda.facts}


def test_the_world_is_the_same_with_and_without_a_user():
    """Only the talk differs."""
    alone = gym.make("llm/Shop-v0").unwrapped
    for env in episodes(10):
        alone.reset(seed=11, options={"index": env.index})
        assert alone.task.answer == env.task.answer
        assert alone.task.metadata["scenario"].rows == env.task.metadata["scenario"].rows
        assert alone.task.messages[1] != env.task.messages[1]


@pytest.mark.parametrize("words", ["", "Done.", "Which order, item, product, e-mail, address, name?", "Shall I do it?"])
def test_talk_alone_is_not_paid(words):
    """Whatever is said, again and again."""
    assert {play(env, [words]).reward for env in episodes(20)} == {0.0}


def test_a_conversation_replays_to_the_letter():
    """Slips, wordings and patience included."""
    turns = ["What can I do for you?", "Which order?", "Shall I cancel it?", "Your e-mail, please?", "Hm.", "Bye."]
    one, two = ([play(env, turns).messages for env in episodes(12)] for _ in range(2))
    assert one == two
