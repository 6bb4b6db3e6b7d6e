"""The first page, what this is and is not, and whether it is up."""

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from holdfast.errors import StorageError
from holdfast.safety.detection.layered import LayeredDetector
from holdfast.safety.detection.verdict import Detector
from holdfast.service.security.rates import UNCOUNTED
from holdfast.service.web.visitor import services_of, visitor_or_stranger

__all__ = ["router"]

router = APIRouter()


@router.get("/")
async def home(request: Request) -> Response:
    """Show the four doors."""
    visitor = await visitor_or_stranger(request)
    response: Response = request.app.state.pages.render(request, visitor, "home.html")
    return response


@router.get("/about")
async def about(request: Request) -> Response:
    """Say what this is, what it is not, and why it runs at its tier."""
    services, visitor = services_of(request), await visitor_or_stranger(request)
    parts = services.parts
    counts = {
        "articles": len(parts.education.library.by_id),
        "instruments": len(parts.instruments),
        "exercises": len(parts.exercises),
        "countries": len(parts.helplines.regions) - 1,
    }
    response: Response = request.app.state.pages.render(
        request, visitor, "about.html", reasons=services.release.reasons, counts=counts, languages=parts.languages.value
    )
    return response


@router.get("/healthz", dependencies=[UNCOUNTED])
async def health(request: Request) -> Response:
    """Answer 200 while the database answers, and 503 otherwise; for whoever watches over the service.

    It also names the layers of detection, and which of them are off.
    """
    services = services_of(request)
    try:
        await services.database.ping()
    except StorageError:
        return JSONResponse({"status": "unavailable", "database": "unreachable"}, status_code=503)
    layers = _layers(services.conversation.detector)
    return JSONResponse({"status": "ok", "tier": services.release.tier, "detection": layers})


def _layers(detector: Detector) -> dict[str, str]:
    """Return how each layer of detection stands, by name; none for a detector without layers."""
    if not isinstance(detector, LayeredDetector):
        return {}
    return {name: status.value for name, status in detector.standing.items()}
