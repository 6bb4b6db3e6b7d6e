"""Concordance of several methods on the same people, and of their differences, by one bootstrap of people for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.errors import UnknownNameError
from holdfast.measured import Measurement
from holdfast.risk.error import RiskError
from holdfast.risk.survival.concordance_pairs import ConcordancePairs, strata_codes
from holdfast.risk.survival.follow_up import FollowUp, Values, column_of
from holdfast.risk.survival.resampling import checked_level, measured_draws, measured_p, resample_counts

__all__ = ["ConcordanceDifference", "ConcordanceDraws", "SplitRisks", "paired_concordance", "split_concordance"]


@dataclass(frozen=True, kw_only=True)
class ConcordanceDifference:
    """Whether two methods rank the same people differently.

    Attributes:
        difference: Concordance of the first less that of the second, above 0 where the first is better, with its
            paired percentile interval. Unscored where no pair can be compared.
        p: Two-sided bootstrap p, at least 2 / (resamples + 1). Of this comparison alone: over several, correct for
            their number.
    """

    difference: Measurement
    p: Measurement


@dataclass(frozen=True, kw_only=True, eq=False)
class ConcordanceDraws:
    """Concordance of each method on everyone and in every resample of people.

    Attributes:
        methods: Their names.
        n_people: How many people.
        level: Nominal coverage of the intervals.
    """

    methods: tuple[str, ...]
    n_people: int
    level: float
    # (methods,) and (methods, resamples), a column one resample. NaN where no pair could be compared: never handed out.
    _observed: Values
    _draws: Values

    def index(self, method: str) -> Measurement:
        """Return the concordance of a method with its percentile interval; unscored without comparable pairs.

        Raises:
            UnknownNameError: No method of that name.
        """
        at = self._place(method)
        return self._measured(float(self._observed[at]), self._draws[at])

    def difference(self, first: str, second: str) -> ConcordanceDifference:
        """Compare two methods, resample by resample.

        Raises:
            UnknownNameError: No method of one of the names.
        """
        a, b = self._place(first), self._place(second)
        draws = self._draws[a] - self._draws[b]
        difference = self._measured(float(self._observed[a] - self._observed[b]), draws)
        undefined = "too few resamples in which people could be compared"
        p = measured_p(difference, draws, people=self.n_people, undefined=undefined)
        return ConcordanceDifference(difference=difference, p=p)

    def against(self, reference: str) -> dict[str, ConcordanceDifference]:
        """Compare every other method with one: method less reference.

        Raises:
            UnknownNameError: No method of that name.
        """
        self._place(reference)
        return {method: self.difference(method, reference) for method in self.methods if method != reference}

    def _place(self, method: str) -> int:
        if method not in self.methods:
            raise UnknownNameError("method", method, self.methods)
        return self.methods.index(method)

    def _measured(self, value: float, draws: Values) -> Measurement:
        undefined = "no two people can be compared"
        return measured_draws(value, draws, people=self.n_people, level=self.level, undefined=undefined)


@dataclass(frozen=True, kw_only=True, eq=False)
class SplitRisks:
    """What every method, fitted on the rest, said of the people of one test set.

    Attributes:
        test: Shape (m,): row numbers of the test people among all n, each once.
        risks: Method -> shape (m,), higher is worse, in the order of ``test``.
    """

    test: NDArray[np.int64]
    risks: Mapping[str, ArrayLike]


def paired_concordance(
    risks: Mapping[str, ArrayLike],
    follow_up: FollowUp,
    *,
    generator: np.random.Generator,
    strata: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> ConcordanceDraws:
    """Measure Harrell's concordance of several risks of the same people under one bootstrap of people.

    People are drawn with replacement; somebody drawn twice counts twice, and is not compared with themselves. What
    stays fixed is how the risks came about: the intervals are about these risks on other people, not about fitting
    again. Ties and pairs are those of ``harrell_concordance``, with strata those of ``concordance_within``.

    Args:
        risks: Method -> shape (n,), finite, higher is worse.
        follow_up: Of the same people.
        generator: Where the resamples come from: the same state gives the same figures.
        strata: One label a person, to compare only inside a stratum; None: all pairs.
        resamples: How many.
        level: Nominal coverage of the intervals.

    Raises:
        RiskError: No methods, another shape, values that are not finite, missing strata, or no resamples.
    """
    everyone = SplitRisks(test=np.arange(len(follow_up)), risks=risks)
    return split_concordance(
        [everyone], follow_up, generator=generator, strata=strata, resamples=resamples, level=level
    )


def split_concordance(
    splits: Sequence[SplitRisks],
    follow_up: FollowUp,
    *,
    generator: np.random.Generator,
    strata: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> ConcordanceDraws:
    """Average the concordance of several methods over test sets of the same people, 5 x 2 cross-validation for example.

    One resample of all n people serves every split, each looking at its test people among those drawn: a person who is
    in five test sets is drawn into, or left out of, all five. Methods are compared on the same people throughout. As in
    ``paired_concordance`` the fitted models stay fixed; that the splits share training people, and would differ on
    others, is what ``corrected_resampled_t`` looks at. Not defined where one split has no comparable pairs.

    Args:
        splits: At least one, all with the same methods.
        follow_up: Of all n people.
        generator: Where the resamples come from.
        strata: One label for each of the n, to compare only inside a stratum; None: all pairs.
        resamples: How many.
        level: Nominal coverage of the intervals.

    Raises:
        RiskError: No splits or methods, splits with other methods, test rows that repeat or do not exist, risks of
            another length or not finite, missing strata, or no resamples.
    """
    checked_level(level)
    methods = _methods(splits)
    codes = None if strata is None else strata_codes(strata, len(follow_up))
    prepared = [_Split.of(split, follow_up, codes) for split in splits]
    counts = resample_counts(len(follow_up), resamples=resamples, generator=generator)
    return ConcordanceDraws(
        methods=methods,
        _observed=_mean_over(prepared, methods, np.ones((len(follow_up), 1)))[:, 0],
        _draws=np.hstack([_mean_over(prepared, methods, some) for some in counts]),
        n_people=len(follow_up),
        level=level,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Split:
    test: NDArray[np.int64]
    risks: Mapping[str, Values]
    pairs: ConcordancePairs

    @classmethod
    def of(cls, split: SplitRisks, follow_up: FollowUp, codes: NDArray[np.int64] | None) -> "_Split":
        test = _test_rows(split.test, len(follow_up))
        return cls(
            test=test,
            risks={name: column_of(risk, len(test), subject=f"Risk {name!r}") for name, risk in split.risks.items()},
            pairs=ConcordancePairs.of(follow_up.take(test), strata=None if codes is None else codes[test]),
        )

    def concordance(self, methods: Sequence[str], counts: Values) -> Values:
        mine = counts[self.test]
        comparable = self.pairs.comparable(mine)
        concordant = np.stack([self.pairs.concordant(self.risks[method], mine) for method in methods])
        return np.divide(concordant, comparable, out=np.full_like(concordant, np.nan), where=comparable > 0)


def _mean_over(splits: Sequence[_Split], methods: Sequence[str], counts: Values) -> Values:
    return np.asarray(sum(split.concordance(methods, counts) for split in splits) / len(splits))


def _methods(splits: Sequence[SplitRisks]) -> tuple[str, ...]:
    if not splits or not splits[0].risks:
        raise RiskError("Methods and splits must be at least one", f"{len(splits)} splits", "give what to compare")
    methods = tuple(splits[0].risks)
    others = sum(set(split.risks) != set(methods) for split in splits)
    if others:
        raise RiskError("Splits must all have the same methods", f"{others} that differ", "fit each method on each")
    return methods


def _test_rows(test: ArrayLike, people: int) -> NDArray[np.int64]:
    rows = np.asarray(test)
    if rows.ndim != 1 or len(rows) == 0 or rows.dtype.kind not in "iu":
        raise RiskError("Test rows must be row numbers", f"{rows.dtype} of shape {rows.shape!r}", "give one a person")
    if rows.min() < 0 or rows.max() >= people:
        raise RiskError(f"Test rows must lie in 0 to {people - 1}", "others among them", "number all people from 0")
    if len(np.unique(rows)) < len(rows):
        raise RiskError("Test rows must be different", "repeats", "name each test person once a split")
    return rows.astype(np.int64)
