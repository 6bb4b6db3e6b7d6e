"""What a cohort's columns are: features, sensitive attributes, outcomes, conditions and survey weights.

A schema is data: ``schema.json`` in a cohort's folder. It imports nothing heavy and reads no table.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from holdfast.cohort.error import CohortError
from holdfast.errors import UnknownNameError

__all__ = ["Feature", "Kind", "Levels", "Outcome", "Schema", "SensitiveAttribute"]

FORMAT_VERSION = 1

RESERVED = ("person", "visit")
"""Columns of ``people.parquet`` that are not measured."""

Levels = Mapping[str | int, str] | Mapping[int, str] | Mapping[str, str]
"""Code as stored -> what it says. All codes of one column are numbers, or all are words."""


class Kind(StrEnum):
    """How a column's values compare.

    NUMERIC is stored as Float64, ORDINAL as Int32, BINARY as Int8 (0 or 1), CATEGORICAL as Int32 where its levels are
    numbers and as String where they are words.
    """

    NUMERIC = "numeric"
    ORDINAL = "ordinal"
    BINARY = "binary"
    CATEGORICAL = "categorical"


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One measured column of ``people.parquet``.

    Attributes:
        name: The column.
        kind: How its values compare.
        title: What a person calls it.
        unit: Unit of a numeric column ("mmol/L"); None where there is none.
        plausible: Lowest and highest value a living person has in ``unit``, both included. Outside it a value is
            suspect, not refused; many outside point to a wrong unit. None: not checked.
        levels: Every code of an ordinal or categorical column. None: not checked.
        group: "biochemistry", "urine", "blood count", "body", "blood pressure", "lifestyle", "mood",
            "sociodemographic", "self-report", or another word.
        source: Field id or variable name at the publisher.
    """

    name: str
    kind: Kind
    title: str
    unit: str | None = None
    plausible: tuple[float, float] | None = None
    levels: Levels | None = None
    group: str
    source: str

    def __post_init__(self) -> None:
        _check_name("Feature", self.name)
        if self.plausible is not None and not self.plausible[0] < self.plausible[1]:
            raise CohortError(
                f"Plausible range of {self.name!r} must run from low to high",
                repr(self.plausible),
                "give the lower bound first",
                columns=(self.name,),
            )
        object.__setattr__(self, "levels", _frozen(self.name, self.levels))


@dataclass(frozen=True, kw_only=True)
class SensitiveAttribute:
    """A column of ``people.parquet`` by which every figure is broken down. It may be a feature as well.

    ``levels`` is None for a number such as age.
    """

    name: str
    title: str
    levels: Levels | None = None

    def __post_init__(self) -> None:
        _check_name("Sensitive attribute", self.name)
        object.__setattr__(self, "levels", _frozen(self.name, self.levels))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Something that may happen after the visit; its rows lie in ``outcomes.parquet``."""

    name: str
    title: str

    def __post_init__(self) -> None:
        _check_name("Outcome", self.name)


@dataclass(frozen=True, kw_only=True)
class Schema:
    """What a cohort holds.

    Attributes:
        features: Measured columns, in the order they are stored.
        sensitive: Columns to break figures down by; those that are no feature are stored after the features.
        outcomes: What may happen after the visit.
        conditions: Phenotype ids that were looked for. A condition absent from ``conditions.parquet`` was looked for
            and not found only when it is listed here.
        weights: Survey-weight columns of ``people.parquet``, Float64.
        birth_year: A column of ``people.parquet`` with the year of birth (Int32), or None.
    """

    features: tuple[Feature, ...]
    sensitive: tuple[SensitiveAttribute, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    conditions: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    birth_year: str | None = None
    _places: Mapping[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for noun, names in (
            ("Features", [f.name for f in self.features]),
            ("Sensitive attributes", [s.name for s in self.sensitive]),
            ("Outcomes", [o.name for o in self.outcomes]),
            ("Conditions", list(self.conditions)),
            ("Weights", [*self.weights, *(f.name for f in self.features)]),
        ):
            _check_unique(noun, names)
        object.__setattr__(self, "_places", {f.name: i for i, f in enumerate(self.features)})

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of ``people.parquet``, in order."""
        names = [*RESERVED, *(f.name for f in self.features), *(s.name for s in self.sensitive), *self.weights]
        return tuple(dict.fromkeys([*names, *([self.birth_year] if self.birth_year else [])]))

    def feature(self, name: str) -> Feature:
        """Return the feature of that name.

        Raises:
            UnknownNameError: There is none; the closest names are suggested.
        """
        if name not in self._places:
            raise UnknownNameError("feature", name, self._places)
        return self.features[self._places[name]]

    def to_json(self) -> str:
        """Return the schema as the text of ``schema.json``: stable, so equal schemas give equal bytes."""
        said = {
            "format": FORMAT_VERSION,
            "features": [
                {
                    "name": f.name,
                    "kind": f.kind.value,
                    "title": f.title,
                    "unit": f.unit,
                    "plausible": None if f.plausible is None else list(f.plausible),
                    "levels": _listed(f.levels),
                    "group": f.group,
                    "source": f.source,
                }
                for f in self.features
            ],
            "sensitive": [{"name": s.name, "title": s.title, "levels": _listed(s.levels)} for s in self.sensitive],
            "outcomes": [{"name": o.name, "title": o.title} for o in self.outcomes],
            "conditions": list(self.conditions),
            "weights": list(self.weights),
            "birth_year": self.birth_year,
        }
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote.

        Raises:
            CohortError: It is not such a text, or was written by a later version.
        """
        try:
            said = json.loads(text)
            if said["format"] != FORMAT_VERSION:
                raise CohortError(
                    f"Schema must be of format {FORMAT_VERSION}", repr(said["format"]), "use a newer Holdfast"
                )
            return cls(
                features=tuple(map(_feature, said["features"])),
                sensitive=tuple(SensitiveAttribute(**{**s, "levels": _levels(s["levels"])}) for s in said["sensitive"]),
                outcomes=tuple(Outcome(**o) for o in said["outcomes"]),
                conditions=tuple(said["conditions"]),
                weights=tuple(said["weights"]),
                birth_year=said["birth_year"],
            )
        except CohortError:
            raise
        except (ValueError, KeyError, TypeError) as error:
            raise CohortError(
                "Schema must be the JSON that to_json writes", f"a {type(error).__name__}", "build the cohort again"
            ) from error


def _feature(said: Mapping[str, Any]) -> Feature:
    plausible = said["plausible"]
    return Feature(
        **{
            **said,
            "kind": Kind(said["kind"]),
            "plausible": None if plausible is None else (float(plausible[0]), float(plausible[1])),
            "levels": _levels(said["levels"]),
        }
    )


def _levels(said: Iterable[tuple[str | int, str]] | None) -> Levels | None:
    return None if said is None else dict(said)


def _listed(levels: Levels | None) -> list[list[str | int]] | None:
    """Write levels as pairs: keys of a JSON object would lose that a code is a number."""
    return None if levels is None else [[code, label] for code, label in levels.items()]


def _frozen(name: str, levels: Levels | None) -> Levels | None:
    if levels is None:
        return None
    if not levels or len({type(code) for code in levels}) != 1:
        raise CohortError(
            f"Levels of {name!r} must be all numbers or all words, and not empty",
            f"{len(levels)} of {len({type(code) for code in levels})} types",
            "write every code alike",
            columns=(name,),
        )
    return dict(levels)


def _check_name(noun: str, name: str) -> None:
    if not name or name != name.strip() or name in RESERVED:
        raise CohortError(f"{noun} name must be a word other than {', '.join(RESERVED)}", repr(name), "rename it")


def _check_unique(noun: str, names: list[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise CohortError(
            f"{noun} must have names of their own", f"{len(repeated)} repeated", "rename them", columns=repeated
        )
