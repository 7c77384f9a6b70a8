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


def talking(kind, difficulty):
    """The env, at a task of that kind whose customer has made no slip yet."""
    found = (env for env in episodes(400, difficulty=difficulty) if env.task.metadata["kind"] == kind)
    return next(env for env in found if "ord-" not in env.task.messages[1]["content"])


BOTH = {"order number", "e-mail address"}


@pytest.mark.parametrize(
    ("difficulty", "kind", "words", "slots"),
    [
        (1, "cancel", "Of course! Could you please provide your **order number** and the email on your account?", BOTH),
        (1, "cancel", "I can help with that.\n\nI need:\n1. The order ID\n2. Your e-mail address\n\nThank you!", BOTH),
        (1, "cancel", "To verify your identity, may I have your email?", {"e-mail address"}),
        (1, "cancel", "Which of your orders would you like me to cancel?", {"order number"}),
        (1, "cancel", "Who am I speaking with?", {"name"}),
        (1, "address", "What's the new delivery address?", {"new address"}),
        (
            1,
            "address",
            "Where would you like it to be sent to, and which order is it?",
            {"new address", "order number"},
        ),
        (1, "address", "What is your e-mail address?", {"e-mail address"}),
        (2, "return", "Which item do you wish to return?", {"item"}),
        (2, "return", "What product is it, and what's the ID of the order?", {"item", "order number"}),
        (3, "exchange", "And what would you like instead?", {"new product"}),
        (3, "exchange", "Which item is it, and what would you like to exchange it for?", {"item", "new product"}),
    ],
)
def test_customers_understand_the_questions_of_agents(difficulty, kind, words, slots):
    """In the words that agents use; they tell what was asked for, and nothing else."""
    env = talking(kind, difficulty)
    said = env.hear(env.task, words)[0]["content"]
    assert {fact.slot for fact in env.task.metadata["agenda"].facts if fact.value in said} == slots


def test_agreement_is_to_the_right_thing():
    """Another product of the shop is another thing."""
    env = talking("exchange", 3)
    plan, order = env.task.metadata["agenda"].plan, env.task.metadata["agenda"].facts[0].value
    exchange = f"Shall I exchange the {plan.values[0]} of {order} for the"
    assert "Yes" in env.hear(env.task, f"{exchange} {plan.values[1]} (prd-12, 1999 cents)?")[0]["content"]
    assert "No" in env.hear(env.task, f"{exchange} {plan.others[0]}?")[0]["content"]


@pytest.mark.parametrize("words", ["", "Done.", "Which order, item, product, e-mail, address, name?", "Shall I do it?"])
def test_talk_alone_is_not_paid(words):
    """Whatever is said, again and again."""
    assert {play(env, [words]).reward for env in episodes(20)} == {0.0}


def test_a_conversation_replays_to_the_letter():
    """Slips, wordings and patience included."""
    turns = ["What can I do for you?", "Which order?", "Shall I cancel it?", "Your e-mail, please?", "Hm.", "Bye."]
    one, two = ([play(env, turns).messages for env in episodes(12)] for _ in range(2))
    assert one == two
