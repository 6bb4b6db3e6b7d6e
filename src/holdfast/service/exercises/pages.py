"""Practise: choose an exercise, read when it may not be for now, go through it a step a page, keep or take the words.

With consent, entries are kept as they come and every form ends in a redirect. Without it nothing is kept: the entries
travel in the form, signed, and the next page is the answer to the form itself. Whatever is typed is checked for risk
before anything else is done with it.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.reply import Resource
from holdfast.care.conversation.state import Purpose
from holdfast.care.intervention.exercise import Exercise
from holdfast.care.intervention.markdown import plain
from holdfast.care.intervention.people import needs_people, people_for, people_text
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.summary import summary
from holdfast.errors import AccessError, HoldfastError, InputError, StorageError
from holdfast.safety.detection.verdict import Level
from holdfast.service.exercises.keeping import as_text, entries
from holdfast.service.exercises.repository import ExerciseRecord, Status
from holdfast.service.exercises.risk import raised_by, risk_in_words, written_turns
from holdfast.service.exercises.sitting import Sitting, begin_sitting, kept_sitting, read_sitting
from holdfast.service.exercises.views import describe, ending, offers, prior, record_rows
from holdfast.service.web.failures import log_failure
from holdfast.service.web.fields import text_field, text_fields
from holdfast.service.web.risk import meet_risk, meet_words, standing_state
from holdfast.service.web.visitor import Visitor, read_visitor, services_of, visitor_or_stranger

__all__ = ["router"]

router = APIRouter()

_MESSAGES = {"deleted": "Those words are deleted."}
_CHANGED = "This exercise has changed since you began it. Nothing you wrote is lost, and you can start it again."


@router.get("/practise")
async def choose(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """List the exercises, and what was practised and kept."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    catalogue = services.parts.exercises
    records: tuple[ExerciseRecord, ...] = ()
    if visitor.person_id is not None:
        async with services.database.work(write=False) as work:
            records = await work.exercises.list(await work.persons.open(visitor.person_id))
    return _page(
        request,
        visitor,
        "practise.html",
        exercises=[describe(exercise) for exercise in catalogue],
        records=record_rows(records, {exercise.id: exercise.title for exercise in catalogue}),
        message=_MESSAGES.get(done),
        keeps=visitor.allows(Purpose.EXERCISES),
    )


@router.get("/practise/{exercise_id}")
async def introduce(request: Request, exercise_id: str) -> Response:
    """Say what an exercise is and, before anything else about doing it, when it may not be for now."""
    visitor = await visitor_or_stranger(request)
    exercise = services_of(request).parts.exercises.get(exercise_id)
    return _start_page(request, visitor, exercise)


@router.post("/practise/{exercise_id}")
async def step(request: Request, exercise_id: str) -> Response:
    """Start, or take one step: answer, go back, skip or stop."""
    form, visitor = await request.form(), await visitor_or_stranger(request)
    exercise = services_of(request).parts.exercises.get(exercise_id)
    if text_field(form, "go") == "start":
        return await _show(await begin_sitting(request, visitor, exercise).keep())
    sitting, problem = None, None
    try:
        sitting = await read_sitting(request, visitor, exercise, form)
    except HoldfastError as error:
        problem = error
    said = await _meet_words(request, visitor, sitting, form)
    lead = said if said is not None and said.leads else None
    if sitting is not None:
        return await _take(sitting, form, lead, gentle=None if lead else said)
    if lead is not None:
        return _lead_page(request, visitor, lead, go_on={"path": f"/practise/{exercise.id}", "label": "Start again"})
    if isinstance(problem, StorageError):
        raise problem
    return _start_page(request, visitor, exercise, status=409, error=str(problem))


@router.get("/practise/{exercise_id}/entries/{record_id}")
async def words(request: Request, exercise_id: str, record_id: UUID) -> Response:
    """Show what a person wrote in an exercise, in their own words."""
    visitor = await read_visitor(request)
    record = await _own(request, visitor, exercise_id, record_id)
    try:
        return _end_page(kept_sitting(request, visitor, record), can_resume=record.status is Status.UNDER_WAY)
    except InputError:
        return _old_words(request, visitor, record)


@router.get("/practise/{exercise_id}/entries/{record_id}/continue")
async def go_on(request: Request, exercise_id: str, record_id: UUID) -> Response:
    """Go on with what was begun, in this visit or another."""
    visitor = await read_visitor(request)
    record = await _own(request, visitor, exercise_id, record_id)
    try:
        sitting = kept_sitting(request, visitor, record)
    except InputError:
        return _old_words(request, visitor, record)
    return _redirect(request, sitting.page) if sitting.session.is_over else _step_page(sitting)


@router.post("/practise/{exercise_id}/entries/{record_id}/download")
async def download(request: Request, exercise_id: str, record_id: UUID) -> Response:
    """Hand over what a person wrote in an exercise, as plain text."""
    visitor = await read_visitor(request)
    record = await _own(request, visitor, exercise_id, record_id)
    parts = services_of(request).parts
    text = as_text(record, parts.exercises)
    if record.exercise in parts.exercises and parts.exercises.get(record.exercise).shows_people:
        region = visitor.region or services_of(request).settings.region
        people = people_text(parts.helplines, region, is_minor=visitor.is_known_minor)
        text += f"\n{plain(people)}\n"
    headers = {"content-disposition": f'attachment; filename="{record.exercise}-{record.started:%Y-%m-%d}.txt"'}
    return Response(text, media_type="text/plain; charset=utf-8", headers=headers)


@router.post("/practise/{exercise_id}/entries/{record_id}/delete")
async def delete(request: Request, exercise_id: str, record_id: UUID) -> Response:
    """Delete what a person wrote in an exercise."""
    services, visitor = services_of(request), await read_visitor(request)
    record = await _own(request, visitor, exercise_id, record_id)
    async with services.database.work() as work:
        await work.exercises.remove(await work.persons.open(_person_id(visitor)), record.id)
    await services.database.scrub()
    return _redirect(request, "/practise?done=deleted")


async def _meet_words(
    request: Request, visitor: Visitor, sitting: Sitting | None, form: FormData
) -> CrisisResponse | None:
    """Check what was typed for risk, whichever button was pressed and whether or not it can be used.

    What is said to a passing sign does not lead: it goes beside what comes next.
    """
    session = None if sitting is None else sitting.session
    state = standing_state(request, visitor, () if session is None else written_turns(session))
    risk = risk_in_words(services_of(request).conversation, text_fields(form, "value"), session, state)
    return None if risk is None else await meet_words(request, risk, state)


async def _take(
    sitting: Sitting, form: FormData, lead: CrisisResponse | None, *, gentle: CrisisResponse | None
) -> Response:
    """Move as the pressed button says, keep, and show what comes next: first of all what the crisis protocol says."""
    typed = text_fields(form, "value")
    go = text_field(form, "go")
    if sitting.session.is_over and go != "back":
        return await _show(sitting, gentle=gentle) if lead is None else await _lead(sitting, lead)
    try:
        moved = sitting.moved(_moved(sitting, go, typed))
    except InputError as error:
        if lead is not None:
            return await _lead(sitting, lead)
        return _step_page(sitting, error=_plain_error(error, sitting), given=typed, gentle=gentle)
    if lead is None and (risk := raised_by(moved.session)) is not None and moved.session is not sitting.session:
        lead = await meet_risk(sitting.request, risk, standing_state(sitting.request, sitting.visitor))
    if lead is not None:
        return await _lead(moved, lead)
    if go == "back":
        return _step_page(moved, given=prior(sitting.session), gentle=gentle)
    if go == "stop":
        is_elsewhere = sitting.record_id is not None and gentle is None
        return _redirect(sitting.request, sitting.page) if is_elsewhere else _end_page(moved, gentle=gentle)
    try:
        return await _show(await moved.keep(), gentle=gentle)
    except InputError as error:
        return _step_page(sitting, error=str(error), given=typed, gentle=gentle)


def _moved(sitting: Sitting, go: str, typed: list[str]) -> ExerciseSession:
    """Return the session after the pressed button; pressing Enter is Next.

    Raises:
        InputError: What was given does not fit the step, the step cannot be skipped, or there is none before it.
    """
    session = sitting.session
    match go:
        case "resume":
            return session
        case "back":
            return session.back()
        case "skip":
            return session.skip()
        case "stop":
            return session if sitting.record_id else session.stop()
    is_many = session.step is not None and session.step.kind == "multi_choice"
    return session.submit(typed if is_many else (typed[0] if typed else ""))


def _plain_error(error: InputError, sitting: Sitting) -> str:
    """Return what to say about an answer that cannot be used; where nothing was chosen, just that."""
    prompt = sitting.session.step
    if prompt is not None and prompt.kind in ("choice", "multi_choice"):
        return f"{prompt.hint.split('. ')[0].rstrip('.')}."
    return str(error)


async def _show(sitting: Sitting, *, gentle: CrisisResponse | None = None) -> Response:
    """Show the present step or the end; what is kept is shown by its own address.

    A gentle line is said once, with this very answer, so that no address tells of it.
    """
    if sitting.record_id is not None and gentle is None:
        return _redirect(sitting.request, sitting.page if sitting.session.is_over else f"{sitting.page}/continue")
    return _end_page(sitting, gentle=gentle) if sitting.session.is_over else _step_page(sitting, gentle=gentle)


async def _lead(sitting: Sitting, lead: CrisisResponse) -> Response:
    """Show what the crisis protocol says, with a way to go on. Keeping the entries may fail; showing may not."""
    kept = sitting
    try:
        kept = await sitting.keep()
    except HoldfastError as error:
        log_failure(error)
    name = "the exercise"
    if kept.record_id is not None:
        path = kept.page if kept.session.is_over else f"{kept.page}/continue"
        label = "See what you wrote" if kept.session.is_over else f"Go on with {name}"
        return _lead_page(sitting.request, sitting.visitor, lead, go_on={"path": path, "label": label})
    try:
        resume = {"action": f"/practise/{kept.exercise.id}", "state": kept.token(), "name": name, "is_multipart": True}
    except InputError:
        resume = None
    return _lead_page(sitting.request, sitting.visitor, lead, resume=resume)


def _lead_page(
    request: Request,
    visitor: Visitor,
    lead: CrisisResponse,
    *,
    go_on: dict[str, str] | None = None,
    resume: dict[str, Any] | None = None,
) -> Response:
    return _page(request, visitor, "crisis_lead.html", lead=lead, go_on=go_on, resume=resume, hide_crisis_banner=True)


def _start_page(
    request: Request, visitor: Visitor, exercise: Exercise, *, status: int = 200, error: str | None = None
) -> Response:
    """Show what comes before the first step; in a crisis, first of all who can be reached."""
    people = _people(request, visitor) if visitor.crisis.level >= Level.CRISIS else ()
    exercise_page = describe(exercise)
    return _page(
        request, visitor, "practise_start.html", status=status, exercise=exercise_page, error=error, people=people
    )


def _people(request: Request, visitor: Visitor) -> tuple[Resource, ...]:
    services = services_of(request)
    region = visitor.region or services.settings.region
    today = services.clock().date()
    return people_for(services.parts.helplines, region, today=today, is_minor=visitor.is_known_minor)


def _people_of(sitting: Sitting) -> tuple[Resource, ...]:
    return _people(sitting.request, sitting.visitor) if needs_people(sitting.session) else ()


def _step_page(
    sitting: Sitting,
    *,
    error: str | None = None,
    given: list[str] | None = None,
    gentle: CrisisResponse | None = None,
) -> Response:
    prompt = sitting.session.step
    if prompt is None:
        return _end_page(sitting, gentle=gentle)
    return _page(
        sitting.request,
        sitting.visitor,
        "practise_step.html",
        status=422 if error else 200,
        exercise=describe(sitting.exercise),
        step=prompt,
        state=sitting.token(),
        given=given or [],
        keeps=sitting.record_id is not None,
        error=error,
        gentle=gentle,
        people=_people_of(sitting),
    )


def _end_page(sitting: Sitting, *, can_resume: bool = False, gentle: CrisisResponse | None = None) -> Response:
    heading, opening = ending(sitting.session)
    return _page(
        sitting.request,
        sitting.visitor,
        "practise_end.html",
        exercise=describe(sitting.exercise),
        heading=heading,
        gentle=gentle,
        opening=opening,
        summary=summary(sitting.session),
        entries=None,
        offers=offers(sitting.session),
        record_id=sitting.record_id,
        can_resume=can_resume,
        people=_people_of(sitting) if sitting.session.is_over or can_resume else (),
    )


def _old_words(request: Request, visitor: Visitor, record: ExerciseRecord) -> Response:
    """Show what was written in an earlier version of an exercise."""
    exercise = services_of(request).parts.exercises.get(record.exercise)
    return _page(
        request,
        visitor,
        "practise_end.html",
        exercise=describe(exercise),
        heading="Your words so far",
        gentle=None,
        opening=_CHANGED,
        summary="",
        entries=entries(record),
        offers=[{"label": "Start again", "path": f"/practise/{exercise.id}"}],
        record_id=record.id,
        can_resume=False,
        people=_people(request, visitor) if exercise.shows_people else (),
    )


async def _own(request: Request, visitor: Visitor, exercise_id: str, record_id: UUID) -> ExerciseRecord:
    """Return one exercise of the visitor's own; raises AccessError for any other."""
    services = services_of(request)
    exercise = services.parts.exercises.get(exercise_id)
    async with services.database.work(write=False) as work:
        record = await work.exercises.get(await work.persons.open(_person_id(visitor)), record_id)
    if record.exercise != exercise.id:
        raise AccessError("Exercise must be one of this person's own, and is not; open one from their list.")
    return record


def _person_id(visitor: Visitor) -> UUID:
    if visitor.person_id is None:
        raise AccessError("Nothing is kept about you here, so there is no exercise to open or delete.")
    return visitor.person_id


def _page(request: Request, visitor: Visitor, template: str, **context: Any) -> Response:
    response: Response = request.app.state.pages.render(request, visitor, template, **context)
    return response


def _redirect(request: Request, path: str) -> Response:
    response: Response = request.app.state.pages.redirect(request, path)
    return response
