"""A user played by a person."""

from __future__ import annotations

import io

import pytest

from llm_envs.tools.user import Agenda, AgendaUser, Fact
from llm_envs.tools.user.person import PersonUser
from llm_envs.types import StopReason

AGENDA = Agenda("cancel an order", (Fact("order number", "ord-17"),))


def played(*lines):
    """A person who types these lines, and what they are shown."""
    left, shown = iter(lines), []

    def read(_):
        for line in left:
            return line
        raise EOFError

    return PersonUser(AGENDA, read, shown.append), shown


def test_a_person_is_told_the_part_once_and_answers_in_lines():
    """Blank lines say nothing."""
    person, shown = played("", "ord-17", "yes")
    assert [person.answer("Which order?"), person.answer("Sure?")] == ["ord-17", "yes"]
    text = "\n".join(shown)
    assert text.count("You want to cancel an order.") == 1
    assert "order number: ord-17" in text
    assert text.index(AgendaUser(AGENDA).open()) < text.index("agent: Which order?") < text.index("agent: Sure?")


@pytest.mark.parametrize(
    ("lines", "ending"),
    [([":done"], StopReason.END_OF_TURN), ([":leave"], StopReason.GAVE_UP), ([], StopReason.GAVE_UP)],
)
def test_a_person_ends_the_talk(lines, ending):
    """By a word, or by going away."""
    assert played(*lines)[0].answer("Done.") is ending


def test_the_terminal_shows_no_control_characters(monkeypatch, capsys):
    """And standard output stays free."""
    monkeypatch.setattr("sys.stdin", io.StringIO("hm\n"))
    assert PersonUser(AGENDA).answer("\x1b[2J") == "hm"
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    assert "agent:" in err
