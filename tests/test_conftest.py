"""The guard that keeps tests off the network."""

from __future__ import annotations

import socket

import pytest
from network import NetworkUsed


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("2001:db8::1", 80)])
def test_other_machines_cannot_be_reached(address):
    """A connection to another machine is stopped before a packet leaves."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(NetworkUsed):
        client.connect(address)


def test_names_are_not_looked_up():
    """A host name is refused before anybody is asked about it."""
    with pytest.raises(NetworkUsed):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_can_be_reached():
    """Loopback works: services under test may listen there."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()
