"""The tables of a shop, and what its customer service can do with them.

The tools know nothing of the rules of the house: to keep those is the agent's task.
"""

from __future__ import annotations

from llm_envs.envs.tools.lookup import look_up
from llm_envs.tools import Injected, Tool, ToolError, tool
from llm_envs.world import Row, Tables, World

__all__ = ["TABLES", "TOOLS"]

TABLES = Tables("""
    CREATE TABLE customers (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, credit INTEGER NOT NULL
    );
    CREATE TABLE products (
        id TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, price INTEGER NOT NULL, stock INTEGER NOT NULL,
        final_sale INTEGER NOT NULL
    );
    CREATE TABLE orders (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, status TEXT NOT NULL, placed TEXT NOT NULL, delivered TEXT,
        address TEXT NOT NULL
    );
    CREATE TABLE items (
        id TEXT PRIMARY KEY, order_id TEXT NOT NULL, product TEXT NOT NULL, price INTEGER NOT NULL, status TEXT NOT NULL
    );
    CREATE INDEX orders_of ON orders (customer);
    CREATE INDEX items_of ON items (order_id);
""")


@tool
def find_customer(world: Injected[World], email: str) -> Row:
    """Find a customer by e-mail address.

    Args:
        email: the whole address.
    """
    return look_up(world, f"customer {email}", "SELECT * FROM customers WHERE email = ?", email.strip().casefold())


@tool
def list_orders(world: Injected[World], customer_id: str) -> list[Row]:
    """List a customer's orders, newest first.

    Args:
        customer_id: such as cus-3.
    """
    look_up(world, f"customer {customer_id}", "SELECT id FROM customers WHERE id = ?", customer_id)
    orders = "SELECT id, status, placed, delivered FROM orders WHERE customer = ? ORDER BY placed DESC"
    return world.query(orders, customer_id)


@tool
def get_order(world: Injected[World], order_id: str) -> Row:
    """Look at an order and its items.

    Args:
        order_id: such as ord-17.
    """
    items = "SELECT items.id, product, name, items.price, status FROM items JOIN products ON product = products.id"
    return {**_order(world, order_id), "items": world.query(f"{items} WHERE order_id = ?", order_id)}


@tool
def find_products(world: Injected[World], words: str) -> list[Row]:
    """Find products whose name holds all the given words, with prices, stock and whether they are on final sale.

    Args:
        words: such as "red kettle".
    """
    found = world.query("SELECT * FROM products ORDER BY id")
    return [row for row in found if all(word in row["name"] for word in words.casefold().split())]


@tool(kind="write")
def cancel_order(world: Injected[World], order_id: str) -> Row:
    """Cancel a whole order; its products go back into stock.

    Args:
        order_id: such as ord-17.
    """
    order = _order(world, order_id)
    if order["status"] == "cancelled":
        raise ToolError("E_PRECONDITION", f"{order_id} is cancelled already")
    world.execute("UPDATE orders SET status = 'cancelled' WHERE id = ?", order_id)
    held = "SELECT count(*) FROM items WHERE order_id = ? AND product = products.id"
    world.execute(f"UPDATE products SET stock = stock + ({held})", order_id)  # noqa: S608 (two constants)
    return {"order": order_id, "status": "cancelled"}


@tool(kind="write")
def return_item(world: Injected[World], item_id: str) -> Row:
    """Take an item back and credit its price to the customer.

    Args:
        item_id: such as itm-40.
    """
    item = _kept_item(world, item_id)
    world.execute("UPDATE items SET status = 'returned' WHERE id = ?", item_id)
    world.execute("UPDATE products SET stock = stock + 1 WHERE id = ?", item["product"])
    _credit(world, item, item["price"])
    return {"item": item_id, "status": "returned", "credited": item["price"]}


@tool(kind="write")
def exchange_item(world: Injected[World], item_id: str, product_id: str) -> Row:
    """Exchange an item for another product; the difference in price is credited, or taken from the credit.

    Args:
        item_id: such as itm-40.
        product_id: such as prd-9.
    """
    item = _kept_item(world, item_id)
    product = look_up(world, f"product {product_id}", "SELECT * FROM products WHERE id = ?", product_id)
    world.execute("UPDATE items SET product = ?, price = ? WHERE id = ?", product_id, product["price"], item_id)
    world.execute("UPDATE products SET stock = stock + 1 WHERE id = ?", item["product"])
    world.execute("UPDATE products SET stock = stock - 1 WHERE id = ?", product_id)
    _credit(world, item, item["price"] - product["price"])
    return {"item": item_id, "product": product_id, "credited": item["price"] - product["price"]}


@tool(kind="write")
def change_address(world: Injected[World], order_id: str, address: str) -> Row:
    """Have an order sent elsewhere.

    Args:
        order_id: such as ord-17.
        address: street and number.
    """
    _order(world, order_id)
    world.execute("UPDATE orders SET address = ? WHERE id = ?", address, order_id)
    return {"order": order_id, "address": address}


@tool(kind="write")
def give_credit(world: Injected[World], customer_id: str, cents: int) -> Row:
    """Give a customer credit out of goodwill.

    Args:
        customer_id: such as cus-3.
        cents: how much.
    """
    if not 0 < cents <= 10_000:
        raise ToolError("E_POLICY", "goodwill is between 1 and 10000 cents")
    if not world.execute("UPDATE customers SET credit = credit + ? WHERE id = ?", cents, customer_id):
        raise ToolError("E_NOT_FOUND", f"there is no customer {customer_id}")
    return {"customer": customer_id, "credited": cents}


def _order(world: World, order_id: str) -> Row:
    return look_up(world, f"order {order_id}", "SELECT * FROM orders WHERE id = ?", order_id)


def _kept_item(world: World, item_id: str) -> Row:
    item = look_up(world, f"item {item_id}", "SELECT * FROM items WHERE id = ?", item_id)
    if item["status"] != "kept":
        raise ToolError("E_PRECONDITION", f"{item_id} was returned already")
    if _order(world, item["order_id"])["status"] != "delivered":
        raise ToolError("E_PRECONDITION", f"{item_id} was not delivered")
    return item


def _credit(world: World, item: Row, cents: int) -> None:
    credit = "UPDATE customers SET credit = credit + ? WHERE id = (SELECT customer FROM orders WHERE id = ?)"
    world.execute(credit, cents, item["order_id"])


TOOLS: tuple[Tool, ...] = (
    find_customer,
    list_orders,
    get_order,
    find_products,
    cancel_order,
    return_item,
    exchange_item,
    change_address,
    give_credit,
)
