"""Scripted parts of the pipeline, each of which can be told to misbehave."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from holdfast.care.conversation.parts import CrisisResponse, EngineReply, Notice, Routing
from holdfast.care.conversation.reply import Route
from holdfast.care.conversation.state import ConversationState
from holdfast.safety.crisis.state import raise_state
from holdfast.safety.detection.verdict import Category, Detection, Level
from holdfast.safety.review.verdict import Finding, Harm, ReviewContext, ReviewVerdict
from holdfast.turn import Turn


@dataclass
class ScriptedDetector:
    """Finds risk where the last turn holds the word RISK, or breaks when told to."""

    error: Exception | None = None
    seen: list[tuple[Turn, ...]] = field(default_factory=list)

    def detect(self, turns: Sequence[Turn]) -> Detection:
        self.seen.append(tuple(turns))
        if self.error:
            raise self.error
        last = turns[-1].text
        if "RISK" in last:
            return Detection(level=Level.CRISIS, categories=(Category.SUICIDE,))
        return Detection(level=Level.NOTICE if "NOTICE" in last else Level.NONE)


@dataclass
class ScriptedCrisisPath:
    """Leads while the state is active, accompanies a notice, or breaks when told to."""

    error: Exception | None = None

    def respond(
        self, message: str, detection: Detection, state: ConversationState, now: datetime
    ) -> CrisisResponse | None:
        if self.error:
            raise self.error
        raised = raise_state(state.crisis, detection, now)
        if not raised.is_active and detection.level is Level.NONE:
            return None
        return CrisisResponse(
            text="protocol text",
            state=raised,
            templates=("t1",),
            resources=(),
            choices=(),
            leads=raised.is_active,
            artefacts=(("protocol", "0" * 64),),
        )


@dataclass
class ScriptedEngine:
    """Answers with a prepared reply, and remembers whether it was asked."""

    answer: EngineReply
    asked: int = 0

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        self.asked += 1
        return self.answer


@dataclass
class ScriptedReview:
    """Passes everything but texts that hold the word HARM, or breaks when told to."""

    error: Exception | None = None

    def review(self, text: str, context: ReviewContext) -> ReviewVerdict:
        if self.error:
            raise self.error
        findings = (Finding(harm=Harm.OFF_SCOPE, rule="test"),) if "HARM" in text else ()
        return ReviewVerdict(findings=findings, version="test 1")


class EveryMessage:
    """A notice policy that always has a notice."""

    def due(self, message: str, state: ConversationState, now: datetime) -> Notice | None:
        return Notice(text="I am software.", reason="test", artefact=("notice", "1" * 64))


class ToEducation:
    """A router that knows one road."""

    def route(self, message: str, state: ConversationState) -> Routing:
        return Routing(route=Route.EDUCATION, reason="test")
