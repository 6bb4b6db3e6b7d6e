"""Claims about watching a reply being written: only what passed, and the page is the same without."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from web_visitor import Visitor

from holdfast.language.model import Completion

QUESTION = "What is a panic attack?"
PASSAGE = "panic-what-a-panic-attack-is#what-is-a-panic-attack"
FIRST, SECOND = (
    "A panic attack is a sudden rush of strong fear.",
    "It rises fast, peaks within minutes and then fades.",
)
FAITHFUL = f"{FIRST} [{PASSAGE}] {SECOND} [{PASSAGE}] "
BOTH = ("conversation", "language_model")


@dataclass
class Writer:
    """Writes a text in small pieces, and raises at the end where it is told to."""

    text: str
    error: Exception | None = None
    model_id: str = "writer"
    asked: int = field(default=0)

    async def complete(self, system: str, user: str) -> Completion:
        self.asked += 1
        return Completion(text=self.text, model_id=self.model_id)

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        self.asked += 1
        for start in range(0, len(self.text), 9):
            yield self.text[start : start + 9]
        if self.error is not None:
            raise self.error


def events(response: Response) -> list[tuple[str, str]]:
    """Return the events of a response, each with its HTML."""
    blocks = [block.split("\n") for block in response.text.split("\n\n") if block]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))["html"]) for name, data in blocks]


def watch(visitor: Visitor, words: str) -> Response:
    page = visitor.client.get("/talk").text
    token = page.split('name="form_token" value="')[1][:64]
    return visitor.client.post(
        "/talk", data={"form_token": token, "message": words}, headers={"accept": "text/event-stream"}
    )


@pytest.fixture
def with_model(make_app: Callable[..., FastAPI]) -> Callable[..., FastAPI]:
    def build(model: Writer) -> FastAPI:
        return make_app(language_model=model, model="openai:scripted", model_api_key="k" * 20)

    return build


def test_sentences_come_as_they_pass_and_the_page_then_holds_the_reply(with_model: Callable[..., FastAPI]) -> None:
    with TestClient(with_model(Writer(FAITHFUL))) as client:
        visitor = Visitor(client)
        visitor.agree(*BOTH)
        response = watch(visitor, QUESTION)
        assert response.headers["content-type"].startswith("text/event-stream")
        names, html = zip(*events(response), strict=True)
        assert names == ("notice", "sentence", "sentence", "done")
        assert FIRST in html[1]
        assert f'href="/learn/{PASSAGE}"' in html[2]
        page = visitor.get("/talk").text
        assert FIRST in page
        assert SECOND in page
        assert "worded by a language model" in page


def test_what_fails_is_in_no_event_and_the_page_says_to_set_the_rest_aside(with_model: Callable[..., FastAPI]) -> None:
    """The third sentence is in the passage's own words but for a number to call."""
    writer = Writer(f"{FAITHFUL}{FIRST} You have panic disorder, so stop your tablets. [{PASSAGE}]", RuntimeError())
    with TestClient(with_model(writer)) as client:
        visitor = Visitor(client)
        visitor.agree(*BOTH)
        shown = events(watch(visitor, QUESTION))
        assert [name for name, _ in shown] == ["notice", "sentence", "sentence", "done"]
        assert "tablets" not in "".join(html for _, html in shown)
        page = visitor.get("/talk").text
        assert "set aside the sentences you saw" in " ".join(page.split())
        assert "tablets" not in page
        assert "worded by a language model" not in page


def test_risk_is_met_without_any_event_but_the_end(with_model: Callable[..., FastAPI]) -> None:
    writer = Writer(FAITHFUL)
    with TestClient(with_model(writer)) as client:
        visitor = Visitor(client)
        visitor.agree(*BOTH)
        assert [name for name, _ in events(watch(visitor, "I want to end my life"))] == ["done"]
        assert writer.asked == 0
        assert 'class="turn holdfast crisis"' in visitor.get("/talk").text


def test_a_turn_that_is_refused_says_so_and_keeps_nothing(with_model: Callable[..., FastAPI]) -> None:
    with TestClient(with_model(Writer(FAITHFUL))) as client:
        visitor = Visitor(client)
        visitor.agree(*BOTH)
        assert events(watch(visitor, "  ")) == [("refused", "")]
        assert "Your message" in visitor.get("/talk").text


@pytest.mark.parametrize("consents", [("conversation",), ()])
def test_without_the_models_own_consent_there_is_nothing_to_watch(
    with_model: Callable[..., FastAPI], consents: tuple[str, ...]
) -> None:
    writer = Writer(FAITHFUL)
    with TestClient(with_model(writer)) as client:
        visitor = Visitor(client)
        visitor.agree(*consents)
        assert "data-watch" not in visitor.get("/talk").text
        assert watch(visitor, QUESTION).headers["content-type"].startswith("text/html")
        assert writer.asked == 0


def test_the_page_works_the_same_without_events(with_model: Callable[..., FastAPI]) -> None:
    with TestClient(with_model(Writer(FAITHFUL))) as client:
        visitor = Visitor(client)
        visitor.agree(*BOTH)
        assert 'data-watch="/talk"' in visitor.get("/talk").text
        assert FIRST in visitor.say(QUESTION).text
