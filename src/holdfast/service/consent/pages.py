"""Choose what to agree to: each purpose on its own, none ticked beforehand."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from holdfast.care.conversation.state import Audience, Purpose
from holdfast.errors import InputError
from holdfast.safety.crisis.helplines import ELSEWHERE
from holdfast.safety.jurisdiction.age import Age
from holdfast.service.consent.change import give, withdraw
from holdfast.service.consent.offered import offered_texts
from holdfast.service.crisis.pages import countries
from holdfast.service.services import Services
from holdfast.service.web.visitor import Visitor, person_for_writing, read_visitor, services_of

__all__ = ["offered_purposes", "router"]

router = APIRouter()

NOTICE = (
    "Holdfast is software, not a person, and nobody reads along as you write. It does not diagnose or treat anything. "
    "It is open for research use, not for care."
)


def offered_purposes(services: Services) -> list[dict[str, str]]:
    """Return the purposes this service can ask about, as pages show them."""
    return [
        {"purpose": text.purpose.value, "title": text.title, "asks": text.asks, "means": text.means}
        for text in offered_texts(services)
    ]


@router.get("/consent")
async def choices(request: Request, then: Annotated[str, Query(max_length=200)] = "/talk") -> Response:
    """Show what can be agreed to, with what was agreed to before."""
    return _show(request, await read_visitor(request), then=then)


@router.post("/consent")
async def choose(
    request: Request,
    purpose: Annotated[list[str] | None, Form()] = None,
    region: Annotated[str, Form(max_length=8)] = "",
    audience: Annotated[str, Form(max_length=20)] = "public",
    age: Annotated[str, Form(max_length=8)] = "unknown",
    then: Annotated[str, Form(max_length=200)] = "/talk",
) -> Response:
    """Keep the choices: what is ticked is agreed to, what is no longer ticked is withdrawn and purged."""
    services, visitor = services_of(request), await read_visitor(request)
    try:
        wanted = {_offered(services)[value] for value in purpose or ()}
        reader, said = Audience(audience), Age(age)
    except (KeyError, ValueError):
        raise InputError("Choices must be ones from the page, and one was not; open the page again.") from None
    if not wanted and visitor.person_id is None:
        return _show(request, visitor, then=then, error="Nothing is chosen yet. Choose at least one, or go back.")
    now = services.clock()
    code = services.parts.helplines.region(region)
    async with services.database.work() as work:
        person = await person_for_writing(request, work)
        person = await work.persons.set_profile(
            person, region=None if code == ELSEWHERE else code, audience=reader, age=said
        )
        for item in wanted:
            await give(work, person, item, version=services.consent.version, now=now)
        withdrawn = set(visitor.consents) - wanted
        for item in withdrawn:
            await withdraw(work, person, item, now=now)
    if Purpose.CONVERSATION in withdrawn:
        services.recent.forget(person.id)
    if withdrawn:
        await services.database.scrub()
    response: Response = request.app.state.pages.redirect(request, _site_path(then))
    return response


def _offered(services: Services) -> dict[str, Purpose]:
    """Return the purposes that can be agreed to here, by the names that a form sends."""
    return {text.purpose.value: text.purpose for text in offered_texts(services)}


def _site_path(path: str) -> str:
    """Return ``path`` if it is a plain path of this site, else the conversation: no page sends people elsewhere."""
    is_plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if is_plain else "/talk"


def _show(request: Request, visitor: Visitor, *, then: str, error: str | None = None) -> Response:
    services = services_of(request)
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "consent.html",
        status=422 if error else 200,
        notice=NOTICE,
        purposes=offered_purposes(services),
        given={item.value for item in visitor.consents},
        countries=countries(services),
        region=visitor.region or services.settings.region or "",
        audience=visitor.audience.value,
        age=visitor.age.value,
        suitability=services.parts.policies.value.notices["suitability"],
        then=_site_path(then),
        error=error,
    )
    return response
