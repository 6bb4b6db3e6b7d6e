"""Claims about retention in the background: it ends with the service, and a failure is a line in the log."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from holdfast.errors import StorageError
from holdfast.service.privacy.upkeep import upkeep
from holdfast.service.services import Services


@dataclass
class LosesCancellation:
    """A database whose driver swallows a cancellation and fails, as a lock that is freed just then can."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0

    @asynccontextmanager
    async def work(self, *, write: bool = True) -> AsyncIterator[None]:
        self.runs += 1
        self.begun.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise StorageError("The database must be free, and was busy; try again.") from None
        yield None


async def test_it_ends_with_the_service_even_where_a_driver_loses_the_cancellation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    database = LosesCancellation()
    services: Any = SimpleNamespace(database=database)
    async with asyncio.timeout(5), upkeep(cast("Services", services)):
        await database.begun.wait()
    assert database.runs == 1
    assert "StorageError" in caplog.text
