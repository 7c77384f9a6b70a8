"""What users ask to be done with their files, and what a perfect agent makes of it.

Each kind of request is a function of a disk; it gives None where this disk has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.files.disk import NOUNS, SETTINGS, Disk
from llm_envs.envs.tools.files.paths import joined
from llm_envs.envs.tools.files.talk import agenda
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.talk import quoted
from llm_envs.tools.user import Agenda
from llm_envs.world import Row

__all__ = ["KINDS", "REFUSALS"]

_Kind = Callable[[Disk], Scenario | None]
_CHANGING, _SENDING = ("delete", "change", "move"), ("move", "copy")
_SENDING_WISH = "have a file {} into another folder, under the same name"
_DELETING, _CHANGING_ONE = "have a file deleted", "have something changed in a file"
_SAFE = ("/projects", "/notes", "/photos", "/shared")


def _scenario(
    disk: Disk, words: str, calls: Sequence[Call], kind: str, talk: Agenda, *, answer: object = None
) -> Scenario:
    """The user's words, with a name to them; or as a talk."""
    signed = f"{words} I am {disk.user}."
    return Scenario(disk.rows, signed, tuple(calls), kind, answer=answer, now=disk.now, agenda=talk)


def _list(folder: str) -> Call:
    return Call("list_folder", {"path": folder})


def _read(file: Row) -> Call:
    return Call("read_file", {"path": file["id"]})


def _find(folder: str, pattern: str) -> Call:
    return Call("find", {"folder": folder, "pattern": pattern})


def _moved(file: Row, target: str) -> Call:
    return Call("move", {"source": file["id"], "target": target})


def _replaced(file: Row, old: str, new: str) -> Call:
    return Call("replace_text", {"path": file["id"], "old": old, "new": new})


def _settings(file: Row) -> dict[str, str]:
    """Of a configuration."""
    return dict(line.split(" = ") for line in file["content"].splitlines())


# Questions


def _asked_setting(disk: Disk) -> Scenario:
    file = disk.at(joined(disk.chance.pick(disk.projects), "app.conf"))
    settings = {name: setting for name, setting in _settings(file).items() if name != "debug"}
    name = disk.chance.pick(list(settings))
    words = f"What is {name} set to in {file['id']}?"
    talk = agenda(disk, "know what a setting is set to", {"setting": name, "file": file["id"]})
    return _scenario(disk, words, [_read(file)], "setting", talk, answer=int(settings[name]))


def _asked_size(disk: Disk) -> Scenario:
    file = disk.chance.pick(disk.files())
    words = f"How many characters does {file['id']} have?"
    talk = agenda(disk, "know how many characters a file has", {"file": file["id"]})
    return _scenario(disk, words, [_list(file["folder"])], "size", talk, answer=len(file["content"]))


def _asked_day(disk: Disk) -> Scenario:
    file = disk.chance.pick(disk.files())
    words = f"On which day was {file['id']} modified last? As a date such as 2026-03-14, please."
    wish = "know on which day a file was modified last, as a date such as 2026-03-14"
    talk = agenda(disk, wish, {"file": file["id"]})
    calls = [_list(file["folder"])]
    return _scenario(disk, words, calls, "day", talk, answer=date.fromisoformat(file["modified"]))


def _asked_count(disk: Disk) -> Scenario | None:
    folder, ending = disk.chance.pick(("/", "/projects")), disk.chance.pick((".txt", ".csv", ".md", ".tmp"))
    found = disk.files(folder, ending)
    if len(found) < 2:
        return None
    day = disk.chance.pick(found)["modified"]
    count = sum(file["modified"] >= day for file in found)
    where = f"in {folder} and all folders below it" if folder != "/" else "on the whole disk"
    words = f"How many files whose names end in {ending}, {where}, were modified on {day} or later?"
    wish = (
        "know how many files whose names end in a certain way, in a folder and all below it, were modified on some day "
        "or later"
    )
    talk = agenda(disk, wish, {"ending": ending, "folder": folder, "day": day})
    return _scenario(disk, words, [_find(folder, f"*{ending}")], "count", talk, answer=count)


def _asked_newest(disk: Disk) -> Scenario:
    folder = disk.chance.pick(("/notes", "/photos", "/projects"))
    newest = max(disk.files(folder), key=lambda file: str(file["modified"]))
    words = f"Which file in {folder} and all folders below it was modified last? Its whole path, please."
    wish = "know which file in a folder and all folders below it was modified last, by its whole path"
    talk = agenda(disk, wish, {"folder": folder})
    return _scenario(disk, words, [_find(folder, "*")], "newest", talk, answer=newest["id"])


def _asked_holder(disk: Disk) -> Scenario | None:
    file = disk.pick(lambda file: str(file["content"]).startswith("ref "))
    if file is None or not _is_only_holder(disk, file):
        return None
    text = file["content"].splitlines()[0]
    words = f'Which file holds the line "{text}"? Its whole path, please.'
    talk = agenda(disk, "know which file holds a certain line, by its whole path", {"line": quoted(text)})
    return _scenario(disk, words, [_grep(text)], "holder", talk, answer=file["id"])


def _grep(text: str) -> Call:
    return Call("grep", {"folder": "/", "text": text})


def _is_only_holder(disk: Disk, file: Row) -> bool:
    text = file["content"].splitlines()[0]
    return sum(text in other["content"] for other in disk.files()) == 1


# One file


def _delete(disk: Disk) -> Scenario | None:
    file = disk.pick(lambda file: not disk.broken("delete", file))
    if file is None:
        return None
    calls = [_list(file["folder"]), Call("delete", {"path": file["id"]})]
    talk = agenda(disk, _DELETING, {"file": file["id"]}, "delete")
    return _scenario(disk, f"Please delete {file['id']}.", calls, "delete", talk)


def _rename(disk: Disk) -> Scenario | None:
    file = disk.chance.pick(disk.files("/notes"))
    target = joined(file["folder"], disk.name(f".{file['name'].rpartition('.')[2]}"))
    if disk.broken("move", file, target):
        return None
    talk = agenda(disk, "have a file renamed", {"file": file["id"], "new path": target}, "move")
    calls = [_list(file["folder"]), _moved(file, target)]
    return _scenario(disk, f"Please rename {file['id']} to {target}.", calls, "rename", talk)


def _send(disk: Disk) -> Scenario | None:
    """To another folder, as a copy or for good."""
    file, folder = disk.chance.pick(disk.files()), disk.chance.pick(("/archive", "/shared", *disk.projects))
    verb, target = disk.chance.pick(("move", "copy")), joined(folder, file["name"])
    if disk.broken(verb, file, target):
        return None
    calls = [_list(file["folder"]), _list(folder), Call(verb, {"source": file["id"], "target": target})]
    words = f"Please {verb} {file['id']} into {folder}, under the same name."
    return _scenario(disk, words, calls, verb, _sending(disk, verb, file, folder))


def _sending(disk: Disk, verb: str, file: Row, folder: str) -> Agenda:
    """A file to be put into another folder, in a talk."""
    wish = _SENDING_WISH.format({"move": "moved", "copy": "copied"}[verb])
    return agenda(disk, wish, {"file": file["id"], "target folder": folder}, verb)


def _new_folder(disk: Disk) -> Scenario:
    folder = disk.chance.pick(("/archive", "/shared", *disk.projects))
    path = joined(folder, disk.name(""))
    calls = [_list(folder), Call("make_folder", {"path": path})]
    talk = agenda(disk, "have a new folder", {"new path": path}, "make")
    return _scenario(disk, f"Please make a folder {path}.", calls, "new folder", talk)


def _set(disk: Disk) -> Scenario | None:
    file = disk.at(joined(disk.chance.pick(disk.projects), "app.conf"))
    name, new = disk.chance.pick(list(_settings(file))[:-1]), str(disk.chance.between(1_000, 9_999))
    if disk.broken("change", file):
        return None
    calls = [_read(file), _replaced(file, _line(file, name), f"{name} = {new}")]
    told = {"setting": name, "new value": new, "file": file["id"]}
    talk = agenda(disk, "have a setting changed", told, "change")
    return _scenario(disk, f"Please set {name} to {new} in {file['id']}.", calls, "set", talk)


def _line(file: Row, name: str) -> str:
    return f"{name} = {_settings(file)[name]}"


def _append(disk: Disk) -> Scenario | None:
    file, chance = disk.chance.pick(disk.files("/notes")), disk.chance
    if disk.broken("change", file):
        return None
    line = f"{chance.pick(NOUNS)} {chance.pick(NOUNS)} {chance.between(10, 99)}"
    calls = [_read(file), Call("append_line", {"path": file["id"], "line": line})]
    words = f'Please add the line "{line}" at the end of {file["id"]}.'
    return _scenario(disk, words, calls, "append", _adding(disk, line, file))


def _adding(disk: Disk, line: str, file: Row) -> Agenda:
    """A line for a file, in a talk."""
    wish = "have a line added at the end of a file"
    return agenda(disk, wish, {"line": quoted(line), "file": file["id"]}, "change")


# Several files


def _rename_all(disk: Disk) -> Scenario | None:
    files = disk.files("/photos", ".jpeg")
    pairs = [(file, file["id"].removesuffix("jpeg") + "jpg") for file in files]
    if any(disk.broken("move", file, target) for file, target in pairs):
        return None
    words = "Please rename all files in /photos whose names end in .jpeg so that they end in .jpg instead."
    told = {"set of files": "all files in /photos whose names end in .jpeg"}
    talk = _tidying(disk, told | {"change": "their names are to end in .jpg instead"})
    return _scenario(disk, words, [_list("/photos"), *(_moved(*pair) for pair in pairs)], "rename all", talk)


def _tidying(disk: Disk, told: dict[str, str]) -> Agenda:
    """Several files, in a talk that begins vaguely."""
    return agenda(disk, "have several files put in order", told)


def _move_kind(disk: Disk) -> Scenario | None:
    source, ending = disk.chance.pick(disk.projects), disk.chance.pick((".csv", ".txt", ".md"))
    return _moved_to_new(disk, disk.files(source, ending), f"all files in {source} whose names end in {ending}", source)


def _move_old(disk: Disk) -> Scenario | None:
    source, day = disk.chance.pick(("/notes", "/photos")), disk.day(disk.chance.between(20, 100))
    files = [file for file in disk.files(source) if file["modified"] < day]
    return _moved_to_new(disk, files, f"all files in {source} that were last modified before {day}", source)


def _moved_to_new(disk: Disk, files: list[Row], which: str, source: str) -> Scenario | None:
    folder = joined("/archive", disk.name(""))
    pairs = [(file, joined(folder, file["name"])) for file in files]
    if not files or any(disk.broken("move", file, target) for file, target in pairs):
        return None
    calls = [_list(source), Call("make_folder", {"path": folder}), *(_moved(*pair) for pair in pairs)]
    talk = _tidying(
        disk, {"set of files": which, "change": f"I want a new folder {folder}, and all of them moved there"}
    )
    return _scenario(disk, f"Please make a folder {folder} and move {which} into it.", calls, "move several", talk)


# What must be found out first


def _mend(disk: Disk) -> Scenario | None:
    """A note refers to a file that has been moved."""
    note, lost = disk.chance.pick(disk.files("/notes")), disk.chance.pick(disk.files("/projects"))
    old = joined(disk.chance.pick(("/notes", "/shared", "/photos")), lost["name"])
    same = sum(file["name"] == lost["name"] for file in disk.files())
    if disk.broken("change", note) or same > 1:
        return None
    note["content"] += f"see {old}\n"
    words = (
        f"{note['id']} refers to a file that was moved to another folder, under the same name. Please make it refer to "
        "the path that the file has now, and change nothing else in it."
    )
    calls = [_read(note), _find("/", lost["name"]), _replaced(note, old, lost["id"])]
    change = (
        "it refers to a file that was moved to another folder, under the same name; it is to refer to the path that "
        "the file has now, and nothing else changes"
    )
    talk = agenda(disk, _CHANGING_ONE, {"file": note["id"], "change": change}, "change")
    return _scenario(disk, words, calls, "mend", talk)


def _if_debug(disk: Disk) -> Scenario | None:
    file, note = disk.at(joined(disk.chance.pick(disk.projects), "app.conf")), disk.chance.pick(disk.files("/notes"))
    if disk.broken("change", file) or disk.broken("change", note):
        return None
    line = f"checked {disk.chance.pick(NOUNS)}"
    words = (
        f"If debug is on in {file['id']}, set it to off there. If it is off, only add the line "
        f'"{line}" at the end of {note["id"]}.'
    )
    switch, tell = _replaced(file, "debug = on", "debug = off"), Call("append_line", {"path": note["id"], "line": line})
    then = switch if _settings(file)["debug"] == "on" else tell
    change = f'if debug is on in it, set it to off; if it is off, only add the line "{line}" at the end of {note["id"]}'
    talk = agenda(disk, _CHANGING_ONE, {"file": file["id"], "change": change})
    return _scenario(disk, words, [_read(file), then], "conditional", talk)


def _move_holder(disk: Disk) -> Scenario | None:
    file = disk.pick(lambda file: str(file["content"]).startswith("ref "))
    if file is None or not _is_only_holder(disk, file):
        return None
    text, target = file["content"].splitlines()[0], joined("/archive", file["name"])
    if disk.broken("move", file, target):
        return None
    words = f'Please move the file that holds the line "{text}" into /archive, under the same name.'
    told = {"file": f'the one that holds the line "{text}"', "target folder": "/archive"}
    talk = agenda(disk, _SENDING_WISH.format("moved"), told)
    return _scenario(disk, words, [_grep(text), _list(file["folder"]), _moved(file, target)], "move holder", talk)


def _delete_largest(disk: Disk) -> Scenario | None:
    folder = disk.chance.pick(_SAFE)
    files = sorted(disk.files(folder), key=lambda file: len(file["content"]))
    if len(files[-1]["content"]) == len(files[-2]["content"]) or disk.broken("delete", files[-1]):
        return None
    words = f"Please delete the file with the most characters in {folder} and all folders below it. How many are they?"
    calls = [_find(folder, "*"), Call("delete", {"path": files[-1]["id"]})]
    wish = "have a file deleted, and know how many characters it had"
    which = f"the one with the most characters in {folder} and all folders below it"
    talk = agenda(disk, wish, {"file": which})
    return _scenario(disk, words, calls, "delete largest", talk, answer=len(files[-1]["content"]))


# Several things


def _merge(disk: Disk) -> Scenario | None:
    logs = disk.files("/logs")
    lines = sorted(line for log in logs for line in log["content"].splitlines())
    if len({line[:16] for line in lines}) < len(lines):
        return None
    path = joined("/logs", disk.name(".log"))
    words = (
        f"Please write a new file {path} that holds all lines of all the logs in /logs, in order of time, the earliest "
        "first. Leave the logs as they are. How many lines does it have?"
    )
    written = Call("write_file", {"path": path, "content": "\n".join(lines) + "\n"})
    wish = (
        "have all logs in /logs merged into a new file, in order of time, the earliest line first, the logs themselves "
        "left as they are, and know how many lines it has"
    )
    talk = agenda(disk, wish, {"new path": path})
    return _scenario(disk, words, [_list("/logs"), *map(_read, logs), written], "merge", talk, answer=len(lines))


def _clean(disk: Disk) -> Scenario | None:
    """Where the rules let it; among the others is one that no lock protects."""
    ending = disk.chance.pick((".tmp", ".csv", ".md"))
    files = disk.files("/", ending)
    free = [file for file in files if not disk.broken("delete", file)]
    if not free or all(file["locked"] for file in files if file not in free):
        return None
    words = (
        f"Please delete all files on the disk whose names end in {ending}, except those that a rule protects: leave "
        "these as they are, and do not refuse because of them. How many have you deleted?"
    )
    calls = [_find("/", f"*{ending}"), *(Call("delete", {"path": file["id"]}) for file in free)]
    which = f"all whose names end in {ending}, except those that a rule protects: leave these, and do not refuse"
    talk = _weeding(disk, which, "how many have you deleted?")
    return _scenario(disk, words, calls, "clean", talk, answer=len(free))


def _weeding(disk: Disk, which: str, question: str) -> Agenda:
    """Files to be deleted, in a talk that begins vaguely."""
    wish = "have some files deleted that I do not need, and know something then"
    return agenda(disk, wish, {"set of files": which, "question": question})


def _deduplicate(disk: Disk) -> Scenario | None:
    folder = disk.chance.pick((*disk.projects, "/notes"))
    files = sorted(disk.files(folder), key=lambda file: str(file["name"]))
    texts = [file for file in files if not file["name"].endswith(".conf")]
    first, second = sorted(disk.chance.some(texts, 2), key=lambda file: str(file["name"]))
    second["content"] = first["content"]
    if disk.broken("delete", second) or len({file["content"] for file in files}) != len(files) - 1:
        return None
    words = (
        f"Two files in {folder} have the same content. Please delete the one whose name comes later in the alphabet. "
        "What is the name of the other one, without its folder?"
    )
    calls = [_list(folder), *map(_read, files), Call("delete", {"path": second["id"]})]
    which = f"of the two in {folder} with the same content the one whose name comes later in the alphabet"
    talk = _weeding(disk, which, "what is the name of the other one, without its folder?")
    return _scenario(disk, words, calls, "deduplicate", talk, answer=first["name"])


def _set_everywhere(disk: Disk) -> Scenario | None:
    files = [disk.at(joined(folder, "app.conf")) for folder in disk.projects]
    name, new = disk.chance.pick(SETTINGS), str(disk.chance.between(1_000, 9_999))
    having = [file for file in files if name in _settings(file)]
    if not having or any(disk.broken("change", file) for file in having):
        return None
    words = (
        f"Please set {name} to {new} in every app.conf in the folders below /projects that has this setting; add it to "
        "none. In how many have you changed it?"
    )
    calls = [_find("/projects", "app.conf"), *map(_read, files)]
    calls += [_replaced(file, _line(file, name), f"{name} = {new}") for file in having]
    wish = (
        "have a setting changed in every app.conf in the folders below /projects that has it, added to none, and know "
        "in how many it was changed"
    )
    talk = agenda(disk, wish, {"setting": name, "new value": new}, "change")
    return _scenario(disk, words, calls, "set everywhere", talk, answer=len(having))


# Against a rule


def _against(rule: str, verbs: tuple[str, ...]) -> _Kind:
    def refused(disk: Disk) -> Scenario | None:
        """An operation that this rule alone forbids."""
        verb = disk.chance.pick(verbs)
        folder = disk.chance.pick(("/archive", "/shared", *disk.projects, *(("/system",) if rule == "R1" else ())))
        if rule == "R4":
            _put_in_the_way(disk, folder)
        fits = [file for file in disk.files() if _breaks(disk, verb, file, folder) == {rule}]
        if not fits:
            return None
        file = disk.chance.pick(fits)
        words, reads, talk = _asked(disk, verb, file, folder)
        return replace(_scenario(disk, words, reads, f"against {rule}", talk), refusal=rule)

    return refused


def _breaks(disk: Disk, verb: str, file: Row, folder: str) -> set[str]:
    """The rules against it; none where the file lies in that folder already."""
    if verb not in _SENDING:
        return disk.broken(verb, file)
    return disk.broken(verb, file, joined(folder, file["name"])) if folder != file["folder"] else set()


def _put_in_the_way(disk: Disk, folder: str) -> None:
    """A file of the same name as another one."""
    file = disk.chance.pick([file for file in disk.files() if file["folder"] != folder])
    there = joined(folder, file["name"])
    if not disk.holds(there):
        disk.entries.append(disk.at(file["id"]) | {"id": there, "folder": folder, "content": "kept\n"})


def _asked(disk: Disk, verb: str, file: Row, folder: str) -> tuple[str, list[Call], Agenda]:
    """The operation in words, what has to be looked at to know that it is forbidden, and the talk."""
    path, reads = file["id"], [_list(file["folder"])]
    if verb == "delete":
        return f"Please delete {path}.", reads, agenda(disk, _DELETING, {"file": path}, "delete")
    if verb == "change":
        line = disk.chance.pick(NOUNS)
        return f'Please add the line "{line}" at the end of {path}.', reads, _adding(disk, line, file)
    words = f"Please {verb} {path} into {folder}, under the same name."
    return words, [*reads, _list(folder)], _sending(disk, verb, file, folder)


REFUSALS: dict[str, _Kind] = {
    "R1": _against("R1", (*_CHANGING, "copy")),
    "R2": _against("R2", _CHANGING),
    "R3": _against("R3", _CHANGING),
    "R4": _against("R4", _SENDING),
    "R5": _against("R5", ("delete",)),
    "R6": _against("R6", ("delete",)),
    "R7": _against("R7", _SENDING),
}
"""By the rule."""

KINDS: tuple[tuple[_Kind, ...], ...] = (
    (_asked_setting, _asked_size, _asked_day),
    (_delete, _rename, _send, _new_folder),
    (_set, _append, _asked_count, _asked_newest),
    (_rename_all, _move_kind, _move_old, _asked_holder),
    (_mend, _if_debug, _move_holder, _delete_largest),
    (_merge, _clean, _deduplicate, _set_everywhere),
)
"""By difficulty, those that no rule forbids."""
