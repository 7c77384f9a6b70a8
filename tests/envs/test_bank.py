"""`llm/Bank-v0`: what its tools keep, what its rules say, and that no money is made or lost."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np
import pytest
from drawn import at_tasks

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.bank.ledger import drawn
from llm_envs.envs.tools.bank.requests import REFUSALS
from llm_envs.envs.tools.bank.service import TABLES, TOOLS, code_of
from llm_envs.envs.tools.chance import Chance
from llm_envs.tools import ToolError
from llm_envs.world import World

NOW = datetime.fromisoformat("2026-03-02T09:00")
TODAY = "2026-03-02"
CALL = {one.name: one for one in TOOLS}
ROWS = {
    "customers": [{"id": "cus-1", "name": "Ada Abara"}, {"id": "cus-2", "name": "Ben Ito"}],
    "accounts": [
        {"id": "acc-1", "customer": "cus-1", "kind": "current", "currency": "EUR", "cents": 500_000, "status": "open"},
        {"id": "acc-2", "customer": "cus-1", "kind": "current", "currency": "USD", "cents": 1_000, "status": "open"},
        {"id": "acc-3", "customer": "cus-1", "kind": "savings", "currency": "EUR", "cents": 7, "status": "open"},
        {"id": "house-EUR", "customer": "house", "kind": "house", "currency": "EUR", "cents": 90_000, "status": "open"},
        {"id": "house-USD", "customer": "house", "kind": "house", "currency": "USD", "cents": 90_000, "status": "open"},
    ],
    "cards": [{"id": "crd-1", "account": "acc-1", "status": "active", "daily_limit": 100}],
    "payees": [{"id": "pay-1", "customer": "cus-1", "name": "Hana Dube", "number": "XB1", "currency": "EUR"}],
    "standing_orders": [
        {"id": "sto-1", "account": "acc-1", "payee": "pay-1", "cents": 50, "day_of_month": 9, "status": "active"}
    ],
    "rates": [{"id": "EUR-USD", "per_10000": 10_800}],
    "desk": [{"id": "desk", "secret": "s"}],
}


def opened():
    """A small bank."""
    return World(TABLES, ROWS, now=NOW)


def request(world, source="acc-1", target="pay-1", cents=100, day=TODAY):
    """The code of a transfer that now waits."""
    return CALL["request_transfer"](world, source=source, target=target, cents=cents, day=day)["code"]


def balance(world, account):
    """In cents."""
    return world.one("SELECT cents FROM accounts WHERE id = ?", account)["cents"]


def totals(world):
    """All the money there is, by currency."""
    rows = world.query("SELECT currency, sum(cents) AS cents FROM accounts GROUP BY currency")
    return {row["currency"]: row["cents"] for row in rows}


def refused(code, tool, world, /, **arguments):
    """The words with which a tool says no."""
    with pytest.raises(ToolError) as caught:
        CALL[tool](world, **arguments)
    assert caught.value.code == code
    return caught.value.message


def test_nothing_moves_before_it_is_confirmed():
    """And a request alone is no change."""
    world = opened()
    before = world.snapshot()
    code = request(world)
    assert world.diff(before) == {}
    CALL["confirm_transfer"](world, code=code)
    assert balance(world, "acc-1") == 499_900
    assert balance(world, "house-EUR") == 90_100
    row = world.one("SELECT * FROM transfers")
    assert (row["target"], row["name"], row["cents"], row["status"]) == ("pay-1", "Hana Dube", 100, "done")


def test_a_code_confirms_once_and_nothing_else():
    """Not twice, not another's, and not what another request has replaced."""
    world = opened()
    first = request(world)
    second = request(world, cents=200)
    assert first != second
    assert "no transfer waits" in refused("E_PRECONDITION", "confirm_transfer", world, code=first)
    CALL["confirm_transfer"](world, code=second)
    refused("E_PRECONDITION", "confirm_transfer", world, code=second)
    refused("E_PRECONDITION", "confirm_transfer", opened(), code="")


def test_codes_hang_on_the_bank_and_on_the_transfer():
    """Six digits."""
    code = code_of("s", "acc-1", "pay-1", 100, TODAY)
    assert request(opened()) == code
    assert len(code) == 6
    assert len({code, code_of("t", "acc-1", "pay-1", 100, TODAY), code_of("s", "acc-1", "pay-1", 101, TODAY)}) == 3


def test_large_transfers_are_approved_and_small_ones_are_not():
    """By a second clerk, between request and confirmation; the transfer says so."""
    world = opened()
    code = request(world, cents=200_001)
    refused("E_POLICY", "confirm_transfer", world, code=code)
    CALL["ask_approval"](world, code=code)
    CALL["confirm_transfer"](world, code=code)
    assert world.one("SELECT approved FROM transfers")["approved"] == 1
    refused("E_POLICY", "ask_approval", world, code=request(world, cents=200_000))


def test_what_is_for_later_moves_nothing_today():
    """It is scheduled."""
    world = opened()
    answer = CALL["confirm_transfer"](world, code=request(world, day="2026-03-09"))
    assert answer["status"] == "scheduled"
    assert balance(world, "acc-1") == 500_000


def test_days_have_one_spelling():
    """However ISO lets them be written."""
    assert request(opened(), day="20260302") == request(opened())


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("E_PRECONDITION", {"cents": 500_001}),
        ("E_PRECONDITION", {"day": "2026-03-01"}),
        ("E_PRECONDITION", {"target": "acc-1"}),
        ("E_PRECONDITION", {"target": "acc-2"}),
        ("E_NOT_FOUND", {"target": "pay-9"}),
        ("E_NOT_FOUND", {"source": "house-EUR"}),
        ("E_NOT_FOUND", {"target": "house-EUR"}),
        ("E_ARGS", {"cents": 0}),
        ("E_ARGS", {"cents": -5}),
        ("E_ARGS", {"day": "tomorrow"}),
    ],
)
def test_requests_that_make_no_sense_are_not_taken(code, arguments):
    """With a code that says why."""
    transfer = {"source": "acc-1", "target": "pay-1", "cents": 100, "day": TODAY} | arguments
    refused(code, "request_transfer", opened(), **transfer)


def test_exchanges_go_by_the_rate():
    """Both ends through the house, so that each currency keeps its sum."""
    world = opened()
    before = totals(world)
    assert CALL["exchange"](world, source="acc-1", target="acc-2", cents=101) == {"paid": 101, "received": 109}
    assert balance(world, "acc-2") == 1_109
    assert totals(world) == before
    assert "rate EUR-EUR" in refused("E_NOT_FOUND", "exchange", world, source="acc-1", target="acc-3", cents=1)


def test_what_is_not_there_cannot_be_changed():
    """And the tool says what that is."""
    world = opened()
    assert refused("E_NOT_FOUND", "set_card_status", world, card_id="crd-9", active=True) == "there is no card crd-9"
    refused("E_NOT_FOUND", "freeze_account", world, account_id="house-EUR")
    refused("E_NOT_FOUND", "list_cards", world, customer_id="cus-9")
    refused("E_POLICY", "set_card_limit", world, card_id="crd-1", cents=500_001)
    refused("E_PRECONDITION", "remove_payee", world, payee_id="pay-1")
    CALL["cancel_standing_order"](world, order_id="sto-1")
    refused("E_PRECONDITION", "change_standing_order", world, order_id="sto-1", cents=5)
    CALL["remove_payee"](world, payee_id="pay-1")
    payee = {"customer_id": "cus-1", "name": "Hana Dube", "number": "XB1", "currency": "EUR"}
    CALL["add_payee"](world, **payee)
    refused("E_PRECONDITION", "add_payee", world, **payee)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-03-02T15:59", "2026-03-02"),
        ("2026-03-02T16:00", "2026-03-03"),
        ("2026-03-06T16:00", "2026-03-09"),
        ("2026-03-07T09:00", "2026-03-09"),
        ("2026-03-08T23:00", "2026-03-09"),
    ],
)
def test_transfers_are_dated_on_banking_days(now, day):
    """Behind the cut-off on the next one."""
    assert drawn(Chance(np.random.default_rng(0)), datetime.fromisoformat(now)).day == day


def drawn_tasks(count, **options):
    """An env at its tasks, one after the other."""
    return at_tasks("llm/Bank-v0", count, seed=11, **options)


def test_no_money_is_made_or_lost():
    """Whatever a perfect agent does; and no customer's account is overdrawn."""
    for env in drawn_tasks(150):
        before = totals(env.world)
        for turn in env.demonstrate(env.task):
            env.push(env.chat.encode_reply(turn))
        assert totals(env.world) == before
        assert env.world.one("SELECT min(cents) AS least FROM accounts")["least"] >= 0


def test_no_money_is_made_or_lost_by_chance():
    """Nor by calls that nobody would make."""
    rng = np.random.default_rng(5)
    for env in drawn_tasks(25):
        before, rows = totals(env.world), env.task.metadata["scenario"].rows
        keys = [row["id"] for row in (*rows["accounts"], *rows["payees"])]
        for _ in range(20):
            source, target = rng.choice(keys, 2).tolist()
            cents = int(rng.integers(-1_000, 400_000))
            call = Call("request_transfer", {"source": source, "target": target, "cents": cents, "day": _today(env)})
            if rng.random() < 0.4:
                call = Call("exchange", {"source": source, "target": target, "cents": cents})
            _make(env, call)
        assert totals(env.world) == before
        assert env.world.one("SELECT min(cents) AS least FROM accounts")["least"] >= 0


def _today(env):
    return env.world.now.date().isoformat()


def _make(env, call):
    """A call, and the confirmation of what it asks for."""
    env.push(env.chat.encode_reply(env.chat.calling.write([call])))
    last = env.answers[-1]
    if last.code is None and last.attempt.name == "request_transfer":
        code = {"code": last.value["code"]}
        for name in ("ask_approval", "confirm_transfer"):
            env.push(env.chat.encode_reply(env.chat.calling.write([Call(name, code)])))


def test_each_rule_is_met_alone_and_rarely():
    """No rule is worth guessing: none is against more than 4% of the tasks."""
    refusals = Counter(env.task.metadata["goal"].refusal for env in drawn_tasks(600))
    del refusals[""]
    assert set(refusals) == set(REFUSALS)
    assert max(refusals.values()) < 0.04 * 600


@pytest.mark.parametrize("rule", REFUSALS)
def test_a_refused_transfer_breaks_one_rule(rule):
    """The one that is wanted; where it is kept, nothing forbids the transfer."""
    found = []
    for seed in range(40):
        chance = Chance(np.random.default_rng(seed))
        scenario = REFUSALS[rule](drawn(chance, NOW))
        if scenario:
            found.append(scenario)
    assert len(found) >= 3
    assert {scenario.refusal for scenario in found} == {rule}


def test_a_transfer_that_waits_is_not_done():
    """The episode is lost where the last confirmation is missing."""
    env = next(env for env in drawn_tasks(40, difficulty=3) if env.task.metadata["kind"] == "approved transfer")
    *turns, _, last = env.demonstrate(env.task)
    for turn in [*turns, last]:
        result = env.push(env.chat.encode_reply(turn))
    assert (result.done, result.reward) == (True, 0.0)
    assert "not done" in env.trajectory().verdict.reason
