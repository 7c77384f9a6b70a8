"""The guard that keeps tests off the network."""

from __future__ import annotations

import ipaddress
import socket


class NetworkUsed(BaseException):
    """A test reached for another machine; a BaseException, so that no fallback can hide it."""


def cut_off(monkeypatch):
    """Sockets connect to this machine alone, and names other than `localhost` are not looked up."""
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded_connect(self, address):
        _require_local(self.family, address)
        return connect(self, address)

    def guarded_connect_ex(self, address):
        _require_local(self.family, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host, *arguments, **options):
        _require_local(socket.AF_INET, (host,))
        return getaddrinfo(host, *arguments, **options)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)


def _require_local(family, address):
    if family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
        raise NetworkUsed(f"tests run with the network off, and this one wants {address!r}")


def _is_local(host):
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False
