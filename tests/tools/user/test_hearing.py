"""What a turn of the agent asks for, proposes and reports."""

from __future__ import annotations

import time

import pytest

from llm_envs.tools.user.hearing import Hearing, plain

PHRASES = {
    "order number": ("order number", "which order", "number of your order"),
    "e-mail address": ("e-mail address", "e-mail", "email"),
    "address": ("address", "where should i send"),
    "item": ("item", "which product"),
    "new product": ("new product", "exchange it for", "instead"),
}
HEARING = Hearing(PHRASES, {"cancel": ("cancel",), "return": ("return",), "address": ("send",)})


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("What is your order number?", ["order number"]),
        ("WHICH ORDER is it about?", ["order number"]),
        ("Please tell me your e\u2011mail.", ["e-mail address"]),
        ("Please tell me your e-mail.", ["e-mail address"]),
        ("Could you give me your *email address*, please", ["e-mail address", "address"]),
        ("What is your e-mail address?", ["e-mail address"]),
        ("I\u2019ll need your address.", ["address"]),
        ("Where should I send it?", ["address"]),
        ("What would you like to exchange it for?", ["new product"]),
        ("Please provide:\n1. Your e-mail address\n2. The order number\n", ["e-mail address", "order number"]),
        ("Please provide:\n- the item\n- the new product", ["item", "new product"]),
        ("Thank you. And the item? The item, please?", ["item"]),
        ("I have your e-mail address. Which order is it?", ["order number"]),
        ("e-mail address order number item", []),
        ("Your e-mail address is on file.", []),
        ("e-mail?", ["e-mail address"]),
        ("reorder numbers?", []),
        ("", []),
    ],
)
def test_only_questions_ask(text, asked):
    """And only for what they name, in that order."""
    assert list(HEARING.of(text).asked) == asked


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("Shall I cancel order ord-17?", "shall i cancel order ord 17"),
        ("I see. Do you want me to return the item?", "do you want me to return the item"),
        ("I would cancel ord-17. Is that correct?", "i would cancel ord 17 is that correct"),
        ("I would cancel ord-17, correct?", "i would cancel ord 17 correct"),
        ("Just to confirm, you want to cancel ord-17?", "just to confirm you want to cancel ord 17"),
        ("Which order should I cancel?", ""),
        ("Whom should I cancel it for?", ""),
        ("Where should I send it?", ""),
        ("Can I have your e-mail address?", ""),
        ("Could you confirm your e-mail address?", ""),
        ("I cancel ord-17.", ""),
    ],
)
def test_an_offer_to_act_is_a_proposal(text, proposal):
    """A question for something is none."""
    assert HEARING.of(text).proposal == proposal


@pytest.mark.parametrize(
    "text",
    [
        "Done.",
        "All done!",
        "I have cancelled order ord-17.",
        "I've successfully returned the item.",
        "Your order has been cancelled.",
        "The address is now updated.",
        "I have cancelled it. Can I help you with anything else?",
        "I have sent it elsewhere. Have a nice day!",
        "Goodbye.",
        "I cancelled it. Is that correct?",
    ],
)
def test_reports_are_heard(text):
    """Whether they are true is another matter."""
    assert HEARING.of(text).reports


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I will cancel your order.",
        "It has not been cancelled yet.",
        "Once it has been cancelled I will tell you.",
        "I cannot get that done.",
        "Your order has been sent on 3 March.",
        "The order was created last week.",
        "I have received your request.",
        "I have found your account.",
        "Is it done?",
        "Shall I cancel ord-17? Is there anything else?",
        "abandoned",
    ],
)
def test_what_is_to_come_or_has_failed_is_no_report(text):
    """Nor is what others did."""
    assert not HEARING.of(text).reports


@pytest.mark.parametrize(
    ("text", "declines"),
    [
        ("I'm sorry, I cannot cancel it.", True),
        ("Rule R3 forbids that.", True),
        ("That is against our policy.", True),
        ("This is not possible, I am afraid.", True),
        ("Sorry, I can\u2019t.", True),
        ("I have to refuse.", True),
        ("Can't you find it?", False),
        ("I will cancel it.", False),
        ("One moment.", False),
        ("", False),
    ],
)
def test_what_cannot_be_done_is_heard(text, declines):
    """A question declines nothing."""
    assert HEARING.of(text).declines == declines


@pytest.mark.parametrize("text", ["what " * 200_000, "? " * 500_000, "e-mail?" * 100_000, "\ud800\x00\u202e?" * 1000])
def test_any_text_is_heard_in_no_time(text):
    """Of long ones the beginning alone."""
    began = time.process_time()
    HEARING.of(text)
    assert time.process_time() - began < 5.0


def test_plain_words_are_words_and_nothing_else():
    """Apostrophes join, other signs part."""
    assert plain("What\u2019s  your E-Mail\n(or \uff49\uff44)?") == "whats your e mail or id"


def test_who_knows_nothing_hears_nothing_named():
    """But that something is asked."""
    heard = Hearing({}, {}).of("What is your name?")
    assert (heard.asked, heard.asks) == ((), True)
