"""Ask the library: passages word for word with their citations, or a plain word that nothing fits."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from holdfast.care.conversation.message import clean_message
from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import Audience, ConversationState
from holdfast.care.education.answer import Abstention, Answer
from holdfast.service.api.bearer import MaybeCaller, Using
from holdfast.service.api.crisis import CrisisOut, crisis_out, meet_risk, meet_risk_of
from holdfast.service.api.schema import Given, Taken
from holdfast.service.crisis.raising import calls_for_words
from holdfast.service.services import Services

__all__ = ["router"]

router = APIRouter(tags=["education"])


class QuestionIn(Taken):
    """A question, and whom the answer is for."""

    question: Annotated[str, Field(max_length=100_000)]
    audience: Audience = Audience.PUBLIC


class PassageOut(Given):
    """A passage of the library, word for word."""

    citation: str
    title: str
    heading: str
    text: str
    path: str
    published: str


class AnswerOut(Given):
    """What the library says. With ``answered`` false nothing is quoted, and ``text`` says why and what to do instead.

    ``see_also`` are articles worth reading. ``crisis`` is there where the question signals risk: show it first.
    ``gentle`` is there where it holds a passing sign: a gentle line to show beside the answer.
    """

    answered: bool
    passages: list[PassageOut]
    text: str | None
    reason: str | None
    next_step: str
    referral: str
    see_also: list[str]
    crisis: CrisisOut | None
    gentle: str | None


@router.post("/ask")
async def ask(services: Using, caller: MaybeCaller, asked: QuestionIn) -> AnswerOut:
    """Answer a question from the library. It is checked for risk like any message, and not kept."""
    question = clean_message(asked.question, max_chars=services.settings.max_message_chars)
    met = await _met(services, caller, question)
    return _out(services.parts.education.answer(question, audience=asked.audience), met)


async def _met(services: Services, caller: MaybeCaller, question: str) -> CrisisResponse | None:
    """Check a question for risk; with a token, risk raises the caller's crisis state.

    A passing sign is met with a gentle line, unless a graver state stands.
    """
    state = ConversationState(region=services.settings.region)
    detection = services.conversation.detect(question, state)
    if not calls_for_words(detection, state.crisis):
        return None
    if caller is None:
        return meet_risk(services, detection, state)
    async with services.database.work() as work:
        person = await work.persons.open(caller)
        standing = await work.crisis.state(person)
        if not calls_for_words(detection, standing):
            return None
        return await meet_risk_of(services, work, person, detection, read=standing)


def _out(found: Answer | Abstention, met: CrisisResponse | None) -> AnswerOut:
    leads = met is not None and met.leads
    answer = found if isinstance(found, Answer) else None
    abstention = found if isinstance(found, Abstention) else None
    return AnswerOut(
        answered=answer is not None,
        passages=[PassageOut.model_validate(passage) for passage in answer.passages] if answer else [],
        text=abstention.text if abstention else None,
        reason=abstention.reason if abstention else None,
        next_step=found.next_step,
        referral=found.referral,
        see_also=[f"/learn/{article}" for article in abstention.see_also] if abstention else [],
        crisis=crisis_out(met) if leads else None,
        gentle=None if met is None or leads else met.text,
    )
