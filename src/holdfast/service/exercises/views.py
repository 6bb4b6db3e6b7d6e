"""What the exercise templates show."""

from collections.abc import Iterable
from typing import Any

from holdfast.care.intervention.exercise import Exercise, Offer
from holdfast.care.intervention.session import ExerciseSession
from holdfast.service.exercises.repository import ExerciseRecord, Status

__all__ = ["describe", "ending", "offers", "prior", "record_rows"]

_STATES = {Status.UNDER_WAY: "under way", Status.COMPLETED: "finished", Status.STOPPED: "stopped early"}
_OFFERS = {
    Offer.HELP_NOW: {"label": "Help now", "path": "/help"},
    Offer.HUMAN: {"label": "Find a person to talk to", "path": "/learn?topic=therapy-and-finding-care"},
}


def describe(exercise: Exercise) -> dict[str, Any]:
    """Return what pages say of an exercise, its contraindications first."""
    return {
        "id": exercise.id,
        "title": exercise.title,
        "summary": exercise.summary,
        "minutes": exercise.minutes,
        "warnings": [
            {"when": line.when, "instead": line.instead, "offer": _OFFERS.get(line.offer) if line.offer else None}
            for line in exercise.contraindications
        ],
        "evidence_note": exercise.evidence_note,
        "sources": [f"{work.authors} ({work.year}). {work.title}. {work.publisher}." for work in exercise.evidence],
        "review": exercise.review,
    }


def offers(session: ExerciseSession) -> list[dict[str, str]]:
    """Return what is offered in place of an exercise that a stop rule ended."""
    return [] if session.stop_rule is None else [_OFFERS[offer] for offer in session.stop_rule.offers]


def ending(session: ExerciseSession) -> tuple[str, str]:
    """Return the heading of the last page, and what is said before the person's own words."""
    if session.stop_rule is not None:
        return "Let us stop here", session.stop_rule.text
    if not session.is_done:
        return "Your words so far", ""
    return (f"My {session.exercise.title.lower()}" if session.exercise.shows_people else "You have finished"), ""


def prior(session: ExerciseSession) -> list[str]:
    """Return the last answer given as a form would send it, for the step that is gone back to."""
    value = session.answers[-1].value if session.answers else None
    if value is None:
        return []
    return list(value) if isinstance(value, tuple) else [str(value)]


def record_rows(records: Iterable[ExerciseRecord], titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return what was kept as rows, newest first."""
    rows = [
        {
            "id": record.id,
            "exercise": record.exercise,
            "title": titles.get(record.exercise, record.exercise),
            "started": record.started,
            "state": _STATES[record.status],
        }
        for record in records
    ]
    return rows[::-1]
