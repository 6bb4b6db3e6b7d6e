"""Inputs as a Cox model takes them: filled, standardised and, where asked for, bent and flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.baseline import Rows
from holdfast.risk.error import RiskError

__all__ = ["Expansion", "InputColumn"]

LOW, HIGH = 0.15, 0.85
"""Quantiles at which a hinge bends."""
FLAGGED_SHARE = 0.005
"""Share of missing values above which a column gets a flag of its own."""
SKEWED = 1.0
"""Skewness above which a column without negative values is logged."""
LOG_FROM = 0.05
"""Quantile of the values above 0 that says where the logarithm starts to be one."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class InputColumn:
    """What becomes of one column.

    Attributes:
        name: Its name.
        log_scale: c of ln(1 + x / c), with x below 0 as 0; None: the value as it is.
        median: What fills a missing value, on the scale after the logarithm.
        below: Where a hinge max(0, below - x) ends; None: no such hinge.
        above: Where a hinge max(0, x - above) starts; None: no such hinge.
        flag: Whether a missing value is an input of its own.
    """

    name: str
    log_scale: float | None
    median: float
    below: float | None
    above: float | None
    flag: bool

    @classmethod
    def learn(cls, name: str, values: _Floats, *, expand: bool) -> "InputColumn":
        """Learn from a column that has at least two different values; missing ones are left out."""
        known = values[~np.isnan(values)]
        scale = _log_scale(known) if expand else None
        known = _logged(known, scale)
        low, high = (float(q) for q in np.quantile(known, (LOW, HIGH)))
        return cls(
            name=name,
            log_scale=scale,
            median=float(np.median(known)),
            below=low if expand and bool((known < low).any()) else None,
            above=high if expand and bool((known > high).any()) else None,
            flag=expand and len(values) - len(known) > FLAGGED_SHARE * len(values),
        )

    def terms(self, values: _Floats) -> dict[str, _Floats]:
        """Return the inputs this column becomes, by name: each (people,), finite."""
        missing = np.isnan(values)
        filled = np.where(missing, self.median, _logged(values, self.log_scale))
        terms = {self.name if self.log_scale is None else f"ln {self.name}": filled}
        if self.below is not None:
            terms[f"{self.name} below {self.below:g}"] = np.maximum(0.0, self.below - filled)
        if self.above is not None:
            terms[f"{self.name} above {self.above:g}"] = np.maximum(0.0, filled - self.above)
        if self.flag:
            terms[f"{self.name} missing"] = missing.astype(np.float64)
        return terms


@dataclass(frozen=True, kw_only=True)
class Expansion:
    """What becomes of every column, learnt from training rows.

    Attributes:
        columns: Every name learnt from, in order, dropped ones too.
        kept: What becomes of those that are used.
        dropped: Column -> why it is not used: "constant" or "never measured".
        terms: The name of each input of the design, in order.
        means: Of each term in training.
        sds: Of each term in training (n - 1).
    """

    columns: tuple[str, ...]
    kept: tuple[InputColumn, ...]
    dropped: Mapping[str, str]
    terms: tuple[str, ...]
    means: tuple[float, ...]
    sds: tuple[float, ...]

    @classmethod
    def learn(cls, rows: Rows, columns: Sequence[str], *, expand: bool) -> "Expansion":
        """Learn from at least two people.

        Args:
            rows: (people, inputs).
            columns: Their names.
            expand: Whether to add hinges and flags and to log skewed columns; otherwise columns are filled and
                standardised only.

        Raises:
            RiskError: No column varies.
        """
        dropped = {name: why for name, values in zip(columns, rows.T, strict=True) if (why := _why_dropped(values))}
        kept = tuple(
            InputColumn.learn(name, values, expand=expand)
            for name, values in zip(columns, rows.T, strict=True)
            if name not in dropped
        )
        if not kept:
            raise RiskError(
                "Inputs must vary between people",
                f"{len(dropped)} of {len(columns)} columns that are constant or never measured",
                "give at least one that does",
                columns=list(dropped),
            )
        terms = _terms(kept, dict(zip(columns, rows.T, strict=True)))
        values = np.column_stack(list(terms.values()))
        return cls(
            columns=tuple(columns),
            kept=kept,
            dropped=dropped,
            terms=tuple(terms),
            means=tuple(values.mean(axis=0).tolist()),
            sds=tuple(values.std(axis=0, ddof=1).tolist()),
        )

    def design(self, rows: Rows) -> _Floats:
        """Return the inputs of the model, (people, terms): finite, mean 0 and sd 1 in training."""
        terms = _terms(self.kept, dict(zip(self.columns, rows.T, strict=True)))
        return np.asarray((np.column_stack(list(terms.values())) - np.array(self.means)) / np.array(self.sds))

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Expansion":
        """Read what ``to_json`` returned."""
        return cls(
            columns=tuple(content["columns"]),
            kept=tuple(InputColumn(**column) for column in content["kept"]),
            dropped=dict(content["dropped"]),
            terms=tuple(content["terms"]),
            means=tuple(content["means"]),
            sds=tuple(content["sds"]),
        )


def _terms(kept: Sequence[InputColumn], values: Mapping[str, _Floats]) -> dict[str, _Floats]:
    return {name: term for column in kept for name, term in column.terms(values[column.name]).items()}


def _why_dropped(values: _Floats) -> str | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return "never measured"
    return "constant" if known.min() == known.max() else None


def _log_scale(known: _Floats) -> float | None:
    """Return c where the values are to be logged: without negatives and skewed to the right."""
    if known.min() < 0:
        return None
    deviations = known - known.mean()
    skewness = float((deviations**3).mean() / known.std() ** 3)
    return float(np.quantile(known[known > 0], LOG_FROM)) if skewness > SKEWED else None


def _logged(values: _Floats, scale: float | None) -> _Floats:
    return values if scale is None else np.asarray(np.log1p(np.maximum(values, 0.0) / scale))
