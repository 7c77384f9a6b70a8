"""What customers ask of a bank, and what a perfect agent makes of it.

Each kind of request is a function of a ledger; it gives None where this ledger has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.bank.calls import history, of_customer, pay
from llm_envs.envs.tools.bank.ledger import DAY_LIMIT, SINGLE_LIMIT, Ledger
from llm_envs.envs.tools.bank.service import FOUR_EYES
from llm_envs.envs.tools.bank.talk import agenda
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.tools.user import Agenda
from llm_envs.world import Row

__all__ = ["KINDS", "REFUSALS", "money", "spoilt"]

_Kind = Callable[[Ledger], Scenario | None]
_SMALL, _LARGE = (1_000, FOUR_EYES), (FOUR_EYES + 1, SINGLE_LIMIT)


def _scenario(
    ledger: Ledger, words: str, calls: tuple[Call, ...], kind: str, talk: Agenda, *, answer: object = None
) -> Scenario:
    """The customer's words, signed; or as a talk."""
    customer = ledger.customer
    signed = f"{words} I am {customer['name']}, customer {customer['id']}."
    return Scenario(ledger.rows, signed, calls, kind, answer=answer, now=ledger.now, agenda=talk)


def _refusal(ledger: Ledger, rule: str, words: str, reads: tuple[Call, ...], talk: Agenda) -> Scenario:
    """What must be refused by that rule."""
    return replace(_scenario(ledger, words, reads, f"against {rule}", talk), refusal=rule)


def money(cents: int, currency: str = "EUR") -> str:
    """As customers write it."""
    return f"{Decimal(cents) / 100:.2f} {currency}"


# Questions


def _asked_balance(ledger: Ledger) -> Scenario:
    account = ledger.chance.pick(ledger.own(ledger.accounts))
    words = f"What is the balance of my account {account['id']}, in {account['currency']}, such as 12.50?"
    calls = (Call("get_account", {"account_id": account["id"]}),)
    wish = "know the balance of an account in its own currency, such as 12.50"
    talk = agenda(ledger, wish, {"account": account["id"]})
    return _scenario(ledger, words, calls, "balance", talk, answer=Decimal(account["cents"]) / 100)


def _asked_card(ledger: Ledger) -> Scenario:
    card = ledger.chance.pick(ledger.of_own_accounts(ledger.cards))
    words = f"What is the daily limit of my card {card['id']}, in cents?"
    talk = agenda(ledger, "know the daily limit of a card, in cents", {"card": card["id"]})
    calls = of_customer(ledger, "list_cards")
    return _scenario(ledger, words, calls, "card limit", talk, answer=card["daily_limit"])


def _asked_payee(ledger: Ledger) -> Scenario:
    payee = ledger.chance.pick(ledger.own(ledger.payees))
    words = f"Which account number have I saved for {payee['name']}?"
    talk = agenda(ledger, "know which account number I have saved for somebody", {"payee": payee["name"]})
    calls = of_customer(ledger, "list_payees")
    return _scenario(ledger, words, calls, "payee number", talk, answer=payee["number"])


def _asked_sum(ledger: Ledger) -> Scenario | None:
    account = ledger.account()
    back = ledger.chance.between(20, 50)
    since, until = (ledger.now.date() - timedelta(days=days) for days in (back, back - ledger.chance.between(10, 18)))
    sent = [t["cents"] for t in ledger.sent(account) if since.isoformat() <= t["day"] <= until.isoformat()]
    if len(sent) < 2:
        return None
    words = (
        f"How much have I paid in all from my account {account['id']} from {since} to {until}, both days included, in "
        "EUR, such as 12.50?"
    )
    calls = (history(ledger, account, since.isoformat(), until.isoformat()),)
    wish = "know how much I have paid in all from an account in a certain time, in EUR, such as 12.50"
    told = {"account": account["id"], "period": f"{since} to {until}, both days included"}
    return _scenario(ledger, words, calls, "sum", agenda(ledger, wish, told), answer=Decimal(sum(sent)) / 100)


def _asked_largest(ledger: Ledger) -> Scenario | None:
    account, payee = ledger.account(), ledger.chance.pick(ledger.own(ledger.payees))
    sent = [t for t in ledger.sent(account) if t["target"] == payee["id"] and t["status"] == "done"]
    if len(sent) < 2 or len({t["cents"] for t in sent}) < len(sent):
        return None
    largest = max(sent, key=lambda t: int(t["cents"]))
    words = (
        f"On which day of the last 60 days did I make my largest payment from my account {account['id']} to "
        f"{payee['name']}? As a date such as 2026-03-14, please."
    )
    wish = "know on which day of the last 60 days I made my largest payment to somebody, as a date such as 2026-03-14"
    talk = agenda(ledger, wish, {"account": account["id"], "payee": payee["name"]})
    calls = (history(ledger, account),)
    return _scenario(ledger, words, calls, "largest", talk, answer=date.fromisoformat(largest["day"]))


# Cards, payees and standing orders


def _block_card(ledger: Ledger) -> Scenario | None:
    cards = [card for card in ledger.of_own_accounts(ledger.cards) if card["status"] == "active"]
    if not cards:
        return None
    card = ledger.chance.pick(cards)
    calls = (*of_customer(ledger, "list_cards"), Call("set_card_status", {"card_id": card["id"], "active": False}))
    talk = agenda(ledger, "have a card blocked", {"card": card["id"]}, "block")
    return _scenario(ledger, f"Please block my card {card['id']}.", calls, "block card", talk)


def _unblock_card(ledger: Ledger) -> Scenario | None:
    cards = [card for card in ledger.of_own_accounts(ledger.cards) if card["status"] == "blocked"]
    if not cards:
        return None
    card = ledger.chance.pick(cards)
    calls = (*of_customer(ledger, "list_cards"), Call("set_card_status", {"card_id": card["id"], "active": True}))
    words, talk = _found_again(ledger, card)
    return _scenario(ledger, words, calls, "unblock card", talk)


def _found_again(ledger: Ledger, card: Row) -> tuple[str, Agenda]:
    """The wish to use a card again."""
    wish = "have a card made active again that I have found"
    words = f"I have found my card {card['id']}. Please make it active again."
    return words, agenda(ledger, wish, {"card": card["id"]}, "unblock")


def _limit_card(ledger: Ledger) -> Scenario | None:
    card, cents = ledger.chance.pick(ledger.of_own_accounts(ledger.cards)), 5_000 * ledger.chance.between(2, 60)
    if cents == card["daily_limit"]:
        return None
    calls = (*of_customer(ledger, "list_cards"), Call("set_card_limit", {"card_id": card["id"], "cents": cents}))
    words = f"Please set the daily limit of my card {card['id']} to {money(cents)}."
    told = {"card": card["id"], "new limit": money(cents)}
    return _scenario(ledger, words, calls, "limit card", agenda(ledger, "change the limit of a card", told, "limit"))


def _new_payee(ledger: Ledger) -> Scenario:
    other = ledger.chance.pick([payee for payee in ledger.payees if payee["customer"] != ledger.customer["id"]])
    number, currency = f"XB{ledger.chance.between(100_000, 999_999)}", ledger.chance.pick(("EUR", "EUR", "USD", "CHF"))
    added = {"customer_id": ledger.customer["id"], "name": other["name"], "number": number, "currency": currency}
    words = f"Please save {other['name']} as a payee: account {number}, in {currency}."
    talk = agenda(
        ledger, "save a new payee", {"payee": other["name"], "account number": number, "currency": currency}, "save"
    )
    calls = (*of_customer(ledger, "list_payees"), Call("add_payee", added))
    return _scenario(ledger, words, calls, "new payee", talk)


def _standing(ledger: Ledger, *, today: bool = False) -> Row | None:
    """An active standing order of the customer's, paid today or on another day."""
    orders = [
        order
        for order in ledger.of_own_accounts(ledger.standing_orders)
        if order["status"] == "active"
        and ledger.account()["status"] == "open"
        and (order["day_of_month"] == ledger.now.day) == today
    ]
    return ledger.chance.pick(orders) if orders else None


def _standing_request(ledger: Ledger, order: Row) -> tuple[str, Call, Agenda]:
    """An end, or another amount, in words, as a call, and as a talk."""
    name = next(payee["name"] for payee in ledger.payees if payee["id"] == order["payee"])
    if ledger.chance.happens(0.5):
        words = f"Please cancel my standing order to {name}."
        talk = agenda(ledger, "have a standing order cancelled", {"payee": name}, "end")
        return words, Call("cancel_standing_order", {"order_id": order["id"]}), talk
    cents = order["cents"] + 100 * ledger.chance.between(5, 200)
    words = f"Please have my standing order to {name} pay {money(cents)} from now on."
    told = {"payee": name, "new amount": money(cents)}
    talk = agenda(ledger, "have a standing order pay another amount from now on", told, "alter")
    return words, Call("change_standing_order", {"order_id": order["id"], "cents": cents}), talk


def _change_standing(ledger: Ledger) -> Scenario | None:
    order = _standing(ledger)
    if order is None:
        return None
    words, call, talk = _standing_request(ledger, order)
    return _scenario(ledger, words, (*of_customer(ledger, "list_standing_orders"), call), "standing order", talk)


# Transfers


def _transfer(ledger: Ledger, cents: tuple[int, int], kind: str, day: str = "") -> Scenario | None:
    """From an own account to a payee in its currency."""
    source = ledger.chance.pick([a for a in ledger.own(ledger.accounts) if a["kind"] == "current"])
    payees, amount = ledger.payees_in(source["currency"]), ledger.chance.between(*cents)
    if not payees:
        return None
    payee = ledger.chance.pick(payees)
    if ledger.broken(source, payee, amount, day or ledger.day):
        return None
    words = f"Please transfer {money(amount, source['currency'])} from account {source['id']} to {payee['name']}"
    calls = (
        *of_customer(ledger, "list_accounts", "list_payees"),
        history(ledger, source, day or ledger.day, day or ledger.day),
        *pay(ledger, source, payee, amount, day),
    )
    talk = _paying(ledger, money(amount, source["currency"]), source["id"], payee["name"], day)
    return _scenario(ledger, f"{words}{f' on {day}' if day else ''}.", calls, kind, talk)


def _paying(ledger: Ledger, amount: str, source: str, receiver: str, day: str = "") -> Agenda:
    """A transfer, as a talk."""
    told = {"amount": amount, "account to pay from": source, "receiver": receiver}
    if day:
        return agenda(ledger, "transfer money on a later day", told | {"day": day}, "transfer")
    return agenda(ledger, "transfer money", told, "transfer", day="no certain one")


def _small_transfer(ledger: Ledger) -> Scenario | None:
    return _transfer(ledger, _SMALL, "transfer")


def _large_transfer(ledger: Ledger) -> Scenario | None:
    return _transfer(ledger, _LARGE, "approved transfer")


def _later_transfer(ledger: Ledger) -> Scenario | None:
    day = ledger.now.date() + timedelta(days=ledger.chance.between(4, 40))
    day += timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)
    return _transfer(ledger, _SMALL, "later transfer", day.isoformat())


def _own_transfer(ledger: Ledger) -> Scenario | None:
    pair = [ledger.account(), ledger.account("savings")]
    source, target = pair[::-1] if ledger.chance.happens(0.5) else pair
    cents = ledger.chance.between(*_SMALL)
    if ledger.broken(source, target, cents, ledger.day):
        return None
    words = f"Please transfer {money(cents)} from account {source['id']} to account {target['id']}."
    talk = _paying(ledger, money(cents), source["id"], f"account {target['id']}")
    if ledger.chance.happens(0.5):
        ways = {"current": "current account in EUR", "savings": "savings account"}
        words = f"Please transfer {money(cents)} from my {ways[source['kind']]} to my {ways[target['kind']]}."
        talk = _paying(ledger, money(cents), f"my {ways[source['kind']]}", f"my {ways[target['kind']]}")
    calls = (*of_customer(ledger, "list_accounts"), *pay(ledger, source, target, cents))
    return _scenario(ledger, words, calls, "own transfer", talk)


def _exchange(ledger: Ledger) -> Scenario | None:
    foreign, account = ledger.foreign, ledger.account()
    cents = 100 * ledger.chance.between(20, 1_500)
    if foreign is None or "frozen" in (foreign["status"], account["status"]) or cents > account["cents"]:
        return None
    words = f"Please exchange {money(cents)} from my account {account['id']} into {foreign['currency']}."
    exchange = Call("exchange", {"source": account["id"], "target": foreign["id"], "cents": cents})
    told = {"amount": money(cents), "account to pay from": account["id"], "currency": foreign["currency"]}
    talk = agenda(ledger, "exchange money into another currency", told, "exchange")
    return _scenario(ledger, words, (*of_customer(ledger, "list_accounts"), exchange), "exchange", talk)


# What must be found out first


def _pay_again(ledger: Ledger) -> Scenario | None:
    account = ledger.account()
    sent = [t for t in ledger.sent(account) if t["status"] == "done" and t["day"] < ledger.now.date().isoformat()]
    if not sent or len(ledger.sent(account, ledger.day)):
        return None
    name = ledger.chance.pick(sent)["name"]
    last = max((t for t in sent if t["name"] == name), key=lambda t: str(t["day"]))
    payee = next(payee for payee in ledger.own(ledger.payees) if payee["id"] == last["target"])
    if ledger.broken(account, payee, last["cents"], ledger.day):
        return None
    words = f"Please pay {name} from my account {account['id']} as much again as at my last transfer to them."
    calls = (*of_customer(ledger, "list_payees"), history(ledger, account))
    wish = "pay somebody as much again as at my last transfer to them"
    talk = agenda(ledger, wish, {"receiver": name, "account to pay from": account["id"]}, "transfer")
    return _scenario(ledger, words, (*calls, *pay(ledger, account, payee, last["cents"])), "pay again", talk)


def _top_up(ledger: Ledger) -> Scenario | None:
    account, savings = ledger.account(), ledger.account("savings")
    cents = ledger.chance.between(1_000, SINGLE_LIMIT)
    wanted = -(-(account["cents"] + cents) // 1_000) * 1_000
    cents = wanted - account["cents"]
    if ledger.broken(savings, account, cents, ledger.now.date().isoformat()) or ledger.day != f"{ledger.now:%Y-%m-%d}":
        return None
    words = (
        "Please move exactly so much from my savings account to my current account in EUR that the current account "
        f"holds {money(wanted)}."
    )
    calls = (*of_customer(ledger, "list_accounts"), *pay(ledger, savings, account, cents))
    wish = (
        "move so much from my savings account to my current account in EUR that this one holds a certain sum, exactly"
    )
    talk = agenda(ledger, wish, {"sum": money(wanted)}, "transfer")
    return _scenario(ledger, words, calls, "top up", talk)


def _if_enough(ledger: Ledger) -> Scenario | None:
    account, savings = ledger.account(), ledger.account("savings")
    payees, cards = ledger.payees_in("EUR"), ledger.of_own_accounts(ledger.cards)
    cards = [card for card in cards if card["account"] == account["id"] and card["status"] == "active"]
    if not payees or not cards:
        return None
    payee, card, cents = ledger.chance.pick(payees), ledger.chance.pick(cards), ledger.chance.between(*_SMALL)
    threshold = 10_000 * max(1, savings["cents"] // 10_000 + ledger.chance.between(-20, 20))
    if ledger.broken(account, payee, cents, ledger.day) or threshold == savings["cents"]:
        return None
    words = (
        f"If there is more than {money(threshold)} on my savings account, transfer {money(cents)} from my account "
        f"{account['id']} to {payee['name']}. If not, only block my card {card['id']}."
    )
    pays = (*of_customer(ledger, "list_payees"), *pay(ledger, account, payee, cents))
    blocks = (Call("set_card_status", {"card_id": card["id"], "active": False}),)
    then = pays if savings["cents"] > threshold else blocks
    wish = (
        "transfer money if there is more than a certain sum on my savings account, and if not, only have a card blocked"
    )
    told = {"threshold": money(threshold), "amount": money(cents), "account to pay from": account["id"]}
    talk = agenda(ledger, wish, told | {"receiver": payee["name"], "card": card["id"]})
    return _scenario(ledger, words, (*of_customer(ledger, "list_accounts"), *then), "conditional", talk)


# Several


def _pay_several(ledger: Ledger) -> Scenario | None:
    account, chance = ledger.account(), ledger.chance
    payees = chance.some(ledger.payees_in("EUR"), chance.between(2, 3))
    amounts = [chance.between(1_000, 260_000) for _ in payees]
    if len(payees) < 2 or any(ledger.broken(account, payee, max(amounts), ledger.day) for payee in payees):
        return None
    if (
        sum(amounts) > account["cents"]
        or sum(t["cents"] for t in ledger.sent(account, ledger.day)) + sum(amounts) > DAY_LIMIT
    ):
        return None
    each = ", ".join(f"{money(cents)} to {payee['name']}" for payee, cents in zip(payees, amounts, strict=True))
    pays = [pay(ledger, account, payee, cents) for payee, cents in zip(payees, amounts, strict=True)]
    calls = (*of_customer(ledger, "list_payees"), *(call for calls in pays for call in calls))
    words = f"Please transfer from my account {account['id']}: {each}. How much is that in all, in cents?"
    wish = "make several transfers from one account, and know how much that is in all, in cents"
    talk = agenda(ledger, wish, {"account to pay from": account["id"], "list of payments": each}, "transfer")
    return _scenario(ledger, words, calls, "several transfers", talk, answer=sum(amounts))


def _lost_wallet(ledger: Ledger) -> Scenario | None:
    cards = [card for card in ledger.of_own_accounts(ledger.cards) if card["status"] == "active"]
    if not cards:
        return None
    blocks = (Call("set_card_status", {"card_id": card["id"], "active": False}) for card in cards)
    words = "I have lost my wallet. Block all my cards that are active. Which ones are these? Their ids, please."
    calls = (*of_customer(ledger, "list_cards"), *blocks)
    wish = "have all my cards blocked that are active, for I have lost my wallet, and know their ids"
    answer = frozenset(card["id"] for card in cards)
    return _scenario(ledger, words, calls, "lost wallet", agenda(ledger, wish, {}), answer=answer)


def _save_instead(ledger: Ledger) -> Scenario | None:
    """End the dear standing orders, and put aside what they would have cost."""
    account, savings = ledger.account(), ledger.account("savings")
    active = [order for order in ledger.of_own_accounts(ledger.standing_orders) if order["status"] == "active"]
    least = 2_000 * ledger.chance.between(1, 30)
    dear = [order for order in active if order["cents"] > least]
    saved = sum(order["cents"] for order in dear)
    if not dear or any(order["day_of_month"] == ledger.now.day for order in active):
        return None
    if ledger.broken(account, savings, saved, ledger.day):
        return None
    words = (
        f"Please cancel all my active standing orders of more than {money(least)}, and move the sum of what they paid "
        "a month from my current account in EUR to my savings account, once."
    )
    ends = (Call("cancel_standing_order", {"order_id": order["id"]}) for order in dear)
    reads = of_customer(ledger, "list_standing_orders", "list_accounts")
    wish = (
        "have all my active standing orders of more than a certain sum cancelled, and the sum of what they paid a "
        "month moved from my current account in EUR to my savings account, once"
    )
    calls = (*reads, *ends, *pay(ledger, account, savings, saved))
    return _scenario(ledger, words, calls, "save instead", agenda(ledger, wish, {"threshold": money(least)}))


# Against a rule


def _against(rule: str) -> _Kind:
    def refused(ledger: Ledger) -> Scenario | None:
        """A transfer that this rule alone forbids: one that was right, and had one thing changed."""
        source, payees = ledger.account(), ledger.payees_in("EUR")
        if not payees:
            return None
        target, cents = ledger.chance.pick(payees), ledger.chance.between(10_000, SINGLE_LIMIT)
        source, target, cents = spoilt(ledger, rule, source, target, cents)
        if ledger.broken(source, target, cents, ledger.day) != {rule}:
            return None
        whom = target["name"] if "name" in target else f"account {target['id']}"
        words = f"Please transfer {money(cents, source['currency'])} from account {source['id']} to {whom}."
        reads = (
            *of_customer(ledger, "list_accounts", "list_payees"),
            history(ledger, source, ledger.day, ledger.day),
        )
        talk = _paying(ledger, money(cents, source["currency"]), source["id"], whom)
        return _refusal(ledger, rule, words, reads, talk)

    return refused


def spoilt(ledger: Ledger, rule: str, source: Row, target: Row, cents: int) -> tuple[Row, Row, int]:
    """The transfer, with one thing changed, in the ledger or in the request."""
    chance = ledger.chance
    match rule:
        case "R1":
            source = ledger.account(owner=ledger.stranger)
        case "R2":
            source["status"] = "frozen"
        case "R3":
            cents = SINGLE_LIMIT + chance.between(1, 200_000)
            source["cents"] = cents + chance.between(0, 400_000)
        case "R4":
            source["cents"] = cents + chance.between(0, 400_000)
            _pay_before(ledger, source, target, chance.between(DAY_LIMIT - cents + 1, DAY_LIMIT - 1))
        case "R5":
            source["cents"] = chance.between(100, cents - 1)
        case "R6":
            source = ledger.account("savings")
        case "R7":
            target = ledger.account(owner=ledger.stranger)
        case _:
            target["currency"] = "USD"
    return source, target, cents


def _pay_before(ledger: Ledger, source: Row, target: Row, cents: int) -> None:
    """Two transfers on the day of the one that is asked for."""
    status = "done" if ledger.day == ledger.now.date().isoformat() else "scheduled"
    row = {"source": source["id"], "target": target["id"], "name": target["name"], "day": ledger.day, "status": status}
    for key, part in (("trf-1", cents // 2), ("trf-2", cents - cents // 2)):
        paid = {"id": key, "cents": part, "approved": int(part > FOUR_EYES)}
        ledger.transfers.append(row | paid)


def _against_stolen(ledger: Ledger) -> Scenario | None:
    cards = [card for card in ledger.of_own_accounts(ledger.cards) if card["status"] == "stolen"]
    if not cards:
        return None
    card = ledger.chance.pick(cards)
    words, talk = _found_again(ledger, card)
    return _refusal(ledger, "R9", words, of_customer(ledger, "list_cards"), talk)


def _against_due(ledger: Ledger) -> Scenario | None:
    order = _standing(ledger, today=True)
    if order is None:
        return None
    words, _, talk = _standing_request(ledger, order)
    return _refusal(ledger, "R10", words, of_customer(ledger, "list_standing_orders"), talk)


REFUSALS: dict[str, _Kind] = {f"R{i}": _against(f"R{i}") for i in range(1, 9)} | {
    "R9": _against_stolen,
    "R10": _against_due,
}
"""By the rule."""

KINDS: tuple[tuple[_Kind, ...], ...] = (
    (_asked_balance, _asked_card, _asked_payee),
    (_block_card, _unblock_card, _limit_card, _new_payee),
    (_small_transfer, _own_transfer, _asked_sum, _change_standing),
    (_large_transfer, _later_transfer, _exchange, _asked_largest),
    (_pay_again, _top_up, _if_enough, _large_transfer),
    (_pay_several, _lost_wallet, _save_instead),
)
"""By difficulty, those that no rule forbids."""
