"""What an instrument's answers came to."""

from dataclasses import dataclass, field
from typing import Any

from holdfast.care.assessment.instrument import Instrument
from holdfast.care.assessment.reading import Band, CutPoint
from holdfast.measured import Unscored
from holdfast.safety.detection.verdict import Detection

__all__ = ["Flag", "Score", "Subscore"]


@dataclass(frozen=True, kw_only=True)
class Flag:
    """Whether a total reaches a cut-point."""

    cut_point: CutPoint
    is_reached: bool


@dataclass(frozen=True, kw_only=True)
class Subscore:
    """The sum of a subscale, from ``low`` to ``high``; higher is worse. Unscored where an answer of it is missing."""

    id: str
    name: str
    total: int | Unscored
    low: int
    high: int
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Score:
    """A scored instrument. A screen, not a diagnosis.

    Attributes:
        answers: One per item of the instrument in its order; None for one left blank or not asked.
        total: The sum, higher is worse; unscored for an instrument that is read by rules.
        flags: The instrument's own cut-points; those of subscales are with their subscores.
        missing: Ids of items that were asked and left blank.
        not_asked: Ids of items that did not apply.
        is_prorated: Whether missing answers were filled in as the cited source allows.
        risk: What the risk items signal, whatever the total.
        risk_unanswered: Ids of risk items left blank, which say nothing either way.
    """

    instrument: Instrument = field(repr=False)
    answers: tuple[int | None, ...] = field(repr=False)
    total: int | Unscored
    band: Band
    subscores: tuple[Subscore, ...] = ()
    flags: tuple[Flag, ...] = ()
    functional: int | None = None
    missing: tuple[str, ...] = ()
    not_asked: tuple[str, ...] = ()
    is_prorated: bool = False
    risk: Detection | None = None
    risk_unanswered: tuple[str, ...] = ()

    @property
    def is_positive(self) -> bool:
        """Whether the band is positive or any cut-point is reached, for whatever group it was found."""
        flags = [*self.flags, *(flag for subscore in self.subscores for flag in subscore.flags)]
        return self.band.is_positive or any(flag.is_reached for flag in flags)

    def to_dict(self) -> dict[str, Any]:
        """Return the score as JSON-ready values, without the answers."""
        return {
            "instrument": self.instrument.id,
            "version": self.instrument.version,
            "wording_sha256": self.instrument.wording_sha256,
            **_total(self.total),
            "minimum": self.instrument.minimum,
            "maximum": self.instrument.maximum,
            "band": {"id": self.band.id, "label": self.band.label, "citation": self.band.citation},
            "positive": self.is_positive,
            "cut_points": [_flag(flag) for flag in self.flags],
            "subscores": [_subscore(subscore) for subscore in self.subscores],
            "functional": self._functional(),
            "missing": list(self.missing),
            "not_asked": list(self.not_asked),
            "prorated": self.is_prorated,
            "risk": _risk(self.risk),
            "risk_unanswered": list(self.risk_unanswered),
        }

    def _functional(self) -> dict[str, Any] | None:
        item = self.instrument.functional
        if item is None or self.functional is None:
            return None
        return {"value": self.functional, "label": self.instrument.label_of(item, self.functional)}


def _total(total: int | Unscored) -> dict[str, Any]:
    if isinstance(total, Unscored):
        return {"total": None, "unscored": total.reason}
    return {"total": total}


def _flag(flag: Flag) -> dict[str, Any]:
    point = flag.cut_point
    return {
        "at": point.at,
        "group": point.group,
        "flags": point.flags,
        "reached": flag.is_reached,
        "sensitivity": point.sensitivity,
        "specificity": point.specificity,
        "citation": point.citation,
    }


def _subscore(subscore: Subscore) -> dict[str, Any]:
    return {
        "id": subscore.id,
        "name": subscore.name,
        **_total(subscore.total),
        "minimum": subscore.low,
        "maximum": subscore.high,
        "cut_points": [_flag(flag) for flag in subscore.flags],
    }


def _risk(risk: Detection | None) -> dict[str, Any] | None:
    if risk is None:
        return None
    return {
        "level": risk.level.label,
        "categories": [category.value for category in risk.categories],
        "rules": [evidence.rule for evidence in risk.evidence],
    }
