"""People in one Parquet or CSV file as visits: the caller says which columns are inputs, time, event, sex and age."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.cohort.schema import Feature, Kind
from holdfast.metric.tables.reading import Table, open_table
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.visits.age_bands import AGE_BAND, age_bands
from holdfast.study.visits.column_values import column_types, feature_values, refuse_implausible, refuse_missing
from holdfast.study.visits.person_ids import known_ids, missing_ids, repeated_ids
from holdfast.study.visits.visits import NOT_RECORDED, Visits, Words

__all__ = ["TIME_UNITS", "Roles", "inferred_columns", "read_table"]

TIME_UNITS = {"years": 1.0, "months": 1 / 12, "days": 1 / 365.25}
"""Unit of a time column -> years in one of it."""

MOST_LEVELS = 64
"""Words a column may hold: with more it is an id or free text, not a category."""

_BATCH_ROWS = 65_536
_LONGEST_YEARS = 130
_WHOLE_WITH_POINT = r"^-?[0-9]+\.0$"


@dataclass(frozen=True, kw_only=True)
class Roles:
    """What the columns of a table are.

    Attributes:
        features: The inputs.
        time: Time from the visit to the event or to the end of follow-up; None where nothing is known.
        event: 1 or true where the event happened at ``time``, 0 or false where follow-up ended.
        time_unit: Of ``time``: a key of ``TIME_UNITS``.
        person: Ids; None numbers the rows from 1.
        sex: A column to break figures down by.
        age: Years at the visit; figures are broken down by its bands.
        groups: Further columns to break figures down by.
    """

    features: tuple[str, ...]
    time: str | None = None
    event: str | None = None
    time_unit: str = "years"
    person: str | None = None
    sex: str | None = None
    age: str | None = None
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.time is None) != (self.event is None):
            raise StudyError("Time and event must be named together", "one of them", "name both columns, or neither")
        if self.time is not None and self.time == self.event:
            raise StudyError("Time and event must be two columns", repr(self.time), "name the other")
        if self.time_unit not in TIME_UNITS:
            raise StudyError(f"Unit of time must be one of {', '.join(TIME_UNITS)}", repr(self.time_unit), "name one")
        repeated = sorted({name for name in self.features if self.features.count(name) > 1})
        if repeated or not self.features:
            raise StudyError(
                "Features must be named once each",
                f"{len(repeated)} repeated of {len(self.features)}",
                "list them anew",
            )
        outcome = {self.time, self.event} & set(self.features)
        if outcome:
            raise StudyError(
                "Features must not hold the outcome",
                f"{sorted(map(str, outcome))[0]!r}",
                "leave it out of the features",
            )

    @property
    def beside(self) -> tuple[str, ...]:
        """Every column that is read besides the inputs, once."""
        named = (self.person, self.time, self.event, self.sex, self.age, *self.groups)
        return tuple(dict.fromkeys(name for name in named if name is not None))


def inferred_columns(path: Path, roles: Roles) -> tuple[Feature, ...]:
    """Say what the inputs of a table are: words are categories, everything else is a number, also what is empty.

    Raises:
        StudyError: A column of words has more than ``MOST_LEVELS`` of them.
        MetricError: A column does not exist, or holds dates or lists.
    """
    table = open_table(path)
    types = table.types(roles.features, [])
    words = [name for name, dtype in types.items() if dtype == pl.String()]
    levels = _levels(table, words) if words else {}
    return tuple(
        Feature(
            name=name,
            kind=Kind.CATEGORICAL if name in levels else Kind.NUMERIC,
            title=name,
            levels={word: word for word in levels[name]} if name in levels else None,
            group="input",
            source=name,
        )
        for name in roles.features
    )


def read_table(path: Path, columns: Sequence[Feature], roles: Roles) -> Visits:
    """Read people from a table.

    A person without a time or without an event was not followed up and is left out, with the count in the notes. A time
    of 0 is counted as half of the shortest time above 0, so that nobody is left out for an early event.

    Args:
        path: A Parquet or CSV file, or a folder of parts.
        columns: The inputs, as ``inferred_columns`` or a model says.
        roles: What the other columns are.

    Raises:
        StudyError: Ids are repeated or missing, times are negative, events are other than 0 and 1, nobody was followed
            up, inputs are missing, a column cannot be read as its kind, or its values lie so far out that they must be
            in another unit.
        MetricError: The file or a column besides the inputs does not exist or cannot be read.
    """
    frame = _frame(open_table(path), columns, roles)
    if not frame.height:
        raise StudyError(f"{path.name} must hold people", "0 rows", "give a table with a row a person")
    values, unseen = feature_values(frame, columns, table=path.name)
    refuse_implausible(values, columns)
    age = None if roles.age is None else _age(frame[roles.age], path.name)
    visits = Visits(
        persons=_persons(frame, roles.person, path.name),
        columns=tuple(columns),
        values=values,
        age=age,
        attributes=_groups(frame, roles, age),
        notes=tuple(
            f"{count} values of {name!r} are of a category not seen in training: they are read as such, and take part "
            "in no category."
            for name, count in unseen.items()
        ),
    )
    return visits if roles.time is None or roles.event is None else _followed(visits, frame, roles)


def _levels(table: Table, words: list[str]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {name: set() for name in words}
    for rows in table.batches(dict.fromkeys(words, pl.String()), batch_rows=_BATCH_ROWS):
        for name in words:
            found[name] |= set(rows.frame[name].drop_nulls().unique().to_list())
            if len(found[name]) > MOST_LEVELS:
                raise StudyError(
                    f"Column {name!r} must hold at most {MOST_LEVELS} words to be a category",
                    f"more than {MOST_LEVELS}",
                    "leave it out of the features, or group its words",
                    columns=(name,),
                )
    return {name: sorted(levels) for name, levels in found.items() if levels}


def _frame(table: Table, columns: Sequence[Feature], roles: Roles) -> pl.DataFrame:
    refuse_missing(table.columns, columns, table=table.path.name)
    table.require(roles.beside)
    types = _beside_types(table, roles) | column_types(columns)
    return pl.concat([pl.DataFrame(schema=types), *(r.frame for r in table.batches(types, batch_rows=_BATCH_ROWS))])


def _beside_types(table: Table, roles: Roles) -> dict[str, pl.DataType]:
    """Return what columns besides the inputs are read as: times, events and ages as numbers, where they are such.

    A CSV keeps ids as they are written, so that "007" is not 7; times of 1.5 are numbers all the same.
    """
    types = table.types([], roles.beside)
    words = [name for name in (roles.time, roles.event, roles.age) if name is not None and types[name] == pl.String()]
    return types | (table.types(words, []) if words else {})


def _persons(frame: pl.DataFrame, name: str | None, table: str) -> Words:
    if name is None:
        return np.arange(1, frame.height + 1).astype(str).astype(object)
    ids = known_ids(frame[name])
    missing, repeated = ids.null_count(), frame.height - ids.n_unique()
    if missing:
        raise missing_ids(table, missing, of=f"of {frame.height} rows without")
    if repeated:
        raise repeated_ids(table, repeated, rows=frame.height, column=name)
    return ids.to_numpy().astype(object)


def _age(series: pl.Series, table: str) -> NDArray[np.float64]:
    if not _holds_numbers(series):
        raise StudyError(f"Age in {table} must be a number of years", str(series.dtype), "write it as a number")
    age = series.cast(pl.Float64).to_numpy().astype(np.float64)
    odd = int(((age < 0) | (age > 130)).sum())
    if odd:
        raise StudyError(
            f"Age in {table} must lie in 0 to 130 years",
            f"{odd} of {len(age)} values outside",
            "check its unit",
            columns=(series.name,),
            rows=odd,
        )
    return age


def _holds_numbers(series: pl.Series) -> bool:
    """Say whether a column is of numbers; one in which nothing was recorded may be of any type."""
    return series.dtype.is_numeric() or series.null_count() == len(series)


def _groups(frame: pl.DataFrame, roles: Roles, age: NDArray[np.float64] | None) -> dict[str, Words]:
    names = [name for name in (roles.sex, *roles.groups) if name is not None]
    groups = {name: _said(frame[name]) for name in dict.fromkeys(names)}
    return groups if age is None else {**groups, AGE_BAND: age_bands(age)}


def _said(series: pl.Series) -> Words:
    """Return each value as a word; whole numbers as 1, not 1.0."""
    series = _without_nan(series)
    whole = series.dtype.is_float() and bool((series.drop_nulls() % 1 == 0).all())
    plain = series.cast(pl.Int64, strict=False) if whole else series
    if plain.dtype == pl.String() and bool(plain.drop_nulls().str.contains(_WHOLE_WITH_POINT).all()):
        plain = plain.str.strip_suffix(".0")  # as a CSV writes such numbers
    said: Words = plain.cast(pl.String).fill_null(NOT_RECORDED).to_numpy().astype(object)
    if len(set(said)) > MOST_LEVELS:
        raise StudyError(
            f"Column {series.name!r} must hold at most {MOST_LEVELS} groups",
            f"{len(set(said))}",
            "break figures down by something coarser",
            columns=(series.name,),
        )
    return said


def _without_nan(series: pl.Series) -> pl.Series:
    return series.fill_nan(None) if series.dtype.is_float() else series


def _followed(visits: Visits, frame: pl.DataFrame, roles: Roles) -> Visits:
    time, event = _time(frame[str(roles.time)]), _event(frame[str(roles.event)])
    is_followed = ~np.isnan(time) & ~np.isnan(event)
    n_left_out = int((~is_followed).sum())
    if not is_followed.any():
        raise StudyError(
            "People must have been followed up",
            f"0 of {visits.n_people} rows with time and event",
            "check the names of the two columns",
        )
    time = time[is_followed]
    n_zero = int((time == 0).sum())
    if n_zero == len(time):
        raise StudyError("Times must be above 0", f"{n_zero} of {n_zero} that are 0", "check the column of times")
    time = np.where(time == 0, time[time > 0].min() / 2, time)
    follow_up = FollowUp(years=time * TIME_UNITS[roles.time_unit], event=event[is_followed] == 1)
    notes = list(visits.notes)
    if n_left_out:
        notes.append(f"{n_left_out} of {visits.n_people} people have no time or event and are left out.")
    if n_zero:
        notes.append(f"{n_zero} times of 0 are counted as half of the shortest time above 0.")
    if follow_up.longest_years > _LONGEST_YEARS:
        notes.append(
            f"Times go up to {follow_up.longest_years:.0f} years, longer than anybody lives: say --time-unit months or "
            "days. The order of people does not depend on it, horizons do."
        )
    kept = visits.take(is_followed) if n_left_out else visits
    return replace(kept, follow_up=follow_up, notes=tuple(notes))


def _time(series: pl.Series) -> NDArray[np.float64]:
    if not _holds_numbers(series):
        raise StudyError(
            f"Times in {series.name!r} must be numbers from the visit on",
            str(series.dtype),
            "turn dates into the time between visit and event",
            columns=(series.name,),
        )
    time = series.cast(pl.Float64).to_numpy().astype(np.float64)
    early = int((time < 0).sum())
    if early:
        raise StudyError(
            f"Event or end of follow-up in {series.name!r} must come after the visit",
            f"{early} of {len(time)} times below 0",
            "leave out people who had the event before the visit",
            columns=(series.name,),
            rows=early,
        )
    if np.isinf(time).any():
        raise StudyError(
            f"Times in {series.name!r} must be finite", f"{int(np.isinf(time).sum())} infinite", "leave them empty"
        )
    return time


def _event(series: pl.Series) -> NDArray[np.float64]:
    if not (_holds_numbers(series) or series.dtype == pl.Boolean):
        raise StudyError(
            f"Events in {series.name!r} must be 0 or 1", str(series.dtype), "write 1 where it happened, 0 where not"
        )
    event = series.cast(pl.Float64).to_numpy().astype(np.float64)
    odd = int((~np.isnan(event) & (event != 0) & (event != 1)).sum())
    if odd:
        raise StudyError(
            f"Events in {series.name!r} must be 0 or 1",
            f"{odd} of {len(event)} values of another",
            "write 1 where it happened, 0 where not",
            columns=(series.name,),
            rows=odd,
        )
    return event
