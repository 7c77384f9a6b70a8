"""The rows of a bank, what its rules say of a transfer, and the day that a transfer is dated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from llm_envs.envs.tools.bank.service import house
from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.people import full_names
from llm_envs.world import Row

__all__ = ["CUT_OFF_HOUR", "DAY_LIMIT", "PEOPLE", "SINGLE_LIMIT", "Ledger", "drawn", "opening_time"]

SINGLE_LIMIT, DAY_LIMIT = 500_000, 800_000
CUT_OFF_HOUR = 16
_CUSTOMERS, _PAYEES = 3, 4
PEOPLE = _CUSTOMERS * (1 + _PAYEES)
_FOREIGN = ("USD", "CHF")
_RATES = {"EUR-USD": 10_800, "EUR-CHF": 9_500, "USD-EUR": 9_200, "CHF-EUR": 10_500, "USD-CHF": 8_800, "CHF-USD": 11_300}
_HISTORY_DAYS = 60
_HOUSE_CENTS = 1_000_000_000
_OPEN_MINUTES = (*range(8 * 60, 15 * 60 + 30), *range(CUT_OFF_HOUR * 60, 20 * 60))
"""Of a day; an episode's calls take less than half an hour and so never cross the cut-off."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows of one bank, and ways to choose among them; its customer is the one who writes."""

    chance: Chance
    now: datetime
    customers: list[Row]
    accounts: list[Row]
    cards: list[Row]
    payees: list[Row]
    transfers: list[Row]
    standing_orders: list[Row]
    secret: str

    @property
    def rows(self) -> dict[str, list[Row]]:
        """By table; the accounts of the house are among them."""
        houses = [
            _account(house(currency), "house", "house", currency, _HOUSE_CENTS) for currency in ("EUR", *_FOREIGN)
        ]
        return {
            "customers": self.customers,
            "accounts": self.accounts + houses,
            "cards": self.cards,
            "payees": self.payees,
            "transfers": self.transfers,
            "standing_orders": self.standing_orders,
            "rates": [{"id": pair, "per_10000": rate} for pair, rate in _RATES.items()],
            "desk": [{"id": "desk", "secret": self.secret}],
        }

    @property
    def customer(self) -> Row:
        """Who writes: the first one."""
        return self.customers[0]

    @property
    def stranger(self) -> Row:
        """Who does not."""
        return self.customers[1]

    def account(self, kind: str = "current", currency: str = "EUR", owner: Row | None = None) -> Row:
        """The customer's of that kind and currency, or another one's."""
        whose = (owner or self.customer)["id"]
        return next(
            a for a in self.accounts if a["customer"] == whose and a["kind"] == kind and a["currency"] == currency
        )

    @property
    def foreign(self) -> Row | None:
        """The customer's account in another currency, where there is one."""
        own = (a for a in self.own(self.accounts) if a["currency"] != "EUR")
        return next(own, None)

    def own(self, rows: list[Row]) -> list[Row]:
        """The customer's among accounts or payees."""
        return [row for row in rows if row["customer"] == self.customer["id"]]

    def of_own_accounts(self, rows: list[Row]) -> list[Row]:
        """The customer's among cards or standing orders."""
        own = {account["id"] for account in self.own(self.accounts)}
        return [row for row in rows if row["account"] in own]

    def payees_in(self, currency: str) -> list[Row]:
        """The customer's, paid in that currency."""
        return [payee for payee in self.own(self.payees) if payee["currency"] == currency]

    def sent(self, account: Row, day: str | None = None) -> list[Row]:
        """What went out of an account; on one day."""
        return [t for t in self.transfers if t["source"] == account["id"] and day in (None, t["day"])]

    @property
    def day(self) -> str:
        """What a transfer is dated that is asked for now: the next banking day behind the cut-off."""
        day = self.now.date() + timedelta(days=int(self.now.hour >= CUT_OFF_HOUR))
        while day.weekday() > 4:
            day += timedelta(days=1)
        return day.isoformat()

    def broken(self, source: Row, target: Row, cents: int, day: str) -> set[str]:
        """The rules against a transfer; see the env's rules."""
        customer, own = self.customer["id"], target["customer"] == self.customer["id"]
        facts = {
            "R1": source["customer"] != customer,
            "R2": "frozen" in (source["status"], target.get("status")),
            "R3": cents > SINGLE_LIMIT,
            "R4": cents + sum(t["cents"] for t in self.sent(source, day)) > DAY_LIMIT,
            "R5": cents > source["cents"],
            "R6": source["kind"] == "savings" and target.get("kind") != "current",
            "R7": not own,
            "R8": source["currency"] != target["currency"],
        }
        return {rule for rule, holds in facts.items() if holds}


def opening_time(chance: Chance) -> datetime:
    """When the customer writes."""
    start = datetime(2026, 1, 5)  # noqa: DTZ001 (a world has no time zone but its own)
    return start + timedelta(days=chance.between(0, 320), minutes=chance.pick(_OPEN_MINUTES))


def drawn(chance: Chance, now: datetime, names: Sequence[str] = ()) -> Ledger:
    """A bank as it stands at a moment.

    Args:
        names: of its fifteen people, drawn by default: those who are paid, then the customers, the one who writes last.
            Every third of the first twelve is a payee of hers, from the first one on.
    """
    people = [*names] or full_names(chance.rng, PEOPLE)
    ids = chance.numbers(_CUSTOMERS, 10_000, 99_999)
    customers = [{"id": f"cus-{number}", "name": people.pop()} for number in ids]
    ledger = Ledger(chance, now, customers, [], [], [], [], [], f"{chance.fraction():.12f}")
    _open_accounts(ledger)
    _issue_cards(ledger)
    _save_payees(ledger, people)
    _order_standing(ledger)
    _book_past(ledger)
    return ledger


def _account(key: str, customer: str, kind: str, currency: str, cents: int) -> Row:
    return {"id": key, "customer": customer, "kind": kind, "currency": currency, "cents": cents, "status": "open"}


def _open_accounts(ledger: Ledger) -> None:
    chance = ledger.chance
    numbers = chance.numbers(3 * _CUSTOMERS, 1000, 9999)
    for customer in ledger.customers:
        kinds = [("current", "EUR"), ("savings", "EUR")]
        if chance.happens(0.6):
            kinds.append(("current", chance.pick(_FOREIGN)))
        for kind, currency in kinds:
            status = "frozen" if chance.happens(0.1) else "open"
            cents = chance.between(20_000, 1_200_000)
            key = f"acc-{numbers.pop()}"
            ledger.accounts.append(_account(key, customer["id"], kind, currency, cents) | {"status": status})


def _issue_cards(ledger: Ledger) -> None:
    chance = ledger.chance
    numbers = chance.numbers(3 * len(ledger.accounts), 100, 999)
    for account in ledger.accounts:
        for _ in range(chance.between(1, 2) if account["kind"] == "current" else 0):
            limit = chance.between(2, 40) * 5_000
            status = chance.pick(("active", "active", "active", "blocked", "stolen"))
            ledger.cards.append(
                {"id": f"crd-{numbers.pop()}", "account": account["id"], "status": status, "daily_limit": limit}
            )


def _save_payees(ledger: Ledger, people: list[str]) -> None:
    chance = ledger.chance
    keys, numbers = chance.numbers(len(people), 100, 999), chance.numbers(len(people), 10_000, 99_999)
    for i, name in enumerate(people):
        currency = "EUR" if chance.happens(0.75) else chance.pick(_FOREIGN)
        owner = ledger.customers[i % _CUSTOMERS]["id"]
        row = {"customer": owner, "name": name, "number": f"XB{numbers[i]}", "currency": currency}
        ledger.payees.append({"id": f"pay-{keys[i]}", **row})


def _order_standing(ledger: Ledger) -> None:
    """A few standing orders of each customer, one to a payee and month at most."""
    chance = ledger.chance
    numbers = chance.numbers(3 * _CUSTOMERS, 10, 99)
    for customer in ledger.customers:
        account = ledger.account(owner=customer)["id"]
        payees = [p for p in ledger.payees if p["customer"] == customer["id"] and p["currency"] == "EUR"]
        for payee in chance.some(payees, chance.between(2, 3)):
            row = {"account": account, "payee": payee["id"], "cents": 500 * chance.between(2, 160)}
            day = ledger.now.day if chance.happens(0.15) and ledger.now.day < 29 else chance.between(1, 28)
            status = "active" if chance.happens(0.85) else "ended"
            ledger.standing_orders.append({"id": f"sto-{numbers.pop()}", **row, "day_of_month": day, "status": status})


def _book_past(ledger: Ledger) -> None:
    """What was paid and received in the last two months; no account pays twice on one day."""
    chance, today = ledger.chance, ledger.now.date()
    keys = chance.numbers(16 * _CUSTOMERS, 1_000, 9_999)
    for customer in ledger.customers:
        account = ledger.account(owner=customer)
        payees = [p for p in ledger.payees if p["customer"] == customer["id"] and p["currency"] == "EUR"]
        for back in chance.some(range(1, _HISTORY_DAYS), 14 if customer is ledger.customer else 4):
            came = not payees or chance.happens(0.25)
            day = (today - timedelta(days=back)).isoformat()
            cents = chance.between(1_000, 199_999)
            other = None if came else chance.pick(payees)
            ledger.transfers.append(_booked(f"trf-{keys.pop()}", account, other, cents, day))
        if payees and chance.happens(0.4):
            day = ledger.day
            status = "done" if day == today.isoformat() else "scheduled"
            cents = chance.between(1_000, 190_000)
            early = _booked(f"trf-{keys.pop()}", account, chance.pick(payees), cents, day)
            ledger.transfers.append(early | {"status": status})


def _booked(key: str, account: Row, payee: Row | None, cents: int, day: str) -> Row:
    """A payment to a payee, or wages from outside."""
    source, target = (account["id"], payee["id"]) if payee else (house(account["currency"]), account["id"])
    name = payee["name"] if payee else "wages"
    row = {"source": source, "target": target, "name": name, "cents": cents, "day": day, "status": "done"}
    return {"id": key, **row, "approved": 0}
