"""Engines that do not answer, and what they say."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from llm_envs.errors import MissingExtra, SandboxUnavailable
from llm_envs.sandbox.docker.engine import connect, is_gone
from llm_envs.sandbox.sandbox import Sandbox


def test_a_daemon_that_is_down(monkeypatch, tmp_path):
    """No socket: start it, or do without."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(SandboxUnavailable, match="no Docker engine answers") as caught:
        connect()
    assert "systemctl start docker" in caught.value.next_step
    assert is_gone(caught.value)


def test_a_daemon_that_has_died(monkeypatch, tmp_path):
    """Its socket is there, and nobody listens."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead.sock"))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/dead.sock")
    with pytest.raises(SandboxUnavailable, match="no Docker engine answers") as caught:
        connect()
    assert is_gone(caught.value)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_socket_of_others(tmp_path):
    """No permission: join the group."""
    tmp_path.chmod(0o755)
    code = (
        "import os; os.setgroups([]); os.setresgid(65534, 65534, 65534); os.setresuid(65534, 65534, 65534)\n"
        "from llm_envs.sandbox.docker.engine import connect\n"
        "try: connect()\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    with socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(tmp_path / "root.sock"))
        (tmp_path / "root.sock").chmod(0o600)
        engine.listen()
        fork = f"import docker, llm_envs.sandbox.docker.engine\n{code}"  # imported before it becomes nobody
        told = subprocess.run(
            [sys.executable, "-c", fork],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "DOCKER_HOST": f"unix://{_open_path(tmp_path)}/root.sock"},
        ).stdout
    assert told.startswith("SandboxUnavailable the Docker engine does not talk to this user"), told
    assert "usermod -aG docker" in told


def _open_path(path):
    """Folders above that others may pass."""
    for folder in path.parents:
        if folder.stat().st_uid == os.getuid() and "pytest" in str(folder):
            folder.chmod(0o755)
    return path


def test_an_address_that_is_none(monkeypatch):
    """DOCKER_HOST is the user's to set right."""
    monkeypatch.setenv("DOCKER_HOST", "nonsense://x")
    with pytest.raises(SandboxUnavailable, match="cannot be used"):
        connect()


def test_the_package_is_missing(monkeypatch):
    """Its pip line."""
    monkeypatch.setitem(sys.modules, "docker", None)
    with pytest.raises(MissingExtra, match=r"llm-envs\[docker\]"):
        Sandbox("docker").backend  # noqa: B018 - asking finds out
