"""Work that is done again and again while the service runs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

__all__ = ["repeating"]


@asynccontextmanager
async def repeating(act: Callable[[], Awaitable[None]], *, every_s: float) -> AsyncIterator[None]:
    """Do ``act`` in the background, at once and every ``every_s`` seconds after it is done, until the block ends.

    An act under way then is cancelled. One that raises ends the repeating: what may fail is for ``act`` to catch.
    """
    stopping = asyncio.Event()
    task = asyncio.create_task(_repeat(act, stopping, every_s))
    try:
        yield
    finally:
        stopping.set()
        task.cancel()
        await asyncio.wait([task])


async def _repeat(act: Callable[[], Awaitable[None]], stopping: asyncio.Event, every_s: float) -> None:
    """Repeat until told to stop. A cancellation alone can be lost inside a driver; the event cannot."""
    while not stopping.is_set():
        await act()
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await stopping.wait()
