"""Refuse request bodies over a size, by what they declare and by what actually arrives.

What was read up to the limit, and never more, goes to whoever words the refusal: a person in danger may have pasted it.
"""

from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from holdfast.service.web.failures import log_failure

__all__ = ["BodySizeLimit", "Refuse"]

Refuse = Callable[[Request, str, bytes], Awaitable[Response]]
"""Answers a request that is too large, given why in a sentence and what was read of its body."""


class _TooLargeError(Exception):
    """More arrived than is allowed. Raised inside ``receive`` and answered by the middleware."""


class BodySizeLimit:
    """ASGI middleware that answers 413 to a body of more than ``max_bytes``.

    Args:
        app: What is asked while a body stays within the limit.
        max_bytes: The largest body, and the most of any that is ever held.
        as_page: Words the refusal for browsers.
        as_json: Words it for the API.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, as_page: Refuse, as_json: Refuse) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self._as_page, self._as_json = as_page, as_json

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(receive, self.max_bytes)
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit():
            await self._refuse(scope, body, send)
        elif int(declared) > self.max_bytes:
            await body.fill()
            await self._refuse(scope, body, send)
        else:
            await self._pass_on(scope, body, send)

    async def _pass_on(self, scope: Scope, body: "_Body", send: Send) -> None:
        """Ask the app; where its body turns out too large before it has answered, what it answers is not sent."""
        is_started = False

        async def noting_send(message: Message) -> None:
            nonlocal is_started
            if body.is_over and not is_started:
                return
            is_started = True
            await send(message)

        try:
            await self.app(scope, body.receive, noting_send)
        except _TooLargeError:
            if is_started:
                raise
        if body.is_over and not is_started:
            await self._refuse(scope, body, send)

    async def _refuse(self, scope: Scope, body: "_Body", send: Send) -> None:
        text = f"Your request must be at most {self.max_bytes:,} bytes; please send less at a time. Nothing was kept."
        refuse = self._as_json if scope["path"].startswith("/api/") else self._as_page
        try:
            response = await refuse(Request(scope, body.receive), text, bytes(body.read))
        except Exception as error:  # noqa: BLE001 - the HTTP edge: whatever breaks, the request is refused in words
            log_failure(error)
            helped = f"{text} If you need help right now, open /help or call your local emergency number."
            response = PlainTextResponse(helped, status_code=413)
        await response(scope, body.receive, send)


class _Body:
    """A body as it arrives. ``read`` is what came of it, up to ``most`` bytes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self.read = bytearray()
        self.is_over = False

    async def receive(self) -> Message:
        """Return what comes next.

        Raises:
            _TooLargeError: More came than is allowed.
        """
        message = await self._receive()
        arrived: bytes = message.get("body", b"")
        self.is_over = self.is_over or len(self.read) + len(arrived) > self._most
        self.read += arrived[: self._most - len(self.read)]
        if self.is_over:
            raise _TooLargeError
        return message

    async def fill(self) -> None:
        """Read until the limit, the end or the sender's leaving, whichever comes first."""
        try:
            while not self.is_over:
                message = await self.receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
        except (_TooLargeError, ClientDisconnect):
            return
