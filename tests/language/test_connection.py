"""A model answers in bounded time or fails as one clear error; a person's words reach the model and nobody else."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import traceback
from typing import Any

import pytest

from holdfast.errors import InputError, ModelError
from holdfast.language.connection import connect, parse_model_spec
from holdfast.language.model import Completion

SECRET = "the neighbour's name is Xylophonius"


class Pauses:
    """Sleeps not at all, and remembers for how long it was to."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


async def complete(server: Any, pauses: Pauses | None = None, **options: Any) -> Completion:
    options = {"timeout_s": 10.0, "sleep": pauses or Pauses(), **options}
    async with connect(parse_model_spec(server.spec), **options) as model:
        return await model.complete("You are a test.", SECRET)


async def test_both_texts_reach_the_model_and_its_answer_comes_back(server: Any, turn: Any) -> None:
    server.turns = [turn(text="An answer.")]
    completion = await complete(server)
    assert completion == Completion(text="An answer.", model_id=server.spec)
    (request,) = server.requests
    assert request["model"] == "tiny"
    assert [(m["role"], m["content"]) for m in request["messages"]] == [("system", "You are a test."), ("user", SECRET)]


async def test_a_key_is_sent_where_one_is_given_and_none_is_read_from_the_environment(
    server: Any, turn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    server.turns = [turn(text="Yes.")]
    await complete(server)
    await complete(server, api_key="given")
    assert "from-the-environment" not in str(server.headers)
    assert server.headers[1]["authorization"] == "Bearer given"


async def test_a_proxy_set_in_the_environment_is_not_used_on_this_machine(
    server: Any, turn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    server.turns = [turn(text="Yes.")]
    assert (await complete(server)).text == "Yes."


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_a_passing_failure_is_tried_again_after_growing_pauses(server: Any, turn: Any, status: int) -> None:
    server.turns = [turn(text="no", status=status), turn(text="no", status=status), turn(text="Yes.")]
    pauses = Pauses()
    assert (await complete(server, pauses)).text == "Yes."
    assert pauses.taken == [0.5, 1.0]


async def test_the_servers_own_pause_is_observed_up_to_a_bound(server: Any, turn: Any) -> None:
    server.turns = [
        turn(text="no", status=429, headers={"retry-after": "2"}),
        turn(text="no", status=429, headers={"retry-after": "3600"}),
        turn(text="Yes."),
    ]
    pauses = Pauses()
    await complete(server, pauses)
    assert pauses.taken == [2.0, 4.0]


async def test_after_two_more_attempts_it_gives_up(server: Any, turn: Any) -> None:
    server.turns = [turn(text="no", status=500)]
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:\d+/v1#tiny refused the request with HTTP status 500"):
        await complete(server)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 404, 422])
async def test_a_lasting_refusal_is_not_tried_again(server: Any, turn: Any, status: int) -> None:
    server.turns = [turn(text="no", status=status)]
    with pytest.raises(ModelError, match=f"HTTP status {status}"):
        await complete(server)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"{}",
        b'{"choices": []}',
        b'{"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [{"index": 0}]}',
        b"\xff\xfe",
    ],
)
async def test_a_malformed_answer_is_one_clear_error(server: Any, turn: Any, body: bytes) -> None:
    server.turns = [turn(body=body)]
    with pytest.raises(ModelError, match=r"Language model http://127\.0\.0\.1.*; check the server"):
        await complete(server)


@pytest.mark.parametrize("text", ["", "  \n ", None])
async def test_an_empty_answer_is_an_error(server: Any, turn: Any, text: str | None) -> None:
    server.turns = [turn(text=text)]
    with pytest.raises(ModelError, match=r"answered nothing|answered unusably"):
        await complete(server)


async def test_a_stalling_server_is_left_after_the_timeout_retries_included(server: Any, turn: Any) -> None:
    server.turns = [turn(text="late", wait_s=5.0)]
    start = asyncio.get_running_loop().time()
    with pytest.raises(ModelError, match=r"did not answer within 0\.5 s"):
        await complete(server, timeout_s=0.5)
    assert asyncio.get_running_loop().time() - start < 2.0


async def test_a_redirect_is_not_followed_so_that_words_go_only_where_they_were_sent(server: Any, turn: Any) -> None:
    elsewhere = f"http://localhost:{server.port}/v1/chat/completions"
    server.turns = [turn(text="gone", status=307, headers={"location": elsewhere}), turn(text="Caught.")]
    with pytest.raises(ModelError, match="could not be reached"):
        await complete(server, retries=0)
    assert len(server.requests) == 1


async def test_a_server_that_is_not_there_is_one_clear_error() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    pauses = Pauses()
    async with connect(parse_model_spec(f"http://127.0.0.1:{port}/v1#tiny"), sleep=pauses) as model:
        with pytest.raises(ModelError, match="could not be reached"):
            await model.complete("system", SECRET)
    assert len(pauses.taken) == 2


@pytest.mark.parametrize(
    "script",
    [
        {"status": 400, "body": b'{"error": {"message": "cannot take: the neighbour\'s name is Xylophonius"}}'},
        {"status": 500, "body": b"the neighbour's name is Xylophonius"},
        {"body": b"the neighbour's name is Xylophonius"},
        {"text": ""},
    ],
)
async def test_a_persons_words_are_in_no_error_and_no_log_even_where_the_server_repeats_them(
    server: Any, turn: Any, caplog: pytest.LogCaptureFixture, script: dict[str, Any]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.turns = [turn(**script)]
    with pytest.raises(ModelError, match="Language model") as caught:
        await complete(server)
    assert "Xylophonius" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert "Xylophonius" not in caplog.text


async def test_a_persons_words_are_in_no_log_where_all_goes_well(
    server: Any, turn: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.turns = [turn(text="Yes.")]
    await complete(server)
    assert "Xylophonius" not in caplog.text


async def test_nothing_but_the_one_request_is_sent(server: Any, turn: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No telemetry, no price list, no model list: every connection that is opened goes to the server."""
    opened: list[Any] = []
    original = socket.socket.connect

    def watched(self: socket.socket, address: Any) -> None:
        opened.append(address)
        original(self, address)

    monkeypatch.setattr(socket.socket, "connect", watched)
    resolve = asyncio.get_running_loop().getaddrinfo

    async def resolved(host: Any, *args: Any, **options: Any) -> Any:
        opened.append((host, args[0] if args else None))
        return await resolve(host, *args, **options)

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolved)
    server.turns = [turn(text="Yes.")]
    await complete(server)
    assert {address[0] for address in opened} <= {"127.0.0.1"}
    assert len(server.requests) == 1


async def test_anthropics_protocol_fails_as_clearly_and_logs_no_words(
    server: Any, turn: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The scripted server does not speak it, so the answer is a 404; the request still went through its library."""
    caplog.set_level(logging.DEBUG)
    from dataclasses import replace

    spec = replace(parse_model_spec("anthropic:some-model"), base_url=f"http://127.0.0.1:{server.port}")
    async with connect(spec, api_key="key", sleep=Pauses()) as model:
        with pytest.raises(ModelError, match=r"Language model anthropic:some-model refused.*404"):
            await model.complete("system", SECRET)
    assert "Xylophonius" not in caplog.text


def test_no_provider_library_is_imported_before_a_model_is_connected() -> None:
    code = (
        "import sys, holdfast.language.connection, holdfast.language.drafting, holdfast.cli.ask; "
        "print(sorted({'pydantic_ai', 'openai', 'anthropic', 'httpx2', 'torch', 'fastapi'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("spec", "options", "message"),
    [
        ("none", {}, "must name one to connect to"),
        ("openai:gpt-x", {}, "must be given an API key"),
        ("anthropic:model", {"api_key": ""}, "must be given an API key"),
        ("http://localhost:1/v1#m", {"timeout_s": 0}, "timeout_s must be above 0"),
        ("http://localhost:1/v1#m", {"retries": -1}, "retries at least 0"),
    ],
)
def test_what_cannot_be_connected_is_refused_before_anything_is_sent(
    spec: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        connect(parse_model_spec(spec), **options)


# An answer in pieces


def chunk(text: str) -> bytes:
    """One event of a streamed answer, as an OpenAI-compatible server sends it."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "tiny",
        "choices": [{"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}],
    }
    return b"data: " + json.dumps(body).encode() + b"\n\n"


async def read_pieces(server: Any) -> list[str]:
    async with connect(parse_model_spec(server.spec), timeout_s=5) as model:
        assert model.model_id == server.spec
        return [piece async for piece in model.stream("system", "user")]


async def test_an_answer_can_be_read_in_pieces(server: Any, turn: Any) -> None:
    server.turns = [turn(body=b"".join(map(chunk, ["Panic ", "passes."])) + b"data: [DONE]\n\n")]
    assert "".join(await read_pieces(server)) == "Panic passes."
    assert server.requests[0]["stream"] is True


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ({"status": 400, "body": b'{"error": {"message": "the question was: planted"}}'}, "HTTP status 400"),
        ({"status": 503, "body": b"{}"}, "HTTP status 503"),
        ({"body": b"data: [DONE]\n\n"}, "answered"),
    ],
)
async def test_a_stream_that_fails_is_asked_for_once_and_says_why_without_anyones_words(
    server: Any, turn: Any, script: dict[str, Any], problem: str
) -> None:
    server.turns = [turn(**script)]
    with pytest.raises(ModelError, match=problem) as caught:
        await read_pieces(server)
    assert "planted" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert len(server.requests) == 1
