"""AUROC and average precision of several methods over test sets of the same people, under one bootstrap for all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]

from holdfast.measured import Measurement
from holdfast.risk.survival.resampling import measured_draws, measured_p, resample_counts

__all__ = ["RankingDraws", "SplitScores", "auroc", "average_precision", "ranking_draws"]

Values = NDArray[np.float64]

Figure = Callable[[Values, Values], Values]
"""How many people with and without the condition are in each run, (runs, draws) -> a figure a draw."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SplitScores:
    """What every method, learnt from the rest, said of the people of one test set.

    Attributes:
        test: Their places among all n people, (m,).
        scores: Method -> (m,), higher is more likely.
    """

    test: NDArray[np.int64]
    scores: Mapping[str, Values]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranked:
    """People in order of their scores, lowest first, gathered into runs.

    A run is everybody with one score, where somebody who has the condition is among them, or everybody between two such
    runs: no figure here looks further in.

    Attributes:
        having: (runs, m), sparse: 1 where a person who has the condition is in a run.
        others: The same of people without.
    """

    having: Any
    others: Any

    @classmethod
    def of(cls, scores: Values, has: NDArray[np.bool_]) -> "Ranked":
        """Rank people.

        Args:
            scores: Finite, (m,), higher is more likely.
            has: Whether each has the condition, (m,).
        """
        order = np.argsort(scores, kind="stable")
        ranked = scores[order]
        begins = np.flatnonzero(np.concatenate([[True], ranked[1:] > ranked[:-1]]))  # of each distinct score
        has_case = np.add.reduceat(has[order].astype(np.int64), begins) > 0
        is_kept = has_case | np.concatenate([[True], has_case[:-1]])
        run = np.empty(len(order), dtype=np.int64)
        run[order] = np.searchsorted(begins[is_kept], np.arange(len(order)), side="right") - 1
        return cls(having=_members(run, has), others=_members(run, ~has))

    def counts(self, weights: Values) -> tuple[Values, Values]:
        """Return how many people with and without the condition are in each run, (runs, draws).

        Args:
            weights: How often each person counts, (m, draws).
        """
        return np.asarray(self.having @ weights), np.asarray(self.others @ weights)


def _members(run: NDArray[np.int64], is_in: NDArray[np.bool_]) -> Any:
    people = np.flatnonzero(is_in)
    ones = np.ones(len(people))
    return csr_array((ones, (run[people], people)), shape=(int(run.max()) + 1, len(run)))


def auroc(having: Values, others: Values) -> Values:
    """Return the share of pairs, one with the condition and one without, in which the one with it has more; ties half.

    0 to 1, 0.5 is chance (Hanley & McNeil 1982, Radiology 143:29-36). NaN in draws without one of the two.

    Args:
        having: People with the condition in each run, lowest scores first, (runs, draws).
        others: People without.
    """
    below = np.cumsum(others, axis=0)
    pairs = having.sum(axis=0) * below[-1]
    below -= others / 2.0
    return _ratio(np.einsum("ij,ij->j", having, below), pairs)


def average_precision(having: Values, others: Values) -> Values:
    """Return the mean precision at each person with the condition, highest scores first; tied people come together.

    Sum over distinct scores of (R_k - R_(k-1)) P_k, 0 to 1; chance is the share who have the condition. NaN in draws
    without anybody who has.

    Args:
        having: People with the condition in each run, lowest scores first, (runs, draws).
        others: People without.
    """
    found = np.cumsum(having[::-1], axis=0)
    seen = np.cumsum(others[::-1], axis=0)
    seen += found
    precision = np.divide(found, seen, out=seen, where=seen > 0)  # nobody seen: 0, and it adds nothing
    return _ratio(np.einsum("ij,ij->j", having[::-1], precision), found[-1])


def _ratio(parts: Values, wholes: Values) -> Values:
    """Return a share a draw, NaN where there is nothing to share."""
    return np.asarray(np.divide(parts, wholes, out=np.full_like(wholes, np.nan), where=wholes > 0))


@dataclass(frozen=True, kw_only=True, eq=False)
class RankingDraws:
    """One figure of every method, on everyone and in every resample of people: a mean over splits.

    Attributes:
        methods: Their names.
        n_people: How many people.
        level: Nominal coverage of the intervals.
    """

    methods: tuple[str, ...]
    n_people: int
    level: float
    # (methods, splits) and (methods, resamples). NaN where a split has nobody of one kind: never handed out.
    _observed: Values
    _draws: Values

    def figure(self, method: str) -> Measurement:
        """Return a method's figure with its percentile interval."""
        at = self.methods.index(method)
        return self._measured(float(self._observed[at].mean()), self._draws[at])

    def by_split(self, method: str) -> Values:
        """Return a method's figure on each split as it is."""
        return np.array(self._observed[self.methods.index(method)])

    def difference(self, first: str, second: str) -> tuple[Measurement, Measurement]:
        """Return the first's figure less the second's with its paired interval, and the bootstrap's two-sided p."""
        a, b = self.methods.index(first), self.methods.index(second)
        draws = self._draws[a] - self._draws[b]
        found = self._measured(float(self._observed[a].mean() - self._observed[b].mean()), draws)
        undefined = "too few resamples with people of both kinds in every split"
        return found, measured_p(found, draws, people=self.n_people, undefined=undefined)

    def _measured(self, value: float, draws: Values) -> Measurement:
        undefined = "a test set has people of one kind only"
        return measured_draws(value, draws, people=self.n_people, level=self.level, undefined=undefined)


def ranking_draws(
    splits: Sequence[SplitScores],
    has: NDArray[np.bool_],
    *,
    figures: Sequence[Figure] = (auroc, average_precision),
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
) -> tuple[RankingDraws, ...]:
    """Work out figures of all methods, each a mean over the splits, with one resample of people for all of them.

    A person who is in five test sets is drawn into, or left out of, all five, and all methods are compared on the same
    people. What was learnt stays fixed: the intervals are about these models on other people, not about learning
    again.

    Args:
        splits: At least one, all with the same methods.
        has: Whether each of all n people has the condition.
        figures: What to work out.
        seed: Of the resamples.
        resamples: How many.
        level: Nominal coverage of the intervals.

    Returns:
        One for each of ``figures``.
    """
    methods = tuple(splits[0].scores)
    ranked = [[Ranked.of(split.scores[m], has[split.test]) for m in methods] for split in splits]
    observed = np.array([_figures(s, r, np.ones((len(has), 1)), figures) for s, r in zip(splits, ranked, strict=True)])
    draws = [
        np.mean([_figures(s, r, counts, figures) for s, r in zip(splits, ranked, strict=True)], axis=0)
        for counts in resample_counts(len(has), resamples=resamples, generator=np.random.default_rng(seed))
    ]
    whole = np.concatenate(draws, axis=2)
    return tuple(
        RankingDraws(
            methods=methods,
            n_people=len(has),
            level=level,
            _observed=observed[:, k, :, 0].T,
            _draws=whole[k],
        )
        for k in range(len(figures))
    )


def _figures(split: SplitScores, ranked: Sequence[Ranked], counts: Values, figures: Sequence[Figure]) -> Values:
    """Return every figure of every method on one split, (figures, methods, draws)."""
    mine = counts[split.test]
    by_method = [[figure(*counted) for figure in figures] for counted in (people.counts(mine) for people in ranked)]
    return np.array(by_method).swapaxes(0, 1)
