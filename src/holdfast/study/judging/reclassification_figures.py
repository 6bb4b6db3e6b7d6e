"""Whether the model moves people the right way, against age and sex and against PhenoAge."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from holdfast.measured import Unscored, measurement_to_dict
from holdfast.risk.survival.reclassification import (
    Reclassification,
    category_reclassification,
    continuous_reclassification,
)
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.reference_risks import AGE_AND_SEX, PHENOAGE
from holdfast.study.judging.settings import OURS, JudgingSettings

__all__ = ["CATEGORIES", "ReclassifiedFrom", "reclassification_figures"]

CATEGORIES: Final = (0.05, 0.2)
"""Absolute risks at which the categories of the net reclassification begin."""


@dataclass(frozen=True, kw_only=True)
class ReclassifiedFrom:
    """The model against one older source of absolute risks.

    Attributes:
        old: "age and sex" or "phenoage".
        by_category: Moves between the categories, or why there are none.
        any_change: Every rise and fall, however small; or why there are none.
    """

    old: str
    by_category: Reclassification | Unscored
    any_change: Reclassification | Unscored

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"old": self.old, "by_category": _said(self.by_category), "any_change": _said(self.any_change)}


def reclassification_figures(
    found: Foretold, settings: JudgingSettings, *, horizon_years: float
) -> tuple[ReclassifiedFrom, ...]:
    """Count moves among the people with an estimate, against each reference."""
    return tuple(_against(name, found, settings, horizon_years) for name in (AGE_AND_SEX, PHENOAGE))


def _against(name: str, found: Foretold, settings: JudgingSettings, horizon_years: float) -> ReclassifiedFrom:
    new, old = found.absolute_at(OURS, horizon_years), found.absolute_at(name, horizon_years)
    if isinstance(new, Unscored) or isinstance(old, Unscored):
        reason = new if isinstance(new, Unscored) else Unscored(old.reason if isinstance(old, Unscored) else "")
        return ReclassifiedFrom(old=name, by_category=reason, any_change=reason)
    follow_up = found.estimated.outcome
    return ReclassifiedFrom(
        old=name,
        by_category=category_reclassification(
            old,
            new,
            follow_up,
            horizon_years=horizon_years,
            thresholds=CATEGORIES,
            resamples=settings.slow_resamples,
            generator=np.random.default_rng([settings.seed, 5]),
        ),
        any_change=continuous_reclassification(
            old,
            new,
            follow_up,
            horizon_years=horizon_years,
            resamples=settings.slow_resamples,
            generator=np.random.default_rng([settings.seed, 6]),
        ),
    )


def _said(found: Reclassification | Unscored) -> dict[str, Any]:
    if isinstance(found, Unscored):
        return measurement_to_dict(found)
    return {
        "moved_up": found.moved_up,
        "moved_down": found.moved_down,
        "of_events": measurement_to_dict(found.of_events),
        "of_event_free": measurement_to_dict(found.of_event_free),
        "total": measurement_to_dict(found.total),
    }
