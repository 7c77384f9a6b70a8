"""The files of an image: the running Python, its standard library, a shell, and the libraries that all of them load.

Everything is taken from this machine, so an image needs no network and no distribution, and is of the very Python that
asks for it. Files keep nobody's ownership and no setuid bit. A library from outside the system's folders, as pyenv and
conda have them, lies beside libc, where every loader looks.

It deliberately copies no `site-packages` but those of the packages that are to be preloaded, and nothing of the host's
`/etc`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from llm_envs.sandbox.docker.compilers import compiler_files, compiler_programs

__all__ = ["PYTHON", "SITE", "WRITABLE", "Entry", "distributions", "fingerprint", "tree"]

PREFIX = "/usr/local"
PYTHON = f"{PREFIX}/bin/python3"

_UNUSED = {"site-packages", "dist-packages", "test", "idlelib", "tkinter", "turtledemo", "ensurepip", "pydoc_data"}
"""Folders of the standard library that no program in a sandbox needs: half of its size."""

_UNUSED_FILE = re.compile(r"\.opt-[12]\.pyc$|\.a$|\.exe$|^_tkinter\..*\.so$")

SHELL = (
    *(
        "sh",
        "bash",
        "env",
        "true",
        "false",
        "echo",
        "printf",
        "test",
        "expr",
        "seq",
        "sleep",
        "date",
        "timeout",
        "xargs",
    ),
    *(
        "ls",
        "cat",
        "head",
        "tail",
        "tac",
        "wc",
        "cut",
        "paste",
        "sort",
        "uniq",
        "tr",
        "nl",
        "tee",
        "split",
        "comm",
        "join",
    ),
    *(
        "cp",
        "mv",
        "rm",
        "ln",
        "mkdir",
        "rmdir",
        "touch",
        "chmod",
        "stat",
        "du",
        "readlink",
        "realpath",
        "mktemp",
        "find",
    ),
    *("basename", "dirname", "pwd", "id", "uname", "grep", "sed", "awk", "diff", "cmp", "tar", "gzip", "gunzip"),
    *("md5sum", "sha256sum", "base64", "od", "fold", "shuf", "which", "file", "make"),
)
"""What programs and people expect of a shell; what this machine does not have, an image lacks."""

_LIBC = re.compile(r"libc\.so|libc\.musl|ld-musl")
_LATE = ("libgcc_s.so.1",)
"""Libraries that glibc loads by itself when a thread ends, and that no program names."""

ETC = {
    "etc/passwd": "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
FOLDERS = ("proc", "sys", "dev", "etc", "usr", "usr/bin")
WRITABLE = ("/box", "/tmp", "/dev/shm")  # noqa: S108 - inside the box
"""Where programs may write; the first is their working folder."""


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """A file, folder or link of an image.

    Args:
        name: its path in the image, without the leading slash.
        source: the file on this machine that it is a copy of; "" for a folder, a link, or `text`.
        link: where a link points.
    """

    name: str
    source: str = ""
    link: str = ""
    text: str = ""
    mode: int = 0o755


def tree(packages: Iterable[str] = (), *, compilers: bool = False) -> list[Entry]:
    """All entries of an image that runs Python, and other languages on request.

    Args:
        packages: distributions of this machine that it has installed.
    """
    copied = _copied(packages) | (compiler_files() if compilers else {})
    libraries = loaded_by([source for source in copied.values() if _loads_libraries(source)], inside=copied.values())
    return sorted([*_skeleton(), *(copy_of(name, source) for name, source in {**libraries, **copied}.items())])


def fingerprint(packages: Iterable[str] = (), *, compilers: bool = False) -> str:
    """What tells one image from another: in a few milliseconds, without asking what loads which library.

    Installing a library renews the loader's cache, and so makes another image. Byte code is left out: it follows from
    the source, and comes into being as modules are imported.
    """
    parts = [
        _layout(),
        *(
            f"{name} {_state(source)}"
            for name, source in sorted(_copied(packages).items())
            if not name.endswith(".pyc")
        ),
    ]
    parts.append(_state("/etc/ld.so.cache"))
    if compilers:
        parts += [f"{name} {os.path.realpath(path)} {_state(path)}" for name, path in compiler_programs().items()]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _layout() -> str:
    """This very code: what it would make of the same machine tomorrow."""
    here = Path(__file__)
    return "".join(path.read_text(encoding="utf-8") for path in (here, here.with_name("compilers.py")))


def _state(path: str) -> str:
    try:
        found = Path(path).stat()
    except OSError:
        return "absent"
    return f"{found.st_size} {found.st_mtime_ns} {found.st_mode:o}"


def _copied(packages: Iterable[str]) -> dict[str, str]:
    """Path in the image -> path here, of all but the libraries that follow from these."""
    return {
        **dict(_standard_library()),
        **dict(_installed(packages)),
        f"{PREFIX}/bin/{_VERSION}": _interpreter(),
        **_shell(),
    }


_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
_STDLIB = f"{PREFIX}/{sys.platlibdir}/{_VERSION}"
SITE = f"{_STDLIB}/site-packages"
"""Where an image has installed packages."""


def _interpreter() -> str:
    """The file that runs: a virtual environment's is a link to it."""
    return os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)


def _skeleton() -> Iterator[Entry]:
    yield from (Entry(name) for name in FOLDERS)
    yield from (Entry(name.lstrip("/"), mode=0o1777) for name in WRITABLE)
    yield from (Entry(name, text=text, mode=0o644) for name, text in ETC.items())
    yield Entry(PYTHON.lstrip("/"), link=_VERSION)
    yield from (Entry(f"usr/bin/{name}", link=PYTHON) for name in ("python3", "python"))
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if Path("/", name).is_symlink():
            yield Entry(name, link=str(Path("/", name).readlink()))


def copy_of(name: str, source: str) -> Entry:
    """The entry that holds a copy of the file `source` of this machine."""
    executable = Path(source).stat().st_mode & stat.S_IXUSR
    return Entry(name.lstrip("/"), source=source, mode=0o755 if executable else 0o644)


def _standard_library() -> Iterator[tuple[str, str]]:
    for key in ("stdlib", "platstdlib"):
        yield from _files(sysconfig.get_path(key), PurePosixPath(_STDLIB))


def _files(top: str, into: PurePosixPath) -> Iterator[tuple[str, str]]:
    """Paths in the image, and those on this machine, of all files of a folder that are of use."""
    for folder, inner, names in os.walk(top):
        inner[:] = [name for name in inner if name not in _UNUSED and not name.startswith("config-")]
        for path in (Path(folder, name) for name in names):
            if not _UNUSED_FILE.search(path.name) and path.is_file():
                yield str(into / path.relative_to(top)), str(path)


def _shell() -> dict[str, str]:
    found = {name: shutil.which(name, path="/usr/bin:/bin") for name in SHELL}
    return {f"/usr/bin/{name}": os.path.realpath(path) for name, path in found.items() if path}


def distributions(modules: Iterable[str]) -> tuple[str, ...]:
    """The distributions that bring these modules, and those that they require; none for the standard library's."""
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    brought = metadata.packages_distributions() if tops else {}
    wanted = [name for top in tops for name in brought.get(top, ())]
    found: dict[str, None] = {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = None
            wanted += _required_by(name)
    return tuple(sorted(found))


def _required_by(distribution: str) -> Iterator[str]:
    for requirement in metadata.requires(distribution) or ():
        name = re.match(r"[\w.-]+", requirement)
        if name and "extra ==" not in requirement:
            try:
                metadata.version(name[0])
            except metadata.PackageNotFoundError:
                continue
            yield name[0]


def _installed(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    for package in packages:
        for file in metadata.files(package) or ():
            path = Path(str(file.locate()))
            if ".." not in file.parts and path.is_file() and not _UNUSED_FILE.search(file.name):
                yield f"{SITE}/{file.as_posix()}", str(path)


def _loads_libraries(path: str) -> bool:
    """Whether it is a program or a shared library."""
    if path.endswith((".o", ".h", ".py", ".pyc")):
        return False
    with Path(path).open("rb") as file:
        return file.read(4) == b"\x7fELF"


def loaded_by(binaries: Iterable[str], inside: Iterable[str] = ()) -> dict[str, str]:
    """Shared libraries that these files load, and where an image keeps them: path in the image -> path here.

    Args:
        inside: files that the image has anyway, and that are found beside what loads them.
    """
    listing = subprocess.run(  # noqa: S603 - files of this machine's own Python and shell
        [shutil.which("ldd") or "/usr/bin/ldd", *binaries], capture_output=True, text=True, check=False
    ).stdout
    found = set(re.findall(r"(?m)^\s+(?:\S+ => )?(/\S+) \(0x", listing)) - set(inside)
    home = next((Path(path).parent for path in found if _LIBC.match(Path(path).name)), Path("/lib"))
    found |= {str(home / name) for name in _LATE if (home / name).exists()}
    return {_place(Path(path), home): os.path.realpath(path) for path in sorted(found)}


def _place(library: Path, home: Path) -> str:
    """Where the image keeps a library: where it is here, if that is the system's folder; beside libc otherwise."""
    systems = str(library).startswith(("/lib", "/usr/lib"))
    return str((library.parent if systems else home).resolve() / library.name)
