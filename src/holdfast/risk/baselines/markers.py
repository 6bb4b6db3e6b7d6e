"""What phenotypic age is made of, read from ``markers.yaml``: coefficients, units and the columns that hold them."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from holdfast.content import ContentModel, load_yaml
from holdfast.risk.error import RiskError

__all__ = ["AgeScale", "Marker", "MarkerColumn", "Markers", "load_markers"]

PATH = Path(__file__).with_name("markers.yaml")

FEWEST = 20
"""People from which on a median says something about a unit."""
STATED_TOLERANCE = 5.0
"""Least tolerance where the caller said the unit: a group may be far more ill than adults at large."""

_Floats = NDArray[np.float64]


class Source(ContentModel):
    """A publication that the coefficients and names come from."""

    id: str
    publisher: str
    title: str
    year: int


class Review(ContentModel):
    """Who has reviewed the file."""

    written: date
    due: date
    reviewers: tuple[str, ...]
    status: str


class MarkerColumn(ContentModel):
    """A column that holds a marker.

    Attributes:
        name: The column.
        unit: What its values are in.
        source: The study that names it so.
        missing: Codes that mean that there is no value.
        logged: Whether it holds the natural logarithm of the value in ``unit``.
        stated: Whether the caller said what it holds, rather than this file.
    """

    name: str
    unit: str
    source: str
    missing: tuple[float, ...] = ()
    logged: bool = False
    stated: bool = False


class Marker(ContentModel):
    """One marker; the top of ``markers.yaml`` says what each field means."""

    name: str
    title: str
    unit: str
    log: bool = False
    least: float = 0.0
    coefficient: float
    typical: tuple[float, float]
    tolerance: float = Field(default=5.0, gt=1)
    units: Mapping[str, float]
    columns: tuple[MarkerColumn, ...]

    @model_validator(mode="after")
    def _knows_its_units(self) -> "Marker":
        strange = [column.unit for column in self.columns if column.unit not in {self.unit, *self.units}]
        if strange:
            raise ValueError(f"{self.name}: units must list {', '.join(strange)}")
        return self

    def values(self, column: MarkerColumn, raw: _Floats) -> _Floats:
        """Return a column's values in the formula's unit, (people,), NaN where there is none."""
        known = np.where(np.isin(raw, column.missing), np.nan, raw)
        return np.asarray((np.exp(known) if column.logged else known) * self.factor(column.unit))

    def factor(self, unit: str) -> float:
        """Return what one of ``unit`` is in the formula's.

        Raises:
            RiskError: The unit is not known for this marker.
        """
        if unit == self.unit:
            return 1.0
        if unit not in self.units:
            known = ", ".join((self.unit, *self.units))
            raise RiskError(f"Unit of {self.title} must be one of {known}", f"`{unit!r}`", "convert it to one of them")
        return self.units[unit]

    def check(self, values: _Floats, column: MarkerColumn) -> None:
        """Check that values in the formula's unit can be what they are said to be.

        Raises:
            RiskError: Some are too low to be a measurement, or the median of 20 or more lies too far from what groups
                of adults have, as it would in another unit.
        """
        known = values[~np.isnan(values)]
        low = int((known < self.least).sum())
        if low:
            raise RiskError(
                f"{self.title} ({column.name}) must be {self.least:g} {self.unit} or more",
                f"less in {low} of {len(known)} rows",
                "make it missing, or the detection limit over the square root of 2 where it was too low to report",
                columns=[column.name],
                rows=low,
            )
        if len(known) >= FEWEST:
            self._check_median(float(np.median(known)), column, len(known))

    def _check_median(self, median: float, column: MarkerColumn, n: int) -> None:
        tolerance = max(self.tolerance, STATED_TOLERANCE) if column.stated else self.tolerance
        low, high = self.typical[0] / tolerance, self.typical[1] * tolerance
        if low <= median <= high:
            return
        likely = self._likely_unit(median / self.factor(column.unit))
        raise RiskError(
            f"Median {self.title} ({column.name}) must lie in {low:.3g} to {high:.3g} {self.unit}",
            f"{median:.3g} over {n} rows" + (f", as if it were in {likely}" if likely else ""),
            f"say its unit with named={{{self.name!r}: ({column.name!r}, {likely or 'unit'!r})}}, or convert it",
            columns=[column.name],
            rows=n,
        )

    def _likely_unit(self, raw: float) -> str | None:
        """Return the unit in which a raw median would be typical, if there is one."""
        units = {self.unit: 1.0, **self.units}
        low, high = self.typical
        return next((unit for unit, factor in units.items() if low <= raw * factor <= high), None)


class AgeScale(ContentModel):
    """age = offset + ln(-factor ln(1 - M)) / slope."""

    offset: float
    factor: float
    slope: float


class Markers(ContentModel):
    """``markers.yaml``."""

    version: int
    intercept: float
    gamma: float
    months: int
    age_scale: AgeScale
    sources: tuple[Source, ...]
    review: Review
    markers: tuple[Marker, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each marker, in the order of the formula."""
        return tuple(marker.name for marker in self.markers)

    def found(
        self, columns: Sequence[str], named: Mapping[str, tuple[str, str]]
    ) -> dict[str, tuple[MarkerColumn, ...]]:
        """Return the columns that hold each marker.

        Args:
            columns: Those that are there.
            named: Marker -> (column, unit), in place of the listed ones.

        Raises:
            RiskError: A marker has none: without it, it is not phenotypic age.
        """
        held = {marker.name: self._held(marker, columns, named) for marker in self.markers}
        missing = [marker.title for marker in self.markers if not held[marker.name]]
        if missing:
            raise RiskError(
                "PhenoAge must have its nine markers and age",
                f"missing marker{'s' if len(missing) > 1 else ''}: {', '.join(missing)}",
                "add the column, or say which it is with `named`; without it, it is another measure",
                columns=missing,
            )
        return held

    def _held(
        self, marker: Marker, columns: Sequence[str], named: Mapping[str, tuple[str, str]]
    ) -> tuple[MarkerColumn, ...]:
        if marker.name not in named:
            return tuple(column for column in marker.columns if column.name in columns)
        name, unit = named[marker.name]
        marker.factor(unit)
        return (MarkerColumn(name=name, unit=unit, source="the caller", stated=True),) if name in columns else ()


def load_markers(path: Path = PATH) -> Markers:
    """Read the markers.

    Raises:
        ContentError: The file is missing or does not fit.
    """
    return load_yaml(path, Markers).value
