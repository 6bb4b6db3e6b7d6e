"""Learn on training people how values become inputs, then do the same for everybody.

For a column that holds numbers, with mean m and standard deviation s of the training values x (after the logarithm,
where a column is skewed)::

    z = clip((x - m) / s, -c, c), the median where missing
    low hinge  = (max(a - z, 0) - h) / t      a: the 15th percentile of z, b: the 85th
    high hinge = (max(z - b, 0) - h) / t      h, t: mean and standard deviation in training, t >= 0.3, at most c + 1
    missing    = 1 where missing, else 0

The hinges let a linear model bend where values leave the ordinary range: many markers are worse at both ends. Columns
that are missing together share one input for it. A categorical column is one 0/1 input for each level that at least 1 %
of the training people had, and one for missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from holdfast.cohort.schema import Feature, Kind
from holdfast.study.error import StudyError
from holdfast.study.visits.visits import Values, Visits

__all__ = ["InputEncoding", "InputSettings"]

FORMAT_VERSION = 1

_SMALLEST_SPREAD = 1e-6  # of the largest value: below it a column is constant
_NEAR_ZERO = np.float32(1e-30)  # a value that has no logarithm is as low as any: z is clipped
_SMALLEST_HINGE = 0.3  # standard deviations: a hinge that hardly anybody reaches is not blown up
_RAREST_LEVEL = 0.01  # share of training people
_ALIKE = 0.01  # share of people in whom two patterns of missing values must differ to be two inputs
_TILE = 1_024  # people whose inputs fit a core's cache
_FIT_ROWS = 200_000  # quantiles of more people than that differ by less than a tenth of a percentile


@dataclass(frozen=True, kw_only=True)
class InputSettings:
    """How columns become inputs.

    Attributes:
        clip: Standard deviations beyond which a value is no further out, above 0.
        low, high: Shares of training people below the knots of the hinges, 0 < low < high < 1.
        has_hinges: Whether there are hinges.
        fewest_missing: Share of training people who must lack a value for "missing" to be an input, 0 to 1.
        most_skew: Skewness above which a column of numbers of 0 or more is logged.
        fewest_levels: Distinct values a column of numbers must have to be bent or logged.
    """

    clip: float = 4.0
    low: float = 0.15
    high: float = 0.85
    has_hinges: bool = True
    fewest_missing: float = 0.005
    most_skew: float = 1.0
    fewest_levels: int = 6

    def __post_init__(self) -> None:
        if not (0 < self.low < self.high < 1 and self.clip > 0 and 0 <= self.fewest_missing <= 1):
            raise StudyError(
                "Settings of inputs must have 0 < low < high < 1, clip > 0 and fewest_missing in 0 to 1",
                repr((self.low, self.high, self.clip, self.fewest_missing)),
                "leave them at their defaults",
            )


@dataclass(frozen=True, kw_only=True, eq=False)
class InputEncoding:
    """How values become inputs. Learn one with ``fit``.

    Attributes:
        columns: What is read, in order.
        settings: As given to ``fit``.
        notes: Columns that say nothing (constant or empty in training), in a sentence each.
    """

    columns: tuple[Feature, ...]
    settings: InputSettings
    numeric: NDArray[np.int64]
    shifts: NDArray[np.float32]
    means: NDArray[np.float32]
    spreads: NDArray[np.float32]
    medians: NDArray[np.float32]
    bent: NDArray[np.int64]
    knots: NDArray[np.float32]
    hinge_means: NDArray[np.float32]
    hinge_spreads: NDArray[np.float32]
    flagged: NDArray[np.int64]
    levels: tuple[tuple[int, int], ...]
    notes: tuple[str, ...]

    @classmethod
    def fit(cls, visits: Visits, settings: InputSettings | None = None, *, seed: int = 0) -> Self:
        """Learn an encoding from training people; with more than 200,000, from as many drawn at random.

        Raises:
            StudyError: No column says anything.
        """
        settings = settings or InputSettings()
        values = _drawn(visits.values, seed)
        is_category = np.array([c.kind is Kind.CATEGORICAL and c.levels is not None for c in visits.columns])
        learnt = [_Column.of(values[:, i], settings) for i in np.flatnonzero(~is_category)]
        kept = [(i, c) for i, c in zip(np.flatnonzero(~is_category), learnt, strict=True) if c is not None]
        levels = [pair for i in np.flatnonzero(is_category) for pair in _levels(values[:, i], int(i))]
        flagged = _flagged(values, settings, ~is_category)
        told = {int(i) for i, _ in kept} | {place for place, _ in levels} | set(flagged.tolist())
        if not told:
            raise StudyError(
                "Inputs must differ between people", "columns that are all constant or empty", "add others"
            )
        return cls(
            columns=visits.columns,
            settings=settings,
            numeric=np.array([i for i, _ in kept], dtype=np.int64),
            shifts=np.array([c.shift for _, c in kept], dtype=np.float32),
            means=np.array([c.mean for _, c in kept], dtype=np.float32),
            spreads=np.array([c.spread for _, c in kept], dtype=np.float32),
            medians=np.array([c.median for _, c in kept], dtype=np.float32),
            bent=np.array([k for k, (_, c) in enumerate(kept) if c.hinges is not None], dtype=np.int64),
            knots=_pairs([c.hinges.knots for _, c in kept if c.hinges is not None]),
            hinge_means=_pairs([c.hinges.means for _, c in kept if c.hinges is not None]),
            hinge_spreads=_pairs([c.hinges.spreads for _, c in kept if c.hinges is not None]),
            flagged=flagged,
            levels=tuple(levels),
            notes=tuple(
                f"{c.name!r} is the same for everybody in training and says nothing."
                for i, c in enumerate(visits.columns)
                if i not in told
            ),
        )

    @property
    def n_inputs(self) -> int:
        """How many columns ``transform`` returns."""
        return len(self.numeric) + 2 * len(self.bent) + len(self.flagged) + len(self.levels)

    @property
    def sources(self) -> NDArray[np.int64]:
        """For each input the place of the column it comes from."""
        places = [place for place, _ in self.levels]
        bent = self.numeric[self.bent]
        return np.concatenate([self.numeric, bent, bent, self.flagged, np.array(places, dtype=np.int64)])

    @property
    def is_bent(self) -> NDArray[np.bool_]:
        """Which inputs are hinges, (``n_inputs``,)."""
        n, b = len(self.numeric), len(self.bent)
        places = np.arange(self.n_inputs)
        return (places >= n) & (places < n + 2 * b)

    @property
    def told(self) -> NDArray[np.int64]:
        """Places of the columns that say something."""
        return np.unique(self.sources)

    def transform(self, values: Values) -> NDArray[np.float32]:
        """Return inputs, (people, ``n_inputs``), finite: z, low hinges, high hinges, missing, levels.

        Raises:
            StudyError: Other columns than in training.
        """
        self.refuse_others(values)
        out = np.empty((len(values), self.n_inputs), dtype=np.float32)
        tile = np.empty((self.n_inputs, _TILE), dtype=np.float32)
        for start in range(0, len(values), _TILE):
            rows = slice(start, min(start + _TILE, len(values)))
            self.write(values[rows].T, tile[:, : rows.stop - start])
            out[rows] = tile[:, : rows.stop - start].T
        return out

    def refuse_others(self, values: Values) -> None:
        """Refuse values of another number of columns than in training.

        Raises:
            StudyError: They are.
        """
        if values.ndim != 2 or values.shape[1] != len(self.columns):
            raise StudyError(
                f"Values must have {len(self.columns)} columns", f"shape {values.shape}", "give those of training"
            )

    def write(self, columns: Values, out: NDArray[np.float32]) -> None:
        """Write the inputs of people who stand in columns, a column of the table and an input a row.

        It runs along memory, and so is fast where a few thousand people's inputs fit a core's cache.

        Args:
            columns: Shape (columns, people), those of training: that is not looked at.
            out: Shape (``n_inputs``, people); what ``transform`` returns, transposed.
        """
        n, b = len(self.numeric), len(self.bent)
        is_missing = np.isnan(columns)
        z = out[:n]
        z[:] = columns[self.numeric]
        self._standardise(z, is_missing[self.numeric])
        for side in (0, 1):
            hinge = out[n + side * b : n + (side + 1) * b]
            inside, outside = (
                (_rows(self.knots[:, 1]), z[self.bent]) if side else (z[self.bent], _rows(self.knots[:, 0]))
            )
            np.subtract(outside, inside, out=hinge)
            np.maximum(hinge, 0.0, out=hinge)
            hinge -= _rows(self.hinge_means[:, side])
            hinge /= _rows(self.hinge_spreads[:, side])
            np.minimum(hinge, self.settings.clip + 1.0, out=hinge)
        out[n + 2 * b : n + 2 * b + len(self.flagged)] = is_missing[self.flagged]
        for k, (place, level) in enumerate(self.levels, start=n + 2 * b + len(self.flagged)):
            out[k] = is_missing[place] if level < 0 else columns[place] == level

    def _standardise(self, z: NDArray[np.float32], is_missing: NDArray[np.bool_]) -> None:
        for k in np.flatnonzero(~np.isnan(self.shifts)):
            z[k] += self.shifts[k]
            np.maximum(z[k], _NEAR_ZERO, out=z[k])
            np.log(z[k], out=z[k])
        with np.errstate(over="ignore"):  # beyond single precision is beyond the clip
            z -= _rows(self.means)
            z /= _rows(self.spreads)
        np.clip(z, -self.settings.clip, self.settings.clip, out=z)
        np.copyto(z, _rows(self.medians), where=is_missing)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-ready values, without the columns, from which ``from_json`` makes an equal encoding."""
        return {
            "format_version": FORMAT_VERSION,
            "settings": asdict(self.settings),
            "numeric": self.numeric.tolist(),
            "shifts": [None if np.isnan(s) else float(s) for s in self.shifts],
            "means": self.means.tolist(),
            "spreads": self.spreads.tolist(),
            "medians": self.medians.tolist(),
            "bent": self.bent.tolist(),
            "knots": self.knots.tolist(),
            "hinge_means": self.hinge_means.tolist(),
            "hinge_spreads": self.hinge_spreads.tolist(),
            "flagged": self.flagged.tolist(),
            "levels": [list(pair) for pair in self.levels],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, said: Mapping[str, Any], columns: Sequence[Feature]) -> Self:
        """Make the encoding that ``to_json`` described.

        Raises:
            StudyError: It is not such a description, or of a later version.
        """
        try:
            if said["format_version"] != FORMAT_VERSION:
                raise StudyError(f"Inputs must be of format {FORMAT_VERSION}", repr(said["format_version"]), "update")
            return cls(
                columns=tuple(columns),
                settings=InputSettings(**said["settings"]),
                numeric=np.array(said["numeric"], dtype=np.int64),
                shifts=np.array([np.nan if s is None else s for s in said["shifts"]], dtype=np.float32),
                means=np.array(said["means"], dtype=np.float32),
                spreads=np.array(said["spreads"], dtype=np.float32),
                medians=np.array(said["medians"], dtype=np.float32),
                bent=np.array(said["bent"], dtype=np.int64),
                knots=_pairs(said["knots"]),
                hinge_means=_pairs(said["hinge_means"]),
                hinge_spreads=_pairs(said["hinge_spreads"]),
                flagged=np.array(said["flagged"], dtype=np.int64),
                levels=tuple((int(place), int(level)) for place, level in said["levels"]),
                notes=tuple(said["notes"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            if isinstance(error, StudyError):
                raise
            raise StudyError("Inputs must be what to_json wrote", f"a {type(error).__name__}", "fit again") from error


@dataclass(frozen=True, kw_only=True)
class _Hinges:
    """Where the two hinges of a column bend, and how they are scaled: low, then high."""

    knots: tuple[float, float]
    means: tuple[float, float]
    spreads: tuple[float, float]

    @classmethod
    def of(cls, z: NDArray[np.float64], settings: InputSettings) -> Self | None:
        """Learn from standardised values; None where most of them are the same."""
        low, high = (float(q) for q in np.quantile(z, [settings.low, settings.high]))
        if not low < high:
            return None
        below, above = np.maximum(low - z, 0), np.maximum(z - high, 0)
        return cls(
            knots=(low, high),
            means=(float(below.mean()), float(above.mean())),
            spreads=(max(float(below.std()), _SMALLEST_HINGE), max(float(above.std()), _SMALLEST_HINGE)),
        )


@dataclass(frozen=True, kw_only=True)
class _Column:
    """What is learnt of a column of numbers. ``shift`` is NaN where it is not logged."""

    shift: float
    mean: float
    spread: float
    median: float
    hinges: _Hinges | None

    @classmethod
    def of(cls, values: Values, settings: InputSettings) -> Self | None:
        """Learn from one column; None where it is constant or empty."""
        x = values[~np.isnan(values)].astype(np.float64)
        if not len(x) or np.ptp(x) <= _SMALLEST_SPREAD * max(1e-30, float(np.abs(x).max())):
            return None
        is_fine = len(np.unique(x[:10_000])) >= settings.fewest_levels
        shift = _log_shift(x, settings) if is_fine else np.nan
        if not np.isnan(shift):
            x = np.log(x + shift)
        mean, spread = float(x.mean()), float(x.std())
        z = np.clip((x - mean) / spread, -settings.clip, settings.clip)
        hinges = _Hinges.of(z, settings) if settings.has_hinges and is_fine else None
        return cls(shift=shift, mean=mean, spread=spread, median=float(np.median(z)), hinges=hinges)


def _rows(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    return numbers[:, None]


def _pairs(rows: Sequence[Sequence[float]]) -> NDArray[np.float32]:
    return np.array(rows, dtype=np.float32).reshape(-1, 2)


def _log_shift(x: NDArray[np.float64], settings: InputSettings) -> float:
    """Return what is added before the logarithm: 0 for values above 0, half the smallest above 0 otherwise."""
    spread = x.std()
    skew = float((((x - x.mean()) / spread) ** 3).mean())
    if x.min() < 0 or skew <= settings.most_skew:
        return float(np.nan)
    return 0.0 if x.min() > 0 else float(x[x > 0].min() / 2)


def _levels(values: Values, place: int) -> list[tuple[int, int]]:
    """Return (place, level) of each level that is not rare; level -1 is missing."""
    is_measured = ~np.isnan(values)
    found, counts = np.unique(values[is_measured].astype(np.int64), return_counts=True)
    if len(found) < 2 and is_measured.all():
        return []
    kept = [int(level) for level, n in zip(found, counts, strict=True) if n >= _RAREST_LEVEL * len(values)]
    return [(place, level) for level in kept + ([] if is_measured.all() or not is_measured.any() else [-1])]


def _flagged(values: Values, settings: InputSettings, is_number: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the columns whose missing values are an input: not those that are missing together with an earlier one."""
    is_missing = np.isnan(values)
    share = is_missing.mean(axis=0)
    flagged: list[int] = []
    for place in np.flatnonzero(is_number & (share > settings.fewest_missing) & (share < 1.0)):
        if all((is_missing[:, place] != is_missing[:, other]).mean() > _ALIKE for other in flagged):
            flagged.append(int(place))
    return np.array(flagged, dtype=np.int64)


def _drawn(values: Values, seed: int) -> Values:
    if len(values) <= _FIT_ROWS:
        return values
    rows = np.random.default_rng(seed).choice(len(values), _FIT_ROWS, replace=False)
    drawn: Values = values[np.sort(rows)]
    return drawn
