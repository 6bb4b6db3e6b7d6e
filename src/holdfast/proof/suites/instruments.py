"""Instrument fidelity: published words, right score, and risk answered before the next question."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from holdfast.care.assessment.catalogue import Catalogue, instruments
from holdfast.care.assessment.instrument import FUNCTIONAL, Instrument
from holdfast.care.assessment.item import Item
from holdfast.care.assessment.wording import wording_digest
from holdfast.care.conversation.pipeline import TurnOutcome
from holdfast.care.conversation.reply import Route
from holdfast.proof.people import Sha256
from holdfast.proof.suites.served import Served
from holdfast.proof.suites.suite import Case, Metric, Observations, Suite, SuiteFile, load_suite
from holdfast.proof.suites.transcript import Transcript, converse, shown

__all__ = ["InstrumentCase", "InstrumentScorer", "InstrumentSolver", "instruments_suite"]

METRICS = (
    Metric(id="instruments.wording", title="Questions and answers in their published words"),
    Metric(id="instruments.score", title="Score and band as published rules make them"),
    Metric(id="instruments.risk_first", title="Positive risk item opens the crisis path before the next question"),
)


class InstrumentCase(Case):
    """A check-in. ``answers`` are item id to value, in the order the items come.

    ``total`` and ``band`` are what the published rules make of them, worked out by hand; without them the case ends
    at a positive risk item, and the crisis path must speak next.
    """

    instrument: str
    asks: str
    wording_sha256: Sha256
    answers: Annotated[tuple[tuple[str, int], ...], Field(min_length=1)]
    total: int | None = None
    band: str | None = None

    @property
    def is_risk(self) -> bool:
        """Whether the last answer is a positive risk item."""
        return self.band is None


@dataclass(frozen=True)
class InstrumentSolver:
    """Asks for the check-in and gives the answers in words, as a person would."""

    catalogue: Catalogue

    async def solve(self, case: InstrumentCase, served: Served) -> Transcript:
        """Return the turns: the first question, then one for each answer."""
        instrument = self.catalogue.get(case.instrument)
        labels = (instrument.label_of(instrument.item(item), value) for item, value in case.answers)
        return await converse(served.conversation, (case.asks, *labels))


@dataclass(frozen=True)
class InstrumentScorer:
    """Compares what was shown with the case's own pins."""

    catalogue: Catalogue

    def metrics_of(self, case: InstrumentCase) -> tuple[str, ...]:
        """Return the metrics of a scored case, or that of a case which ends at a risk item."""
        return ("instruments.risk_first",) if case.is_risk else ("instruments.wording", "instruments.score")

    def score(self, case: InstrumentCase, transcript: Transcript) -> Observations:
        """Return what held."""
        instrument = self.catalogue.get(case.instrument)
        if case.is_risk:
            return {"instruments.risk_first": _is_risk_first(case, instrument, transcript)}
        return {
            "instruments.wording": _is_worded(case, instrument, transcript),
            "instruments.score": _is_scored(case, instrument, transcript.last),
        }


def _is_worded(case: InstrumentCase, instrument: Instrument, transcript: Transcript) -> bool:
    """Whether the wording is the one pinned here, and each question came in it, in order, with all its answers."""
    if wording_digest(instrument) != case.wording_sha256:
        return False
    asked = [instrument.item(item) for item, _ in case.answers]
    return all(
        _is_asked(outcome, item, instrument) for outcome, item in zip(transcript.outcomes[:-1], asked, strict=True)
    )


def _is_asked(outcome: TurnOutcome, item: Item, instrument: Instrument) -> bool:
    labels = [option.label for option in instrument.options_of(item)]
    offered = [choice.label for choice in outcome.reply.choices]
    stem = instrument.stem_of(item) or ""
    return item.text in outcome.reply.text and stem in outcome.reply.text and offered[: len(labels)] == labels


def _is_scored(case: InstrumentCase, instrument: Instrument, outcome: TurnOutcome) -> bool:
    text = shown(outcome.reply)
    label = next((band.label for band in instrument.bands if band.id == case.band), None)
    total = f"You scored {case.total} out of {instrument.maximum} " if case.total is not None else ""
    is_over = outcome.reply.route is Route.ASSESSMENT and outcome.state.activity is None
    return is_over and label is not None and label.casefold() in text.casefold() and total in text


def _is_risk_first(case: InstrumentCase, instrument: Instrument, transcript: Transcript) -> bool:
    """Whether the reply to the risk item is the protocol's and asks none of the questions still to come."""
    answered = {item for item, _ in case.answers}
    ahead = [*instrument.items, *([instrument.functional] if instrument.functional else [])]
    text = shown(transcript.last.reply)
    asks_on = any(item.text in text for item in ahead if item.id not in answered or item.id == FUNCTIONAL)
    before = [outcome.reply.route for outcome in transcript.outcomes[:-1]]
    is_led = transcript.last.reply.route is Route.CRISIS and transcript.last.state.crisis.is_active
    return is_led and not asks_on and Route.CRISIS not in before


def instruments_suite() -> Suite[InstrumentCase]:
    """Load the suite.

    Raises:
        ContentError: A file is malformed.
    """
    catalogue = instruments()
    return load_suite(
        "instruments",
        SuiteFile[InstrumentCase],
        metrics=METRICS,
        solver=InstrumentSolver(catalogue),
        scorer=InstrumentScorer(catalogue),
    )
