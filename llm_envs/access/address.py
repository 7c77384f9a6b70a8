"""Where an endpoint is. A key never stands in it: addresses are printed, journalled and shared."""

from __future__ import annotations

from urllib.parse import urlsplit

from llm_envs.errors import BadOption

__all__ = ["checked_address"]

_EXAMPLE = "http://host:port/v1 or https://host/v1, and nothing after it"


def checked_address(base_url: str) -> str:
    """The address without a slash at its end.

    Raises:
        BadOption: it is none, or holds a key; the message does not repeat it.
    """
    parts = urlsplit(base_url)
    if "@" in parts.netloc or parts.query:
        raise BadOption(
            "an endpoint's address holds a password, a key or a query",
            expected=_EXAMPLE,
            received=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path} and something secret",
            next_step="Take it out of the address, and set LLM_ENVS_API_KEY in the environment instead.",
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.fragment or not _has_port(base_url):
        raise BadOption(
            "this is no endpoint's address",
            expected=_EXAMPLE,
            received=base_url,
            next_step="Write it as the server prints it, such as http://127.0.0.1:8000/v1.",
        )
    return base_url.rstrip("/")


def _has_port(base_url: str) -> bool:
    """Whether the port is one, or left out."""
    try:
        return urlsplit(base_url).port != 0
    except ValueError:
        return False
