"""How the API says that something did not work: one shape, a stable code, and never what a person sent."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from holdfast.errors import ConsentError, HoldfastError
from holdfast.service.accounts.attempts import TooManyAttemptsError
from holdfast.service.api.crisis import CrisisOut, crisis_out, meet_refused
from holdfast.service.security.body_words import words_in
from holdfast.service.security.rates import TooManyRequestsError
from holdfast.service.web.failures import log_failure
from holdfast.service.web.problems import describe_problem
from holdfast.service.web.visitor import services_of

__all__ = ["PROBLEMS", "Problem", "add_problem_handlers", "problem", "refuse_oversized"]

_CODES = {
    400: "malformed",
    401: "signed_out",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    422: "invalid",
    429: "too_many_requests",
    503: "unavailable",
}
_WORDS = {"messages": "text", "ask": "question"}
"""The calls that carry a person's words, and the field they stand in."""

_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is not a field there is",
    "json_invalid": "must be valid JSON",
    "uuid_parsing": "must be an id that this service gave",
    "enum": "must be one of the documented values",
    "literal_error": "must be one of the documented values",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "too_long": "has too many entries",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}


class Problem(BaseModel):
    """What did not work. ``crisis`` is there where what was sent signals risk all the same: show it first."""

    model_config = ConfigDict(frozen=True)

    error: str = Field(description="A stable code.", examples=["invalid"])
    message: str = Field(description="What must change, in a sentence for people. It never repeats what was sent.")
    crisis: CrisisOut | None = None


PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The request cannot be read."},
    401: {"model": Problem, "description": "No bearer token, or one that counts no more."},
    403: {"model": Problem, "description": "Not this person's own, or not agreed to (code consent_required)."},
    404: {"model": Problem, "description": "There is no such thing."},
    413: {"model": Problem, "description": "The request is larger than allowed."},
    422: {"model": Problem, "description": "What was sent does not fit."},
    429: {"model": Problem, "description": "Too many requests; Retry-After says how long to wait, in seconds."},
    503: {"model": Problem, "description": "The database cannot take it; nothing was kept."},
}
"""Every documented failure, for the OpenAPI description."""


def problem(
    status: int, message: str, *, code: str | None = None, crisis: CrisisOut | None = None, headers: Any = None
) -> Response:
    """Return a failure as JSON."""
    body = Problem(error=code or _CODES.get(status, "broken"), message=message, crisis=crisis)
    said = body.model_dump(mode="json", exclude={"crisis"} if crisis is None else None)
    return JSONResponse(said, status_code=status, headers=headers)


def add_problem_handlers(api: FastAPI) -> None:
    """Turn every failure of the API into JSON."""
    for kind in (HoldfastError, TooManyRequestsError):
        api.add_exception_handler(kind, _known)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(RequestValidationError, _unfit)


async def _known(request: Request, error: Exception) -> Response:
    """Say what did not work; risk in words that were refused is met all the same."""
    found = describe_problem(error)
    crisis = await _met(request)
    if found.status >= 500:
        log_failure(error)
    if isinstance(error, TooManyAttemptsError):
        return problem(429, str(error), crisis=crisis, headers={"retry-after": str(error.retry_after_s)})
    headers = {} if found.retry_after_s is None else {"retry-after": str(found.retry_after_s)}
    code = "consent_required" if isinstance(error, ConsentError) else None
    return problem(found.status, found.message, code=code, crisis=crisis, headers=headers)


async def _met(request: Request) -> CrisisOut | None:
    """Return what the crisis protocol says to the words of a call that was refused, kept where it can be, or None."""
    field = _WORDS.get(request.url.path.rpartition("/")[2])
    if field is None or request.method != "POST":
        return None
    try:
        sent = await request.json()
    except (ValueError, ClientDisconnect):
        return None
    words = sent.get(field) if isinstance(sent, dict) else None
    if not isinstance(words, str):
        return None
    is_said = field == _WORDS["messages"]
    return crisis_out(await meet_refused(services_of(request), _token(request), words, is_said=is_said))


async def refuse_oversized(request: Request, why: str, body: bytes) -> Response:
    """Answer 413; where the first and last words of ``body`` signal risk, it is met and kept as in any refused call."""
    services = services_of(request)
    words = words_in(body, request.headers.get("content-type", ""))
    said = words.stretches(services.settings.max_message_chars)
    met = await meet_refused(services, _token(request), said, is_said=False) if said else None
    return problem(413, why, crisis=crisis_out(met))


def _token(request: Request) -> str:
    """Return the bearer token that came with a call, or nothing."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _http(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _unfit(request: Request, error: Exception) -> Response:
    """Name the fields that do not fit and why. Names that the caller made up, and values, are not repeated."""
    del request
    if not isinstance(error, RequestValidationError):
        raise error
    said = sorted({_sentence(item) for item in error.errors()})
    return problem(422, f"Please check what you sent: {'; '.join(said)}.")


def _sentence(item: Any) -> str:
    kind, place = str(item["type"]), [str(part) for part in item["loc"] if isinstance(part, (str, int))]
    if kind == "extra_forbidden":
        place = [*place[:-1], "an unknown name"]
    if kind == "json_invalid":
        place = ["body"]
    return f"{'.'.join(place)} {_SAID.get(kind, 'does not fit')}"
