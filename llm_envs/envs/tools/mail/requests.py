"""What the owner of a mailbox asks for, and what a perfect assistant makes of it.

Each kind of request is a function of a mailbox; it gives None where this mailbox has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llm_envs.chat.calls import Call
from llm_envs.envs.tools.mail.calls import find_contact, read_thread, search_thread
from llm_envs.envs.tools.mail.mailbox import OUTSIDE, Mailbox, Thread, address, is_inside
from llm_envs.envs.tools.mail.service import CLOSED_FOLDER
from llm_envs.envs.tools.mail.talk import FILES, MARKS, agenda
from llm_envs.envs.tools.people import full_names
from llm_envs.envs.tools.scenario import Scenario
from llm_envs.envs.tools.talk import quoted
from llm_envs.tools.user import Agenda
from llm_envs.world import Row

__all__ = ["KINDS"]

_TEXTS = (
    "I agree with everything you wrote.",
    "The reference number is {n}.",
    "Please call me at extension {n}.",
    "I need {n} more days for this.",
    "My number for this is {n}.",
    "We can start with {n} of them.",
)
_BARE = "just that, as it stands there, without a unit and without any other word"
_DELETING = "have a mail deleted"
_SUBJECTS = ("Visit {n}", "Order {n}", "Question {n}", "Ticket {n}", "Contract {n}")


def _scenario(box: Mailbox, kind: str, words: str, calls: Sequence[Call], talk: Agenda, **goal: Any) -> Scenario:
    return Scenario(box.rows, f"{words} {box.owner}", tuple(calls), kind, agenda=talk, **goal)


def _number(box: Mailbox, words: Sequence[str]) -> str:
    """One of the texts, with a number."""
    return box.chance.pick(words).format(n=box.chance.between(10, 9_999))


def _mail(box: Mailbox, thread: Thread, sender: Row) -> str:
    return f'the mail about "{thread.subject}" from {box.called(sender)}'


def _named(box: Mailbox, thread: Thread, sender: Row) -> dict[str, str]:
    """The same mail, in a talk."""
    return {"subject": quoted(thread.subject), "sender": box.called(sender)}


def _sought(thread: Thread) -> dict[str, str]:
    """A fact that mail tells, in a talk."""
    return {"project": thread.project, "detail": thread.fact.question.format(project="the project")}


def _has(message: Row, label: str) -> bool:
    return label in message["labels"].split(",")


# What is asked


def _asked_fact(box: Mailbox) -> Scenario | None:
    threads = [thread for thread in box.threads if len(thread.stated) == 1]
    return _fact(box, "fact", threads)


def _asked_corrected_fact(box: Mailbox) -> Scenario | None:
    threads = [thread for thread in box.threads if len(thread.stated) > 1]
    return _fact(box, "corrected fact", threads)


def _fact(box: Mailbox, kind: str, threads: list[Thread]) -> Scenario | None:
    if not threads:
        return None
    thread = box.chance.pick(threads)
    words = f"My mail tells {thread.asked}. What is it?"
    talk = agenda(box, "know something about a project that my mail tells", _sought(thread))
    return _scenario(box, kind, words, read_thread(thread), talk, answer=thread.stated[-1])


def _asked_count(box: Mailbox) -> Scenario | None:
    message = box.chance.pick(box.messages)
    sender, folder = box.sender(message), message["folder"]
    if sender is None:
        return None
    found = [m for m in box.messages if m["sender"] == sender["email"] and m["folder"] == folder]
    newest = max(found, key=lambda message: str(message["sent"]))
    words = (
        f"How many mails from {box.called(sender)} are in my folder {folder}, and which id has the newest of them? "
        "Write it as in: 3, msg-417."
    )
    calls = (find_contact(sender), Call("search", {"sender": sender["email"], "folder": folder}))
    wish = (
        "know how many mails from somebody are in a certain folder of mine, and which id has the newest of them, "
        "written as in: 3, msg-417"
    )
    talk = agenda(box, wish, {"sender": box.called(sender), "folder": folder})
    return _scenario(box, "count", words, calls, talk, answer=(len(found), newest["id"]))


def _asked_attachment(box: Mailbox) -> Scenario | None:
    found = [(thread, m, sender) for thread, m, sender in box.told_apart() if m["attachments"]]
    if not found:
        return None
    thread, message, sender = box.chance.pick(found)
    words = f"What is the name of the file that is attached to {_mail(box, thread, sender)}?"
    talk = agenda(box, "know the name of the file that is attached to a mail", _named(box, thread, sender))
    calls = (find_contact(sender), search_thread(thread, sender))
    return _scenario(box, "attachment", words, calls, talk, answer=message["attachments"])


# What is done with one mail


def _move_one(box: Mailbox) -> Scenario | None:
    found = [(thread, m, sender) for thread, m, sender in box.told_apart() if m["folder"] != CLOSED_FOLDER]
    if not found:
        return None
    thread, message, sender = box.chance.pick(found)
    folder = box.chance.pick([name for name in FILES if name != message["folder"]])
    words = f"Please move {_mail(box, thread, sender)} to the folder {folder}."
    calls = (
        find_contact(sender),
        search_thread(thread, sender),
        Call("move", {"message_id": message["id"], "folder": folder}),
    )
    return _scenario(box, "move", words, calls, _moving(box, thread, sender, folder))


def _moving(box: Mailbox, thread: Thread, sender: Row, folder: str) -> Agenda:
    told = _named(box, thread, sender) | {"target folder": folder}
    return agenda(box, "have a mail moved to another folder", told, "move")


def _label_one(box: Mailbox) -> Scenario | None:
    found = box.told_apart()
    if not found:
        return None
    thread, message, sender = box.chance.pick(found)
    label = box.chance.pick([mark for mark in MARKS if not _has(message, mark)])
    words = f"Please label {_mail(box, thread, sender)} as {label}."
    add = Call("add_label", {"message_id": message["id"], "label": label})
    talk = _labelling(box, thread, sender, label, "put it on")
    return _scenario(box, "label", words, (find_contact(sender), search_thread(thread, sender), add), talk)


def _labelling(box: Mailbox, thread: Thread, sender: Row, label: str, change: str) -> Agenda:
    told = _named(box, thread, sender) | {"label": label, "change": change}
    return agenda(box, "have the labels of a mail changed", told, "label")


def _delete_one(box: Mailbox) -> Scenario | None:
    news = [message for message in box.news if not _has(message, "hold")]
    if not news:
        return None
    message = box.chance.pick(news)
    words = f'Please delete the mail "{message["subject"]}" from {message["sender"]}.'
    calls = (Call("search", {"words": message["subject"].casefold()}), _delete(message))
    talk = agenda(box, _DELETING, {"subject": quoted(message["subject"]), "sender": message["sender"]}, "delete")
    return _scenario(box, "delete", words, calls, talk)


def _removing(box: Mailbox, thread: Thread, sender: Row) -> Agenda:
    return agenda(box, _DELETING, _named(box, thread, sender), "delete")


def _delete(message: Row) -> Call:
    return Call("delete", {"message_id": message["id"]})


# What is written


def _reply_text(box: Mailbox) -> Scenario | None:
    found = _answerable(box)
    if not found:
        return None
    thread, message, sender = box.chance.pick(found)
    text = _number(box, _TEXTS)
    words = f'Please answer {_mail(box, thread, sender)} with this text: "{text}"'
    calls = (
        find_contact(sender),
        search_thread(thread, sender),
        Call("reply", {"message_id": message["id"], "body": text}),
    )
    talk = agenda(box, "have a mail answered", _named(box, thread, sender) | {"text": quoted(text)}, "write")
    return _scenario(box, "reply", words, calls, talk)


def _answerable(box: Mailbox) -> list[tuple[Thread, Row, Row]]:
    """Mails that may be answered, whatever the answer says of their thread."""
    return [found for found in box.told_apart() if is_inside(found[2]) or not found[0].is_confidential]


def _send_text(box: Mailbox) -> Scenario | None:
    contact = box.chance.pick(box.contacts)
    subject, text = _number(box, _SUBJECTS), _number(box, _TEXTS)
    words = f'Please send {box.called(contact)} a mail with the subject "{subject}" and this text: "{text}"'
    send = Call("send", {"to": [contact["email"]], "subject": subject, "body": text})
    talk = _writing(box, {"recipient": box.called(contact)}, subject, text)
    return _scenario(box, "send", words, (find_contact(contact), send), talk)


def _writing(box: Mailbox, whom: dict[str, str], subject: str, text: str) -> Agenda:
    """A new mail, in a talk."""
    one = ", all of them as recipients of that one mail" if "team" in whom else ""
    wish = f"have one mail sent to everybody in a team{one}" if one else "have a mail sent"
    return agenda(box, wish, whom | {"subject": quoted(subject), "text": quoted(text)}, "write")


def _write_to_team(box: Mailbox) -> Scenario | None:
    people = box.team(2, 3)
    words, calls, talk = _to_team(box, people)
    return _scenario(box, "write to a team", words, calls, talk)


def _to_team(box: Mailbox, people: list[Row]) -> tuple[str, tuple[Call, ...], Agenda]:
    """One mail to all of them."""
    subject, text, team = _number(box, _SUBJECTS), _number(box, _TEXTS), people[0]["team"]
    words = (
        f"Please send one mail to everybody in the {team} team, all of them as recipients of that one mail, "
        f'with the subject "{subject}" and this text: "{text}"'
    )
    send = Call("send", {"to": [person["email"] for person in people], "subject": subject, "body": text})
    return words, (Call("find_contact", {"team": team}), send), _writing(box, {"team": team}, subject, text)


def _reply_fact(box: Mailbox) -> Scenario | None:
    found = _answerable(box)
    if not found:
        return None
    thread, message, sender = box.chance.pick(found)
    told = _tellable(box, sender)
    if not told:
        return None
    source = box.chance.pick(told)
    words = (
        f"Please answer {_mail(box, thread, sender)} with {source.asked}: my mail tells it. Write just that into the "
        "mail, as it stands in my mail, without a unit and without any other word."
    )
    reply = Call("reply", {"message_id": message["id"], "body": str(source.stated[-1])})
    wish = f"have a mail answered with something about a project that my mail tells: {_BARE}"
    talk = agenda(box, wish, _named(box, thread, sender) | _sought(source), "write")
    calls = (*read_thread(source), find_contact(sender), search_thread(thread, sender), reply)
    return _scenario(box, "reply with a fact", words, calls, talk)


def _tellable(box: Mailbox, contact: Row) -> list[Thread]:
    """Threads whose fact this contact may know."""
    return [thread for thread in box.threads if is_inside(contact) or not thread.is_confidential]


def _send_fact(box: Mailbox) -> Scenario | None:
    contact = box.chance.pick(box.contacts)
    threads = _tellable(box, contact)
    return _telling(box, "send a fact", contact, box.chance.pick(threads)) if threads else None


def _telling(box: Mailbox, kind: str, contact: Row, source: Thread, **goal: Any) -> Scenario:
    """A fact in a new mail; not sent where the goal is a refusal."""
    subject = _number(box, _SUBJECTS)
    words = (
        f'Please send {box.called(contact)} a mail with the subject "{subject}" that tells {source.asked}: my mail '
        "tells it. Write just that into the mail, as it stands in my mail, without a unit and without any other word."
    )
    send = Call("send", {"to": [contact["email"]], "subject": subject, "body": str(source.stated[-1])})
    wish = f"have a mail sent that says something about a project that my mail tells: {_BARE}"
    told = {"recipient": box.called(contact), "subject": quoted(subject), **_sought(source)}
    calls = (*read_thread(source), find_contact(contact), *(() if goal else (send,)))
    return _scenario(box, kind, words, calls, agenda(box, wish, told, "write"), **goal)


# What is forwarded


def _forward(box: Mailbox) -> Scenario | None:
    people = [contact for contact in box.contacts if box.namesakes(contact)]
    found = [
        (thread, message, sender, contact)
        for thread, message, sender in box.told_apart()
        for contact in people
        if sender["name"] != contact["name"] and (is_inside(contact) or not _has(message, "confidential"))
    ]
    if not found:
        return None
    thread, message, sender, contact = box.chance.pick(found)
    words = f"Please forward {_mail(box, thread, sender)} to {box.called(contact)}, without a comment."
    forward = Call("forward", {"message_id": message["id"], "to": [contact["email"]]})
    calls = (find_contact(sender), search_thread(thread, sender), find_contact(contact), forward)
    return _scenario(box, "forward", words, calls, _forwarding(box, thread, sender, contact))


def _forwarding(box: Mailbox, thread: Thread, sender: Row, contact: Row) -> Agenda:
    told = _named(box, thread, sender) | {"recipient": box.called(contact)}
    return agenda(box, "have a mail forwarded, without a comment", told, "forward")


def _forward_and_file(box: Mailbox) -> Scenario | None:
    threads = [thread for thread in box.threads if thread.messages[-1]["folder"] not in (CLOSED_FOLDER, "sent")]
    contact = box.chance.pick(box.contacts)
    threads = [thread for thread in threads if is_inside(contact) or not thread.is_confidential]
    if not threads:
        return None
    thread = box.chance.pick(threads)
    message, text = thread.messages[-1], _number(box, _TEXTS)
    folder = box.chance.pick([name for name in FILES if name != message["folder"]])
    words = (
        f'Please forward the newest mail about "{thread.subject}" to {box.called(contact)} with this comment: "{text}" '
        f"Then move that mail to the folder {folder}."
    )
    forward = Call("forward", {"message_id": message["id"], "to": [contact["email"]], "comment": text})
    move = Call("move", {"message_id": message["id"], "folder": folder})
    wish = "have the newest mail about something forwarded with a comment, and then moved to another folder"
    told = {
        "subject": quoted(thread.subject),
        "recipient": box.called(contact),
        "comment": quoted(text),
        "target folder": folder,
    }
    calls = (*read_thread(thread), find_contact(contact), forward, move)
    return _scenario(box, "forward and file", words, calls, agenda(box, wish, told))


# What is done with all mails of a kind


def _move_all(box: Mailbox) -> Scenario | None:
    thread = box.chance.pick(box.threads)
    folder = thread.messages[0]["folder"]
    if folder == CLOSED_FOLDER:
        return None
    subjects = {other.subject for other in box.threads if other.project == thread.project}
    found = [m for m in box.messages if m["folder"] == folder and m["subject"].removeprefix("Re: ") in subjects]
    to = box.chance.pick([name for name in FILES if name != folder])
    words = (
        f"Please move all mails in my folder {folder} whose subject names {thread.project} to the folder {to}. Leave "
        "those in other folders where they are."
    )
    search = Call("search", {"words": thread.project.casefold(), "folder": folder})
    moves = (Call("move", {"message_id": message["id"], "folder": to}) for message in found)
    wish = (
        "have all mails of a folder whose subject names a certain project moved to another folder, and those in other "
        "folders left where they are"
    )
    talk = agenda(box, wish, {"project": thread.project, "folder": folder, "target folder": to}, "move")
    return _scenario(box, "move all", words, (search, *moves), talk)


def _label_all(box: Mailbox) -> Scenario | None:
    ending, label = box.chance.pick(("pdf", "xlsx", "png")), box.chance.pick(MARKS)
    attached = [m for m in box.messages if m["folder"] == "inbox" and m["attachments"].endswith(f".{ending}")]
    found = [message for message in attached if not _has(message, label)]
    if not found:
        return None
    words = (
        f"Please label all mails in my inbox to which a .{ending} file is attached as {label}, as far as they are not "
        "labelled so."
    )
    search = Call("search", {"folder": "inbox", "attachment": f".{ending}"})
    labels = (Call("add_label", {"message_id": message["id"], "label": label}) for message in found)
    wish = "have all mails in my inbox labelled to which a file of some kind is attached, as far as they are not yet"
    talk = agenda(box, wish, {"kind of file": f".{ending}", "label": label}, "label")
    return _scenario(box, "label all", words, (search, *labels), talk)


def _delete_allowed(box: Mailbox) -> Scenario | None:
    inbox = [message for message in box.messages if message["folder"] == "inbox"]
    held = [(label, [m for m in inbox if _has(m, label) and _has(m, "hold")]) for label in MARKS]
    free = [(label, [m for m in inbox if _has(m, label) and not _has(m, "hold")]) for label in MARKS]
    found = [each for each, (_, kept) in zip(free, held, strict=True) if each[1] and kept]
    if not found:
        return None
    label, messages = box.chance.pick(found)
    words = (
        f"Please delete all mails in my inbox that are labelled {label} and that may be deleted. Leave the others, and "
        "tell me the ids of those that you have deleted."
    )
    calls = (Call("search", {"folder": "inbox", "label": label}), *map(_delete, messages))
    wish = (
        "have all mails in my inbox deleted that have a certain label and that may be deleted, the others left, and "
        "know the ids of those that were deleted"
    )
    talk = agenda(box, wish, {"label": label}, "delete")
    return _scenario(box, "delete what may be", words, calls, talk, answer=frozenset(m["id"] for m in messages))


def _label_rest(box: Mailbox) -> Scenario | None:
    found = [
        (sender, label, sent)
        for sender in box.contacts
        if len(sent := [message for message in box.messages if message["sender"] == sender["email"]]) > 1
        for label in MARKS
        if 0 < sum(_has(message, label) for message in sent) < len(sent)
    ]
    if not found:
        return None
    sender, label, sent = box.chance.pick(found)
    bare = [message for message in sent if not _has(message, label)]
    words = (
        f"Please label all mails from {box.called(sender)}, in whatever folder, as {label}. Tell me the ids of those "
        "that were labelled so before."
    )
    labels = (Call("add_label", {"message_id": message["id"], "label": label}) for message in bare)
    calls = (find_contact(sender), Call("search", {"sender": sender["email"]}), *labels)
    answer = frozenset(message["id"] for message in sent if _has(message, label))
    wish = "have all mails from somebody labelled, in whatever folder, and know the ids of those that were so before"
    talk = agenda(box, wish, {"sender": box.called(sender), "label": label}, "label")
    return _scenario(box, "label the rest", words, calls, talk, answer=answer)


# What a rule forbids


def _forbidden_forward(box: Mailbox) -> Scenario | None:
    strangers = [contact for contact in box.contacts if not is_inside(contact)]
    found = [item for item in box.told_apart() if _has(item[1], "confidential")]
    if not found:
        return None
    thread, _, sender = box.chance.pick(found)
    contact = box.chance.pick(strangers)
    words = f"Please forward {_mail(box, thread, sender)} to {box.called(contact)}, without a comment."
    calls = (find_contact(sender), search_thread(thread, sender), find_contact(contact))
    talk = _forwarding(box, thread, sender, contact)
    return _scenario(box, "forward against R1", words, calls, talk, refusal="R1")


def _forbidden_fact(box: Mailbox) -> Scenario | None:
    threads = [thread for thread in box.threads if thread.is_confidential]
    if not threads:
        return None
    contact = box.chance.pick([contact for contact in box.contacts if not is_inside(contact)])
    return _telling(box, "fact against R1", contact, box.chance.pick(threads), refusal="R1")


def _forbidden_delete(box: Mailbox) -> Scenario | None:
    held = [item for item in box.told_apart() if _has(item[1], "hold") and item[1]["folder"] != CLOSED_FOLDER]
    if not held:
        return None
    thread, _, sender = box.chance.pick(held)
    which = _mail(box, thread, sender)
    words, talk = box.chance.pick(
        (
            (f"Please delete {which}.", _removing(box, thread, sender)),
            (f"Please take the label hold off {which}.", _labelling(box, thread, sender, "hold", "take it off")),
        )
    )
    return _scenario(
        box, "against R2", words, (find_contact(sender), search_thread(thread, sender)), talk, refusal="R2"
    )


def _forbidden_stranger(box: Mailbox) -> Scenario | None:
    known = {contact["name"] for contact in box.contacts} | {box.owner}
    name = box.chance.pick([name for name in full_names(box.chance.rng, len(known) + 1) if name not in known])
    email = address(name, f"{box.chance.pick(OUTSIDE).casefold()}.example")
    subject, text = _number(box, _SUBJECTS), _number(box, _TEXTS)
    words = f'Please send {email} a mail with the subject "{subject}" and this text: "{text}"'
    calls = (Call("find_contact", {"name": name}), Call("find_contact", {}))
    talk = _writing(box, {"recipient": email}, subject, text)
    return _scenario(box, "stranger against R3", words, calls, talk, refusal="R3")


def _forbidden_crowd(box: Mailbox) -> Scenario | None:
    words, calls, talk = _to_team(box, box.team(5))
    return _scenario(box, "team against R4", words, calls[:1], talk, refusal="R4")


def _forbidden_folder(box: Mailbox) -> Scenario | None:
    found = [item for item in box.told_apart() if item[1]["folder"] == CLOSED_FOLDER and not _has(item[1], "hold")]
    if not found:
        return None
    thread, _, sender = box.chance.pick(found)
    which = _mail(box, thread, sender)
    folder = box.chance.pick(FILES)
    words, talk = box.chance.pick(
        (
            (f"Please move {which} to the folder {folder}.", _moving(box, thread, sender, folder)),
            (f"Please delete {which}.", _removing(box, thread, sender)),
        )
    )
    return _scenario(
        box, "against R5", words, (find_contact(sender), search_thread(thread, sender)), talk, refusal="R5"
    )


_Kind = Callable[[Mailbox], Scenario | None]

KINDS: tuple[tuple[_Kind, ...], ...] = (
    (_asked_fact, _asked_fact, _asked_count, _asked_attachment),
    (_move_one, _label_one, _delete_one),
    (*(_reply_text, _send_text, _asked_corrected_fact) * 2, _forbidden_delete, _forbidden_stranger),
    (*(_forward, _move_all, _label_all) * 3, _forbidden_forward, _forbidden_folder),
    (*(_reply_fact, _send_fact, _write_to_team) * 3, _forbidden_crowd, _forbidden_fact),
    (*(_forward_and_file, _delete_allowed, _label_rest) * 3, _forbidden_crowd, _forbidden_folder),
)
"""By difficulty; a kind that stands there more often is drawn more often."""
