"""Sinks that do as they are told, an escalator over them, and a person in crisis."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from web_visitor import Clock

from holdfast.safety.crisis.state import CrisisState, raise_state
from holdfast.safety.detection.verdict import Category, Detection, Level, Subject
from holdfast.service.crisis.escalating import Escalator
from holdfast.service.crisis.escalation import Channel
from holdfast.service.crisis.keeping import keep_crisis
from holdfast.service.crisis.sink import Page, UndeliveredError
from holdfast.service.stewards.duty import DutyBoard
from holdfast.service.storage.database import Database

RISK = Detection(level=Level.CRISIS, categories=(Category.SUICIDE,), subject=Subject.SELF)
ACK = timedelta(minutes=5)


@dataclass
class ScriptedSink:
    """Takes every message while ``trouble`` is None; otherwise fails as it says, or hangs."""

    channel: Channel = Channel.WEBHOOK
    trouble: str | Exception | None = None
    pages: list[Page] = field(default_factory=list)
    attempts: int = 0

    async def send(self, page: Page) -> None:
        self.attempts += 1
        if self.trouble == "hang":
            await asyncio.Event().wait()
        if isinstance(self.trouble, Exception):
            raise self.trouble
        if self.trouble is not None:
            raise UndeliveredError(self.trouble)
        self.pages.append(page)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sink() -> ScriptedSink:
    return ScriptedSink()


@pytest.fixture
def make_escalator(database: Database, clock: Clock) -> Callable[..., Escalator]:
    """Builds an escalator over sinks, as a process that has just started has one."""

    def build(*sinks: Any, attempt_s: float = 5.0) -> Escalator:
        return Escalator(
            database=database,
            clock=clock,
            sinks=sinks,
            board=DutyBoard(),
            ack=ACK,
            link="https://help.example/steward",
            attempt_s=attempt_s,
        )

    return build


@pytest.fixture
def in_crisis(database: Database, clock: Clock) -> Callable[[], Awaitable[Any]]:
    """Makes a person whose crisis was just kept, and returns their id."""

    async def made() -> Any:
        async with database.work() as work:
            person = await work.persons.create(clock())
            await keep_crisis(
                work, person, after=raise_state(CrisisState(), RISK, clock()), read=CrisisState(), now=clock()
            )
            return person.id

    return made
