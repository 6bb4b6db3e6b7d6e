"""Exercises: what there is, and sessions that are kept, a step at a time."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.intervention.exercise import Offer
from holdfast.care.intervention.introduction import introduction
from holdfast.care.intervention.session import ExerciseSession
from holdfast.errors import InputError
from holdfast.service.accounts.person import Person
from holdfast.service.api.bearer import Caller, Using
from holdfast.service.api.crisis import CrisisOut, crisis_out, known_state, meet_risk_of
from holdfast.service.api.schema import Given, Taken
from holdfast.service.crisis.raising import calls_for_words
from holdfast.service.exercises.keeping import begin, entries, keep, resume
from holdfast.service.exercises.repository import ExerciseRecord, Status
from holdfast.service.exercises.risk import raised_by, risk_in_words, written_turns
from holdfast.service.services import Services
from holdfast.service.storage.work import Work

__all__ = ["router"]

router = APIRouter(tags=["exercises"])

_Words = Annotated[str, Field(max_length=100_000)]


class ExerciseOut(Given):
    """An exercise in short."""

    id: str
    title: str
    version: str
    summary: str
    minutes: int


class ExercisesOut(Given):
    """Every exercise there is."""

    exercises: list[ExerciseOut]


class WarningOut(Given):
    """When an exercise may not be for now, and what to do instead. ``offer`` is help_now, human or null."""

    when: str
    instead: str
    offer: Offer | None


class WholeExerciseOut(ExerciseOut):
    """An exercise with what to read before it: ``contraindications`` first."""

    contraindications: list[WarningOut]
    introduction: str
    evidence_note: str
    review: str
    sha256: str


class Action(StrEnum):
    """What can be done at a step."""

    ANSWER = "answer"
    SKIP = "skip"
    BACK = "back"
    STOP = "stop"


class StepIn(Taken):
    """What to do at the present step; ``value`` goes with an answer: a text, a number or option values."""

    action: Action = Action.ANSWER
    value: _Words | Annotated[int, Field(ge=-1000, le=1000)] | Annotated[list[_Words], Field(max_length=50)] = ""


class OptionOut(Given):
    """One option of a choice. ``value`` is what is sent."""

    value: str
    label: str


class StepOut(Given):
    """The step to show. ``kind``: none, text, long_text, number, choice, multi_choice, date_time or timer.

    With ``shows_people``, list beside it who can be reached where the person is (``GET /help``).
    """

    step: str
    label: str
    text: str
    help: str | None
    example: str | None
    kind: str
    hint: str
    options: list[OptionOut]
    can_skip: bool
    can_go_back: bool
    number: int
    of_at_most: int
    shows_people: bool


class EntryOut(Given):
    """Something the person gave, in words."""

    step: str
    label: str
    value: str


class SessionOut(Given):
    """A run through an exercise. ``step`` is to be shown next, or null once it is over.

    ``message`` says why it ended or cannot go on, and ``offers`` what is offered then. ``crisis`` is there where the
    last step signals risk: show it first. ``gentle`` is there where its words hold a passing sign: a line to show
    beside the next step.
    """

    id: UUID
    exercise: str
    version: str
    status: Status
    started: datetime
    updated: datetime
    completed: datetime | None
    step: StepOut | None
    entries: list[EntryOut]
    message: str | None
    offers: list[Offer]
    crisis: CrisisOut | None
    gentle: str | None


class SessionsOut(Given):
    """Every session kept, oldest first."""

    sessions: list[SessionOut]


@router.get("/exercises")
async def exercises(services: Using) -> ExercisesOut:
    """List the exercises."""
    return ExercisesOut(exercises=[ExerciseOut.model_validate(one) for one in services.parts.exercises])


@router.get("/exercises/{exercise_id}")
async def exercise(services: Using, exercise_id: str) -> WholeExerciseOut:
    """Return an exercise with what to read before it."""
    found = services.parts.exercises.get(exercise_id)
    return WholeExerciseOut(
        **ExerciseOut.model_validate(found).model_dump(),
        contraindications=[WarningOut.model_validate(line) for line in found.contraindications],
        introduction=introduction(found),
        evidence_note=found.evidence_note,
        review=found.review,
        sha256=services.parts.exercises.sha256(found.id),
    )


@router.post("/exercises/{exercise_id}/sessions", status_code=201)
async def start(services: Using, caller: Caller, exercise_id: str) -> SessionOut:
    """Begin an exercise. It needs consent to exercises being kept."""
    session = ExerciseSession.start(services.parts.exercises.get(exercise_id), services.clock())
    async with services.database.work() as work:
        record = await begin(work, await work.persons.open(caller), session, now=services.clock())
    return _out(services, record)


@router.get("/sessions")
async def sessions(services: Using, caller: Caller) -> SessionsOut:
    """List the caller's sessions."""
    async with services.database.work(write=False) as work:
        records = await work.exercises.list(await work.persons.open(caller))
    return SessionsOut(sessions=[_out(services, record) for record in records])


@router.get("/sessions/{session_id}")
async def one_session(services: Using, caller: Caller, session_id: UUID) -> SessionOut:
    """Return one of the caller's sessions."""
    async with services.database.work(write=False) as work:
        record = await work.exercises.get(await work.persons.open(caller), session_id)
    return _out(services, record)


@router.post("/sessions/{session_id}/steps")
async def take_step(services: Using, caller: Caller, session_id: UUID, given: StepIn) -> SessionOut:
    """Answer the present step, skip it, go back or stop. What is written is checked for risk first."""
    async with services.database.work() as work:
        person = await work.persons.open(caller)
        record = await work.exercises.get(person, session_id)
        session = resume(record, services.parts.exercises)
        met = await _met_words(services, work, person, session, given)
        crisis = met if met is not None and met.leads else None
        gentle = None if crisis is met else met
        moved, refusal = _moved(session, given), None
        if isinstance(moved, InputError):
            if crisis is None:
                raise moved
            moved, refusal = session, str(moved)
        elif crisis is None and (risk := raised_by(moved)) is not None:
            crisis = await meet_risk_of(services, work, person, risk)
        if refusal is None and given.action is not Action.STOP:
            record = await keep(work, person, record.id, moved, now=services.clock())
    return _out(services, record, crisis=crisis, message=refusal, gentle=gentle)


@router.delete("/sessions/{session_id}", status_code=204)
async def delete(services: Using, caller: Caller, session_id: UUID) -> Response:
    """Delete a session with its entries."""
    async with services.database.work() as work:
        await work.exercises.remove(await work.persons.open(caller), session_id)
    await services.database.scrub()
    return Response(status_code=204)


async def _met_words(
    services: Services, work: Work, person: Person, session: ExerciseSession, given: StepIn
) -> CrisisResponse | None:
    """Check what was written for risk, within what was written before, whether or not it can be used."""
    typed = given.value if isinstance(given.value, list) else [str(given.value)]
    state = replace(known_state(services, person, await work.crisis.state(person)), turns=written_turns(session))
    risk = risk_in_words(services.conversation, typed, session, state)
    if risk is None or not calls_for_words(risk, state.crisis):
        return None
    return await meet_risk_of(services, work, person, risk, read=state.crisis)


def _moved(session: ExerciseSession, given: StepIn) -> ExerciseSession | InputError:
    """Return the session after the action, or why it cannot be done."""
    try:
        match given.action:
            case Action.SKIP:
                return session.skip()
            case Action.BACK:
                return session.back()
            case Action.STOP:
                return session
            case Action.ANSWER:
                return session.submit(given.value)
    except InputError as error:
        return error


def _out(
    services: Services,
    record: ExerciseRecord,
    *,
    crisis: CrisisResponse | None = None,
    message: str | None = None,
    gentle: CrisisResponse | None = None,
) -> SessionOut:
    session, offers = None, []
    try:
        session = resume(record, services.parts.exercises)
    except InputError as error:
        message = str(error)
    if session is not None and session.stop_rule is not None:
        message, offers = session.stop_rule.text, list(session.stop_rule.offers)
    return SessionOut(
        id=record.id,
        exercise=record.exercise,
        version=record.version,
        status=record.status,
        started=record.started,
        updated=record.updated,
        completed=record.completed,
        step=None if session is None else _step(session),
        entries=[EntryOut(step=entry.step_id, label=entry.label, value=entry.value) for entry in entries(record)],
        message=message,
        offers=offers,
        crisis=crisis_out(crisis),
        gentle=None if gentle is None else gentle.text,
    )


def _step(session: ExerciseSession) -> StepOut | None:
    prompt = session.step
    if prompt is None:
        return None
    return StepOut(
        step=prompt.step_id,
        label=prompt.label,
        text=prompt.text,
        help=prompt.help,
        example=prompt.example,
        kind=prompt.kind,
        hint=prompt.hint,
        options=[OptionOut.model_validate(option) for option in prompt.options],
        can_skip=prompt.skip_label is not None,
        can_go_back=prompt.can_go_back,
        number=prompt.progress.number,
        of_at_most=prompt.progress.total,
        shows_people=prompt.shows_people,
    )
