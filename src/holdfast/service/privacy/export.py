"""Hand a person everything that is kept about them, readable and complete."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from holdfast.service.accounts.person import Person
from holdfast.service.check_ins.repository import CheckIn
from holdfast.service.conversation.repository import Chat, KeptTurn
from holdfast.service.exercises.repository import ExerciseRecord
from holdfast.service.storage.work import Work

__all__ = ["FORMAT", "export"]

FORMAT = "holdfast-export-1"
"""Names the layout of an export; it changes when the layout does."""


async def export(work: Work, person: Person, *, now: datetime) -> dict[str, Any]:
    """Return everything kept about ``person`` as JSON-ready values, opened, under plain names.

    What is kept but not handed out: the passphrase's hash and the wrapped key, which only serve to keep others out.
    """
    return {
        "format": FORMAT,
        "exported_at": now.isoformat(),
        "about_you": _profile(person),
        "consents": [_consent(consent) for consent in map(asdict, await work.consents.history(person))],
        "chats": [await _chat(work, person, chat) for chat in reversed(await work.chats.list(person))],
        "check_ins": [_check_in(check_in) for check_in in await work.check_ins.list(person)],
        "exercises": [_exercise(exercise) for exercise in await work.exercises.list(person)],
        "safety": await _safety(work, person),
        "why_records": [
            {"number": record.seq, "at": record.at, "kind": record.kind, "record": record.payload}
            for record in await work.trace.about(person)
        ],
    }


def _profile(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "first_seen": person.created.isoformat(),
        "last_seen": person.last_seen.isoformat(),
        "country": person.region,
        "reads_for": person.audience.value,
        "age": person.age.value,
        "last_told_this_is_software": _moment(person.last_notice),
        "return_name": person.return_name,
        "has_passphrase": person.return_name is not None,
    }


def _consent(consent: dict[str, Any]) -> dict[str, Any]:
    return {
        "purpose": consent["purpose"].value,
        "text_version": consent["version"],
        "given_at": consent["given_at"].isoformat(),
        "ended_at": _moment(consent["withdrawn_at"]),
    }


async def _chat(work: Work, person: Person, chat: Chat) -> dict[str, Any]:
    under_way = None
    if chat.activity is not None:
        activity = chat.activity
        under_way = {"kind": activity.kind.value, "id": activity.id, "progress": dict(activity.progress)}
    return {
        "started_at": chat.created.isoformat(),
        "last_used_at": chat.updated.isoformat(),
        "under_way": under_way,
        "turns": list(_turns(await work.chats.turns(person, chat.id))),
    }


def _turns(turns: Iterable[KeptTurn]) -> Iterable[dict[str, Any]]:
    for kept in turns:
        row: dict[str, Any] = {"at": kept.at.isoformat(), "said_by": kept.turn.role.value, "text": kept.turn.text}
        if kept.reply is not None:
            row |= {"reply": asdict(kept.reply), "why_record": kept.trace_seq}
        yield row


def _check_in(check_in: CheckIn) -> dict[str, Any]:
    return {
        "instrument": check_in.instrument,
        "instrument_version": check_in.version,
        "status": check_in.status.value,
        "started_at": check_in.started.isoformat(),
        "last_changed_at": check_in.updated.isoformat(),
        "completed_at": _moment(check_in.completed),
        "answers": dict(check_in.progress),
        "result": None if check_in.result is None else dict(check_in.result),
    }


def _exercise(exercise: ExerciseRecord) -> dict[str, Any]:
    return {
        "exercise": exercise.exercise,
        "exercise_version": exercise.version,
        "status": exercise.status.value,
        "started_at": exercise.started.isoformat(),
        "last_changed_at": exercise.updated.isoformat(),
        "completed_at": _moment(exercise.completed),
        "entries": dict(exercise.progress),
    }


async def _safety(work: Work, person: Person) -> dict[str, Any]:
    alerts = [
        {
            "opened_at": alert.opened.isoformat(),
            "level": alert.level.label,
            "kinds": [category.value for category in alert.categories],
            "seen_by_staff_at": _moment(alert.acknowledged_at),
            "closed_at": _moment(alert.cleared_at),
        }
        for alert in await work.alerts.of(person)
    ]
    return {"state": (await work.crisis.state(person)).to_dict(), "alerts": alerts}


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
