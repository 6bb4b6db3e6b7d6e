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

__all__ = ["COOKIE", "FIELD", "form_token", "keep_cookie", "refuse_forged_forms"]

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
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise AccessError(
            "This form must be sent from a page of this site, it came from elsewhere; open the page here."
        )
    origin = request.headers.get("origin")
    if origin and origin != "null" and urlsplit(origin).netloc != request.headers.get("host"):
        raise AccessError(
            "This form must be sent from a page of this site, it came from elsewhere; open the page here."
        )
    form = await request.form()
    given, secret = form.get(FIELD), request.cookies.get(COOKIE)
    expected = _sign(secret, request.app.state.form_key) if secret else ""
    if not secret or not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise AccessError(
            "This page must be opened again before its form is sent: it has gone stale. Nothing was kept."
        )


def _sign(secret: str, key: bytes) -> str:
    return hmac.new(key, secret.encode(), hashlib.sha256).hexdigest()
