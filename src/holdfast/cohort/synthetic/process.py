"""The factors behind everything a made-up person has.

Primitives ``e`` are independent, of mean 0 and variance 1: age, male, deprivation, smoking, frailty and one of its own
for each factor. A factor is a linear form ``f_k = c_k . e`` scaled to ``|c_k| = 1``, so it has variance 1 exactly.
``health`` (higher is worse) is a factor of age, sex, deprivation, smoking and frailty; the body systems and ``mind``
depend on it, or on parts of it, and on something of their own. Everything else is a linear form of factors as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from holdfast.cohort.synthetic.settings import Loadings, ProcessSettings
from holdfast.errors import ContentError

__all__ = ["BASE", "Process", "WhoTheyAre"]

Array = npt.NDArray[np.float64]

BASE = ("age", "male", "deprivation", "smoking", "frailty")

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class WhoTheyAre:
    """What is known of people but is not measured: dates, sex and primitives, a row a person.

    Attributes:
        visit: Days since 1970-01-01.
        birth_year: Whole years.
        age: At the visit, in years, with a fraction.
        male: 0 or 1.
        ethnicity: Codes.
        primitives: ``(n, k)``.
    """

    visit: npt.NDArray[np.int64]
    birth_year: npt.NDArray[np.int64]
    age: Array
    male: npt.NDArray[np.int64]
    ethnicity: npt.NDArray[np.int64]
    primitives: Array


class Process:
    """Factors as linear forms of primitives, and people drawn from them.

    Attributes:
        settings: What it was made from.
        primitives: Their names.
        mean_age: Of the population, years.
        sd_age: Of the population, years.
    """

    def __init__(self, settings: ProcessSettings) -> None:
        self.settings = settings
        own = tuple(f"own {name}" for name, loadings in settings.factors.items() if "own" in loadings)
        self.primitives = (*BASE, *own)
        self._forms: dict[str, Array] = {
            name: np.eye(len(self.primitives))[place] for place, name in enumerate(self.primitives)
        }
        for name, loadings in settings.factors.items():
            form = self.form({f"own {name}" if key == "own" else key: value for key, value in loadings.items()})
            self._forms[name] = form / np.sqrt(np.sum(form**2))
        first, last = _year(settings.first_visit), _year(settings.last_visit)
        self.mean_age = (first + last) / 2 - (settings.birth_year.mean + 0.5)
        self.sd_age = float(np.sqrt(settings.birth_year.sd**2 + (last - first) ** 2 / 12))

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the factors, ``health`` among them."""
        return tuple(self.settings.factors)

    def form(self, loadings: Loadings) -> Array:
        """Return ``sum of loading * factor`` as a linear form of the primitives; its squared length is its variance.

        Raises:
            ContentError: A loading is on something that is no primitive and no factor defined before.
        """
        unknown = sorted(set(loadings) - set(self._forms))
        if unknown:
            raise ContentError(
                f"Loadings must be on factors or primitives, got {', '.join(unknown)}; see process.yaml."
            )
        zero = np.zeros(len(self.primitives))
        return sum((weight * self._forms[name] for name, weight in loadings.items()), zero)

    def forms(self, rows: Mapping[str, Loadings]) -> Array:
        """Return a form a column, ``(k, m)``."""
        return np.stack([self.form(loadings) for loadings in rows.values()], axis=1)

    def draw(self, rng: np.random.Generator, n: int) -> WhoTheyAre:
        """Draw ``n`` people."""
        s = self.settings
        born = _beta(
            rng, n, mean=s.birth_year.mean + 0.5, sd=s.birth_year.sd, low=s.birth_year.low, high=s.birth_year.high
        )
        visit = rng.integers(_day(s.first_visit), _day(s.last_visit) + 1, n)
        male = (rng.random(n) < s.male_share).astype(np.int64)
        codes, shares = np.array(list(s.ethnicity)), np.cumsum(list(s.ethnicity.values()))
        ethnicity = codes[np.minimum(np.searchsorted(shares, rng.random(n)), len(codes) - 1)]
        age = 1970 + visit / _DAYS_A_YEAR - born
        primitives = rng.standard_normal((n, len(self.primitives)))
        primitives[:, 0] = (age - self.mean_age) / self.sd_age
        primitives[:, 1] = (male - s.male_share) / np.sqrt(s.male_share * (1 - s.male_share))
        return WhoTheyAre(
            visit=visit,
            birth_year=np.floor(born).astype(np.int64),
            age=age,
            male=male,
            ethnicity=ethnicity,
            primitives=primitives,
        )


def applied(primitives: Array, forms: Array) -> Array:
    """Return ``primitives @ forms`` summed in one fixed order: a threaded product may differ in its last bits."""
    product: Array = np.einsum("nk,km->nm", primitives, forms, optimize=False)
    return product


def _beta(rng: np.random.Generator, n: int, *, mean: float, sd: float, low: float, high: float) -> Array:
    """Draw from a beta distribution on ``low`` to ``high`` with that mean and sd."""
    m, v = (mean - low) / (high - low), (sd / (high - low)) ** 2
    size = m * (1 - m) / v - 1
    return low + (high - low) * rng.beta(m * size, (1 - m) * size, n)


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _year(day: date) -> float:
    return 1970 + _day(day) / _DAYS_A_YEAR
