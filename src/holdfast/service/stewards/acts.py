"""What stewards do on the console: see, take, hand over and clear alerts; go on and off duty. Each under their name."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from holdfast.service.accounts.steward import Steward
from holdfast.service.crisis.response import acknowledge, clear, hand_over, take
from holdfast.service.stewards.on_duty import go_off_duty, go_on_duty
from holdfast.service.stewards.session import PATH, signed_in
from holdfast.service.storage.work import Work
from holdfast.service.web.visitor import services_of

__all__ = ["router"]

router = APIRouter()

Act = Callable[[Work, Steward], Awaitable[object]]


@router.post("/steward/alerts/{alert_id}/acknowledge")
async def see_alert(request: Request, alert_id: UUID) -> Response:
    """Record under the steward's name that an alert was seen."""
    now = services_of(request).clock()
    return await _act(request, lambda work, steward: acknowledge(work, steward, alert_id, now=now))


@router.post("/steward/alerts/{alert_id}/take")
async def take_alert(request: Request, alert_id: UUID) -> Response:
    """Make the steward the owner of an alert."""
    now = services_of(request).clock()
    return await _act(request, lambda work, steward: take(work, steward, alert_id, now=now))


@router.post("/steward/alerts/{alert_id}/hand-over")
async def hand_alert_over(request: Request, alert_id: UUID, to: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Hand an alert that the steward owns to another who is on duty."""
    now = services_of(request).clock()
    return await _act(request, lambda work, steward: hand_over(work, steward, alert_id, to=to, now=now))


@router.post("/steward/alerts/{alert_id}/clear")
async def clear_alert(request: Request, alert_id: UUID) -> Response:
    """End the crisis state of the person an alert is about, under the steward's name."""
    now = services_of(request).clock()
    return await _act(request, lambda work, steward: clear(work, steward, alert_id, now=now))


@router.post("/steward/duty/on")
async def begin_duty(request: Request) -> Response:
    """Put the steward on duty, or take them as present for another while."""
    services = services_of(request)
    now, minutes = services.clock(), services.settings.duty_minutes

    async def begin(work: Work, steward: Steward) -> None:
        if steward.id not in {one.steward_id for one in await work.duty.now_on(now)}:
            await go_on_duty(work, steward, minutes=minutes, now=now)

    return await _act(request, begin)


@router.post("/steward/duty/off")
async def end_duty(request: Request) -> Response:
    """Take the steward off duty."""
    now = services_of(request).clock()
    return await _act(request, lambda work, steward: go_off_duty(work, steward, now=now))


async def _act(request: Request, act: Act) -> Response:
    """Do something as whoever is signed in. Doing anything shows that they are there."""
    services = services_of(request)
    now = services.clock()
    async with services.database.work() as work:
        steward = await signed_in(request, work)
        await work.duty.seen(steward, minutes=services.settings.duty_minutes, now=now)
        await act(work, steward)
        on_duty = await work.duty.now_on(now)
    services.escalator.board.show(on_duty, now=now)
    response: Response = request.app.state.pages.redirect(request, PATH)
    return response
