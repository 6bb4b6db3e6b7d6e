"""What a form carries for whoever may not be remembered: progress, signed so that only this site can have written it.

It lies in the page itself, readable by whoever has the page, and nowhere else. It is not encrypted: it holds nothing
that the person at the page did not just enter.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from itsdangerous import BadSignature, URLSafeSerializer

from holdfast.errors import InputError
from holdfast.service.web.visitor import services_of

__all__ = ["FIELD", "carried", "carry"]

FIELD = "state"
"""The name of the hidden field."""

_MAX_AGE = timedelta(hours=12)
_MOST_OF_BODY = 0.6
"""How much of the largest request may be carried; the rest is for what is typed next."""


def carry(request: Request, kind: str, value: Mapping[str, Any]) -> str:
    """Return ``value`` (JSON-ready) signed for a hidden field of kind ``kind``.

    Raises:
        InputError: It is more than a form can send back.
    """
    services = services_of(request)
    token = _serializer(request, kind).dumps([services.clock().isoformat(timespec="seconds"), dict(value)])
    text = token.decode("ascii") if isinstance(token, bytes) else token
    if len(text) > services.settings.max_body_bytes * _MOST_OF_BODY:
        raise InputError(
            "What you have written must fit on one page while it is not kept, and is too long by now; make it shorter, "
            "or choose to have it kept."
        )
    return text


def carried(request: Request, kind: str, token: str) -> Mapping[str, Any]:
    """Return what ``carry`` signed for the same kind.

    Raises:
        InputError: It is missing, was altered, is another kind's, or is older than 12 hours.
    """
    try:
        issued, value = _serializer(request, kind).loads(token)
        age = services_of(request).clock() - datetime.fromisoformat(issued)
        is_current = timedelta(0) <= age <= _MAX_AGE and isinstance(value, dict)
    except (BadSignature, TypeError, ValueError, UnicodeError):
        is_current = False
    if not is_current:
        raise InputError(
            "This page must be opened again before its form is sent: it has gone stale. Please start anew."
        )
    found: Mapping[str, Any] = value
    return found


def _serializer(request: Request, kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        services_of(request).database.keyring.derive("progress carried in forms"),
        salt=f"holdfast.carried.{kind}",
        signer_kwargs={"digest_method": "sha256", "key_derivation": "hmac"},
    )
