"""What is asked is answered, whatever goes wrong in between, and what is not an answer is never taken for one."""

from __future__ import annotations

import asyncio
import logging
import threading
import traceback
from collections import Counter

import pytest
from asking import HURRY, ask, opened, queries, query

from llm_envs.errors import EndpointRefused, ModelUnavailable, Outage
from llm_envs.evals.engine import Engine, Settings
from llm_envs.evals.folder import RunFolder
from llm_envs.evals.plan import EnvPlan, Plan
from llm_envs.policies.endpoint import Endpoint
from llm_envs.policies.endpoint.breaker import Breaker
from llm_envs.policies.endpoint.patience import Patience
from llm_envs.policies.model import Decoding
from llm_envs.testing import FakeServer
from llm_envs.testing.fake_server import FAULTS, Raw, Said
from llm_envs.testing.fake_server.speech import logprob, trouble

PATIENCE_S = 20.0
MIX = dict.fromkeys(sorted(FAULTS.keys() - {"hang", "drip"}), 0.02)
"""One reply in five is none."""


def said(asked):
    """The truth: what every question must be answered with."""
    return f"The answer to {asked} is {len(asked)}."


def answer(asked):
    """The same, for the server."""
    return said(asked.text)


def truth(asked):
    """What each of the queries must be answered with."""
    return [said(query.messages[-1]["content"]) for query in asked]


def texts(completions):
    """What they say."""
    return [completion.text for completion in completions]


def test_a_question_is_answered():
    """With how much it took."""
    with FakeServer(answer) as server:
        (completion,) = ask(server, *queries(1))
    assert completion.text == truth(queries(1))[0]
    assert (completion.finish, completion.tries) == ("stop", 1)
    assert completion.took_s > 0
    assert completion.prompt_tokens
    assert completion.sampled_tokens == len(completion.text.encode()) + 1


def test_ids_and_logprobs_come_along_where_the_endpoint_gives_them():
    """At the turn level they are the endpoint's own, for the record."""
    with FakeServer(answer) as server:
        (completion,) = ask(server, *queries(1))
        assert completion.ids == server.tokenizer.encode_reply(completion.text)
        assert completion.logprobs == list(map(logprob, completion.ids))
    with FakeServer(answer, gives_ids=False) as server:
        assert ask(server, *queries(1))[0].ids is None


async def until(event):
    """Wait for what happens in another thread."""
    async with asyncio.timeout(PATIENCE_S):
        while not event():  # noqa: ASYNC110 (there is no asyncio.Event to wait for)
            await asyncio.sleep(0.01)


# Faults


@pytest.mark.parametrize("fault", sorted(FAULTS.keys() - {"hang"}))
def test_a_fault_changes_no_answer(fault):
    """Half of all requests meet it, with default settings; every answer is the truth."""
    asked = queries(24)
    with FakeServer(answer, faults={fault: 0.5}, retry_after_s=0.01, drip_s=0.05) as server:
        completions = ask(server, *asked)
    assert texts(completions) == truth(asked)
    assert server.counts[fault] > 5
    assert sum(completion.tries for completion in completions) == len(server.asked)


def test_a_mix_of_faults_changes_no_answer():
    """A fifth of all requests fail, each in its own way, with default settings and unhurried waits."""
    asked = queries(150)
    with FakeServer(answer, faults=MIX, retry_after_s=0.1, seed=3) as server:
        completions = ask(server, *asked, sleep=asyncio.sleep)
    assert texts(completions) == truth(asked)
    assert all(server.counts[fault] for fault in MIX)
    wanted = Counter(one.messages[-1]["content"] for one in asked)
    assert Counter(asked.text for asked in server.answered) == wanted, "nothing that was answered is asked again"


def test_a_server_that_hangs_now_and_then_costs_no_answer():
    """Deadlines are learned from those that it answers."""
    asked = queries(60)
    with FakeServer(answer, faults={"hang": 0.2}) as server:
        completions = ask(server, *asked, patience=Patience(floor_s=0.3))
    assert texts(completions) == truth(asked)
    assert server.counts["hang"] > 5


def test_deadlines_that_are_learned_hold_for_questions_that_are_open():
    """The first question hangs; it is asked again once others have told how long an answer takes."""
    asked = queries(30)
    with FakeServer(answer) as server:
        server.misbehave({"hang": 1.0})

        async def play():
            async with opened(server, patience=Patience(floor_s=0.2), timeout_s=600) as endpoint:
                first = asyncio.create_task(endpoint.reply(asked[0]))
                await until(lambda: server.counts["hang"])
                server.misbehave({})
                await asyncio.gather(*map(endpoint.reply, asked[1:]))
                return await first

        completion = asyncio.run(play())
    assert (completion.text, completion.tries) == (truth(asked)[0], 2)


def test_a_server_that_only_hangs_ends_by_itself():
    """As an outage, since nobody was answered."""
    with FakeServer(answer, faults={"hang": 1.0}) as server:
        breaker = Breaker("it", quiet_s=0.2, limit_s=0.5)
        errors = ask(server, *queries(4), patience=Patience(0.05), breaker=breaker)
    assert {type(error) for error in errors} == {Outage}


def test_an_outage_that_goes_by_costs_no_answer():
    """All questions wait while the server is away; one at a time looks whether it is back."""
    asked = queries(40)
    with FakeServer(answer, latency_s=0.05) as server:

        async def play():
            breaker = Breaker("it", quiet_s=0.1, limit_s=60.0, sleep=lambda s: asyncio.sleep(s / HURRY))
            async with opened(server, concurrency=8, breaker=breaker, sleep=asyncio.sleep) as endpoint:
                replies = asyncio.gather(*map(endpoint.reply, asked))
                await until(lambda: len(server.answered) >= 10)
                server.down()
                await until(lambda: breaker.is_open)
                await asyncio.sleep(0.3)
                server.up()
                return await replies

        completions = asyncio.run(play())
    assert texts(completions) == truth(asked)


def test_a_server_that_does_not_come_back_stops_the_run():
    """With an error that says that nothing is lost."""
    with FakeServer(answer) as server:

        async def play():
            breaker = Breaker("it", quiet_s=0.05, limit_s=0.3, sleep=lambda s: asyncio.sleep(s / HURRY))
            async with opened(server, breaker=breaker) as endpoint:
                server.down()
                await asyncio.gather(*map(endpoint.reply, queries(8)))

        with pytest.raises(Outage, match="answered nobody") as caught:
            asyncio.run(play())
    assert "what was answered is kept" in caught.value.next_step


def test_a_question_that_breaks_the_server_is_no_outage():
    """It is given up after its tries; the others are answered."""
    asked = queries(6)
    poison = asked[3].messages[-1]["content"]
    with FakeServer(lambda asked: trouble(500, "boom") if asked.text == poison else answer(asked)) as server:
        breaker = Breaker("it", quiet_s=0.0)
        completions = ask(server, *asked, breaker=breaker)
    error = completions.pop(3)
    assert isinstance(error, ModelUnavailable)
    assert "boom" in error.received
    assert texts(completions) == [text for text in truth(asked) if text != said(poison)]
    assert Counter(asked.text for asked in server.asked)[poison] == 10


def test_the_wait_that_a_server_asks_for_is_waited():
    """Not less, whatever would be drawn."""
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    answers = iter([trouble(429, "later", headers={"Retry-After": "17"}), "at last"])
    with FakeServer(lambda _: next(answers)) as server:
        (completion,) = ask(server, *queries(1), sleep=sleep)
    assert (completion.text, completion.tries) == ("at last", 2)
    assert 17.0 <= waits[0] <= 18.7
    assert len(waits) == 1


def test_a_rate_limit_costs_no_answer():
    """A server that takes four at a time is asked by as many, before long, and nobody runs out of tries."""
    asked = queries(120)
    with FakeServer(latency_s=0.02) as server:
        server.manners.answer = lambda it: answer(it) if server.open_now <= 4 else trouble(429, "too many")
        completions = ask(server, *asked, concurrency=32)
    assert texts(completions) == truth(asked)


@pytest.mark.parametrize("concurrency", [1, 5, 16])
def test_no_more_questions_are_open_than_are_allowed(concurrency):
    """Nor connections; retries included."""
    with FakeServer(answer, latency_s=0.01, faults={"500": 0.1}) as server:
        ask(server, *queries(80), concurrency=concurrency)
    assert server.open_most <= concurrency
    assert server.open_most == concurrency or server.counts["500"]
    with FakeServer(answer, latency_s=0.01) as server:
        ask(server, *queries(80), concurrency=concurrency)
    assert server.open_most == concurrency
    assert server.counts["connections"] == concurrency


# Refusals


def failing(status, message="no", **headers):
    """A server that says one thing."""
    return FakeServer(lambda _: trouble(status, message, headers=headers))


@pytest.mark.parametrize("status", [401, 402, 403, 404, 405])
def test_what_will_not_change_stops_at_once(status):
    """Without a second try."""
    with failing(status) as server:
        (error,) = ask(server, *queries(1))
    assert isinstance(error, EndpointRefused)
    assert str(status) in str(error)
    assert len(server.asked) == 1


def test_a_redirection_is_not_followed():
    """The key would travel along; the error says where to."""
    with failing(307, Location="http://127.0.0.1:9/v1") as server:
        (error,) = ask(server, *queries(1))
    assert isinstance(error, EndpointRefused)
    assert "127.0.0.1:9" in error.received


def test_a_question_that_is_called_wrong_is_not_asked_again():
    """It is an error of that episode alone."""
    wrong = queries(3)[1].messages[-1]["content"]
    with FakeServer(lambda asked: trouble(400, "bad words") if asked.text == wrong else answer(asked)) as server:

        async def play():
            async with opened(server) as endpoint:
                return [await one(endpoint, asked) for asked in queries(3)]

        found = asyncio.run(play())
    assert [type(one).__name__ for one in found] == ["Completion", "ModelUnavailable", "Completion"]
    assert Counter(asked.text for asked in server.asked)[wrong] == 1


async def one(endpoint, asked):
    """What becomes of one query."""
    try:
        return await endpoint.reply(asked)
    except (ModelUnavailable, EndpointRefused) as error:
        return error


def test_an_endpoint_that_calls_all_questions_wrong_stops_the_run():
    """The first two may be bad luck."""
    with failing(400, "temperature must be 1") as server:

        async def play():
            async with opened(server, decoding=Decoding(temperature=0.5)) as endpoint:
                return [type(await one(endpoint, asked)) for asked in queries(3)]

        assert asyncio.run(play()) == [ModelUnavailable, ModelUnavailable, EndpointRefused]


@pytest.mark.parametrize(
    "unknown", [["return_token_ids"], ["logprobs"], ["seed", "logprobs"], ["return_token_ids", "seed"]]
)
def test_fields_that_an_endpoint_does_not_know_are_left_out(unknown):
    """It is asked again without, and once."""
    with FakeServer(answer, refuses=unknown) as server:

        async def play():
            async with opened(server) as endpoint:
                return [await endpoint.reply(asked) for asked in queries(5)]

        completions = asyncio.run(play())
    assert texts(completions) == truth(queries(5))
    assert len(server.asked) == 5 + len(unknown)
    assert not server.asked[-1].body.keys() & set(unknown)


@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_an_endpoint_that_does_not_say_what_it_does_not_know(concurrency):
    """It is asked without all that no endpoint has to know, however many questions were on their way by then."""

    def picky(asked):
        return trouble(422, "Extra inputs are not permitted") if "logprobs" in asked.body else answer(asked)

    with FakeServer(picky, latency_s=0.05) as server:
        assert texts(ask(server, *queries(12), concurrency=concurrency)) == truth(queries(12))
    assert len(server.asked) == 12 + min(concurrency, 12)


def test_an_overflow_is_an_answer():
    """The conversation no longer fits: what the model could say is nothing."""
    with FakeServer(answer, context_length=1) as server:
        (completion,) = ask(server, *queries(1))
    assert (completion.text, completion.finish) == ("", "context")


def test_a_limit_on_tokens_that_does_not_fit_is_no_overflow():
    """As many are sampled as there is room for."""
    with FakeServer(answer, context_length=100) as server:
        (completion,) = ask(server, *queries(1), decoding=Decoding(max_tokens=1000))
    assert (completion.text, completion.finish) == (truth(queries(1))[0], "stop")


def test_an_answer_that_is_cut_off_says_so():
    """By a limit on tokens."""
    with FakeServer(answer) as server:
        (completion,) = ask(server, *queries(1), decoding=Decoding(max_tokens=5))
    assert (completion.text, completion.finish) == (truth(queries(1))[0][:5], "length")


def test_reasoning_stands_before_the_content():
    """In the form that verifiers know."""
    with FakeServer(lambda _: Said("42", more={"reasoning_content": "6 x 7"})) as server:
        assert ask(server, *queries(1))[0].text == "<think>\n6 x 7\n</think>\n\n42"


def test_samples_differ_and_repetitions_do_not():
    """By the seed that is sent."""

    def seeds():
        with FakeServer(answer) as server:
            ask(server, *(query(sample=sample) for sample in range(4)), concurrency=1)
            return [asked.body["seed"] for asked in server.asked]

    first = seeds()
    assert len(set(first)) == 4
    assert first == seeds()


# The key


SECRET = "sk-S3CRET-0123456789"


@pytest.fixture
def secret(monkeypatch):
    """A key in the environment."""
    monkeypatch.delenv("LLM_ENVS_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)


@pytest.mark.usefixtures("secret")
def test_the_key_goes_into_one_header():
    """Of every request."""
    with FakeServer(answer, key=SECRET) as server:
        assert texts(ask(server, *queries(2))) == truth(queries(2))
        assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {SECRET}"}
        assert SECRET not in repr([asked.body for asked in server.asked])


ECHO = {"error": {"message": f"You sent Bearer {SECRET}"}}


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500])
def test_no_error_and_no_log_has_the_key(status, caplog):
    """Though the server repeats it in whatever it says."""
    caplog.set_level(logging.DEBUG)
    with FakeServer(lambda _: Raw(status, ECHO, {"Location": f"http://x/{SECRET}"})) as server:
        errors = ask(server, *queries(4), breaker=Breaker("it", quiet_s=0.0, limit_s=0.0))
    assert errors
    for error in errors:
        assert isinstance(error, EndpointRefused | ModelUnavailable | Outage)
        assert SECRET not in "".join(traceback.format_exception(error)) + repr(vars(error)) + repr(error)
    assert SECRET not in caplog.text


def test_a_key_that_a_server_spells_otherwise_does_not_show(monkeypatch, caplog):
    """JSON may escape a slash; an outage tells what the server said last."""
    monkeypatch.setenv("LLM_ENVS_API_KEY", "sk/S3CRET/0123456789")
    body = '{"error": {"message": "wrong: sk\\/S3CRET\\/0123456789"}}'
    with FakeServer(lambda _: Raw(500, body, is_json=True)) as server:
        errors = ask(server, *queries(4), breaker=Breaker("it", quiet_s=0.0, limit_s=0.0))
    assert any(isinstance(error, Outage) for error in errors)
    assert "S3CRET" not in "".join(map(str, errors)) + caplog.text
    assert "[key]" in "".join(map(str, errors))


def test_what_a_server_says_cannot_drive_a_terminal():
    """Its control characters are shown as pictures."""
    with FakeServer(lambda _: trouble(401, "no \x1b]0;title\x07\x9b31m")) as server:
        (error,) = ask(server, *queries(1))
    assert "no \N{SYMBOL FOR ESCAPE}]0;title" in error.received
    assert error.received.isprintable()


def test_a_response_without_end_is_no_answer(monkeypatch):
    """It does not fill the memory."""
    monkeypatch.setattr("llm_envs.policies.endpoint.connection._MOST_BYTES", 1 << 20)
    with FakeServer(lambda _: "x" * (2 << 20)) as server:
        (error,) = ask(server, *queries(1), patience=Patience(tries=2))
    assert isinstance(error, ModelUnavailable)
    assert "more than 1 MiB" in error.received


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("fault", ["reset", "truncated", "malformed", "html"])
def test_no_failed_connection_tells_the_key(fault, caplog):
    """Exceptions of the HTTP library hold the headers; ours do not hold them."""
    caplog.set_level(logging.DEBUG)
    with FakeServer(answer, faults={fault: 1.0}) as server:
        (error,) = ask(server, *queries(1))
    assert isinstance(error, ModelUnavailable)
    assert SECRET not in "".join(traceback.format_exception(error)) + repr(vars(error))
    assert SECRET not in caplog.text


@pytest.mark.usefixtures("secret")
def test_no_run_folder_has_the_key(tmp_path):
    """Neither plan nor journal, nor what the model says of itself."""
    with FakeServer(answer, key=SECRET, faults={"500": 0.3, "html": 0.2}) as server:
        endpoint = Endpoint(server.base_url, "fake", sleep=lambda s: asyncio.sleep(s / HURRY))
        assert SECRET not in repr(endpoint) + str(endpoint)
        plan = Plan((EnvPlan("llm/Arithmetic-v0"),), f"{server.base_url}#fake", tasks=10)
        asyncio.run(Engine(RunFolder.create(tmp_path / "run", plan), endpoint, Settings(concurrency=4)).run())
    written = b"".join(path.read_bytes() for path in (tmp_path / "run").rglob("*") if path.is_file())
    assert b"The answer to" in written
    assert SECRET.encode() not in written


# With the engine


def test_a_run_under_faults_scores_the_truth(tmp_path):
    """Right where the server was right, and no episode without a reward."""

    def half_right(asked):
        number = query_of[asked.text]
        return str(number[1]) if number[0] % 2 else "I do not know"

    asked = queries(60)
    query_of = {one.messages[-1]["content"]: (n, one.env.task.answer) for n, one in enumerate(asked)}
    with FakeServer(half_right, faults=MIX, retry_after_s=0.01) as server:
        endpoint = Endpoint(server.base_url, "fake", sleep=lambda s: asyncio.sleep(s / HURRY))
        plan = Plan((EnvPlan("llm/Arithmetic-v0"),), "fake", tasks=60)
        engine = Engine(RunFolder.create(tmp_path / "run", plan), endpoint, Settings(concurrency=16))
        asyncio.run(engine.run())
    assert (engine.tally.scored, engine.tally.errors) == (60, 0)
    assert engine.tally.mean == pytest.approx(0.5)


# The token level


def tokens(count, **options):
    """Queries with the room that the endpoint asks for."""
    room = Endpoint("http://127.0.0.1:1/v1", "m", tokenizer="bytes").env_options
    return [query(task, **{**room, **options}) for task in range(count)]


def counted(asked):
    """An answer to tokens."""
    return f"{len(asked.ids)} tokens <3 \N{GRINNING FACE}"


def test_sampled_ids_come_back_as_they_are():
    """With the stop id, the log-probability of each, and the text without the stop id."""
    asked = tokens(3)
    with FakeServer(counted) as server:
        completions = ask(server, *asked, tokenizer="bytes", concurrency=1)
        for one, completion, got in zip(asked, completions, server.asked, strict=True):
            context = one.env.context().tolist()
            assert got.path == "/v1/completions"
            assert got.ids == context
            assert completion.text == f"{len(context)} tokens <3 \N{GRINNING FACE}"
            assert completion.ids == one.env.chat.encode_reply(completion.text)
            assert completion.logprobs == list(map(logprob, completion.ids))


def test_a_reply_of_tokens_that_is_cut_off_keeps_them():
    """Without a stop id."""
    with FakeServer(counted) as server:
        (completion,) = ask(server, *tokens(1), tokenizer="bytes", decoding=Decoding(max_tokens=4))
    assert (completion.finish, len(completion.ids), completion.text) == ("length", 4, completion.text[:4])


@pytest.mark.parametrize("gives", ["max_model_len", "words"])
def test_tokens_are_sampled_up_to_the_endpoints_limit(gives):
    """As /models tells it, or as its refusal does; beyond it, the context is full."""
    asked = tokens(2)
    length = len(asked[0].env.context())
    with FakeServer(counted, context_length=length + 10) as server:
        if gives == "words":
            server.manners.cards = lambda: [{"id": "fake"}]
        (completion,) = ask(server, asked[0], tokenizer="bytes")
        assert (completion.finish, len(completion.ids)) == ("length", 10)
        assert len(server.asked) == (1 if gives == "max_model_len" else 2)
    with FakeServer(counted, context_length=length) as server:
        assert ask(server, asked[0], tokenizer="bytes")[0].finish == "context"


def test_an_endpoint_without_ids_cannot_play_tokens():
    """The error says what to do; nothing is made up from text."""
    with FakeServer(counted, gives_ids=False) as server:
        (error,) = ask(server, *tokens(1), tokenizer="bytes")
    assert isinstance(error, EndpointRefused)
    assert "return_token_ids" in error.expected
    assert "turn level" in error.next_step


def sampled(text, ids):
    """A response that says so."""
    choice = {"text": text, "finish_reason": "stop", "token_ids": ids}
    return Raw(200, {"choices": [choice]})


def test_an_empty_turn_of_tokens_is_the_models_own():
    """It stops no run."""
    with FakeServer(lambda _: sampled("", [])) as server:
        (completion,) = ask(server, query(tokenizer="bytes"), tokenizer="bytes")
    assert (completion.text, completion.ids) == ("", [])


@pytest.mark.parametrize("strange", [-1, 10**6, 10**30])
def test_ids_that_the_tokenizer_does_not_have_are_no_answer(strange):
    """They are asked for again in the next sitting, and never journalled."""
    with FakeServer(lambda _: sampled("4", [52, strange])) as server:
        (error,) = ask(server, query(tokenizer="bytes"), tokenizer="bytes")
    assert isinstance(error, ModelUnavailable)


def test_an_endpoint_that_changes_the_prompt_is_refused():
    """A begin-of-text put before it, say: log-probabilities would be of another context."""

    def changed(asked):
        return Raw(200, {"choices": [{"text": "a", "token_ids": [97, 258], "prompt_token_ids": [1, *asked.ids]}]})

    with FakeServer(changed) as server:
        (error,) = ask(server, *tokens(1), tokenizer="bytes")
    assert isinstance(error, EndpointRefused)
    assert "does not continue" in str(error)


def test_a_run_of_tokens_scores_what_was_sampled(tmp_path):
    """Through the engine: the journal has the ids, and the env the reply."""
    answers = {}

    def right(asked):
        return answers[tuple(asked.ids)]

    for one in tokens(8):
        answers[tuple(one.env.context().tolist())] = str(one.env.task.answer)
    with FakeServer(right) as server:
        endpoint = Endpoint(server.base_url, "fake", tokenizer="bytes")
        plan = Plan((EnvPlan("llm/Arithmetic-v0"),), "fake", tasks=8)
        folder = RunFolder.create(tmp_path / "run", plan)
        engine = Engine(folder, endpoint, Settings(concurrency=4))
        asyncio.run(engine.run())
        assert endpoint.level == "token"
    assert (engine.tally.scored, engine.tally.mean) == (8, 1.0)


def test_waiting_threads_are_none():
    """Everything happens in the one loop."""
    before = threading.active_count()
    with FakeServer(answer, latency_s=0.05) as server:

        async def play():
            async with opened(server) as endpoint:
                replies = asyncio.gather(*map(endpoint.reply, queries(20)))
                await asyncio.sleep(0.02)
                during = threading.active_count()
                await replies
                return during

        assert asyncio.run(play()) <= before + 1


def test_a_question_that_is_cancelled_lets_go_of_its_place():
    """And of its connection."""
    with FakeServer(answer, faults={"hang": 1.0}) as server:

        async def play():
            async with opened(server, concurrency=1) as endpoint:
                first = asyncio.create_task(endpoint.reply(queries(1)[0]))
                await until(lambda: server.counts["hang"])
                first.cancel()
                server.misbehave({})
                return await endpoint.reply(queries(1)[0])

        assert asyncio.run(play()).text == truth(queries(1))[0]
