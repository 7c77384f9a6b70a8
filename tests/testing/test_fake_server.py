"""The fake server answers right, fails as it is told, and counts both."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections import Counter

import pytest

from llm_envs.errors import BadOption
from llm_envs.testing import FakeServer
from llm_envs.testing.fake_server import FAULTS, Raw, Said

PATIENCE_S = 20.0


def post(server, path="/v1/chat/completions", *, key=None, timeout_s=PATIENCE_S, **body):
    """Status, headers and body of one question."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=timeout_s)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        connection.request("POST", path, json.dumps({"model": "fake", **body}), headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def chat(server, text="hello", **more):
    """The same, of a chat."""
    return post(server, messages=[{"role": "user", "content": text}], **more)


def get(server, path, **headers):
    """What stands at a path."""
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers=headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
        return json.load(response)


def test_a_chat_is_answered_by_the_function_given():
    """Content, usage and finish reason stand where OpenAI's clients look for them."""
    with FakeServer(lambda asked: asked.text.upper()) as server:
        status, _, body = chat(server, "hello")
    answer = json.loads(body)
    assert status == 200
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "HELLO"}
    assert answer["choices"][0]["finish_reason"] == "stop"
    assert answer["usage"]["total_tokens"] == sum(
        answer["usage"][f"{kind}_tokens"] for kind in ("prompt", "completion")
    )


def test_the_default_answer_is_always_the_same():
    """Equal questions, equal answers."""
    with FakeServer() as server:
        assert json.loads(chat(server, "a")[2])["choices"] == json.loads(chat(server, "a")[2])["choices"]


def test_token_ids_go_in_and_come_out():
    """A prompt of ids is answered with ids, the stop id included, and a log-probability for each."""
    with FakeServer(lambda asked: f"{len(asked.ids)}") as server:
        prompt = server.tokenizer.encode_prompt([{"role": "user", "content": "hi"}])
        ask = {"prompt": prompt, "return_token_ids": True, "logprobs": 0}
        choice = json.loads(post(server, "/v1/completions", **ask)[2])["choices"][0]
        assert choice["text"] == str(len(prompt))
        assert choice["token_ids"] == server.tokenizer.encode_reply(choice["text"])
        assert choice["prompt_token_ids"] == prompt
        assert len(choice["logprobs"]["token_logprobs"]) == len(choice["token_ids"])
        choice = json.loads(chat(server, return_token_ids=True, logprobs=True)[2])["choices"][0]
        assert len(choice["logprobs"]["content"]) == len(choice["token_ids"])


def test_an_answer_longer_than_asked_for_is_cut():
    """With `length` as its finish reason."""
    with FakeServer(lambda _: "abcdef") as server:
        choice = json.loads(chat(server, max_tokens=3)[2])["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("abc", "length")


def test_servers_without_ids_give_none():
    """However they are asked."""
    with FakeServer(gives_ids=False) as server:
        assert "token_ids" not in json.loads(chat(server, return_token_ids=True)[2])["choices"][0]


@pytest.mark.parametrize(
    ("options", "ask", "status", "words"),
    [
        ({"key": "secret"}, {}, 401, "API key"),
        ({}, {"model": "other"}, 404, "does not exist"),
        ({"refuses": ["seed"]}, {"seed": 1}, 400, "seed"),
        ({"context_length": 10}, {"max_tokens": 20}, 400, "maximum context length is 10"),
        ({}, {"stream": True}, 400, "stream"),
    ],
)
def test_what_it_will_not_answer_is_refused(options, ask, status, words):
    """With the status and about the words of real servers, and not counted as answered."""
    with FakeServer(**options) as server:
        got, _, body = chat(server, **ask)
        assert (got, words in body.decode()) == (status, True)
        assert (len(server.asked), len(server.answered)) == (1, 0)


def test_the_key_opens():
    """With it, the same question is answered, and so is what models there are."""
    with FakeServer(key="secret", models=("fake", "other")) as server:
        assert chat(server, key="secret")[0] == 200
        models = get(server, "/v1/models", Authorization="Bearer secret")
    assert [card["id"] for card in models["data"]] == ["fake", "other"]


def test_an_answer_can_be_anything():
    """A message with more in it, another finish reason, or another status altogether."""
    answers = [Said(None, "tool_calls", {"tool_calls": [1]}), Raw(418, {"error": "teapot"})]
    with FakeServer(lambda asked: answers[asked.number]) as server:
        choice = json.loads(chat(server)[2])["choices"][0]
        assert choice["message"] == {"role": "assistant", "content": None, "tool_calls": [1]}
        assert chat(server)[0] == 418


def test_an_answer_function_that_raises_is_told():
    """Its author sees what it raised, and the server goes on."""
    with FakeServer(lambda asked: f"{1 // asked.number}") as server:
        status, _, body = chat(server)
        assert (status, b"ZeroDivisionError" in body) == (400, True)
        assert (chat(server)[0], len(server.asked)) == (200, 2)


FAILS = {
    "malformed": lambda status, headers, body: (
        status == 200 and "json" in headers["Content-Type"] and not is_json(body)
    ),
    "html": lambda status, _, body: status == 200 and b"<html>" in body,
    "no_choices": lambda status, _, body: status == 200 and json.loads(body)["choices"] == [],
    "null_content": lambda *got: json.loads(got[2])["choices"][0]["message"]["content"] is None,
    "429": lambda status, headers, _: status == 429 and headers["Retry-After"] == "1",
    "500": lambda status, *_: status == 500,
    "502": lambda status, _, body: status == 502 and b"<html>" in body,
    "503": lambda status, *_: status == 503,
    "drip": lambda status, _, body: status == 200 and is_json(body),
}


def is_json(body):
    """Whether it can be read."""
    try:
        return bool(json.loads(body))
    except ValueError:
        return False


@pytest.mark.parametrize("fault", FAILS)
def test_faults_that_answer_something(fault):
    """Each in its own way; the slow one alone counts as answered."""
    with FakeServer(faults={fault: 1.0}, drip_s=0.05) as server:
        assert FAILS[fault](*chat(server))
        assert server.counts[fault] == len(server.asked) == 1
        assert len(server.answered) == (fault == "drip")


@pytest.mark.parametrize(
    ("fault", "error"),
    [("truncated", http.client.IncompleteRead), ("reset", ConnectionResetError), ("hang", TimeoutError)],
)
def test_faults_that_answer_nothing(fault, error):
    """The connection tells."""
    with FakeServer(faults={fault: 1.0}) as server:
        with pytest.raises(error):
            chat(server, timeout_s=0.2)
        assert len(server.answered) == 0
    assert FAILS.keys() | {"truncated", "reset", "hang"} == FAULTS.keys()


def test_faults_are_drawn_by_seed_and_number():
    """The same requests meet the same faults, in about the shares asked for, and no request is doomed."""
    met = []
    for _ in range(2):
        with FakeServer(faults={"500": 0.3, "html": 0.2}, seed=5) as server:
            for _ in range(200):
                chat(server, "the same")
            met.append([asked.fault for asked in server.asked])
    assert met[0] == met[1]
    counts = Counter(met[0])
    assert 40 <= counts["500"] <= 80
    assert 20 <= counts["html"] <= 60


def test_faults_can_change():
    """From one question to the next."""
    with FakeServer() as server:
        server.misbehave({"503": 1.0})
        assert chat(server)[0] == 503
        server.misbehave({})
        assert chat(server)[0] == 200


@pytest.mark.parametrize("wrong", [{"html": -0.1}, {"html": 0.6, "reset": 0.6}, {"htlm": 0.1}])
def test_faults_without_sense_are_refused(wrong):
    """Unknown names with what was probably meant."""
    with pytest.raises(BadOption, match="html" if "htlm" in wrong else "shares"):
        FakeServer(faults=wrong)


def test_an_outage_refuses_connections_and_ends_at_the_same_address():
    """Those that are open are cut."""
    with FakeServer() as server:
        held = socket.create_connection(("127.0.0.1", server.port))
        server.down()
        with pytest.raises(OSError, match=r"refused|reset"):
            chat(server)
        held.close()
        server.up()
        assert chat(server)[0] == 200


def test_connections_stay_open():
    """Many questions, one connection."""
    with FakeServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
        for _ in range(3):
            connection.request("POST", "/v1/completions", json.dumps({"model": "fake", "prompt": "a"}))
            connection.getresponse().read()
        connection.close()
        assert server.counts["connections"] == 1
        assert get(server, "/counts")["answered"] == 3


def test_a_server_that_was_stopped_has_let_go():
    """Of its port and its thread; it can be started again."""
    server = FakeServer()
    for _ in range(2):
        with server:
            assert chat(server)[0] == 200
        with pytest.raises(RuntimeError, match="does not run"):
            server.down()


def test_it_runs_in_a_process_of_its_own(tmp_path):
    """It says where it is, and at its end what it has done."""
    (tmp_path / "sayings.py").write_text("def answer(asked):\n    return 'well, ' + asked.text\n")
    command = [sys.executable, "-m", "llm_envs.testing.fake_server", "--answer", "sayings:answer", "--latency", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    try:
        address = process.stdout.readline().strip()
        body = {"model": "fake", "messages": [{"role": "user", "content": "hi"}]}
        request = urllib.request.Request(f"{address}/chat/completions", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:
            assert json.load(response)["choices"][0]["message"]["content"] == "well, hi"
    finally:
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=PATIENCE_S)[0]
    assert json.loads(told)["answered"] == 1
    assert process.returncode == 0


@pytest.mark.parametrize("wrong", [["--fault", "htlm=0.1"], ["--fault", "html"], ["--answer", "nothing:here"]])
def test_mistyped_options_are_told(wrong):
    """As a usage error."""
    command = [sys.executable, "-m", "llm_envs.testing.fake_server", *wrong]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert run.returncode == 2
    assert wrong[0] in run.stderr
