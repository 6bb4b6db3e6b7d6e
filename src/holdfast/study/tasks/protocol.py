"""Compare representations on a task: every split in turn, kept as it is done, then every figure."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from holdfast.measured import Failed
from holdfast.study.error import StudyError
from holdfast.study.tasks.comparison import Comparison, Inputs, run_split
from holdfast.study.tasks.result import TaskResult, result_of
from holdfast.study.tasks.split_store import SplitRecord, SplitStore
from holdfast.study.tasks.splits import Split, repeated_splits
from holdfast.study.tasks.task import Task

__all__ = ["Progress", "compare_on_task"]

Progress = Callable[[str, int, int], None]
"""Told what is next, how many representations have been learnt, and of how many, over all splits."""


def compare_on_task(
    inputs: Inputs,
    comparison: Comparison,
    *,
    folder: Path | None = None,
    data: Mapping[str, Any] | None = None,
    progress: Progress = lambda _what, _done, _of: None,
) -> TaskResult:
    """Compare representations and classifiers on one task by repeated stratified splits.

    Preprocessing, representation and classifier see the training people of a split only; people without a label are in
    no split. The same inputs, seed and number of threads give the same figures, stopped and continued or not.

    Args:
        inputs: The task and what to learn from.
        comparison: What to compare.
        folder: Where finished splits are kept and taken from; None keeps none.
        data: What else the scores follow from, JSON-ready: digests of the data and the preprocessing's settings. A
            folder of other data is refused by it alone, since rows are not looked at.
        progress: See ``Progress``.

    Raises:
        StudyError: Too few people with or without the condition, a folder of another configuration, or ``prepare``
            returned other people.
        StorageError: The folder cannot be written to; what is finished is kept.
    """
    splits = repeated_splits(inputs.task, repeats=comparison.repeats, folds=comparison.folds, seed=comparison.seed)
    store = None if folder is None else SplitStore(folder, _configuration(inputs, comparison, data or {}))
    finished = {} if store is None else store.finished()
    records, each = [], len(comparison.contenders)
    for number, split in enumerate(splits):
        record = finished.get((split.repeat, split.fold))
        if record is None:
            record = run_split(comparison, inputs, split, tell=_teller(progress, number * each, len(splits) * each))
            if store is not None:
                store.add(record)
        records.append(_checked(record, comparison, split))
    progress("figures", len(splits) * each, len(splits) * each)
    return result_of(inputs.task, comparison, splits, records)


def _teller(progress: Progress, done: int, total: int) -> Callable[[str], None]:
    counted = iter(range(done, total))
    return lambda name: progress(name, next(counted), total)


def _configuration(inputs: Inputs, comparison: Comparison, data: Mapping[str, Any]) -> dict[str, Any]:
    task, classes = inputs.task, inputs.classes
    digest = None if classes is None else _sha256(classes.rows.tobytes() + classes.codes.tobytes())
    return comparison.identity() | {
        "task": task.name,
        "labels": _labels_digest(task),
        "classes": digest,
        "data": dict(data),
    }


def _labels_digest(task: Task) -> str:
    return _sha256(f"{task.n_people}\n".encode() + task.rows.astype("<i8").tobytes() + task.has.tobytes())


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _checked(record: SplitRecord, comparison: Comparison, split: Split) -> SplitRecord:
    """Check that a record, perhaps read from disk, is of this comparison and split."""
    lengths = {outcome.shape for outcome in record.outcomes.values() if not isinstance(outcome, Failed)}
    if set(record.outcomes) != set(comparison.pairs) or not lengths <= {(len(split.test),)}:
        raise StudyError(
            "Finished splits must be as they were written",
            f"repeat {split.repeat}, fold {split.fold} of other pairs or people",
            "start anew in another folder",
        )
    return record
