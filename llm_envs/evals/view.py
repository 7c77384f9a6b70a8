"""The report of a run while it goes on, or of all runs in a folder, served to this machine alone.

It listens on 127.0.0.1. Every request carries a token that is drawn when the server starts, and names this machine as
its host: other users do not know the token, and a web page that has its own name resolve to this machine (DNS
rebinding) names another host. Nothing can be changed through it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from llm_envs.errors import BadOption, BrokenRun, LLMEnvsError
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.report.following import Following
from llm_envs.evals.report.page import Source, head, tail
from llm_envs.evals.report.picture import image_type, inside

__all__ = ["Viewer"]

_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_FILE_POLICY = "default-src 'none'; sandbox"
"""Of files that an episode left: nothing in them runs."""


class Answer(NamedTuple):
    """What a request gets."""

    status: HTTPStatus
    kind: str
    body: bytes
    headers: Mapping[str, str] = {}


class Viewer:
    """A server for one run, or for a folder of them; it serves from `serve` on.

    Args:
        path: of a run, or of a folder with runs in it.
        port: 0 takes any that is free.

    Raises:
        BrokenRun: there is no such folder.
        BadOption: the port is taken.
    """

    def __init__(self, path: Path, port: int = 0) -> None:
        if not path.is_dir():
            raise BrokenRun(
                f"there is no folder {path}",
                expected="a run, or a folder with runs in it",
                received=str(path),
                next_step="Name the folder that the run said it was kept in; by default that is one in runs.",
            )
        self.path = path
        self.token = secrets.token_urlsafe(16)
        self.is_run = (path / "run.json").exists()
        self._followed: dict[str, Following] = {}
        self._lock = Lock()
        if self.is_run:
            RunFolder.open(path)  # what is wrong with it is told now
        self._server = _listen(port)
        self._server.viewer = self

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @cached_property
    def address(self) -> str:
        """What to open in a browser."""
        return f"http://127.0.0.1:{self.port}/?token={self.token}"

    def serve(self) -> None:
        """Answer requests until `stop`, or for ever."""
        self._server.serve_forever(poll_interval=0.2)

    def stop(self) -> None:
        """Make `serve` return, from another thread."""
        self._server.shutdown()

    def close(self) -> None:
        """Let go of the port, and of what was read."""
        self._server.server_close()
        for run in self._followed.values():
            run.close()

    def answer(self, target: str, host: str | None) -> Answer:
        """What a request for `target` gets."""
        if host not in {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}:
            return _text(HTTPStatus.FORBIDDEN, "This server answers to 127.0.0.1 only.")
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        if not hmac.compare_digest(query.get("token", [""])[0].encode(), self.token.encode()):
            return _text(HTTPStatus.FORBIDDEN, "Open the address that llm-envs view has printed: it has a token in it.")
        try:
            return self._route(parts.path, query)
        except LLMEnvsError as error:
            return _text(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))

    def _route(self, path: str, query: dict[str, list[str]]) -> Answer:
        if self.is_run:
            return self._of_run(self._follow(""), path.removeprefix("/"), query)
        if path == "/":
            return _page(self.path.resolve().name, "runs")
        if path == "/index":
            return _json({"folder": str(self.path), "runs": [_line(folder) for folder in self._runs().values()]})
        _, kind, name, rest = (*path.split("/", 3), "", "", "")[:4]
        if kind != "run" or unquote(name) not in self._runs():
            return _text(HTTPStatus.NOT_FOUND, "There is no such run.")
        return self._of_run(self._follow(unquote(name)), rest, query)

    def _of_run(self, run: Following, what: str, query: dict[str, list[str]]) -> Answer:
        first, _, rest = what.partition("/")
        if what == "":
            return _page(run.folder.path.resolve().name, "live")
        if what == "index":
            return _json(run.index(_number(query.get("after", ["0"])[0])))
        if first == "chunk" and (chunk := run.chunk(_number(rest))) is not None:
            return Answer(HTTPStatus.OK, "application/octet-stream", chunk)
        if first == "file" and (file := inside(run.folder.path, unquote(rest))) is not None:
            return _file(file)
        return _text(HTTPStatus.NOT_FOUND, "There is nothing here.")

    def _follow(self, name: str) -> Following:
        with self._lock:
            if name not in self._followed:
                self._followed[name] = Following(RunFolder.open(self.path / name))
            return self._followed[name]

    def _runs(self) -> dict[str, Path]:
        """Folders with a run in them, the newest first."""
        found = [path for path in self.path.iterdir() if (path / "run.json").is_file()]
        return {path.name: path for path in sorted(found, key=_changed_s, reverse=True)}


class _Server(ThreadingHTTPServer):
    """Knows whose requests it hears."""

    daemon_threads = True
    viewer: Viewer


class _Handler(BaseHTTPRequestHandler):
    """Passes requests on, and says nothing about them."""

    server: _Server
    server_version = "llm-envs"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        answer = self.server.viewer.answer(self.path, self.headers.get("Host"))
        self.send_response(answer.status)
        headers = {"Content-Type": answer.kind, "Content-Length": str(len(answer.body)), **_HEADERS, **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
        """Requests are nobody's business."""


def _listen(port: int) -> _Server:
    try:
        return _Server(("127.0.0.1", port), _Handler)
    except (OSError, OverflowError) as error:
        raise BadOption(
            f"port {port} cannot be used",
            expected="a port that is free",
            received=f"{type(error).__name__}: {error}",
            next_step="Name another by --port, or leave --port out: any free one will do.",
        ) from error


def _page(title: str, source: Source) -> Answer:
    text = head(f"{title} · llm-envs", source, ()) + "".join(tail(()))
    return Answer(HTTPStatus.OK, "text/html; charset=utf-8", text.encode("utf-8", "replace"))


def _json(value: Any) -> Answer:
    return Answer(HTTPStatus.OK, "application/json", json.dumps(value, separators=(",", ":")).encode("ascii"))


def _text(status: HTTPStatus, text: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", f"{text}\n".encode("utf-8", "replace"))


def _file(path: Path) -> Answer:
    """A file of an episode: images are shown, anything else is handed over to be saved."""
    body = path.read_bytes()
    kind = image_type(body)
    headers = {"Content-Security-Policy": _FILE_POLICY, "Content-Disposition": "inline" if kind else "attachment"}
    return Answer(HTTPStatus.OK, kind or "application/octet-stream", body, headers)


def _number(text: str) -> int:
    """A row or a chunk; -1 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else -1


def _changed_s(path: Path) -> float:
    journal = path / "journal.log"
    return (journal if journal.exists() else path / "run.json").stat().st_mtime


def _line(path: Path) -> dict[str, str]:
    """What the list of runs says of one."""
    plain = {"name": path.name, "changed": f"{datetime.fromtimestamp(_changed_s(path)).astimezone():%Y-%m-%d %H:%M}"}
    try:
        about = RunFolder.open(path).about
    except BrokenRun as error:
        return {**plain, "kind": error.message, "envs": "", "model": "", "size": ""}
    plan, config = about.get("plan", {}), about.get("config", {})
    envs = [str(env.get("label", "")) for env in plan.get("envs", ())] or [str(config.get("env", ""))]
    size = len(envs) * plan.get("tasks", 0) * plan.get("samples", 0)
    model = str(plan.get("model", config.get("model", "")))
    told = {"kind": str(about.get("kind", "")), "envs": ", ".join(envs), "model": model}
    return {**plain, **told, "size": f"{size:,}" if size else ""}
