"""Calibrate relative distances on utterances placed by encoders that have not seen them; set the two thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

from holdfast.errors import ContentError
from holdfast.safety.learned.calibration import DEFAULT, Calibration, Calibrations
from holdfast.safety.learned.training.cross_fitting import Placed

__all__ = ["Aims", "calibrated"]

_EDGE = 1e-4
_FEWEST = 60
"""Look-alikes in a language below which it shares the calibration of all."""


@dataclass(frozen=True, kw_only=True)
class Aims:
    """What the thresholds are set for: shares of harmless look-alikes asked about, and taken for a crisis.

    ``alarms_elsewhere`` is for every language but the first, where the rules add few alarms of their own.
    """

    alarms: float = 0.02
    alarms_elsewhere: float = 0.05
    crises: float = 0.002
    first: str = "en"


def calibrated(placed: Placed, aims: Aims) -> Calibrations:
    """Return a calibration for every language with enough look-alikes, and one over all.

    Raises:
        ContentError: There are no risks or no look-alikes to calibrate on.
    """
    languages = np.array(placed.languages)
    found = {DEFAULT: _calibration(placed, np.ones(len(languages), dtype=bool), aims, aims.alarms)}
    for language in sorted(set(placed.languages)):
        mine = languages == language
        if sum(one.is_benign for one, is_mine in zip(placed.utterances, mine, strict=True) if is_mine) >= _FEWEST:
            alarms = aims.alarms if language == aims.first else aims.alarms_elsewhere
            found[language] = _calibration(placed, mine, aims, alarms)
    return Calibrations(found)


def _calibration(placed: Placed, mine: NDArray[np.bool_], aims: Aims, alarms: float) -> Calibration:
    risk = _flags([one.is_risk for one in placed.utterances]) & mine
    benign = _flags([one.is_benign for one in placed.utterances]) & mine
    if not risk.any() or not benign.any():
        raise ContentError("Calibration must have risks and look-alikes, got none of one; add them.")
    judged = risk | benign
    odds = _log_odds(placed.relative)
    fit = LogisticRegression(C=1e6).fit(odds[judged][:, None], risk[judged])
    scale = Calibration(slope=float(fit.coef_[0, 0]), intercept=float(fit.intercept_[0]), ask=0.5, crisis=0.5)
    harmless = np.array([scale.probability(float(relative)) for relative in placed.relative[benign]])
    ask = float(np.quantile(harmless, 1 - alarms))
    crisis = max(ask, float(np.quantile(harmless, 1 - aims.crises)))
    return Calibration(slope=scale.slope, intercept=scale.intercept, ask=ask, crisis=crisis)


def _flags(values: Sequence[bool]) -> NDArray[np.bool_]:
    return np.array(values, dtype=bool)


def _log_odds(relative: NDArray[np.float32]) -> NDArray[np.float32]:
    kept = np.clip(relative, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(kept / (1 - kept)), dtype=np.float32)
