"""What an encoding keeps of each column of a table, and its exact JSON form."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from holdfast.metric.error import MetricError

__all__ = ["CategoricalColumn", "Column", "EmptyColumn", "NumericColumn", "column_from_json", "column_to_json"]


@dataclass(frozen=True, kw_only=True)
class NumericColumn:
    """A column of numbers: encoded as ``(value - centre) * scale``, missing as 0.

    Attributes:
        name: The column's name; ``x3`` for the fourth column of a table without names.
        centre: Mean of the values seen in training.
        scale: One over their standard deviation (of the population); 0 for a constant column, whose output is always 0.
        is_missing_seen: Training had missing values: an indicator output says where they are.
    """

    name: str
    centre: float
    scale: float
    is_missing_seen: bool

    @property
    def n_outputs(self) -> int:
        """How many outputs the column has: its value, and the indicator where training had missing values."""
        return 1 + self.is_missing_seen


@dataclass(frozen=True, kw_only=True)
class CategoricalColumn:
    """A column of categories: one output for each seen in training, 1 where the cell holds it.

    A category not seen in training is all zeros. So is a missing cell, except for the indicator where there is one.

    Attributes:
        name: The column's name; ``x3`` for the fourth column of a table without names.
        categories: Sorted, each once. Numbers declared as categories are kept as text: ``1`` and ``1.0`` are "1".
        is_missing_seen: Training had missing values: an indicator output says where they are.
    """

    name: str
    categories: tuple[str, ...]
    is_missing_seen: bool

    @property
    def n_outputs(self) -> int:
        """How many outputs the column has: one a category, and the indicator where training had missing values."""
        return len(self.categories) + self.is_missing_seen


@dataclass(frozen=True, kw_only=True)
class EmptyColumn:
    """A column with no value in training: it has no outputs, and whatever it holds later is left out.

    Attributes:
        name: The column's name; ``x3`` for the fourth column of a table without names.
    """

    name: str

    @property
    def n_outputs(self) -> int:
        """How many outputs the column has: none."""
        return 0


Column = NumericColumn | CategoricalColumn | EmptyColumn


def column_to_json(column: Column) -> dict[str, Any]:
    """Return the column as JSON-ready values; floats survive JSON exactly."""
    match column:
        case NumericColumn():
            return {
                "kind": "numeric",
                "name": column.name,
                "centre": column.centre,
                "scale": column.scale,
                "is_missing_seen": column.is_missing_seen,
            }
        case CategoricalColumn():
            return {
                "kind": "categorical",
                "name": column.name,
                "categories": list(column.categories),
                "is_missing_seen": column.is_missing_seen,
            }
        case EmptyColumn():
            return {"kind": "empty", "name": column.name}


def column_from_json(stored: object) -> Column:
    """Read what ``column_to_json`` wrote.

    Raises:
        MetricError: It is anything else.
    """
    if not isinstance(stored, Mapping):
        raise MetricError(f"Column of a stored encoding must be an object, got `{type(stored).__name__}`.")
    match dict(stored):
        case {"kind": "numeric", "name": str(name), "centre": float(centre), "scale": float(scale), **rest}:
            if math.isfinite(centre) and math.isfinite(scale) and scale >= 0:
                return NumericColumn(name=name, centre=centre, scale=scale, is_missing_seen=_flag(name, rest))
        case {"kind": "categorical", "name": str(name), "categories": list(categories), **rest}:
            if all(isinstance(c, str) for c in categories) and categories == sorted(set(categories)):
                return CategoricalColumn(name=name, categories=tuple(categories), is_missing_seen=_flag(name, rest))
        case {"kind": "empty", "name": str(name), **rest} if not rest:
            return EmptyColumn(name=name)
    raise MetricError(
        f"Column of a stored encoding must be numeric, categorical or empty with the fields of its kind, "
        f"got `{stored.get('kind')!r}` with {sorted(map(str, stored))}; store the encoding again."
    )


def _flag(name: str, rest: dict[str, Any]) -> bool:
    """Return ``is_missing_seen``, the one field that may be left."""
    if rest.keys() != {"is_missing_seen"} or not isinstance(rest["is_missing_seen"], bool):
        raise MetricError(
            f"Column {name!r} of a stored encoding must say is_missing_seen, true or false, and nothing unknown, "
            f"got {sorted(rest)}; store the encoding again."
        )
    return rest["is_missing_seen"]
