"""What an answer signals by itself: a positive risk item opens the crisis path at once, whatever the total."""

from collections.abc import Iterable

from holdfast.care.assessment.instrument import Instrument
from holdfast.safety.detection.verdict import (
    Category,
    Detection,
    Evidence,
    LayerReport,
    LayerStatus,
    Level,
    Subject,
    Tense,
)

__all__ = ["LAYER", "risk_in", "risk_of"]

LAYER = "instrument"
"""The name of the detection layer that an instrument is."""


def risk_of(instrument: Instrument, item_id: str, value: int | None) -> Detection | None:
    """Judge one answer; None as ``value`` is a question that was asked and left blank."""
    return risk_in(instrument, [(item_id, value)])


def risk_in(instrument: Instrument, answers: Iterable[tuple[str, int | None]]) -> Detection | None:
    """Judge answers given so far (item id, value). The gravest leads; no positive one is ever outweighed.

    An answer is a choice, not words, so the evidence spans no characters: its rule names instrument and item.

    Returns:
        A detection of suicide risk to the person themselves, or None where no risk item is positive.
    """
    given = list(answers)
    found: list[tuple[Evidence, Tense]] = []
    for risk in instrument.risk_items:
        level = max((risk.level(value) for item_id, value in given if item_id == risk.item), default=Level.NONE)
        if level > Level.NONE:
            found.append((_evidence(instrument, risk.item, level), risk.tense))
    if not found:
        return None
    worst = max(evidence.level for evidence, _ in found)
    tenses = {tense for evidence, tense in found if evidence.level is worst}
    return Detection(
        level=worst,
        categories=(Category.SUICIDE,),
        evidence=tuple(sorted((evidence for evidence, _ in found), key=lambda e: -e.level)),
        subject=Subject.SELF,
        tense=Tense.PRESENT if Tense.PRESENT in tenses else tenses.pop(),
        layers=(LayerReport(name=LAYER, status=LayerStatus.OK, level=worst),),
    )


def _evidence(instrument: Instrument, item_id: str, level: Level) -> Evidence:
    rule = f"instrument:{instrument.id}#item{item_id}"
    return Evidence(turn=0, start=0, end=0, category=Category.SUICIDE, level=level, rule=rule)
