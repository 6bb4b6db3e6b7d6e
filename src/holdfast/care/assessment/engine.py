"""Check in over the chat: one question a message, scored by plain code, with risk answered before the next question."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.entry import Command, read_command, read_option
from holdfast.care.assessment.instrument import FUNCTIONAL, Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.phrases import Phrases, load_phrases
from holdfast.care.assessment.result import explain
from holdfast.care.assessment.score import Score
from holdfast.care.assessment.screening import Screening, start
from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Choice, Source
from holdfast.care.conversation.state import Activity, ActivityKind, ConversationState
from holdfast.content import Loaded
from holdfast.errors import AnswersError, UnknownNameError
from holdfast.safety.detection.verdict import Detection

__all__ = ["AssessmentEngine"]

_SKIP = Choice(label="Rather not answer", value=Command.SKIP.value)
_BACK = Choice(label="Back", value=Command.BACK.value)
_STOP = Choice(label="Stop", value=Command.STOP.value)
_GO_ON = Choice(label="Go on", value="go on")
_REOPEN = Choice(label="Answer them", value=Command.REOPEN.value)
_AGAIN = Choice(label="Start again", value=Command.AGAIN.value)


@dataclass(frozen=True, kw_only=True)
class AssessmentEngine:
    """Answers messages routed to assessment.

    Attributes:
        clock: Returns the current time, with time zone.
    """

    catalogue: Catalogue
    clock: Callable[[], datetime]
    phrases: Loaded[Phrases] = field(default_factory=load_phrases)

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Offer instruments, begin the one that ``routing`` names, or take ``message`` as the next answer."""
        activity = state.activity
        if activity is not None and activity.kind is ActivityKind.SCREENING:
            return self._go_on(message, activity, state)
        if routing.target is None:
            return self._offer(state)
        return self._begin(routing.target, state)

    @property
    def _words(self) -> Phrases:
        return self.phrases.value

    def _offer(self, state: ConversationState, lead: str | None = None) -> EngineReply:
        offered = [instrument for instrument in self.catalogue if instrument.minors or not state.is_minor]
        text = self._words.offer_minor if state.is_minor else self._words.offer
        choices = tuple(Choice(label=f"{i.short_name}: {_first_sentence(i)}", value=i.short_name) for i in offered)
        return self._say(f"{lead}\n\n{text}" if lead else text, choices=choices)

    def _begin(self, target: str, state: ConversationState) -> EngineReply:
        try:
            instrument = self.catalogue.get(target)
        except UnknownNameError:
            return self._offer(state, lead=self._words.unknown)
        if state.is_minor and not instrument.minors:
            return self._offer(state, lead=self._words.not_for_minors.format(short=instrument.short_name))
        intro = self._words.intro.format(name=instrument.name, short=instrument.short_name, about=instrument.about)
        lead = f"{intro}\n\n{instrument.instruction}" if instrument.instruction else intro
        return self._ask(start(instrument, self.clock()), lead=lead)

    def _go_on(self, message: str, activity: Activity, state: ConversationState) -> EngineReply:
        command = read_command(message)
        if command is Command.STOP:
            return self._say(self._words.stopped)
        if command is Command.AGAIN:
            return self._begin(activity.id, state)
        try:
            screening = Screening.from_dict(_saved(activity.progress), self.catalogue)
        except (AnswersError, UnknownNameError):
            return self._say(self._words.changed, choices=(_AGAIN, _STOP), activity=activity)
        if activity.progress.get("paused"):
            return self._next(screening, lead=self._words.resumed)
        if command is Command.BACK:
            return self._back(screening)
        if screening.pending is None:
            return self._next(screening.reopen_blank() if command is Command.REOPEN else screening)
        return self._take(message, command, screening, screening.pending)

    def _take(self, message: str, command: Command | None, screening: Screening, item: Item) -> EngineReply:
        value = read_option(message, screening.instrument.options_of(item))
        if value is None and command is not Command.SKIP:
            return self._ask(screening, lead=self._words.ask_again)
        answered = screening.answer(value)
        risk = answered.newest_risk
        return self._pause(answered, risk) if risk is not None else self._next(answered)

    def _back(self, screening: Screening) -> EngineReply:
        return self._ask(screening.back(), lead=None if screening.given else self._words.first)

    def _next(self, screening: Screening, lead: str | None = None) -> EngineReply:
        if screening.pending is not None:
            return self._ask(screening, lead=lead)
        try:
            score = screening.result()
        except AnswersError:
            activity = _activity(screening)
            text = self._words.too_many_blank
            return self._say(text, choices=(_REOPEN, _BACK, _STOP), activity=activity, about=screening.instrument)
        return self._result(score, screening)

    def _ask(self, screening: Screening, lead: str | None = None) -> EngineReply:
        item, instrument = screening.pending, screening.instrument
        if item is None:
            return self._next(screening)
        heading = self._words.last_question if item.id == FUNCTIONAL else self._words.question
        heading = heading.format(number=screening.number, count=len(instrument.items))
        blocks = [lead, heading, instrument.stem_of(item), item.text]
        options = instrument.options_of(item)
        choices = tuple(Choice(label=option.label, value=option.label) for option in options)
        return self._say(
            "\n\n".join(block for block in blocks if block),
            choices=(*choices, _SKIP, *((_BACK,) if screening.given else ()), _STOP),
            activity=_activity(screening),
            about=instrument,
        )

    def _pause(self, screening: Screening, risk: Detection) -> EngineReply:
        """Stop asking: the crisis path speaks first, and the next message is not taken as an answer."""
        return self._say(
            self._words.paused,
            choices=(_GO_ON, _STOP),
            activity=_activity(screening, is_paused=True),
            about=screening.instrument,
            raised=risk,
        )

    def _result(self, score: Score, screening: Screening) -> EngineReply:
        instrument, explanation = score.instrument, explain(score)
        page = f"/check-in/{instrument.id}"
        sources = tuple(
            Source(citation=source.id, title=source.title, path=page, published=f"{source.journal}, {source.year}")
            for source in instrument.sources
        )
        return self._say(
            explanation.body_markdown(),
            choices=(Choice(label="Check in with something else", value="check in"),),
            about=instrument,
            sources=sources,
            next_step=explanation.next_step,
            referral=explanation.seek_help,
            finished=_activity(screening),
        )

    def _say(self, text: str, *, about: Instrument | None = None, **parts: Any) -> EngineReply:
        artefacts = [(self._words.id, self.phrases.sha256)]
        if about is not None:
            artefacts.append((f"instrument:{about.id}", self.catalogue.sha256(about.id)))
        return EngineReply(text=text, author=Author.INSTRUMENT, artefacts=tuple(artefacts), **parts)


def _activity(screening: Screening, *, is_paused: bool = False) -> Activity:
    progress = {"screening": screening.to_dict(), "paused": is_paused}
    return Activity(kind=ActivityKind.SCREENING, id=screening.instrument.id, progress=progress)


def _saved(progress: Mapping[str, Any]) -> Mapping[str, Any]:
    saved = progress.get("screening")
    return saved if isinstance(saved, Mapping) else {}


def _first_sentence(instrument: Instrument) -> str:
    return instrument.about.split(". ")[0].rstrip(".")
