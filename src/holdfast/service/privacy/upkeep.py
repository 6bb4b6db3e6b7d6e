"""Delete what has been kept for long enough, every hour while the service runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from holdfast.errors import HoldfastError
from holdfast.service.background import repeating
from holdfast.service.privacy.clocks import Clocks
from holdfast.service.privacy.retention import retain
from holdfast.service.services import Services
from holdfast.service.web.failures import log_failure

__all__ = ["upkeep"]

_EVERY_S = 3600.0


@asynccontextmanager
async def upkeep(services: Services) -> AsyncIterator[None]:
    """Run retention in the background until the block ends. A run under way then is undone whole, or ends whole."""

    async def run() -> None:
        try:
            async with services.database.work() as work:
                await retain(work, now=services.clock(), clocks=Clocks.of(services.settings))
            await services.database.scrub()
        except HoldfastError as error:
            log_failure(error)

    async with repeating(run, every_s=_EVERY_S):
        yield
