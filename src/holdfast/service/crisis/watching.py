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
    """Look at the alerts in the background until the block ends. What was begun is finished, or begun again later."""
    task = asyncio.create_task(_forever(escalator, every_s))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forever(escalator: Escalator, every_s: float) -> None:
    while True:
        try:
            await escalator.look()
        except Exception as error:  # noqa: BLE001 - the worker loop: a look that breaks is logged, and the next one tries
            log_failure(error)
        await asyncio.sleep(every_s)
