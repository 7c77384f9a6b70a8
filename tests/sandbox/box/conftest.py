"""A box as its host sees it: a process that is sent the sources, then requests."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest

from llm_envs.sandbox import plain
from llm_envs.sandbox.backend import BoxOptions
from llm_envs.sandbox.box import BOOT, sources
from llm_envs.sandbox.box.frames import receive, send
from llm_envs.sandbox.worker import Worker

LIMITS = {"cpu_s": 3.0, "deadline_s": 20.0, "output_kib": 64, "processes": 32, "disk_mib": 8, "open_files": 128}


def call(function, *args, **kwargs):
    """An invocation, as a request has it."""
    named = {name: plain.encode(arg) for name, arg in kwargs.items()}
    return {"function": function, "args": [plain.encode(arg) for arg in args], "kwargs": named}


class Box:
    """Asks, and waits for the answer."""

    call = staticmethod(call)

    def __init__(self, *options, python=(sys.executable, "-I", "-S")):
        self.process = subprocess.Popen([*python, "-c", BOOT, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        send(self.process.stdin.fileno(), sources())

    def ask(self, request):
        send(self.process.stdin.fileno(), request)
        return receive(self.process.stdout.fileno())

    def answer(self, source, *given, language="python", files=(), together=False, stop_at_failure=False, **limits):
        """The whole answer to a request to run a program."""
        return self.ask(
            {
                "kind": "run",
                "source": source,
                "language": language,
                "files": {name: base64.b64encode(content).decode() for name, content in dict(files).items()},
                "given": [{"stdin": one} if isinstance(one, str) else one for one in given or ("",)],
                "limits": LIMITS | limits,
                "together": together,
                "stop_at_failure": stop_at_failure,
            }
        )

    def runs(self, source, *given, **known):
        """The runs of a program that compiles, in a box that stays clean."""
        answer = self.answer(source, *given, **known)
        assert answer["clean"], answer
        assert not answer["compile_error"] + answer["missing"] + answer["failed"]
        return answer["runs"]

    def run(self, source, given="", **known):
        """The only run of a program."""
        (run,) = self.runs(source, given, **known)
        return run

    def value(self, source, function, *args, **kwargs):
        """What a function returns."""
        run = self.run(source, call(function, *args, **kwargs))
        assert run["status"] == "ok", run
        return plain.loads(run["said"])[0]

    def close(self):
        """Hang up: the exit status of the box."""
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)


class Contained(Box):
    """In a container of the engine's; hostile programs may run in it."""

    def __init__(self, backend):
        self.worker = Worker(backend.open(""), sources())

    def ask(self, request):
        return json.loads(self.worker.ask(request, 60.0).decode("utf-8", "surrogatepass"))

    def close(self):
        self.worker.end()


@pytest.fixture(scope="module")
def box():
    """A box that separates nothing; harmless programs alone may run in it."""
    box = Box("--isolation", "none")
    yield box
    assert box.close() == 0


@pytest.fixture(scope="module")
def container(engine):
    """A box in a container, with memory for little."""
    from llm_envs.sandbox.docker.backend import Docker

    box = Contained(Docker(BoxOptions(memory_mib=256)))
    yield box
    box.close()
