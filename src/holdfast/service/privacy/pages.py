"""Your words and choices: see what is kept, take a copy, withdraw a choice, erase everything."""

import json
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from holdfast.care.conversation.state import Purpose
from holdfast.errors import AccessError, InputError
from holdfast.service.consent.change import withdraw
from holdfast.service.consent.pages import offered_purposes
from holdfast.service.conversation.recent_words import HELD_FOR
from holdfast.service.privacy.clocks import Clocks
from holdfast.service.privacy.erasure import erase_person
from holdfast.service.privacy.export import export
from holdfast.service.web.visitor import Visitor, forget_visitor, read_visitor, services_of

__all__ = ["router"]

router = APIRouter()


@router.get("/privacy")
async def overview(request: Request) -> Response:
    """Show what was agreed to and how to take a copy or erase."""
    return await _show(request, await read_visitor(request))


@router.post("/privacy/withdraw")
async def withdraw_choice(request: Request, purpose: Annotated[str, Form(max_length=40)]) -> Response:
    """Withdraw one choice, at once; what it kept is deleted."""
    services, visitor = services_of(request), await read_visitor(request)
    try:
        chosen = Purpose(purpose)
    except ValueError:
        raise InputError("Choice must be one from the page, and was not; open the page again.") from None
    async with services.database.work() as work:
        person = await work.persons.open(_person_id(visitor))
        await withdraw(work, person, chosen, now=services.clock())
    if chosen is Purpose.CONVERSATION:
        services.recent.forget(person.id)
    await services.database.scrub()
    return await _show(
        request, await read_visitor(request), message="That choice is withdrawn, and what it kept is gone."
    )


@router.post("/privacy/export")
async def take_copy(request: Request) -> Response:
    """Hand over everything kept about the person, as one JSON file."""
    services, visitor = services_of(request), await read_visitor(request)
    async with services.database.work(write=False) as work:
        person = await work.persons.open(_person_id(visitor))
        content = json.dumps(await export(work, person, now=services.clock()), indent=2, ensure_ascii=False)
    headers = {"content-disposition": 'attachment; filename="holdfast-my-data.json"'}
    return Response(content, media_type="application/json", headers=headers)


@router.post("/privacy/erase")
async def erase_everything(request: Request, sure: Annotated[str, Form(max_length=5)] = "") -> Response:
    """Erase everything kept about the person, and the key that could open it."""
    services, visitor = services_of(request), await read_visitor(request)
    if sure != "yes":
        return await _show(request, visitor, message="Nothing was erased. Tick the box to confirm that you are sure.")
    await erase_person(services.database, _person_id(visitor), now=services.clock())
    forget_visitor(request)
    return await _show(request, Visitor(), message="Everything kept about you is erased.")


def _person_id(visitor: Visitor) -> UUID:
    """Return who is visiting.

    Raises:
        AccessError: A stranger is; nothing is kept about them.
    """
    if visitor.person_id is None:
        raise AccessError("Nothing is kept about you, so there is nothing to change, copy or erase.")
    return visitor.person_id


async def _show(request: Request, visitor: Visitor, *, message: str | None = None) -> Response:
    services = services_of(request)
    given: dict[str, object] = {purpose.value: None for purpose in Purpose}
    if visitor.person_id is not None:
        async with services.database.work(write=False) as work:
            person = await work.persons.open(visitor.person_id)
            for consent in await work.consents.history(person):
                if consent.withdrawn_at is None:
                    given[consent.purpose.value] = consent.given_at
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "privacy.html",
        message=message,
        purposes=offered_purposes(services),
        given=given,
        clocks=Clocks.of(services.settings),
        held_minutes=HELD_FOR // timedelta(minutes=1),
        model_is_remote=services.model.is_remote,
    )
    return response
