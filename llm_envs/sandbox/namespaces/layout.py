"""Which of the host's files a box shows: what Python, compilers and Node need to run, and nothing that anybody wrote.

Shown, read-only, at the same path as on the host: the distribution's programs, libraries and headers (`/usr` without
`/usr/local`, `/usr/share`, `/usr/src`), what the dynamic linker needs of `/etc`, and the standard library of the Python
that runs us. Not shown: homes, `/etc` otherwise, `/var`, `/run`, `/sys`, site-packages, and this package.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from llm_envs.errors import BadOption, did_you_mean

__all__ = ["Layout"]

_SYSTEM = (
    "/usr/bin",
    "/usr/include",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share/nodejs",
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
)
_TOP_LEVEL = ("/bin", "/lib", "/lib32", "/lib64")
"""Links into /usr on most distributions, folders on some."""
_SYSTEM_PACKAGES = "/usr/lib/python3/dist-packages"
_TEXTS = {
    "/etc/passwd": "root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "/etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """The read-only part of a box's file system.

    Args:
        python: the interpreter, by its path inside and outside.
        binds: files and folders of the host, each shown at its own path.
        masks: folders inside of these, shown empty.
        links: symbolic links, from path to target.
        site: the folder for packages, or "".
        packages: folders and files of the host, and the path inside of `site` at which each is shown.
        texts: small files that are made, by path.
    """

    python: str
    binds: tuple[str, ...]
    masks: tuple[str, ...]
    links: dict[str, str]
    site: str
    packages: dict[str, str]
    texts: dict[str, str]

    @classmethod
    def of_this_python(cls, packages: Iterable[str] = ()) -> Layout:
        """What the running Python needs, with `packages`: distributions of its site-packages, such as "numpy".

        Raises:
            BadOption: for a package that is not installed.
        """
        python = os.path.realpath(getattr(sys, "_base_executable", None) or sys.executable)
        base = {"platbase": sys.base_exec_prefix}  # of a virtual environment's own, there is nothing to be had
        library, binary = (os.path.realpath(sysconfig.get_path(name, vars=base)) for name in ("stdlib", "platstdlib"))
        binds = [path for path in _SYSTEM if Path(path).exists()]
        binds += [path for path in _TOP_LEVEL if Path(path).is_dir() and not Path(path).is_symlink()]
        for path in (python, library, binary, *_shared_library(python)):
            binds += [] if _inside(path, binds) else [path]
        masks = [path for path in (f"{library}/site-packages", _SYSTEM_PACKAGES) if Path(path).is_dir()]
        links = {path: str(Path(path).readlink()) for path in _TOP_LEVEL if Path(path).is_symlink()}
        site = masks[0] if masks else ""
        shown = {source: f"{site}/{name}" for name, source in _top_levels(packages)}
        return cls(python, tuple(binds), tuple(masks), links, site, shown, _TEXTS)


def _inside(path: str, folders: Iterable[str]) -> bool:
    return any(Path(path).is_relative_to(folder) for folder in folders)


def _shared_library(python: str) -> Iterator[str]:
    """Libraries that an interpreter from outside of /usr keeps in `lib`, beside its `bin`."""
    if not python.startswith("/usr/bin/"):
        yield from (str(path) for path in Path(python).parents[1].glob("lib/*.so*") if path.is_file())


def _top_levels(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and paths of what distributions have put into site-packages."""
    for package in packages:
        try:
            files = metadata.files(package) or []
        except metadata.PackageNotFoundError:
            raise BadOption(
                f"the package {package!r} is not installed, so no box can show it",
                expected="a distribution of this Python",
                received=package,
                next_step=did_you_mean(package, {found.name for found in metadata.distributions()}),
            ) from None
        tops = {file.parts[0]: file for file in files if file.parts[0] not in ("..", "__pycache__")}
        for name, file in tops.items():
            above = Path(str(file.locate())).parents[len(file.parts) - 1]
            yield name, os.path.realpath(above / name)
