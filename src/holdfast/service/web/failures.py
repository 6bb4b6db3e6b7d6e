"""The last edge: what nothing else caught becomes a page and one line of log, never a traceback with words in it."""

import logging
import traceback

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["FailureEdge", "log_failure"]

_log = logging.getLogger("holdfast.service")

_BROKEN = (
    "Something broke on our side, and what you sent was not kept. Please try again in a moment. "
    "If you need help right now, open /help or call your local emergency number."
)


def log_failure(error: BaseException) -> None:
    """Log where something broke: the error's type and the lines of code, never its message or anyone's words."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-4:]))
    _log.error("%s at %s", type(error).__name__, where)


class FailureEdge:
    """ASGI middleware that answers 500 to what no handler caught, so that no server logs the error's message."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and catch whatever comes back broken."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_started = False

        async def noting_send(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            await self.app(scope, receive, noting_send)
        except Exception as error:  # noqa: BLE001 - the HTTP edge: any failure becomes a record and an answer
            log_failure(error)
            if not is_started:
                await PlainTextResponse(_BROKEN, status_code=500)(scope, receive, send)
