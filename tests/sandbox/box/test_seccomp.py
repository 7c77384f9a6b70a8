"""What the kernel refuses to programs."""

from __future__ import annotations

import pytest

SOCKET = """
import socket

def made(family):
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.strerror
"""


@pytest.mark.parametrize("family", [1, 2])
def test_sockets_that_programs_need_can_be_made(box, family):
    """Of files, and of the internet: asyncio and multiprocessing make them."""
    assert box.value(SOCKET, "made", family) is None


@pytest.mark.parametrize("family", [5, 17, 21, 29, 30, 38, 40, 44])
def test_sockets_of_other_families_cannot_be_made(box, family):
    """No network namespace holds those that lead from a virtual machine to its host (40)."""
    assert box.value(SOCKET, "made", family) == "Address family not supported by protocol"


def test_pairs_of_sockets_can_be_made(box):
    """They have a call of their own, which knows the same families."""
    source = "import socket\n\ndef both():\n a, b = socket.socketpair()\n a.send(b'x')\n return b.recv(1)"
    assert box.value(source, "both") == b"x"


def test_the_user_has_a_name_and_a_home(box):
    """Libraries ask for both."""
    source = (
        "import getpass, os\n\ndef who():\n    return getpass.getuser(), os.path.samefile(os.path.expanduser('~'), '.')"
    )
    assert box.value(source, "who") == ("program", True)
