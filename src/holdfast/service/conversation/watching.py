"""Let a person watch a reply being written, as server-sent events; the page is the same without.

``notice`` and ``sentence`` carry HTML of what has passed review. ``done`` says that the turn is kept, so that the page
can be opened again. ``refused`` says that nothing was kept, so that the form can be sent in the ordinary way, which
says why. Somebody who leaves early is answered all the same, as with the form: a crisis must be kept whoever watches.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.responses import StreamingResponse

from holdfast.care.conversation.stage import Show, Shown
from holdfast.errors import HoldfastError
from holdfast.service.conversation.talk import Taken
from holdfast.service.web.failures import log_failure
from holdfast.service.web.markdown import render_markdown

__all__ = ["EVENTS", "watched"]

EVENTS = "text/event-stream"

_under_way: set[asyncio.Task[Taken]] = set()
"""Turns nobody may be watching any more: the event loop itself keeps no task alive."""


def watched(take: Callable[[Show], Awaitable[Taken]]) -> StreamingResponse:
    """Answer with the events of one turn, which ``take`` takes."""
    return StreamingResponse(_events(take), media_type=EVENTS, headers={"x-accel-buffering": "no"})


async def _events(take: Callable[[Show], Awaitable[Taken]]) -> AsyncIterator[str]:
    pieces: asyncio.Queue[Shown | None] = asyncio.Queue()

    async def show(piece: Shown) -> None:
        pieces.put_nowait(piece)

    async def turn() -> Taken:
        return await take(show)

    task = asyncio.create_task(turn())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
    task.add_done_callback(lambda _: pieces.put_nowait(None))
    while (piece := await pieces.get()) is not None:
        yield _event(piece.kind.value, render_markdown(piece.text))
    yield _event("done" if _is_kept(task) else "refused", "")


def _is_kept(task: asyncio.Task[Taken]) -> bool:
    """Whether the turn was taken and kept. What went wrong is logged by its kind, and said when the form is sent."""
    if task.cancelled():
        return False
    error = task.exception()
    if error is None:
        return task.result().kept.answered is not None
    if not isinstance(error, HoldfastError):
        log_failure(error)
    return False


def _event(name: str, html: str) -> str:
    return f"event: {name}\ndata: {json.dumps({'html': html})}\n\n"
