"""`llm/Mail-v0`: what its tools answer, and what its tasks promise."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np
import pytest
from drawn import at_tasks

from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.mail.mailbox import open_mailbox
from llm_envs.envs.tools.mail.requests import KINDS
from llm_envs.envs.tools.mail.service import TABLES, TOOLS
from llm_envs.tools import ToolError
from llm_envs.world import World

NOW = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 (the owner's own clock)
CALL = {tool.name: tool for tool in TOOLS}
DRAWN = 300


def message(number, **more):
    """A row; all its columns may be given."""
    row = {
        "id": f"msg-{number}",
        "thread": None,
        "folder": "inbox",
        "sender": "ada.berg@lumen.example",
        "recipients": "ben.dahl@kestrel.example",
        "subject": "Orion: price",
        "sent": f"2026-02-0{number} 09:00",
        "body": "The price of Orion is 4350 euros.",
        "attachments": "",
        "labels": "",
    }
    return row | more


@pytest.fixture
def world():
    """Three mails in two threads, one of them in the closed folder; two namesakes."""
    people = [("con-1", "ada.berg@lumen.example", "Lumen"), ("con-2", "ada.berg@kestrel.example", "legal")]
    rows = {
        "contacts": [{"id": i, "name": "Ada Berg", "email": email, "team": team} for i, email, team in people],
        "messages": [
            message(1),
            message(2, thread="msg-1", subject="Re: Orion: price", labels="confidential", attachments="orion-7.pdf"),
            message(3, folder="audit"),
        ],
        "settings": [{"id": "address", "value": "ben.dahl@kestrel.example"}, {"id": "away", "value": ""}],
    }
    world = World(TABLES, rows, now=NOW)
    yield world
    world.close()


@pytest.fixture(scope="module")
def drawn():
    """A few hundred tasks: difficulty, kind, refusal, and the words of the request with the goal."""
    return [env.task for env in at_tasks("llm/Mail-v0", DRAWN, seed=5)]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, ["msg-3", "msg-2", "msg-1"]),
        ({"words": "ORION 4350"}, ["msg-3", "msg-2", "msg-1"]),
        ({"words": "orion kettle"}, []),
        ({"folder": "inbox"}, ["msg-2", "msg-1"]),
        ({"label": "confidential"}, ["msg-2"]),
        ({"label": "conf"}, []),
        ({"attachment": ".PDF"}, ["msg-2"]),
        ({"sender": "kestrel"}, []),
        ({"sender": "Ada.Berg", "folder": "audit"}, ["msg-3"]),
    ],
)
def test_a_search_holds_everything_given(world, given, found):
    """The newest mail comes first."""
    assert [row["id"] for row in CALL["search"](world, **given)] == found


def test_a_reply_goes_to_the_sender_in_the_thread(world):
    """Also where a reply is answered; and its subject does not grow."""
    sent = CALL["reply"](world, "msg-2", "Thanks")["sent"]
    row = world.one("SELECT * FROM messages WHERE id = ?", sent)
    assert (row["thread"], row["recipients"], row["subject"]) == ("msg-1", "ada.berg@lumen.example", "Re: Orion: price")
    assert (row["folder"], row["sender"]) == ("sent", "ben.dahl@kestrel.example")


def test_what_is_forwarded_keeps_its_attachments(world):
    """It begins a thread, and says which mail it was."""
    sent = CALL["forward"](world, "msg-2", ["B@x.example", "a@x.example", "b@x.example"])["sent"]
    row = world.one("SELECT * FROM messages WHERE id = ?", sent)
    assert (row["attachments"], row["forwarded"], row["thread"]) == ("orion-7.pdf", "msg-2", None)
    assert row["recipients"] == "a@x.example,b@x.example"


def test_a_thread_is_read_oldest_first(world):
    """Other threads of that subject are not in it."""
    assert [row["id"] for row in CALL["read_thread"](world, "msg-1")] == ["msg-1", "msg-2"]


def test_namesakes_are_both_found(world):
    """A team tells them apart."""
    assert len(CALL["find_contact"](world, "ada berg")) == 2
    assert [row["id"] for row in CALL["find_contact"](world, "berg", "legal")] == ["con-2"]


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("read_message", ["msg-9"], "E_NOT_FOUND"),
        ("read_thread", ["msg-9"], "E_NOT_FOUND"),
        ("reply", ["msg-9", "Hello"], "E_NOT_FOUND"),
        ("move", ["msg-1", "nowhere"], "E_NOT_FOUND"),
        ("move", ["msg-1", "sent"], "E_PRECONDITION"),
        ("move", ["msg-1", "inbox"], "E_PRECONDITION"),
        ("move", ["msg-3", "inbox"], "E_POLICY"),
        ("move", ["msg-1", "audit"], "E_POLICY"),
        ("delete", ["msg-3"], "E_POLICY"),
        ("add_label", ["msg-2", "confidential"], "E_PRECONDITION"),
        ("add_label", ["msg-2", "nice"], "E_NOT_FOUND"),
        ("remove_label", ["msg-1", "hold"], "E_PRECONDITION"),
        ("send", [[], "Hello", "you"], "E_ARGS"),
        ("send", [["ada"], "Hello", "you"], "E_ARGS"),
        ("send", [["a@b.example, c@d.example"], "Hello", "you"], "E_ARGS"),
        ("send", [["a@b.example"], "Hello", "x" * 2_001], "E_ARGS"),
        ("block_sender", ["con-9"], "E_NOT_FOUND"),
    ],
)
def test_what_cannot_be_done_is_told(world, name, arguments, code):
    """And nothing is changed."""
    before = world.snapshot()
    with pytest.raises(ToolError) as caught:
        CALL[name](world, *arguments)
    assert caught.value.code == code
    assert not world.diff(before)


def test_deleting_is_moving_into_the_trash(world):
    """Two ways, one outcome."""
    before = world.snapshot()
    with world.rehearsal():
        CALL["delete"](world, "msg-1")
        deleted = world.diff(before)
    CALL["move"](world, "msg-1", "trash")
    assert world.diff(before) == deleted


def test_labels_have_no_order(world):
    """One label after the other, or the other way round."""
    for label in ("urgent", "paid"):
        CALL["add_label"](world, "msg-1", label)
    assert world.one("SELECT labels FROM messages WHERE id = 'msg-1'")["labels"] == "paid,urgent"


@pytest.mark.parametrize("kind", sorted({kind for level in KINDS for kind in level}, key=lambda kind: kind.__name__))
def test_every_kind_is_soon_found(kind):
    """A mailbox that has none of it is the exception, or at least not the rule."""
    chance = Chance(np.random.default_rng(3))
    assert sum(kind(open_mailbox(chance, NOW)) is not None for _ in range(40)) >= 8


def test_names_in_requests_are_of_one_person():
    """Who has a namesake is called by name and team."""
    box = open_mailbox(Chance(np.random.default_rng(1)), NOW)
    called = [box.called(contact) for contact in box.contacts]
    assert len(set(called)) == len(box.contacts)
    assert sum(" of " in name for name in called) == 4


def test_the_newest_statement_differs_from_all_before():
    """So whoever takes an old one is wrong."""
    chance = Chance(np.random.default_rng(2))
    for thread in (thread for _ in range(50) for thread in open_mailbox(chance, NOW).threads):
        assert len(set(thread.stated)) == len(thread.stated)
        assert str(thread.stated[0]) in thread.messages[0]["body"]


def test_no_rule_is_worth_guessing(drawn):
    """Most requests are allowed, and no rule forbids more than one in sixteen of these."""
    rules = Counter(task.metadata["goal"].refusal for task in drawn)
    assert rules.pop("") > 0.7 * DRAWN
    assert set(rules) == {"R1", "R2", "R3", "R4", "R5"}
    assert max(rules.values()) < DRAWN / 16


def test_tasks_differ(drawn):
    """In what is asked and what is wanted."""
    assert len({(task.messages[-1]["content"], str(task.answer)) for task in drawn}) == DRAWN


def test_tools_fail_at_high_levels_only(drawn):
    """One that is needed, from level 4 on."""
    failing = {task.metadata["difficulty"]: len(task.metadata["scenario"].failing) for task in drawn}
    assert failing == {0: 0, 1: 0, 2: 0, 3: 0, 4: 1, 5: 1}
