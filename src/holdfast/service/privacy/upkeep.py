"""Delete what has been kept for long enough, every hour while the service runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from holdfast.errors import HoldfastError
from holdfast.service.privacy.clocks import Clocks
from holdfast.service.privacy.retention import retain
from holdfast.service.services import Services
from holdfast.service.web.failures import log_failure

__all__ = ["upkeep"]

_EVERY_S = 3600.0


@asynccontextmanager
async def upkeep(services: Services) -> AsyncIterator[None]:
    """Run retention in the background until the block ends. A run under way then is undone whole, or ends whole."""
    stopping = asyncio.Event()
    task = asyncio.create_task(_forever(services, stopping))
    try:
        yield
    finally:
        stopping.set()
        task.cancel()
        await asyncio.wait([task])


async def _forever(services: Services, stopping: asyncio.Event) -> None:
    """Run until told to stop. A cancellation alone can be lost inside a driver; the event cannot."""
    while not stopping.is_set():
        try:
            async with services.database.work() as work:
                await retain(work, now=services.clock(), clocks=Clocks.of(services.settings))
            await services.database.scrub()
        except HoldfastError as error:
            log_failure(error)
        with suppress(TimeoutError):
            async with asyncio.timeout(_EVERY_S):
                await stopping.wait()
