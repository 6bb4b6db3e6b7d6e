"""A dataset as the benchmark uses it: tensors on the device that trains, what is judged, and against what."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from holdfast.metric.benchmark.datasets import Dataset, ImageShape, Split, hold_out
from holdfast.metric.error import MetricError

__all__ = ["REFERENCE_ROWS", "VALIDATION_SHARE", "BenchmarkData", "prepare"]

REFERENCE_ROWS = 10_000
VALIDATION_SHARE = 1 / 6
_SPLIT_SEED = 0


@dataclass(frozen=True, kw_only=True)
class BenchmarkData:
    """What runs train on and are judged on; all of it lies on one device but for ``sampling_labels``.

    Args:
        name: What tables and pictures call it.
        fingerprint: SHA-256 of the dataset it was made from.
        judged_on: ``test``, or ``validation`` for a part of the training split held out for tuning.
        classes: The name of each class.
        image_shape: How a row of pixels is laid out; None for a table.
        train_inputs: (n, features) float32; pixels lie in 0 to 1.
        sampling_labels: (n,) classes of the training rows, on the CPU, where batches are drawn.
        queries: (q, features) rows to be judged.
        query_labels: (q,) their classes.
        reference: (m,) numbers of the training rows in which queries look for neighbours.
        reference_labels: (m,) their classes.
        notes: What was decided on the way that a reader of the figures must know.
    """

    name: str
    fingerprint: str
    judged_on: str
    classes: tuple[str, ...]
    image_shape: ImageShape | None
    train_inputs: Tensor
    sampling_labels: Tensor
    queries: Tensor
    query_labels: Tensor
    reference: Tensor
    reference_labels: Tensor
    notes: tuple[str, ...]

    @property
    def device(self) -> torch.device:
        """Where it lies."""
        return self.train_inputs.device

    def to(self, device: str | torch.device) -> "BenchmarkData":
        """Return it on ``device``: itself where it is there already."""
        if _placed(device) == self.device:
            return self
        moved = ("train_inputs", "queries", "query_labels", "reference", "reference_labels")
        return replace(self, **{name: getattr(self, name).to(device) for name in moved})


def prepare(
    dataset: Dataset,
    *,
    device: str | torch.device = "cpu",
    validate: bool = False,
    reference_rows: int | None = REFERENCE_ROWS,
) -> BenchmarkData:
    """Put a dataset on a device, ready for ``run_one``.

    Args:
        dataset: What was loaded.
        device: cpu, cuda or a device of torch.
        validate: Judge on a sixth of each class of the training split, drawn with a fixed seed and kept out of
            training, and leave the test split alone: for tuning.
        reference_rows: Rows of the training split, drawn with a fixed seed, to look for neighbours in; None for all.

    Raises:
        MetricError: ``reference_rows`` is not positive, or the device is not there.
    """
    train, judged = dataset.train, dataset.test
    if validate:
        kept, held = hold_out(train.labels, share=VALIDATION_SHARE, seed=_SPLIT_SEED)
        train, judged = train.rows(kept), train.rows(held)
    reference = _reference(len(train), reference_rows)
    place = _placed(device)
    labels = torch.from_numpy(train.labels)
    rows = torch.from_numpy(reference)
    return BenchmarkData(
        name=dataset.name,
        fingerprint=dataset.fingerprint(),
        judged_on="validation" if validate else "test",
        classes=dataset.classes,
        image_shape=dataset.image_shape,
        train_inputs=_inputs(train, place),
        sampling_labels=labels,
        queries=_inputs(judged, place),
        query_labels=torch.from_numpy(judged.labels).to(place),
        reference=rows.to(place),
        reference_labels=labels[rows].to(place),
        notes=(*dataset.notes, *_notes(len(train), len(judged), len(reference), validate=validate)),
    )


def _reference(n: int, rows: int | None) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    if rows is not None and rows < 1:
        raise MetricError(f"reference_rows must be positive, got `{rows!r}`; give 10000, or none for all rows.")
    if rows is None or rows >= n:
        return np.arange(n, dtype=np.int64)
    return np.sort(np.random.default_rng(_SPLIT_SEED).choice(n, rows, replace=False)).astype(np.int64)


def _inputs(split: Split, device: torch.device) -> Tensor:
    """Return the rows as float32 on ``device``, bytes as 0 to 1; scaled there, so that bytes travel."""
    there = torch.from_numpy(split.inputs.copy() if not split.inputs.flags.writeable else split.inputs).to(device)
    return there.float() / 255 if there.dtype == torch.uint8 else there


def _placed(device: str | torch.device) -> torch.device:
    """Return the device with its number, having checked that it is there."""
    try:
        place = torch.device(device)
    except RuntimeError as error:
        raise MetricError(f"device must be cpu or cuda, got `{device!r}`; choose one of them.") from error
    if place.type == "cuda" and not torch.cuda.is_available():
        raise MetricError("device must be there, got `cuda`, and torch finds none; use cpu, or a build with CUDA.")
    if place.type == "cuda" and place.index is None:
        return torch.device("cuda", torch.cuda.current_device())
    return place


def _notes(train: int, judged: int, reference: int, *, validate: bool) -> tuple[str, ...]:
    what = (
        f"a held-out sixth of each class of the training split (seed {_SPLIT_SEED})" if validate else "the test split"
    )
    of = "every training row" if reference == train else f"{reference:,} training rows drawn with seed {_SPLIT_SEED}"
    return (f"trained on {train:,} rows", f"judged on {judged:,} rows: {what}", f"neighbours looked for in {of}")
