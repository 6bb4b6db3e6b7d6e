"""Come back later: set a passphrase, come back with the return name it gave, or leave this browser."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from holdfast.errors import AccessError, InputError
from holdfast.service.accounts.attempts import TooManyAttemptsError
from holdfast.service.crisis.keeping import carry_over
from holdfast.service.web.fields import text_field
from holdfast.service.web.visitor import Visitor, forget_visitor, read_visitor, services_of, sign_in

__all__ = ["address_of", "router"]

router = APIRouter()

_MESSAGES = {
    "left": "You are signed out in this browser.",
    "back": "Welcome back. What was kept for you is here again.",
    "set": "Your passphrase is set. Other browsers were signed out.",
}


def address_of(request: Request) -> str:
    """Return the address a request came from, for counting tries; behind a trusted proxy the person's own."""
    return request.client.host if request.client else "unknown"


@router.get("/return")
async def overview(request: Request, done: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Say how coming back works, and show the return name to whoever has one."""
    return _show(request, await read_visitor(request), message=_MESSAGES.get(done))


@router.post("/return/set")
async def set_passphrase(request: Request) -> Response:
    """Set a passphrase; a first one comes with a return name. Other browsers are signed out."""
    form, visitor = await request.form(), await read_visitor(request)
    services = services_of(request)
    try:
        async with services.database.work(write=False) as work:
            person = await work.persons.open(_person_id(visitor))
        person = await services.sign_in.set_return(person, text_field(form, "passphrase"))
    except InputError as error:
        return _show(request, visitor, error=str(error), status=422)
    sign_in(request, person)
    return _redirect(request, "set")


@router.post("/return")
async def come_back(request: Request) -> Response:
    """Come back by return name and passphrase. Which of the two is wrong is not said."""
    form, visitor = await request.form(), await read_visitor(request)
    services = services_of(request)
    typed = text_field(form, "return_name")
    try:
        person = await services.sign_in.come_back(
            typed, text_field(form, "passphrase"), address=address_of(request), now=services.clock()
        )
    except TooManyAttemptsError as error:
        response = _show(request, visitor, error=str(error), typed=typed, status=429)
        response.headers["retry-after"] = str(error.retry_after_s)
        return response
    except AccessError as error:
        return _show(request, visitor, error=str(error), typed=typed, status=403)
    if visitor.crisis.is_active and visitor.person_id != person.id:
        async with services.database.work() as work:
            known = await work.persons.open(person.id)
            await carry_over(work, known, visitor.crisis, now=services.clock())
    if visitor.person_id != person.id:
        services.recent.forget(visitor.person_id)
    sign_in(request, person)
    return _redirect(request, "back")


@router.post("/return/leave")
async def leave(request: Request) -> Response:
    """Sign this browser out; what is kept stays for whoever can come back. A crisis is not left without numbers."""
    visitor = await read_visitor(request)
    forget_visitor(request)
    if visitor.crisis.is_active:
        region = f"?region={visitor.region}" if visitor.region else ""
        response: Response = request.app.state.pages.redirect(request, f"/help{region}")
        return response
    return _redirect(request, "left")


def _redirect(request: Request, done: str) -> Response:
    response: Response = request.app.state.pages.redirect(request, f"/return?done={done}")
    return response


def _person_id(visitor: Visitor) -> UUID:
    if visitor.person_id is None:
        raise AccessError("Nothing is kept about you yet, so there is nothing to come back to; start somewhere first.")
    return visitor.person_id


def _show(
    request: Request,
    visitor: Visitor,
    *,
    message: str | None = None,
    error: str | None = None,
    typed: str = "",
    status: int = 200,
) -> Response:
    response: Response = request.app.state.pages.render(
        request,
        visitor,
        "return.html",
        status=status,
        message=message,
        error=error,
        typed=typed[:120],
        return_name=visitor.return_name,
    )
    return response
