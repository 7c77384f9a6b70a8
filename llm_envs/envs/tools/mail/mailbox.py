"""The rows of a mailbox, and ways to choose among them.

Mail comes in threads. A thread is about one fact of one project: its first message states it, later ones state it anew,
quote what was stated before, or say nothing of it. Some mail is news that nobody answers. Two pairs of contacts are
namesakes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from llm_envs.envs.tools.chance import Chance
from llm_envs.envs.tools.mail.service import CLOSED_FOLDER
from llm_envs.envs.tools.people import full_names, ids
from llm_envs.world import Row

__all__ = ["HOME", "OUTSIDE", "Fact", "Mailbox", "Thread", "open_mailbox"]

HOME = "kestrel.example"
"""The domain of the owner's company."""

OUTSIDE = ("Lumen", "Ostrava", "Brightwater", "Tamarack", "Solway")
_TEAMS = ("legal", "sales", "research", "support", "logistics", "design")
_TEAM_SIZES = (5, 3, 2)
_STRANGERS = 4
"""Contacts outside the company."""

# fmt: off
_PROJECTS = (
    "Orion", "Juniper", "Halcyon", "Meridian", "Cobalt", "Saffron", "Tundra", "Beacon", "Lagoon", "Quartz", "Monsoon",
    "Falcon", "Willow", "Ember", "Glacier", "Harvest", "Indigo", "Jasper", "Keystone", "Lantern", "Magnet", "Nimbus",
)
# fmt: on
_PROJECTS_AT_ONCE = 5
_THREADS, _LONGEST_THREAD, _NEWS = 9, 4, 5
_FOLDERS = ("inbox", "inbox", "inbox", "archive", "finance", "travel", "hiring")
_NEWS_ABOUT = ("Newsletter", "Price list", "Survey", "Invitation", "Status report")
_MARKS = ("urgent", "todo", "waiting", "paid")
_CONFIDENTIAL, _HOLD, _MARKED, _ATTACHED, _RESTATED, _QUOTED = 0.25, 0.25, 0.5, 0.5, 0.45, 0.6
"""Shares of threads, and of messages."""

_ENDINGS = ("pdf", "xlsx", "png")
_CHAT = ("Thanks, noted.", "I will look at it tomorrow.", "Good to know.", "I have told the others.")
_CORRECTIONS = ("This has changed. ", "Please forget what I wrote before. ", "There is news. ", "A correction: ")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a project that mails state.

    Args:
        statement: with `{project}` and `{value}`.
        question: what is asked for, with `{project}`.
        value: of a number; numbers that differ by less than 150 give different values.
    """

    noun: str
    statement: str
    question: str
    value: Callable[[int, date], Any]


FACTS = (
    Fact("price", "The price of {project} is {value} euros.", "the price of {project} in euros", lambda n, _: 1000 + n),
    Fact(
        "room",
        "We meet for {project} in room {value}.",
        "the room in which we meet for {project}",
        lambda n, _: f"B{n}",
    ),
    Fact("code", "The access code of {project} is {value}.", "the access code of {project}", lambda n, _: f"{n:04}X"),
    Fact(
        "deadline",
        "The deadline of {project} is {value}.",
        "the deadline of {project} as YYYY-MM-DD",
        lambda n, today: today + timedelta(days=5 + n % 300),
    ),
    Fact(
        "guests",
        "For {project} we expect {value} people.",
        "the number of people that we expect for {project}",
        lambda n, _: 20 + n % 700,
    ),
)


@dataclass(slots=True)
class Thread:
    """The messages about one fact, oldest first, and every value that was stated, in the same order."""

    project: str
    fact: Fact
    messages: list[Row]
    stated: list[Any] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """Of its first message."""
        return f"{self.project}: {self.fact.noun}"

    @property
    def asked(self) -> str:
        """What a question about it asks for."""
        return self.fact.question.format(project=self.project)

    @property
    def is_confidential(self) -> bool:
        """All its messages are."""
        return "confidential" in self.messages[0]["labels"]


@dataclass(slots=True)
class Mailbox:
    """The rows of one mailbox, and ways to choose among them.

    Args:
        letters: mail that came in beside threads and news.
    """

    chance: Chance
    now: datetime
    owner: str
    contacts: list[Row]
    threads: list[Thread] = field(default_factory=list)
    news: list[Row] = field(default_factory=list)
    letters: list[Row] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The owner's."""
        return address(self.owner, HOME)

    @property
    def messages(self) -> list[Row]:
        """All of them."""
        return [message for thread in self.threads for message in thread.messages] + self.news + self.letters

    @property
    def rows(self) -> dict[str, list[Row]]:
        """By table."""
        settings = [{"id": "address", "value": self.address}, {"id": "away", "value": ""}]
        return {"contacts": self.contacts, "messages": self.messages, "settings": settings}

    def receive(self, sender: Row, subject: str, said: str, *, after: Row | None = None) -> Row:
        """One more mail in the inbox, in the thread of another mail or in none.

        Args:
            after: an earlier mail from the same sender, which this one follows.
        """
        used, chance = {message["id"] for message in self.messages}, self.chance
        numbers = (f"msg-{number}" for number in chance.numbers(len(used) + 1, 100, 999))
        since = datetime.fromisoformat(after["sent"]) if after else self.now - timedelta(days=20)
        until = self.now if after else self.now - timedelta(days=1)
        sent = since + timedelta(minutes=1 + int(chance.fraction() * ((until - since) / timedelta(minutes=1) - 2)))
        row = {
            "id": next(number for number in numbers if number not in used),
            "thread": after["id"] if after else None,
            "folder": "inbox",
            "sender": sender["email"],
            "recipients": self.address,
            "subject": f"Re: {subject}" if after else subject,
            "sent": sent.isoformat(" ", "minutes"),
            "body": _letter(said, self.owner, sender["name"]),
            "attachments": "",
            "labels": "",
        }
        self.letters.append(row)
        return row

    def sender(self, message: Row) -> Row | None:
        """The contact who has sent it."""
        return next((contact for contact in self.contacts if contact["email"] == message["sender"]), None)

    def namesakes(self, contact: Row) -> list[Row]:
        """Others of that name."""
        return [other for other in self.contacts if other["name"] == contact["name"] and other is not contact]

    def called(self, contact: Row) -> str:
        """A name that nobody else answers to."""
        if not self.namesakes(contact):
            return str(contact["name"])
        team = contact["team"]
        return f"{contact['name']} of {team}" if team in OUTSIDE else f"{contact['name']} of the {team} team"

    def team(self, *sizes: int) -> list[Row]:
        """The people of a team inside the company that has one of these sizes."""
        teams = {contact["team"] for contact in self.contacts if is_inside(contact)}
        people = [[contact for contact in self.contacts if contact["team"] == team] for team in sorted(teams)]
        fitting = [team for team in people if len(team) in sizes]
        return self.chance.pick(fitting) if fitting else []

    def told_apart(self) -> list[tuple[Thread, Row, Row]]:
        """Messages that are the only ones in their thread from anybody of that name, with thread and sender."""
        found = []
        for thread in self.threads:
            senders = [self.sender(message) for message in thread.messages]
            names = [sender["name"] for sender in senders if sender]
            found += [
                (thread, message, sender)
                for message, sender in zip(thread.messages, senders, strict=True)
                if sender and names.count(sender["name"]) == 1
            ]
        return found


def address(name: str, domain: str) -> str:
    """The usual one of a person there."""
    return f"{name.replace(' ', '.')}@{domain}".casefold()


def is_inside(contact: Row) -> bool:
    """The contact works for the owner's company."""
    return str(contact["email"]).endswith(f"@{HOME}")


def open_mailbox(chance: Chance, now: datetime) -> Mailbox:
    """A mailbox as it stands at a moment."""
    people = sum(_TEAM_SIZES) + _STRANGERS
    owner, *names = full_names(chance.rng, people + 1)
    teams, outside = chance.some(_TEAMS, len(_TEAM_SIZES)), chance.some(OUTSIDE, 2)
    places = [team for team, size in zip(teams, _TEAM_SIZES, strict=True) for _ in range(size)]
    places += [outside[i % 2] for i in range(_STRANGERS)]
    names[people - 1], names[sum(_TEAM_SIZES) - 1] = names[0], names[1]
    contacts = [
        {"id": number, "name": name, "email": _address_at(name, place, i), "team": place}
        for i, (number, name, place) in enumerate(zip(ids(chance.rng, "con", people), names, places, strict=True))
    ]
    box = Mailbox(chance, now, owner, contacts)
    _fill(box)
    return box


def _address_at(name: str, place: str, number: int) -> str:
    """The last one inside is somebody's namesake there, and so has another address."""
    if place in OUTSIDE:
        return address(name, f"{place.casefold()}.example")
    first, _, last = name.partition(" ")
    return address(name if number < sum(_TEAM_SIZES) - 1 else f"{first[0]} {last}", HOME)


def _fill(box: Mailbox) -> None:
    """Threads and news."""
    chance, rng, most = box.chance, box.chance.rng, _THREADS * _LONGEST_THREAD + _NEWS
    numbers, hours = ids(rng, "msg", most), (rng.permutation(1900)[:most] + 1).tolist()
    minutes = rng.integers(0, 60, most).tolist()
    chances, dices = rng.random((most, 6)).tolist(), rng.integers(0, 5040, (most, 4)).tolist()
    projects = chance.some(_PROJECTS, _PROJECTS_AT_ONCE)
    topics = rng.permutation(_PROJECTS_AT_ONCE * len(FACTS))[:_THREADS].tolist()
    lengths = rng.integers(1, _LONGEST_THREAD + 1, _THREADS).tolist()
    posts = [
        _Post(number, box.now - timedelta(hours=hour, minutes=minute), luck, dice)
        for number, hour, minute, luck, dice in zip(numbers, hours, minutes, chances, dices, strict=True)
    ]
    for i, (topic, length) in enumerate(zip(topics, lengths, strict=True)):
        mine = sorted(posts[i * _LONGEST_THREAD :][:length], key=lambda post: post.sent)
        project, fact = divmod(topic, len(FACTS))
        folder = CLOSED_FOLDER if i == 0 else chance.pick(_FOLDERS)
        box.threads.append(_thread(box, Thread(projects[project], FACTS[fact], []), mine, folder))
    box.news = [_news(box, post, i) for i, post in enumerate(posts[-_NEWS:])]


@dataclass(frozen=True, slots=True)
class _Post:
    """What chance has given one message: an id, a time, six numbers in [0, 1) and four below 5040."""

    number: str
    sent: datetime
    luck: list[float]
    dice: list[int]


def _thread(box: Mailbox, thread: Thread, posts: list[_Post], folder: str) -> Thread:
    first = posts[0]
    one, other = (box.contacts[die % len(box.contacts)] for die in first.dice[:2])
    confidential = ["confidential"] * (first.luck[0] < _CONFIDENTIAL)
    for i, post in enumerate(posts):
        writer = (one, other, None)[post.dice[2] % 3 if i else 0]
        value = thread.fact.value(first.dice[3] + 37 * i, box.now.date())
        row = _row(box, post, writer, one, folder)
        row["thread"] = first.number if i else None
        row["subject"] = f"{'Re: ' if i else ''}{thread.subject}"
        names = (box.owner, writer["name"]) if writer else (one["name"], box.owner)
        row["body"] = _letter(_said(thread, post, value), *names)
        row["labels"] = ",".join(sorted(confidential + _labels(post)))
        if writer and post.luck[4] < _ATTACHED:
            row["attachments"] = f"{thread.project.casefold()}-{post.dice[0]}.{_ENDINGS[post.dice[1] % 3]}"
        thread.messages.append(row)
    return thread


def _said(thread: Thread, post: _Post, value: Any) -> str:
    """What a message says of the thread's fact: a value, or nothing, perhaps below a quotation."""
    said = thread.fact.statement
    if not thread.stated or post.luck[1] < _RESTATED:
        correction = _CORRECTIONS[post.dice[1] % len(_CORRECTIONS)] if thread.stated else ""
        thread.stated.append(value)
        return correction + said.format(project=thread.project, value=value)
    chat = _CHAT[post.dice[1] % len(_CHAT)]
    quoted = f"> {said.format(project=thread.project, value=thread.stated[0])}\n\n"
    return quoted + chat if post.luck[2] < _QUOTED else chat


def _letter(said: str, hello: str, bye: str) -> str:
    hello, bye = hello.partition(" ")[0], bye.partition(" ")[0]
    return f"Hello {hello},\n\n{said}\n\nBest wishes\n{bye}"


def _row(box: Mailbox, post: _Post, writer: Row | None, other: Row, folder: str) -> Row:
    """A message without words, to the owner, or from the owner to the other."""
    return {
        "id": post.number,
        "thread": None,
        "folder": folder if writer else "sent",
        "sender": writer["email"] if writer else box.address,
        "recipients": box.address if writer else other["email"],
        "subject": "",
        "sent": post.sent.isoformat(" ", "minutes"),
        "body": "",
        "attachments": "",
        "labels": "",
    }


def _labels(post: _Post) -> list[str]:
    marks = [_MARKS[post.dice[0] % len(_MARKS)]] * (post.luck[5] < _MARKED)
    return marks + ["hold"] * (post.luck[3] < _HOLD)


def _news(box: Mailbox, post: _Post, place: int) -> Row:
    """Mail that nobody answers, half of it from contacts outside the company."""
    stranger = box.contacts[-1 - place % _STRANGERS]
    domain = stranger["email"].partition("@")[2]
    row = _row(box, post, stranger, stranger, "inbox")
    row["sender"] = stranger["email"] if post.dice[2] % 2 else f"news@{domain}"
    row["subject"] = f"{_NEWS_ABOUT[place]} {post.dice[3]}"
    row["body"] = f"Hello,\n\nThis is what is new at {domain.partition('.')[0].title()}.\n\nYour team"
    row["labels"] = ",".join(sorted(_labels(post)))
    return row
