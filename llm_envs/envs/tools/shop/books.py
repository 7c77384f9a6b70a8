"""The rows of a shop, and ways to choose among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from llm_envs.world import Row

__all__ = ["STREETS", "Books", "open_books"]

_DAYS_TO_RETURN = 30
_DAYS_TO_DELIVER = 3
_FIRST = ("Ada", "Ben", "Chloe", "Dev", "Elif", "Femi", "Gao", "Hana", "Ivan", "Jun", "Kira", "Liam", "Mona", "Nils")
_LAST = ("Abara", "Brandt", "Castro", "Dube", "Egger", "Fonseca", "Gruber", "Haddad", "Ito", "Jensen", "Kowal", "Lopez")
STREETS = ("Mill Lane", "Harbour Road", "Station Street", "Oak Avenue", "Church Hill", "Canal Side")
_COLOURS = ("black", "white", "red", "blue", "green", "grey")
_THINGS = {
    "lighting": ("desk lamp", "floor lamp", "reading light"),
    "kitchen": ("kettle", "toaster", "blender"),
    "sport": ("yoga mat", "jump rope", "tennis racket"),
    "travel": ("backpack", "suitcase", "neck pillow"),
    "office": ("notebook", "desk chair", "pen holder"),
}
_CUSTOMERS, _ORDERS = 8, 20
_STATUSES = ("processing", "shipped", "delivered", "delivered", "delivered")


@dataclass(frozen=True, slots=True)
class Books:
    """The rows of one shop, and ways to choose among them."""

    rng: np.random.Generator
    customers: list[Row]
    products: list[Row]
    orders: list[Row]
    items: list[Row]
    now: datetime

    @property
    def rows(self) -> dict[str, list[Row]]:
        """By table."""
        return {"customers": self.customers, "products": self.products, "orders": self.orders, "items": self.items}

    def pick(self, among: list[Row]) -> Row:
        """One of them, by chance."""
        return among[self.rng.integers(len(among))]

    def orders_where(self, holds: Callable[[Row], bool]) -> list[Row]:
        """The orders for which it holds."""
        return [order for order in self.orders if holds(order)]

    def items_of(self, order: Row) -> list[Row]:
        """What was ordered."""
        return [item for item in self.items if item["order_id"] == order["id"]]

    def order_of(self, item: Row) -> Row:
        """With which it was ordered."""
        return next(order for order in self.orders if order["id"] == item["order_id"])

    def customer_of(self, order: Row) -> Row:
        """Who placed it."""
        return next(customer for customer in self.customers if customer["id"] == order["customer"])

    def product(self, item: Row) -> Row:
        """What it is one of."""
        return next(product for product in self.products if product["id"] == item["product"])

    def is_recent(self, order: Row) -> bool:
        """R2 holds."""
        if order["delivered"] is None:
            return False
        return (self.now.date() - date.fromisoformat(order["delivered"])).days <= _DAYS_TO_RETURN

    def returnable(self, *, recent: bool = True, final_sale: bool = False) -> list[Row]:
        """Delivered items; by R2 and by R3."""
        orders = {order["id"] for order in self.orders if order["delivered"] and self.is_recent(order) == recent}
        return [i for i in self.items if i["order_id"] in orders and bool(self.product(i)["final_sale"]) == final_sale]


def open_books(rng: np.random.Generator, now: datetime) -> Books:
    """A shop as it stands at a moment."""
    products = [
        {"id": "", "name": f"{colour} {thing}", "category": category, "price": 0, "stock": 0, "final_sale": 0}
        for category, things in _THINGS.items()
        for thing in things
        for colour in rng.choice(_COLOURS, 2, replace=False).tolist()
    ]
    count = len(products)
    numbers = zip(
        rng.permutation(90)[:count] + 10,
        rng.integers(5, 250, count),
        rng.integers(0, 6, count),
        rng.random(count),
        strict=True,
    )
    for product, (number, price, stock, luck) in zip(products, numbers, strict=True):
        product |= {
            "id": f"prd-{number}",
            "price": int(price) * 100 - 1,
            "stock": int(stock),
            "final_sale": int(luck < 0.2),
        }
    firsts, lasts = rng.permutation(len(_FIRST))[:_CUSTOMERS], rng.integers(0, len(_LAST), _CUSTOMERS)
    customers = [
        {
            "id": f"cus-{number}",
            "name": f"{_FIRST[first]} {_LAST[last]}",
            "email": f"{_FIRST[first]}.{_LAST[last]}@example.com".casefold(),
            "credit": 0,
        }
        for number, first, last in zip(rng.permutation(90)[:_CUSTOMERS] + 10, firsts, lasts, strict=True)
    ]
    books = Books(rng, customers, products, [], [], now)
    _add_orders(books)
    return books


def _add_orders(books: Books) -> None:
    rng, count = books.rng, _ORDERS
    numbers, days = rng.permutation(900)[:count] + 100, rng.permutation(70)[:count] + _DAYS_TO_DELIVER
    owners, statuses = rng.integers(0, _CUSTOMERS, count), rng.integers(0, len(_STATUSES), count)
    sizes, house, street = rng.integers(1, 4, count), rng.integers(1, 99, count), rng.integers(0, len(STREETS), count)
    for i in range(count):
        status = _STATUSES[statuses[i]]
        placed = books.now.date() - timedelta(days=int(days[i]))
        delivered = placed + timedelta(days=_DAYS_TO_DELIVER) if status == "delivered" else None
        order = {
            "id": f"ord-{numbers[i]}",
            "customer": books.customers[owners[i]]["id"],
            "status": status,
            "placed": placed.isoformat(),
            "delivered": delivered and delivered.isoformat(),
            "address": f"{house[i]} {STREETS[street[i]]}",
        }
        books.orders.append(order)
        for j in rng.permutation(len(books.products))[: sizes[i]].tolist():
            product = books.products[j]
            row = {"order_id": order["id"], "product": product["id"], "price": product["price"], "status": "kept"}
            books.items.append({"id": f"itm-{1000 + len(books.items) * 7}", **row})
