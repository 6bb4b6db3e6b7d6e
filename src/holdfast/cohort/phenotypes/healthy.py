"""The bona fide healthy reference: who was in good health at the visit and stayed so, and why everyone else was not.

A person is in it who, at the visit, had none of the listed conditions, rated their health as good and had every marker
in range, and who, in the years that followed, was diagnosed with none of the conditions, did not die and was followed
up to the end of them. What was not measured cannot be vouched for: by default it keeps a person out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import polars as pl
from pydantic import Field, model_validator

from holdfast.cohort.cohort_folder import Cohort
from holdfast.cohort.error import CohortError
from holdfast.cohort.phenotypes.catalogue import FOLDER, HEALTHY_FILE, Review, Source
from holdfast.cohort.schema import Schema
from holdfast.content import ContentModel, load_yaml
from holdfast.errors import UnknownNameError

__all__ = ["HealthyReference", "HealthyRule", "Marker", "Refusal", "find_healthy", "load_healthy_rule"]


@dataclass(frozen=True, kw_only=True)
class Marker:
    """The range a numeric feature must lie in, both ends included, in ``unit`` (None: not compared)."""

    name: str
    low: float
    high: float
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class HealthyRule:
    """What makes a person part of the healthy reference.

    Attributes:
        conditions: Phenotypes none of which may be there; None: all that the cohort looked for.
        years_free: Years after the visit without any of them, alive and followed up where deaths are known; 0 looks at
            the visit alone.
        answers: Feature -> the codes that are good answers.
        markers: Ranges.
        death: The outcome that is death; None where deaths are not known.
        is_missing_allowed: Whether an answer or marker that was not taken is let pass.
    """

    conditions: tuple[str, ...] | None = None
    years_free: float = 5.0
    answers: Mapping[str, tuple[int | str, ...]] = field(default_factory=dict)
    markers: tuple[Marker, ...] = ()
    death: str | None = "death"
    is_missing_allowed: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.years_free < float("inf"):
            raise CohortError(
                "Years free of conditions must be 0 or more", repr(self.years_free), "give 5, for example"
            )

    def fitted(self, schema: Schema) -> "HealthyRule":
        """Return the rule without the answers, markers and death that a cohort does not have."""
        names = {feature.name for feature in schema.features}
        return replace(
            self,
            answers={name: good for name, good in self.answers.items() if name in names},
            markers=tuple(m for m in self.markers if m.name in names),
            death=self.death if self.death in {o.name for o in schema.outcomes} else None,
        )


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """How many people one reason keeps out.

    Attributes:
        reason: "condition at the visit", "marker out of range: albumin", ...
        people: Everyone it holds for. A person may have several reasons.
        only: Those it alone keeps out.
    """

    reason: str
    people: int
    only: int


@dataclass(frozen=True, kw_only=True)
class HealthyReference:
    """Who is in the healthy reference.

    Attributes:
        people: ``person`` and ``is_healthy``, in the order of the cohort.
        refusals: Every reason, also one that holds for nobody.
        n_people: Everyone in the cohort.
        n_healthy: Those in the reference.
        rule: What was asked.
    """

    people: pl.DataFrame
    refusals: tuple[Refusal, ...]
    n_people: int
    n_healthy: int
    rule: HealthyRule


class _SelfRated(ContentModel):
    name: str
    good: Annotated[tuple[int, ...], Field(min_length=1)]


class _MarkerEntry(ContentModel):
    name: str
    low: float
    high: float
    unit: str
    source: str


class _File(ContentModel):
    version: Annotated[int, Field(ge=1)]
    sources: tuple[Source, ...]
    review: Review
    years_free: Annotated[float, Field(ge=0)]
    self_rated: _SelfRated
    markers: tuple[_MarkerEntry, ...]

    @model_validator(mode="after")
    def _has_its_sources(self) -> "_File":
        unknown = {m.source for m in self.markers} - {s.id for s in self.sources}
        if unknown:
            raise ValueError(f"sources must list {', '.join(sorted(unknown))}")
        return self


def load_healthy_rule(path: Path = FOLDER / HEALTHY_FILE) -> HealthyRule:
    """Read the rule of a file; ``fitted`` makes it one for a cohort that has not all of its features.

    Raises:
        ContentError: The file does not fit.
    """
    said = load_yaml(path, _File).value
    return HealthyRule(
        years_free=said.years_free,
        answers={said.self_rated.name: said.self_rated.good},
        markers=tuple(Marker(name=m.name, low=m.low, high=m.high, unit=m.unit) for m in said.markers),
    )


def find_healthy(cohort: Cohort, rule: HealthyRule) -> HealthyReference:
    """Find the healthy reference of a cohort.

    Raises:
        CohortError: Nobody is in it, a marker is in another unit than the rule's.
        UnknownNameError: The rule names a feature, condition or outcome that the cohort does not have.
    """
    _check_rule(rule, cohort.schema)
    people = cohort.people()
    for table in _joined_tables(cohort, rule):
        people = people.join(table, on="person", how="left", maintain_order="left")
    reasons = _reasons(rule)
    flags = people.select(
        "person", *(condition.fill_null(value=False).alias(name) for name, condition in reasons.items())
    ).collect(engine="streaming")
    flags = flags.with_columns(pl.sum_horizontal(pl.col(n).cast(pl.UInt16) for n in reasons).alias("_reasons"))
    healthy = flags.select("person", (pl.col("_reasons") == 0).alias("is_healthy"))
    refusals = tuple(
        Refusal(
            reason=name,
            people=int(flags[name].sum()),
            only=int((flags[name] & (flags["_reasons"] == 1)).sum()),
        )
        for name in reasons
    )
    n_healthy = int(healthy["is_healthy"].sum())
    if not n_healthy:
        raise CohortError("Healthy reference must hold people", _most(refusals, cohort.n_people), "relax that rule")
    return HealthyReference(people=healthy, refusals=refusals, n_people=cohort.n_people, n_healthy=n_healthy, rule=rule)


def _check_rule(rule: HealthyRule, schema: Schema) -> None:
    for name in rule.conditions or ():
        if name not in schema.conditions:
            raise UnknownNameError("condition", name, schema.conditions)
    for name in rule.answers:
        schema.feature(name)
    for marker in rule.markers:
        unit = schema.feature(marker.name).unit
        if marker.unit is not None and (unit or "").lower() != marker.unit.lower():
            raise CohortError(
                f"Marker {marker.name!r} must be in {marker.unit}",
                repr(unit),
                "give the range in the cohort's unit",
                columns=(marker.name,),
            )
    outcomes = [o.name for o in schema.outcomes]
    if rule.death is not None and rule.death not in outcomes:
        raise UnknownNameError("outcome", rule.death, outcomes)


def _joined_tables(cohort: Cohort, rule: HealthyRule) -> list[pl.LazyFrame]:
    conditions, years = cohort.conditions(), pl.col("years")
    if rule.conditions is not None:
        conditions = conditions.filter(pl.col("condition").is_in(list(rule.conditions)))
    tables = [
        conditions.group_by("person").agg(
            (years <= 0).any().alias("_before"), ((years > 0) & (years <= rule.years_free)).any().alias("_after")
        )
    ]
    if rule.death is not None:
        deaths = cohort.outcomes().filter(pl.col("outcome") == rule.death)
        tables.append(deaths.select("person", years.alias("_followed"), pl.col("event").alias("_died")))
    return tables


def _reasons(rule: HealthyRule) -> dict[str, pl.Expr]:
    """Return each reason and when it holds. Undefined counts as not holding: what is missing has its own reason."""
    span = f"within {rule.years_free:g} years"
    reasons = {"condition at the visit": pl.col("_before")}
    if rule.years_free > 0:
        reasons[f"condition {span}"] = pl.col("_after")
        reasons |= _follow_up_reasons(rule, span)
    for name, good in rule.answers.items():
        reasons[f"answer not good: {name}"] = ~pl.col(name).is_in(list(good))
        reasons |= _missing_reason(rule, "answer", name)
    for marker in rule.markers:
        value = pl.col(marker.name)
        reasons[f"marker out of range: {marker.name}"] = (value < marker.low) | (value > marker.high)
        reasons |= _missing_reason(rule, "marker", marker.name)
    return reasons


def _follow_up_reasons(rule: HealthyRule, span: str) -> dict[str, pl.Expr]:
    if rule.death is None:
        return {}
    short = pl.col("_followed").is_null() | ((pl.col("_followed") < rule.years_free) & ~pl.col("_died"))
    return {
        f"died {span}": pl.col("_died") & (pl.col("_followed") <= rule.years_free),
        f"not followed up for {rule.years_free:g} years": short,
    }


def _missing_reason(rule: HealthyRule, noun: str, name: str) -> dict[str, pl.Expr]:
    return {} if rule.is_missing_allowed else {f"{noun} missing: {name}": pl.col(name).is_null()}


def _most(refusals: tuple[Refusal, ...], n_people: int) -> str:
    worst = max(refusals, key=lambda refusal: refusal.people)
    return f"0 of {n_people} people; {worst.people} were refused for {worst.reason!r}"
