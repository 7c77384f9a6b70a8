"""What customers ask of a shop, and what a perfect agent makes of it.

Each kind of request is a function of a shop's books; it gives None where these books have nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.shop import talk
from llm_envs.envs.tools.shop.books import STREETS, Books
from llm_envs.world import Row

__all__ = ["KINDS"]


def _signed(customer: Row, words: str) -> str:
    return f"{words} My e-mail address is {customer['email']}. {customer['name']}"


def _reads(customer: Row, order: Row) -> tuple[Call, ...]:
    return (
        Call("find_customer", {"email": customer["email"]}),
        Call("list_orders", {"customer_id": customer["id"]}),
        Call("get_order", {"order_id": order["id"]}),
    )


def _asked_status(books: Books) -> Scenario | None:
    order = books.pick(books.orders)
    words = f"What is the status of my order {order['id']}?"
    calls = (Call("get_order", {"order_id": order["id"]}),)
    customer = books.customer_of(order)
    agenda = talk.agenda(customer, "know the status of an order", (talk.order_number(order),))
    return Scenario(books.rows, _signed(customer, words), calls, "status", answer=order["status"], agenda=agenda)


def _asked_total(books: Books) -> Scenario | None:
    order = books.pick(books.orders)
    total = sum(item["price"] for item in books.items_of(order))
    words = f"How much did I pay for order {order['id']} in all, in cents?"
    calls = (Call("get_order", {"order_id": order["id"]}),)
    customer = books.customer_of(order)
    wish = "know how much I paid for an order in all, in cents"
    agenda = talk.agenda(customer, wish, (talk.order_number(order),))
    return Scenario(books.rows, _signed(customer, words), calls, "total", answer=total, agenda=agenda)


def _asked_spent(books: Books) -> Scenario | None:
    order = books.pick(books.orders)
    customer = books.customer_of(order)
    orders = books.orders_where(lambda other: other["customer"] == customer["id"])
    total = sum(item["price"] for other in orders for item in books.items_of(other)) / Decimal(100)
    words = "How much have I spent on all my orders with you, whatever became of them? In euros, please, such as 12.50."
    calls = (*_reads(customer, order)[:2], *(Call("get_order", {"order_id": other["id"]}) for other in orders))
    wish = "know how much I have spent on all my orders with you, whatever became of them, in euros, such as 12.50"
    agenda = talk.agenda(customer, wish)
    return Scenario(books.rows, _signed(customer, words), calls, "spent", answer=total, agenda=agenda)


def _cancel(books: Books) -> Scenario | None:
    orders = books.orders_where(lambda order: order["status"] == "processing")
    if not orders:
        return None
    order = books.pick(orders)
    customer = books.customer_of(order)
    calls = (*_reads(customer, order), Call("cancel_order", {"order_id": order["id"]}))
    agenda = talk.cancelling(customer, order, books)
    words = f"Please cancel my order {order['id']}."
    return Scenario(books.rows, _signed(customer, words), calls, "cancel", agenda=agenda)


def _readdress(books: Books) -> Scenario | None:
    orders = books.orders_where(lambda order: order["status"] == "processing")
    if not orders:
        return None
    order = books.pick(orders)
    customer = books.customer_of(order)
    address = _address(books)
    if address == order["address"]:
        return None
    calls = (*_reads(customer, order), Call("change_address", {"order_id": order["id"], "address": address}))
    words = f"Please send my order {order['id']} to {address} instead."
    agenda = talk.readdressing(customer, order, address, books)
    return Scenario(books.rows, _signed(customer, words), calls, "address", agenda=agenda)


def _address(books: Books) -> str:
    return f"{books.rng.integers(1, 99)} {STREETS[books.rng.integers(len(STREETS))]}"


def _return(books: Books) -> Scenario | None:
    items = books.returnable()
    if not items:
        return None
    item = books.pick(items)
    order = books.order_of(item)
    customer = books.customer_of(order)
    calls = (*_reads(customer, order), *_looks(books, item), Call("return_item", {"item_id": item["id"]}))
    words = f"I want to return the {books.product(item)['name']} of order {order['id']}."
    agenda = talk.returning(customer, item, books)
    return Scenario(books.rows, _signed(customer, words), calls, "return", agenda=agenda)


def _looks(books: Books, item: Row) -> tuple[Call, ...]:
    return (Call("find_products", {"words": books.product(item)["name"]}),)


def _exchange(books: Books) -> Scenario | None:
    pairs = [
        (item, other)
        for item in books.returnable()
        for other in books.products
        if other["id"] != item["product"] and other["category"] == books.product(item)["category"] and other["stock"]
    ]
    if not pairs:
        return None
    item, other = pairs[books.rng.integers(len(pairs))]
    order = books.order_of(item)
    customer = books.customer_of(order)
    found = Call("find_products", {"words": other["name"]})
    exchange = Call("exchange_item", {"item_id": item["id"], "product_id": other["id"]})
    words = f"Please exchange the {books.product(item)['name']} of order {order['id']} for a {other['name']}."
    calls = (*_reads(customer, order), *_looks(books, item), found, exchange)
    agenda = talk.exchanging(customer, item, other, books)
    return Scenario(books.rows, _signed(customer, words), calls, "exchange", agenda=agenda)


def _forbidden_cancel(books: Books) -> Scenario | None:
    orders = books.orders_where(lambda order: order["status"] != "processing")
    order = books.pick(orders)
    customer = books.customer_of(order)
    words = f"Please cancel my order {order['id']}."
    calls, agenda = _reads(customer, order), talk.cancelling(customer, order, books)
    return Scenario(books.rows, _signed(customer, words), calls, "late cancel", refusal="R1", agenda=agenda)


def _forbidden_address(books: Books) -> Scenario | None:
    order = books.pick(books.orders_where(lambda order: order["status"] != "processing"))
    customer, address = books.customer_of(order), _address(books)
    words = f"Please send my order {order['id']} to {address} instead."
    calls, agenda = _reads(customer, order), talk.readdressing(customer, order, address, books)
    return Scenario(books.rows, _signed(customer, words), calls, "late address", refusal="R6", agenda=agenda)


def _forbidden_return(books: Books) -> Scenario | None:
    rule = ("R2", "R3")[books.rng.integers(2)]
    items = books.returnable(recent=False) if rule == "R2" else books.returnable(final_sale=True)
    if not items:
        return None
    item = books.pick(items)
    order = books.order_of(item)
    customer = books.customer_of(order)
    words = f"I want to return the {books.product(item)['name']} of order {order['id']}."
    calls = (*_reads(customer, order), *_looks(books, item))
    agenda = talk.returning(customer, item, books)
    return Scenario(books.rows, _signed(customer, words), calls, f"return against {rule}", refusal=rule, agenda=agenda)


def _forbidden_exchange(books: Books) -> Scenario | None:
    pairs = [
        (item, other)
        for item in books.returnable()
        for other in books.products
        if other["id"] != item["product"]
        and (other["category"] != books.product(item)["category"] or not other["stock"])
    ]
    if not pairs:
        return None
    item, other = pairs[books.rng.integers(len(pairs))]
    order = books.order_of(item)
    customer = books.customer_of(order)
    words = f"Please exchange the {books.product(item)['name']} of order {order['id']} for a {other['name']}."
    calls = (*_reads(customer, order), *_looks(books, item), Call("find_products", {"words": other["name"]}))
    agenda = talk.exchanging(customer, item, other, books)
    return Scenario(books.rows, _signed(customer, words), calls, "exchange against R4", refusal="R4", agenda=agenda)


def _forbidden_stranger(books: Books) -> Scenario | None:
    orders = books.orders_where(lambda order: order["status"] == "processing")
    if not orders:
        return None
    order = books.pick(orders)
    stranger = books.pick([customer for customer in books.customers if customer["id"] != order["customer"]])
    words = f"Please cancel my order {order['id']}."
    calls = (*_reads(stranger, order)[:2], Call("get_order", {"order_id": order["id"]}))
    agenda = talk.cancelling(stranger, order, books)
    return Scenario(books.rows, _signed(stranger, words), calls, "a stranger's order", refusal="R5", agenda=agenda)


def _cancel_all(books: Books) -> Scenario | None:
    open_orders = books.orders_where(lambda order: order["status"] == "processing")
    if not open_orders:
        return None
    customer = books.customer_of(books.pick(open_orders))
    orders = [order for order in open_orders if order["customer"] == customer["id"]]
    cancels = (Call("cancel_order", {"order_id": order["id"]}) for order in orders)
    words = "Please cancel all of my orders that can still be cancelled, and tell me how many these were."
    calls = (*_reads(customer, orders[0])[:2], *cancels)
    wish = "have all of my orders cancelled that can still be cancelled, and be told how many these were"
    agenda = talk.agenda(customer, wish)
    return Scenario(books.rows, _signed(customer, words), calls, "cancel all", answer=len(orders), agenda=agenda)


def _newest(books: Books) -> Scenario | None:
    customer = books.pick(books.customers)
    orders = sorted(books.orders_where(lambda o: o["customer"] == customer["id"]), key=lambda o: str(o["placed"]))
    if not orders or orders[-1]["status"] == "shipped":
        return None
    order = orders[-1]
    items = books.items_of(order)
    costly = max(items, key=lambda item: int(item["price"]))
    if order["status"] == "processing":
        last = Call("cancel_order", {"order_id": order["id"]})
    else:
        if not books.is_recent(order) or books.product(costly)["final_sale"]:
            return None
        last = Call("return_item", {"item_id": costly["id"]})
    if sum(item["price"] == costly["price"] for item in items) > 1:
        return None
    words = (
        "Look at the order that I placed last. If it is still processing, cancel it. If it was delivered, I want to "
        "return the item in it that cost the most."
    )
    calls = (*_reads(customer, order), *_looks(books, costly), last)
    wish = (
        "cancel the order that I placed last if it is still processing, and if it was delivered, return the item in "
        "it that cost the most"
    )
    agenda = talk.agenda(customer, wish)
    return Scenario(books.rows, _signed(customer, words), calls, "newest order", agenda=agenda)


KINDS: tuple[tuple[Callable[[Books], Scenario | None], ...], ...] = (
    (_asked_status, _asked_total),
    (_cancel, _readdress),
    (*(_return, _asked_spent, _cancel, _readdress) * 2, _forbidden_cancel, _forbidden_address),
    (*(_exchange, _return, _cancel) * 3, _forbidden_return, _forbidden_exchange, _forbidden_stranger),
    (*(_newest, _exchange, _return) * 2, _forbidden_return),
    (*(_cancel_all, _newest, _exchange, _cancel) * 2, _forbidden_stranger),
)
"""By difficulty; a kind that stands there more often is drawn more often.

Wherever something may be forbidden, the same is asked more often where it is not: who refuses by the words of a request
alone is mostly wrong.
"""
