"""Absolute risks of what a clinic knows without a model: age and sex, and a published score."""

from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from holdfast.measured import Unscored
from holdfast.risk.absolute import AbsoluteRisk, Covariates
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.methods.method import Risk
from holdfast.study.visits.visits import NOT_RECORDED, Visits

__all__ = ["AGE_AND_SEX", "PHENOAGE", "age_and_sex_risks", "score_risks", "sex_attribute"]

AGE_AND_SEX: Final = "age and sex"
PHENOAGE: Final = "phenoage"

_SEX_NAMES = ("sex", "gender")
_FEWEST = 10


def sex_attribute(visits: Visits) -> str | None:
    """Return the name of the attribute that holds sex, or None."""
    return next((name for name in visits.attributes if name.casefold() in _SEX_NAMES), None)


def age_and_sex_risks(
    train: Visits, test: Visits, horizons_years: tuple[float, ...], *, knots: int
) -> NDArray[np.float64] | Unscored:
    """Return absolute risks of age, and of sex where it is known, by a Cox model of the training people.

    A test person's missing age is the training median; of training people only those whose age is known are learnt
    from. Sex is one column a group but the first, compared without regard to case; a group without ten
    events in training counts as the first.

    Args:
        train, test: People.
        horizons_years: Over how many years.
        knots: Of the spline of age, as ``AbsoluteRisk.fit`` has them.

    Returns:
        Shape (test people, horizons), 0 to 1; unscored where age is not known, or for the reasons of
        ``AbsoluteRisk.fit``.
    """
    if train.age is None or test.age is None:
        return Unscored("age is not known")
    is_known = ~np.isnan(train.age)
    if not is_known.any():
        return Unscored("age is not known of any training person")
    known, ages = train.take(is_known), train.age[is_known]
    levels = _sex_levels(known)
    fitted = AbsoluteRisk.fit(
        ages, known.outcome, horizons_years=horizons_years, knots=knots, covariates=_sexes(known, levels)
    )
    if isinstance(fitted, Unscored):
        return fitted
    test_ages = np.where(np.isnan(test.age), np.median(ages), test.age)
    return fitted.of(test_ages, _sexes(test, levels))


def score_risks(
    train_score: Risk, train_follow_up: FollowUp, test_score: Risk, horizons_years: tuple[float, ...], *, knots: int
) -> NDArray[np.float64] | Unscored:
    """Return absolute risks of a published score, calibrated on the training people; see ``AbsoluteRisk.fit``.

    Only for scores that nothing was learnt for: one that was fitted to the same people would look too sure.
    """
    fitted = AbsoluteRisk.fit(train_score, train_follow_up, horizons_years=horizons_years, knots=knots)
    return fitted if isinstance(fitted, Unscored) else fitted.of(test_score)


def _sex_levels(train: Visits) -> tuple[str, ...]:
    """Return the groups that get a column: all of ten events or more among training people, but the first."""
    name = sex_attribute(train)
    if name is None:
        return ()
    counts = Counter(str(word).casefold() for word in train.attributes[name][train.outcome.event])
    return tuple(sorted(word for word, events in counts.items() if events >= _FEWEST and word != NOT_RECORDED))[1:]


def _sexes(visits: Visits, levels: tuple[str, ...]) -> Covariates | None:
    if not levels:
        return None
    name = sex_attribute(visits)
    words = [""] * visits.n_people if name is None else [str(word).casefold() for word in visits.attributes[name]]
    values = np.array([[word == level for level in levels] for word in words], dtype=np.float64)
    return Covariates(names=tuple(f"sex = {level}" for level in levels), values=values.reshape(-1, len(levels)))
