"""The stewards' console: sign in, and see what waits. It shows no word that anyone wrote."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from holdfast.errors import AccessError
from holdfast.service.accounts.attempts import TooManyAttemptsError
from holdfast.service.accounts.pages import address_of
from holdfast.service.accounts.steward import Steward
from holdfast.service.crisis.overdue import overdue_lines
from holdfast.service.crisis.response import CLEARS, SEES, queue
from holdfast.service.stewards.session import PATH, drop_session, keep_session, session_token, signed_in
from holdfast.service.stewards.views import alert_row, duty_view
from holdfast.service.storage.work import Work
from holdfast.service.web.fields import text_field
from holdfast.service.web.visitor import Visitor, services_of

__all__ = ["router"]

router = APIRouter()


@router.get("/steward")
async def console(request: Request, watch: Annotated[str, Query(max_length=1)] = "") -> Response:
    """Show the alerts that wait, or a place to sign in. A page that reloads itself is no sign that anybody is there."""
    services = services_of(request)
    if not session_token(request):
        return _sign_in_page(request)
    async with services.database.work(write=watch != "1") as work:
        try:
            steward = await signed_in(request, work)
        except AccessError:
            return _sign_in_page(request)
        shown = await _shown(request, work, steward)
    return _page(
        request,
        "steward.html",
        status=200 if steward.role in SEES else 403,
        steward=steward,
        sees=steward.role in SEES,
        may_clear=steward.role in CLEARS,
        overdue=overdue_lines(services.parts.helplines, services.clock().date()),
        is_watching=watch == "1",
        **shown,
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


async def _shown(request: Request, work: Work, steward: Steward) -> dict[str, Any]:
    """Return what the console shows to this steward; nothing of alerts and duty where their role does not see them."""
    services = services_of(request)
    now, settings, sinks = services.clock(), services.settings, services.escalator.sinks
    if steward.role not in SEES:
        return {"alerts": [], "duty": None, "ack_minutes": settings.alert_ack_minutes, "fallback": []}
    alerts = await queue(work, steward)
    messages = await work.escalations.of(alert.id for alert in alerts)
    on_duty = await work.duty.now_on(now)
    absent = () if services.rota is None else services.rota.absent(now, [one.name for one in on_duty])
    ack = timedelta(minutes=settings.alert_ack_minutes)
    return {
        "alerts": [
            alert_row(alert, [one for one in messages if one.alert_id == alert.id], steward=steward, ack=ack, now=now)
            for alert in alerts
        ],
        "duty": duty_view(on_duty, steward=steward, absent=absent),
        "ack_minutes": settings.alert_ack_minutes,
        "fallback": [sink.channel.value for sink in sinks],
    }


def _sign_in_page(request: Request, *, error: str | None = None, typed: str = "", status: int = 200) -> Response:
    return _page(request, "steward_sign_in.html", status=status, error=error, typed=typed[:64])


def _page(request: Request, template: str, *, status: int, **context: Any) -> Response:
    response: Response = request.app.state.pages.render(request, Visitor(), template, status=status, **context)
    return response


def _redirect(request: Request, path: str) -> Response:
    response: Response = request.app.state.pages.redirect(request, path)
    return response
