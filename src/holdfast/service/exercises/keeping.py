"""Keep an exercise's entries as they come, and read them back, whatever version they were written in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.care.intervention.catalogue import Catalogue
from holdfast.care.intervention.exercise import PERSON
from holdfast.care.intervention.markdown import plain
from holdfast.care.intervention.session import Entry, ExerciseSession, saved_entries
from holdfast.care.intervention.summary import summary
from holdfast.errors import InputError
from holdfast.service.accounts.person import Person
from holdfast.service.exercises.repository import ExerciseRecord, Status
from holdfast.service.storage.work import Work

__all__ = ["as_text", "begin", "entries", "keep", "resume", "status_of"]


async def begin(work: Work, person: Person, session: ExerciseSession, *, now: datetime) -> ExerciseRecord:
    """Begin to keep an exercise.

    Raises:
        ConsentError: ``person`` does not agree to exercises being kept.
    """
    exercise = session.exercise
    progress = {"session": session.to_dict()}
    return await work.exercises.start(person, exercise.id, version=exercise.version, progress=progress, now=now)


async def keep(
    work: Work, person: Person, record_id: UUID, session: ExerciseSession, *, now: datetime
) -> ExerciseRecord:
    """Keep the entries so far. An exercise a person stopped can be gone on with; one a stop rule ended cannot.

    Raises:
        AccessError: The exercise is not this person's.
        ConsentError: The person does not agree to exercises being kept.
        InputError: The exercise is no longer under way.
    """
    status = status_of(session)
    return await work.exercises.save(person, record_id, {"session": session.to_dict()}, now=now, status=status)


def status_of(session: ExerciseSession) -> Status:
    """Return how far a session has come."""
    if session.is_done:
        return Status.COMPLETED
    return Status.STOPPED if session.stopped_reason not in (None, PERSON) else Status.UNDER_WAY


def resume(record: ExerciseRecord, catalogue: Catalogue) -> ExerciseSession:
    """Return the session that a kept exercise holds.

    Raises:
        UnknownNameError: There is no such exercise any more.
        InputError: The exercise has changed since, or what is kept does not fit it.
    """
    return ExerciseSession.from_dict(_session(record), catalogue.get(record.exercise))


def entries(record: ExerciseRecord) -> tuple[Entry, ...]:
    """Return what the person gave, in words, without the exercise's file."""
    return saved_entries(_session(record))


def as_text(record: ExerciseRecord, catalogue: Catalogue) -> str:
    """Return a kept exercise as plain text to take away: the summary, or the bare entries of an earlier version."""
    title = catalogue.get(record.exercise).title if record.exercise in catalogue else record.exercise
    heading = f"{title}\n{record.started:%d %B %Y}\n\n"
    try:
        return heading + plain(summary(resume(record, catalogue))) + "\n"
    except InputError:
        return heading + "\n\n".join(f"{entry.label}\n{entry.value}" for entry in entries(record)) + "\n"


def _session(record: ExerciseRecord) -> Mapping[str, Any]:
    saved = record.progress.get("session")
    return saved if isinstance(saved, Mapping) else {}
