"""Read the phenotypes: sets of ICD-10 codes with their source and their review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from holdfast.cohort.error import CohortError
from holdfast.cohort.phenotypes.codes import prefixes
from holdfast.content import ContentModel, load_yaml
from holdfast.errors import ContentError, UnknownNameError

__all__ = ["FOLDER", "NOT_YET_REVIEWED", "Phenotype", "Phenotypes", "Review", "Source", "load_phenotypes"]

FOLDER = Path(__file__).parent
HEALTHY_FILE = "healthy.yaml"
"""The one YAML file of the folder that holds no phenotypes."""

NOT_YET_REVIEWED = "not yet reviewed by a clinician or a person with lived experience"

Phenotypes = Mapping[str, "Phenotype"]
"""Id -> phenotype, in alphabetical order."""

_Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_Codes = Annotated[tuple[str, ...], Field(min_length=1)]


class Source(ContentModel):
    """A published source."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    publisher: str
    title: str
    year: Annotated[int, Field(ge=1900, le=2100)]


class Review(ContentModel):
    """When a file was written, when it is to be looked at again, and by whom it was reviewed; ships empty."""

    written: date
    due: date
    reviewers: tuple[str, ...]
    status: str

    @model_validator(mode="after")
    def _says_what_is_so(self) -> "Review":
        if self.due <= self.written:
            raise ValueError("due must lie after written")
        if not self.reviewers and self.status != NOT_YET_REVIEWED:
            raise ValueError(f"status must read {NOT_YET_REVIEWED!r} while there are no reviewers")
        return self


class _Entry(ContentModel):
    """A phenotype as it is written."""

    id: _Identifier
    title: str
    icd10: _Codes
    left_out: Annotated[tuple[str, ...], Field(alias="except")] = ()
    self_report: tuple[int, ...] = ()
    source: str

    @field_validator("icd10", "left_out")
    @classmethod
    def _are_codes(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        try:
            prefixes(codes)
        except CohortError as error:
            raise ValueError(str(error)) from error
        return codes


class _File(ContentModel):
    """A file of phenotypes."""

    version: Annotated[int, Field(ge=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    review: Review
    phenotypes: Annotated[tuple[_Entry, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_its_sources(self) -> "_File":
        unknown = {e.source for e in self.phenotypes} - {s.id for s in self.sources}
        if unknown:
            raise ValueError(f"sources must list {', '.join(sorted(unknown))}")
        return self


@dataclass(frozen=True, kw_only=True)
class Phenotype:
    """A condition as a set of ICD-10 codes.

    Attributes:
        id: Its name in a cohort.
        title: What a person calls it.
        icd10: Codes that belong to it, as they are written: categories, subcategories, ranges.
        left_out: Codes within ``icd10`` that do not.
        self_report: Codes of UK Biobank's data-coding 6 that say the same.
        source: Where the set comes from.
        review: Who has reviewed it, and when it is due again.
        sha256: Of the file it was read from.
    """

    id: str
    title: str
    icd10: tuple[str, ...]
    left_out: tuple[str, ...]
    self_report: tuple[int, ...]
    source: Source
    review: Review
    sha256: str

    def holds(self, code: str) -> bool:
        """Return whether an ICD-10 code belongs to it. Dots, blanks and case do not matter."""
        plain = "".join(c for c in code.upper() if c.isalnum())
        return plain.startswith(prefixes(self.icd10)) and not plain.startswith(prefixes(self.left_out))


def load_phenotypes(folder: Path = FOLDER) -> Phenotypes:
    """Read every phenotype of a folder.

    Raises:
        ContentError: A file does not fit, two phenotypes share an id, or there is none.
    """
    found: dict[str, Phenotype] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == HEALTHY_FILE:
            continue
        for phenotype in _read(path):
            if phenotype.id in found:
                raise ContentError(f"{path.name} must use ids of its own, got {phenotype.id!r} again; rename it.")
            found[phenotype.id] = phenotype
    if not found:
        raise ContentError(f"{folder.name!r} must hold phenotypes as YAML, got none; name another folder.")
    return dict(sorted(found.items()))


def _read(path: Path) -> list[Phenotype]:
    loaded = load_yaml(path, _File)
    sources = {source.id: source for source in loaded.value.sources}
    return [
        Phenotype(
            id=entry.id,
            title=entry.title,
            icd10=entry.icd10,
            left_out=entry.left_out,
            self_report=entry.self_report,
            source=sources[entry.source],
            review=loaded.value.review,
            sha256=loaded.sha256,
        )
        for entry in loaded.value.phenotypes
    ]


def chosen(phenotypes: Phenotypes, names: tuple[str, ...] | None) -> Phenotypes:
    """Return those named, or all for None.

    Raises:
        UnknownNameError: There is no phenotype of a name.
    """
    for name in names or ():
        if name not in phenotypes:
            raise UnknownNameError("phenotype", name, phenotypes)
    return phenotypes if names is None else {name: phenotypes[name] for name in names}
