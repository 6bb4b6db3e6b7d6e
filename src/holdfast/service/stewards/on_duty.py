"""Go on and off duty, on record. Only those who may see alerts can be on duty for them."""

from datetime import datetime

from holdfast.errors import AccessError
from holdfast.service.accounts.steward import Steward
from holdfast.service.crisis.response import SEES
from holdfast.service.stewards.duty import OnDuty
from holdfast.service.storage.work import Work

__all__ = ["go_off_duty", "go_on_duty"]

_KIND = "steward"


async def go_on_duty(work: Work, steward: Steward, *, minutes: int, now: datetime) -> OnDuty:
    """Put ``steward`` on duty for ``minutes``, after which it ends by itself unless they are seen again.

    Raises:
        AccessError: The steward's role does not see alerts, or they lost their access.
    """
    if steward.role not in SEES or steward.disabled_at is not None:
        wanted = " or ".join(sorted(role.value for role in SEES))
        raise AccessError(f"Steward must be {wanted} to be on duty, got {steward.role.value!r}; ask one who is.")
    begun = await work.duty.go_on(steward, minutes=minutes, now=now)
    await work.trace.append(_KIND, {"action": "on duty", "steward": steward.name, "minutes": minutes}, at=now)
    work.counters.add(now.date(), "duty.on")
    return begun


async def go_off_duty(work: Work, steward: Steward, *, now: datetime) -> bool:
    """Take ``steward`` off duty; return whether they were on."""
    was_on = await work.duty.go_off(steward, now=now)
    if was_on:
        await work.trace.append(_KIND, {"action": "off duty", "steward": steward.name}, at=now)
    return was_on
