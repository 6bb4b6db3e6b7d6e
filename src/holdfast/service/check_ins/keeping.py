"""Keep a screening's answers and, once it can be scored, its result; and read both back."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.history import Point
from holdfast.care.assessment.result import Explanation, explain
from holdfast.care.assessment.score import Score
from holdfast.care.assessment.screening import Screening
from holdfast.errors import AnswersError, UnknownNameError
from holdfast.service.accounts.person import Person
from holdfast.service.check_ins.repository import CheckIn
from holdfast.service.storage.work import Work

__all__ = ["explained", "keep_screening", "kept_points", "resume", "scored"]


def scored(screening: Screening) -> Score | None:
    """Return the score, or None while questions are open or too many were left blank."""
    try:
        return screening.result()
    except AnswersError:
        return None


async def keep_screening(
    work: Work, person: Person, screening: Screening, *, record_id: UUID | None, now: datetime
) -> CheckIn:
    """Keep the answers so far, and the result as soon as there is one.

    Args:
        work: An open unit that writes.
        person: Who answers, opened in this unit.
        screening: The answers so far.
        record_id: The check-in they belong to; None begins one.
        now: The current moment.

    Raises:
        AccessError: The check-in is not this person's.
        ConsentError: The person does not agree to check-ins being kept.
        InputError: The check-in is no longer under way.
    """
    progress = screening.to_dict()
    if record_id is None:
        version = str(screening.instrument.version)
        begun = await work.check_ins.start(person, screening.instrument.id, version=version, progress=progress, now=now)
        record_id = begun.id
    score = scored(screening)
    if score is None:
        return await work.check_ins.save(person, record_id, progress, now=now)
    result = {**score.to_dict(), "explanation": explain(score).to_dict()}
    return await work.check_ins.complete(person, record_id, progress=progress, result=result, now=now)


def resume(check_in: CheckIn, catalogue: Catalogue) -> Screening:
    """Return the screening that a kept check-in holds.

    Raises:
        UnknownNameError: There is no such instrument any more.
        AnswersError: The instrument has been updated since, or what is kept is damaged.
    """
    return Screening.from_dict(check_in.progress, catalogue)


def explained(check_in: CheckIn, catalogue: Catalogue) -> Explanation | None:
    """Return a kept result in the words it was first given, or None where there is no result to be read."""
    saved = (check_in.result or {}).get("explanation")
    known = {field.name for field in fields(Explanation)}
    if isinstance(saved, dict) and set(saved) == known:
        return Explanation(**{name: _tupled(value) for name, value in saved.items()})
    try:
        return explain(resume(check_in, catalogue).result())
    except (AnswersError, UnknownNameError):
        return None


def kept_points(check_ins: tuple[CheckIn, ...]) -> tuple[Point, ...]:
    """Return when each completed check-in was and its total; those without a total are left out."""
    return tuple(
        (check_in.completed, check_in.result["total"])
        for check_in in check_ins
        if check_in.completed is not None
        and check_in.result is not None
        and isinstance(check_in.result.get("total"), int)
    )


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
