"""The steward's sign-in as a browser holds it: a random token in a cookie that only the console's pages receive."""

from fastapi import Request
from starlette.responses import Response

from holdfast.service.accounts.steward import SESSION_HOURS, Steward
from holdfast.service.accounts.token import STEWARD_COOKIE
from holdfast.service.storage.work import Work
from holdfast.service.web.visitor import services_of

__all__ = ["PATH", "drop_session", "keep_session", "session_token", "signed_in"]

PATH = "/steward"
"""The console's address; the cookie goes nowhere else."""


def session_token(request: Request) -> str:
    """Return the token the browser sent, or an empty text."""
    return request.cookies.get(STEWARD_COOKIE, "")


async def signed_in(request: Request, work: Work) -> Steward:
    """Return who is signed in; in a unit that writes, that counts as use.

    Raises:
        AccessError: Nobody is, or the sign-in has run out.
    """
    services = services_of(request)
    idle = services.settings.session_idle_minutes
    return await work.stewards.session(session_token(request), now=services.clock(), idle_minutes=idle)


def keep_session(request: Request, response: Response, token: str) -> None:
    """Give the browser a steward's token: HttpOnly, SameSite=Strict, for the console only."""
    response.set_cookie(
        STEWARD_COOKIE,
        token,
        max_age=SESSION_HOURS * 3600,
        path=PATH,
        httponly=True,
        samesite="strict",
        secure=services_of(request).settings.uses_secure_cookies,
    )


def drop_session(request: Request, response: Response) -> None:
    """Take the token away."""
    secure = services_of(request).settings.uses_secure_cookies
    response.delete_cookie(STEWARD_COOKIE, path=PATH, httponly=True, samesite="strict", secure=secure)
