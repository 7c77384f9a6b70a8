"""Images are made of this machine's files, are complete, and are known by what went into them."""

from __future__ import annotations

import io
import platform
import sys
import tarfile
import time
from pathlib import Path

import pytest

from llm_envs.sandbox.docker import image, tree
from llm_envs.sandbox.docker.container import Container, Room, owner_labels
from llm_envs.sandbox.docker.image import image_for
from llm_envs.sandbox.docker.tree import Entry, distributions, fingerprint
from llm_envs.sandbox.worker import BoxLost


def said(name, code):
    """What a program in a container of the image says."""
    container = Container(name, ["/usr/local/bin/python3", "-I", "-c", code], Room(), owner_labels())
    words = b""
    try:
        while True:
            words += container.receive(1 << 16, time.monotonic() + 30)
    except BoxLost:
        return words.decode() + container._said.decode()
    finally:
        container.kill()
        container.close()


@pytest.mark.docker
def test_it_runs_this_very_python(engine):
    """The version of whoever asks for it, with every module of the standard library that loads a library."""
    code = (
        "import bz2, ctypes, curses, decimal, hashlib, lzma, multiprocessing, sqlite3, ssl, uuid, zlib\n"
        "import sys, threading\n"
        "thread = threading.Thread(target=print, args=('a thread',)); thread.start(); thread.join()\n"
        "import subprocess; print(subprocess.check_output('echo a | tr a b', shell=True, text=True), end='')\n"
        "print(sys.version.split()[0], sys.prefix)"
    )
    assert said(image_for(engine), code) == f"a thread\nb\n{platform.python_version()} /usr/local\n"


@pytest.mark.docker
def test_it_has_packages_on_request(engine):
    """Those installed here, with what they require; they are another image."""
    name = image_for(engine, distributions(["numpy"]))
    assert name != image_for(engine)
    found = said(name, "import numpy; print(numpy.__version__, int(numpy.ones((9, 9)).sum()))")
    assert found == f"{sys.modules['numpy'].__version__} 81\n"


class Shelf:
    """An engine that has images of several ages, one of them in use."""

    def __init__(self):
        self.held = {"new": time.time() - 60, "old": time.time() - 1e8, "old, in use": time.time() - 1e8}

    def images(self, name):
        return [{"Id": image, "Created": created} for image, created in self.held.items()]

    def remove_image(self, image):
        from docker.errors import APIError

        if "in use" in image:
            raise APIError("conflict")
        del self.held[image]


def test_old_images_are_removed_unless_they_are_used():
    """A machine's disk does not fill with those of former Pythons."""
    pytest.importorskip("docker")
    shelf = Shelf()
    image._forget_old(shelf)
    assert shelf.held.keys() == {"new", "old, in use"}


def test_the_fingerprint_stays():
    """Until something is changed: other packages, another layout."""
    assert fingerprint() == fingerprint()
    assert fingerprint() != fingerprint(distributions(["numpy"]))


def test_the_fingerprint_knows_a_changed_file(monkeypatch):
    """Another time of writing is another image."""
    before = fingerprint()
    monkeypatch.setattr(tree, "_state", lambda path: "changed" if path.endswith("/ast.py") else "same")
    changed = fingerprint()
    assert before != changed
    monkeypatch.setattr(tree, "_state", lambda path: "same")
    assert fingerprint() != changed


def test_the_standard_library_brings_no_distribution():
    """Preloading `json` installs nothing; submodules count as their package; what is unknown is nothing."""
    assert distributions(["json", "no_such_module"]) == ()
    assert distributions(["numpy.linalg", "numpy"]) == ("numpy",)


def test_a_tar_is_the_same_for_the_same_files(tmp_path):
    """Folders, links, texts and files, with nobody's ownership, and as long as they said."""
    source = tmp_path / "file"
    source.write_bytes(b"x" * 1000)
    entries = [Entry("a"), Entry("a/b", source=str(source), mode=0o644), Entry("c", link="a/b"), Entry("d", text="é")]
    counted = []
    data = b"".join(image._tar(entries, counted.append))
    assert data == b"".join(image._tar(entries, counted.append))
    assert sum(counted) == 2 * 1002
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = {member.name: member for member in archive}
        assert archive.extractfile("a/b").read() == b"x" * 1000
        assert archive.extractfile("d").read().decode() == "é"
    assert members["a"].isdir()
    assert members["c"].issym()
    assert {member.uid for member in members.values()} == {0}


def test_a_file_that_shrinks_while_it_is_copied_is_an_error(tmp_path, monkeypatch):
    """Better no image than one that is shifted by some bytes."""
    source = tmp_path / "file"
    source.write_bytes(b"x")
    monkeypatch.setattr(image, "_size", lambda entry: 2)
    with pytest.raises(OSError, match="shorter"):
        list(image._contents(Entry("a", source=str(source))))


def test_no_copy_keeps_rights_of_its_owner():
    """No set-user-id, no file that only root can read."""
    entries = tree.tree()
    assert {entry.mode for entry in entries if entry.source} == {0o755, 0o644}
    assert all(not entry.name.startswith("/") and ".." not in Path(entry.name).parts for entry in entries)
    assert len({entry.name for entry in entries}) == len(entries)
