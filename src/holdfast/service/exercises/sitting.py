"""One person's way through an exercise, as a form carries it from page to page.

What is kept is carried as a record's number and a place in it, so that no words lie in the page; going back in the
browser then takes back what came after. What may not be kept is carried whole, signed.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData

from holdfast.care.conversation.state import Purpose
from holdfast.care.intervention.exercise import Exercise
from holdfast.care.intervention.session import ExerciseSession
from holdfast.errors import AccessError, InputError
from holdfast.service.exercises.keeping import begin, keep, resume
from holdfast.service.exercises.repository import ExerciseRecord
from holdfast.service.web.carried import FIELD, carried, carry
from holdfast.service.web.fields import text_field
from holdfast.service.web.visitor import Visitor, person_for_writing, services_of

__all__ = ["Sitting", "begin_sitting", "kept_sitting", "read_sitting"]

_KIND = "exercise"


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """The entries so far, and the record they are kept in (None where nothing is kept)."""

    request: Request
    visitor: Visitor
    session: ExerciseSession
    record_id: UUID | None = None

    @property
    def exercise(self) -> Exercise:
        """The exercise that is practised."""
        return self.session.exercise

    @property
    def page(self) -> str:
        """The address of what is kept."""
        return f"/practise/{self.exercise.id}/entries/{self.record_id}"

    def token(self) -> str:
        """Return the signed text for the form's hidden field; raises as ``carry``."""
        if self.record_id is not None:
            place = {"record": str(self.record_id), "at": len(self.session.answers)}
            return carry(self.request, _KIND, place)
        saved = self.session.to_dict()
        answers = [{"step": row["step"], "value": row["value"]} for row in saved["answers"]]
        return carry(self.request, _KIND, {"session": {**saved, "answers": answers}})

    def moved(self, session: ExerciseSession) -> "Sitting":
        """Return the sitting with other entries."""
        return replace(self, session=session)

    async def keep(self) -> "Sitting":
        """Keep the entries where they are kept, beginning a record where there is none; otherwise do nothing."""
        services = services_of(self.request)
        if not self.visitor.allows(Purpose.EXERCISES):
            return self
        async with services.database.work() as work:
            person = await person_for_writing(self.request, work)
            now = services.clock()
            if self.record_id is None:
                return replace(self, record_id=(await begin(work, person, self.session, now=now)).id)
            await keep(work, person, self.record_id, self.session, now=now)
            return self


def begin_sitting(request: Request, visitor: Visitor, exercise: Exercise) -> Sitting:
    """Return a sitting at the first step, not kept yet."""
    session = ExerciseSession.start(exercise, services_of(request).clock())
    return Sitting(request=request, visitor=visitor, session=session)


def kept_sitting(request: Request, visitor: Visitor, record: ExerciseRecord) -> Sitting:
    """Return the sitting that is kept; raises as ``resume``."""
    session = resume(record, services_of(request).parts.exercises)
    return Sitting(request=request, visitor=visitor, session=session, record_id=record.id)


async def read_sitting(request: Request, visitor: Visitor, exercise: Exercise, form: FormData) -> Sitting:
    """Return the sitting that a form carries.

    Raises:
        AccessError: The record is not the visitor's own, or is gone.
        InputError: The form is stale, altered or another exercise's, or the exercise has changed since.
    """
    value = carried(request, _KIND, text_field(form, FIELD))
    if "record" not in value:
        session = ExerciseSession.from_dict(value.get("session", {}), exercise)
        return Sitting(request=request, visitor=visitor, session=session)
    if visitor.person_id is None:
        raise AccessError("Exercise must be one of this person's own, and is not; open one from their list.")
    async with services_of(request).database.work(write=False) as work:
        record = await work.exercises.get(await work.persons.open(visitor.person_id), UUID(value["record"]))
    if record.exercise != exercise.id:
        raise InputError("This form must be sent for the exercise it was opened with; please start anew.")
    return _rewound(kept_sitting(request, visitor, record), int(value["at"]))


def _rewound(sitting: Sitting, answers: int) -> Sitting:
    session = sitting.session
    while len(session.answers) > answers and not session.is_over:
        session = session.back()
    return sitting.moved(session)
