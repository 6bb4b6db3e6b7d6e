"""Meet risk outside the conversation: in a question, a check-in's answer, what is written in an exercise, or words
whose turn is refused. A passing sign gets the same gentle line as in a conversation."""

from collections.abc import Sequence

from fastapi import Request

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.errors import StorageError
from holdfast.safety.detection.verdict import Detection
from holdfast.service.crisis.raising import calls_for_words, raise_risk
from holdfast.service.web.failures import log_failure
from holdfast.service.web.visitor import Visitor, remember_risk, services_of
from holdfast.turn import Turn

__all__ = ["meet_refused", "meet_risk", "meet_words", "standing_state"]


def standing_state(request: Request, visitor: Visitor, turns: Sequence[Turn] = ()) -> ConversationState:
    """Return what detection and the crisis path need to know of a visitor; ``turns`` are earlier words."""
    return ConversationState(
        turns=tuple(turns),
        crisis=visitor.crisis,
        alert=visitor.alert,
        consents=frozenset(visitor.consents),
        region=visitor.region or services_of(request).settings.region,
        audience=visitor.audience,
        is_minor=visitor.is_minor,
        is_known_minor=visitor.is_known_minor,
    )


async def meet_risk(
    request: Request, detection: Detection, state: ConversationState, *, message: str = ""
) -> CrisisResponse | None:
    """Return the crisis protocol's response, its state kept.

    Where the database is gone it is shown all the same, and the browser carries the state until it can be kept.
    """
    try:
        response, is_kept = await raise_risk(request, detection, state, message=message), True
    except StorageError as error:
        log_failure(error)
        request.state.person_token = None
        services = services_of(request)
        response = services.conversation.respond_to_risk(message, detection, state, services.clock())
        is_kept = False
    if response is not None and response.state.is_active:
        remember_risk(request, response.state, is_kept=is_kept, region=state.region)
    return response


async def meet_words(
    request: Request, detection: Detection, state: ConversationState, *, message: str = ""
) -> CrisisResponse | None:
    """Return what leads, or the gentle line where ``detection`` is a notice; None where the words call for neither."""
    if not calls_for_words(detection, state.crisis):
        return None
    return await meet_risk(request, detection, state, message=message)


async def meet_refused(request: Request, state: ConversationState, words: str) -> CrisisResponse | None:
    """Return what the crisis protocol says to words whose turn is refused, kept where it can be, or None.

    Words that are too long, one too many in a minute, or a database that is gone must not leave somebody at risk
    without people to reach, nor without the state and the alert that the same words raise when they are taken.
    """
    detection = services_of(request).conversation.detect(words, state)
    response = await meet_risk(request, detection, state, message=words)
    return response if response is not None and response.leads else None
