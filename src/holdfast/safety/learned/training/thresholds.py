"""Calibrate relative distances on utterances that training has not seen, and set the two thresholds on them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

from holdfast.errors import ContentError
from holdfast.safety.learned.calibration import Calibration
from holdfast.safety.learned.encoder import Encoder, Vectors
from holdfast.safety.learned.parts import parts_of
from holdfast.safety.learned.references import References
from holdfast.safety.utterances.utterance import Utterance
from holdfast.turn import Turn

__all__ = ["calibrated", "worst_relative"]

_EDGE = 1e-4


def worst_relative(encoder: Encoder, references: References, conversations: Sequence[Sequence[Turn]]) -> Vectors:
    """Return the greatest relative distance to any kind over the parts of each conversation, shape (conversations,)."""
    cut = [[part.text for part in parts_of(turns)] for turns in conversations]
    flat = [part for parts in cut for part in parts]
    owners = np.repeat(np.arange(len(cut)), [len(parts) for parts in cut])
    worst = np.zeros(len(conversations), dtype=np.float32)
    for start in range(0, len(flat), 512):
        relative = references.relative_distance(encoder.encode(flat[start : start + 512])).max(axis=1)
        np.maximum.at(worst, owners[start : start + 512], relative)
    return worst


def calibrated(
    encoder: Encoder, references: References, utterances: Sequence[Utterance], *, alarms: float, crises: float
) -> Calibration:
    """Return the calibration on ``utterances`` (the dev split).

    Args:
        alarms: The share of harmless look-alikes that may be asked about.
        crises: The share of harmless look-alikes that may be taken for a crisis.

    Raises:
        ContentError: There are no risks or no look-alikes to calibrate on.
    """
    relative = worst_relative(encoder, references, [utterance.turns for utterance in utterances])
    risk = np.array([utterance.is_risk for utterance in utterances])
    benign = np.array([utterance.is_benign for utterance in utterances])
    if not risk.any() or not benign.any():
        raise ContentError("Calibration must have risks and look-alikes in the dev split, got none of one; add them.")
    judged = risk | benign
    fit = LogisticRegression(C=1e6).fit(_log_odds(relative[judged])[:, None], risk[judged])
    scale = Calibration(slope=float(fit.coef_[0, 0]), intercept=float(fit.intercept_[0]), ask=0.5, crisis=0.5)
    harmless = np.sort(scale.probability(relative[benign]))
    ask = float(np.quantile(harmless, 1 - alarms))
    crisis = max(ask, float(np.quantile(harmless, 1 - crises)))
    return Calibration(slope=scale.slope, intercept=scale.intercept, ask=ask, crisis=crisis)


def _log_odds(relative: NDArray[np.float32]) -> NDArray[np.float32]:
    kept = np.clip(relative, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(kept / (1 - kept)), dtype=np.float32)
