"""Meet risk that shows outside the conversation: in a check-in's answer, or in what is written in an exercise."""

from collections.abc import Sequence

from fastapi import Request

from holdfast.care.conversation.parts import CrisisResponse
from holdfast.care.conversation.state import ConversationState
from holdfast.errors import StorageError
from holdfast.safety.detection.verdict import Detection
from holdfast.service.crisis.raising import raise_risk
from holdfast.service.web.failures import log_failure
from holdfast.service.web.visitor import Visitor, remember_risk, services_of
from holdfast.turn import Turn

__all__ = ["meet_risk", "standing_state"]


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
