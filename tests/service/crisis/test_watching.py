"""Claims about the worker: it looks again and again, whatever breaks, and ends when it is told to."""

import asyncio
from typing import Any

import pytest

from holdfast.errors import StorageError
from holdfast.service.crisis.watching import watching
from holdfast.service.storage.database import Database


class Looking:
    """An escalator whose looks end as scripted, the last way for ever after."""

    def __init__(self, *ways: Exception | str | None) -> None:
        self.ways, self.looks = list(ways), 0

    async def look(self) -> None:
        self.looks += 1
        way = self.ways.pop(0) if len(self.ways) > 1 else self.ways[0]
        if isinstance(way, Exception):
            raise way
        if way == "hang":
            await asyncio.Event().wait()
        if way == "deaf":
            await _deaf()


async def _deaf() -> None:
    """Lose a cancellation, as a driver may."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


async def looked(escalator: Looking, times: int) -> None:
    async with asyncio.timeout(5):
        while escalator.looks < times:
            await asyncio.sleep(0)


async def test_looks_that_break_are_logged_without_words_and_followed_by_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    escalator: Any = Looking(StorageError("words"), RuntimeError("words"), None)
    async with watching(escalator, every_s=0.0):
        await looked(escalator, 4)
    assert "StorageError at" in caplog.text
    assert "RuntimeError at" in caplog.text
    assert "words" not in caplog.text


@pytest.mark.parametrize("way", [None, "hang", "deaf"])
async def test_it_ends_when_told_even_where_a_look_hangs_or_loses_its_cancellation(way: str | None) -> None:
    escalator: Any = Looking(way)
    async with asyncio.timeout(5):
        async with watching(escalator, every_s=0.001):
            await looked(escalator, 1)
    seen = escalator.looks
    await asyncio.sleep(0.01)
    assert escalator.looks == seen


async def test_a_cancellation_is_never_lost_while_waiting_for_the_turn_to_write(sqlite_database: Database) -> None:
    async def busy() -> None:
        while True:
            async with sqlite_database._one_writer(write=True):
                await asyncio.sleep(0)

    for ticks in range(25):
        task = asyncio.create_task(busy())
        for _ in range(ticks):
            await asyncio.sleep(0)
        task.cancel()
        ended, _ = await asyncio.wait([task], timeout=5)
        assert ended, ticks
        assert task.cancelled()
