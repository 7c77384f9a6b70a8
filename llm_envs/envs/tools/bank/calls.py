"""What a perfect agent calls to find things out at a bank, and to pay."""

from __future__ import annotations

from datetime import timedelta

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.bank.ledger import Ledger
from llm_envs.envs.tools.bank.service import FOUR_EYES, code_of
from llm_envs.world import Row

__all__ = ["history", "of_customer", "pay"]


def of_customer(ledger: Ledger, *tools: str) -> tuple[Call, ...]:
    """Reads of these names, about the customer who writes."""
    return tuple(Call(name, {"customer_id": ledger.customer["id"]}) for name in tools)


def history(ledger: Ledger, account: Row, since: str = "", until: str = "") -> Call:
    """What went through an account, from one day to another; in the last 60 days unless days are given."""
    first = (ledger.now.date() - timedelta(days=60)).isoformat()
    days = {"since": since or first, "until": until or ledger.now.date().isoformat()}
    return Call("list_transfers", {"account_id": account["id"], **days})


def pay(ledger: Ledger, source: Row, target: Row, cents: int, day: str = "") -> tuple[Call, ...]:
    """Request, approval where it is due, confirmation."""
    day = day or ledger.day
    code = {"code": code_of(ledger.secret, source["id"], target["id"], cents, day)}
    request = Call("request_transfer", {"source": source["id"], "target": target["id"], "cents": cents, "day": day})
    approval = (Call("ask_approval", code),) if cents > FOUR_EYES else ()
    return (request, *approval, Call("confirm_transfer", code))
