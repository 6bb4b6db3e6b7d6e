"""Labelled data in two parts, one to learn from and one to be judged on, and how a part is set aside."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from holdfast.metric.error import MetricError

__all__ = ["Dataset", "ImageShape", "Split", "encode_labels", "hold_out"]


@dataclass(frozen=True)
class ImageShape:
    """What a row of pixels is laid out as: channels first, then rows of the picture, then columns."""

    channels: int
    height: int
    width: int

    @property
    def pixels(self) -> int:
        """Values a picture has."""
        return self.channels * self.height * self.width


@dataclass(frozen=True, kw_only=True)
class Split:
    """Rows and their classes.

    Args:
        inputs: (n, features): bytes 0 to 255 for pictures, finite float32 for tables.
        labels: (n,) int64, the index of each row's class.
    """

    inputs: NDArray[np.uint8] | NDArray[np.float32]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.inputs.ndim != 2 or self.labels.shape != self.inputs.shape[:1]:
            got = f"{self.inputs.shape} and {self.labels.shape}"
            raise MetricError(f"Inputs and labels must be (n, features) and (n,), got `{got}`; give one label a row.")

    def __len__(self) -> int:
        return len(self.labels)

    def rows(self, index: NDArray[np.int64]) -> "Split":
        """Return the rows at ``index``, in its order."""
        return Split(inputs=self.inputs[index], labels=self.labels[index])


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A training and a test split of the same classes.

    Args:
        name: What tables and pictures call it.
        classes: The name of each class, in the order of the labels.
        image_shape: How a row of pixels is laid out; None for a table.
        notes: What was decided while loading that a reader of the figures must know.
    """

    name: str
    train: Split
    test: Split
    classes: tuple[str, ...]
    image_shape: ImageShape | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, split in (("training", self.train), ("test", self.test)):
            if len(split) == 0:
                raise MetricError(f"The {name} split must have rows, got `0`; give data with both splits.")
            if split.labels.min() < 0 or split.labels.max() >= len(self.classes):
                raise MetricError(f"Labels of the {name} split must be below {len(self.classes)}; mend the labels.")
            if split.inputs.shape[1] != self.n_features:
                got = split.inputs.shape[1]
                raise MetricError(f"Both splits must have {self.n_features} values a row, got `{got}`; align them.")
        present, counts = np.unique(self.train.labels, return_counts=True)
        if len(present) < 2 or counts.max() < 2:
            got = dict(zip(present.tolist(), counts.tolist(), strict=True))
            raise MetricError(
                f"The training split must have two classes, one of them with two rows, got `{got!r}`; add rows."
            )

    @property
    def n_features(self) -> int:
        """Values a row has."""
        return int(self.train.inputs.shape[1])

    def fingerprint(self) -> str:
        """Return the SHA-256 of both splits and their layout, so that a figure can name its data exactly."""
        digest = hashlib.sha256(repr((self.classes, self.image_shape)).encode())
        for split in (self.train, self.test):
            for array in (split.inputs, split.labels):
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def encode_labels(names: NDArray[np.str_]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the sorted distinct names, and the index of each row's."""
    classes, labels = np.unique(names, return_inverse=True)
    return tuple(map(str, classes)), labels.astype(np.int64)


def hold_out(labels: NDArray[np.int64], *, share: float, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split rows into kept and held out, class by class, so that both parts have every class they can.

    Args:
        labels: (n,) class of each row.
        share: Part of each class to hold out, rounded to the nearest row, strictly between 0 and 1. At least one row
            of each class is kept; of a class with two rows or more, at least one is held out.
        seed: Same seed, same parts.

    Returns:
        Indices kept and indices held out, each ascending.
    """
    if not 0 < share < 1:
        raise MetricError(f"share must lie strictly between 0 and 1, got `{share!r}`; give 0.2 for a fifth.")
    generator = np.random.default_rng(seed)
    held = []
    for label in np.unique(labels):
        members = generator.permutation(np.flatnonzero(labels == label))
        count = min(max(round(share * len(members)), 1), len(members) - 1)
        held.append(members[:count])
    held_out = np.sort(np.concatenate(held)).astype(np.int64)
    kept = np.setdiff1d(np.arange(len(labels), dtype=np.int64), held_out, assume_unique=True)
    return kept, held_out
