"""Open the crisis path from a page: respond by the protocol, keep the raised state, and alert stewards."""

from datetime import datetime

from fastapi import Request

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.care.conversation.turn_record import describe_detection
from holdfast.safety.crisis.state import CrisisState
from holdfast.safety.detection.verdict import Detection, Level
from holdfast.service.accounts.person import Person
from holdfast.service.crisis.keeping import keep_crisis
from holdfast.service.storage.work import Work
from holdfast.service.web.visitor import person_for_writing, services_of

__all__ = ["calls_for_words", "keep_raised", "raise_risk"]

_KIND = "risk"


def calls_for_words(detection: Detection, standing: CrisisState) -> bool:
    """Whether the crisis protocol has something to say to ``detection`` outside the conversation.

    A notice is met only in a calm state: while one stands, every page leads to people already.
    """
    return detection.level >= Level.CONCERN or (detection.level is Level.NOTICE and not standing.is_active)


async def raise_risk(
    request: Request, detection: Detection, state: ConversationState, *, message: str = ""
) -> CrisisResponse | None:
    """Return the protocol's response to ``detection``, with the person's crisis state and an alert kept.

    A stranger becomes a person, so that the state outlives the page. None where the protocol calls for nothing.

    Raises:
        StorageError: The state could not be kept.
    """
    services = services_of(request)
    now = services.clock()
    response = services.conversation.respond_to_risk(message, detection, state, now)
    if response is None or not response.state.is_active:
        return response
    async with services.database.work() as work:
        person = await person_for_writing(request, work)
        await keep_raised(work, person, response, detection, read=state.crisis, now=now)
    return response


async def keep_raised(
    work: Work, person: Person, response: CrisisResponse, detection: Detection, *, read: CrisisState, now: datetime
) -> None:
    """Keep the state that ``response`` leaves, alert stewards where it rose, and record why, without words."""
    await keep_crisis(work, person, after=response.state, read=read, now=now)
    if response.resources:
        work.counters.add(now.date(), "referral.shown")
    payload = {"detection": describe_detection(detection), "templates": list(response.templates)}
    await work.trace.append(_KIND, payload, at=now, person=person)
