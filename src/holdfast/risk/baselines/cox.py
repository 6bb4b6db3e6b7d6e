"""Ridge Cox: the usual proportional hazards model, its penalty chosen by cross-validated partial likelihood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.baseline import Risk, Rows
from holdfast.risk.baselines.card import read_card, write_card
from holdfast.risk.baselines.expansion import Expansion
from holdfast.risk.baselines.folds import fold_of_each
from holdfast.risk.baselines.inputs import arranged, check_follow_up, check_rows
from holdfast.risk.baselines.partial_likelihood import partial_log_likelihood
from holdfast.risk.cox import fit_cox
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.staged import staged

__all__ = ["CoxBaseline", "CoxSettings", "FittedCox"]

PENALTIES = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)


@dataclass(frozen=True, kw_only=True)
class CoxSettings:
    """How a ridge Cox model is fitted.

    Attributes:
        penalties: What to choose from, each above 0: the model maximises l(b) - people (penalty / 2) |b|^2 over
            standardised inputs, as lifelines' ``penalizer`` does. With one, nothing is cross-validated.
        expand: Whether to log skewed columns, bend each at its 15th and 85th percentile and flag missing values.
        folds: Parts that people are dealt into, 2 or more.
        seed: Of that dealing.

    Raises:
        RiskError: A number is out of its range.
    """

    penalties: tuple[float, ...] = PENALTIES
    expand: bool = True
    folds: int = 5
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.penalties or not all(0 < penalty < float("inf") for penalty in self.penalties):
            raise RiskError("Penalties must be finite and above 0", f"`{self.penalties!r}`", "give one or more")
        if self.folds < 2:
            raise RiskError("Folds must be 2 or more", f"`{self.folds!r}`", "5 is usual")


@dataclass(frozen=True, kw_only=True, eq=False)
class FittedCox:
    """What was learnt.

    Attributes:
        expansion: What becomes of the columns; ``dropped`` says which were not used, and why.
        coefficients: Of each standardised input, by its name: above 0, more of it comes with more events.
        penalty: The one chosen.
        cross_validated: Penalty -> cross-validated partial log-likelihood, higher is better. Empty where there was
            nothing to choose.
    """

    expansion: Expansion
    coefficients: Mapping[str, float]
    penalty: float
    cross_validated: Mapping[float, float]

    def predict(self, rows: Rows) -> Risk:
        """Return the log hazard against the training mean, (people,); columns as learnt from."""
        return _predictor(self.expansion, np.array(list(self.coefficients.values())), rows)


class CoxBaseline:
    """Cox's proportional hazards with a ridge; missing values are filled with the training median.

    The risk is the log hazard against somebody at the training mean of every input.

    The penalty is the one with the highest cross-validated partial likelihood (Verweij and van Houwelingen 1993,
    Statistics in Medicine 12:2305-2314), over folds k of what the people left out add:

        cvl = sum over k of [ l(b_-k; everybody) - l(b_-k; without fold k) ]

    The best one is taken, the larger at a tie; no one-standard-error rule. Medians, hinges and scales are learnt again
    without each fold.

    Args:
        settings: How to fit.

    Attributes:
        fitted: What was learnt; None before ``fit``.
    """

    name = "cox"

    def __init__(self, settings: CoxSettings | None = None) -> None:
        self.settings = CoxSettings() if settings is None else settings
        self.fitted: FittedCox | None = None

    def fit(self, rows: Rows, follow_up: FollowUp, *, columns: Sequence[str]) -> Self:
        """Choose a penalty and fit; see ``Baseline.fit``.

        Columns that are constant or never measured are left out: ``fitted.expansion.dropped`` says so.

        Raises:
            RiskError: As ``Baseline.fit``; fewer events than folds; no column varies.
        """
        check_rows(rows, columns)
        choosing = len(self.settings.penalties) > 1
        check_follow_up(rows, follow_up, least_events=self.settings.folds if choosing else 1)
        cross_validated = _cross_validated(rows, follow_up, columns, self.settings) if choosing else {}
        penalty = max(self.settings.penalties, key=lambda p: (cross_validated.get(p, 0.0), p))
        expansion = Expansion.learn(rows, columns, expand=self.settings.expand)
        coefficients = _coefficients(expansion.design(rows), follow_up, penalty)
        self.fitted = FittedCox(
            expansion=expansion,
            coefficients=dict(zip(expansion.terms, coefficients.tolist(), strict=True)),
            penalty=penalty,
            cross_validated=cross_validated,
        )
        return self

    def risk(self, rows: Rows, *, columns: Sequence[str] | None = None) -> Risk:
        """Return each person's log hazard; see ``Baseline.risk``."""
        fitted = self._fitted()
        return fitted.predict(arranged(rows, columns, fitted.expansion.columns))

    def _fitted(self) -> FittedCox:
        if self.fitted is None:
            raise RiskError("Baseline must be fitted before it scores or is kept", "one that was not", "call fit")
        return self.fitted

    def save(self, folder: Path) -> None:
        """Write what was learnt into ``folder``."""
        fitted, chosen = self._fitted(), self.settings
        content = {
            "settings": {
                "penalties": list(chosen.penalties),
                "expand": chosen.expand,
                "folds": chosen.folds,
                "seed": chosen.seed,
            },
            "expansion": fitted.expansion.to_json(),
            "coefficients": dict(fitted.coefficients),
            "penalty": fitted.penalty,
            "cross_validated": [list(pair) for pair in fitted.cross_validated.items()],
        }
        with staged(folder) as beside:
            beside.mkdir(parents=True)
            write_card(beside, self.name, content)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; see ``Baseline.load``."""
        card = read_card(folder, cls.name)
        loaded = cls(CoxSettings(**{**card["settings"], "penalties": tuple(card["settings"]["penalties"])}))
        loaded.fitted = FittedCox(
            expansion=Expansion.from_json(card["expansion"]),
            coefficients=card["coefficients"],
            penalty=card["penalty"],
            cross_validated=dict(card["cross_validated"]),
        )
        return loaded


def _coefficients(design: NDArray[np.float64], follow_up: FollowUp, penalty: float) -> NDArray[np.float64]:
    """Fit with a penalty a person; ``fit_cox`` counts its ridge by the event."""
    return fit_cox(design, follow_up, ridge=penalty * follow_up.n_people / follow_up.n_events)


def _predictor(expansion: Expansion, coefficients: NDArray[np.float64], rows: Rows) -> Risk:
    return np.asarray(expansion.design(rows) @ coefficients)


def _cross_validated(
    rows: Rows, follow_up: FollowUp, columns: Sequence[str], settings: CoxSettings
) -> dict[float, float]:
    """Return the cross-validated partial log-likelihood of each penalty."""
    fold = fold_of_each(follow_up, folds=settings.folds, seed=settings.seed)
    totals = dict.fromkeys(settings.penalties, 0.0)
    for left_out in range(settings.folds):
        inside = fold != left_out
        followed = follow_up.take(inside)
        expansion = Expansion.learn(rows[inside], columns, expand=settings.expand)
        design = expansion.design(rows)
        for penalty in totals:
            predictor = design @ _coefficients(design[inside], followed, penalty)
            totals[penalty] += partial_log_likelihood(predictor, follow_up)
            totals[penalty] -= partial_log_likelihood(predictor[inside], followed)
    return totals
