"""Claims about crisis as it is kept: it only rises by itself, and is ended by somebody with a name."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.errors import AccessError, InputError
from holdfast.safety.crisis.clearing import clear_by_check_in
from holdfast.safety.crisis.state import ClearedBy, CrisisState
from holdfast.safety.detection.verdict import Category, Level
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.crisis.repository import merge
from holdfast.service.crisis.response import CLEARS, SEES, acknowledge, clear, queue
from holdfast.service.storage.database import Database

Plant = Callable[[str], Awaitable[Any]]
NOBODY = UUID(int=0)


def steward(role: StewardRole, now: datetime, disabled_at: datetime | None = None) -> Steward:
    return Steward(id=UUID(int=1), name="ada", role=role, created=now, disabled_at=disabled_at)


states = st.builds(
    CrisisState, level=st.sampled_from(Level), categories=st.lists(st.sampled_from(Category), unique=True).map(tuple)
)


@given(stored=states, read=states, new=states)
def test_merging_never_lowers_what_came_in_between_and_loses_no_kind(
    stored: CrisisState, read: CrisisState, new: CrisisState
) -> None:
    merged = merge(stored=stored, read=read, new=new)
    if stored == read:
        assert merged == new
    else:
        assert merged.level == max(stored.level, new.level)
        assert set(merged.categories) == {*stored.categories, *new.categories}


async def test_a_clearing_worked_out_before_a_new_rise_does_not_undo_it(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        person = await work.persons.open(planted.person_id)
        before = CrisisState(level=Level.CONCERN)
        kept = await work.crisis.save(person, clear_by_check_in(now), read=before, now=now)
        assert kept.level is Level.CRISIS
        assert (await work.crisis.state(person)).level is Level.CRISIS


async def test_calm_is_not_even_a_row(database: Database, now: datetime) -> None:
    async with database.work() as work:
        person = await work.persons.create(now)
        assert await work.crisis.save(person, CrisisState(), read=CrisisState(), now=now) == CrisisState()
        assert await work.crisis.state(person) == CrisisState()


async def test_an_alert_says_how_grave_and_of_which_kind_and_nothing_else(
    database: Database, plant: Plant, now: datetime
) -> None:
    planted = await plant("windowpane")
    async with database.work(write=False) as work:
        (alert,) = await queue(work, steward(StewardRole.CLINICIAN, now))
    assert (alert.person_id, alert.level, alert.categories) == (planted.person_id, Level.CRISIS, (Category.SUICIDE,))
    assert (alert.opened, alert.acknowledged_at, alert.cleared_at) == (now, None, None)


async def test_the_queue_puts_the_gravest_first_then_the_oldest(database: Database, now: datetime) -> None:
    async with database.work() as work:
        for minutes, level in ((0, Level.CONCERN), (3, Level.CRISIS), (1, Level.CRISIS)):
            person = await work.persons.create(now)
            await work.alerts.open(person, CrisisState(level=level), now=now + timedelta(minutes=minutes))
        order = [(alert.level, (alert.opened - now).seconds // 60) for alert in await work.alerts.queue()]
    assert order == [(Level.CRISIS, 1), (Level.CRISIS, 3), (Level.CONCERN, 0)]


@pytest.mark.parametrize("role", StewardRole)
async def test_only_the_roles_that_may_see_and_clear_alerts_can(
    database: Database, plant: Plant, now: datetime, role: StewardRole
) -> None:
    await plant("windowpane")
    async with database.work() as work:
        (alert,) = await work.alerts.queue()
        who = steward(role, now)
        if role not in SEES:
            for act in (queue(work, who), acknowledge(work, who, alert.id, now=now)):
                with pytest.raises(AccessError, match=f"must be clinician or lived_experience .* got '{role.value}'"):
                    await act
        if role not in CLEARS:
            with pytest.raises(AccessError, match="Steward must be clinician to do this"):
                await clear(work, who, alert.id, now=now)
    assert frozenset({StewardRole.CLINICIAN}) == CLEARS
    assert CLEARS < SEES


async def test_a_disabled_steward_may_do_nothing(database: Database, plant: Plant, now: datetime) -> None:
    await plant("windowpane")
    async with database.work() as work:
        with pytest.raises(AccessError, match="Steward must be"):
            await queue(work, steward(StewardRole.CLINICIAN, now, disabled_at=now))


async def test_the_first_to_acknowledge_stays_on_record(database: Database, plant: Plant, now: datetime) -> None:
    planted = await plant("windowpane")
    async with database.work() as work:
        (alert,) = await work.alerts.queue()
        await acknowledge(work, steward(StewardRole.CLINICIAN, now), alert.id, now=now)
        await work.alerts.acknowledge(alert.id, by="grace", now=now + timedelta(minutes=1))
        (alert,) = await work.alerts.queue()
        person = await work.persons.open(planted.person_id)
        assert (await work.trace.about(person))[-1].payload == {"action": "acknowledged", "steward": "ada"}
    assert (alert.acknowledged_by, alert.acknowledged_at) == ("ada", now)


async def test_a_clinician_ends_a_crisis_under_their_name(database: Database, plant: Plant, now: datetime) -> None:
    planted, other = await plant("windowpane"), await plant("doorframe")
    async with database.work() as work:
        alert = next(alert for alert in await work.alerts.queue() if alert.person_id == planted.person_id)
        await clear(work, steward(StewardRole.CLINICIAN, now), alert.id, now=now)
        person = await work.persons.open(planted.person_id)
        state = await work.crisis.state(person)
        assert (state.level, state.cleared_by, state.cleared_name) == (Level.NONE, ClearedBy.STEWARD, "ada")
        assert [alert.person_id for alert in await work.alerts.queue()] == [other.person_id]
        assert (await work.trace.about(person))[-1].payload == {"action": "cleared", "steward": "ada"}


async def test_an_alert_that_does_not_exist_is_said_so(database: Database, now: datetime) -> None:
    async with database.work() as work:
        with pytest.raises(InputError, match="Alert must be one in the queue, and is not"):
            await clear(work, steward(StewardRole.CLINICIAN, now), NOBODY, now=now)
