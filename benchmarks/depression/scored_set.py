"""What came of one set of inputs: its best pair by group, and against the best pairs of other sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from depression.people import FEWEST, SEED
from holdfast.measured import Failed, Measurement, Scored, Unscored, measurement_to_dict
from holdfast.risk.survival.subgroups import Subgroup
from holdfast.study.tasks.ranking import SplitScores, ranking_draws
from holdfast.study.tasks.result import TaskResult
from holdfast.study.tasks.split_store import SplitRecord
from holdfast.study.tasks.splits import Split, repeated_splits
from holdfast.study.tasks.task import Task

__all__ = ["ScoredSet", "between_sets", "subgroup_aurocs"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredSet:
    """Every pair on one set of inputs.

    Attributes:
        task: Who has a label, and which.
        result: The figures.
        records: What was said of whom, in the order of the splits.
    """

    task: Task
    result: TaskResult
    records: Sequence[SplitRecord]

    @property
    def best(self) -> tuple[str, str]:
        """Return the representation and classifier with the highest AUROC."""
        pairs = self.result.pairs
        scored = [(p.auroc.value, (p.representation, p.classifier)) for p in pairs if isinstance(p.auroc, Scored)]
        if not scored:
            raise click.ClickException("Every pair failed: see the figures, or try more people.")
        return max(scored)[1]

    @property
    def splits(self) -> tuple[Split, ...]:
        """Return who was learnt from and judged on."""
        return repeated_splits(self.task, repeats=1 + max(record.repeat for record in self.records), seed=SEED)

    def best_scores(self) -> list[NDArray[np.float64]]:
        """Return what the best pair said of the test people, split by split."""
        outcomes = [record.outcomes[self.best] for record in self.records]
        return [outcome for outcome in outcomes if not isinstance(outcome, Failed)]


def between_sets(found: Mapping[str, ScoredSet], *, resamples: int) -> list[dict[str, Any]]:
    """Compare the best pairs of each two sets of inputs: paired difference in AUROC, the second's less the first's."""
    names, some = list(found), next(iter(found.values()))
    said = {name: one.best_scores() for name, one in found.items()}
    scores = [
        SplitScores(test=split.test, scores={name: said[name][k] for name in names})
        for k, split in enumerate(some.splits)
    ]
    ranks, _ = ranking_draws(scores, some.task.has, seed=SEED, resamples=resamples)
    rows = []
    for first, second in ((a, b) for i, a in enumerate(names) for b in names[i + 1 :]):
        difference, p = (measurement_to_dict(measured) for measured in ranks.difference(second, first))
        rows.append({"first": first, "second": second, "difference": difference, "p": p})
    return rows


def subgroup_aurocs(
    one: ScoredSet, attributes: Mapping[str, NDArray[np.object_]], *, resamples: int
) -> tuple[Subgroup, ...]:
    """Measure the best pair's AUROC within every group: a mean over splits, with a bootstrap interval over its people.

    Args:
        one: What was scored.
        attributes: Name -> group of each labelled person.
        resamples: Of the bootstrap.
    """
    return tuple(
        _subgroup(one, (name, str(level)), np.flatnonzero(groups == level), resamples)
        for name, groups in attributes.items()
        for level in sorted(set(groups), key=lambda level: (not level.startswith("under"), level))
    )


def _subgroup(one: ScoredSet, named: tuple[str, str], members: NDArray[np.int64], resamples: int) -> Subgroup:
    has = one.task.has[members]
    cases = int(has.sum())
    figure: Measurement = Unscored(f"fewer than {FEWEST} people with or without it")
    if min(cases, len(members) - cases) >= FEWEST:
        own = [
            SplitScores(test=np.searchsorted(members, split.test[is_in]), scores={"best": scores[is_in]})
            for split, scores in zip(one.splits, one.best_scores(), strict=True)
            for is_in in [np.isin(split.test, members)]
        ]
        figure = ranking_draws(own, has, seed=SEED, resamples=resamples)[0].figure("best")
    return Subgroup(attribute=named[0], level=named[1], people=len(members), events=cases, figure=figure)
