"""Speak for the crisis protocol: fixed texts lead, the channel stays open, nothing here is generated.

A notice accompanies the routed reply. A concern or a crisis leads, and the state it leaves stands until it is cleared
positively. While a concern stands, a plain request (an article, an exercise under way) is still answered, with a line
that says nothing was forgotten; in a crisis the protocol always leads.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.reply import Choice, Resource
from holdfast.care.conversation.resources import resources_for
from holdfast.care.conversation.state import ConversationState
from holdfast.content import Loaded
from holdfast.safety.crisis.check_in import (
    Progress,
    Step,
    answer_check_in,
    begin_check_in,
    next_question,
    stop_check_in,
)
from holdfast.safety.crisis.commands import (
    AnswerQuestion,
    AskRegion,
    Command,
    PickRegion,
    StartCheckIn,
    StopCheckIn,
    parse_command,
)
from holdfast.safety.crisis.helplines import ELSEWHERE, Helplines
from holdfast.safety.crisis.leaning import is_leaning, is_returning, sounds_well
from holdfast.safety.crisis.protocol import CrisisProtocol
from holdfast.safety.crisis.questions import Question
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.crisis.standing import watch_over
from holdfast.safety.crisis.state import CrisisState, raise_state
from holdfast.safety.crisis.template import Template
from holdfast.safety.detection.verdict import Category, Detection, Evidence, Level, Subject

__all__ = ["ProtocolCrisisPath", "chosen_region", "is_plain_request"]

_MAX_LINES = 6
_BODILY = frozenset({Category.SUBSTANCE_EMERGENCY, Category.MEDICAL_EMERGENCY})
_CHECK_IN = Choice(label="Check in with me", value="check-in: start")
_HELP = Choice(label="People you can reach", path="/help")
_GROUNDING = Choice(label="A short grounding exercise", path="/practise/grounding-and-breathing")
_COUNTRY = Choice(label="Choose my country", value="region")
_STOP = Choice(label="Stop the check-in", value="check-in: stop")
_PLAN = Choice(label="Make a safety plan", path="/practise/safety-plan")
_PLAN_FITS = frozenset({Category.SUICIDE, Category.SELF_HARM})

_REQUEST = re.compile(
    r"^(?:please )?(?:(?:can|could) you (?:please )?)?(?:"
    r"tell me (?:more )?about|explain|what (?:is|are|does|do|helps)|how (?:do|does|can|is|are|to)|"
    r"i(?:'d| would) like to (?:learn|read|know|do|try)|show me|open|start|let's (?:do|try)|where (?:can|do) i find)\b",
)
_HOPELESS = re.compile(
    r"\b(?:point|anymore|any more|die|dead|death|dying|kill|end it|hurt|worth|painless|pills?|alone)\b"
)


def is_plain_request(message: str) -> bool:
    """Whether ``message`` reads as a plain request for information or an exercise, and carries no sign of despair."""
    text = message.strip().lower().replace("\u2019", "'")
    return bool(_REQUEST.search(text)) and not _HOPELESS.search(text)


def chosen_region(message: str, helplines: Helplines) -> str | None:
    """Return the country code that ``message`` chooses ("region: GB"), or None; whoever keeps the state stores it."""
    command = parse_command(message, helplines.regions)
    return command.code if isinstance(command, PickRegion) else None


@dataclass(frozen=True, kw_only=True)
class ProtocolCrisisPath:
    """The crisis path over the protocol and the helplines.

    Attributes:
        is_staffed: Whether a person is on duty at a time; by default nobody is, and the text says so. What became of
            the alerts about a person (``ConversationState.alert``) says more where it is known.
        is_plain: Whether a message may be answered by its own part while a concern stands.
    """

    protocol: Loaded[CrisisProtocol]
    helplines: Helplines
    is_staffed: Callable[[datetime], bool] = field(default=lambda _: False)
    is_plain: Callable[[str], bool] = is_plain_request

    def respond(
        self, message: str, detection: Detection, state: ConversationState, now: datetime
    ) -> CrisisResponse | None:
        """Return the protocol's response, or None where neither detection nor the standing state calls for one.

        A message that is one of the path's own commands, or an answer to the check-in in so many words, is taken as
        that and as nothing else. Everything else is judged by ``detection``.
        """
        turn = _Turn(path=self, state=state, now=now)
        newest = turn.newest(detection)
        command = turn.command(message)
        if command is not None and not (isinstance(command, AskRegion) and newest.level >= Level.CONCERN):
            return turn.obey(command)
        if state.crisis.cleared_by is not None and not state.crisis.is_active:
            return turn.after_clearing(message, detection, newest)
        if turn.is_news(detection):
            return turn.lead(detection, newest)
        if state.crisis.is_active:
            return turn.stay(message, detection)
        return turn.accompany(newest) if newest.level is Level.NOTICE else None

    @property
    def artefacts(self) -> tuple[tuple[str, str], ...]:
        """Ids and SHA-256 hashes of what the path speaks from."""
        protocol = self.protocol
        return (
            (f"{protocol.value.id}@{protocol.value.version}", protocol.sha256),
            ("helplines", self.helplines.sha256),
        )


@dataclass(frozen=True, kw_only=True)
class _Turn:
    """One message on the crisis path: the standing state, the moment and the region."""

    path: ProtocolCrisisPath
    state: ConversationState
    now: datetime

    @property
    def protocol(self) -> CrisisProtocol:
        return self.path.protocol.value

    @property
    def crisis(self) -> CrisisState:
        return self.state.crisis

    def command(self, message: str) -> Command | None:
        """Return what ``message`` asks of the path: a button, its typed equivalent or an answer to the check-in."""
        crisis = self.crisis
        is_engaged = crisis.is_active or crisis.check_in is not None or self.state.activity is not None
        command = parse_command(message, self.path.helplines.regions, is_engaged=is_engaged)
        return command or self.typed_answer(message)

    def typed_answer(self, message: str) -> AnswerQuestion | None:
        """Return the answer that a typed message is, word for word, to the question now open.

        In a calm state, where a check-in can be left without a word, the question must be the last thing said.
        """
        question = next_question(self.crisis, self.protocol.check_in)
        if question is None:
            return None
        turns = self.state.turns
        if not self.crisis.is_active and turns and question.text not in turns[-1].text:
            return None
        offered = self.protocol.check_in.answers(question)
        meant = next((answer for answer in offered if answer.is_meant_by(message)), None)
        return AnswerQuestion(question.id, meant.id) if meant else None

    def is_news(self, detection: Detection) -> bool:
        """Whether detection signals risk that this state has not met yet.

        While a state stands, what older turns of the window said was met when it was said; a detection without
        evidence (a layer failed) always counts.
        """
        return detection.level >= Level.CONCERN and (not self.crisis.is_active or self.is_recent(detection))

    def is_recent(self, detection: Detection) -> bool:
        """Whether the last message itself holds a sign, or the detection rests on no sign at all."""
        return not detection.evidence or any(self._is_of_now(piece) for piece in detection.evidence)

    def newest(self, detection: Detection) -> Detection:
        """Return ``detection`` as far as it rests on the last message; a layer that failed keeps it at a concern.

        Where all of it rests there, whom it is about is as said; else it is told by the gravest signs of the message.
        """
        if not detection.evidence:
            return detection
        pieces = sorted((piece for piece in detection.evidence if self._is_of_now(piece)), key=lambda e: -e.level)
        floor = Level.CONCERN if detection.is_degraded else Level.NONE
        level = max((floor, *(piece.level for piece in pieces)))
        about = {piece.subject for piece in pieces if piece.level == pieces[0].level}
        told = next((who for who in (Subject.SELF, Subject.OTHER) if who in about), detection.subject)
        if len(pieces) == len(detection.evidence) and detection.subject is not Subject.UNKNOWN:
            told = detection.subject
        return replace(
            detection,
            level=level,
            categories=tuple(dict.fromkeys(piece.category for piece in pieces)),
            evidence=tuple(pieces),
            subject=told,
        )

    def after_clearing(self, message: str, detection: Detection, newest: Detection) -> CrisisResponse | None:
        """Meet a message after a state was cleared: what was said before it does not bring it back by itself.

        Words that lean on it ("the thoughts are back") are asked about. Where older turns still hold risk, the first
        message that does not sound well gets a line and people to reach, once, unless a line was given already.
        """
        if newest.level >= Level.CONCERN:
            return self.lead(newest, newest)
        holds_risk = detection.level >= Level.CONCERN
        if holds_risk and (self._adds_up(detection, newest) or self._leans(message)):
            asked = replace(detection, level=Level.CONCERN, categories=detection.categories[:1])
            return self.lead(asked, asked)
        if newest.level is Level.NOTICE:
            return self._remembering(self.accompany(newest))
        if not holds_risk or self.crisis.told or sounds_well(message):
            return None
        return self._remembering(self.accompany(detection, with_lines=True))

    def obey(self, command: Command) -> CrisisResponse:
        """Do what a button of this path, or its typed equivalent, asks for."""
        if isinstance(command, StartCheckIn):
            return self._step(begin_check_in(self.crisis, self.protocol.check_in, self.now), opening=True)
        if isinstance(command, AnswerQuestion):
            return self._answer(command)
        if isinstance(command, StopCheckIn):
            stopped = stop_check_in(self.crisis, self.now)
            return self._say(stopped, self.protocol.check_in.stopped, choices=self._choices(stopped))
        code = command.code if isinstance(command, PickRegion) else self.state.region
        if isinstance(command, AskRegion):
            return self._say(self.crisis, self.protocol.numbers.choose, choices=self._countries())
        return self._numbers(code)

    def lead(self, detection: Detection, newest: Detection) -> CrisisResponse:
        """Raise the state by ``detection`` and say what the protocol says first, or says again, for this risk.

        Who is spoken of is whom the last message is about: a friend's overdose is answered as that, also while the
        state is about the person writing.
        """
        raised = raise_state(self.crisis, detection, self.now)
        heard = newest if newest.evidence and newest.level >= Level.CONCERN else detection
        if heard.subject in {raised.subject, Subject.UNKNOWN}:
            heard = replace(heard, level=raised.level, subject=raised.subject)
        template = self._opening(raised, heard)
        if template is None:
            template = _next_told(self.protocol.repeats_for(heard.level, heard.subject), raised.told)
        return self._say(raised, template, choices=self._choices(raised), with_duty=True)

    def stay(self, message: str, detection: Detection) -> CrisisResponse:
        """Keep the channel open while the state stands and the message brings nothing new."""
        crisis = self.crisis
        may_pass = crisis.level < Level.CRISIS and (self.state.activity is not None or self.path.is_plain(message))
        if may_pass and detection.level < Level.CONCERN:
            return self._say(
                crisis, self.protocol.standing_for(crisis.subject), choices=(_CHECK_IN,), leads=False, with_lines=False
            )
        question = next_question(crisis, self.protocol.check_in)
        if question is not None:
            return self._ask(crisis, question, before=self.protocol.check_in.again)
        template = _next_told(self.protocol.follow_ups_for(crisis.level, crisis.subject), crisis.told)
        return self._say(crisis, template, choices=self._choices(crisis), with_duty=self._is_told_of_duty(crisis))

    def accompany(self, detection: Detection, *, with_lines: bool = False) -> CrisisResponse:
        """Add a gentle line to the routed reply; the state stays as it is."""
        category = detection.categories[0] if detection.categories else None
        template = self.protocol.notice(category, detection.subject)
        return self._say(self.crisis, template, choices=(_HELP, _CHECK_IN), leads=False, with_lines=with_lines)

    def _remembering(self, response: CrisisResponse) -> CrisisResponse:
        """Return ``response`` with a state that knows it was told, so that it is not told with every message."""
        new = tuple(template for template in response.templates if template not in self.crisis.told)
        return replace(response, state=replace(response.state, told=(*self.crisis.told, *new)))

    def _is_of_now(self, piece: Evidence) -> bool:
        """Whether a sign is in the last message, or in no words at all: an instrument's answer, given just now."""
        return piece.turn >= len(self.state.turns) or piece.start == piece.end

    def _adds_up(self, detection: Detection, newest: Detection) -> bool:
        """Whether the last message adds a lesser sign to others that are grave only together."""
        return newest.level is Level.NOTICE and all(e.level < Level.CONCERN for e in detection.evidence)

    def _leans(self, message: str) -> bool:
        """Whether ``message`` leans on what was said; an answer within an activity must say that it is back."""
        if self.state.activity is not None or self.path.is_plain(message):
            return is_returning(message)
        return is_leaning(message)

    def _opening(self, raised: CrisisState, heard: Detection) -> Template | None:
        """Return the first leading text for what was found that this state has not heard yet."""
        if not heard.categories:
            general = self.protocol.template(None, heard.level, heard.subject)
            first = self.protocol.layer_failure if heard.is_degraded else general
            return first if first.id not in raised.told else None
        offered = [self.protocol.template(c, heard.level, heard.subject) for c in heard.categories]
        return next((template for template in offered if template.id not in raised.told), None)

    def _answer(self, command: AnswerQuestion) -> CrisisResponse:
        script = self.protocol.check_in
        question = next(
            (q for q in script.asked(self.crisis.categories, self.crisis.subject) if q.id == command.question), None
        )
        known = question is not None and command.answer in {answer.id for answer in script.answers(question)}
        if self.crisis.check_in is None or not known:
            return self.obey(StartCheckIn())
        return self._step(answer_check_in(self.crisis, script, command.question, command.answer, self.now))

    def _step(self, step: Step, *, opening: bool = False) -> CrisisResponse:
        script, crisis = self.protocol.check_in, step.state
        if step.question is not None:
            return self._ask(crisis, step.question, before=script.intro if opening else None)
        if step.progress is Progress.CLEARED:
            told = script.cleared_other if self.crisis.subject is Subject.OTHER else script.cleared
            calming = (_GROUNDING, _PLAN) if _fits_plan(self.crisis) else (_GROUNDING,)
            return self._say(crisis, told, choices=(_HELP, *calming), with_lines=False)
        if step.progress is Progress.RAISED:
            category = crisis.categories[0] if crisis.categories else None
            template = self.protocol.template(category, crisis.level, crisis.subject)
            return self._say(crisis, template, choices=self._choices(crisis), with_duty=True)
        return self._say(crisis, script.kept, choices=self._choices(crisis))

    def _ask(self, crisis: CrisisState, question: Question, before: Template | None) -> CrisisResponse:
        answers = tuple(
            Choice(label=answer.label, value=f"check-in: {question.id}: {answer.id}")
            for answer in self.protocol.check_in.answers(question)
        )
        asked = Template(id=f"check-in-{question.id}", text=question.text)
        is_grave = crisis.level >= Level.CRISIS
        said = self._say(crisis, before or asked, choices=(*answers, _STOP, _HELP), with_lines=is_grave)
        if before is None:
            return said
        return replace(said, text=f"{said.text}\n\n{question.text}", templates=(*said.templates, asked.id))

    def _numbers(self, code: str | None) -> CrisisResponse:
        texts = self.protocol.numbers
        is_known = self.path.helplines.region(code) != ELSEWHERE
        turn = replace(self, state=replace(self.state, region=code))
        choices = self._choices(self.crisis) if is_known else self._countries()
        return turn._say(self.crisis, texts.here if is_known else texts.elsewhere, choices=choices)

    def _say(
        self,
        crisis: CrisisState,
        template: Template,
        *,
        choices: tuple[Choice, ...],
        leads: bool = True,
        with_duty: bool = False,
        with_lines: bool = True,
    ) -> CrisisResponse:
        """Render ``template`` for the region, note that it was told and list the people to reach."""
        region = fill_region(
            self.path.helplines, self.state.region, crisis.categories, is_minor=self.state.is_known_minor
        )
        spoken = [template, *(self._duty(crisis) if with_duty else ())]
        ids = tuple(text.id for text in spoken)
        told = (*(known for known in crisis.told if known not in ids), *ids) if crisis.is_active else crisis.told
        return CrisisResponse(
            text="\n\n".join(self.protocol.render(text, region) for text in spoken),
            state=replace(crisis, told=told),
            templates=ids,
            resources=self._resources(crisis) if with_lines else (),
            choices=choices,
            leads=leads,
            artefacts=self.path.artefacts,
        )

    def _duty(self, crisis: CrisisState) -> tuple[Template, ...]:
        """Return what is true of the people who look after the service, unless it was the last said of them."""
        watch = watch_over(self.state.alert, is_staffed=self.path.is_staffed(self.now))
        said = self.protocol.duty[watch]
        return () if said.id == self._last_of_duty(crisis) else (said,)

    def _is_told_of_duty(self, crisis: CrisisState) -> bool:
        return self._last_of_duty(crisis) is not None

    def _last_of_duty(self, crisis: CrisisState) -> str | None:
        known = {text.id for text in self.protocol.duty.values()}
        return next((told for told in reversed(crisis.told) if told in known), None)

    def _choices(self, crisis: CrisisState) -> tuple[Choice, ...]:
        is_elsewhere = self.path.helplines.region(self.state.region) == ELSEWHERE
        calming = () if _BODILY & {*crisis.categories} else (_GROUNDING,)
        plan = (_PLAN,) if crisis.level is Level.CONCERN and _fits_plan(crisis) else ()
        return (_CHECK_IN, *((_COUNTRY,) if is_elsewhere else ()), _HELP, *calming, *plan)

    def _countries(self) -> tuple[Choice, ...]:
        named: Mapping[str, str] = self.path.helplines.regions
        known = sorted((name, code) for code, name in named.items() if code != ELSEWHERE)
        return tuple(Choice(label=name, value=f"region: {code}") for name, code in known)

    def _resources(self, crisis: CrisisState) -> tuple[Resource, ...]:
        return resources_for(
            self.path.helplines,
            self.state.region,
            crisis.categories,
            today=self.now.date(),
            most=_MAX_LINES,
            is_minor=self.state.is_known_minor,
        )


def _fits_plan(crisis: CrisisState) -> bool:
    """Whether a safety plan is for this: the person's own thoughts of suicide or self-harm, or a kind not clear."""
    kinds = {*crisis.categories}
    about_self = crisis.subject is not Subject.OTHER
    return about_self and not _BODILY & kinds and (not kinds or bool(_PLAN_FITS & kinds))


def _next_told(templates: tuple[Template, ...], told: tuple[str, ...]) -> Template:
    """Return the template not told yet, or else the one told longest ago."""
    order = {template: position for position, template in enumerate(told)}
    return min(templates, key=lambda template: order.get(template.id, -1))
