"""From factors to what is measured and answered.

For a field with loadings ``w`` its standardised value is ``x = w . f + sqrt(1 - |w . c|^2) e``, of mean 0 and variance
1 whatever the factors share, ``e`` standard normal. A normal field is ``mean + sd x``; a lognormal one is
``shift + exp(m + s x)`` with ``s^2 = ln(1 + (sd / (mean - shift))^2)`` and ``m = ln(mean - shift) - s^2 / 2``. Values
are rounded as they are reported and kept within the plausible range. An answer is the level whose share of the normal
distribution holds ``x``. Values are missing at random with the dictionary's rate, together within a group where blood
or urine was not taken.
"""

import statistics

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.cohort.synthetic.process import Array, Process, WhoTheyAre, applied
from holdfast.cohort.synthetic.settings import Answered, Fields, Measured
from holdfast.errors import ContentError

__all__ = ["Measurements"]

_TOGETHER = ("biochemistry", "urine", "blood count")


class Measurements:
    """Draws measurements and answers for people.

    Raises:
        ContentError: A field's loadings explain more than all of it.
    """

    def __init__(self, fields: Fields, process: Process) -> None:
        self._fields = fields
        self._rows: tuple[Measured | Answered, ...] = (*fields.measured, *fields.answered)
        self._forms = process.forms({row.name: row.loadings for row in self._rows})
        explained = np.sum(self._forms**2, axis=0)
        for row, share in zip(self._rows, explained, strict=True):
            if share > 1 + 1e-9:
                raise ContentError(f"Loadings of {row.name} must explain at most 1, got {share:.3f}; lower them.")
        self._rest = np.sqrt(np.maximum(1 - explained, 0.0))
        self._missing = [1 - min(row.participants / fields.people, 1.0) for row in self._rows]

    def draw(self, rng: np.random.Generator, who: WhoTheyAre) -> dict[str, pl.Series]:
        """Return a column for each field."""
        n = len(who.age)
        standard = applied(who.primitives, self._forms)
        standard += self._rest * rng.standard_normal(standard.shape)
        absent = self._absent(rng, n)
        return {
            row.name: _masked(
                row.name,
                _measure(row, standard[:, i]) if isinstance(row, Measured) else _answer(row, standard[:, i]),
                absent[:, i],
            )
            for i, row in enumerate(self._rows)
        }

    def _absent(self, rng: np.random.Generator, n: int) -> npt.NDArray[np.bool_]:
        """Draw who lacks what: a whole group at the rate of its most complete field, the rest one by one."""
        whole = {group: self._rate(group) for group in _TOGETHER}
        not_taken = {group: rng.random(n) < rate for group, rate in whole.items()}
        alone = rng.random((n, len(self._rows)))
        absent = np.zeros((n, len(self._rows)), dtype=np.bool_)
        for i, row in enumerate(self._rows):
            together = whole.get(row.group, 0.0)
            absent[:, i] = alone[:, i] < (self._missing[i] - together) / (1 - together)
            if row.group in not_taken:
                absent[:, i] |= not_taken[row.group]
        return absent

    def _rate(self, group: str) -> float:
        return min((self._missing[i] for i, row in enumerate(self._rows) if row.group == group), default=0.0)


def _measure(row: Measured, standard: Array) -> Array:
    values: Array
    if row.shape == "normal":
        values = row.mean + row.sd * standard
    else:
        centre = row.mean - row.shift
        spread = np.log1p((row.sd / centre) ** 2)
        values = row.shift + np.exp(np.log(centre) - spread / 2 + np.sqrt(spread) * standard)
    low, high = row.plausible
    kept: Array = values.clip(low, high).round(row.decimals)
    return kept


def _answer(row: Answered, standard: Array) -> npt.NDArray[np.int32]:
    cuts = [statistics.NormalDist().inv_cdf(share) for share in np.cumsum(row.shares)[:-1]]
    return np.array(list(row.levels), dtype=np.int32)[np.searchsorted(cuts, standard)]


def _masked(name: str, values: Array | npt.NDArray[np.int32], absent: npt.NDArray[np.bool_]) -> pl.Series:
    return pl.select(pl.when(pl.Series(~absent)).then(pl.Series(values)).alias(name)).to_series()
