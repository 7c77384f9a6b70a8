"""What customers of the shop want and know, where a task is a conversation."""

from __future__ import annotations

from collections.abc import Mapping

from llm_envs.envs.tools.shop.books import Books
from llm_envs.tools.user import Agenda, Fact, Plan
from llm_envs.world import Row

__all__ = ["agenda", "cancelling", "exchanging", "order_number", "readdressing", "returning"]

_ACTIONS: Mapping[str, tuple[str, ...]] = {
    "cancel": ("cancel",),
    "return": ("return", "take back"),
    "exchange": ("exchange", "swap", "replace"),
    "address": ("change", "send", "ship", "deliver", "redirect"),
    "credit": ("goodwill", "voucher"),
}
_ORDER = (
    *("order id", "order no", "which order", "what order", "which of your orders", "number of the order"),
    *("number of your order", "id of the order", "id of your order", "order reference", "order in question"),
)
_EMAIL = ("e-mail", "email", "email address", "mail address", "identity", "identify", "contact details")
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


def agenda(customer: Row, wish: str, facts: tuple[Fact, ...] = (), plan: Plan | None = None) -> Agenda:
    """Of a customer, who knows who they are besides."""
    email = Fact("e-mail address", customer["email"], _EMAIL)
    name = Fact(
        "name", customer["name"], ("who are you", "who am i", "speaking with", "talking to", "full name"), needed=False
    )
    return Agenda(wish, (*facts, email, name), plan, _ACTIONS)


def order_number(order: Row, books: Books | None = None) -> Fact:
    """Of an order; with the books, another one's may be said by mistake."""
    slips = tuple(other["id"] for other in books.orders if other is not order) if books else ()
    return Fact("order number", order["id"], _ORDER, slips=slips)


def cancelling(customer: Row, order: Row, books: Books) -> Agenda:
    """Of a customer who wants an order cancelled."""
    return agenda(customer, "cancel an order", (order_number(order, books),), Plan("cancel", (order["id"],)))


def readdressing(customer: Row, order: Row, address: str, books: Books) -> Agenda:
    """Of a customer who wants an order sent elsewhere."""
    facts = (order_number(order, books), Fact("new address", address, _ADDRESS))
    plan = Plan("address", (order["id"], address))
    return agenda(customer, "have an order sent to another address", facts, plan)


def returning(customer: Row, item: Row, books: Books) -> Agenda:
    """Of a customer who wants to return an item."""
    order, name = books.order_of(item), books.product(item)["name"]
    facts = (order_number(order, books), _thing("item", name, _ITEM))
    return agenda(customer, "return an item", facts, Plan("return", (name,), _others(books, name)))


def exchanging(customer: Row, item: Row, product: Row, books: Books) -> Agenda:
    """Of a customer who wants to exchange an item for another product."""
    order, name = books.order_of(item), books.product(item)["name"]
    thing, other = _thing("item", name, _ITEM), _thing("new product", product["name"], _PRODUCT)
    plan = Plan("exchange", (name, product["name"]), _others(books, name, product["name"]))
    return agenda(customer, "exchange an item", (order_number(order, books), thing, other), plan)


def _thing(slot: str, name: str, questions: tuple[str, ...]) -> Fact:
    return Fact(slot, name, questions, ("The {slot} is the {value}.", "As for the {slot}: the {value}."))


def _others(books: Books, *names: str) -> tuple[str, ...]:
    return tuple(product["name"] for product in books.products if product["name"] not in names)
