"""Check in: choose an instrument, answer it one question a page or all at once, and see what it may mean.

With consent, answers are kept as they come and every form ends in a redirect. Without it nothing is kept: progress
travels in the form, signed, and the next page is the answer to the form itself. A positive risk item opens the crisis
path before the next question, kept or not.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.result import explain
from holdfast.care.assessment.scoring import score, signalled_risk
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError, AnswersError, HoldfastError, InputError
from holdfast.safety.detection.verdict import Detection
from holdfast.service.check_ins.keeping import explained, resume, scored
from holdfast.service.check_ins.repository import CheckIn, Status
from holdfast.service.check_ins.showing import (
    all_page,
    blank_page,
    item_page,
    page,
    pause_page,
    redirect,
    result_page,
)
from holdfast.service.check_ins.sitting import (
    Sitting,
    begin_sitting,
    chosen_value,
    chosen_values,
    read_sitting,
    screening_of,
)
from holdfast.service.check_ins.views import chart, describe, history
from holdfast.service.web.failures import log_failure
from holdfast.service.web.fields import text_field
from holdfast.service.web.risk import meet_risk, standing_state
from holdfast.service.web.visitor import Visitor, read_visitor, services_of, visitor_or_stranger

__all__ = ["router"]

router = APIRouter()

_MESSAGES = {
    "kept": "You can go on later. Your answers so far are kept.",
    "stopped": "You stopped, and that is fine. Nothing was kept.",
    "deleted": "That check-in is deleted.",
}
_CHOOSE = "Please choose an answer. You can also choose “Rather not answer”."
_ENDED = "This check-in was finished or deleted in the meantime, so this answer was not kept. You can start it again."
_NOT_FOR_MINORS = (
    "These questions have not been tested well enough with people under 18, so they are not offered to you here. If "
    "you are 18 or older, say so in your choices. If not, a doctor, a school nurse or another adult you trust can help "
    "you look at this."
)


@router.get("/check-in")
async def choose(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """List the instruments, and what was begun and can be gone on with."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    kept = await _kept(request, visitor)
    catalogue = services.parts.instruments
    finished = {check_in.instrument for check_in in kept if check_in.status is Status.COMPLETED}
    offered = [instrument for instrument in catalogue if instrument.minors or not visitor.is_minor]
    under_way = [
        {"id": one.id, "instrument": one.instrument, "name": catalogue.get(one.instrument).name, "started": one.started}
        for one in reversed(kept)
        if one.status is Status.UNDER_WAY and one.instrument in catalogue
    ]
    return page(
        request,
        visitor,
        "check_ins.html",
        instruments=[{**describe(one), "kept": one.id in finished} for one in offered],
        under_way=under_way,
        message=_MESSAGES.get(done),
        leaves_out=len(offered) < len(catalogue),
        keeps=visitor.allows(Purpose.CHECK_INS),
    )


@router.get("/check-in/{instrument_id}")
async def begin(
    request: Request, instrument_id: str, at_once: Annotated[str, Query(alias="all", max_length=5)] = ""
) -> Response:
    """Show the first question, or all of them on one page. Nothing is kept before the first answer."""
    visitor = await visitor_or_stranger(request)
    instrument = _instrument(request, visitor, instrument_id)
    if at_once == "yes":
        return all_page(request, visitor, instrument)
    return item_page(begin_sitting(request, visitor, instrument))


@router.post("/check-in/{instrument_id}")
async def answer(request: Request, instrument_id: str) -> Response:
    """Take one answer, or go back, skip or stop; then show what comes next."""
    form, visitor = await request.form(), await visitor_or_stranger(request)
    instrument = _instrument(request, visitor, instrument_id)
    try:
        sitting = read_sitting(request, visitor, instrument, form)
    except InputError as error:
        return pause_page(begin_sitting(request, visitor, instrument), text=str(error), status=409)
    try:
        return await _steer(sitting, text_field(form, "go"), text_field(form, "answer"))
    except (AccessError, InputError) as error:
        if sitting.record_id is None:
            raise
        log_failure(error)
        return pause_page(begin_sitting(request, visitor, instrument), text=_ENDED, status=409)


@router.post("/check-in/{instrument_id}/all")
async def answer_all(request: Request, instrument_id: str) -> Response:
    """Take every answer at once. Risk is looked at first, whether or not the answers can be scored."""
    form, visitor = await request.form(), await visitor_or_stranger(request)
    instrument = _instrument(request, visitor, instrument_id)
    values = chosen_values(instrument, form)
    answers = [values[item.id] for item in instrument.items]
    risk = signalled_risk(instrument, answers)
    lead = None if risk is None else await meet_risk(request, risk, standing_state(request, visitor))
    sitting = begin_sitting(request, visitor, instrument)
    sitting = sitting.moved(screening_of(values, sitting.screening))
    try:
        score(instrument, answers)
    except AnswersError as error:
        missing = frozenset(sitting.screening.blank)
        return all_page(request, visitor, instrument, values=values, error=str(error), missing=missing, lead=lead)
    return await _finish(sitting, lead=lead)


@router.get("/check-in/{instrument_id}/continue/{check_in_id}")
async def go_on(request: Request, instrument_id: str, check_in_id: UUID) -> Response:
    """Go on with what was begun, in this visit or another."""
    visitor = await read_visitor(request)
    instrument = _instrument(request, visitor, instrument_id)
    kept = await _own(request, visitor, instrument, check_in_id)
    if kept.status is Status.COMPLETED:
        return redirect(request, f"/check-in/{instrument.id}/result/{kept.id}")
    empty = begin_sitting(request, visitor, instrument)
    try:
        screening = resume(kept, services_of(request).parts.instruments)
    except AnswersError as error:
        return pause_page(empty, text=str(error), status=409)
    sitting = Sitting(request=request, visitor=visitor, screening=screening, record_id=kept.id)
    return item_page(sitting) if screening.pending else blank_page(sitting)


@router.get("/check-in/{instrument_id}/result/{check_in_id}")
async def result(request: Request, instrument_id: str, check_in_id: UUID) -> Response:
    """Show a kept result in plain words."""
    services, visitor = services_of(request), await read_visitor(request)
    instrument = _instrument(request, visitor, instrument_id)
    kept = await _own(request, visitor, instrument, check_in_id)
    if kept.status is not Status.COMPLETED:
        return redirect(request, f"/check-in/{instrument.id}/continue/{kept.id}")
    explanation = explained(kept, services.parts.instruments)
    if explanation is None:
        raise InputError("This result was made with an earlier version of the questions; its score is on the list.")
    others = await _kept(request, visitor, instrument)
    return result_page(
        request, visitor, instrument, explanation, kept_id=kept.id, chart=chart(instrument, _completed(others))
    )


@router.get("/check-in/{instrument_id}/history")
async def over_time(request: Request, instrument_id: str) -> Response:
    """Show results over time, as a drawing and as a table."""
    visitor = await read_visitor(request)
    instrument = _instrument(request, visitor, instrument_id)
    kept = _completed(await _kept(request, visitor, instrument))
    caption = "Newest first."
    if instrument.is_summed:
        caption = f"Newest first. Scores run from {instrument.minimum} to {instrument.maximum}; higher is worse."
    return page(
        request,
        visitor,
        "check_in_history.html",
        instrument=describe(instrument),
        rows=history(instrument, kept),
        chart=chart(instrument, kept),
        caption=caption,
        keeps=visitor.allows(Purpose.CHECK_INS),
    )


@router.post("/check-in/{check_in_id}/delete")
async def delete(request: Request, check_in_id: UUID) -> Response:
    """Delete one check-in with its answers and result."""
    services, visitor = services_of(request), await read_visitor(request)
    async with services.database.work() as work:
        await work.check_ins.remove(await work.persons.open(_person_id(visitor)), check_in_id)
    await services.database.scrub()
    return redirect(request, "/check-in?done=deleted")


def _instrument(request: Request, visitor: Visitor, instrument_id: str) -> Instrument:
    """Return an instrument that may be offered to the visitor.

    Raises:
        UnknownNameError: There is none of that id; the message suggests the closest.
        AccessError: It has not been tested with people under 18, and the visitor is.
    """
    instrument = services_of(request).parts.instruments.get(instrument_id)
    if visitor.is_minor and not instrument.minors:
        raise AccessError(_NOT_FOR_MINORS)
    return instrument


async def _steer(sitting: Sitting, go: str, text: str) -> Response:
    """Do what the pressed button says; pressing Enter is Next."""
    match go:
        case "back":
            return _back(sitting)
        case "stop":
            is_kept = sitting.keeps and sitting.record_id is not None
            return redirect(sitting.request, f"/check-in?done={'kept' if is_kept else 'stopped'}")
        case "reopen":
            return item_page(sitting.moved(sitting.screening.reopen_blank()))
        case "resume":
            return item_page(sitting) if sitting.screening.pending else await _finish(sitting)
        case "skip":
            return await _take(sitting, None)
        case _:
            return await _take_chosen(sitting, text)


def _back(sitting: Sitting) -> Response:
    """Show the question before with its answer still chosen; what is kept changes only with the next answer."""
    given = sitting.screening.given
    return item_page(sitting.moved(sitting.screening.back()), chosen=given[-1][1] if given else None)


async def _take_chosen(sitting: Sitting, text: str) -> Response:
    item = sitting.screening.pending
    if item is None:
        return await _finish(sitting)
    value = chosen_value(sitting.instrument, item, text)
    return item_page(sitting, error=_CHOOSE) if value is None else await _take(sitting, value)


async def _take(sitting: Sitting, value: int | None) -> Response:
    """Answer the pending question; a positive risk item is met before anything else is shown."""
    if sitting.screening.pending is None:
        return await _finish(sitting)
    moved = sitting.moved(sitting.screening.answer(value))
    risk = moved.screening.newest_risk
    lead = None if risk is None else await _meet(moved, risk)
    if lead is not None:
        return await _lead(moved, lead)
    if moved.screening.pending is None:
        return await _finish(moved)
    if not moved.keeps:
        return item_page(moved)
    kept = await moved.keep()
    return redirect(moved.request, f"/check-in/{moved.instrument.id}/continue/{kept.id}")


async def _meet(sitting: Sitting, risk: Detection) -> CrisisResponse | None:
    return await meet_risk(sitting.request, risk, standing_state(sitting.request, sitting.visitor))


async def _lead(sitting: Sitting, lead: CrisisResponse) -> Response:
    """Show what the crisis protocol says, with a way to go on. Keeping the answers may fail; showing may not."""
    go_on = resume_form = None
    if sitting.keeps:
        try:
            kept = await sitting.keep()
            go_on = {
                "path": f"/check-in/{sitting.instrument.id}/continue/{kept.id}",
                "label": "Go on with the check-in",
            }
        except HoldfastError as error:
            log_failure(error)
    if go_on is None:
        action = f"/check-in/{sitting.instrument.id}"
        resume_form = {"action": action, "state": sitting.token(), "name": "the check-in", "is_multipart": False}
    return page(
        sitting.request,
        sitting.visitor,
        "crisis_lead.html",
        lead=lead,
        go_on=go_on,
        resume=resume_form,
        hide_crisis_banner=True,
    )


async def _finish(sitting: Sitting, *, lead: CrisisResponse | None = None) -> Response:
    """Score and show the result, or say that too much was left blank."""
    found = scored(sitting.screening)
    if found is None:
        if sitting.keeps:
            kept = await sitting.keep()
            return redirect(sitting.request, f"/check-in/{sitting.instrument.id}/continue/{kept.id}")
        return blank_page(sitting)
    kept_id = None
    if sitting.keeps:
        kept_id = await _keep_result(sitting, may_fail=lead is not None)
        if lead is None:
            return redirect(sitting.request, f"/check-in/{sitting.instrument.id}/result/{kept_id}")
    return result_page(sitting.request, sitting.visitor, sitting.instrument, explain(found), lead=lead, kept_id=kept_id)


async def _keep_result(sitting: Sitting, *, may_fail: bool) -> UUID | None:
    try:
        return (await sitting.keep()).id
    except HoldfastError:
        if not may_fail:
            raise
        return None


async def _kept(request: Request, visitor: Visitor, instrument: Instrument | None = None) -> tuple[CheckIn, ...]:
    """Return the visitor's check-ins, oldest first; none for a stranger."""
    if visitor.person_id is None:
        return ()
    async with services_of(request).database.work(write=False) as work:
        person = await work.persons.open(visitor.person_id)
        return await work.check_ins.list(person, instrument=None if instrument is None else instrument.id)


async def _own(request: Request, visitor: Visitor, instrument: Instrument, check_in_id: UUID) -> CheckIn:
    """Return one check-in of the visitor's own; raises AccessError for any other."""
    async with services_of(request).database.work(write=False) as work:
        kept = await work.check_ins.get(await work.persons.open(_person_id(visitor)), check_in_id)
    if kept.instrument != instrument.id:
        raise AccessError("Check-in must be one of this person's own, and is not; open one from their list.")
    return kept


def _completed(kept: tuple[CheckIn, ...]) -> tuple[CheckIn, ...]:
    return tuple(one for one in kept if one.status is Status.COMPLETED)


def _person_id(visitor: Visitor) -> UUID:
    if visitor.person_id is None:
        raise AccessError("Nothing is kept about you here, so there is no check-in to open or delete.")
    return visitor.person_id
