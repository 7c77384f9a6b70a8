"""Compilers and Node, as this machine has them: which of its files make up a compiler, the compiler itself is asked.

It is told to say what it includes, what it links, and what it runs, for programs that use everything the standards of
C, C++ and POSIX have; so nothing here knows where a distribution keeps what. Libraries of this machine beyond those
standards stay out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

__all__ = ["compiler_files", "compiler_programs"]

_PROGRAMS = ("gcc", "g++", "as", "ld", "node")
_PARTS = ("cc1", "cc1plus", "collect2", "lto-wrapper", "liblto_plugin.so")
_FOLDERS_OF_PARTS = ("bits", "types", "gnu", "asm", "asm-generic")
_TIMEOUT_S = 60.0

_C_HEADERS = """
assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype aio alloca dirent dlfcn
endian err fcntl fnmatch ftw getopt glob grp iconv langinfo libgen malloc memory monetary nl_types poll pthread pwd
regex sched search semaphore spawn strings syslog termios ucontext unistd utime values wordexp arpa/inet net/if netdb
netinet/in netinet/tcp sys/epoll sys/eventfd sys/file sys/ioctl sys/mman sys/param sys/poll sys/prctl sys/random
sys/resource sys/select sys/sendfile sys/signalfd sys/socket sys/stat sys/statvfs sys/syscall sys/sysinfo
sys/sysmacros sys/time sys/timerfd sys/times sys/types sys/uio sys/un sys/utsname sys/wait
"""


def compiler_programs() -> dict[str, str]:
    """The programs by name, where this machine has them."""
    found = {name: shutil.which(name, path="/usr/local/bin:/usr/bin:/bin") for name in _PROGRAMS}
    return {name: path for name, path in found.items() if path}


def compiler_files() -> dict[str, str]:
    """Path in the image -> path here: all that the compilers and Node are made of, but shared libraries."""
    programs = compiler_programs()
    files = {f"/usr/bin/{name}": os.path.realpath(path) for name, path in programs.items()}
    if {"gcc", "as", "ld"} <= programs.keys():
        files |= dict(_parts_of(programs["gcc"], "c"))
    if {"g++", "as", "ld"} <= programs.keys():
        files |= dict(_parts_of(programs["g++"], "c++"))
    return files


def _parts_of(compiler: str, language: str) -> Iterator[tuple[str, str]]:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "all")
        source.write_text(_everything(language), encoding="ascii")
        told = [
            *_headers(compiler, language, str(source)),
            *_told(compiler, "-x", language, "-Wl,-t", "-pthread", "-o", f"{folder}/out", str(source), "-lm").split(),
            *(_told(compiler, f"-print-prog-name={part}").strip() for part in _PARTS),
            _told(compiler, "-print-file-name=liblto_plugin.so").strip(),
            *_own_headers(compiler, language),
        ]
        for name in told:
            path = Path(os.path.normpath(name))
            if path.is_absolute() and path.is_file() and not path.is_relative_to(folder):
                yield str(path.parent.resolve() / path.name), str(path.resolve())


def _everything(language: str) -> str:
    """A program that includes all there is, where it is there."""
    headers = [f"{name}.h" for name in _C_HEADERS.split()] + (["bits/stdc++.h"] if language == "c++" else [])
    lines = [f"#if __has_include(<{name}>)\n#include <{name}>\n#endif\n" for name in headers]
    return "".join([*lines, "int main(void) { return 0; }\n"])


def _headers(compiler: str, language: str, source: str) -> Iterator[str]:
    """All that are read, with their neighbours in folders of parts: which part is read depends on options."""
    told = _told(compiler, "-x", language, "-M", "-O2", "-D_GNU_SOURCE", source)
    found = {Path(name) for name in told.replace("\\\n", " ").split() if name.endswith((".h", ".hpp"))}
    yield from map(str, found)
    for folder in {path.parent for path in found if path.parent.name in _FOLDERS_OF_PARTS}:
        yield from (str(path) for path in folder.iterdir())


def _own_headers(compiler: str, language: str) -> Iterator[str]:
    """Every header of the compiler's own folders, and of the library of C++: the standards do not name them all."""
    told = _told(compiler, "-x", language, "-E", "-v", os.devnull)
    for folder in re.findall(r"(?m)^ (/\S+)$", told.partition("search starts here")[2]):
        if "gcc" in folder or "c++" in folder:
            yield from (str(path) for path in Path(folder).rglob("*") if path.is_file())


def _told(compiler: str, *options: str) -> str:
    done = subprocess.run(  # noqa: S603 - this machine's own compiler, on a source of ours
        [compiler, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
    )
    return done.stdout
