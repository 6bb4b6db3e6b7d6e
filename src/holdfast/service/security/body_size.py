"""Refuse request bodies over a size, by what they declare and by what actually arrives."""

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["BodySizeLimit"]


class _TooLargeError(Exception):
    """More arrived than is allowed. Raised inside ``receive`` and answered with 413 by the middleware."""


class BodySizeLimit:
    """ASGI middleware that answers 413 to a body of more than ``max_bytes``."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while its body stays within the limit."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.max_bytes:
            await self._refuse(scope, receive, send)
            return
        received = 0
        is_started = False

        async def limited_receive() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.max_bytes:
                raise _TooLargeError
            return message

        async def noting_send(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self.app(scope, limited_receive, noting_send)
        except _TooLargeError:
            if is_started:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        text = f"Your request must be at most {self.max_bytes:,} bytes; please send less at a time. Nothing was kept."
        text += " If you need help right now, open /help or call your local emergency number."
        if scope["path"].startswith("/api/"):
            await JSONResponse({"error": "too_large", "message": text}, status_code=413)(scope, receive, send)
            return
        await PlainTextResponse(text, status_code=413)(scope, receive, send)
