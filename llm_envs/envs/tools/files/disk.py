"""The rows of a file system, ways to choose among them, and what the rules say of an operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.files.paths import joined, split, within
from llm_envs.envs.tools.people import FIRST_NAMES
from llm_envs.world import Row

__all__ = ["NOUNS", "SETTINGS", "Disk", "drawn", "opening_time"]

# fmt: off
NOUNS = (
    "anchor", "basin", "candle", "delta", "ember", "fjord", "garden", "harbour", "island", "jungle", "kettle",
    "ladder", "meadow", "nectar", "orbit", "pepper", "quartz", "river", "saddle", "timber", "valley", "willow",
    "yarn", "zenith",
)
# fmt: on
SETTINGS = ("timeout", "max_items", "port", "retries", "cache_size", "workers")
_PROJECTS = ("atlas", "beacon", "comet", "dynamo", "echo", "falcon", "glacier", "horizon", "iris", "jupiter")
_FOLDERS = ("/projects", "/notes", "/photos", "/logs", "/archive", "/system", "/private", "/shared")
_AGES = (*range(6), *range(9, 121))
"""Days since a file was modified; none of them is near the seven days of the rules."""

_KEEP_DAYS = 7
_LOG_WORDS = ("start", "stop", "retry", "login", "logout", "saved", "failed", "ready")


@dataclass(frozen=True, slots=True)
class Disk:
    """The rows of one file system, and ways to choose among them.

    Args:
        user: who asks.
        projects: their folders.
        numbers: such as nothing else on the disk has.
    """

    chance: Chance
    now: datetime
    user: str
    projects: list[str]
    entries: list[Row]
    numbers: list[int]

    @property
    def rows(self) -> dict[str, list[Row]]:
        """By table."""
        return {"entries": self.entries, "login": [{"id": "login", "user": self.user}]}

    def files(self, folder: str = "/", ending: str = "", *, deep: bool = True) -> list[Row]:
        """The files in a folder whose names end like that; also in all folders below it, or not."""
        return [
            row
            for row in self.entries
            if row["kind"] == "file"
            and row["name"].endswith(ending)
            and (within(row["id"], folder) if deep else row["folder"] == folder)
        ]

    def at(self, path: str) -> Row:
        """The file or folder there."""
        return next(row for row in self.entries if row["id"] == path)

    def holds(self, path: str) -> bool:
        """Whether there is one."""
        return any(row["id"] == path for row in self.entries)

    def pick(self, holds: Callable[[Row], bool]) -> Row | None:
        """A file for which it holds, by chance."""
        found = [row for row in self.files() if holds(row)]
        return self.chance.pick(found) if found else None

    def name(self, ending: str) -> str:
        """A name that nothing else has."""
        return f"{self.chance.pick(NOUNS)}-{self.numbers.pop()}{ending}"

    def day(self, age_days: int) -> str:
        """So many days ago."""
        return (self.now.date() - timedelta(days=age_days)).isoformat()

    def broken(self, verb: str, file: Row, target: str = "") -> set[str]:
        """The rules against an operation; see the env's rules.

        Args:
            verb: change, delete, move or copy.
            target: the path that a moved or copied file is to have.
        """
        sent = verb in {"move", "copy"}
        facts = {
            "R1": any(within(path, "/system") for path in (file["id"], target)),
            "R2": verb != "copy" and file["owner"] != self.user,
            "R3": verb != "copy" and bool(file["locked"]),
            "R4": sent and self.holds(target),
            "R5": verb == "delete" and file["modified"] > self.day(_KEEP_DAYS),
            "R6": verb == "delete" and file["name"].endswith(".bak"),
            "R7": sent and within(file["id"], "/private") and not within(target, "/private"),
        }
        return {rule for rule, holds in facts.items() if holds}


def opening_time(chance: Chance) -> datetime:
    """When the user asks; an episode takes less than half an hour and ends on the same day."""
    start = datetime(2026, 1, 5)  # noqa: DTZ001 (a world has no time zone but its own)
    return start + timedelta(days=chance.between(0, 320), minutes=chance.between(8 * 60, 20 * 60))


def drawn(chance: Chance, now: datetime, names: Sequence[str] = ()) -> Disk:
    """A file system as it stands at a moment.

    Args:
        names: first names of the user who asks and of somebody else; drawn by default.
    """
    user, other = (name.casefold() for name in names or chance.some(FIRST_NAMES, 2))
    projects = [joined("/projects", name) for name in chance.some(_PROJECTS, 2)]
    disk = Disk(chance, now, user, projects, [], chance.numbers(80, 100, 999))
    for path in ("/", *_FOLDERS, *projects):
        _add(disk, path, "folder", "", user, 120)
    ages = chance.some(_AGES, 60)
    for folder, endings in _contents(disk):
        for ending in endings:
            owner = other if chance.happens(0.1) else user
            _add(disk, joined(folder, disk.name(ending)), "file", _content(disk, ending), owner, ages.pop())
    for folder in projects:
        _add(disk, joined(folder, "app.conf"), "file", _config(disk), user, ages.pop())
    return disk


def _contents(disk: Disk) -> list[tuple[str, list[str]]]:
    """How the files of each folder end."""
    chance = disk.chance
    work = (".txt", ".csv", ".csv", ".tmp", ".bak", ".md")
    return [
        *((folder, chance.some(work, 4)) for folder in disk.projects),
        ("/notes", [".txt", ".txt", ".md", ".md", chance.pick((".tmp", ".bak", ".txt"))]),
        ("/photos", [".jpeg"] * chance.between(2, 4) + [".png"] * chance.between(1, 2)),
        ("/logs", [".log"] * chance.between(2, 3)),
        ("/system", [".txt", chance.pick((".tmp", ".conf"))]),
        ("/private", [".txt", chance.pick((".md", ".tmp"))]),
        ("/shared", [".txt", ".csv", chance.pick((".tmp", ".md"))]),
    ]


def _add(disk: Disk, path: str, kind: str, content: str, owner: str, age_days: int) -> None:  # noqa: PLR0917 (a row)
    folder, name = split(path)
    locked = int(kind == "file" and disk.chance.happens(0.06))
    row = {"id": path, "folder": folder, "name": name, "kind": kind, "content": content, "owner": owner}
    disk.entries.append(row | {"locked": locked, "modified": disk.day(age_days)})


def _content(disk: Disk, ending: str) -> str:
    if ending == ".log":
        return _log(disk)
    if ending == ".conf":
        return _config(disk)
    if ending in {".jpeg", ".png"}:
        return f"{ending[1:]} {disk.chance.between(10_000, 99_999)}\n"
    lines = [" ".join(disk.chance.some(NOUNS, disk.chance.between(2, 4))) for _ in range(disk.chance.between(1, 3))]
    return "\n".join([f"ref {disk.chance.between(100_000, 999_999)}", *lines]) + "\n"


def _config(disk: Disk) -> str:
    chance = disk.chance
    settings = [f"{name} = {chance.between(2, 999)}" for name in chance.some(SETTINGS, 4)]
    return "\n".join([*settings, f"debug = {chance.pick(('on', 'off'))}"]) + "\n"


def _log(disk: Disk) -> str:
    """Lines in order of time; no two of a disk are of the same minute, because their ends differ by the number."""
    chance = disk.chance
    days = sorted(chance.numbers(chance.between(2, 4), 0, 40), reverse=True)
    return (
        "\n".join(
            f"{disk.day(day)} {chance.between(0, 23):02d}:{chance.between(0, 59):02d} {chance.pick(_LOG_WORDS)}"
            for day in days
        )
        + "\n"
    )
