"""Watch over alerts every few seconds while the service runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from holdfast.service.crisis.escalating import Escalator
from holdfast.service.web.failures import log_failure

__all__ = ["watching"]

_EVERY_S = 5.0


@asynccontextmanager
async def watching(escalator: Escalator, *, every_s: float = _EVERY_S) -> AsyncIterator[None]:
    """Look at the alerts in the background until the block ends.

    A look under way then is called off: what it had claimed is sent by the next process, under the same id.
    """
    stopping = asyncio.Event()
    task = asyncio.create_task(_watch(escalator, stopping, every_s))
    try:
        yield
    finally:
        stopping.set()
        task.cancel()
        await asyncio.wait([task])


async def _watch(escalator: Escalator, stopping: asyncio.Event, every_s: float) -> None:
    """Look until told to stop. A cancellation alone can be lost inside a driver; the event cannot."""
    while not stopping.is_set():
        try:
            await escalator.look()
        except Exception as error:  # noqa: BLE001 - the worker loop: a look that breaks is logged, and the next one tries
            log_failure(error)
        with suppress(TimeoutError):
            async with asyncio.timeout(every_s):
                await stopping.wait()
