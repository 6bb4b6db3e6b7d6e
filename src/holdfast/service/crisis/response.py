"""What stewards may do about alerts, and who may do it."""

from datetime import datetime, timedelta
from uuid import UUID

from holdfast.errors import AccessError, InputError
from holdfast.safety.crisis.clearing import clear_by_steward
from holdfast.service.accounts.steward import Steward, StewardRole
from holdfast.service.crisis.alert import Alert
from holdfast.service.crisis.keeping import close_alerts
from holdfast.service.storage.work import Work

__all__ = ["CLEARS", "SEES", "acknowledge", "clear", "hand_over", "queue", "take"]

SEES = frozenset({StewardRole.CLINICIAN, StewardRole.LIVED_EXPERIENCE})
"""Roles that see alerts and may acknowledge them."""

CLEARS = frozenset({StewardRole.CLINICIAN})
"""Roles that may end a person's crisis state."""

_ALERT = "alert"
_WITHIN_MINUTES = (1, 5, 15, 60)


async def queue(work: Work, steward: Steward) -> tuple[Alert, ...]:
    """Return the open alerts, gravest first.

    Raises:
        AccessError: The steward's role does not see alerts.
    """
    _check(steward, SEES)
    return await work.alerts.queue()


async def acknowledge(work: Work, steward: Steward, alert_id: UUID, *, now: datetime) -> None:
    """Record that ``steward`` has seen an alert, which stops its clock. Whoever sees it first also owns it.

    Raises:
        AccessError: The steward's role does not see alerts.
        InputError: There is no such alert.
    """
    _check(steward, SEES)
    alert = await _alert(work, alert_id)
    is_first = await work.alerts.acknowledge(alert_id, by=steward.name, now=now)
    await work.alerts.take(alert_id, by=steward.name, now=now)
    await work.escalations.withdraw((alert_id,), now=now)
    if is_first:
        prefix = "drill" if alert.is_drill else "alert"
        work.counters.add(now.date(), f"{prefix}.seen_{_how_soon(now - alert.opened)}")
    await _trace(work, alert, {"action": "acknowledged", "steward": steward.name}, now=now)


async def take(work: Work, steward: Steward, alert_id: UUID, *, now: datetime) -> None:
    """Make ``steward`` the owner of an alert, which counts as having seen it. Somebody else's is taken over.

    Raises:
        AccessError: The steward's role does not see alerts.
        InputError: There is no such alert.
    """
    await acknowledge(work, steward, alert_id, now=now)
    alert = await _alert(work, alert_id)
    if alert.owner is not None and alert.owner != steward.name:
        await work.alerts.hand_over(alert_id, by=alert.owner, to=steward.name, now=now)
        payload = {"action": "taken over", "steward": steward.name, "from": alert.owner}
        await _trace(work, alert, payload, now=now)


async def hand_over(work: Work, steward: Steward, alert_id: UUID, *, to: str, now: datetime) -> None:
    """Hand an alert that ``steward`` owns to another, who must be on duty: nobody is handed one while away.

    Raises:
        AccessError: The steward's role does not see alerts.
        InputError: There is no such alert, it is not the steward's own, or ``to`` is not on duty.
    """
    _check(steward, SEES)
    alert = await _alert(work, alert_id)
    if to == steward.name or to not in {one.name for one in await work.duty.now_on(now) if one.role in SEES}:
        raise InputError("Alert must be handed to another steward who is on duty, got one who is not; ask them first.")
    if not await work.alerts.hand_over(alert_id, by=steward.name, to=to, now=now):
        raise InputError("Alert must be yours to hand over, and is not; take it first.")
    await _trace(work, alert, {"action": "handed over", "steward": steward.name, "to": to}, now=now)


async def clear(work: Work, steward: Steward, alert_id: UUID, *, now: datetime) -> None:
    """End the crisis state of the person an alert is about, under the steward's name, and close their alerts.

    Raises:
        AccessError: The steward's role may not clear a crisis.
        InputError: There is no such alert.
    """
    _check(steward, CLEARS)
    alert = await _alert(work, alert_id)
    person = await work.persons.open(alert.person_id)
    state = await work.crisis.locked_state(person)
    if not alert.is_drill:
        await work.crisis.save(person, clear_by_steward(steward.name, now), read=state, now=now)
    await close_alerts(work, person, by=steward.name, now=now)
    await _trace(work, alert, {"action": "cleared", "steward": steward.name}, now=now)


async def _alert(work: Work, alert_id: UUID) -> Alert:
    found = await work.alerts.get(alert_id)
    if found is None:
        raise InputError("Alert must be one in the queue, and is not; open one from the list.")
    return found


async def _trace(work: Work, alert: Alert, payload: dict[str, str], *, now: datetime) -> None:
    await work.trace.append(_ALERT, payload, at=now, person=await work.persons.open(alert.person_id))


def _how_soon(waited: timedelta) -> str:
    """Return which count a time to acknowledgement belongs to. It is a word, so that nobody's moment is kept."""
    minutes = waited.total_seconds() / 60
    within = next((most for most in _WITHIN_MINUTES if minutes <= most), None)
    return "later" if within is None else f"within_{within}_minutes"


def _check(steward: Steward, roles: frozenset[StewardRole]) -> None:
    if steward.role not in roles or steward.disabled_at is not None:
        wanted = " or ".join(sorted(role.value for role in roles))
        raise AccessError(f"Steward must be {wanted} to do this, got {steward.role.value!r}; ask one who is.")
