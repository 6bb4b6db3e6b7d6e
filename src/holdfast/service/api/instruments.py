"""Instruments: what there is, word for word, and scoring that keeps nothing."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.result import Explanation, explain
from holdfast.care.assessment.scoring import score, signalled_risk
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.errors import AnswersError
from holdfast.safety.detection.verdict import Detection
from holdfast.service.api.bearer import MaybeCaller, Using
from holdfast.service.api.crisis import CrisisOut, crisis_out, meet_risk, meet_risk_of
from holdfast.service.api.problems import problem
from holdfast.service.api.schema import Given, Taken
from holdfast.service.services import Services

__all__ = ["AnswerValue", "ExplanationOut", "OptionOut", "router"]

router = APIRouter(tags=["check-ins"])

AnswerValue = Annotated[int, Field(ge=-1000, le=1000)]
"""The value of an answer, as the instrument lists it."""


class OptionOut(Given):
    """One answer: ``value`` is what scoring counts, ``label`` the published wording."""

    value: int
    label: str


class ItemOut(Given):
    """One question in its published wording. ``stem`` is read before it."""

    id: str
    stem: str | None
    text: str
    scored: bool
    options: list[OptionOut]


class InstrumentOut(Given):
    """An instrument in short. It screens; it does not diagnose."""

    id: str
    version: int
    name: str
    short_name: str
    about: str
    time_frame: str
    tested_with: str
    minors: bool


class InstrumentsOut(Given):
    """Every instrument there is."""

    instruments: list[InstrumentOut]


class WholeInstrumentOut(InstrumentOut):
    """An instrument whole. ``functional`` asks how hard things have been, and is not scored."""

    instruction: str | None
    items: list[ItemOut]
    functional: ItemOut | None
    missing: str
    licence: str
    attribution: str
    sources: list[str]
    sha256: str


class AnswersIn(Taken):
    """One answer for each question in the instrument's order; null for one left blank."""

    answers: Annotated[list[AnswerValue | None], Field(max_length=100)]
    functional: AnswerValue | None = None


class ExplanationOut(Given):
    """A result in plain words. ``safety`` comes first where there is one."""

    title: str
    safety: str | None
    summary: str
    meaning: str
    details: list[str]
    next_step: str
    seek_help: str
    not_a_diagnosis: str
    sources: list[str]
    attribution: str
    review_note: str


class ScoreOut(Given):
    """A score and what it may mean. ``crisis`` is there where an answer signals risk: show it first."""

    score: dict[str, Any]
    explanation: ExplanationOut
    crisis: CrisisOut | None


@router.get("/instruments")
async def instruments(services: Using) -> InstrumentsOut:
    """List the instruments."""
    return InstrumentsOut(instruments=[InstrumentOut.model_validate(one) for one in services.parts.instruments])


@router.get("/instruments/{instrument_id}")
async def instrument(services: Using, instrument_id: str) -> WholeInstrumentOut:
    """Return an instrument word for word."""
    catalogue = services.parts.instruments
    found = catalogue.get(instrument_id)
    return WholeInstrumentOut(
        **InstrumentOut.model_validate(found).model_dump(),
        instruction=found.instruction,
        items=[_item(found, item) for item in found.items],
        functional=None if found.functional is None else _item(found, found.functional),
        missing=found.missing.explanation,
        licence=found.licence,
        attribution=found.attribution,
        sources=[source.text for source in found.sources],
        sha256=catalogue.sha256(found.id),
    )


@router.post("/instruments/{instrument_id}/score", response_model=ScoreOut)
async def score_answers(
    services: Using, caller: MaybeCaller, instrument_id: str, given: AnswersIn
) -> ScoreOut | Response:
    """Score answers and keep nothing; with a token, a positive risk item raises the caller's crisis state.

    Risk is looked at first: where the answers cannot be scored, the refusal still carries ``crisis``.
    """
    found = services.parts.instruments.get(instrument_id)
    risk = signalled_risk(found, given.answers)
    crisis = None if risk is None else crisis_out(await _met(services, caller, risk))
    try:
        result = score(found, given.answers, functional=given.functional)
    except AnswersError as error:
        if crisis is None:
            raise
        return problem(422, str(error), crisis=crisis)
    return ScoreOut(score=result.to_dict(), explanation=explanation_out(explain(result)), crisis=crisis)


def explanation_out(explanation: Explanation) -> ExplanationOut:
    """Return an explanation as the API gives it."""
    return ExplanationOut.model_validate(explanation.to_dict())


async def _met(services: Services, caller: Any, risk: Detection) -> CrisisResponse | None:
    if caller is None:
        return meet_risk(services, risk, ConversationState(region=services.settings.region))
    async with services.database.work() as work:
        return await meet_risk_of(services, work, await work.persons.open(caller), risk)


def _item(instrument: Instrument, item: Item) -> ItemOut:
    return ItemOut(
        id=item.id,
        stem=instrument.stem_of(item),
        text=item.text,
        scored=item.is_scored and item != instrument.functional,
        options=[OptionOut.model_validate(option) for option in instrument.options_of(item)],
    )
