"""Who calls: the person whose token is in the Authorization header. Cookies count for nothing here."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from holdfast.errors import AccessError
from holdfast.service.services import Services
from holdfast.service.web.visitor import services_of

__all__ = ["Caller", "MaybeCaller", "Using"]

_scheme = HTTPBearer(auto_error=False, description="The token that POST /people gave.")
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_scheme)]

Using = Annotated[Services, Depends(services_of)]
"""What the application was started with."""


async def _maybe_caller(services: Using, credentials: _Credentials) -> UUID | None:
    """Return who calls, or None where no token was sent; a token that does not count is refused all the same."""
    return None if credentials is None else await _person_of(services, credentials.credentials)


async def _caller(services: Using, credentials: _Credentials) -> UUID:
    if credentials is None:
        raise _signed_out("Authorization must be a bearer token, and there is none; POST /people gives one.")
    return await _person_of(services, credentials.credentials)


async def _person_of(services: Services, token: str) -> UUID:
    try:
        async with services.database.work(write=False) as work:
            return (await services.tokens.person(work, token, now=services.clock())).id
    except AccessError:
        raise _signed_out("Token must be one that counts still, and is not; POST /people gives a new one.") from None


def _signed_out(message: str) -> HTTPException:
    return HTTPException(401, message, headers={"www-authenticate": "Bearer"})


Caller = Annotated[UUID, Depends(_caller)]
"""The id of the person who calls."""

MaybeCaller = Annotated[UUID | None, Depends(_maybe_caller)]
"""The id of the person who calls, or None for somebody who is not known."""
