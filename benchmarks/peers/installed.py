"""Peers from PyPI, each in a virtual environment of its own, and what playing them gave.

A peer that cannot be installed, or breaks, is a `PeerFailed` with the reason in one line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from peers.measure import Measured

__all__ = ["PEERS", "Peer", "PeerFailed", "install", "is_installed", "play"]

_INSTALL_S = 900
"""NeMo Gym, the largest, takes a minute and a half on a fast line."""

_PLAY_S = 600
"""Three rounds of one CPU-second take a minute where every verification forks; a hang ends here."""

_INSTALLED = "installed.json"


@dataclass(frozen=True)
class Peer:
    """One peer.

    Args:
        module: the adapter in this folder, and what `--peers` calls it.
        requirements: what pip installs; the first one names the peer and its version.
        python: the oldest Python that it takes.
    """

    module: str
    requirements: tuple[str, ...]
    python: tuple[int, int] = (3, 11)

    @property
    def name(self) -> str:
        """For people."""
        return self.requirements[0].replace("==", " ")


PEERS = (
    Peer("verifiers", ("verifiers==0.1.14",)),  # the last with rollouts in-process
    Peer("gem_llm", ("gem-llm==0.1.0", "datasets", "pylatexenc")),  # it declares neither of the two
    Peer("openenv", ("openenv==0.10.0",)),
    Peer("skyrl_gym", ("skyrl-gym==0.4.0",)),
    Peer("reasoning_gym", ("reasoning-gym==0.1.25",)),
    Peer("nemo_gym", ("nemo-gym==0.4.0", "math-verify==0.8.0"), python=(3, 12)),  # as its server pins it
)


class PeerFailed(Exception):
    """Why there is no figure."""


def install(peer: Peer, folder: Path) -> Path:
    """Install the peer under `folder`, unless it is there; its Python.

    Raises:
        PeerFailed: no Python is new enough, or pip failed.
    """
    home = folder / peer.module
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if is_installed(peer, folder):
        return python
    _run([_python_for(peer), "-m", "venv", "--clear", str(home)], _INSTALL_S)
    _run([str(python), "-m", "pip", "install", "--quiet", *peer.requirements], _INSTALL_S)
    (home / _INSTALLED).write_text(json.dumps(peer.requirements), encoding="utf-8")
    return python


def is_installed(peer: Peer, folder: Path) -> bool:
    """It is there, whole."""
    return (folder / peer.module / _INSTALLED).exists()


def play(peer: Peer, python: Path, episodes: Path, *, budget_s: float, rounds: int) -> list[Measured]:
    """Let the adapter play the episodes with the peer's Python.

    Raises:
        PeerFailed: it broke, hung, or gave wrong rewards.
    """
    command = [str(python), "-m", f"peers.{peer.module}", str(episodes), str(budget_s), str(rounds)]
    lines = _run(command, _PLAY_S).splitlines()
    measured = [Measured(**json.loads(line)) for line in lines if line.startswith('{"what"')]
    if not measured:
        raise PeerFailed("the adapter printed no figure")
    return measured


def _run(command: Sequence[str], timeout_s: float) -> str:
    """Run in `benchmarks/`, where `-m peers.x` finds the adapters and no peer's name is shadowed; stdout."""
    try:
        done = subprocess.run(  # noqa: PLW1510 (the return code is read below)
            command, cwd=Path(__file__).parents[1], timeout=timeout_s, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired:
        raise PeerFailed(f"no end after {timeout_s:g} s") from None
    if done.returncode:
        raise PeerFailed((done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1])
    return done.stdout


def _python_for(peer: Peer) -> str:
    """The first Python that is new enough: this one, those on the path, those of pyenv."""
    wanted = ".".join(map(str, peer.python))
    for python in _pythons():
        probe = [python, "-c", f"import sys, venv; sys.exit(sys.version_info < {peer.python})"]
        if subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return python
    raise PeerFailed(f"needs Python {wanted}, and none was found")


def _pythons() -> Iterator[str]:
    yield sys.executable
    yield from filter(None, (shutil.which(f"python3.{minor}") for minor in (12, 13, 14)))
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(root.glob("versions/3.*/bin/python")))
