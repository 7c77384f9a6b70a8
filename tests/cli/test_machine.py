"""What is found on a machine."""

from __future__ import annotations

import json
import socketserver
import threading

import pytest

from llm_envs.cli import machine
from llm_envs.cli.machine import chromium, docker_version, extras, need


@pytest.fixture(autouse=True)
def _looks_again():
    for found in (docker_version, chromium, extras, need):
        found.cache_clear()
    yield
    for found in (docker_version, chromium, extras, need):
        found.cache_clear()


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A socket that answers as a Docker engine does."""

    class Answer(socketserver.StreamRequestHandler):
        def handle(self):
            asked = self.rfile.readline()
            body = json.dumps({"Version": "28.1"} if asked.startswith(b"GET /version ") else {}).encode()
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" + body)

    with socketserver.UnixStreamServer(str(tmp_path / "docker.sock"), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
        yield
        server.shutdown()


@pytest.mark.usefixtures("engine")
def test_an_engine_that_answers_is_here():
    """Its version is asked, without the docker package."""
    assert docker_version() == "28.1"
    assert need("docker engine").here


@pytest.mark.parametrize("host", ["unix:///no/such.sock", "tcp://127.0.0.1:9", "ssh://nobody@nowhere"])
def test_an_engine_that_does_not_answer_is_not_here(monkeypatch, host):
    """A wrong address is no error: the engine is not here."""
    monkeypatch.setenv("DOCKER_HOST", host)
    assert docker_version() is None
    assert not need("docker engine").here
    assert "Docker" in need("docker engine").remedy


def test_a_browser_is_found_on_the_path_or_in_playwrights_folder(monkeypatch, tmp_path):
    """Playwright's download counts where no other is installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    assert chromium() is None
    program = tmp_path / "playwright" / "chromium-1200" / "chrome-linux" / "chrome"
    program.parent.mkdir(parents=True)
    program.touch(mode=0o755)
    chromium.cache_clear()
    assert chromium() == str(program)


def test_extras_are_read_from_the_distribution():
    """An extra that brings another one brings its packages; what developers need is left out."""
    assert {"torch", "transformers"} <= set(extras()["train"])
    assert "dev" not in extras()


def test_an_unknown_extra_is_not_here():
    """What no distribution offers cannot be there."""
    assert not need("nonesuch").here


def test_versions_of_absent_packages_are_none():
    """A package that is not installed has no version."""
    assert machine.version_of("no-such-package") is None
