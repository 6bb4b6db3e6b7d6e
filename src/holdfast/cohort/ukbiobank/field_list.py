"""Which fields a cohort is made of, as data: ``fields.yaml``, or a list of the reader's own in the same form."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field as Described

from holdfast.cohort.schema import Kind
from holdfast.content import ContentModel, Loaded, load_yaml

__all__ = ["BelowDetection", "DateMeaning", "FeatureField", "FieldList", "SpecialDate", "load_field_list"]

OWN_LIST = Path(__file__).with_name("fields.yaml")


class DateMeaning(StrEnum):
    """What a date that is no date stands for."""

    UNKNOWN = "unknown"
    BIRTH = "birth"


class SpecialDate(ContentModel):
    """A date that is no date, and what the publisher says of it."""

    means: DateMeaning
    says: str


class BelowDetection(ContentModel):
    """A result too low to report: the flag field, the code in it, and the value put in the result's place."""

    flag: int
    says: str
    value: float


class FeatureField(ContentModel):
    """One feature: a field, or a field and a second one where it has no value."""

    name: Annotated[str, Described(pattern=r"^[a-z][a-z0-9_]*$")]
    field: int
    kind: Kind
    group: str
    unit: str | None = None
    plausible: tuple[float, float] | None = None
    otherwise: int | None = None
    below_detection: BelowDetection | None = None
    collapse: Annotated[dict[int, int], Described(default_factory=dict)]

    @property
    def field_ids(self) -> tuple[int, ...]:
        """The fields it is read from, the first one first."""
        return (self.field,) if self.otherwise is None else (self.field, self.otherwise)


class FieldList(ContentModel):
    """What a cohort is made of; see the head of ``fields.yaml`` for what each part means."""

    version: Literal[1]
    codings: dict[int, dict[int, Literal["missing"] | float]]
    special_dates: dict[date, SpecialDate]
    features: tuple[FeatureField, ...]

    @property
    def field_ids(self) -> Iterator[int]:
        """Every field a feature is read from, flags included."""
        for feature in self.features:
            yield from feature.field_ids
            if feature.below_detection is not None:
                yield feature.below_detection.flag


def load_field_list(path: Path | None = None) -> Loaded[FieldList]:
    """Read a field list; without ``path``, Holdfast's own.

    Raises:
        ContentError: It is missing, not YAML, or does not have that form.
    """
    return load_yaml(path or OWN_LIST, FieldList)
