"""The stewards' console. It shows levels, kinds and times, and never a word that anyone wrote."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from holdfast.errors import AccessError
from holdfast.service.accounts.attempts import TooManyAttemptsError
from holdfast.service.accounts.pages import address_of
from holdfast.service.crisis.alert import Alert
from holdfast.service.crisis.response import CLEARS, SEES, acknowledge, clear, queue
from holdfast.service.stewards.session import PATH, drop_session, keep_session, session_token, signed_in
from holdfast.service.web.fields import text_field
from holdfast.service.web.visitor import Visitor, services_of

__all__ = ["router"]

router = APIRouter()


@router.get("/steward")
async def console(request: Request) -> Response:
    """Show the alerts that wait, or a place to sign in."""
    services = services_of(request)
    if not session_token(request):
        return _sign_in_page(request)
    async with services.database.work() as work:
        try:
            steward = await signed_in(request, work)
        except AccessError:
            return _sign_in_page(request)
        alerts = await queue(work, steward) if steward.role in SEES else ()
    return _page(
        request,
        "steward.html",
        status=200 if steward.role in SEES else 403,
        steward=steward,
        sees=steward.role in SEES,
        may_clear=steward.role in CLEARS,
        alerts=[_row(alert, services.clock()) for alert in alerts],
    )


@router.post("/steward")
async def sign_in(request: Request) -> Response:
    """Sign a steward in. Which of name and passphrase is wrong is not said."""
    form, services = await request.form(), services_of(request)
    name = text_field(form, "name")
    try:
        _, token = await services.sign_in.steward(
            name, text_field(form, "passphrase"), address=address_of(request), now=services.clock()
        )
    except TooManyAttemptsError as error:
        response = _sign_in_page(request, error=str(error), typed=name, status=429)
        response.headers["retry-after"] = str(error.retry_after_s)
        return response
    except AccessError as error:
        return _sign_in_page(request, error=str(error), typed=name, status=403)
    response = _redirect(request, PATH)
    keep_session(request, response, token)
    return response


@router.post("/steward/sign-out")
async def sign_out(request: Request) -> Response:
    """Sign a steward out, here and in the database."""
    async with services_of(request).database.work() as work:
        await work.stewards.close_session(session_token(request))
    response = _redirect(request, PATH)
    drop_session(request, response)
    return response


@router.post("/steward/alerts/{alert_id}/acknowledge")
async def see_alert(request: Request, alert_id: UUID) -> Response:
    """Record under the steward's name that an alert was seen."""
    services = services_of(request)
    async with services.database.work() as work:
        await acknowledge(work, await signed_in(request, work), alert_id, now=services.clock())
    return _redirect(request, PATH)


@router.post("/steward/alerts/{alert_id}/clear")
async def clear_alert(request: Request, alert_id: UUID) -> Response:
    """End the crisis state of the person an alert is about, under the steward's name."""
    services = services_of(request)
    async with services.database.work() as work:
        await clear(work, await signed_in(request, work), alert_id, now=services.clock())
    return _redirect(request, PATH)


def _row(alert: Alert, now: datetime) -> dict[str, Any]:
    return {
        "id": alert.id,
        "opened": alert.opened,
        "level": alert.level.label,
        "kinds": ", ".join(category.value.replace("_", " ") for category in alert.categories) or "not clear",
        "waiting": _waiting(now - alert.opened),
        "acknowledged_by": alert.acknowledged_by,
    }


def _waiting(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    hours, days = minutes // 60, minutes // (60 * 24)
    count, unit = (days, "day") if days else (hours, "hour") if hours else (minutes, "minute")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _sign_in_page(request: Request, *, error: str | None = None, typed: str = "", status: int = 200) -> Response:
    return _page(request, "steward_sign_in.html", status=status, error=error, typed=typed[:64])


def _page(request: Request, template: str, *, status: int, **context: Any) -> Response:
    response: Response = request.app.state.pages.render(request, Visitor(), template, status=status, **context)
    return response


def _redirect(request: Request, path: str) -> Response:
    response: Response = request.app.state.pages.redirect(request, path)
    return response
