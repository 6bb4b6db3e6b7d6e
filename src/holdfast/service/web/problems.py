"""The edge where a failure becomes a page or a line of JSON: a reason and what to do, never a person's words."""

from dataclasses import dataclass

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

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

__all__ = ["Problem", "add_problem_handlers", "describe_problem"]


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


_KINDS: tuple[tuple[type[HoldfastError], int, str], ...] = (
    (UnknownNameError, 404, "There is no such thing here"),
    (InputError, 422, "That did not work"),
    (ConsentError, 403, "You have not agreed to this"),
    (AccessError, 403, "This is not open to you"),
    (StorageError, 503, "This cannot be kept right now"),
    (ModelError, 503, "The writing assistant did not answer"),
)
"""Kind of error -> HTTP status and heading; the first that fits counts."""


def describe_problem(error: Exception) -> Problem:
    """Return what to tell a person about ``error``."""
    if isinstance(error, HTTPException):
        is_missing = error.status_code == 404
        return (
            _NOT_FOUND
            if is_missing
            else Problem(status=error.status_code, heading="That did not work", message=str(error.detail))
        )
    if isinstance(error, RequestValidationError):
        fields = ", ".join(sorted({str(problem["loc"][-1]) for problem in error.errors()}))
        message = f"Please check what you sent: {fields} must be given and fit."
        return Problem(status=422, heading="That did not work", message=message)
    if isinstance(error, TooManyRequestsError):
        heading = "A little slower, please"
        return Problem(status=429, heading=heading, message=str(error), retry_after_s=error.retry_after_s)
    for kind, status, heading in _KINDS:
        if isinstance(error, kind):
            return Problem(status=status, heading=heading, message=str(error))
    return _BROKEN


async def _as_page(request: Request, error: Exception) -> Response:
    problem = describe_problem(error)
    if problem.status >= 500:
        log_failure(error)
    response = request.app.state.pages.render(
        request,
        Visitor(),
        "problem.html",
        status=problem.status,
        heading=problem.heading,
        message=problem.message,
        lead=None,
    )
    if problem.retry_after_s is not None:
        response.headers["retry-after"] = str(problem.retry_after_s)
    finished: Response = response
    return finished


def add_problem_handlers(app: FastAPI) -> None:
    """Turn every failure of the pages into a page."""
    for kind in (HoldfastError, TooManyRequestsError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, _as_page)
