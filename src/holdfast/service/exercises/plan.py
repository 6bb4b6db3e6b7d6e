"""The safety plan under an address of its own: the one made last, or the way to make one."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from holdfast.service.web.visitor import services_of, visitor_or_stranger

__all__ = ["router"]

router = APIRouter()

_PLAN = "safety-plan"


@router.get("/safety-plan")
async def plan(request: Request) -> Response:
    """Go to the person's newest safety plan that is kept, or to where one can be made."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    path = f"/practise/{_PLAN}"
    if visitor.person_id is not None:
        async with services.database.work(write=False) as work:
            person = await work.persons.open(visitor.person_id)
            kept = await work.exercises.list(person, exercise=_PLAN)
        path += f"/entries/{kept[-1].id}" if kept else ""
    response: Response = request.app.state.pages.redirect(request, path)
    return response
