"""The edge where a failure becomes a page or a line of JSON: a heading, a reason and what to do, never a person's words."""

from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from holdfast.errors import (
    AccessError,
    ConsentError,
    HoldfastError,
    InputError,
    ModelError,
    StorageError,
    UnknownNameError,
)
from holdfast.service.security.rates import TooManyRequestsError
from holdfast.service.web.failures import log_failure
from holdfast.service.web.visitor import Visitor

__all__ = ["Problem", "add_problem_handlers", "as_json", "describe_problem"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What went wrong, as a person reads it. ``status`` is the HTTP status."""

    status: int
    heading: str
    message: str
    retry_after_s: int | None = None


_BROKEN = Problem(
    status=500,
    heading="Something broke on our side",
    message="What you sent was not kept. Please try again in a moment.",
)
_NOT_FOUND = Problem(status=404, heading="There is no such page", message="It may have moved, or the address is off.")


def describe_problem(error: Exception) -> Problem:
    """Return what to tell a person about ``error``."""
    text = str(error)
    match error:
        case TooManyRequestsError():
            return Problem(
                status=429, heading="A little slower, please", message=text, retry_after_s=error.retry_after_s
            )
        case UnknownNameError():
            return Problem(status=404, heading="There is no such thing here", message=text)
        case InputError():
            return Problem(status=422, heading="That did not work", message=text)
        case ConsentError():
            return Problem(status=403, heading="You have not agreed to this", message=text)
        case AccessError():
            return Problem(status=403, heading="This is not open to you", message=text)
        case StorageError():
            message = f"{text} If you were writing something, please copy it and try again in a moment."
            return Problem(status=503, heading="This cannot be kept right now", message=message)
        case ModelError():
            return Problem(status=503, heading="The writing assistant did not answer", message=text)
        case HTTPException(status_code=404):
            return _NOT_FOUND
        case HTTPException():
            return Problem(status=error.status_code, heading="That did not work", message=str(error.detail))
        case RequestValidationError():
            fields = ", ".join(sorted({str(problem["loc"][-1]) for problem in error.errors()}))
            return Problem(
                status=422, heading="That did not work", message=f"Please check what you sent: {fields} must be given."
            )
        case _:
            return _BROKEN


async def _as_page(request: Request, error: Exception) -> Response:
    problem = describe_problem(error)
    if problem.status >= 500:
        log_failure(error)
    response = request.app.state.pages.render(
        request, Visitor(), "problem.html", status=problem.status, heading=problem.heading, message=problem.message
    )
    if problem.retry_after_s is not None:
        response.headers["retry-after"] = str(problem.retry_after_s)
    finished: Response = response
    return finished


async def as_json(request: Request, error: Exception) -> Response:
    """Answer an API call with ``{"error", "message"}`` and the right status."""
    del request
    problem = describe_problem(error)
    if problem.status >= 500:
        log_failure(error)
    headers = {} if problem.retry_after_s is None else {"retry-after": str(problem.retry_after_s)}
    body = {"error": type(error).__name__, "message": problem.message}
    return JSONResponse(body, status_code=problem.status, headers=headers)


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every failure of the pages into a page."""
    for kind in (HoldfastError, TooManyRequestsError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _as_page)
