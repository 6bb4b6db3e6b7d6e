"""One person's way through a check-in, as a form carries it from page to page."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import Request
from starlette.datastructures import FormData

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.scoring import not_asked
from holdfast.care.assessment.screening import Screening, start
from holdfast.care.conversation.state import Purpose
from holdfast.errors import InputError
from holdfast.service.check_ins.keeping import keep_screening
from holdfast.service.check_ins.repository import CheckIn
from holdfast.service.web.carried import FIELD, carried, carry
from holdfast.service.web.fields import text_field
from holdfast.service.web.visitor import Visitor, person_for_writing, services_of

__all__ = ["Sitting", "asked", "begin_sitting", "chosen_value", "chosen_values", "read_sitting", "screening_of"]

_KIND = "check-in"


@dataclass(frozen=True, kw_only=True)
class Sitting:
    """The answers so far, and the kept check-in they belong to (None where nothing is kept, or not yet)."""

    request: Request
    visitor: Visitor
    screening: Screening
    record_id: UUID | None = None

    @property
    def keeps(self) -> bool:
        """Whether the visitor agreed to check-ins being kept."""
        return self.visitor.allows(Purpose.CHECK_INS)

    @property
    def instrument(self) -> Instrument:
        """The instrument that is answered."""
        return self.screening.instrument

    def token(self) -> str:
        """Return the signed text for the form's hidden field."""
        record = None if self.record_id is None else str(self.record_id)
        return carry(self.request, _KIND, {"screening": self.screening.to_dict(), "record": record})

    def moved(self, screening: Screening) -> "Sitting":
        """Return the sitting with other answers."""
        return replace(self, screening=screening)

    async def keep(self) -> CheckIn:
        """Keep the answers, and the result once there is one; raises as ``keep_screening``."""
        services = services_of(self.request)
        async with services.database.work() as work:
            person = await person_for_writing(self.request, work)
            return await keep_screening(work, person, self.screening, record_id=self.record_id, now=services.clock())


def begin_sitting(request: Request, visitor: Visitor, instrument: Instrument) -> Sitting:
    """Return a sitting with nothing answered; nothing is kept before the first answer."""
    return Sitting(request=request, visitor=visitor, screening=start(instrument, services_of(request).clock()))


def read_sitting(request: Request, visitor: Visitor, instrument: Instrument, form: FormData) -> Sitting:
    """Return the sitting that a form carries.

    Raises:
        InputError: The form is stale, altered, another instrument's, or the instrument has been updated since.
    """
    value = carried(request, _KIND, text_field(form, FIELD))
    screening = Screening.from_dict(value.get("screening", {}), services_of(request).parts.instruments)
    if screening.instrument.id != instrument.id:
        raise InputError("This form must be sent for the questions it was opened with; please start anew.")
    sitting = Sitting(request=request, visitor=visitor, screening=screening)
    record = value.get("record")
    is_withdrawn = visitor.person_id is not None and not sitting.keeps
    return replace(sitting, record_id=UUID(record)) if record and not is_withdrawn else sitting


def chosen_values(instrument: Instrument, form: FormData) -> dict[str, int | None]:
    """Return the answer chosen for each question of an all-at-once form; None for none, or for what is no answer."""
    return {item.id: chosen_value(instrument, item, text_field(form, item.id)) for item in asked(instrument)}


def chosen_value(instrument: Instrument, item: Item, text: str) -> int | None:
    """Return the value that ``text`` names among an item's answers, or None."""
    return next((value for value in instrument.values_of(item) if str(value) == text.strip()), None)


def asked(instrument: Instrument) -> tuple[Item, ...]:
    """Return every question, the one about daily life last."""
    return (*instrument.items, *((instrument.functional,) if instrument.functional else ()))


def screening_of(values: Mapping[str, int | None], begun: Screening) -> Screening:
    """Return ``begun`` with every question answered; one that does not apply counts where it was answered."""
    items = asked(begun.instrument)
    skipped = not_asked(begun.instrument, {item.id: values.get(item.id) for item in items})
    given = ((item.id, values.get(item.id)) for item in items)
    return replace(begun, given=tuple(pair for pair in given if pair[1] is not None or pair[0] not in skipped))
