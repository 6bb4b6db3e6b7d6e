"""Help now: people who can be reached. It needs no token, no consent and no database."""

from typing import Annotated

from fastapi import APIRouter, Query

from holdfast.care.conversation.resources import resources_for
from holdfast.safety.crisis.helplines import ELSEWHERE
from holdfast.service.api.bearer import Using
from holdfast.service.api.crisis import ResourceOut
from holdfast.service.api.schema import Given
from holdfast.service.security.rates import UNCOUNTED

__all__ = ["router"]

router = APIRouter(tags=["help"])


class HelpOut(Given):
    """People who can be reached. ``region`` is null where lines that serve everywhere are all there is."""

    region: str | None
    country: str | None
    resources: list[ResourceOut]
    note: str


_NOTE = (
    "Compiled from published directories on the dates shown; Holdfast has not dialled these numbers. If one does not "
    "work, use the local emergency number or another line."
)


@router.get("/help", dependencies=[UNCOUNTED])
async def help_now(services: Using, region: Annotated[str, Query(max_length=8)] = "") -> HelpOut:
    """List people who can be reached in a country or area (ISO 3166-1 alpha-2), or everywhere."""
    helplines = services.parts.helplines
    code = helplines.region(region or services.settings.region)
    is_known = code != ELSEWHERE
    found = resources_for(helplines, code, (), today=services.clock().date())
    return HelpOut(
        region=code if is_known else None,
        country=helplines.regions[code] if is_known else None,
        resources=[ResourceOut.model_validate(item) for item in found],
        note=_NOTE,
    )
