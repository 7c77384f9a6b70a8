"""What customers of the shop want and know, where a task is a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from llm_envs.envs.tools.shop.books import Books
from llm_envs.envs.tools.talk import Slot, Talk
from llm_envs.tools.user import Agenda, Fact, Plan
from llm_envs.world import Row

__all__ = ["agenda", "cancelling", "exchanging", "order_number", "readdressing", "returning"]

_THING = ("The {slot} is the {value}.", "As for the {slot}: the {value}.")
_ORDER = (
    *("order id", "order no", "which order", "what order", "which of your orders", "number of the order"),
    *("number of your order", "id of the order", "id of your order", "order reference", "order in question"),
)
_EMAIL = ("e-mail", "email", "email address", "mail address", "identity", "identify", "contact details")
_NAME = ("who are you", "who am i", "speaking with", "talking to", "full name")
_ITEM = ("article", "which product", "what product", "which one of the items", "which of the items", "items")
_PRODUCT = (
    *("replacement", "instead", "new item", "new one", "other product", "exchange it for", "exchange it with"),
    *("exchange for", "swap it for", "in exchange", "in return"),
    *("for which product", "for what product", "want in return", "want in exchange", "replace it with"),
)
_ADDRESS = (
    *("address", "new destination", "where should", "where would you", "where do you", "which street", "street"),
    *("sent to", "shipped to", "delivered to"),
)
_TALK = Talk(
    slots={
        "order number": Slot(_ORDER),
        "e-mail address": Slot(_EMAIL),
        "name": Slot(_NAME),
        "item": Slot(_ITEM, _THING),
        "new product": Slot(_PRODUCT, _THING),
        "new address": Slot(_ADDRESS),
    },
    actions={
        "cancel": ("cancel",),
        "return": ("return", "take back"),
        "exchange": ("exchange", "swap", "replace"),
        "address": ("change", "send", "ship", "deliver", "redirect"),
        "credit": ("goodwill", "voucher"),
    },
)


def agenda(customer: Row, wish: str, facts: Sequence[Fact] = (), plan: Plan | None = None) -> Agenda:
    """Of a customer, who knows who they are besides."""
    who = (_TALK.fact("e-mail address", customer["email"]), _TALK.fact("name", customer["name"], needed=False))
    return _TALK.agenda(wish, facts, who, plan)


def order_number(order: Row, books: Books | None = None) -> Fact:
    """Of an order; with the books, another one's may be said by mistake."""
    slips = tuple(other["id"] for other in books.orders if other is not order) if books else ()
    return _TALK.fact("order number", order["id"], slips)


def cancelling(customer: Row, order: Row, books: Books) -> Agenda:
    """Of a customer who wants an order cancelled."""
    return agenda(customer, "cancel an order", (order_number(order, books),), Plan("cancel", (order["id"],)))


def readdressing(customer: Row, order: Row, address: str, books: Books) -> Agenda:
    """Of a customer who wants an order sent elsewhere."""
    facts = (order_number(order, books), _TALK.fact("new address", address))
    plan = Plan("address", (order["id"], address))
    return agenda(customer, "have an order sent to another address", facts, plan)


def returning(customer: Row, item: Row, books: Books) -> Agenda:
    """Of a customer who wants to return an item."""
    name = books.product(item)["name"]
    facts = (order_number(books.order_of(item), books), _TALK.fact("item", name))
    return agenda(customer, "return an item", facts, Plan("return", (name,), _but(books, name)))


def exchanging(customer: Row, item: Row, product: Row, books: Books) -> Agenda:
    """Of a customer who wants to exchange an item for another product."""
    name, other = books.product(item)["name"], product["name"]
    facts = (order_number(books.order_of(item), books), _TALK.fact("item", name), _TALK.fact("new product", other))
    return agenda(customer, "exchange an item", facts, Plan("exchange", (name, other), _but(books, name, other)))


def _but(books: Books, *names: str) -> tuple[str, ...]:
    """All other products."""
    return tuple(product["name"] for product in books.products if product["name"] not in names)
