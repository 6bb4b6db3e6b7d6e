"""Help now, and the published crisis protocol. Help shows whatever else is down."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from holdfast.care.conversation.resources import resources_for
from holdfast.errors import InputError, StorageError
from holdfast.safety.crisis.helplines import ELSEWHERE
from holdfast.safety.crisis.protocol import CrisisProtocol
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.detection.verdict import Category
from holdfast.service.crisis.counts import YearCounts, count_year, last_whole_year
from holdfast.service.security.rates import UNCOUNTED
from holdfast.service.services import Services
from holdfast.service.web.visitor import person_for_writing, services_of, visitor_or_stranger

__all__ = ["countries", "router"]

router = APIRouter()


def countries(services: Services) -> list[tuple[str, str]]:
    """Return (code, name) of every country or area with lines, by name."""
    regions = services.parts.helplines.regions
    return sorted(((code, name) for code, name in regions.items() if code != ELSEWHERE), key=lambda item: item[1])


@router.get("/help", dependencies=[UNCOUNTED])
async def help_now(request: Request, region: Annotated[str, Query(max_length=8)] = "") -> Response:
    """Show people who can be reached, for a country or area, or everywhere. Needs no database and no consent."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    helplines = services.parts.helplines
    asked = region or visitor.region or services.settings.region
    code = helplines.region(asked)
    is_known = code != ELSEWHERE
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "help.html",
        region=code if is_known else "",
        country=helplines.regions[code] if is_known else "",
        countries=countries(services),
        emergency=fill_region(helplines, code, ()).emergency if is_known else "",
        items=resources_for(helplines, code, (), today=services.clock().date(), is_minor=visitor.is_known_minor),
        hide_crisis_banner=True,
    )
    return response


@router.post("/help/region")
async def remember_region(request: Request, region: Annotated[str, Form(max_length=8)]) -> Response:
    """Keep where the person is, so that the numbers in a crisis are right."""
    services = services_of(request)
    code = services.parts.helplines.region(region)
    async with services.database.work() as work:
        person = await person_for_writing(request, work)
        known = None if code == ELSEWHERE else code
        await work.persons.set_profile(person, region=known, audience=person.audience, age=person.age)
    response: Response = request.app.state.pages.redirect(request, "/help")
    return response


@router.get("/protocol")
async def protocol(request: Request) -> Response:
    """Publish the crisis protocol as the service follows it, with counts that name nobody (requirement F7)."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    loaded = services.parts.protocol
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "protocol.html",
        protocol=loaded.value,
        sha256=loaded.sha256,
        categories=[category.value.replace("_", " ") for category in Category],
        texts=list(_texts(services, loaded.value)),
        counts=await _counts(services),
    )
    return response


@router.get("/protocol/file")
async def protocol_file(request: Request) -> Response:
    """Hand out the file that the protocol's page is made from, byte for byte, so that anybody can check its hash."""
    file = services_of(request).parts.protocol.path
    return Response(file.read_bytes(), media_type="text/plain; charset=utf-8")


async def _counts(services: Services) -> YearCounts | None:
    """Return the counts of the year, small numbers not shown; None where nobody can say."""
    now, kept_days = services.clock(), services.settings.counter_retention_days
    try:
        async with services.database.work(write=False) as work:
            return await count_year(work, last_whole_year(now), now=now, kept_days=kept_days)
    except (StorageError, InputError):  # the database is gone, or counts are not kept for so long
        return None


def _texts(services: Services, protocol: CrisisProtocol) -> Iterator[tuple[str, str]]:
    """Yield every text a person can be shown with a heading, filled in for no country in particular."""
    region = fill_region(services.parts.helplines, None, ())
    for template in protocol.all_templates():
        yield template.id.replace("-", " ").replace("_", " ").capitalize(), protocol.render(template, region)
