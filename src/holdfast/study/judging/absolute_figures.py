"""Whether absolute risks are right: Brier scores beside references, and calibration."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from holdfast.measured import Measurement, Unscored, measurement_to_dict
from holdfast.risk.survival.brier import brier_score, scaled_brier_score
from holdfast.risk.survival.calibration import Calibration, calibration
from holdfast.study.judging.foretelling import Foretold
from holdfast.study.judging.settings import OURS, JudgingSettings

__all__ = ["AbsoluteFigures", "BrierFigures", "absolute_figures"]

N_GROUPS = 10


@dataclass(frozen=True, kw_only=True)
class BrierFigures:
    """Of one source of absolute risks, among the people with an estimate.

    Attributes:
        name: The model, "age and sex" or "phenoage".
        brier: Horizon in years -> Brier score, 0 perfect, lower is better.
        scaled: Horizon -> 1 less that over the score of one number for all: 1 perfect, 0 no better than that.
    """

    name: str
    brier: Mapping[float, Measurement]
    scaled: Mapping[float, Measurement]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "method": self.name,
            "brier": {f"{years:g}": measurement_to_dict(found) for years, found in self.brier.items()},
            "scaled": {f"{years:g}": measurement_to_dict(found) for years, found in self.scaled.items()},
        }


@dataclass(frozen=True, kw_only=True)
class AbsoluteFigures:
    """All of it.

    Attributes:
        brier: The model first.
        calibration: Of the model at the horizon, in tenths of the people by predicted risk, or why there is none.
    """

    brier: tuple[BrierFigures, ...]
    calibration: Calibration | Unscored

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {"brier": [one.to_json() for one in self.brier], "calibration": _said(self.calibration)}


def absolute_figures(found: Foretold, settings: JudgingSettings, *, horizon_years: float) -> AbsoluteFigures:
    """Judge the absolute risks of the people with an estimate; censoring is fitted on them too."""
    ours = found.absolute_at(OURS, horizon_years)
    follow_up = found.estimated.outcome
    return AbsoluteFigures(
        brier=tuple(_brier(found, name, settings) for name in found.absolute),
        calibration=ours
        if isinstance(ours, Unscored)
        else calibration(ours, follow_up, horizon_years=horizon_years, groups=N_GROUPS),
    )


def _brier(found: Foretold, name: str, settings: JudgingSettings) -> BrierFigures:
    scores = {"brier": brier_score, "scaled": scaled_brier_score}
    measured: dict[str, dict[float, Measurement]] = {figure: {} for figure in scores}
    for figure, score in scores.items():
        for years in found.horizons_years:
            predicted = found.absolute_at(name, years)
            measured[figure][years] = (
                predicted
                if isinstance(predicted, Unscored)
                else score(
                    predicted,
                    found.estimated.outcome,
                    horizon_years=years,
                    resamples=settings.slow_resamples,
                    generator=np.random.default_rng([settings.seed, 3]),
                )
            )
    return BrierFigures(name=name, brier=measured["brier"], scaled=measured["scaled"])


def _said(found: Calibration | Unscored) -> dict[str, Any]:
    if isinstance(found, Unscored):
        return measurement_to_dict(found)
    return {
        "horizon_years": found.horizon_years,
        "observed_to_expected": measurement_to_dict(found.observed_to_expected),
        "slope": measurement_to_dict(found.slope),
        "groups": [
            {
                "people": group.people,
                "events": group.events,
                "lowest": group.lowest,
                "highest": group.highest,
                "predicted": group.predicted,
                "observed": measurement_to_dict(group.observed),
            }
            for group in found.groups
        ],
    }
