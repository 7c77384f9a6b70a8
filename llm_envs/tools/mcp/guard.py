"""Between us and a server that we start: no server outlives the process that started it.

    python guard.py PARENT_PID COMMAND...

The command inherits the pipes. When it ends, whatever it has started is asked to end, too, and the guard leaves with
its exit status. When the parent dies, however it does, the whole process group is killed: a server that does not look
at its standard input would stay for ever. Needs nothing but the standard library, so that it starts in milliseconds. It
does not reach programs that leave the process group on purpose.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time

__all__: list[str] = []

_CANNOT_START = 127
_LOOK_S = 0.2
"""Where the system has no descriptors of processes."""


def _main(parent: int, command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: None)  # the command gets it as well; a handler, unlike SIG_IGN, stays here
    server = os.fork()
    if server == 0:
        _become(command)
    while _is_alive(server) and os.getppid() == parent:
        _wait(server, parent)
    if os.getppid() != parent:
        os.killpg(0, signal.SIGKILL)
    os.killpg(0, signal.SIGTERM)
    return os.waitstatus_to_exitcode(os.waitpid(server, 0)[1])


def _become(command: list[str]) -> None:
    try:
        os.execvp(command[0], command)  # noqa: S606 (the user's own command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(_CANNOT_START)


def _is_alive(server: int) -> bool:
    return os.waitid(os.P_PID, server, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def _wait(server: int, parent: int) -> None:
    """Until one of them has gone, or for a moment."""
    try:
        watched = [os.pidfd_open(server), os.pidfd_open(parent)]
    except (AttributeError, OSError):
        time.sleep(_LOOK_S)
        return
    select.select(watched, [], [])


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]), sys.argv[2:]))
