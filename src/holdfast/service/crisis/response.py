"""What stewards may do about alerts, and who may do it."""

from datetime import datetime
from uuid import UUID

from holdfast.errors import AccessError
from holdfast.safety.crisis.clearing import clear_by_steward
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.crisis.alert import Alert
from holdfast.service.storage.work import Work

__all__ = ["CLEARS", "SEES", "acknowledge", "clear", "queue"]

SEES = frozenset({StewardRole.CLINICIAN, StewardRole.LIVED_EXPERIENCE})
"""Roles that see alerts and may acknowledge them."""

CLEARS = frozenset({StewardRole.CLINICIAN})
"""Roles that may end a person's crisis state."""

_ALERT = "alert"


async def queue(work: Work, steward: Steward) -> tuple[Alert, ...]:
    """Return the open alerts, gravest first.

    Raises:
        AccessError: The steward's role does not see alerts.
    """
    _check(steward, SEES)
    return await work.alerts.queue()


async def acknowledge(work: Work, steward: Steward, alert_id: UUID, *, now: datetime) -> None:
    """Record that ``steward`` has seen an alert.

    Raises:
        AccessError: The steward's role does not see alerts.
        InputError: There is no such alert.
    """
    _check(steward, SEES)
    person = await work.persons.open(await work.alerts.person_of(alert_id))
    await work.alerts.acknowledge(alert_id, by=steward.name, now=now)
    payload = {"action": "acknowledged", "steward": steward.name}
    await work.trace.append(_ALERT, payload, at=now, person=person)


async def clear(work: Work, steward: Steward, alert_id: UUID, *, now: datetime) -> None:
    """End the crisis state of the person an alert is about, under the steward's name, and close their alerts.

    Raises:
        AccessError: The steward's role may not clear a crisis.
        InputError: There is no such alert.
    """
    _check(steward, CLEARS)
    person = await work.persons.open(await work.alerts.person_of(alert_id))
    state = await work.crisis.state(person)
    await work.crisis.save(person, clear_by_steward(steward.name, now), read=state, now=now)
    await work.alerts.clear(person, by=steward.name, now=now)
    await work.trace.append(_ALERT, {"action": "cleared", "steward": steward.name}, at=now, person=person)


def _check(steward: Steward, roles: frozenset[StewardRole]) -> None:
    if steward.role not in roles or steward.disabled_at is not None:
        wanted = " or ".join(sorted(role.value for role in roles))
        raise AccessError(f"Steward must be {wanted} to do this, got {steward.role.value!r}; ask one who is.")
