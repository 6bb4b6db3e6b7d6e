"""Send a message to a web address, signed by the Standard Webhooks scheme, so that its receiver can tell it is ours.

The headers are webhook-id (the same at every attempt), webhook-timestamp and webhook-signature, which is the
HMAC-SHA256 of "id.timestamp.body" (https://github.com/standard-webhooks/standard-webhooks, version 1.0).
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from holdfast.errors import SettingsError
from holdfast.service.crisis.escalation import Channel
from holdfast.service.crisis.sink import Page, UndeliveredError

if TYPE_CHECKING:
    import httpx2

__all__ = ["WebhookSink", "signature", "signing_key"]

_PREFIX = "whsec_"
_TIMEOUT_S = 10.0


def signing_key(secret: str) -> bytes:
    """Return the key that ``secret`` stands for: base64 after "whsec_", or else the text itself.

    Raises:
        SettingsError: What follows "whsec_" is not base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise SettingsError(
            "alert_webhook_secret must be base64 after whsec_, and is not; copy it again, or leave whsec_ out."
        ) from None


def signature(key: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the header that signs ``body``; ``timestamp`` is in seconds since 1970."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


@dataclass(frozen=True, kw_only=True)
class WebhookSink:
    """Posts to ``url``. Any 2xx answer counts as taken; redirects are not followed.

    Attributes:
        key: Signs every message.
        clock: Returns the current time, with time zone.
        transport: Replaces the network, for tests.
    """

    url: str = field(repr=False)
    key: bytes = field(repr=False)
    clock: Callable[[], datetime]
    transport: "httpx2.AsyncBaseTransport | None" = None

    @property
    def channel(self) -> Channel:
        """The webhook."""
        return Channel.WEBHOOK

    async def send(self, page: Page) -> None:
        """Post ``page`` as JSON.

        Raises:
            UndeliveredError: No connection, no answer in 10 s, or an answer other than 2xx.
        """
        import httpx2  # here, so that a service without a webhook never loads it

        body = json.dumps(page.to_dict(), separators=(",", ":")).encode()
        try:
            async with httpx2.AsyncClient(transport=self.transport, timeout=_TIMEOUT_S) as client:
                answer = await client.post(self.url, content=body, headers=self._headers(page, body))
        except httpx2.HTTPError as error:
            raise UndeliveredError(type(error).__name__) from None
        if not answer.is_success:
            raise UndeliveredError(f"status {answer.status_code}")

    def _headers(self, page: Page, body: bytes) -> dict[str, Any]:
        timestamp = int(self.clock().timestamp())
        return {
            "content-type": "application/json",
            "user-agent": "holdfast",
            "webhook-id": str(page.id),
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self.key, message_id=str(page.id), timestamp=timestamp, body=body),
        }
