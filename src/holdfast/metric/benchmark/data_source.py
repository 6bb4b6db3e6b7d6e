"""Find out what kind of data lies at a path and read it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from holdfast.metric.benchmark.data import REFERENCE_ROWS, BenchmarkData, prepare
from holdfast.metric.benchmark.datasets import Dataset
from holdfast.metric.benchmark.image_data import read_cifar10, read_idx_folder, read_image_folder, read_npz
from holdfast.metric.benchmark.table_data import TABLE_SUFFIXES, read_table
from holdfast.metric.error import MetricError

__all__ = ["DataSource", "load_dataset"]

_FORMATS = "an .npz archive, a .parquet or .csv table, or a folder (IDX files, CIFAR-10 binary, or images)"


def load_dataset(
    path: Path, *, label: str | None = None, leave_out: tuple[str, ...] = (), image_size: int | None = None
) -> Dataset:
    """Read labelled data in a publisher's format.

    Args:
        path: An npz archive with X_train, y_train, X_test and y_test; a .parquet or .csv table; a folder of IDX
            files, of CIFAR-10's binary version, or of images with one subfolder a class (or such under train, test).
        label: The column of classes, for a table only.
        leave_out: Columns not to use, for a table only.
        image_size: Height and width to resize to, for a folder of images only.

    Raises:
        MetricError: There is nothing at ``path``, it is of no known format, or it is damaged.
    """
    if not path.exists():
        raise MetricError(f"Data must exist, got `{str(path)!r}`; give {_FORMATS}.")
    is_table = path.is_file() and path.suffix.lower() in TABLE_SUFFIXES
    if is_table != (label is not None):
        why = "got `none`; name the column of classes" if is_table else f"got `{label!r}` for other data; leave it out"
        raise MetricError(f"label must be given for a table, and only there, {why}.")
    if leave_out and not is_table:
        raise MetricError(
            f"leave_out must be given for a table only, got `{leave_out!r}` for other data; leave it out."
        )
    if image_size is not None and path.is_file():
        raise MetricError(f"image_size must be left out for `{path.name}`, got `{image_size!r}`; only images resize.")
    if is_table and label is not None:
        return read_table(path, label=label, leave_out=leave_out)
    if path.is_file():
        if path.suffix.lower() != ".npz":
            raise MetricError(f"Data must be of a known format, got `{path.name}`; give {_FORMATS}.")
        return read_npz(path)
    return _read_folder(path.resolve(), image_size)  # so that it has a name, as `.` has none


def _read_folder(folder: Path, image_size: int | None) -> Dataset:
    names = [path.name for path in folder.iterdir() if path.is_file()]
    is_idx = any("ubyte" in name for name in names)
    is_cifar = any(name.endswith(".bin") or name.startswith("data_batch_") for name in names)
    if not is_idx and not is_cifar:
        return read_image_folder(folder, size=image_size)
    if image_size is not None:
        raise MetricError(f"image_size must be left out for `{folder.name}`, got `{image_size!r}`; only images resize.")
    return read_idx_folder(folder) if is_idx else read_cifar10(folder)


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """Where data is and how the benchmark is to take it.

    Args:
        path: As for ``load_dataset``.
        label: As for ``load_dataset``.
        leave_out: As for ``load_dataset``.
        image_size: As for ``load_dataset``.
        validate: Judge on a held-out part of the training split, for tuning.
        reference_rows: Training rows in which neighbours are looked for; None for all.
    """

    path: Path
    label: str | None = None
    leave_out: tuple[str, ...] = ()
    image_size: int | None = None
    validate: bool = False
    reference_rows: int | None = REFERENCE_ROWS

    def load(self, device: str | torch.device) -> BenchmarkData:
        """Read the data and put it on ``device``."""
        dataset = load_dataset(self.path, label=self.label, leave_out=self.leave_out, image_size=self.image_size)
        return prepare(dataset, device=device, validate=self.validate, reference_rows=self.reference_rows)

    def to_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return {**asdict(self), "path": str(self.path)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "DataSource":
        """Read what ``to_json`` wrote."""
        return cls(**{**stored, "path": Path(stored["path"]), "leave_out": tuple(stored["leave_out"])})
