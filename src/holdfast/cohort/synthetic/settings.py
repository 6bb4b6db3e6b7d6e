"""What the made-up cohort measures and how it comes about, read from ``fields.yaml`` and ``process.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from holdfast.cohort.phenotypes.catalogue import Review, Source, load_phenotypes
from holdfast.cohort.schema import Feature, Kind, Outcome, Schema, SensitiveAttribute
from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError

__all__ = ["Answered", "Event", "Fields", "Measured", "ProcessSettings", "Settings", "load_settings"]

FOLDER = Path(__file__).parent

Loadings = Mapping[str, float]
_Share = Annotated[float, Field(gt=0, lt=1)]

_SEX = {0: "Female", 1: "Male"}
_ETHNICITY = {
    1: "White",
    2: "Mixed",
    3: "Asian or Asian British",
    4: "Black or Black British",
    5: "Chinese",
    6: "Other ethnic group",
}


class Measured(ContentModel):
    """A number: the dictionary's mean and sd, and how it depends on the factors."""

    name: str
    field: Annotated[int, Field(gt=0)]
    title: str
    group: str
    unit: str | None
    plausible: tuple[float, float]
    mean: float
    sd: Annotated[float, Field(gt=0)]
    participants: Annotated[int, Field(gt=0)]
    shape: Literal["normal", "lognormal"]
    shift: float = 0.0
    decimals: Annotated[int, Field(ge=0, le=6)]
    loadings: Loadings

    @model_validator(mode="after")
    def _has_a_shape(self) -> "Measured":
        if self.shape == "lognormal" and self.mean <= self.shift:
            raise ValueError("a lognormal mean must lie above shift")
        return self


class Answered(ContentModel):
    """An answer with levels in order of the latent tendency, and the share of each."""

    name: str
    field: Annotated[int, Field(gt=0)]
    title: str
    kind: Kind
    group: str
    levels: Mapping[int, str]
    shares: tuple[_Share, ...]
    participants: Annotated[int, Field(gt=0)]
    loadings: Loadings

    @model_validator(mode="after")
    def _adds_up(self) -> "Answered":
        if len(self.shares) != len(self.levels) or abs(sum(self.shares) - 1) > 1e-9:
            raise ValueError("shares must be one a level and add up to 1")
        return self


class Fields(ContentModel):
    """``fields.yaml``."""

    version: Annotated[int, Field(ge=1)]
    people: Annotated[int, Field(gt=0)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    review: Review
    measured: tuple[Measured, ...]
    answered: tuple[Answered, ...]


class BirthYear(ContentModel):
    """A beta distribution on ``low`` to ``high`` with that mean and sd."""

    mean: float
    sd: Annotated[float, Field(gt=0)]
    low: float
    high: float


class Event(ContentModel):
    """A condition or death: log hazard a year at mean age, its growth a year of age, and its dependence on factors."""

    share: _Share
    log_hazard: float
    growth: Annotated[float, Field(gt=0, lt=1)]
    loadings: Loadings
    source: str = ""


class ProcessSettings(ContentModel):
    """``process.yaml``."""

    version: Annotated[int, Field(ge=1)]
    review: Review
    birth_year: BirthYear
    male_share: _Share
    ethnicity: Mapping[int, _Share]
    first_visit: date
    last_visit: date
    follow_up_ends: date
    lost_share: _Share
    factors: Mapping[str, Loadings]
    death: Event
    conditions: Mapping[str, Event]
    outcomes: tuple[str, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> "ProcessSettings":
        if not self.first_visit < self.last_visit < self.follow_up_ends:
            raise ValueError("visits must come before follow_up_ends")
        if set(self.outcomes) - set(self.conditions):
            raise ValueError("outcomes must be among conditions")
        if set(self.ethnicity) != set(_ETHNICITY) or abs(sum(self.ethnicity.values()) - 1) > 1e-9:
            raise ValueError("ethnicity must have a share a group that add up to 1")
        return self


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Both files, with their SHA-256."""

    fields: Fields
    process: ProcessSettings
    sha256: Mapping[str, str]

    def schema(self) -> Schema:
        """Return the schema of a cohort made so.

        Raises:
            ContentError: A condition is no phenotype.
        """
        phenotypes = load_phenotypes()
        unknown = sorted(set(self.process.conditions) - set(phenotypes))
        if unknown:
            raise ContentError(f"process.yaml must name phenotypes, got {', '.join(unknown)}; see phenotypes/.")
        return Schema(
            features=(
                *_people_features(),
                *map(_measured, self.fields.measured),
                *map(_answered, self.fields.answered),
            ),
            sensitive=(
                SensitiveAttribute(name="sex", title="Sex", levels=_SEX),
                SensitiveAttribute(name="age", title="Age at the visit"),
                SensitiveAttribute(name="ethnicity", title="Ethnic background", levels=_ETHNICITY),
            ),
            outcomes=(
                Outcome(name="death", title="Death from any cause"),
                *(
                    Outcome(name=name, title=f"{phenotypes[name].title}, first diagnosis")
                    for name in self.process.outcomes
                ),
            ),
            conditions=tuple(self.process.conditions),
            birth_year="birth_year",
        )


def load_settings(folder: Path = FOLDER) -> Settings:
    """Read ``fields.yaml`` and ``process.yaml``.

    Raises:
        ContentError: One of them does not fit.
    """
    fields = load_yaml(folder / "fields.yaml", Fields)
    process = load_yaml(folder / "process.yaml", ProcessSettings)
    return Settings(
        fields=fields.value,
        process=process.value,
        sha256={"fields.yaml": fields.sha256, "process.yaml": process.sha256},
    )


def _people_features() -> tuple[Feature, ...]:
    who = "sociodemographic"
    return (
        Feature(name="sex", kind=Kind.BINARY, title="Sex", levels=_SEX, group=who, source="31"),
        Feature(
            name="age",
            kind=Kind.NUMERIC,
            title="Age when attended assessment centre",
            unit="years",
            plausible=(16, 110),
            group=who,
            source="21003",
        ),
        Feature(
            name="ethnicity",
            kind=Kind.CATEGORICAL,
            title="Ethnic background",
            levels=_ETHNICITY,
            group=who,
            source="21000",
        ),
    )


def _measured(row: Measured) -> Feature:
    return Feature(
        name=row.name,
        kind=Kind.NUMERIC,
        title=row.title,
        unit=row.unit,
        plausible=row.plausible,
        group=row.group,
        source=str(row.field),
    )


def _answered(row: Answered) -> Feature:
    return Feature(
        name=row.name, kind=row.kind, title=row.title, levels=row.levels, group=row.group, source=str(row.field)
    )
