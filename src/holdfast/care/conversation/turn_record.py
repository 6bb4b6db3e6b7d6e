"""What happened during one turn, and the reply, state and trace that follow from it."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from holdfast.care.conversation.parts import CrisisResponse, EngineReply, Notice, Routing
from holdfast.care.conversation.reaching import Reach
from holdfast.care.conversation.reply import Author, LanguageNote, Reply, Route
from holdfast.care.conversation.stage import Stage
from holdfast.care.conversation.state import ConversationState
from holdfast.care.conversation.trace import TurnTrace
from holdfast.safety.detection.verdict import Detection
from holdfast.turn import Role, Turn

__all__ = ["WINDOW_TURNS", "TurnRecord", "describe_detection"]

WINDOW_TURNS = 20
"""How many turns, both sides counted, the running window holds."""


@dataclass(kw_only=True)
class TurnRecord:
    """One turn while it is being answered. Each step of the pipeline fills in its part."""

    message: str = field(repr=False)
    before: ConversationState
    now: datetime
    detection: Detection
    timer: Callable[[], float] = time.perf_counter
    notice: Notice | None = None
    language_note: LanguageNote | None = None
    crisis: CrisisResponse | None = None
    routing: Routing
    reach: Reach | None = None
    drafted: EngineReply | None = None
    stage: Stage | None = None
    review: tuple[dict[str, str], ...] = ()
    timings_ms: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step of the pipeline in wall-clock milliseconds."""
        start = self.timer()
        try:
            yield
        finally:
            self.timings_ms[name] = round((self.timer() - start) * 1000, 3)

    @property
    def is_led_by_crisis(self) -> bool:
        """Whether the crisis protocol's text replaces whatever else might be said."""
        return self.crisis is not None and (self.crisis.leads or self.drafted is None)

    def reply(self) -> Reply:
        """Join what leads, what was drafted and released, and what accompanies it."""
        notice = self.notice.text if self.notice else None
        crisis, drafted = self.crisis, self.drafted
        if crisis is not None and (crisis.leads or drafted is None):
            return Reply(
                text=crisis.text,
                route=Route.CRISIS,
                author=Author.TEMPLATE,
                choices=crisis.choices,
                resources=crisis.resources,
                notice=notice,
                language_note=self.language_note,
            )
        if drafted is None:
            raise RuntimeError("a turn must be led by the crisis path or drafted by an engine")
        return Reply(
            text=f"{crisis.text}\n\n{drafted.text}" if crisis else drafted.text,
            route=drafted.route or self.routing.route,
            author=drafted.author,
            sources=drafted.sources,
            choices=(*drafted.choices, *(crisis.choices if crisis else ())),
            resources=tuple(dict.fromkeys((*drafted.resources, *(crisis.resources if crisis else ())))),
            next_step=drafted.next_step,
            referral=drafted.referral,
            notice=notice,
            language_note=self.language_note,
        )

    def after(self, reply: Reply) -> ConversationState:
        """Return the state the turn leaves: window, crisis, clocks and what is under way."""
        turns = (*self.before.turns, Turn(Role.PERSON, self.message), Turn(Role.ASSISTANT, reply.text))
        return replace(
            self.before,
            turns=turns[-WINDOW_TURNS:],
            crisis=self.crisis.state if self.crisis is not None else self.before.crisis,
            last_notice=self.now if self.notice is not None and self.notice.resets_clock else self.before.last_notice,
            last_seen=self.now,
            activity=self.drafted.activity if self.drafted is not None else self.before.activity,
        )

    def trace(self, reply: Reply, after: ConversationState, *, tier: str, artefacts: Mapping[str, str]) -> TurnTrace:
        """Return the record of why the reply was what it was."""
        drafted = self.drafted
        return TurnTrace(
            at=self.now,
            tier=tier,
            route=reply.route.value,
            route_reason=self.routing.reason,
            author=reply.author.value,
            detection=describe_detection(self.detection),
            crisis_before=self.before.crisis.level.label,
            crisis_after=after.crisis.level.label,
            templates=self._templates_used(),
            sources=tuple(source.citation for source in reply.sources),
            artefacts={**artefacts, **self._artefacts_used()},
            model=drafted.model if drafted else None,
            model_outcome=drafted.model_outcome if drafted else None,
            review=self.review,
            notice=self.notice.reason if self.notice else None,
            language_note=self.language_note.language if self.language_note else None,
            timings_ms=self.timings_ms,
        )

    def _templates_used(self) -> tuple[str, ...]:
        crisis = self.crisis.templates if self.crisis is not None else ()
        return crisis if self.reach is None or self.is_led_by_crisis else (*crisis, self.reach.template)

    def _artefacts_used(self) -> dict[str, str]:
        used = dict(self.drafted.artefacts) if self.drafted else {}
        used.update(self.crisis.artefacts if self.crisis else ())
        used.update((self.notice.artefact,) if self.notice else ())
        return used


def describe_detection(detection: Detection) -> dict[str, Any]:
    """Return ``detection`` as JSON-ready values: offsets and rule ids, never words."""
    return {
        "level": detection.level.label,
        "categories": [category.value for category in detection.categories],
        "subject": detection.subject.value,
        "tense": detection.tense.value,
        "evidence": [
            {**asdict(item), "category": item.category.value, "level": item.level.label, "subject": item.subject.value}
            for item in detection.evidence
        ],
        "layers": [
            {
                "name": layer.name,
                "status": layer.status.value,
                "level": layer.level.label,
                "error": layer.error,
                "is_outweighed": layer.is_outweighed,
                "is_seconded": layer.is_seconded,
                "is_unsure": layer.is_unsure,
            }
            for layer in detection.layers
        ],
        "is_unsure": detection.is_unsure,
    }
