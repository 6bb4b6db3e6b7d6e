"""A pipeline over scripted parts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from scripted_parts import (
    EveryMessage,
    ScriptedCrisisPath,
    ScriptedDetector,
    ScriptedEngine,
    ScriptedReview,
    ToEducation,
)

from holdfast.care.conversation.parts import EngineReply
from holdfast.care.conversation.pipeline import Conversation
from holdfast.care.conversation.release import Releaser
from holdfast.care.conversation.reply import Author, Route
from holdfast.care.conversation.state import ConversationState, Purpose
from holdfast.care.conversation.templates import load_templates

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def ticking() -> Callable[[], float]:
    """Return a timer that moves 1 ms at each reading."""
    readings = iter(range(10_000))
    return lambda: next(readings) / 1000


@pytest.fixture
def agreed() -> ConversationState:
    """Someone who agreed to talk."""
    return ConversationState(consents=frozenset({Purpose.CONVERSATION}))


@pytest.fixture
def engine() -> ScriptedEngine:
    """An engine with a plain library answer."""
    return ScriptedEngine(EngineReply(text="library text", author=Author.LIBRARY))


@pytest.fixture
def make(engine: ScriptedEngine) -> Callable[..., Conversation]:
    """Build the pipeline, any part replaced by keyword."""

    def build(*, review: ScriptedReview | None = None, **parts: object) -> Conversation:
        templates = load_templates()
        whole = Conversation(
            detector=ScriptedDetector(),
            crisis_path=ScriptedCrisisPath(),
            notice_policy=EveryMessage(),
            router=ToEducation(),
            engines=dict.fromkeys(Route, engine),
            releaser=Releaser(review=review or ScriptedReview(), templates=templates),
            templates=templates,
            tier="research use, not for care",
            clock=lambda: NOW,
            artefacts={"part": "2" * 64},
            timer=ticking(),
        )
        return replace(whole, **parts)  # type: ignore[arg-type]

    return build
