"""Watch over alerts every few seconds while the service runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from holdfast.service.background import repeating
from holdfast.service.crisis.escalating import Escalator
from holdfast.service.web.failures import log_failure

__all__ = ["watching"]

_EVERY_S = 5.0


@asynccontextmanager
async def watching(escalator: Escalator, *, every_s: float = _EVERY_S) -> AsyncIterator[None]:
    """Look at the alerts in the background until the block ends.

    A look under way then is called off: what it had claimed is sent by the next process, under the same id.
    """

    async def look() -> None:
        try:
            await escalator.look()
        except Exception as error:  # noqa: BLE001 - the worker loop: a look that breaks is logged, and the next one tries
            log_failure(error)

    async with repeating(look, every_s=every_s):
        yield
