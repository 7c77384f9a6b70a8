"""Conversations with the users of worlds: what holds for all families, and how customers of the shop talk."""

from __future__ import annotations

import gymnasium as gym
import pytest

from llm_envs.testing.conformance import play

IDS = ("llm/Bank-v0", "llm/Calendar-v0", "llm/Files-v0", "llm/Mail-v0", "llm/Shop-v0")


def episodes(count, env_id="llm/Shop-v0", **options):
    """One env, at task after task."""
    env = gym.make(env_id, user="agenda", **options).unwrapped
    for index in range(count):
        env.reset(seed=11, options={"index": index})
        yield env


def heard(trajectory):
    """All that the user said."""
    return "\n".join(message["content"] for message in trajectory.messages if message["role"] == "user")


@pytest.mark.parametrize("difficulty", range(6))
@pytest.mark.parametrize("env_id", IDS)
def test_the_oracle_solves_every_conversation(env_id, difficulty):
    """It asks for what is needed and is told all of it, acts, and says its last word; nothing is left unsaid."""
    kinds = set()
    for env in episodes(20, env_id, difficulty=difficulty):
        turns = env.demonstrate(env.task)
        trajectory = play(env, turns)
        assert (trajectory.reward, trajectory.turns, trajectory.stop_reason) == (1.0, len(turns), "end_of_turn")
        said = heard(trajectory)
        assert not [fact for fact in env.task.metadata["agenda"].facts if fact.needed and fact.value not in said]
        kinds.add(env.task.metadata["kind"])
    assert len(kinds) >= 2


@pytest.mark.parametrize("env_id", IDS)
def test_what_must_be_asked_for_is_not_in_the_prompt(env_id):
    """And the answer is not among what the user knows."""
    for env in episodes(60, env_id):
        opening, agenda = env.task.messages[1]["content"], env.task.metadata["agenda"]
        assert not [fact for fact in agenda.facts if fact.value in opening]
        assert str(env.task.answer.get("answer")) not in {fact.value for fact in agenda.facts}


@pytest.mark.parametrize("env_id", IDS)
def test_the_world_is_the_same_with_and_without_a_user(env_id):
    """Only the talk differs."""
    alone = gym.make(env_id).unwrapped
    for env in episodes(10, env_id):
        alone.reset(seed=11, options={"index": env.index})
        assert alone.task.answer == env.task.answer
        assert alone.task.metadata["scenario"].rows == env.task.metadata["scenario"].rows
        assert alone.task.messages[1] != env.task.messages[1]


def talking(kind, difficulty, env_id="llm/Shop-v0"):
    """The env, at a task of that kind whose user has made no slip yet."""
    found = (env for env in episodes(400, env_id, difficulty=difficulty) if env.task.metadata["kind"] == kind)
    return next(env for env in found if not slipped(env))


def slipped(env):
    """The first message holds a wrong value."""
    slips = (slip for fact in env.task.metadata["agenda"].facts for slip in fact.slips)
    return any(slip in env.task.messages[1]["content"] for slip in slips)


BOTH = {"order number", "e-mail address"}


@pytest.mark.parametrize(
    ("family", "difficulty", "kind", "words", "slots"),
    [
        (
            "Shop",
            1,
            "cancel",
            "Of course! Could you please provide your **order number** and the email on your account?",
            BOTH,
        ),
        (
            "Shop",
            1,
            "cancel",
            "I can help with that.\n\nI need:\n1. The order ID\n2. Your e-mail address\n\nThank you!",
            BOTH,
        ),
        ("Shop", 1, "cancel", "To verify your identity, may I have your email?", {"e-mail address"}),
        ("Shop", 1, "cancel", "Which of your orders would you like me to cancel?", {"order number"}),
        ("Shop", 1, "cancel", "Who am I speaking with?", {"name"}),
        ("Shop", 1, "address", "What's the new delivery address?", {"new address"}),
        (
            "Shop",
            1,
            "address",
            "Where would you like it to be sent to, and which order is it?",
            {"new address", "order number"},
        ),
        ("Shop", 1, "address", "What is your e-mail address?", {"e-mail address"}),
        ("Shop", 2, "return", "Which item do you wish to return?", {"item"}),
        ("Shop", 2, "return", "What product is it, and what's the ID of the order?", {"item", "order number"}),
        ("Shop", 3, "exchange", "And what would you like instead?", {"new product"}),
        (
            "Shop",
            3,
            "exchange",
            "Which item is it, and what would you like to exchange it for?",
            {"item", "new product"},
        ),
        ("Bank", 2, "transfer", "Sure! How much would you like to transfer, and to whom?", {"amount", "receiver"}),
        ("Bank", 2, "transfer", "Which account should the money come from?", {"account to pay from"}),
        (
            "Bank",
            2,
            "transfer",
            "To proceed, please provide:\n1. Your customer ID\n2. The recipient's name",
            {"customer number", "receiver"},
        ),
        ("Bank", 3, "later transfer", "On which date should it be paid?", {"day"}),
        ("Bank", 1, "block card", "Which card do you want me to block?", {"card"}),
        ("Bank", 1, "limit card", "What should the new daily limit be?", {"new limit"}),
        ("Bank", 2, "sum", "For which period, and which account?", {"period", "account"}),
        ("Bank", 5, "several transfers", "Who should be paid, and how much each?", {"list of payments"}),
        ("Mail", 1, "move", "Which mail is it, and where should it go?", {"subject", "target folder"}),
        ("Mail", 1, "move", "Who sent it?", {"sender"}),
        ("Mail", 2, "send", "Who should get the mail, and what should I write?", {"recipient", "text"}),
        ("Mail", 2, "send", "What is the subject line?", {"subject"}),
        ("Mail", 2, "send to an address", "Who should get the mail?", {"recipient"}),
        ("Mail", 2, "unlabel", "Which mail is it, and what should I do with it?", {"subject", "change"}),
        ("Mail", 3, "forward", "To whom shall it be forwarded?", {"recipient"}),
        ("Mail", 1, "label", "Which label is it, and should I add or remove it?", {"label", "change"}),
        ("Mail", 0, "fact", "Which project is it about, and what exactly do you want to know?", {"project", "detail"}),
        ("Calendar", 2, "plan", "What should the meeting be called, and how long will it last?", {"title", "length"}),
        ("Calendar", 2, "plan", "Who should be invited?", {"group"}),
        ("Calendar", 2, "plan", "When should it start? Do you need a room?", {"time", "room"}),
        ("Calendar", 1, "cancel", "Which meeting would you like me to cancel?", {"meeting"}),
        ("Calendar", 2, "move behind", "When should it start?", {"new time"}),
        ("Calendar", 3, "book that room", "Which room would you like?", {"room"}),
        ("Calendar", 3, "move", "When should it be moved to?", {"new time"}),
        ("Calendar", 1, "invite", "Whom should I invite, and what's your name?", {"person", "name"}),
        ("Files", 1, "delete", "Which file should I delete?", {"file"}),
        ("Files", 1, "rename", "What should the new name be?", {"new path"}),
        ("Files", 1, "copy", "Where should I copy it to? And who are you?", {"target folder", "user name"}),
        ("Files", 2, "set", "Which setting, and what value should it have?", {"setting", "new value"}),
        (
            "Files",
            3,
            "move several",
            "Which files do you mean, and what should happen to them?",
            {"set of files", "change"},
        ),
        ("Files", 2, "append", "What text should I add, and to which file?", {"line", "file"}),
    ],
)
def test_users_understand_the_questions_of_agents(family, difficulty, kind, words, slots):
    """In the words that agents use; they tell what was asked for, and nothing else."""
    env = talking(kind, difficulty, f"llm/{family}-v0")
    said = env.hear(env.task, words)[0]["content"]
    assert {fact.slot for fact in env.task.metadata["agenda"].facts if fact.value in said} == slots


def test_agreement_is_to_the_right_thing():
    """Another product of the shop is another thing."""
    env = talking("exchange", 3)
    plan, order = env.task.metadata["agenda"].plan, env.task.metadata["agenda"].facts[0].value
    exchange = f"Shall I exchange the {plan.values[0]} of {order} for the"
    assert "Yes" in env.hear(env.task, f"{exchange} {plan.values[1]} (prd-12, 1999 cents)?")[0]["content"]
    assert "No" in env.hear(env.task, f"{exchange} {plan.others[0]}?")[0]["content"]


@pytest.mark.parametrize("words", ["", "Done.", "Which order, item, file, card, account, name?", "Shall I do it?"])
@pytest.mark.parametrize("env_id", IDS)
def test_talk_alone_is_not_paid(env_id, words):
    """Whatever is said, again and again: it comes to an end before the turns do."""
    for env in episodes(20, env_id):
        trajectory = play(env, [words])
        assert trajectory.reward == 0.0
        assert trajectory.stop_reason == ("end_of_turn" if words == "Done." else "gave_up")


@pytest.mark.parametrize("env_id", IDS)
def test_a_lucky_guess_is_not_paid(env_id):
    """The oracle's own calls are worth nothing where the user was asked for nothing."""
    for env in episodes(40, env_id):
        asking = sum(turn.endswith("?") for turn in env.demonstrate(env.task))
        trajectory = play(env, env.demonstrate(env.task)[asking:])
        assert asking
        assert trajectory.reward == 0.0
        assert "guess" in trajectory.verdict.reason


@pytest.mark.parametrize("env_id", IDS)
def test_a_conversation_replays_to_the_letter(env_id):
    """Slips, wordings, small talk and patience included."""
    turns = ["What can I do for you?", "Which order?", "Shall I cancel it?", "I cannot do that.", "Name?", "Bye."]
    one, two = ([play(env, turns).messages for env in episodes(12, env_id)] for _ in range(2))
    assert one == two


@pytest.mark.parametrize("env_id", IDS)
def test_users_slip_chat_and_insist(env_id):
    """All of it in some episodes; nobody slips who only asks a question."""
    said = [
        heard(play(env, ["I am not allowed to do that.", *env.demonstrate(env.task)])) for env in episodes(60, env_id)
    ]
    for words in ("I insist", "no, I meant", "by the way"):
        assert any(words in talk for talk in said), words
    for env in episodes(30, env_id, difficulty=0):
        assert not [fact for fact in env.task.metadata["agenda"].facts if fact.slips]
