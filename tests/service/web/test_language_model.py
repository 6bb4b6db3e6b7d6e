"""Claims about what a language model may and may not do, seen from the page."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from web_visitor import Visitor

from holdfast.errors import ModelError
from holdfast.language.model import Completion

QUESTION = "What is a panic attack?"
PASSAGE = "panic-what-a-panic-attack-is#what-is-a-panic-attack"


@dataclass
class ScriptedModel:
    """Says what it is told to, or fails as it is told to, and remembers what it was asked."""

    text: str = ""
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def complete(self, system: str, user: str) -> Completion:
        self.asked.append(user)
        if self.error:
            raise self.error
        return Completion(text=self.text, model_id="scripted")


def ask(make_app: Callable[..., FastAPI], model: ScriptedModel, question: str, *consents: str) -> str:
    """Ask one question of the application with ``model`` set up, and return the page."""
    with TestClient(make_app(language_model=model, model="openai:scripted", model_api_key="k" * 20)) as client:
        visitor = Visitor(client)
        visitor.agree(*consents)
        return visitor.say(question).text


BOTH = ("conversation", "language_model")
FAITHFUL = (
    f"A panic attack is a sudden rush of strong fear. [{PASSAGE}] "
    f"It rises fast, peaks within minutes and then fades. [{PASSAGE}]"
)


def test_a_supported_draft_is_shown_and_named_as_a_models_words(make_app: Callable[..., FastAPI]) -> None:
    page = ask(make_app, ScriptedModel(FAITHFUL), QUESTION, *BOTH)
    assert "worded by a language model" in page
    assert "A panic attack is a sudden rush of strong fear." in page
    assert f'href="/learn/{PASSAGE}"' in page


def test_without_its_own_consent_the_model_is_never_asked(make_app: Callable[..., FastAPI]) -> None:
    model = ScriptedModel(FAITHFUL)
    page = ask(make_app, model, QUESTION, "conversation")
    assert model.asked == []
    assert "worded by a language model" not in page


@pytest.mark.parametrize("question", ["I want to end my life", "are you human?", "phq-9", "breathing exercise", "hi"])
def test_the_model_is_asked_about_the_library_only(make_app: Callable[..., FastAPI], question: str) -> None:
    model = ScriptedModel(FAITHFUL)
    ask(make_app, model, question, *BOTH)
    assert model.asked == []


@pytest.mark.parametrize(
    "text",
    [
        f"You have bipolar disorder. [{PASSAGE}] You should stop your tablets. [{PASSAGE}]",
        "A panic attack is caused by the moon. [no-such-article#x] It is cured by Dr Fabricated. [no-such-article#y]",
        "As your therapist I promise that I love you and am a real person.",
        "z" * 100_000,
        "",
    ],
)
def test_unsupported_or_harmful_words_never_reach_the_person(make_app: Callable[..., FastAPI], text: str) -> None:
    page = ask(make_app, ScriptedModel(text), QUESTION, *BOTH)
    for harm in ("bipolar disorder", "stop your tablets", "moon", "Fabricated", "I love you", "zzzz"):
        assert harm not in page
    assert "A panic attack is a sudden rush of strong fear" in page
    assert "worded by a language model" not in page


@pytest.mark.parametrize("error", [ModelError("Model must answer, and did not; try again."), TimeoutError()])
def test_a_model_that_fails_is_said_in_a_plain_word_and_the_library_answers(
    make_app: Callable[..., FastAPI], error: Exception
) -> None:
    page = ask(make_app, ScriptedModel(error=error), QUESTION, *BOTH)
    assert "The writing assistant did not answer" in page
    assert "A panic attack is a sudden rush of strong fear" in page
