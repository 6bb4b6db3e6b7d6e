"""A cohort's people as visits: its features, its groups, one outcome, and who is in the healthy reference."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.phenotypes import HealthyRule, find_healthy
from holdfast.cohort.schema import Feature, Kind, Schema, SensitiveAttribute
from holdfast.errors import UnknownNameError
from holdfast.metric.tables.reading import open_table
from holdfast.risk.survival.follow_up import FollowUp
from holdfast.study.error import StudyError
from holdfast.study.visits.age_bands import AGE_BAND, age_bands
from holdfast.study.visits.column_values import column_types, feature_values
from holdfast.study.visits.visits import NOT_RECORDED, Values, Visits, Words

__all__ = ["CohortSelection", "age_feature", "input_features", "read_cohort"]

LEFT_OUT_GROUPS = ("survey design", "detection limit")
"""Groups of features that describe how a study was made, not the person: no inputs unless they are asked for."""

AGE_NAMES = ("age", "RIDAGEYR")

_BATCH_ROWS = 65_536


@dataclass(frozen=True, kw_only=True)
class CohortSelection:
    """What to read of a cohort.

    Attributes:
        outcome: The outcome to follow; None reads people without one.
        features: Names of the inputs; empty: every feature but those of ``LEFT_OUT_GROUPS``.
        without: Names of features to leave out.
        groups: Sensitive attributes to break figures down by; empty: all of the cohort's. Age goes in by bands.
        healthy: The rule of the bona fide healthy reference; None does not work it out.
    """

    outcome: str | None = "death"
    features: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    healthy: HealthyRule | None = field(default_factory=HealthyRule)


def read_cohort(
    cohort: Cohort, selection: CohortSelection, *, progress: Callable[[int], None] = lambda _: None
) -> Visits:
    """Read a cohort's people.

    Args:
        cohort: Where they are.
        selection: What to read.
        progress: Told how many people have been read.

    Raises:
        StudyError: Nobody was followed up for the outcome.
        UnknownNameError: The selection names what the cohort does not have.
        CohortError: Nobody is in the healthy reference.
    """
    columns = input_features(cohort.schema, selection.features, selection.without)
    frame, values, notes = _read_people(cohort, columns, selection, progress)
    age = _numbers(frame, age_feature(cohort.schema))
    visits = Visits(
        persons=frame["person"].to_numpy().astype(object),
        columns=columns,
        values=values,
        age=age,
        attributes=_attributes(frame, _sensitive(cohort.schema, selection.groups), age),
        is_healthy=_healthy(cohort, selection.healthy),
        notes=notes,
    )
    return visits if selection.outcome is None else _followed(visits, cohort, selection)


def input_features(schema: Schema, names: Sequence[str] = (), without: Collection[str] = ()) -> tuple[Feature, ...]:
    """Return the features that are inputs, in the order of the schema.

    Raises:
        UnknownNameError: A name is not a feature's.
        StudyError: None is left.
    """
    for name in (*names, *without):
        schema.feature(name)
    asked = [f for f in schema.features if (f.name in names if names else f.group not in LEFT_OUT_GROUPS)]
    left = tuple(f for f in asked if f.name not in without)
    if not left:
        raise StudyError("Inputs must be at least one feature", "none left", "leave out fewer")
    return left


def age_feature(schema: Schema) -> str | None:
    """Return the name of the feature that holds age in years, or None."""
    names = {f.name for f in schema.features if f.kind is Kind.NUMERIC}
    return next((name for name in AGE_NAMES if name in names), None)


def _read_people(
    cohort: Cohort, columns: tuple[Feature, ...], selection: CohortSelection, progress: Callable[[int], None]
) -> tuple[pl.DataFrame, Values, tuple[str, ...]]:
    """Read people a batch at a time: what stays words as a frame, the inputs as a matrix."""
    beside = [s.name for s in _sensitive(cohort.schema, selection.groups)]
    if (age := age_feature(cohort.schema)) is not None:
        beside.append(age)
    types = column_types(columns)
    wanted = {"person": pl.String()} | {n: types.get(n, cohort.people().collect_schema()[n]) for n in beside} | types
    values = np.empty((cohort.n_people, len(columns)), dtype=np.float32)
    kept, done, unseen = [], 0, dict.fromkeys([c.name for c in columns], 0)
    for rows in open_table(cohort.folder / "people.parquet").batches(wanted, batch_rows=_BATCH_ROWS):
        values[done : done + rows.frame.height], odd = feature_values(rows.frame, columns, table="people.parquet")
        unseen |= {name: unseen[name] + count for name, count in odd.items()}
        kept.append(rows.frame.select("person", *dict.fromkeys(beside)))
        done += rows.frame.height
        progress(done)
    notes = tuple(f"{n} values of {name!r} are of no listed level and read as such." for name, n in unseen.items() if n)
    return pl.concat(kept), values, notes


def _sensitive(schema: Schema, names: Sequence[str]) -> list[SensitiveAttribute]:
    known = {s.name: s for s in schema.sensitive}
    for name in names:
        if name not in known:
            raise UnknownNameError("sensitive attribute", name, known)
    chosen = [known[name] for name in names] if names else list(schema.sensitive)
    return [s for s in chosen if s.levels is not None]


def _numbers(frame: pl.DataFrame, name: str | None) -> NDArray[np.float64] | None:
    return None if name is None else frame[name].cast(pl.Float64).to_numpy().astype(np.float64)


def _attributes(
    frame: pl.DataFrame, sensitive: Sequence[SensitiveAttribute], age: NDArray[np.float64] | None
) -> dict[str, Words]:
    groups: dict[str, Words] = {}
    for attribute in sensitive:
        levels = dict(attribute.levels or {})
        codes = frame[attribute.name].cast(pl.String() if isinstance(next(iter(levels)), str) else pl.Int64)
        said = codes.replace_strict(
            list(levels), list(levels.values()), default=NOT_RECORDED, return_dtype=pl.String
        ).fill_null(NOT_RECORDED)
        groups[attribute.title] = said.to_numpy().astype(object)
    if age is not None:
        groups[AGE_BAND] = age_bands(age)
    return groups


def _healthy(cohort: Cohort, rule: HealthyRule | None) -> NDArray[np.bool_] | None:
    if rule is None:
        return None
    found = find_healthy(cohort, rule.fitted(cohort.schema))
    return found.people["is_healthy"].to_numpy().astype(np.bool_)


def _followed(visits: Visits, cohort: Cohort, selection: CohortSelection) -> Visits:
    """Add the outcome, and leave out people who were not followed up: nothing is filled in for an outcome."""
    known = [o.name for o in cohort.schema.outcomes]
    if selection.outcome not in known:
        raise UnknownNameError("outcome", str(selection.outcome), known)
    rows = cohort.outcomes().filter(pl.col("outcome") == selection.outcome).select("person", "years", "event")
    people = pl.DataFrame({"person": pl.Series(visits.persons, dtype=pl.String)})
    joined = people.join(rows.collect(engine="streaming"), on="person", how="left", maintain_order="left")
    is_followed = joined["years"].is_not_null().to_numpy().astype(np.bool_)
    if not is_followed.any():
        raise StudyError(
            f"Outcome {selection.outcome!r} must have been followed up",
            f"0 of {visits.n_people} people with a time",
            "choose another outcome or cohort",
        )
    left_out = int((~is_followed).sum())
    note = f"{left_out} of {visits.n_people} people were not followed up for {selection.outcome!r} and are left out."
    kept = visits.take(is_followed) if left_out else visits
    said = joined.filter(pl.Series(is_followed))
    follow_up = FollowUp(
        years=said["years"].to_numpy().astype(np.float64), event=said["event"].to_numpy().astype(np.bool_)
    )
    return replace(kept, follow_up=follow_up, notes=(*kept.notes, note) if left_out else kept.notes)
