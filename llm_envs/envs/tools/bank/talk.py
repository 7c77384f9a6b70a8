"""What customers of the bank want and know, where a task is a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import partial

from llm_envs.envs.tools.bank.ledger import Ledger
from llm_envs.envs.tools.talk import DESCRIBED, Slot, Talk
from llm_envs.tools.user import Agenda
from llm_envs.world import Row

__all__ = ["agenda"]

_MORE_CENTS = (500, 1_000, 10_000)
"""By so much is an amount wrong that is said by mistake."""

_ASKED_AMOUNT = ("how much", "how many", "how high", "what sum", "which sum", "sum", "amount")
_ASKED_ACCOUNT = ("which of your accounts", "accounts", "account number", "account id")
_ASKED_WHOM = (
    *("to whom", "whom", "who should", "who gets", "who is it", "who is the", "which person", "recipient"),
    *("recipients", "recipients name", "beneficiary", "beneficiarys name", "payees name", "receivers name"),
    *("name of the payee", "name of the recipient", "name of the receiver"),
)
_TALK = Talk(
    slots={
        "customer number": Slot(
            ("customer id", "customer no", "client number", "identity", "identify", "identification", "verify you")
        ),
        "name": Slot(("who are you", "who am i", "speaking with", "talking to", "full name")),
        "account": Slot(_ASKED_ACCOUNT),
        "account to pay from": Slot(
            (
                *("account", "from which account", "source account", "account to use", "paying account", "debited"),
                *("account you want to pay from", "account to transfer from", "account that pays", *_ASKED_ACCOUNT),
            )
        ),
        "receiver": Slot(
            (
                *("payee", "receiving account", "target account", "destination account", "to which account"),
                *("account to transfer to", "account it goes to", "destination", "go to", "where should", *_ASKED_WHOM),
            ),
            DESCRIBED,
        ),
        "payee": Slot(("receiver", "whose", *_ASKED_WHOM), DESCRIBED),
        "list of payments": Slot(
            (
                *("payments", "payment", "transfers", "payees", "payee", "recipients", "receivers", "receiver"),
                *("amounts", *_ASKED_AMOUNT, *_ASKED_WHOM),
            ),
            DESCRIBED,
            named=False,
        ),
        "amount": Slot(_ASKED_AMOUNT, DESCRIBED),
        "sum": Slot(("balance", *_ASKED_AMOUNT), DESCRIBED),
        "new amount": Slot(_ASKED_AMOUNT, DESCRIBED),
        "new limit": Slot(("limit", "daily limit", *_ASKED_AMOUNT), DESCRIBED),
        "threshold": Slot(("more than what", "least", "limit", *_ASKED_AMOUNT), DESCRIBED),
        "currency": Slot(("which currencies", "into what", "into which"), DESCRIBED),
        "day": Slot(("when", "date", "which days"), DESCRIBED),
        "period": Slot(
            (
                *("which days", "what days", "which dates", "dates", "date", "time frame", "timeframe", "time span"),
                *("from when", "since when", "until when", "when", "first day", "last day", "start", "which time"),
            ),
            DESCRIBED,
            named=False,
        ),
        "card": Slot(("which of your cards", "card id", "card number", "cards", "id of the card")),
        "account number": Slot(("number", "account", "iban"), DESCRIBED),
    },
    actions={
        "transfer": ("transfer", "pay", "move", "send"),
        "exchange": ("exchange", "convert", "change"),
        "block": ("block", "lock"),
        "unblock": ("unblock", "activate", "reactivate", "active"),
        "limit": ("limit",),
        "save": ("save", "add"),
        "end": ("cancel", "end", "stop"),
        "alter": ("alter", "adjust", "raise", "increase"),
        "freeze": ("freeze",),
    },
)


def agenda(ledger: Ledger, wish: str, told: Mapping[str, str], action: str = "", **spare: str) -> Agenda:
    """Of the customer, who knows who they are besides.

    Args:
        told: values by slot.
        action: what it will come to; who wants something done may slip, who only asks does not.
        spare: the same of what nobody need ask for.
    """
    customer = ledger.customer
    who = (
        *(_TALK.fact(slot, value, needed=False) for slot, value in spare.items()),
        _TALK.fact("customer number", customer["id"]),
        _TALK.fact("name", customer["name"], needed=False),
    )
    return _TALK.told(wish, told, who, action, partial(_like, ledger))


def _like(ledger: Ledger, slot: str, value: str) -> tuple[str, ...]:
    """What is said by mistake: something else of the same kind."""
    if slot in {"amount", "new amount", "new limit", "sum"}:
        return _near(value)
    known: Mapping[str, list[Row]] = {
        "account to pay from": ledger.own(ledger.accounts),
        "card": ledger.of_own_accounts(ledger.cards),
    }
    ids = [row["id"] for row in known.get(slot, ())]
    names = [payee["name"] for payee in ledger.own(ledger.payees)] if slot in {"receiver", "payee"} else []
    return tuple(ids if value in ids else names if value in names else ())


def _near(amount: str) -> tuple[str, ...]:
    number, currency = amount.split()
    return tuple(f"{Decimal(number) + Decimal(more) / 100:.2f} {currency}" for more in _MORE_CENTS)
