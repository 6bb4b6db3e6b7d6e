"""Claims about bodies that are too large: refused, never held beyond the limit, and risk in them met all the same."""

from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_visitor import Visitor

from holdfast.care.conversation.templates import LAST_RESORT
from holdfast.safety.detection.verdict import Level
from holdfast.service.accounts.token import COOKIE
from holdfast.service.security.body_words import words_in

RISK = "I want to kill myself tonight."
FORM = "application/x-www-form-urlencoded"
FILLER = "today was a day like any other and I went for a walk. " * 2000
RIGHT = "Your request must be at most 65,536 bytes"
BANNER = "You told us something that worries us for you"


@pytest.fixture
def app(make_app: Callable[..., FastAPI]) -> FastAPI:
    """The application without its slowest layer: long texts are judged in time on a busy machine too."""
    return make_app(semantic_layer="off")


def _standing(app: FastAPI, client: TestClient) -> Level:
    """The level that the database holds for whom the client's cookie names."""
    services = app.state.services

    async def level() -> Level:
        person_id = services.tokens.named(client.cookies[COOKIE], now=services.clock())
        async with services.database.work(write=False) as work:
            return (await work.crisis.state(await work.persons.open(person_id))).level

    if client.portal is None:
        raise AssertionError("the application must be running")
    return client.portal.call(level)


@pytest.mark.parametrize("path", ["/talk", "/learn"])
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "arriving"])
def test_risk_in_the_first_words_of_a_body_that_is_too_large_is_met_and_kept(
    visitor: Visitor, app: FastAPI, path: str, is_declared: bool
) -> None:
    token = _token(visitor)
    body = urlencode({"form_token": token, "message": f"{RISK} {FILLER}"}).encode()
    sent = body if is_declared else _pieces(body)
    refused = visitor.client.post(path, content=sent, headers={"content-type": FORM})
    assert refused.status_code == 413
    assert RIGHT in refused.text
    assert "988" in refused.text or "findahelpline" in refused.text
    assert 'class="turn crisis"' in refused.text
    assert _standing(app, visitor.client) is Level.CRISIS
    assert BANNER in visitor.get("/").text


def test_risk_in_the_last_words_that_were_read_is_met(visitor: Visitor, app: FastAPI) -> None:
    limit = app.state.services.settings.max_body_bytes
    start = urlencode({"form_token": _token(visitor), "message": FILLER})[: limit - 400]
    body = f"{start}%0A{urlencode({'': RISK})[1:]}{'%0Aand so on' * 2000}".encode()
    refused = visitor.client.post("/talk", content=body, headers={"content-type": FORM})
    assert refused.status_code == 413
    assert 'class="turn crisis"' in refused.text
    assert _standing(app, visitor.client) is Level.CRISIS


def test_what_comes_after_the_limit_is_never_read(visitor: Visitor, app: FastAPI) -> None:
    start = urlencode({"form_token": _token(visitor), "message": FILLER})
    body = f"{start}+{urlencode({'': RISK})[1:]}".encode()
    assert len(start) > app.state.services.settings.max_body_bytes + 1000
    refused = visitor.client.post("/talk", content=body, headers={"content-type": FORM})
    assert refused.status_code == 413
    assert 'class="turn crisis"' not in refused.text


def test_a_body_of_ordinary_words_is_refused_in_words_and_raises_nothing(visitor: Visitor) -> None:
    refused = visitor.client.post("/talk", data={"form_token": _token(visitor), "message": FILLER})
    assert refused.status_code == 413
    assert RIGHT in refused.text
    assert 'class="turn crisis"' not in refused.text
    assert COOKIE not in visitor.client.cookies


def test_a_form_that_another_site_sent_shows_help_and_keeps_nothing(visitor: Visitor) -> None:
    for token, headers in (("0" * 64, {}), (_token(visitor), {"sec-fetch-site": "cross-site"})):
        sent = {"form_token": token, "message": f"{RISK} {FILLER}"}
        refused = visitor.client.post("/talk", data=sent, headers=headers)
        assert refused.status_code == 413
        assert 'class="turn crisis"' in refused.text
        assert COOKIE not in visitor.client.cookies


def test_a_part_of_a_form_with_files_is_read_as_well(visitor: Visitor, app: FastAPI) -> None:
    rows = [("form_token", (None, _token(visitor))), ("value", (None, f"{RISK} {FILLER}"))]
    refused = visitor.client.post("/practise/thought-record", files=rows)
    assert refused.status_code == 413
    assert _standing(app, visitor.client) is Level.CRISIS


def test_what_is_not_words_is_refused_and_not_judged(visitor: Visitor) -> None:
    headers = {"content-type": "application/octet-stream"}
    refused = visitor.client.post("/talk", content=(RISK + FILLER).encode(), headers=headers)
    assert refused.status_code == 413
    assert 'class="turn crisis"' not in refused.text


def test_where_everything_behind_it_breaks_it_is_refused_in_plain_words(
    make_app: Callable[..., FastAPI], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(semantic_layer="off")
    with TestClient(app) as client:
        monkeypatch.setattr(app.state, "pages", None)
        refused = client.post("/talk", data={"message": f"{RISK} PLANTED-SECRET {FILLER}"})
    assert refused.status_code == 413
    assert "open /help or call your local emergency number" in refused.text
    assert LAST_RESORT not in refused.text
    assert "PLANTED-SECRET" not in caplog.text


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"form_token=abc&state=xyz&message=one+two%21&q=three", FORM, "one two!\nthree"),
        (b"message=caf%C3%A9+%E4%BD", FORM, "caf\u00e9 "),
        (b'{"text": "\\"one\\"\\u00e9", "n": 1, "more": ["two", "fo\\u00', "application/json", '"one"\u00e9\ntwo\nfo'),
        (b'{"text": "a\\ud83d', "application/json; charset=utf-8", "a"),
        (b"\xff\xfe", "application/json", ""),
        (b"words", "text/plain", ""),
        (b"", "", ""),
        (
            b'--x\r\ncontent-disposition: form-data; name="value"\r\n\r\none\r\n--x\r\ncontent-disposition: form-data; '
            b'name="more"\r\n\r\ntwo',
            "multipart/form-data; boundary=x",
            "one\ntwo",
        ),
    ],
)  # fmt: skip
def test_words_are_found_in_a_body_that_breaks_off_anywhere(body: bytes, kind: str, words: str) -> None:
    assert words_in(body, kind).stretches(1000) == words


def test_of_many_words_the_first_and_the_last_are_taken() -> None:
    stretches = words_in(b"message=" + b"a" * 500 + b"b" * 5000 + b"c" * 500, FORM).stretches(400)
    assert stretches == f"{'a' * 400}\n\n{'c' * 400}"


def _token(visitor: Visitor) -> str:
    return visitor.get("/consent").text.split('name="form_token" value="')[1][:64]


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 4000):
        yield body[start : start + 4000]
