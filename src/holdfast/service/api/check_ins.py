"""Check-ins that are kept: begin one, answer a question at a time, read the result, delete it."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from holdfast.care.assessment.risk import risk_of
from holdfast.care.assessment.scoring import check_answer
from holdfast.care.assessment.screening import Screening, start
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.errors import AccessError, AnswersError, InputError
from holdfast.service.api.bearer import Caller, Using
from holdfast.service.api.crisis import CrisisOut, crisis_out, meet_risk_of
from holdfast.service.api.instruments import AnswerValue, OptionOut
from holdfast.service.api.schema import Given, Taken
from holdfast.service.check_ins.keeping import keep_screening, resume
from holdfast.service.check_ins.repository import CheckIn, Status
from holdfast.service.check_ins.sitting import asked
from holdfast.service.services import Services

__all__ = ["router"]

router = APIRouter(prefix="/check-ins", tags=["check-ins"])


class CheckInIn(Taken):
    """Which instrument to begin."""

    instrument: Annotated[str, Field(max_length=80)]


class AnswerIn(Taken):
    """An answer to the question ``item``: the pending one, or one answered before. Null leaves it blank."""

    item: Annotated[str, Field(max_length=40)]
    value: AnswerValue | None


class QuestionOut(Given):
    """The question to ask next."""

    item: str
    stem: str | None
    text: str
    number: int
    of: int
    options: list[OptionOut]


class CheckInOut(Given):
    """A check-in. ``question`` is asked next; ``result`` is there once it is completed.

    ``blank`` lists questions left blank; where there are too many for a score, answer some of them. ``message`` says
    why a check-in cannot go on. ``crisis`` is there where the last answer signals risk: show it before the question.
    """

    id: UUID
    instrument: str
    version: str
    status: Status
    started: datetime
    updated: datetime
    completed: datetime | None
    question: QuestionOut | None
    blank: list[str]
    result: dict[str, Any] | None
    message: str | None
    crisis: CrisisOut | None


class CheckInsOut(Given):
    """Every check-in kept, oldest first."""

    check_ins: list[CheckInOut]


@router.post("", status_code=201)
async def begin(services: Using, caller: Caller, given: CheckInIn) -> CheckInOut:
    """Begin a check-in. It needs consent to check-ins being kept."""
    instrument, now = services.parts.instruments.get(given.instrument), services.clock()
    async with services.database.work() as work:
        person = await work.persons.open(caller)
        if person.is_minor and not instrument.minors:
            raise AccessError(
                f"{instrument.short_name} must be for adults only, as it has not been tested well enough with people "
                "under 18; GET /instruments says which are for minors. Adults say so with PUT /me/profile."
            )
        kept = await keep_screening(work, person, start(instrument, now), record_id=None, now=now)
    return _out(services, kept)


@router.get("")
async def all_kept(services: Using, caller: Caller) -> CheckInsOut:
    """List the caller's check-ins."""
    async with services.database.work(write=False) as work:
        kept = await work.check_ins.list(await work.persons.open(caller))
    return CheckInsOut(check_ins=[_out(services, one) for one in kept])


@router.get("/{check_in_id}")
async def one_kept(services: Using, caller: Caller, check_in_id: UUID) -> CheckInOut:
    """Return one of the caller's check-ins."""
    async with services.database.work(write=False) as work:
        kept = await work.check_ins.get(await work.persons.open(caller), check_in_id)
    return _out(services, kept)


@router.post("/{check_in_id}/answers")
async def answer(services: Using, caller: Caller, check_in_id: UUID, given: AnswerIn) -> CheckInOut:
    """Answer a question. A positive risk item raises the crisis state whatever the total."""
    crisis: CrisisResponse | None = None
    async with services.database.work() as work:
        person = await work.persons.open(caller)
        kept = await work.check_ins.get(person, check_in_id)
        if kept.status is not Status.UNDER_WAY:
            raise InputError(f"Check-in must be under way, got status {kept.status.value!r}; start a new one.")
        screening = _answered(resume(kept, services.parts.instruments), given)
        risk = risk_of(screening.instrument, given.item, given.value)
        if risk is not None:
            crisis = await meet_risk_of(services, work, person, risk)
        kept = await keep_screening(work, person, screening, record_id=kept.id, now=services.clock())
    return _out(services, kept, crisis=crisis)


@router.delete("/{check_in_id}", status_code=204)
async def delete(services: Using, caller: Caller, check_in_id: UUID) -> Response:
    """Delete a check-in with its answers and result."""
    async with services.database.work() as work:
        await work.check_ins.remove(await work.persons.open(caller), check_in_id)
    await services.database.scrub()
    return Response(status_code=204)


def _answered(screening: Screening, given: AnswerIn) -> Screening:
    """Return the screening with one question answered: the pending one, or one answered before, in its place."""
    instrument, pending = screening.instrument, screening.pending
    if pending is not None and pending.id == given.item:
        return screening.answer(given.value)
    item = next((one for one in asked(instrument) if one.id == given.item), None)
    if item is None or item.id not in dict(screening.given):
        raise AnswersError(
            f"{instrument.short_name} answer must be to the question asked next, or to one answered before; see item."
        )
    check_answer(instrument, item, given.value)
    pairs = ((one, given.value if one == item.id else value) for one, value in screening.given)
    return replace(screening, given=tuple(pairs))


def _out(services: Services, kept: CheckIn, *, crisis: CrisisResponse | None = None) -> CheckInOut:
    screening, message = None, None
    if kept.status is not Status.COMPLETED:
        try:
            screening = resume(kept, services.parts.instruments)
        except InputError as error:
            message = str(error)
    return CheckInOut(
        id=kept.id,
        instrument=kept.instrument,
        version=kept.version,
        status=kept.status,
        started=kept.started,
        updated=kept.updated,
        completed=kept.completed,
        question=None if screening is None else _question(screening),
        blank=[] if screening is None else list(screening.blank),
        result=None if kept.result is None else dict(kept.result),
        message=message,
        crisis=crisis_out(crisis),
    )


def _question(screening: Screening) -> QuestionOut | None:
    item, instrument = screening.pending, screening.instrument
    if item is None:
        return None
    return QuestionOut(
        item=item.id,
        stem=instrument.stem_of(item),
        text=item.text,
        number=screening.number,
        of=len(asked(instrument)),
        options=[OptionOut.model_validate(option) for option in instrument.options_of(item)],
    )
