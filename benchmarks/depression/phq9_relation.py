"""How people's health risk relates to their PHQ-9: correlation, and mean risk percentile by band of totals."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from depression.people import FEWEST
from holdfast.measured import Measurement, Scored, Unscored, measurement_to_dict
from holdfast.risk.survival.resampling import bootstrapped
from holdfast.study.error import StudyError

__all__ = ["BANDS", "percentiles", "relate_to_phq9"]

Values = NDArray[np.float64]

BANDS = ((0, 4), (5, 9), (10, 14), (15, 19), (20, 27))
"""PHQ-9 totals, both ends included: minimal, mild, moderate, moderately severe, severe (Kroenke et al. 2001)."""


def percentiles(risk: Values) -> Values:
    """Return each person's place among all given, 0 to 100, the highest risk highest; ties share the middle."""
    return np.asarray(100.0 * (rankdata(risk) - 0.5) / len(risk))


def relate_to_phq9(
    risk: Values, totals: Values, *, age: Values, is_female: Values, resamples: int, seed: int
) -> dict[str, Any]:
    """Set people's health risk against their PHQ-9.

    Spearman's correlation as it is, and with age and sex taken out: risk and total are ranked, their least-squares fit
    on age, its square, sex and age by sex is taken away, and what is left is ranked again and correlated. For each band
    of totals the mean risk percentile, and the mean of what is left of the percentile after the same fit, plus the mean
    of all. Intervals are of a bootstrap over people; in those of means, percentiles and fit stay fixed. A band of fewer
    than 10 people is unscored.

    Args:
        risk: (people,), finite, higher is worse.
        totals: PHQ-9, 0 to 27, (people,).
        age: Years, (people,).
        is_female: 1 or 0, (people,).
        resamples: Of the bootstrap.
        seed: Of the bootstrap.

    Raises:
        StudyError: Other lengths, or values that are not finite: nobody's PHQ-9 is filled in.
    """
    table = _checked(risk, totals, age, is_female)
    percentile = percentiles(table[0])
    adjusted = _left(percentile, table[2:]) + percentile.mean()
    generator = np.random.default_rng(seed)
    return {
        "people": table.shape[1],
        "spearman": _correlation(table, resamples, generator, adjusted=False),
        "spearman_adjusted": _correlation(table, resamples, generator, adjusted=True),
        "bands": [
            {
                "band": f"{low}-{high}",
                "people": int(is_in.sum()),
                "percentile": _mean(percentile[is_in], resamples, generator),
                "adjusted": _mean(adjusted[is_in], resamples, generator),
            }
            for low, high in BANDS
            for is_in in [(table[1] >= low) & (table[1] <= high)]
        ],
    }


def _checked(*columns: Values) -> Values:
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    if len({a.shape for a in arrays}) != 1 or arrays[0].ndim != 1 or not all(np.isfinite(a).all() for a in arrays):
        raise StudyError(
            "Risk, PHQ-9, age and sex must be one finite number a person each",
            f"shapes {[a.shape for a in arrays]}, or missing values",
            "leave people out of whom one is not known",
        )
    return np.stack(arrays)


def _correlation(table: Values, resamples: int, generator: np.random.Generator, *, adjusted: bool) -> dict[str, Any]:
    def figure(rows: NDArray[np.int64]) -> Measurement:
        return _spearman(table[:, rows], adjusted=adjusted)

    return measurement_to_dict(bootstrapped(figure, table.shape[1], resamples=resamples, generator=generator))


def _spearman(table: Values, *, adjusted: bool) -> Measurement:
    ranks = [rankdata(table[0]), rankdata(table[1])]
    if min(np.ptp(r) for r in ranks) == 0.0:
        return Unscored("everybody has the same risk or the same PHQ-9")
    if adjusted:  # rounded: what least squares leaves of equal people differs in the last digits
        ranks = [rankdata(np.round(_left(r, table[2:]), 6)) for r in ranks]
    if min(np.ptp(r) for r in ranks) == 0.0:
        return Unscored("age and sex say it all")
    return Scored(value=float(np.corrcoef(ranks[0], ranks[1])[0, 1]), n=table.shape[1])


def _left(values: Values, age_and_sex: Values) -> Values:
    """Return what is left of values after their fit on age and sex."""
    decades, female = (age_and_sex[0] - age_and_sex[0].mean()) / 10.0, age_and_sex[1]
    design = np.stack([np.ones_like(decades), decades, decades**2, female, decades * female], axis=1)
    left: Values = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    return left


def _mean(values: Values, resamples: int, generator: np.random.Generator) -> dict[str, Any]:
    if len(values) < FEWEST:
        return measurement_to_dict(Unscored(f"fewer than {FEWEST} people"))

    def figure(rows: NDArray[np.int64]) -> Measurement:
        return Scored(value=float(values[rows].mean()), n=len(values))

    return measurement_to_dict(bootstrapped(figure, len(values), resamples=resamples, generator=generator))
