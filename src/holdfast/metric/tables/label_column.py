"""The column of a table that names each row's class, kept as the whole numbers, truth values or words it holds."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from holdfast.metric.error import MetricError

__all__ = ["LabelColumn"]

_EXACT = 2.0**53  # from here on, not every whole number is a float


@dataclass(frozen=True, kw_only=True)
class LabelColumn:
    """A column of labels.

    Attributes:
        name: What it is called.
        dtype: Int64 (or the integer type of the file), Boolean or String.
    """

    name: str
    dtype: pl.DataType

    @classmethod
    def of(cls, name: str, dtype: pl.DataType) -> Self:
        """Accept a column for labels. Floats are read as whole numbers, which is how missing integers are often stored.

        Raises:
            MetricError: It holds something no class is named by, such as dates or lists.
        """
        if dtype.is_float() or dtype == pl.Null():
            return cls(name=name, dtype=pl.Int64())
        if dtype.is_integer() or dtype in (pl.Boolean(), pl.String()):
            return cls(name=name, dtype=dtype)
        raise MetricError(f"Label {name!r} must hold whole numbers, truth values or words, got {dtype}; convert it.")

    def read(self, frame: pl.DataFrame) -> pl.Series:
        """Return the labels of some rows; a missing one (also NaN) is null.

        Raises:
            MetricError: A label is a fraction, which is a measurement and not a class, or too large to be exact.
        """
        labels = frame[self.name]
        if labels.dtype.is_float():
            labels = labels.fill_nan(None)
            if bool((labels.is_infinite() | (labels != labels.round(0))).any()):
                raise MetricError(
                    f"Label {self.name!r} must name classes, got numbers with fractions; group them into classes first."
                )
            if bool((labels.abs() >= _EXACT).any()):
                raise MetricError(
                    f"Label {self.name!r} must name classes, got floats of 2^53 or more, which run into each other; "
                    "write them as whole numbers or words."
                )
        return labels.cast(self.dtype)

    def values(self, labels: pl.Series) -> npt.NDArray[np.generic]:
        """Return labels without missing ones as an array of integers, truth values or text."""
        if self.dtype == pl.String():
            return np.array(labels.to_list(), dtype=np.str_)
        return labels.to_numpy()
