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
    """Run retention in the background until the block ends."""
    task = asyncio.create_task(_forever(services))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forever(services: Services) -> None:
    while True:
        try:
            async with services.database.work() as work:
                await retain(work, now=services.clock(), clocks=Clocks.of(services.settings))
            await services.database.scrub()
        except HoldfastError as error:
            log_failure(error)
        await asyncio.sleep(_EVERY_S)
