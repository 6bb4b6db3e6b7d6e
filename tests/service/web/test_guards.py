"""Claims about the edge: forged forms, headers, sizes, rates, and what happens when something breaks."""

import logging
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_visitor import Visitor

PAGES = ["/", "/talk", "/learn", "/help", "/about", "/protocol", "/privacy", "/consent", "/check-in", "/practise"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_states_its_tier_shows_help_and_keeps_to_itself(visitor: Visitor, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 200
    assert "Research use, not for care" in response.text
    assert 'class="help-now" href="/help"' in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-frame-options"] == "DENY"
    assert "<style" not in response.text
    assert " style=" not in response.text
    assert "onclick=" not in response.text


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(visitor: Visitor) -> None:
    token_cookie = visitor.get("/consent").headers["set-cookie"].lower()
    assert "httponly" in token_cookie
    assert "samesite=strict" in token_cookie
    response = visitor.client.post(
        "/talk",
        data={"form_token": _token(visitor), "message": "hello"},
        follow_redirects=False,
    )
    person_cookie = response.headers["set-cookie"].lower()
    assert "holdfast_person=" in person_cookie
    assert "httponly" in person_cookie
    assert "samesite=lax" in person_cookie


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, ""),
        ({}, "0" * 64),
        ({"sec-fetch-site": "cross-site"}, None),
        ({"origin": "https://elsewhere.example"}, None),
    ],
)
def test_a_form_from_elsewhere_or_without_its_token_is_refused(
    visitor: Visitor, headers: dict[str, str], token: str | None
) -> None:
    right = _token(visitor)
    sent = {"form_token": right if token is None else token, "purpose": "conversation"}
    assert visitor.client.post("/consent", data=sent, headers=headers).status_code == 403
    assert "Not agreed" not in visitor.get("/privacy").text


@pytest.mark.parametrize("size", [70_000, 1_000_000])
def test_a_body_over_the_limit_is_refused_before_it_is_read(visitor: Visitor, size: int) -> None:
    response = visitor.client.post("/talk", data={"message": "z" * size})
    assert response.status_code == 413
    assert "at most 65,536 bytes" in response.text


def test_a_body_that_lies_about_its_size_is_refused_while_it_arrives(visitor: Visitor) -> None:
    def pieces():  # type: ignore[no-untyped-def]
        for _ in range(40):
            yield b"message=" + b"z" * 4000

    headers = {"content-type": "application/x-www-form-urlencoded"}
    response = visitor.client.post("/talk", content=pieces(), headers=headers)
    assert response.status_code in (400, 413)


def test_messages_faster_than_the_limit_are_asked_to_slow_down_and_help_is_not(
    make_app: Callable[..., FastAPI],
) -> None:
    with TestClient(make_app(messages_per_minute=3)) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        answers = [visitor.say("hello") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert visitor.get("/help").status_code == 200


def test_an_address_that_asks_too_often_is_slowed_but_never_refused_help(make_app: Callable[..., FastAPI]) -> None:
    with TestClient(make_app(requests_per_minute=2)) as client:
        assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]
        assert [client.get("/help").status_code for _ in range(5)] == [200] * 5


def test_what_people_write_reaches_no_log_and_no_error_page(
    make_app: Callable[..., FastAPI], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    with caplog.at_level(logging.DEBUG), TestClient(app, raise_server_exceptions=False) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        visitor.say("PLANTED-SECRET what helps with sleep?")
        engines = dict(app.state.services.conversation.engines)

        class Broken:
            async def reply(self, message: str, *_: object) -> None:
                raise RuntimeError(f"cannot handle {message}")

        for route in engines:
            monkeypatch.setitem(app.state.services.conversation.engines, route, Broken())
        response = visitor.say("PLANTED-SECRET what helps with grief?")
    assert response.status_code == 500
    assert "PLANTED-SECRET" not in response.text
    assert "/help" in response.text
    assert "RuntimeError at" in caplog.text
    assert "PLANTED-SECRET" not in caplog.text


def test_a_database_that_goes_away_refuses_the_turn_keeps_nothing_half_and_still_shows_help(
    app: FastAPI, tmp_path: Path
) -> None:
    with TestClient(app) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        visitor.say("what helps with sleep?")
        token = _token(visitor)
        (tmp_path / "data" / "holdfast.db").rename(tmp_path / "gone.db")
        answer = client.post("/talk", data={"form_token": token, "message": "PLANTED what helps with grief?"})
        assert answer.status_code == 503
        assert "PLANTED" not in answer.text
        risk = client.post("/talk", data={"form_token": token, "message": "I want to end my life"})
        assert risk.status_code == 503
        assert "Your words and this reply were not kept" in risk.text
        assert "findahelpline.com" in risk.text
        assert client.get("/healthz").status_code == 503
        assert client.get("/help?region=GB").status_code == 200
        assert "116 123" in client.get("/help?region=GB").text
        (tmp_path / "gone.db").rename(tmp_path / "data" / "holdfast.db")
        shown = client.get("/talk").text
        assert "what helps with sleep?" in shown
        assert "grief?" not in shown


def test_a_message_too_long_to_take_is_given_back_and_risk_in_it_is_met_all_the_same(visitor: Visitor) -> None:
    visitor.agree("conversation")
    long = "It has been a long year and I am tired of all of it. " * 90 + "I want to end my life."
    response = visitor.say(long)
    assert response.status_code == 422
    assert "at most 4,000 characters" in response.text
    assert "116 123" in response.text
    assert long[:200] in response.text


def test_odd_messages_are_answered_or_refused_kindly_and_never_break(visitor: Visitor) -> None:
    visitor.agree("conversation")
    for words in ("", "   ", "\x00\x01", "z" * 4001):
        assert visitor.say(words).status_code == 422
    for words in (
        "مرحبا كيف حالك",
        "🙂🙂🙂",
        "a" * 4000,
        "<script>alert(1)</script>",
        "'; DROP TABLE person; --",
        "\u202eabc",
    ):
        response = visitor.say(words)
        assert response.status_code == 200
        assert "<script>alert(1)" not in response.text


def _token(visitor: Visitor) -> str:
    return visitor.get("/consent").text.split('name="form_token" value="')[1][:64]


def test_risk_is_met_everywhere_while_the_database_is_gone(app: FastAPI, tmp_path: Path) -> None:
    with TestClient(app) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        token = _token(visitor)
        (tmp_path / "data" / "holdfast.db").rename(tmp_path / "gone.db")
        risk = "I want to end my life"
        for path, field in (("/talk", "message"), ("/learn", "q")):
            answer = client.post(path, data={"form_token": token, field: risk})
            assert "findahelpline.com" in answer.text, path
        for path, field in (("/api/v1/messages", "text"), ("/api/v1/ask", "question")):
            answer = client.post(path, json={field: risk}, headers={"authorization": "Bearer x"})
            if answer.status_code == 503:
                assert "findahelpline.com" in answer.json()["crisis"]["text"], path
        for path in ("/", "/learn", "/learn/depression-what-it-is", "/help", "/about", "/protocol"):
            assert client.get(path).status_code == 200, path


def test_one_message_too_many_is_refused_but_risk_in_it_is_met(make_app: Callable[..., FastAPI]) -> None:
    with TestClient(make_app(messages_per_minute=1, region="GB")) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        visitor.say("hello")
        page = visitor.say("I want to end my life")
        assert (page.status_code, "116 123" in page.text) == (429, True)
        token = client.post("/api/v1/people").json()["token"]
        headers = {"authorization": f"Bearer {token}"}
        client.post("/api/v1/messages", json={"text": "hello"}, headers=headers)
        refused = client.post("/api/v1/messages", json={"text": "I want to end my life"}, headers=headers)
        assert refused.status_code == 429
        assert "116 123" in refused.json()["crisis"]["text"]


def test_the_health_page_says_which_layers_of_detection_are_off(make_app: Callable[..., FastAPI]) -> None:
    with TestClient(make_app(semantic_layer="off")) as client:
        assert client.get("/healthz").json()["detection"] == {"rules": "ok", "learned": "ok", "semantic": "off"}


def test_a_turns_trace_says_that_the_semantic_layer_is_off(make_app: Callable[..., FastAPI]) -> None:
    with TestClient(make_app(semantic_layer="off"), follow_redirects=True) as client:
        visitor = Visitor(client)
        visitor.agree("conversation")
        said = visitor.say("what helps with sleep?").text
        why = re.findall(r'href="(/why/[^"]+)"', said)[-1]
        assert "(semantic) is not in use here" in client.get(why).text
