"""One request to run a program: what each run is, and what is answered."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
from typing import Any, Final, NoReturn

from llm_envs.sandbox.box import python
from llm_envs.sandbox.box.candidate import PROGRAM, SAID, furnish
from llm_envs.sandbox.box.frames import write_all
from llm_envs.sandbox.box.request import Limits, Program, run
from llm_envs.sandbox.box.slots import Slot
from llm_envs.sandbox.box.trial import Seen, report, trial
from llm_envs.sandbox.languages import BINARY, LANGUAGES, Language

__all__ = ["answer"]

_UNCOMPILED: Final = b"C"
_SAID_KIB: Final = 8192
"""Of all values that a program's runs return; it may exceed no other limit by it."""

_PRODUCT_KIB: Final = 65536
"""Of a compiler."""

_COMPILING: Final = Limits(cpu_s=30.0, deadline_s=60.0, output_kib=256, processes=64, disk_mib=256, open_files=256)

_MEMORY_WORDS: Final = (b"MemoryError", b"std::bad_alloc", b"heap out of memory")
"""What the last words hold of a program that got no more memory, and was not killed for it."""

_LAST_WORDS: Final = 2000
_COMPILER_WORDS: Final = 4000


def answer(request: dict[str, Any], slot: Slot) -> dict[str, Any]:
    """Run a program on everything that it is given.

    Raises:
        Broken, OSError: the box fails; nothing is known of the program.
    """
    program, limits = Program.of(request), Limits.of(request["limits"])
    language = LANGUAGES[program.language]
    if language.command and not shutil.which(language.command[0]):
        return _answer([], clean=True, missing=language.command[0])
    job = _Job(program, language, limits, slot)
    if language.compile and not job.compile():
        return _answer([], compile_error=job.compile_error, clean=job.clean)
    runs = job.run_together(request["given"]) if request["together"] else job.run_each(request)
    return _answer([] if job.compile_error else runs, compile_error=job.compile_error, clean=job.clean)


def _answer(runs: list[dict[str, Any]], **known: Any) -> dict[str, Any]:
    return {"compile_error": "", "runs": runs, "clean": False, "missing": "", "failed": "", **known}


class _Job:
    """A program on its way through its runs."""

    def __init__(self, program: Program, language: Language, limits: Limits, slot: Slot) -> None:
        self._language = language
        self._limits = limits
        self._slot = slot
        self._source = program.source
        self._files = program.files | {language.file: program.source.encode("utf-8", "surrogatepass")}
        self._program: int | None = None
        self.compile_error = ""
        self.clean = True

    def compile(self) -> bool:
        """Make a binary; false where the program does not let itself be compiled."""
        seen = trial(self._become_compiler, _COMPILING, self._slot, said_kib=_PRODUCT_KIB)
        self.clean = seen.clean
        if seen.reported.startswith(_UNCOMPILED):
            self.compile_error = _text(seen.reported[1:])
        elif seen.why or seen.out_of_memory:
            self.compile_error = f"compiling took too much: {seen.why or 'memory_limit'}"
        elif seen.exit_code != 0:
            self.compile_error = _text(seen.stderr)[:_COMPILER_WORDS] or "the compiler failed without a word"
        else:
            self._program = _sealed(seen.said)
        return not self.compile_error

    def run_each(self, request: dict[str, Any]) -> list[dict[str, Any]]:
        """Every run in a process of its own."""
        runs = []
        for given in request["given"]:
            seen = self._trial([given], together=False)
            runs.append(_run(seen, self._limits, seen.said.decode("ascii", "replace").partition("\n")[0] or None))
            if self.compile_error or not self.clean or (request["stop_at_failure"] and runs[-1]["status"] != "ok"):
                break
        return runs

    def run_together(self, given: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All invocations in one process; what it has used is told with the first."""
        seen = self._trial(given, together=True)
        lines = seen.said.decode("ascii", "replace").split("\n")[:-1][: len(given)]
        whole = _run(seen, self._limits)
        runs = [_told(line) for line in lines]
        if whole["status"] != "ok" or len(lines) < len(given):
            untold = run("runtime_error", detail="no result came back") if whole["status"] == "ok" else whole
            runs = runs[: len(given) - 1]
            runs += [run(untold["status"], detail=untold["detail"])] * (len(given) - len(runs))
        runs[0] = whole | {name: runs[0][name] for name in ("status", "said", "detail")}
        return runs

    def _trial(self, given: list[dict[str, Any]], *, together: bool) -> Seen:
        def become() -> None:
            if self._language.command:
                self._become_command()
            else:
                self._become_python(given, together=together)

        stdin = given[0].get("stdin", "")
        seen = trial(become, self._limits, self._slot, stdin=stdin, said_kib=_SAID_KIB, program=self._program)
        self.clean = self.clean and seen.clean
        if seen.reported.startswith(_UNCOMPILED):
            self.compile_error = _text(seen.reported[1:])
        return seen

    def _become_python(self, given: list[dict[str, Any]], *, together: bool) -> None:
        self._furnish()
        try:
            code = python.compiled(self._source, as_script="stdin" in given[0])
        except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
            _give_up(error)
        report()
        if "function" in given[0]:
            python.run_invocations(code, given, together=together)
        python.run_main(code)

    def _furnish(self) -> None:
        try:
            furnish(self._files)
        except OSError as error:
            _give_up(error)  # more than the disk holds, or one file in another's place

    def _become_command(self) -> None:
        self._furnish()
        _as_usual()
        report()
        if self._program is not None:
            os.execve(PROGRAM, [BINARY], os.environ)
        os.execvp(self._language.run[0], self._language.run)

    def _become_compiler(self) -> None:
        self._furnish()
        report()
        done = subprocess.run(self._language.compile, stdin=subprocess.DEVNULL, stdout=2, check=False)
        if done.returncode != 0:
            os._exit(1)
        with open(BINARY, "rb") as product, open(SAID, "wb", closefd=False) as said:
            shutil.copyfileobj(product, said)
        os._exit(0)


def _give_up(error: Exception) -> NoReturn:
    """Say, while that can be believed, that the program is none."""
    report(_UNCOMPILED + f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
    os._exit(1)


def _as_usual() -> None:
    """Signals as programs find them that are not Python's."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _run(seen: Seen, limits: Limits, said: str | None = None) -> dict[str, Any]:
    status = _status(seen, limits)
    return run(
        status,
        stdout=_text(seen.stdout),
        stderr=_text(seen.stderr),
        said=said,
        exit_code=seen.exit_code,
        signal=seen.signal,
        wall_s=seen.wall_s,
        cpu_s=seen.cpu_s,
        peak_memory_mib=seen.peak_memory_mib,
        truncated=seen.truncated,
        detail=_detail(status, seen),
    )


def _status(seen: Seen, limits: Limits) -> str:
    if seen.why == "output_limit":
        return seen.why
    if seen.out_of_memory and (seen.why or seen.status):
        return "memory_limit"
    if seen.why or seen.cpu_s > limits.cpu_s or seen.signal == signal.SIGXCPU:
        return "time_limit"
    if seen.status == 0:
        return "ok"
    starved = any(words in seen.stderr[-_LAST_WORDS:] for words in _MEMORY_WORDS)
    return "memory_limit" if starved else "runtime_error"


def _detail(status: str, seen: Seen) -> str:
    """In words for people; the last line of a traceback says most."""
    if status == "ok":
        return ""
    if status != "runtime_error":
        return status.replace("_", " ") + " exceeded"
    end = f"ended by signal {seen.signal}" if seen.signal else f"exit status {seen.exit_code}"
    last = _text(seen.stderr[-_LAST_WORDS:]).strip().rpartition("\n")[2]
    return f"{end}: {last}" if last else end


def _told(line: str) -> dict[str, Any]:
    """A run of which no more is known than what the program says of it."""
    if line.startswith(python.FAILED):
        return run("runtime_error", detail=line[len(python.FAILED) :])
    return run("ok", said=line, exit_code=0)


def _sealed(binary: bytes) -> int:
    """A file in memory that can be started, and that no run can change for the next."""
    file = os.memfd_create(BINARY, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    write_all(file, binary)
    fcntl.fcntl(
        file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
    )
    return file


def _text(output: bytes) -> str:
    return output.decode("utf-8", "replace")
