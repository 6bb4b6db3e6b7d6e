"""Phenotypic age from nine blood markers and age (Levine and others 2018), by its published formula."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.risk.baselines.baseline import Risk, Rows
from holdfast.risk.baselines.card import read_card, write_card
from holdfast.risk.baselines.inputs import arranged, check_follow_up, check_rows
from holdfast.risk.baselines.markers import MarkerColumn, load_markers
from holdfast.risk.error import RiskError
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.staged import staged

__all__ = ["PhenoAge", "PhenoAges"]

_Floats = NDArray[np.float64]

Fill = Literal["training median"]
FILL: Fill = "training median"


@dataclass(frozen=True, kw_only=True, eq=False)
class PhenoAges:
    """Phenotypic ages, of those who have one.

    Attributes:
        years: (scored people,), in the order of the rows; higher is worse.
        scored: (people,): who has one. Nobody with a marker missing has, unless filling was asked for.
        missing: Title of a marker -> how many people lack it; markers that everybody has are left out.
        filled: People whose age rests on a training median.
    """

    years: _Floats
    scored: NDArray[np.bool_]
    missing: Mapping[str, int]
    filled: int

    @property
    def note(self) -> str:
        """What a reader of the figure must know: of whom it is, and what was filled."""
        if self.filled:
            return f"training median in place of a missing marker for {self.filled} of {len(self.scored)} people"
        left_out = len(self.scored) - len(self.years)
        return f"not measured for {left_out} of {len(self.scored)} people" if left_out else ""


class PhenoAge:
    """Phenotypic age (Levine and others 2018, Aging 10:573-591).

    With x the markers in the units of ``markers.yaml``, CRP as its natural logarithm, and their coefficients b:

        xb  = -19.907 + sum of b x                                      log hazard a month of a Gompertz model
        M   = 1 - exp(-exp(xb) (exp(120 g) - 1) / g),  g = 0.0076927    chance of death within 10 years
        age = 141.50225 + ln(-0.00553 ln(1 - M)) / 0.090165             the age at which that chance is the average one

    Coefficients are the published, rounded ones; 0.090165 is the corrected slope (PLoS Medicine 2018, 15:e1002718, and
    its correction of 2019). It was fitted on US adults of 20 to 84 years in 1988-1994; in others it is an
    extrapolation. Nothing is learnt from follow-up.

    Columns are found by their names in NHANES, NHANES III, BioAge and Holdfast's own cohorts, and converted; others by
    ``named``. A median far from what groups of adults have is refused as another unit. A column missing altogether is
    refused: without CRP, say, it is another measure.

    Args:
        named: Marker -> (column, unit), for columns of other names or units: ``{"albumin": ("alb", "g/dL")}``.
            Markers are called albumin, creatinine, glucose, crp, lymphocytes, mcv, rdw, alp, wbc and age.
        fill: None: somebody with a marker missing has no phenotypic age. "training median": the median of ``fit``
            stands in for it, so that everybody can be compared; ``PhenoAges.note`` says for how many.

    Raises:
        RiskError: ``named`` holds an unknown marker.
    """

    name = "phenoage"

    def __init__(self, *, named: Mapping[str, tuple[str, str]] | None = None, fill: Fill | None = None) -> None:
        self.named = dict(named or {})
        self.fill = fill
        self._markers = load_markers()
        self._columns: tuple[str, ...] | None = None
        self._medians: dict[str, float] = {}
        unknown = sorted(set(self.named) - set(self._markers.names))
        if unknown:
            known = ", ".join(self._markers.names)
            raise RiskError("Named markers must be known", f"`{', '.join(unknown)}`", f"choose from {known}")
        if fill not in (None, FILL):
            raise RiskError(f"Fill must be None or {FILL!r}", f"`{fill!r}`", "choose one of them")

    def fit(self, rows: Rows, follow_up: FollowUp, *, columns: Sequence[str]) -> Self:
        """Find the markers, check their units and keep their medians; see ``Baseline.fit``.

        Raises:
            RiskError: As ``Baseline.fit``; a marker has no column or no value, or is in another unit.
        """
        check_rows(rows, columns)
        check_follow_up(rows, follow_up, least_events=0)
        held = self._markers.found(columns, self.named)
        values = self._values(rows, columns, held)
        empty = [marker.title for marker in self._markers.markers if np.isnan(values[marker.name]).all()]
        if empty:
            raise RiskError(
                "PhenoAge must have its nine markers and age",
                f"missing marker{'s' if len(empty) > 1 else ''}: {', '.join(empty)}, without a value in any row",
                "use people in whom they were measured; without them, it is another measure",
                columns=empty,
            )
        self._medians = {name: float(np.nanmedian(of_people)) for name, of_people in values.items()}
        self._columns = tuple(columns)
        return self

    def estimate(self, rows: Rows, *, columns: Sequence[str] | None = None) -> PhenoAges:
        """Return the phenotypic age of those who have every marker, or of everybody where filling was asked for.

        Args:
            rows: One visit a person.
            columns: As for ``Baseline.risk``; before ``fit`` they must be given.

        Raises:
            RiskError: A marker has no column, or is in another unit; filling was asked for before ``fit``.
        """
        if columns is None:
            columns = self._fitted()
        values = self._values(rows, columns, self._markers.found(columns, self.named))
        lacking = {name: np.isnan(of_people) for name, of_people in values.items()}
        somewhere = np.any(list(lacking.values()), axis=0)
        if self.fill is not None:
            self._fitted()
            values = {name: np.where(lacking[name], self._medians[name], values[name]) for name in values}
        scored = ~somewhere if self.fill is None else np.ones_like(somewhere)
        titles = {marker.name: marker.title for marker in self._markers.markers}
        return PhenoAges(
            years=self._years({name: of_people[scored] for name, of_people in values.items()}),
            scored=scored,
            missing={titles[name]: int(gone.sum()) for name, gone in lacking.items() if gone.any()},
            filled=int(somewhere.sum()) if self.fill is not None else 0,
        )

    def risk(self, rows: Rows, *, columns: Sequence[str] | None = None) -> Risk:
        """Return each person's phenotypic age in years; see ``Baseline.risk``.

        Raises:
            RiskError: As ``estimate``, or somebody has no phenotypic age.
        """
        ages = self.estimate(rows, columns=columns)
        if not ages.scored.all():
            lacking = ", ".join(f"{marker} in {count}" for marker, count in ages.missing.items())
            count = len(ages.scored) - len(ages.years)
            raise RiskError(
                "PhenoAge must have every marker of everybody",
                f"{count} of {len(ages.scored)} rows with one missing ({lacking})",
                f"use `estimate` for the others, or ask for fill={FILL!r}",
                rows=count,
            )
        return ages.years

    def _years(self, values: Mapping[str, _Floats]) -> _Floats:
        """Return ages, (people,), from complete markers in the formula's units.

        ln(1 - M) is -exp(xb) (exp(120 g) - 1) / g, put in as it is: so it holds where M rounds to 1.
        """
        markers, scale = self._markers, self._markers.age_scale
        terms = (m.coefficient * (np.log(values[m.name]) if m.log else values[m.name]) for m in markers.markers)
        predictor = markers.intercept + np.sum(list(terms), axis=0)
        growth = np.expm1(markers.gamma * markers.months) / markers.gamma
        return np.asarray(scale.offset + (np.log(scale.factor * growth) + predictor) / scale.slope)

    def _values(
        self, rows: Rows, columns: Sequence[str], held: Mapping[str, tuple[MarkerColumn, ...]]
    ) -> dict[str, _Floats]:
        """Return each marker in the formula's unit, (people,): of a person's columns the first that is measured."""
        names = [column.name for of_marker in held.values() for column in of_marker]
        raw = dict(zip(names, arranged(rows, columns, names).T, strict=True))
        values = {}
        for marker in self._markers.markers:
            found = np.full(len(rows), np.nan)
            for column in held[marker.name]:
                of_column = marker.values(column, raw[column.name])
                marker.check(of_column, column)
                found = np.where(np.isnan(found), of_column, found)
            values[marker.name] = found
        return values

    def _fitted(self) -> tuple[str, ...]:
        if self._columns is None:
            raise RiskError("PhenoAge must be fitted, or told the columns", "neither", "call fit, or give columns")
        return self._columns

    def save(self, folder: Path) -> None:
        """Write what was learnt into ``folder``: where the markers stand and their medians."""
        content = {
            "columns": list(self._fitted()),
            "named": {marker: list(where) for marker, where in self.named.items()},
            "fill": self.fill,
            "medians": self._medians,
        }
        with staged(folder) as beside:
            beside.mkdir(parents=True)
            write_card(beside, self.name, content)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what ``save`` wrote; see ``Baseline.load``."""
        card = read_card(folder, cls.name)
        named = {marker: (column, unit) for marker, (column, unit) in card["named"].items()}
        loaded = cls(named=named, fill=card["fill"])
        loaded._columns = tuple(card["columns"])
        loaded._medians = dict(card["medians"])
        return loaded
