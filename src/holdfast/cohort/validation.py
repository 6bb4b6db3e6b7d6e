"""What is wrong with a cohort, in counts and column names: some things stop it, some are only said.

Refused (``CohortError``): no people, an empty or repeated person, a visit in the future or before birth, an outcome at
or before the visit, an outcome without time or without event, rows about people or outcomes that are not in the
cohort, values that are not finite, codes that the schema does not list, a column most of which is outside what a
living person has. Said (``Finding``): a smaller share outside, an outcome that nobody had, or that nobody was followed
up for. Nothing is changed and nothing is filled in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from holdfast.cohort.person_hashes import PersonHashes
from holdfast.cohort.schema import Feature, Kind, Levels, Schema
from holdfast.cohort.units import Conversion, conversions_for

__all__ = ["Finding", "FindingKind", "validate"]

REFUSED_SHARE = 0.2
"""A column with more than this share of its values outside the plausible range is taken to be in another unit."""

_LONGEST_YEARS = 130.0


class FindingKind(StrEnum):
    """What a finding is about."""

    OUTSIDE_PLAUSIBLE = "outside_plausible"
    ALL_CENSORED = "all_censored"
    NOT_FOLLOWED_UP = "not_followed_up"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something to know about a cohort that does not stop it.

    Attributes:
        kind: What it is about.
        name: The feature or outcome.
        rows: How many rows it is about.
        total: Out of how many.
        message: The same in a sentence.
    """

    kind: FindingKind
    name: str
    rows: int
    total: int
    message: str


def validate(cohort: Cohort, *, today: date, refused_share: float = REFUSED_SHARE) -> tuple[Finding, ...]:
    """Check every row of a cohort.

    Args:
        cohort: The cohort.
        today: No visit may lie after it.
        refused_share: Share of a column's values outside its plausible range, above which the cohort is refused.

    Raises:
        CohortError: Something that the head of this module lists; the first is raised.
    """
    if not cohort.n_people:
        raise CohortError("Cohort must hold people", "0 rows", "look at what was left out in flow.json", rows=0)
    people = PersonHashes.of(cohort.people())
    _check_persons(cohort, people)
    _check_visits(cohort, today)
    _check_levels(cohort)
    _check_finite(cohort)
    _check_weights(cohort)
    _check_conditions(cohort, people)
    _check_outcomes(cohort, people)
    return (*_outside(cohort, refused_share), *_outcome_findings(cohort))


def _rows(frame: pl.LazyFrame) -> int:
    return int(frame.select(pl.len()).collect(engine="streaming").item())


def _count(frame: pl.LazyFrame, condition: pl.Expr) -> int:
    """Count rows that meet a condition; an undefined one is not met."""
    return int(frame.select(condition.fill_null(value=False).sum()).collect(engine="streaming").item())


def _refuse_if(rows: int, total: int, subject: str, what: str, remedy: str, columns: Iterable[str]) -> None:
    if rows:
        raise CohortError(subject, f"{rows} of {total} rows {what}", remedy, columns=columns, rows=rows)


def _check_persons(cohort: Cohort, people: PersonHashes) -> None:
    n = cohort.n_people
    empty = _count(cohort.people(), pl.col("person").is_null() | (pl.col("person") == ""))
    _refuse_if(empty, n, "Person must be given", "without one", "give every row an id", ["person"])
    _refuse_if(
        people.repeated(),
        n,
        "Person must be unique",
        "repeated",
        "keep one row a person; a second visit is a cohort of its own",
        ["person"],
    )


def _check_visits(cohort: Cohort, today: date) -> None:
    n, people = cohort.n_people, cohort.people()
    future = _count(people, pl.col("visit") > today)
    _refuse_if(future, n, f"Visit must not lie after {today}", "that do", "mend the dates", ["visit"])
    birth = cohort.schema.birth_year
    if birth is not None:
        early = _count(people, pl.col("visit").dt.year() < pl.col(birth))
        _refuse_if(early, n, "Visit must not lie before birth", "that do", "mend the dates", ["visit", birth])


def _level_columns(schema: Schema) -> dict[str, Levels]:
    found: dict[str, Levels] = {s.name: s.levels for s in schema.sensitive if s.levels is not None}
    for feature in schema.features:
        if feature.levels is not None:
            found[feature.name] = feature.levels
        elif feature.kind is Kind.BINARY:
            found[feature.name] = {0: "no", 1: "yes"}
    return found


def _check_levels(cohort: Cohort) -> None:
    levels = _level_columns(cohort.schema)
    if not levels:
        return
    unseen = (
        cohort.people()
        .select((~pl.col(name).is_in(list(known))).fill_null(value=False).sum() for name, known in levels.items())
        .collect(engine="streaming")
        .row(0, named=True)
    )
    for name, rows in unseen.items():
        _refuse_if(
            rows,
            cohort.n_people,
            f"Codes of {name!r} must be among the {len(levels[name])} that the schema lists",
            "that are not",
            "add the level to the schema, or leave the value empty",
            [name],
        )


def _check_finite(cohort: Cohort) -> None:
    numeric = [f.name for f in cohort.schema.features if f.kind is Kind.NUMERIC]
    if not numeric:
        return
    counts = (
        cohort.people()
        .select((~pl.col(name).is_finite()).fill_null(value=False).sum() for name in numeric)
        .collect(engine="streaming")
        .row(0, named=True)
    )
    for name, rows in counts.items():
        _refuse_if(
            rows, cohort.n_people, f"Values of {name!r} must be finite", "that are not", "leave them empty", [name]
        )


def _check_weights(cohort: Cohort) -> None:
    for name in cohort.schema.weights:
        weight = pl.col(name)
        bad = _count(cohort.people(), ~(weight.is_finite() & (weight >= 0)))
        _refuse_if(bad, cohort.n_people, f"Weights {name!r} must be 0 or more", "that are not", "mend them", [name])


def _check_conditions(cohort: Cohort, people: PersonHashes) -> None:
    rows, total = cohort.conditions(), _rows(cohort.conditions())
    known = list(cohort.schema.conditions)
    unknown = _count(rows, ~pl.col("condition").is_in(known) | pl.col("condition").is_null())
    _refuse_if(unknown, total, "Conditions must be those of the schema", "of others", "list them there", ["condition"])
    wild = _count(rows, ~(pl.col("years").abs() <= _LONGEST_YEARS) | pl.col("years").is_null())
    _refuse_if(
        wild,
        total,
        f"Years of a condition must lie within {_LONGEST_YEARS:.0f} of the visit",
        "that do not",
        "mend the dates, or leave the row out",
        ["years"],
    )
    _check_belonging(rows, people, "conditions.parquet", key="condition", keys=known)


def _check_outcomes(cohort: Cohort, people: PersonHashes) -> None:
    rows, total = cohort.outcomes(), _rows(cohort.outcomes())
    known = [o.name for o in cohort.schema.outcomes]
    unknown = _count(rows, ~pl.col("outcome").is_in(known) | pl.col("outcome").is_null())
    _refuse_if(unknown, total, "Outcomes must be those of the schema", "of others", "list them there", ["outcome"])
    early = _count(rows, pl.col("years") <= 0)
    _refuse_if(
        early,
        total,
        "Event or censoring must come after the visit",
        "at or before it",
        "make it a prevalent condition, or leave the row out",
        ["years"],
    )
    bad = _count(rows, ~(pl.col("years") <= _LONGEST_YEARS) | pl.col("years").is_null() | pl.col("event").is_null())
    _refuse_if(
        bad,
        total,
        "Outcome must have a time in years and an event",
        "without",
        "leave the row out: nothing is filled in for an outcome",
        ["years", "event"],
    )
    _check_belonging(rows, people, "outcomes.parquet", key="outcome", keys=known)


def _check_belonging(rows: pl.LazyFrame, people: PersonHashes, table: str, *, key: str, keys: list[str]) -> None:
    """Check that people are of the cohort and not twice under one key; one key is held at a time."""
    total, strangers, repeated = 0, 0, 0
    for name in keys:
        found = PersonHashes.of(rows.filter(pl.col(key) == name))
        total, strangers, repeated = (
            total + found.rows,
            strangers + found.strangers(people),
            repeated + found.repeated(),
        )
    _refuse_if(
        strangers, total, f"People in {table} must be in people.parquet", "of others", "leave them out", ["person"]
    )
    _refuse_if(repeated, total, f"Person and {key} must be unique", "repeated", "keep the first", ["person", key])


def _outside(cohort: Cohort, refused_share: float) -> list[Finding]:
    checked = [f for f in cohort.schema.features if f.plausible is not None and f.kind is Kind.NUMERIC]
    if not checked:
        return []
    counts = (
        cohort.people()
        .select(
            expression
            for f in checked
            for expression in (
                (~_within(pl.col(f.name), f)).sum().alias(f"outside {f.name}"),
                pl.col(f.name).count().alias(f"measured {f.name}"),
            )
        )
        .collect(engine="streaming")
        .row(0, named=True)
    )
    found = ((f, int(counts[f"outside {f.name}"]), int(counts[f"measured {f.name}"])) for f in checked)
    return [_judged(cohort, f, outside, n, refused_share) for f, outside, n in found if outside]


def _within(values: pl.Expr, feature: Feature) -> pl.Expr:
    low, high = feature.plausible or (float("-inf"), float("inf"))
    return (values >= low) & (values <= high)


def _judged(cohort: Cohort, feature: Feature, outside: int, measured: int, refused_share: float) -> Finding:
    low, high = feature.plausible or (0.0, 0.0)
    subject = f"Column {feature.name!r} ({feature.title}) must lie in {low:g} to {high:g} {feature.unit or ''}".rstrip()
    likely = _likely(cohort, feature, outside)
    if outside > refused_share * measured:
        raise CohortError(
            subject,
            f"{outside} of {measured} values outside" + (f", as {likely.from_unit} would be" if likely else ""),
            f"convert it from {likely.from_unit}" if likely else "check its unit",
            columns=(feature.name,),
            rows=outside,
        )
    return Finding(
        kind=FindingKind.OUTSIDE_PLAUSIBLE,
        name=feature.name,
        rows=outside,
        total=measured,
        message=f"{subject}; {outside} of {measured} values do not.",
    )


def _likely(cohort: Cohort, feature: Feature, outside: int) -> Conversion | None:
    """Return the conversion that brings most of the values outside in, if it brings in at least 90 %."""
    candidates = conversions_for(feature)
    if not candidates:
        return None
    value = pl.col(feature.name)
    suspect = cohort.people().select(value).filter(~_within(value, feature))
    mended = suspect.select(
        _within(value * c.factor + c.offset, feature).sum().alias(str(i)) for i, c in enumerate(candidates)
    ).collect(engine="streaming")
    counts = mended.row(0)
    best = max(range(len(candidates)), key=lambda i: (counts[i], -i))
    return candidates[best] if counts[best] >= 0.9 * outside else None


def _outcome_findings(cohort: Cohort) -> list[Finding]:
    counted = (
        cohort.outcomes()
        .group_by("outcome")
        .agg(pl.len().alias("rows"), pl.col("event").sum().alias("events"))
        .collect(engine="streaming")
    )
    rows = {row["outcome"]: (int(row["rows"]), int(row["events"])) for row in counted.iter_rows(named=True)}
    found = []
    for outcome in cohort.schema.outcomes:
        followed, events = rows.get(outcome.name, (0, 0))
        if events:
            continue
        kind = FindingKind.ALL_CENSORED if followed else FindingKind.NOT_FOLLOWED_UP
        said = f"nobody of the {followed} followed up had it" if followed else "nobody was followed up"
        found.append(
            Finding(
                kind=kind,
                name=outcome.name,
                rows=followed,
                total=cohort.n_people,
                message=f"Outcome {outcome.name!r}: {said}; nothing can be learnt about it.",
            )
        )
    return found
