"""What a comparison came to: AUROC and average precision of every pair, and how far it is from the reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from holdfast.measured import Failed, Measurement, Unscored, measurement_to_dict
from holdfast.risk.survival.repeated_splits import corrected_resampled_t
from holdfast.study.tasks.comparison import Comparison
from holdfast.study.tasks.ranking import RankingDraws, SplitScores, ranking_draws
from holdfast.study.tasks.split_store import SplitRecord
from holdfast.study.tasks.splits import Split
from holdfast.study.tasks.task import Task

__all__ = ["Ahead", "PairResult", "TaskResult", "result_of"]


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """How far a pair is ahead of the reference in AUROC; below 0 it is behind.

    Attributes:
        difference: With the paired bootstrap interval over people.
        p: Of the bootstrap, two-sided, of this comparison alone: over several, correct for their number.
        over_splits: The same difference with the corrected resampled t interval (Nadeau & Bengio 2003), which also
            looks at how it changes with the people learnt from; ``n`` is splits.
    """

    difference: Measurement
    p: Measurement
    over_splits: Measurement


@dataclass(frozen=True, kw_only=True)
class PairResult:
    """One representation with one classifier.

    Attributes:
        representation: Its name in the comparison.
        classifier: Its name.
        auroc: Mean over the splits of the AUROC on the people tested, with a bootstrap interval over people.
        average_precision: The same of average precision; chance is the share who have the condition.
        ahead: Of the reference; None for the reference.
        unconverged_splits: In how many splits the classifier ended at its last allowed step.
    """

    representation: str
    classifier: str
    auroc: Measurement
    average_precision: Measurement
    ahead: Ahead | None
    unconverged_splits: int

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        said: dict[str, Any] = {
            "representation": self.representation,
            "classifier": self.classifier,
            "auroc": measurement_to_dict(self.auroc),
            "average_precision": measurement_to_dict(self.average_precision),
            "unconverged_splits": self.unconverged_splits,
        }
        if self.ahead is not None:
            said["ahead_of_reference"] = {
                "difference": measurement_to_dict(self.ahead.difference),
                "p": measurement_to_dict(self.ahead.p),
                "over_splits": measurement_to_dict(self.ahead.over_splits),
            }
        return said


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """Every pair on one task.

    Attributes:
        task: Its name.
        n_people: Labelled people.
        n_cases: Of them, with the condition.
        left_out: Why the others have no label -> how many.
        n_splits: Training and test sets.
        reference: Representation and classifier the others are compared with.
        pairs: In the order of the comparison.
    """

    task: str
    n_people: int
    n_cases: int
    left_out: Mapping[str, int]
    n_splits: int
    reference: tuple[str, str]
    pairs: tuple[PairResult, ...]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values."""
        return {
            "task": self.task,
            "people": self.n_people,
            "cases": self.n_cases,
            "left_out": dict(self.left_out),
            "splits": self.n_splits,
            "reference": list(self.reference),
            "pairs": [pair.to_json() for pair in self.pairs],
        }


def result_of(
    task: Task, comparison: Comparison, splits: Sequence[Split], records: Sequence[SplitRecord]
) -> TaskResult:
    """Work out the figures of finished splits.

    A pair that failed in one split has failed: a mean over fewer splits would not be comparable with the others.

    Args:
        task: Who has a label, and which.
        comparison: What was compared.
        splits: All of them.
        records: What came of each, in their order.
    """
    failed = _failures(comparison, records)
    drawn = _drawn(task, comparison, splits, records, failed)
    stopped = [pair for record in records for pair in record.unconverged]
    pairs = [
        _pair(pair, failed.get(pair), drawn, comparison.reference, splits, unconverged=stopped.count(pair))
        for pair in comparison.pairs
    ]
    return TaskResult(
        task=task.name,
        n_people=len(task.has),
        n_cases=task.n_cases,
        left_out=task.left_out,
        n_splits=len(splits),
        reference=comparison.reference,
        pairs=tuple(pairs),
    )


_Drawn = tuple[RankingDraws, RankingDraws]


def _failures(comparison: Comparison, records: Sequence[SplitRecord]) -> dict[tuple[str, str], Failed]:
    failed: dict[tuple[str, str], Failed] = {}
    for pair in comparison.pairs:
        outcomes = [record.outcomes[pair] for record in records]
        found = [outcome for outcome in outcomes if isinstance(outcome, Failed)]
        if found:
            failed[pair] = Failed(f"in {len(found)} of {len(records)} splits: {found[0].error}")
    return failed


def _drawn(
    task: Task,
    comparison: Comparison,
    splits: Sequence[Split],
    records: Sequence[SplitRecord],
    failed: Mapping[tuple[str, str], Failed],
) -> _Drawn | None:
    """Draw AUROC and average precision of the pairs that did not fail; None where all did."""
    if len(failed) == len(comparison.pairs):
        return None
    scores = [
        SplitScores(
            test=split.test,
            scores={
                _key(pair): o for pair, o in record.outcomes.items() if pair not in failed and not isinstance(o, Failed)
            },
        )
        for split, record in zip(splits, records, strict=True)
    ]
    ranks, precisions = ranking_draws(
        scores, task.has, seed=comparison.seed, resamples=comparison.resamples, level=comparison.level
    )
    return ranks, precisions


def _pair(
    pair: tuple[str, str],
    failed: Failed | None,
    drawn: _Drawn | None,
    reference: tuple[str, str],
    splits: Sequence[Split],
    *,
    unconverged: int,
) -> PairResult:
    auroc: Measurement = failed or Unscored("not measured")
    precision = auroc
    ahead = None
    if failed is None and drawn is not None:
        auroc, precision = (figures.figure(_key(pair)) for figures in drawn)
        ahead = None if pair == reference else _ahead(pair, reference, drawn[0], splits)
    return PairResult(
        representation=pair[0],
        classifier=pair[1],
        auroc=auroc,
        average_precision=precision,
        ahead=ahead,
        unconverged_splits=unconverged,
    )


def _ahead(pair: tuple[str, str], reference: tuple[str, str], ranks: RankingDraws, splits: Sequence[Split]) -> Ahead:
    if _key(reference) not in ranks.methods:
        missing = Unscored("the reference failed")
        return Ahead(difference=missing, p=missing, over_splits=missing)
    difference, p = ranks.difference(_key(pair), _key(reference))
    over_splits = corrected_resampled_t(
        ranks.by_split(_key(pair)) - ranks.by_split(_key(reference)),
        train_people=len(splits[0].train),
        test_people=len(splits[0].test),
    ).difference
    return Ahead(difference=difference, p=p, over_splits=over_splits)


def _key(pair: tuple[str, str]) -> str:
    return "\n".join(pair)
