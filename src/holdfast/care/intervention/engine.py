"""Exercises in a conversation: offered first, then one step a message, never an exception."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from holdfast.care.conversation.parts import EngineReply, Routing
from holdfast.care.conversation.reply import Author, Choice
from holdfast.care.conversation.state import ActivityKind, ConversationState
from holdfast.care.intervention.catalogue import Catalogue
from holdfast.care.intervention.exercise import Exercise, Offer, StopRule
from holdfast.care.intervention.introduction import introduction
from holdfast.care.intervention.markdown import literal
from holdfast.care.intervention.people import needs_people, people_for, people_text
from holdfast.care.intervention.rendering import offer_choices, prompt_choices, prompt_text
from holdfast.care.intervention.session import ExerciseSession, saved_entries
from holdfast.care.intervention.steering import BACK, NO, STOP, YES, means_skip, normalised, steer
from holdfast.care.intervention.summary import closing, summary
from holdfast.care.intervention.under_way import UnderWay
from holdfast.errors import InputError
from holdfast.safety.crisis.helplines import Helplines
from holdfast.safety.detection.verdict import Detection, Level, Subject, Tense
from holdfast.turn import Role

__all__ = ["InterventionEngine"]

_MOST_MISSES = 2
_HELP_NOW = offer_choices((Offer.HELP_NOW,))
_START = (Choice(label="Start", value="start"), Choice(label="Not now", value="not now"), *_HELP_NOW)
_ANOTHER = Choice(label="See the other exercises", value="exercises")
_MENU = "Here are exercises you can practise. Each is a few minutes long, and you can stop at any time. Which one?"
_GONE = "That exercise is not here any more. What you wrote is kept for you. Here is what you can practise now."
_LATER = "That is fine. It will be here when you want it. We can talk about something else."
_ASKED_TO = "to start"
_PAUSED = "We were in the middle of an exercise. You can go on from here, or stop."
_UNCLEAR = f"I am not sure if you want {_ASKED_TO}. Say “start” or “not now”."
_LET_GO = "Let us leave the exercise for now. It will be here when you want it. What would you like to talk about?"
_CHANGED = "This exercise has changed since you began it. Nothing you wrote is lost. You can start it again."
_FIRST = "This is the first step, so there is nothing to go back to."
_NEEDED = "This step cannot be left out, because the next ones build on it. A word or two is enough. You can also stop."
_MISSED = "Sorry, I could not use that here."
_STUCK = "If this is not working today, that is fine. You can stop, and what you wrote is kept."
_REFERRAL = "If you would rather talk to a person, Help now shows who you can reach."


@dataclass(frozen=True, kw_only=True)
class InterventionEngine:
    """Leads a person through the exercises of ``catalogue``; ``clock`` returns the time with its zone.

    The first message offers an exercise and says when it may not be for now. After that each message answers one
    step. What cannot be used is asked again. Where something else came between, such as the crisis path, the question
    is shown again first: a message is never taken as the answer to a question that was not just asked.

    Where a step shows people to reach, ``helplines`` fills in those of the person's region; without them it says
    nothing of people.
    """

    catalogue: Catalogue
    clock: Callable[[], datetime]
    helplines: Helplines | None = None

    async def reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        """Answer ``message``: offer an exercise, or take the next step of the one under way."""
        return self._with_people(self._reply(message, routing, state), state)

    def _with_people(self, reply: EngineReply, state: ConversationState) -> EngineReply:
        activity = reply.activity or reply.finished
        saved = None if activity is None else UnderWay.of(activity).session
        if saved is None or self.helplines is None or str(saved.get("exercise")) not in self.catalogue:
            return reply
        try:
            session = ExerciseSession.from_dict(saved, self.catalogue.get(str(saved["exercise"])))
        except InputError:
            return reply
        if not needs_people(session):
            return reply
        is_minor = state.is_known_minor
        people = people_text(self.helplines, state.region, is_minor=is_minor)
        listed = people_for(self.helplines, state.region, today=self.clock().date(), is_minor=is_minor)
        fallback = None if reply.fallback is None else f"{reply.fallback}\n\n{people}"
        return replace(
            reply, text=f"{reply.text}\n\n{people}", fallback=fallback, resources=(*reply.resources, *listed)
        )

    def _reply(self, message: str, routing: Routing, state: ConversationState) -> EngineReply:
        said = normalised(message)
        if state.activity is None or state.activity.kind is not ActivityKind.EXERCISE:
            return self._menu(_MENU) if routing.target not in self.catalogue else self._offer(str(routing.target))
        under_way = UnderWay.of(state.activity)
        if under_way.exercise_id not in self.catalogue:
            return replace(self._menu(_GONE), finished=state.activity if under_way.session else None)
        if under_way.session is None:
            return self._answer_offer(said, under_way, state)
        return self._take_step(message, under_way, state)

    def _menu(self, opening: str) -> EngineReply:
        lines = "\n".join(f"- **{one.title}** (about {one.minutes} minutes). {one.summary}" for one in self.catalogue)
        choices = tuple(Choice(label=one.title, value=one.title) for one in self.catalogue)
        return EngineReply(
            text=f"{opening}\n\n{lines}", author=Author.EXERCISE, choices=(*choices, *_HELP_NOW), referral=_REFERRAL
        )

    def _offer(self, exercise_id: str) -> EngineReply:
        text = f"{introduction(self.catalogue.get(exercise_id))}\n\nWould you like {_ASKED_TO}?"
        return self._said(text, UnderWay(exercise_id=exercise_id), choices=_START)

    def _answer_offer(self, said: str, under_way: UnderWay, state: ConversationState) -> EngineReply:
        if _is_interrupted(_ASKED_TO, under_way, state) and said not in NO:
            return self._said(_UNCLEAR, replace(under_way, is_shown_again=True), choices=_START)
        if said in YES:
            session = ExerciseSession.start(self._exercise(under_way), self.clock())
            return self._ask(session, replace(under_way, is_shown_again=False))
        if said in NO:
            return self._let_go(_LATER, under_way)
        if under_way.misses + 1 >= _MOST_MISSES:
            return self._let_go(_LET_GO, under_way)
        return self._said(_UNCLEAR, replace(under_way, misses=under_way.misses + 1), choices=_START)

    def _let_go(self, text: str, under_way: UnderWay) -> EngineReply:
        kept = under_way.activity() if under_way.earlier else None
        return replace(self._said(text, under_way, choices=(_ANOTHER, *_HELP_NOW)), activity=None, finished=kept)

    def _take_step(self, message: str, under_way: UnderWay, state: ConversationState) -> EngineReply:
        try:
            session = ExerciseSession.from_dict(under_way.session or {}, self._exercise(under_way))
        except InputError:
            return self._changed(under_way)
        asked = session.step.text if session.step is not None else ""
        if _is_interrupted(asked, under_way, state) and normalised(message) not in STOP:
            return self._ask(session, replace(under_way, is_shown_again=True), opening=_PAUSED)
        under_way = replace(under_way, is_shown_again=False)
        try:
            moved = steer(session, message)
        except InputError:
            return self._ask_again(session, normalised(message), under_way)
        return self._end(moved, under_way) if moved.is_over else self._ask(moved, under_way)

    def _changed(self, under_way: UnderWay) -> EngineReply:
        kept = [f"*{entry.label}:* {literal(entry.value)}" for entry in saved_entries(under_way.session or {})]
        text = "\n\n".join([_CHANGED, *kept, f"Would you like {_ASKED_TO} again?"])
        choices = (Choice(label="Start again", value="start again"), *_START[1:])
        return replace(self._said(text, under_way.set_aside(), choices=choices), fallback=_CHANGED)

    def _ask(self, session: ExerciseSession, under_way: UnderWay, *, opening: str | None = None) -> EngineReply:
        prompt = session.step
        if prompt is None:
            return self._end(session, under_way)
        text = prompt_text(prompt) if opening is None else f"{opening}\n\n{prompt_text(prompt)}"
        kept = replace(under_way, session=session.to_dict(), misses=0 if opening is None else under_way.misses)
        return self._said(text, kept, choices=prompt_choices(prompt), fallback=f"{prompt.text} {prompt.hint}")

    def _ask_again(self, session: ExerciseSession, said: str, under_way: UnderWay) -> EngineReply:
        misses = under_way.misses + 1
        why = _FIRST if said in BACK else _NEEDED if means_skip(session, said) else _MISSED
        opening = f"{why} {_STUCK}" if misses > _MOST_MISSES else why
        return self._ask(session, replace(under_way, misses=misses), opening=opening)

    def _end(self, session: ExerciseSession, under_way: UnderWay) -> EngineReply:
        rule = session.stop_rule
        opening = "" if rule is None else f"{rule.text}\n\n"
        ended = replace(under_way, session=session.to_dict(), misses=0)
        choices = (_ANOTHER, *_HELP_NOW) if rule is None else offer_choices(rule.offers)
        said = self._said(f"{opening}{summary(session)}", ended, choices=choices, fallback=opening + closing(session))
        return replace(
            said,
            activity=None,
            finished=ended.activity(),
            raised=None if rule is None else _raised(rule),
            referral=None if session.is_done else _REFERRAL,
        )

    def _said(
        self, text: str, under_way: UnderWay, *, choices: tuple[Choice, ...], fallback: str | None = None
    ) -> EngineReply:
        exercise_id = under_way.exercise_id
        return EngineReply(
            text=text,
            author=Author.EXERCISE,
            choices=choices,
            activity=under_way.activity(),
            fallback=fallback,
            artefacts=((exercise_id, self.catalogue.sha256(exercise_id)),),
        )

    def _exercise(self, under_way: UnderWay) -> Exercise:
        return self.catalogue.get(under_way.exercise_id)


def _is_interrupted(asked: str, under_way: UnderWay, state: ConversationState) -> bool:
    """Return whether the last thing the person read was not what was asked. It is shown again only once."""
    read = next((turn.text for turn in reversed(state.turns) if turn.role is Role.ASSISTANT), None)
    return read is not None and asked not in read and not under_way.is_shown_again


def _raised(rule: StopRule) -> Detection | None:
    if rule.raises is None:
        return None
    return Detection(level=Level[rule.raises.upper()], subject=Subject.SELF, tense=Tense.PRESENT)
