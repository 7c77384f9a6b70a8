"""The tables of a bank, and what its assistant can do with them.

Money leaves an account in two steps: a request gives a code, and confirming that code moves the money. A request that
nobody confirms has no effect, and a new one takes its place: what waits is kept in a column that no diff shows.

The tools keep what a computer of a bank would: that there is money enough, and that large transfers are approved. The
other rules of the house are the agent's to keep. Money is whole cents and is neither made nor lost: what comes from
elsewhere or goes there leaves or enters an account of the house in the same currency.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date

from llm_envs.envs.tools.lookup import look_up
from llm_envs.tools import Injected, Tool, ToolError, tool
from llm_envs.world import Row, Tables, World

__all__ = ["FOUR_EYES", "RATE_UNIT", "TABLES", "TOOLS", "code_of", "house"]

FOUR_EYES = 200_000
"""Cents; what is more must be approved."""

RATE_UNIT = 10_000
_MOST = 100_000_000
_CARD_LIMIT = 500_000

TABLES = Tables(
    """
    CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE accounts (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL, cents INTEGER NOT NULL,
        status TEXT NOT NULL
    );
    CREATE TABLE cards (
        id TEXT PRIMARY KEY, account TEXT NOT NULL, status TEXT NOT NULL, daily_limit INTEGER NOT NULL
    );
    CREATE TABLE payees (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, name TEXT NOT NULL, number TEXT NOT NULL, currency TEXT NOT NULL
    );
    CREATE TABLE transfers (
        id TEXT PRIMARY KEY, source TEXT NOT NULL, target TEXT NOT NULL, name TEXT NOT NULL, cents INTEGER NOT NULL,
        day TEXT NOT NULL, status TEXT NOT NULL, approved INTEGER NOT NULL
    );
    CREATE TABLE standing_orders (
        id TEXT PRIMARY KEY, account TEXT NOT NULL, payee TEXT NOT NULL, cents INTEGER NOT NULL,
        day_of_month INTEGER NOT NULL, status TEXT NOT NULL
    );
    CREATE TABLE rates (id TEXT PRIMARY KEY, per_10000 INTEGER NOT NULL);
    CREATE TABLE desk (id TEXT PRIMARY KEY, secret TEXT NOT NULL, waiting TEXT);
    """,
    volatile={"desk.waiting"},
)


def code_of(secret: str, source: str, target: str, cents: int, day: str) -> str:
    """The six digits that confirm a transfer."""
    told = hashlib.sha256(f"{secret} {source} {target} {cents} {day}".encode()).digest()
    return str(100_000 + int.from_bytes(told[:8], "big") % 900_000)


def house(currency: str) -> str:
    """The account of the bank itself."""
    return f"house-{currency}"


@tool
def list_accounts(world: Injected[World], customer_id: str) -> list[Row]:
    """List a customer's accounts, with balances in cents.

    Args:
        customer_id: such as cus-31042.
    """
    _customer(world, customer_id)
    return world.query("SELECT id, kind, currency, cents, status FROM accounts WHERE customer = ?", customer_id)


@tool
def get_account(world: Injected[World], account_id: str) -> Row:
    """Look at one account.

    Args:
        account_id: such as acc-4711.
    """
    return _account(world, account_id)


@tool
def list_cards(world: Injected[World], customer_id: str) -> list[Row]:
    """List the cards of a customer's accounts: active, blocked, or blocked as stolen.

    Args:
        customer_id: such as cus-31042.
    """
    _customer(world, customer_id)
    cards = "SELECT cards.* FROM cards JOIN accounts ON account = accounts.id WHERE customer = ?"
    return world.query(cards, customer_id)


@tool
def list_payees(world: Injected[World], customer_id: str) -> list[Row]:
    """List whom a customer has saved as payees.

    Args:
        customer_id: such as cus-31042.
    """
    _customer(world, customer_id)
    return world.query("SELECT id, name, number, currency FROM payees WHERE customer = ?", customer_id)


@tool
def list_transfers(world: Injected[World], account_id: str, since: str, until: str) -> list[Row]:
    """List what went out of an account and what came in, on the days from since to until.

    Args:
        account_id: such as acc-4711.
        since: the first day, such as 2026-03-01.
        until: the last day, such as 2026-03-31.
    """
    _account(world, account_id)
    found = "SELECT * FROM transfers WHERE day BETWEEN ? AND ? AND ? IN (source, target) ORDER BY day, id"
    return world.query(found, _day(since).isoformat(), _day(until).isoformat(), account_id)


@tool
def list_standing_orders(world: Injected[World], customer_id: str) -> list[Row]:
    """List a customer's standing orders, which pay the same every month.

    Args:
        customer_id: such as cus-31042.
    """
    _customer(world, customer_id)
    orders = (
        "SELECT standing_orders.*, name AS payee_name FROM standing_orders JOIN payees ON payee = payees.id "
        "JOIN accounts ON account = accounts.id WHERE accounts.customer = ?"
    )
    return world.query(orders, customer_id)


@tool
def get_rate(world: Injected[World], source: str, target: str) -> Row:
    """What 10000 cents of one currency are in cents of another.

    Args:
        source: such as EUR.
        target: such as USD.
    """
    pair = f"{source}-{target}"
    return look_up(world, f"rate {pair}", "SELECT * FROM rates WHERE id = ?", pair)


@tool(kind="write")
def request_transfer(world: Injected[World], source: str, target: str, cents: int, day: str) -> Row:
    """Prepare a transfer and get its code; nothing moves before confirm_transfer. A new request replaces the last one.

    Args:
        source: the account that pays, such as acc-4711.
        target: an account, such as acc-4712, or a payee, such as pay-305.
        cents: how much, in the currency of the account that pays.
        day: when it is to be carried out, such as 2026-03-31.
    """
    payer = _account(world, source)
    _bounded(cents)
    day = _day(day).isoformat()
    if day < world.now.date().isoformat():
        raise ToolError("E_PRECONDITION", f"{day} is past")
    if payer["cents"] < cents:
        raise ToolError("E_PRECONDITION", f"{source} holds only {payer['cents']} cents")
    if source == target:
        raise ToolError("E_PRECONDITION", "source and target are the same account")
    receiver = _receiver(world, target)
    if receiver["currency"] != payer["currency"]:
        raise ToolError("E_PRECONDITION", f"{source} is in {payer['currency']}, {target} in {receiver['currency']}")
    secret = (world.one("SELECT secret FROM desk") or {})["secret"]
    code = code_of(secret, source, target, cents, day)
    _wait(world, {"code": code, "source": source, "target": target, "cents": cents, "day": day, "approved": 0})
    return {"code": code, "to": receiver["name"], "needs_approval": cents > FOUR_EYES}


@tool(kind="write")
def ask_approval(world: Injected[World], code: str) -> Row:
    """Have a second clerk look at the transfer that waits for its confirmation, and approve it.

    Args:
        code: what request_transfer gave.
    """
    waiting = _waiting(world, code)
    if waiting["cents"] <= FOUR_EYES:
        raise ToolError("E_POLICY", f"transfers of {FOUR_EYES} cents or less need no approval")
    _wait(world, waiting | {"approved": 1})
    return {"code": code, "approved": True}


@tool(kind="write")
def confirm_transfer(world: Injected[World], code: str) -> Row:
    """Carry out the transfer that waits: at once where it is for today, else on its day.

    Args:
        code: what request_transfer gave.
    """
    waiting = _waiting(world, code)
    source, target, cents, day, approved = (waiting[key] for key in ("source", "target", "cents", "day", "approved"))
    if cents > FOUR_EYES and not approved:
        raise ToolError("E_POLICY", f"a transfer of more than {FOUR_EYES} cents needs an approval first")
    receiver = _receiver(world, target)
    status = "done" if day == world.now.date().isoformat() else "scheduled"
    if status == "done":
        _move(world, source, cents, receiver["account"], cents)
    row = {"source": source, "target": target, "name": receiver["name"], "cents": cents, "day": day, "status": status}
    made = world.new_id("new")
    world.insert("transfers", id=made, approved=approved, **row)
    world.execute("UPDATE desk SET waiting = NULL")
    return {"transfer": made, "status": status}


@tool(kind="write")
def exchange(world: Injected[World], source: str, target: str, cents: int) -> Row:
    """Exchange money between two accounts in different currencies at today's rate, at once and without a code.

    Args:
        source: the account that pays, such as acc-4711.
        target: the account that receives, such as acc-4712.
        cents: how much, in the currency of the account that pays.
    """
    payer, receiver = _account(world, source), _account(world, target)
    _bounded(cents)
    if payer["cents"] < cents:
        raise ToolError("E_PRECONDITION", f"{source} holds only {payer['cents']} cents")
    rate = get_rate(world, payer["currency"], receiver["currency"])["per_10000"]
    gets = cents * rate // RATE_UNIT
    _move(world, source, cents, house(payer["currency"]), cents)
    _move(world, house(receiver["currency"]), gets, target, gets)
    return {"paid": cents, "received": gets}


@tool(kind="write")
def add_payee(world: Injected[World], customer_id: str, name: str, number: str, currency: str) -> Row:
    """Save somebody as a customer's payee.

    Args:
        customer_id: such as cus-31042.
        name: first and last name.
        number: of the account, such as XB40718.
        currency: of the account, such as EUR.
    """
    _customer(world, customer_id)
    if world.one("SELECT id FROM payees WHERE customer = ? AND number = ?", customer_id, number):
        raise ToolError("E_PRECONDITION", f"{number[:32]} is a payee already")
    world.insert(
        "payees", id=(made := world.new_id("new")), customer=customer_id, name=name, number=number, currency=currency
    )
    return {"payee": made}


@tool(kind="write")
def remove_payee(world: Injected[World], payee_id: str) -> Row:
    """Take somebody off a customer's payees.

    Args:
        payee_id: such as pay-305.
    """
    if world.one("SELECT id FROM standing_orders WHERE payee = ? AND status = 'active'", payee_id):
        raise ToolError("E_PRECONDITION", f"a standing order pays {payee_id}")
    return _touched(world, "payee", payee_id, "DELETE FROM payees WHERE id = ?")


@tool(kind="write")
def set_card_status(world: Injected[World], card_id: str, active: bool) -> Row:
    """Block a card, or make it active again.

    Args:
        card_id: such as crd-812.
        active: false to block it.
    """
    status = "active" if active else "blocked"
    return _touched(world, "card", card_id, "UPDATE cards SET status = ? WHERE id = ?", status)


@tool(kind="write")
def set_card_limit(world: Injected[World], card_id: str, cents: int) -> Row:
    """Set what a card may spend in a day.

    Args:
        card_id: such as crd-812.
        cents: at most 500000.
    """
    if not 0 <= cents <= _CARD_LIMIT:
        raise ToolError("E_POLICY", f"a card's limit is between 0 and {_CARD_LIMIT} cents")
    return _touched(world, "card", card_id, "UPDATE cards SET daily_limit = ? WHERE id = ?", cents)


@tool(kind="write")
def cancel_standing_order(world: Injected[World], order_id: str) -> Row:
    """End a standing order.

    Args:
        order_id: such as sto-96.
    """
    _standing(world, order_id)
    return _touched(world, "standing order", order_id, "UPDATE standing_orders SET status = 'ended' WHERE id = ?")


@tool(kind="write")
def change_standing_order(world: Injected[World], order_id: str, cents: int) -> Row:
    """Change what a standing order pays every month.

    Args:
        order_id: such as sto-96.
        cents: from now on.
    """
    _standing(world, order_id)
    _bounded(cents)
    return _touched(world, "standing order", order_id, "UPDATE standing_orders SET cents = ? WHERE id = ?", cents)


@tool(kind="write")
def freeze_account(world: Injected[World], account_id: str) -> Row:
    """Freeze an account that somebody misuses.

    Args:
        account_id: such as acc-4711.
    """
    return _touched(
        world, "account", account_id, "UPDATE accounts SET status = 'frozen' WHERE kind <> 'house' AND id = ?"
    )


def _touched(world: World, what: str, key: str, sql: str, *values: str | int) -> Row:
    """Change the row of that key, the statement's last value."""
    if not world.execute(sql, *values, key):
        raise ToolError("E_NOT_FOUND", f"there is no {what} {key[:64]}")
    return {"id": key, "done": True}


def _customer(world: World, customer_id: str) -> Row:
    return look_up(world, f"customer {customer_id}", "SELECT * FROM customers WHERE id = ?", customer_id)


def _account(world: World, account_id: str) -> Row:
    sql = "SELECT * FROM accounts WHERE id = ? AND kind <> 'house'"
    return look_up(world, f"account {account_id}", sql, account_id)


def _receiver(world: World, target: str) -> Row:
    """Whom a transfer reaches, in which currency, and which of the bank's accounts receives the money."""
    payee = world.one("SELECT name, currency FROM payees WHERE id = ?", target)
    if payee:
        return payee | {"account": house(payee["currency"])}
    account = _account(world, target)
    return _customer(world, account["customer"]) | {"account": target, "currency": account["currency"]}


def _standing(world: World, order_id: str) -> Row:
    sql = "SELECT * FROM standing_orders WHERE id = ?"
    order = look_up(world, f"standing order {order_id}", sql, order_id)
    if order["status"] != "active":
        raise ToolError("E_PRECONDITION", f"{order_id} has ended")
    return order


def _wait(world: World, request: Row) -> None:
    world.execute("UPDATE desk SET waiting = ?", json.dumps(request))


def _waiting(world: World, code: str) -> Row:
    desk = world.one("SELECT waiting FROM desk") or {}
    request: Row = json.loads(desk.get("waiting") or "{}")
    if request.get("code") != code.strip():
        raise ToolError("E_PRECONDITION", "no transfer waits for this code")
    return request


def _move(world: World, source: str, pays: int, target: str, gets: int) -> None:
    """Out of one account and into another, of one currency."""
    for account, cents in ((source, -pays), (target, gets)):
        world.execute("UPDATE accounts SET cents = cents + ? WHERE id = ?", cents, account)
    if (world.one("SELECT cents FROM accounts WHERE id = ? AND kind <> 'house'", source) or {"cents": 0})["cents"] < 0:
        raise ToolError("E_PRECONDITION", f"{source} does not hold so much any more")


def _bounded(cents: int) -> None:
    if not 0 < cents <= _MOST:
        raise ToolError("E_ARGS", f"cents must be between 1 and {_MOST}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ToolError("E_ARGS", f"{text[:32]!r} is no day such as 2026-03-31") from None


TOOLS: tuple[Tool, ...] = (
    list_accounts,
    get_account,
    list_cards,
    list_payees,
    list_transfers,
    list_standing_orders,
    get_rate,
    request_transfer,
    ask_approval,
    confirm_transfer,
    exchange,
    add_payee,
    remove_payee,
    set_card_status,
    set_card_limit,
    cancel_standing_order,
    change_standing_order,
    freeze_account,
)
