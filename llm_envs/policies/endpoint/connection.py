"""HTTP, and nothing else: one pool of connections that stay open, no more of them than questions.

What it deliberately does not do: it follows no redirection, since the key would travel with it; and it decides nothing
about deadlines and retries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from llm_envs.access import Key
from llm_envs.errors import EndpointRefused
from llm_envs.policies.endpoint.answers import NoAnswer

__all__ = ["Connection", "Response"]

_IDLE_S = 4.0
"""Servers such as uvicorn close a connection that was idle for 5 s: a question sent in that moment would be lost."""

_CONNECT_S = 30.0
_MOST_BYTES = 64 * 2**20
"""Of a response; no model says as much, and a server that never stops must not fill the memory."""

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Response(NamedTuple):
    """What came back; header names in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """To one endpoint. Made inside an event loop, and closed there.

    Args:
        most: connections at a time.
    """

    def __init__(self, base_url: str, key: Key, most: int) -> None:
        self._base_url = base_url
        self._key = key
        self._proxy = _proxy(base_url)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=most, keepalive_timeout=_IDLE_S, ttl_dns_cache=300),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Content-Type": "application/json", "Accept": "application/json", **key.headers},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
        )

    async def close(self) -> None:
        """Let go of all connections."""
        await self._session.close()

    async def ask(self, path: str, question: bytes | None = None) -> Response:
        """What the endpoint says to a POST of `question`; to a GET, where there is none.

        Raises:
            NoAnswer: nothing that is HTTP came back, or not all of it.
            EndpointRefused: it is not who it says it is.
        """
        method = "GET" if question is None else "POST"
        url = self._base_url + path
        try:
            async with self._session.request(
                method, url, data=question, allow_redirects=False, proxy=self._proxy
            ) as response:
                body = self._key.hide_in(await _body(response))
                return Response(response.status, response.headers, body)
        except aiohttp.ClientConnectorCertificateError as error:
            raise EndpointRefused(
                f"the certificate of {self._base_url} cannot be trusted",
                received=self._key.hide(str(error)),
                next_step="Check the address; of a certificate of your own, set SSL_CERT_FILE.",
            ) from None  # exceptions of aiohttp hold the headers, and with them the key
        except aiohttp.InvalidURL:
            raise EndpointRefused(f"{self._base_url} is no address") from None
        except (aiohttp.ClientError, OSError) as error:
            reason = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise NoAnswer(self._key.hide(reason), overloaded=isinstance(error, TimeoutError)) from None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    pieces, left = [], _MOST_BYTES
    async for piece in response.content.iter_any():
        pieces.append(piece)
        left -= len(piece)
        if left < 0:
            raise NoAnswer(f"a response of more than {_MOST_BYTES >> 20} MiB")
    return b"".join(pieces)


def _proxy(base_url: str) -> str | None:
    """What the environment says, as curl reads it; none on this machine."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    return None if host in _LOOPBACK or proxy_bypass(host) else getproxies().get(parts.scheme)
