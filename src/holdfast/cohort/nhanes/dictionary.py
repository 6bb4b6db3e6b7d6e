"""What is read of NHANES, as data: ``variables.yaml``, typed."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from pydantic import Field, model_validator

from holdfast.cohort.schema import Feature, Kind, Levels
from holdfast.content import ContentModel, load_yaml

__all__ = ["Cause", "Cycle", "Dictionary", "SiColumn", "Variable", "load_dictionary"]

PATH = Path(__file__).with_name("variables.yaml")


class Cycle(ContentModel):
    """One two-year survey: its letter in file names, its number in ``SDDSRVYR`` and its years."""

    letter: str
    survey: int
    first_year: int
    last_year: int
    top_age: int

    @property
    def years(self) -> str:
        """Return "2013-2014"."""
        return f"{self.first_year}-{self.last_year}"


class SourceFile(ContentModel):
    """A file of the release: what it is about and the page that documents it."""

    title: str
    source: str


class SiColumn(ContentModel):
    """The same measurement in SI units: ``factor`` times the conventional value, to ``rounding`` in that unit."""

    name: str
    unit: str
    factor: float
    rounding: float = 0.0


class Input(ContentModel):
    """A published column, its file and the codes that mean missing."""

    name: str
    file: str
    missing: tuple[float, ...] = ()


class Variable(Input):
    """A feature: a published column, or one worked out from ``derived_from``.

    ``present`` and ``absent`` are the two codes of a binary column. ``other_units`` says by what a value in the
    right unit is multiplied to be in the wrong one.
    """

    kind: Kind
    group: str
    title: str
    unit: str | None = None
    plausible: tuple[float, float] | None = None
    levels: Levels | None = None
    present: int | None = None
    absent: int | None = None
    si: SiColumn | None = None
    below: str | None = None
    other_units: Mapping[str, float] = Field(default_factory=dict)
    derived_from: tuple[str, ...] = ()
    sensitive: bool = False
    note: str = ""

    def feature(self) -> Feature:
        """Return the column as a cohort's schema says it."""
        return Feature(
            name=self.name,
            kind=self.kind,
            title=self.title,
            unit=self.unit,
            plausible=self.plausible,
            levels=self.levels,
            group=self.group,
            source=", ".join(self.derived_from) or self.name,
        )

    @model_validator(mode="after")
    def _check_binary(self) -> "Variable":
        coded = self.present is not None and self.absent is not None
        if not self.derived_from and coded != (self.kind is Kind.BINARY):
            raise ValueError(f"{self.name}: a published binary column, and no other, has present and absent")
        return self


class Cause(ContentModel):
    """An underlying cause of death and the outcome it makes."""

    name: str
    title: str


class Dictionary(ContentModel):
    """Everything ``variables.yaml`` says."""

    cycles: tuple[Cycle, ...]
    files: Mapping[str, SourceFile]
    inputs: tuple[Input, ...]
    variables: tuple[Variable, ...]
    causes: Mapping[int, Cause]

    @cached_property
    def published(self) -> Mapping[str, Input]:
        """Return every published column that is read, with its missing codes; comment and SI columns are not in it."""
        features = (v for v in self.variables if not v.derived_from)
        return {column.name: column for column in (*self.inputs, *features)}

    @cached_property
    def paired(self) -> tuple[Variable, ...]:
        """Return the variables that are published in SI units as well."""
        return tuple(v for v in self.variables if v.si is not None)

    @cached_property
    def comments(self) -> Mapping[str, Variable]:
        """Return each detection-limit comment column and the variable it is about."""
        return {v.below: v for v in self.variables if v.below is not None}

    @cached_property
    def columns(self) -> frozenset[str]:
        """Return every column that is looked for in files of measurements, ids and weights left out."""
        si = {v.si.name for v in self.paired if v.si is not None}
        return frozenset(self.published) | frozenset(self.comments) | si

    def cycle(self, *, letter: str) -> Cycle | None:
        """Return the cycle with that letter in file names, or None where it is not read."""
        return next((c for c in self.cycles if c.letter == letter.upper()), None)

    @model_validator(mode="after")
    def _check_names(self) -> "Dictionary":
        names = [v.name for v in self.variables]
        repeated = {n for n in names if names.count(n) > 1} | {i.name for i in self.inputs} & set(names)
        unknown = {i.file for i in (*self.inputs, *self.variables)} - set(self.files)
        lost = {n for v in self.variables for n in v.derived_from} - set(self.published) - set(names) - {"SDDSRVYR"}
        for what, found in (("named twice", repeated), ("of no known file", unknown), ("not listed", lost)):
            if found:
                raise ValueError(f"{what}: {', '.join(sorted(found))}")
        return self


def load_dictionary(path: Path = PATH) -> Dictionary:
    """Read the dictionary.

    Raises:
        ContentError: The file is missing or does not fit.
    """
    return load_yaml(path, Dictionary).value
