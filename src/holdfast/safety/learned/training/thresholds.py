"""Calibrate relative distances on utterances placed by encoders that have not seen them; set the thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

from holdfast.errors import ContentError, InputError
from holdfast.safety.learned.calibration import DEFAULT, Calibration, Calibrations
from holdfast.safety.learned.linear_head import log_odds
from holdfast.safety.learned.training.cross_fitting import Placed

__all__ = ["SEMANTIC_AIMS", "Aims", "calibrated"]

_EDGE = 1e-4
_TO_CERTAINTY = 0.9
_FEWEST = 60
"""Look-alikes in a language below which it shares the calibration of all, and risks below which nothing is calm."""


@dataclass(frozen=True, kw_only=True)
class Aims:
    """What the thresholds are set for, as shares of look-alikes or of risks.

    ``alarms`` is how many look-alikes are asked about, ``alarms_elsewhere`` the same in every language but the first.
    Three layers share what may be asked in vain, one in twenty, and the built-in one, which hears least by itself, has
    the least of it. ``crises`` is how many look-alikes may be as near to danger as a crisis has to be, for a layer that
    tells besides how grave a danger is. With None none may: the threshold lies nine tenths of the way from the worst of
    them to certainty. ``called_calm`` is how many risks may count as clearly harmless; with None nothing does.

    Raises:
        InputError: A share is not between 0 and 1.
    """

    alarms: float = 0.005
    alarms_elsewhere: float = 0.01
    crises: float | None = None
    called_calm: float | None = None
    first: str = "en"

    def __post_init__(self) -> None:
        """Check the shares."""
        for name in ("alarms", "alarms_elsewhere", "crises", "called_calm"):
            share = getattr(self, name)
            if share is not None and not 0 < share < 1:
                raise InputError(f"{name} must be a share between 0 and 1, got {share!r}; mend it.")


SEMANTIC_AIMS = Aims(alarms=0.018, alarms_elsewhere=0.018, crises=0.005, called_calm=0.04)
"""Those of the semantic layer, which hears most."""


def calibrated(placed: Placed, aims: Aims) -> Calibrations:
    """Return a calibration for every language with enough look-alikes, and one over all, by which nothing is calm.

    What says too little to be placed has no language and is left out.

    Raises:
        ContentError: There are no risks or no look-alikes to calibrate on.
    """
    languages = np.array(placed.languages)
    found = {DEFAULT: _calibration(placed, languages != "", aims.alarms, aims.crises)}
    for language in sorted(set(placed.languages) - {""}):
        mine = languages == language
        if sum(one.is_benign for one, is_mine in zip(placed.utterances, mine, strict=True) if is_mine) >= _FEWEST:
            alarms = aims.alarms if language == aims.first else aims.alarms_elsewhere
            scale = _calibration(placed, mine, alarms, aims.crises)
            found[language] = replace(scale, calm=_calm(placed, mine, scale, aims))
    return Calibrations(found)


def _calibration(placed: Placed, mine: NDArray[np.bool_], alarms: float, crises: float | None) -> Calibration:
    risk = _flags([one.is_risk for one in placed.utterances]) & mine
    benign = _flags([one.is_benign for one in placed.utterances]) & mine
    if not risk.any() or not benign.any():
        raise ContentError("Calibration must have risks and look-alikes, got none of one; add them.")
    judged = risk | benign
    odds = log_odds(placed.relative, edge=_EDGE)
    fit = LogisticRegression(C=1e6).fit(odds[judged][:, None], risk[judged])
    scale = Calibration(slope=float(fit.coef_[0, 0]), intercept=float(fit.intercept_[0]), ask=0.5, crisis=0.5)
    harmless = np.array([scale.probability(float(relative)) for relative in placed.relative[benign]])
    ask = float(np.quantile(harmless, 1 - alarms))
    worst = float(harmless.max())
    certain = worst + _TO_CERTAINTY * (1 - worst)
    crisis = certain if crises is None else max(ask, float(np.quantile(harmless, 1 - crises, method="higher")))
    return replace(scale, ask=ask, crisis=crisis)


def _calm(placed: Placed, mine: NDArray[np.bool_], scale: Calibration, aims: Aims) -> float | None:
    """Return below what the share of single messages of risk that ``aims`` allows lies, or None where they are few.

    Conversations are left out: they are placed by their worst turn, and calm is said of one.
    """
    risk = _flags([one.is_risk and not one.is_window for one in placed.utterances]) & mine
    if aims.called_calm is None or risk.sum() < _FEWEST:
        return None
    dangers = [scale.probability(float(relative)) for relative in placed.relative[risk]]
    return min(scale.ask, float(np.quantile(dangers, aims.called_calm, method="lower")))


def _flags(values: Sequence[bool]) -> NDArray[np.bool_]:
    return np.array(values, dtype=bool)
