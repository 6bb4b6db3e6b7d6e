"""Help now, and the published crisis protocol. Help shows whatever else is down."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from holdfast.care.conversation.resources import resources_for
from holdfast.errors import StorageError
from holdfast.safety.crisis.helplines import ELSEWHERE
from holdfast.safety.crisis.protocol import CrisisProtocol
from holdfast.safety.crisis.regional import fill_region
from holdfast.safety.detection.verdict import Category
from holdfast.service.services import Services
from holdfast.service.web.visitor import person_for_writing, services_of, visitor_or_stranger

__all__ = ["countries", "router"]

router = APIRouter()

_DAYS_COUNTED = 365


def countries(services: Services) -> list[tuple[str, str]]:
    """Return (code, name) of every country or area with lines, by name."""
    regions = services.parts.helplines.regions
    return sorted(((code, name) for code, name in regions.items() if code != ELSEWHERE), key=lambda item: item[1])


@router.get("/help")
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
        items=resources_for(helplines, code, (), today=services.clock().date()),
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
    since, counts = await _counts(services)
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "protocol.html",
        protocol=loaded.value,
        sha256=loaded.sha256,
        categories=[category.value.replace("_", " ") for category in Category],
        texts=list(_texts(services, loaded.value)),
        since=since.strftime("%d %B %Y"),
        counts=counts,
    )
    return response


async def _counts(services: Services) -> tuple[date, list[tuple[str, int]]]:
    """Return counts of crises by level over the last year; none where the database cannot say."""
    since = services.clock().date() - timedelta(days=_DAYS_COUNTED)
    try:
        async with services.database.work(write=False) as work:
            counts = await work.counters.since(since)
    except StorageError:
        return since, []
    named = [(kind, count) for kind, count in sorted(counts.items()) if kind.startswith("crisis.")]
    return since, [(f"Times {kind.partition('.')[2]} was reached", count) for kind, count in named]


def _texts(services: Services, protocol: CrisisProtocol) -> Iterator[tuple[str, str]]:
    """Yield every text a person can be shown with a heading, filled in for no country in particular."""
    region = fill_region(services.parts.helplines, None, ())
    for template in protocol.all_templates():
        yield template.id.replace("-", " ").replace("_", " ").capitalize(), protocol.render(template, region)
