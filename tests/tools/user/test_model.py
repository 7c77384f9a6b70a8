"""A user played by a language model, against a server on loopback."""

from __future__ import annotations

import pickle

import pytest

from llm_envs.errors import BadOption, InfrastructureError, ModelUnavailable
from llm_envs.testing import FakeServer
from llm_envs.tools.user import Agenda, AgendaUser, Fact
from llm_envs.tools.user.model import ModelUser, UserModel, model_at
from llm_envs.types import StopReason

AGENDA = Agenda("cancel an order", (Fact("order number", "ord-17"),), seed=2**32 - 1)


def user(server, **options):
    """One that does not wait between tries."""
    return ModelUser(AGENDA, UserModel(server.base_url, "fake", sleep=lambda _: None, **options))


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    monkeypatch.delenv("LLM_ENVS_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_it_says_what_the_model_says():
    """And the model hears the whole talk, with what the user wants and knows."""
    with FakeServer(lambda asked: f"answer {asked.number}") as server:
        talker = user(server)
        assert [talker.answer("Which order?"), talker.answer("")] == ["answer 0", "answer 1"]
        heard = server.asked[1].body["messages"]
    assert [message["role"] for message in heard] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert "cancel an order" in heard[0]["content"]
    assert "order number: ord-17" in heard[0]["content"]
    assert [message["content"] for message in heard[2:]] == [talker.open(), "Which order?", "answer 0", "(silence)"]


def test_the_first_words_need_no_model():
    """They are those of the scripted user, so that tasks are the same whoever plays."""
    assert ModelUser(AGENDA, UserModel("http://127.0.0.1:9", "none")).open() == AgendaUser(AGENDA).open()


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("[DONE]", StopReason.END_OF_TURN),
        ("Thanks! [DONE]", StopReason.END_OF_TURN),
        ("[LEAVE]", StopReason.GAVE_UP),
        ("<think>It asks. [DONE]?</think>\nord-17", "ord-17"),
        ("x" * 5_000, "x" * 2_000),
    ],
)
def test_the_end_is_said_by_a_word_of_its_own(said, heard):
    """What the model thinks is nobody's business, and long answers are cut."""
    with FakeServer(lambda _: said) as server:
        assert user(server).answer("Done.") == heard


@pytest.mark.parametrize(
    "fault", ["malformed", "html", "truncated", "no_choices", "null_content", "reset", "429", "503"]
)
def test_what_is_no_answer_is_infrastructure(fault):
    """After some tries."""
    with FakeServer(faults={fault: 1.0}) as server:
        with pytest.raises(ModelUnavailable, match="gave no answer") as caught:
            user(server).answer("Which order?")
        assert server.counts["asked"] == 4
    assert isinstance(caught.value, InfrastructureError)


def test_a_hanging_server_is_left():
    """After the timeout."""
    with FakeServer(faults={"hang": 1.0}) as server, pytest.raises(ModelUnavailable):
        user(server, timeout_s=0.05).answer("Which order?")


def test_one_failure_is_no_failure():
    """The next try counts."""
    with FakeServer(lambda _: "ord-17", faults={"500": 0.5}, seed=3) as server:
        assert [user(server).answer("Which order?") for _ in range(5)] == ["ord-17"] * 5
        assert server.counts["500"]


def test_the_key_opens_and_is_not_told(monkeypatch):
    """A wrong one is asked with once."""
    monkeypatch.setenv("LLM_ENVS_API_KEY", "sk-right-and-secret")
    with FakeServer(lambda _: "ord-17", key="sk-right-and-secret") as server:
        assert user(server).answer("Which order?") == "ord-17"
    with FakeServer(key="sk-other") as server:
        with pytest.raises(ModelUnavailable, match="status 401") as caught:
            user(server).answer("Which order?")
        assert server.counts["asked"] == 1
    assert "secret" not in str(caught.value)


def test_an_address_names_host_and_model():
    """A slash at its end does not matter; what it gives can be sent to other processes."""
    model = pickle.loads(pickle.dumps(model_at("http://127.0.0.1:8000/v1/#qwen/qwen3-8b")))
    assert (model.base_url, model.name) == ("http://127.0.0.1:8000/v1", "qwen/qwen3-8b")


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1/v1", "http:///v1#m", "ftp://h/v1#m", "http://u:sk-1@h/v1#m", "https://h/v1?key=sk-1#m", "://#m"],
)
def test_other_addresses_are_refused(address):
    """Keys in them are not repeated."""
    with pytest.raises(BadOption, match=r"http://") as caught:
        model_at(address)
    assert "sk-1" not in str(caught.value)
