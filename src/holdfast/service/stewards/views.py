"""What the console shows of alerts, duty and the fallback: levels, kinds, times and names of stewards."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from holdfast.service.accounts.steward import Steward
from holdfast.service.crisis.alert import Alert
from holdfast.service.crisis.escalation import Channel, Escalation
from holdfast.service.stewards.duty import OnDuty

__all__ = ["alert_row", "duty_view", "span_in_words"]

_CHANNELS = {Channel.EMAIL: "e-mail", Channel.WEBHOOK: "webhook"}
_STAGES = {1: "First message", 2: "Second message"}


def span_in_words(span: timedelta) -> str:
    """Return a span as "3 minutes", in the largest unit that fits; a negative one as none at all."""
    minutes = max(0, int(span.total_seconds() // 60))
    hours, days = minutes // 60, minutes // (60 * 24)
    count, unit = (days, "day") if days else (hours, "hour") if hours else (minutes, "minute")
    return f"{count} {unit}{'' if count == 1 else 's'}"


def alert_row(
    alert: Alert, messages: Sequence[Escalation], *, steward: Steward, ack: timedelta, now: datetime
) -> dict[str, Any]:
    """Return one alert as the console shows it. ``messages`` are those about this alert."""
    return {
        "id": alert.id,
        "opened": alert.opened,
        "level": alert.level.label,
        "kinds": ", ".join(category.value.replace("_", " ") for category in alert.categories) or "not clear",
        "waiting": span_in_words(now - alert.opened),
        "again": None if alert.signalled_at is None else span_in_words(now - alert.signalled_at),
        "is_drill": alert.is_drill,
        "is_seen": alert.acknowledged_at is not None,
        "is_overdue": _is_overdue(alert, ack, now),
        "clock": _clock(alert, ack, now),
        "owner": alert.owner,
        "is_mine": alert.owner == steward.name,
        "messages": [_message(one) for one in messages],
    }


def duty_view(on_duty: Sequence[OnDuty], *, steward: Steward, absent: Sequence[str]) -> dict[str, Any]:
    """Return who is on duty, and who the rota says should be and is not."""
    mine = next((one for one in on_duty if one.steward_id == steward.id), None)
    return {
        "until": None if mine is None else mine.expires,
        "names": [one.name for one in on_duty],
        "others": [one.name for one in on_duty if one.steward_id != steward.id],
        "absent": list(absent),
    }


def _is_overdue(alert: Alert, ack: timedelta, now: datetime) -> bool:
    return alert.acknowledged_at is None and (now - alert.opened >= ack or now < alert.opened)


def _clock(alert: Alert, ack: timedelta, now: datetime) -> str:
    """Say how the time to acknowledge an alert stands."""
    if alert.acknowledged_at is not None:
        return f"Seen by {alert.acknowledged_by} after {span_in_words(alert.acknowledged_at - alert.opened)}"
    if _is_overdue(alert, ack, now):
        return f"Overdue by {span_in_words(now - alert.opened - ack)}; nobody has seen it"
    left = alert.opened + ack - now
    return f"To be seen within {span_in_words(left + timedelta(seconds=59))}"


def _message(one: Escalation) -> dict[str, Any]:
    """Return a message to the fallback as a sentence; ``is_failing`` where it did not get through yet."""
    stage = _STAGES.get(one.stage, "Message")
    if one.channel is Channel.NOBODY:
        return {"text": f"{stage}: not sent. No fallback is set, so nobody was told.", "is_failing": True}
    how = f"{stage} by {_CHANNELS[one.channel]}"
    if one.delivered_at is not None:
        return {"text": f"{how}: delivered {one.delivered_at:%H:%M} UTC.", "is_failing": False}
    if one.withdrawn_at is not None:
        return {"text": f"{how}: not needed any more.", "is_failing": False}
    if one.attempts:
        tries = f"{one.attempts} {'try' if one.attempts == 1 else 'tries'}"
        when = f"{one.next_attempt:%H:%M} UTC"
        return {"text": f"{how}: not delivered after {tries} ({one.trouble}). Next try {when}.", "is_failing": True}
    return {"text": f"{how}: about to be sent.", "is_failing": False}
