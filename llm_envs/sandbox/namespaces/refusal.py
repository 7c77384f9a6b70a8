"""Why a kernel, or who administers it, lets us make no box, and what to do about it."""

from __future__ import annotations

import errno
import json
from pathlib import Path

from llm_envs.errors import SandboxUnavailable

__all__ = ["no_cgroup", "refused"]

_ELSEWHERE = 'or use the backend "docker"'

_RESTRICTIONS = {
    "kernel/apparmor_restrict_unprivileged_userns": ("1", "0"),
    "kernel/unprivileged_userns_clone": ("0", "1"),
    "user/max_user_namespaces": ("0", "65536"),
    "user/max_mnt_namespaces": ("0", "65536"),
    "user/max_pid_namespaces": ("0", "65536"),
    "user/max_net_namespaces": ("0", "65536"),
}
"""Settings below /proc/sys that forbid user namespaces: the value that does, and the one that allows them."""


def no_cgroup(reason: str) -> SandboxUnavailable:
    """The error for root without a control group: limits by uid do not bind it."""
    return SandboxUnavailable(
        "the sandbox backend 'namespaces' refuses to run as root without a control group",
        expected="a cgroup with the controllers pids and memory that this process can make groups below",
        received=reason,
        next_step="Mount the cgroup file systems (Debian: cgroupfs-mount; in a container: --cgroupns=host and "
        f"/sys/fs/cgroup writable), run as an ordinary user, {_ELSEWHERE}.",
    )


def refused(said: bytes | None, settings: Path = Path("/proc/sys")) -> SandboxUnavailable:
    """The error for a launcher that has said this, or nothing in time.

    Args:
        settings: where the kernel's are found.
    """
    if said is None:
        return _unavailable(
            "the launcher did not answer in time", f"Try again when the machine is less busy, {_ELSEWHERE}."
        )
    try:
        line = json.loads(said)
        step, number, text = str(line["step"]), int(line["errno"] or 0), str(line["text"])
    except (ValueError, KeyError, TypeError):
        return _unavailable(repr(said[:200]), f"Report this as a bug, {_ELSEWHERE}.")
    return _unavailable(f"{step}: {text}", _remedy(step, number, settings))


def _unavailable(received: str, next_step: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        "the sandbox backend 'namespaces' could not start a box",
        expected="a Linux kernel of 5.12 or later that lets this user make namespaces",
        received=received,
        next_step=next_step,
    )


def _remedy(step: str, number: int, settings: Path) -> str:
    forbidding = [name for name, (forbids, _) in _RESTRICTIONS.items() if _read(settings / name) == forbids]
    if forbidding:
        commands = " ".join(f"{name.replace('/', '.')}={_RESTRICTIONS[name][1]}" for name in forbidding)
        return f"As root: sysctl -w {commands}, {_ELSEWHERE}."
    if number == errno.ENOSYS:
        return f"Update the kernel to 5.12 or later, {_ELSEWHERE}."
    if step == "proc":
        return f"In a container, start that with --security-opt systempaths=unconfined, {_ELSEWHERE}."
    if number in (errno.EPERM, errno.EACCES):
        return (
            f"In a container, start that with --security-opt seccomp=unconfined and --cap-add SYS_ADMIN, {_ELSEWHERE}."
        )
    return f"Free memory and processes, {_ELSEWHERE}."


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
