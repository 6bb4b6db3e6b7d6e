"""Teach a model to tell a crisis from a lesser danger, its encoder left as it is, by logistic regression."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # it ships no types

from holdfast.safety.detection.verdict import Level
from holdfast.safety.learned.gravity_head import GravityHead
from holdfast.safety.learned.linear_head import LinearHead
from holdfast.safety.learned.training.taught import Encode, Taught
from holdfast.safety.utterances.utterance import Utterance

__all__ = ["OVERCALLED", "teach_gravity"]

OVERCALLED = 0.15
"""Of lesser dangers it was not taught from, the share that may seem grave enough for a crisis."""

_FEWEST = 20
"""Lines of either kind below which nothing is taught or set."""


def teach_gravity(encode: Encode, lines: Iterable[Utterance], held: Iterable[Utterance]) -> Taught[GravityHead] | None:
    """Return a head taught from ``lines``, its least probability set on ``held``; None where either are too few.

    Conversations and harmless lines are left out.

    Args:
        encode: Returns the vectors of texts.
        lines: Utterances it is taught from.
        held: Utterances of other families.
    """
    shown, others = _dangers(lines), _dangers(held)
    if not _are_enough(shown) or not _are_enough(others):
        return None
    fit = LogisticRegression(C=1.0, max_iter=2000).fit(encode([one.text for one in shown]), _crises(shown))
    weights, offset = fit.coef_[0].astype(np.float32), fit.intercept_.astype(np.float32)
    head = GravityHead(line=LinearHead(weights=weights, offset=offset), least=1.0)
    likely, are_crises = head.probabilities(encode([one.text for one in others])), np.array(_crises(others))
    least = float(np.nextafter(np.quantile(likely[~are_crises], 1 - OVERCALLED, method="higher"), np.float32(2)))
    facts = {
        "trained_on": len(shown),
        "set_on": len(others),
        "crises_passed": round(float((likely[are_crises] >= least).mean()), 4),
        "lesser_passed": round(float((likely[~are_crises] >= least).mean()), 4),
    }
    return Taught(head=replace(head, least=min(least, 1.0)), facts=facts)


def _dangers(utterances: Iterable[Utterance]) -> list[Utterance]:
    return [one for one in utterances if one.level >= Level.CONCERN and not one.is_window]


def _crises(dangers: Iterable[Utterance]) -> list[bool]:
    return [one.level is Level.CRISIS for one in dangers]


def _are_enough(dangers: Iterable[Utterance]) -> bool:
    found = _crises(dangers)
    return min(sum(found), len(found) - sum(found)) >= _FEWEST
