"""`llm/Office-v0`: two domains in one world, and what its tasks promise."""

from __future__ import annotations

from collections import Counter

import gymnasium as gym
import numpy as np
import pytest
from drawn import at_tasks

from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.mail.mailbox import open_mailbox
from llm_envs.envs.tools.office import invoices, meetings, papers
from llm_envs.envs.tools.office.domain import BANK, CALENDAR, FILES, MAIL, beside_mail, rules_of, tools_of, united
from llm_envs.envs.tools.office.letters import written_by
from llm_envs.envs.tools.office.pairs import PAIRS
from llm_envs.errors import BadOption

PAIRED = {"calendar": meetings, "bank": invoices, "files": papers}
KINDS = [
    pytest.param(pair, kind, id=f"{pair}-{getattr(kind, '__qualname__', kind)}-{number}")
    for pair, module in PAIRED.items()
    for number, kind in enumerate(
        [*dict.fromkeys(kind for level in module.KINDS for kind in level), *module.REFUSALS.values()]
    )
]
DRAWN = 300


@pytest.fixture(scope="module")
def drawn():
    """A few hundred tasks of all pairs."""
    return [env.task for env in at_tasks("llm/Office-v0", DRAWN, seed=5)]


@pytest.fixture
def chance():
    """Always the same."""
    return Chance(np.random.default_rng(3))


@pytest.mark.parametrize(("pair", "kind"), KINDS)
def test_every_kind_is_soon_found(pair, kind, chance):
    """A world that has none of it is the exception, or at least not the rule."""
    assert sum(kind(PAIRED[pair].drawn(chance)) is not None for _ in range(40)) >= 8


def test_rules_of_two_domains_never_share_a_number():
    """Those of the second go on counting, also where they are spoken of."""
    told = rules_of(MAIL, CALENDAR)
    numbers = [line.partition(".")[0] for line in told.splitlines() if line.startswith("R")]
    assert numbers == [f"R{i}" for i in range(1, 12)]
    assert "A time suits everybody where rules R7, R8 and R11 allow it" in told
    assert beside_mail("R4") == "R10"
    assert "R10. Only the organiser of a meeting cancels or moves it." in told


@pytest.mark.parametrize("other", [CALENDAR, BANK, FILES], ids=["calendar", "bank", "files"])
def test_all_tools_of_both_domains_are_there(other):
    """Where both have one of that name, its noun tells them apart."""
    names = [tool.name for tool in tools_of(MAIL, other)]
    assert len(set(names)) == len(names) == len(MAIL.tools) + len(other.tools) + 2
    shared = {tool.name for tool in MAIL.tools} & {tool.name for tool in other.tools}
    assert {f"{name}_{noun}" for name in shared for noun in ("mail", other.noun)} <= set(names)
    assert not shared & set(names)


def test_rows_of_one_table_are_put_together():
    """And stay the parts' own."""
    mail, calendar = {"settings": [{"id": "away"}]}, {"settings": [{"id": "owner"}], "rooms": []}
    both = united(mail, calendar)
    assert both == {"settings": [{"id": "away"}, {"id": "owner"}], "rooms": []}
    both["settings"][0]["id"] = "here"
    assert mail["settings"] == [{"id": "away"}]


def test_people_of_the_calendar_are_those_of_the_mailbox(chance):
    """The owner first; the others by names that nobody else has, one of them from elsewhere."""
    diary = meetings.drawn(chance)
    assert diary.owner["name"] == diary.box.owner
    assert [person["name"] for person in diary.plan.people[1:]] == [c["name"] for c in diary.contacts.values()]
    assert not any(diary.box.namesakes(contact) for contact in diary.contacts.values())
    assert sum("kestrel" in contact["email"] for contact in diary.contacts.values()) == 5


def test_whom_the_customer_pays_can_write_to_her(chance):
    """All payees of hers are contacts, and she is the owner of the mailbox."""
    desk = invoices.drawn(chance)
    assert desk.ledger.customer["name"] == desk.box.owner
    payees = desk.ledger.own(desk.ledger.payees)
    assert len(payees) == 4
    assert all(desk.contact(payee)["name"] == payee["name"] for payee in payees)
    assert not any(desk.box.namesakes(desk.contact(payee)) for payee in payees)


def test_the_owner_of_the_mailbox_owns_files(chance):
    """By the first name."""
    study = papers.drawn(chance)
    assert study.box.owner.casefold().startswith(f"{study.disk.user} ")
    assert sum(file["owner"] == study.disk.user for file in study.disk.files()) > 15


def test_a_corrected_letter_is_newer_and_in_one_thread(chance):
    """What it says first no longer holds, and another letter of its kind lies beside it."""
    for _ in range(50):
        box = open_mailbox(chance, meetings.drawn(chance).box.now)
        letter = written_by(box, box.contacts[2], "Order", lambda n: f"send {n} lamps.", 3, 4, 5)
        early, late = letter.rows
        assert early["sent"] < late["sent"] < box.now.isoformat(" ")
        assert (late["thread"], late["subject"]) == (early["id"], f"Re: {early['subject']}")
        assert ("Send 5 lamps" in early["body"], "send 3 lamps" in late["body"]) == (True, True)
        assert sum("lamps" in row["body"] for row in box.rows["messages"]) == 3
        assert len({row["id"] for row in box.rows["messages"]}) == len(box.rows["messages"])


def test_most_tasks_call_tools_of_both_domains(drawn):
    """Of those that can be done, all but a few."""
    own = {pair: {tool.name for tool in env.tools} for pair, env in PAIRS.items()}
    mail = set.intersection(*own.values()) | {"move_mail", "delete_mail", "move", "delete"}
    both = Counter()
    for task in drawn:
        called = {call.name for call in task.metadata["scenario"].calls}
        if not task.metadata["goal"].refusal:
            both[bool(called & mail) and bool(called - mail)] += 1
    assert both[True] > 0.95 * both.total()


def test_no_rule_is_worth_guessing(drawn):
    """Most requests are allowed, and no rule forbids more than one in sixteen of these."""
    rules = Counter(task.metadata["goal"].refusal for task in drawn)
    assert rules.pop("") > 0.8 * DRAWN
    assert len(rules) >= 9
    assert max(rules.values()) < DRAWN / 16


def test_the_rule_that_forbids_is_one_of_both_domains(drawn):
    """Its number stands in what the agent is told."""
    for task in drawn:
        if rule := task.metadata["goal"].refusal:
            assert f"\n{rule}. " in task.messages[0]["content"]


def test_tasks_differ(drawn):
    """In what is asked and what is wanted."""
    assert len({(task.messages[-1]["content"], str(task.answer)) for task in drawn}) == DRAWN


def test_tools_fail_at_high_levels_only(drawn):
    """One that is needed, from level 4 on."""
    failing = {task.metadata["difficulty"]: len(task.metadata["scenario"].failing) for task in drawn}
    assert failing == {0: 0, 1: 0, 2: 0, 3: 0, 4: 1, 5: 1}


def test_pairs_are_drawn_as_they_are_weighted(drawn):
    """All evenly, or those that are named; each offers its own tools."""
    assert min(Counter(task.metadata["pair"] for task in drawn).values()) > DRAWN / 4
    env = gym.make("llm/Office-v0", pairs={"bank": 3, "files": 1}).unwrapped
    seen = Counter()
    for index in range(100):
        env.reset(seed=0, options={"index": index})
        pair = env.task.metadata["pair"]
        seen[pair] += 1
        assert {tool["function"]["name"] for tool in env.task.tools} == {tool.name for tool in PAIRS[pair].tools}
    assert 60 <= seen["bank"] <= 90
    assert seen.total() == seen["bank"] + seen["files"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pairs": "banks"}, "Did you mean 'bank'"),
        ({"pairs": []}, "no pair"),
        ({"pairs": {"bank": -1}}, "no weight"),
        ({"partial_weight": 2}, "partial_weight"),
        ({"chosen": "bank"}, "unknown argument 'chosen'"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, words):
    """With the names that there are."""
    with pytest.raises(BadOption, match=words):
        gym.make("llm/Office-v0", **options)


def test_half_of_what_was_asked_has_a_partial_reward():
    """Only where that was wanted: one of two changes, in one of two domains."""
    for weight, paid in ((0.0, 0.0), (0.5, 0.25)):
        env = gym.make("llm/Office-v0", action="turn", pairs="calendar", difficulty=5, partial_weight=weight)
        inner = env.unwrapped
        env.reset(seed=0)
        index = 0
        while inner.task.metadata["kind"] != "plan and tell":
            index += 1
            env.reset(options={"index": index})
        said = [turn for turn in inner.demonstrate(inner.task) if '"send"' not in turn]
        for turn in said:
            _, reward, _, _, _ = env.step(turn)
        assert 0.0 <= reward - paid < 0.1
