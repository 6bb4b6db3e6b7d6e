"""UK Biobank's field dictionary: what each field is, in which unit, and what its codes say.

Two packagings of the public dictionary are read, each as plain text or gzipped: ``df_lkp_fields.tsv`` with
``df_lkp_encodings.csv`` (spiros/tofu), and the showcase's own ``Data_Dictionary_Showcase`` with ``Codings`` (both
``.tsv`` or ``.csv``).
"""

import csv
import difflib
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from holdfast.cohort.error import CohortError

__all__ = ["Field", "FieldDictionary", "ValueType"]


class ValueType(StrEnum):
    """What a field holds."""

    INTEGER = "Integer"
    CODE = "Categorical single"
    CODES = "Categorical multiple"
    NUMBER = "Continuous"
    TEXT = "Text"
    DATE = "Date"
    OTHER = "another type"


_VALUE_TYPES = {
    "11": ValueType.INTEGER,
    "21": ValueType.CODE,
    "22": ValueType.CODES,
    "31": ValueType.NUMBER,
    "41": ValueType.TEXT,
    "51": ValueType.DATE,
}


@dataclass(frozen=True, kw_only=True)
class _Packaging:
    """What the files and columns of one packaging are called."""

    fields: tuple[str, ...]
    codings: tuple[str, ...]
    field_columns: tuple[str, str, str, str, str, str]
    coding_columns: tuple[str, str, str]


_TOFU = _Packaging(
    fields=("df_lkp_fields.tsv", "df_lkp_fields.tsv.gz"),
    codings=("df_lkp_encodings.csv", "df_lkp_encodings.csv.gz"),
    field_columns=("field_id", "title", "value_type", "units", "encoding_id", "instanced"),
    coding_columns=("encoding_id", "value", "meaning"),
)
_SHOWCASE = _Packaging(
    fields=tuple(f"Data_Dictionary_Showcase{end}" for end in (".tsv", ".csv", ".tsv.gz", ".csv.gz")),
    codings=tuple(f"Codings{end}" for end in (".tsv", ".csv", ".tsv.gz", ".csv.gz")),
    field_columns=("FieldID", "Field", "ValueType", "Units", "Coding", "Instances"),
    coding_columns=("Coding", "Value", "Meaning"),
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field. ``coding`` and ``unit`` are None where it has none."""

    id: int
    title: str
    value_type: ValueType
    unit: str | None
    coding: int | None
    is_instanced: bool


@dataclass(frozen=True, kw_only=True)
class FieldDictionary:
    """Every field and coding.

    Attributes:
        fields: Field id -> field.
        codings: Coding -> code -> what it says, in the dictionary's order. A code that is a heading only, or that
            stands for several headings, keeps its first meaning.
        files: The files it was read from.
    """

    fields: Mapping[int, Field] = field(repr=False)
    codings: Mapping[int, Mapping[str, str]] = field(repr=False)
    files: tuple[Path, ...] = ()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Read the dictionary in ``folder``.

        Raises:
            CohortError: The folder holds neither packaging, or a file of it is damaged.
        """
        for packaging in (_TOFU, _SHOWCASE):
            fields, codings = _first(folder, packaging.fields), _first(folder, packaging.codings)
            if fields is not None and codings is not None:
                return cls(
                    fields={f.id: f for f in _fields(fields, packaging.field_columns)},
                    codings=_codings(codings, packaging.coding_columns),
                    files=(fields, codings),
                )
        raise CohortError(
            "Dictionary must be a folder with UK Biobank's fields and codings",
            repr(str(folder)),
            f"put {_TOFU.fields[0]} and {_TOFU.codings[0]}, or {_SHOWCASE.fields[0]} and {_SHOWCASE.codings[0]}, there",
        )

    def closest(self, field_id: int) -> str:
        """Say which known fields have the ids most like ``field_id``, with their titles."""
        close = difflib.get_close_matches(str(field_id), map(str, self.fields), n=3, cutoff=0.6)
        return " or ".join(f"{name} ({self.fields[int(name)].title})" for name in close) or "none like it"


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the named columns of a table, refusing a damaged one."""
    is_zipped = path.suffix == ".gz"
    with (gzip.open if is_zipped else open)(path, "rt", encoding="utf-8", errors="replace", newline="") as lines:
        try:
            reader = csv.reader(lines, delimiter="\t" if ".tsv" in path.name else ",")
            header = next(reader, [])
            missing = [name for name in columns if name not in header]
            if missing:
                raise CohortError(
                    f"{path.name} must have the columns {', '.join(columns)}",
                    f"none called {missing[0]!r}",
                    "replace it",
                )
            places = [header.index(name) for name in columns]
            for row in reader:
                yield tuple(row[place] for place in places)
        except (OSError, EOFError, IndexError, csv.Error) as error:
            raise CohortError(
                f"{path.name} must be a whole table", f"a {type(error).__name__}", "replace it"
            ) from error


def _fields(path: Path, columns: tuple[str, ...]) -> Iterator[Field]:
    for field_id, title, value_type, unit, coding, instances in _rows(path, columns):
        has_instances = instances not in {"", "0"} if columns == _TOFU.field_columns else instances not in {"", "1"}
        yield Field(
            id=int(field_id),
            title=title,
            value_type=_VALUE_TYPES.get(value_type, _named(value_type)),
            unit=unit or None,
            coding=int(coding) if coding not in {"", "0"} else None,
            is_instanced=has_instances,
        )


def _named(value_type: str) -> ValueType:
    return next((kind for kind in ValueType if kind.value == value_type), ValueType.OTHER)


def _codings(path: Path, columns: tuple[str, ...]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for coding, value, meaning in _rows(path, columns):
        found.setdefault(int(coding), {}).setdefault(value, meaning)
    return found
