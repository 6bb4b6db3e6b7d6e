"""A screening under way: one question at a time, resumable, with risk seen before the next question."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from holdfast.care.assessment.catalogue import Catalogue
from holdfast.care.assessment.instrument import FUNCTIONAL, Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.risk import risk_in, risk_of
from holdfast.care.assessment.score import Score
from holdfast.care.assessment.scoring import check_answer, not_asked, score
from holdfast.errors import AnswersError
from holdfast.safety.detection.verdict import Detection

__all__ = ["Screening", "start"]


@dataclass(frozen=True, kw_only=True)
class Screening:
    """A person's way through an instrument. Every step returns a new one; nothing is lost by stopping.

    ``given`` holds (item id, value) in the order answered; None as a value is a question left blank on purpose.
    """

    instrument: Instrument = field(repr=False)
    started: datetime
    given: tuple[tuple[str, int | None], ...] = field(default=(), repr=False)

    @property
    def pending(self) -> Item | None:
        """The question to ask next, or None when all that apply have been asked.

        How hard things have been is asked last, and only if some problem was marked.
        """
        answered = dict(self.given)
        skipped = not_asked(self.instrument, answered)
        for item in self.instrument.items:
            if item.id not in answered and item.id not in skipped:
                return item
        marked = any(value for item_id, value in self.given if item_id != FUNCTIONAL)
        return self.instrument.functional if marked and FUNCTIONAL not in answered else None

    @property
    def is_complete(self) -> bool:
        """Whether every question that applies was asked."""
        return self.pending is None

    @property
    def number(self) -> int:
        """Which question is pending, from 1; past the end it is the count of questions plus one."""
        item = self.pending
        ids = [other.id for other in self.instrument.items]
        return ids.index(item.id) + 1 if item is not None and item.id in ids else len(ids) + 1

    @property
    def blank(self) -> tuple[str, ...]:
        """Ids of scored questions left blank so far."""
        return tuple(item_id for item_id, value in self.given if value is None and item_id != FUNCTIONAL)

    @property
    def risk(self) -> Detection | None:
        """What the risk items answered so far signal, or None; known before the next question is asked."""
        return risk_in(self.instrument, self.given)

    @property
    def newest_risk(self) -> Detection | None:
        """What the latest answer alone signals, or None: whether to open the crisis path now."""
        return risk_of(self.instrument, *self.given[-1]) if self.given else None

    def answer(self, value: int | None) -> "Screening":
        """Answer the pending question; None leaves it blank.

        Raises:
            AnswersError: Nothing is pending, or the question has no such answer.
        """
        item = self.pending
        if item is None:
            raise AnswersError(f"{self.instrument.short_name} must have a question left to answer; it has none.")
        check_answer(self.instrument, item, value)
        return replace(self, given=(*self.given, (item.id, value)))

    def back(self) -> "Screening":
        """Return to the question before; at the first question nothing changes."""
        return replace(self, given=self.given[:-1])

    def reopen_blank(self) -> "Screening":
        """Ask the questions left blank again, keeping every answer given."""
        kept = tuple(pair for pair in self.given if pair[0] not in self.blank)
        return replace(self, given=kept)

    def result(self) -> Score:
        """Score what was answered.

        Raises:
            AnswersError: Questions remain, or too many were left blank for a score.
        """
        if self.pending is not None:
            raise AnswersError(
                f"{self.instrument.short_name} must be finished before it is scored; question {self.number} is open."
            )
        answered = dict(self.given)
        answers = [answered.get(item.id) for item in self.instrument.items]
        return score(self.instrument, answers, functional=answered.get(FUNCTIONAL))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON-ready values to resume from."""
        return {
            "instrument": self.instrument.id,
            "version": self.instrument.version,
            "wording_sha256": self.instrument.wording_sha256,
            "started": self.started.isoformat(),
            "given": [list(pair) for pair in self.given],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], catalogue: Catalogue) -> "Screening":
        """Resume from ``to_dict``'s values, which are left as they are.

        Raises:
            UnknownNameError: The instrument is not in the catalogue.
            AnswersError: The values are damaged, or the instrument's wording has changed since.
        """
        instrument = catalogue.get(str(data.get("instrument", "")))
        if data.get("version") != instrument.version or data.get("wording_sha256") != instrument.wording_sha256:
            raise AnswersError(
                f"{instrument.short_name} must be the version it was begun with, and it has been updated since; "
                "your earlier answers are kept as they were. Please start it again."
            )
        try:
            started = datetime.fromisoformat(data["started"])
            pairs = [(item_id, value) for item_id, value in data["given"]]
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged(instrument) from error
        screening = cls(instrument=instrument, started=started)
        for item_id, value in pairs:
            screening = screening._replay(item_id, value)
        return screening

    def _replay(self, item_id: object, value: object) -> "Screening":
        item = next((i for i in self._all_items() if i.id == item_id), None)
        if item is None or item_id in dict(self.given):
            raise _damaged(self.instrument)
        check_answer(self.instrument, item, value)
        return replace(self, given=(*self.given, (item.id, value if isinstance(value, int) else None)))

    def _all_items(self) -> tuple[Item, ...]:
        functional = self.instrument.functional
        return (*self.instrument.items, *((functional,) if functional else ()))


def start(instrument: Instrument, now: datetime) -> Screening:
    """Begin a screening at ``now`` (with time zone)."""
    return Screening(instrument=instrument, started=now)


def _damaged(instrument: Instrument) -> AnswersError:
    return AnswersError(
        f"{instrument.short_name} must resume from answers it saved, and these are damaged; start again."
    )
