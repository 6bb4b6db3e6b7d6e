"""Keep a check-in or an exercise that ended in a chat, as a record like those made on its own pages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from holdfast.care.assessment.catalogue import Catalogue as Instruments
from holdfast.care.assessment.screening import Screening
from holdfast.care.conversation.state import Activity, ActivityKind, Purpose
from holdfast.care.intervention.catalogue import Catalogue as Exercises
from holdfast.care.intervention.session import ExerciseSession
from holdfast.care.intervention.under_way import UnderWay
from holdfast.errors import InputError
from holdfast.service.accounts.person import Person
from holdfast.service.check_ins.keeping import keep_screening
from holdfast.service.exercises.keeping import begin, keep
from holdfast.service.exercises.repository import Status
from holdfast.service.storage.work import Work

__all__ = ["keep_finished"]


async def keep_finished(
    work: Work, person: Person, finished: Activity, *, instruments: Instruments, exercises: Exercises, now: datetime
) -> bool:
    """Keep what ended, where consent allows it; return whether it was kept.

    An exercise that was begun under an earlier version of its file is kept too, as it was then.
    """
    standing = await work.consents.standing(person)
    if finished.kind is ActivityKind.SCREENING:
        if Purpose.CHECK_INS not in standing:
            return False
        screening = Screening.from_dict(finished.progress["screening"], instruments)
        await keep_screening(work, person, screening, record_id=None, now=now)
        return True
    if Purpose.EXERCISES not in standing:
        return False
    under_way = UnderWay.of(finished)
    for saved in (*under_way.earlier, *([under_way.session] if under_way.session else ())):
        await _keep_exercise(work, person, finished.id, saved, exercises, now)
    return True


async def _keep_exercise(
    work: Work, person: Person, exercise_id: str, saved: Mapping[str, Any], exercises: Exercises, now: datetime
) -> None:
    try:
        session = ExerciseSession.from_dict(saved, exercises.get(exercise_id))
    except InputError:  # saved from a version, or an exercise, that is not here any more
        version, progress = str(saved.get("version", "")), {"session": dict(saved)}
        record = await work.exercises.start(person, exercise_id, version=version, progress=progress, now=now)
        await work.exercises.save(person, record.id, progress, now=now, status=Status.STOPPED)
        return
    record = await begin(work, person, session, now=now)
    await keep(work, person, record.id, session, now=now)
