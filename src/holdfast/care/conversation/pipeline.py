"""The conversation pipeline, used alike by the web pages, the JSON API and the terminal.

notice -> detection over the message and the running window -> crisis path, or consent -> route -> engine ->
output review -> reply and trace. The pipeline keeps nothing: state comes in, a new state goes out, and whoever
calls it stores both or neither.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from holdfast.care.conversation.parts import (
    CrisisPath,
    CrisisResponse,
    Engine,
    EngineReply,
    NoticePolicy,
    Router,
    Routing,
    StreamingEngine,
)
from holdfast.care.conversation.reaching import Reach
from holdfast.care.conversation.release import Releaser
from holdfast.care.conversation.reply import LanguageNote, Reply, Route
from holdfast.care.conversation.stage import Show
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState, Purpose
from holdfast.care.conversation.templates import Templates
from holdfast.care.conversation.trace import TurnTrace
from holdfast.care.conversation.turn_record import TurnRecord
from holdfast.safety.crisis.commands import AskRegion, parse_command
from holdfast.safety.detection.verdict import Detection, Detector, LayerReport, LayerStatus, Level
from holdfast.turn import Role, Turn

__all__ = ["Conversation", "TurnOutcome"]

_ACTIVITY_ROUTE = {ActivityKind.SCREENING: Route.ASSESSMENT, ActivityKind.EXERCISE: Route.INTERVENTION}


@dataclass(frozen=True, kw_only=True)
class TurnOutcome:
    """A reply, the state it leaves, and why. With ``is_kept`` false, no consent allows the words to be stored.

    ``finished`` is a screening or exercise that ended with this turn, to be kept as a record of its own.
    """

    reply: Reply
    state: ConversationState
    trace: TurnTrace
    detection: Detection
    is_kept: bool
    finished: Activity | None = None


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """The pipeline over injected parts.

    Attributes:
        engines: The part that answers each route; every route the router can return must have one.
        releaser: Reviews what engines wrote before it is shown, and falls back to vetted text.
        limit: Returns what the router and the engines may see of a state at a moment; detection and the crisis path
            always see all of it.
        reach: Returns the people to reach who are due with the reply to a message, or None where it asks for none.
        note_language: Returns the line that is due to somebody who writes in another language, or None.
        artefacts: Content ids and SHA-256 hashes of every part, recorded in each trace.
        tier: The release tier that the gate grants, shown on every page ("research use, not for care").
        clock: Returns the current time, with time zone.
        timer: Returns seconds, for timings only.
    """

    detector: Detector
    crisis_path: CrisisPath
    notice_policy: NoticePolicy
    router: Router
    engines: Mapping[Route, Engine]
    releaser: Releaser
    templates: Templates
    tier: str
    clock: Callable[[], datetime]
    limit: Callable[[ConversationState, datetime], ConversationState] = lambda state, _: state
    reach: Callable[[str, ConversationState, Routing, datetime], Reach | None] = lambda *_: None
    note_language: Callable[[str, ConversationState, datetime], LanguageNote | None] = lambda *_: None
    artefacts: Mapping[str, str] = field(default_factory=dict)
    timer: Callable[[], float] = time.perf_counter

    async def turn(self, message: str, state: ConversationState, *, show: Show | None = None) -> TurnOutcome:
        """Answer ``message`` (already through ``clean_message``) given ``state``.

        Help in a crisis needs no consent; everything else does. With ``show``, a draft of a language model is shown
        sentence by sentence while it is written, each sentence once it has passed; the outcome's reply takes its place.
        Nothing is shown early while any risk is signalled.

        Raises:
            HoldfastError: A part could not do its work; nothing was kept. Failures of detection and of the crisis
                path never raise: they count as risk and show the protocol's last-resort text.
        """
        record = self._open(message, state)
        if record.crisis is None or not record.crisis.leads:
            await self._draft(record, show)
        with record.step("review"):
            self._release(record)
        reply = record.reply()
        after = record.after(reply)
        return TurnOutcome(
            reply=reply,
            state=after,
            trace=record.trace(reply, after, tier=self.tier, artefacts=self.artefacts),
            detection=record.detection,
            is_kept=Purpose.CONVERSATION in state.consents,
            finished=record.drafted.finished if record.drafted is not None else None,
        )

    def detect(self, message: str, state: ConversationState) -> Detection:
        """Judge ``message`` within the running window; any failure counts as risk.

        Buttons of the crisis path are not words about oneself, and what an activity asks is judged by that activity:
        both are left blank, so that evidence still counts turns as the window does.
        """
        try:
            return self.detector.detect(_heard(message, state))
        except Exception as error:  # noqa: BLE001 - whatever broke, the person is asked whether they are safe
            report = LayerReport(
                name="detector", status=LayerStatus.FAILED, level=Level.CONCERN, error=type(error).__name__
            )
            return Detection(level=Level.CONCERN, layers=(report,))

    def respond_to_risk(
        self, message: str, detection: Detection, state: ConversationState, now: datetime
    ) -> CrisisResponse | None:
        """Ask the crisis path for its response; if it breaks, show the last-resort text rather than nothing."""
        try:
            return self.crisis_path.respond(message, detection, state, now)
        except Exception:  # noqa: BLE001 - a broken protocol must still point to people
            return self.templates.last_resort(detection, state.crisis, now)

    def _open(self, message: str, state: ConversationState) -> TurnRecord:
        """Detect risk before anything else and ask the crisis path what it calls for."""
        now = self.clock()
        start = self.timer()
        detection = self.detect(message, state)
        record = TurnRecord(
            message=message,
            before=state,
            now=now,
            detection=detection,
            timer=self.timer,
            notice=self.notice_policy.due(message, state, now),
            language_note=self.note_language(message, state, now),
            routing=Routing(route=Route.CRISIS, reason="risk is signalled, or a crisis state stands"),
        )
        record.timings_ms["detection"] = round((self.timer() - start) * 1000, 3)
        with record.step("crisis"):
            record.crisis = self.respond_to_risk(message, detection, state, now)
        return record

    async def _draft(self, record: TurnRecord, show: Show | None) -> None:
        """Route the message and let the part that answers it draft; a risk the part finds leads at once."""
        state = record.before
        if Purpose.CONVERSATION not in state.consents:
            record.routing = Routing(route=Route.CONSENT, reason="no consent on record")
            record.drafted = self.templates.consent()
            return
        with record.step("route"):
            seen = self.limit(state, record.now)
            record.routing = self._route(record.message, seen)
            record.reach = self.reach(record.message, state, record.routing, record.now)
        with record.step("engine"):
            record.drafted = await self._answer(record, seen, show)
        if record.drafted.raised is not None:
            record.detection = record.drafted.raised
            raised = self.respond_to_risk(record.message, record.detection, state, record.now)
            record.crisis = raised or record.crisis

    async def _answer(self, record: TurnRecord, seen: ConversationState, show: Show | None) -> EngineReply:
        """Ask the part for its answer, on a stage where someone waits for it and nothing is wrong."""
        engine = self.engines[record.routing.route]
        if show is None or record.crisis is not None or not isinstance(engine, StreamingEngine):
            return await engine.reply(record.message, record.routing, seen)
        notice = record.notice.text if record.notice else None
        record.stage = self.releaser.stage(show, notice=notice)
        return await engine.reply_on(record.stage, record.message, record.routing, seen)

    def _route(self, message: str, state: ConversationState) -> Routing:
        if state.activity is not None:
            route = _ACTIVITY_ROUTE[state.activity.kind]
            return Routing(route=route, reason="an activity is under way", target=state.activity.id)
        return self.router.route(message, state)

    def _release(self, record: TurnRecord) -> None:
        """Replace the draft by what output review lets through, after the people to reach where some are due."""
        if record.drafted is None or record.is_led_by_crisis:
            return
        if record.stage is None:
            released = self.releaser.release(record.drafted)
        else:
            released = self.releaser.release_from(record.stage, record.drafted)
        record.drafted = record.reach.before(released.reply) if record.reach is not None else released.reply
        record.review = released.review


def _heard(message: str, state: ConversationState) -> tuple[Turn, ...]:
    """Return the window that detection judges, turn for turn, the last one being ``message``."""
    turns = [*state.turns, Turn(Role.PERSON, message)]
    if (
        state.activity is not None
        and not state.crisis.is_active
        and len(turns) > 1
        and turns[-2].role is Role.ASSISTANT
    ):
        turns[-2] = Turn(Role.ASSISTANT, "")
    return tuple(Turn(turn.role, "") if _is_command(turn) else turn for turn in turns)


def _is_command(turn: Turn) -> bool:
    """Whether a turn is a button of the crisis path. A place nobody knows may be anything, so it is judged."""
    command = parse_command(turn.text, {}) if turn.role is Role.PERSON else None
    return command is not None and not isinstance(command, AskRegion)
