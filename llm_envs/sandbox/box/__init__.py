"""What runs inside a box, and how it gets there.

No image holds any of it: the host starts a bare Python with `BOOT` and sends `sources()` as the first frame, so a box
depends on its Python alone, and host and box can never be of different versions.

    host   python3 -I -S -c BOOT [options]     first frame: sources(); then requests, answered in order
    box    zygote       stays; preloads what programs import; forks a supervisor for each request
           supervisor   reads the request; forks a candidate for each run, watches it, ends it, cleans up, answers
           candidate    gives up every right, then becomes the untrusted program

Whatever an answer says of a program's *output* is the program's word; what it says of how a run ended (status, exit
code, signal, times, `clean`) is the supervisor's, which no candidate can reach.

Requests and answers: see `llm_envs.sandbox.box.request`. Options: see `llm_envs.sandbox.box.zygote`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

__all__ = ["BOOT", "arguments", "sources"]

_PACKAGE: Final = "llm_envs.sandbox"

BOOT: Final = """\
import importlib.abc, importlib.util, json, os, sys

class Sent(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name in sources else None
    def is_package(self, name):
        return any(other.startswith(name + ".") for other in sources)
    def get_source(self, name):
        return sources[name]
    def get_code(self, name):
        return compile(sources[name], "<" + name + ">", "exec")

def receive(size):
    data = b""
    while len(data) < size:
        piece = os.read(0, size - len(data))
        if not piece:
            raise SystemExit("the host hung up before it had sent the sources")
        data += piece
    return data

sources = json.loads(receive(int.from_bytes(receive(4), "big")))
sys.meta_path.insert(0, Sent())
from llm_envs.sandbox.box.zygote import main
main(sys.argv[1:])
"""
"""What `python3 -I -S -c` is given: it makes modules of the first frame, under the names they have here."""


def arguments(**options: str) -> list[str]:
    """What a Python is started with to become a box; for the options see `llm_envs.sandbox.box.zygote`."""
    return ["-I", "-S", "-c", BOOT, *(f"--{name}={value}" for name, value in options.items())]


def sources() -> dict[str, str]:
    """Source by module name: all that a box needs of this package, as the first frame has it."""
    here = Path(__file__).parent
    found = {f"{_PACKAGE}.{path.stem}": path for path in (here.parent / "plain.py", here.parent / "languages.py")}
    found |= {f"{_PACKAGE}.box.{path.stem}": path for path in here.glob("*.py") if path.stem != "__init__"}
    empty = dict.fromkeys(("llm_envs", _PACKAGE, f"{_PACKAGE}.box"), "")
    return empty | {name: path.read_text(encoding="utf-8") for name, path in sorted(found.items())}
