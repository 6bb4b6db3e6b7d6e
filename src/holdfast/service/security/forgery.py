"""Refuse forms that another site made the browser send.

Two checks, either of which refuses: the browser's own word on where a request came from (``Sec-Fetch-Site``,
``Origin``), and a token in the form that only a page of ours can know. The JSON API takes bearer tokens and no
cookies, so there is nothing for another site to ride on there.
"""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from fastapi import Request
from starlette.responses import Response

from holdfast.errors import AccessError

__all__ = ["COOKIE", "FIELD", "form_token", "is_forged", "keep_cookie", "refuse_forged_forms"]

COOKIE = "holdfast_form"
FIELD = "form_token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def form_token(request: Request) -> str:
    """Return the token for forms on the page being made, choosing the browser's secret on its first page."""
    secret = request.cookies.get(COOKIE) or getattr(request.state, "form_secret", None)
    if not secret:
        secret = secrets.token_urlsafe(32)
    request.state.form_secret = secret
    return _sign(secret, request.app.state.form_key)


def keep_cookie(request: Request, response: Response, *, is_secure: bool) -> None:
    """Give the browser its secret if it has none yet."""
    secret = getattr(request.state, "form_secret", None)
    if secret and request.cookies.get(COOKIE) != secret:
        response.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=is_secure, path="/")


async def refuse_forged_forms(request: Request) -> None:
    """Let through what is safe, what is the JSON API, and forms that carry their page's token.

    Raises:
        AccessError: The form came from elsewhere or its token does not match.
    """
    if request.method in _SAFE_METHODS or request.url.path.startswith("/api/"):
        return
    if _is_from_elsewhere(request):
        raise AccessError(
            "This form must be sent from a page of this site, it came from elsewhere; open the page here."
        )
    given = (await request.form()).get(FIELD)
    if not isinstance(given, str) or not _is_right(request, given):
        raise AccessError(
            "This page must be opened again before its form is sent: it has gone stale. Nothing was kept."
        )


def is_forged(request: Request, token: str) -> bool:
    """Whether a form with ``token`` cannot have come from a page of ours, for a form that is not read whole."""
    return _is_from_elsewhere(request) or not _is_right(request, token)


def _is_from_elsewhere(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("origin")
    return bool(origin) and origin != "null" and urlsplit(origin).netloc != request.headers.get("host")


def _is_right(request: Request, token: str) -> bool:
    secret = request.cookies.get(COOKIE)
    if not secret:
        return False
    return hmac.compare_digest(token.encode(), _sign(secret, request.app.state.form_key).encode())


def _sign(secret: str, key: bytes) -> str:
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()
