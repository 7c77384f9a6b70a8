"""What goes wrong, and when: drawn by a hash of the seed and the request's number.

A request that is sent again has another number, so that no request is doomed; the same requests in the same order meet
the same faults.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from llm_envs.errors import BadOption, did_you_mean

__all__ = ["FAULTS", "Faults", "uniform"]

FAULTS: Mapping[str, str] = {
    "malformed": "JSON that breaks off, with status 200",
    "html": "a web page, with status 200",
    "truncated": "less body than Content-Length says, then the end",
    "no_choices": "an empty list of choices",
    "null_content": "a message without content",
    "reset": "the connection is reset",
    "429": "too many requests, with Retry-After",
    "500": "internal server error",
    "502": "bad gateway, as a web page",
    "503": "service unavailable",
    "hang": "no answer, ever",
    "drip": "the right answer, a few bytes at a time",
}


class Faults:
    """Which request meets which fault.

    Args:
        shares: of all requests, by fault; they sum to 1 at most.

    Raises:
        BadOption: a fault that does not exist, or shares above 1.
    """

    def __init__(self, shares: Mapping[str, float], seed: int) -> None:
        for name in shares.keys() - FAULTS.keys():
            raise BadOption(
                f"there is no fault {name!r}", expected=", ".join(FAULTS), next_step=did_you_mean(name, FAULTS)
            )
        if min(shares.values(), default=0.0) < 0.0 or sum(shares.values()) > 1.0 + 1e-9:
            raise BadOption("shares of faults are no shares", expected="0 or more, 1 in all", received=dict(shares))
        self._shares = dict(shares)
        self._seed = seed

    def of(self, number: int) -> str | None:
        """The fault that request `number` meets, if any."""
        if not self._shares:
            return None
        left = uniform(self._seed, "fault", number)
        for name, share in self._shares.items():
            left -= share
            if left < 0.0:
                return name
        return None


def uniform(seed: int, what: str, number: int) -> float:
    """A number in [0, 1), always the same one for equal arguments."""
    digest = hashlib.blake2b(f"{seed}/{what}/{number}".encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48
