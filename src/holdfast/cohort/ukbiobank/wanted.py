"""Which columns of an extract a cohort needs, and under which names they are staged.

A value is staged as ``30750_0``, ``30750_1`` (field and place among its columns); a record that is a list, such as all
diagnoses, as ``41270``: one list a person, in the array's order, without the empty places at its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from holdfast.cohort.error import CohortError
from holdfast.cohort.ukbiobank.column_name import ColumnName
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary, ValueType
from holdfast.cohort.ukbiobank.field_list import FieldList

__all__ = ["PERSONAL", "RECORDS", "Wanted", "check_pairs", "is_of_visit"]

VISIT_DATE, BIRTH_YEAR, BIRTH_MONTH, LOST = 53, 34, 52, 191
DEATH_DATE, DEATH_CAUSE = 40000, 40001
DIAGNOSIS, DIAGNOSIS_DATE = 41270, 41280
CANCER, CANCER_DATE = 40006, 40005
REPORTED, REPORTED_YEAR = 20002, 20008

PERSONAL = {
    VISIT_DATE: ValueType.DATE,
    BIRTH_YEAR: ValueType.INTEGER,
    BIRTH_MONTH: ValueType.CODE,
    LOST: ValueType.DATE,
}
RECORDS = {
    DEATH_DATE: ValueType.DATE,
    DEATH_CAUSE: ValueType.CODE,
    DIAGNOSIS: ValueType.CODES,
    DIAGNOSIS_DATE: ValueType.DATE,
    CANCER: ValueType.CODE,
    CANCER_DATE: ValueType.DATE,
    REPORTED: ValueType.CODES,
    REPORTED_YEAR: ValueType.NUMBER,
}
"""Fields with several values a person; those of a register have one record an instance, not a visit."""

_REGISTER = {DEATH_DATE, DEATH_CAUSE, CANCER, CANCER_DATE}
_PAIRS = ((DIAGNOSIS, DIAGNOSIS_DATE), (CANCER, CANCER_DATE), (DEATH_CAUSE, DEATH_DATE), (REPORTED_YEAR, REPORTED))
"""A field, and one without which it says nothing."""


def is_of_visit(field: int, dictionary: FieldDictionary) -> bool:
    """Say whether a field's instances are visits."""
    return field not in _REGISTER and dictionary.fields[field].is_instanced


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Columns of an extract that a cohort needs.

    Attributes:
        values: Field -> its columns at the visit, in the array's order.
        records: Field -> its columns, in the order of instance and array.
    """

    values: dict[int, tuple[ColumnName, ...]]
    records: dict[int, tuple[ColumnName, ...]]

    @classmethod
    def among(
        cls, columns: Iterable[ColumnName], *, fields: FieldList, dictionary: FieldDictionary, visit: int
    ) -> Self:
        """Choose the columns of a visit (0: the first) and of no visit."""
        wanted = {*fields.field_ids, *PERSONAL, *RECORDS}
        chosen: dict[int, list[ColumnName]] = {}
        for column in columns:
            if column.field not in wanted:
                continue
            if not is_of_visit(column.field, dictionary) or (column.instance or 0) == visit:
                chosen.setdefault(column.field, []).append(column)
        ordered = {field: tuple(sorted(found, key=_order)) for field, found in chosen.items()}
        return cls(
            values={field: found for field, found in ordered.items() if field not in RECORDS},
            records={field: found for field, found in ordered.items() if field in RECORDS},
        )

    def has(self, *fields: int) -> bool:
        """Say whether the extract has every one of these fields."""
        return all(field in self.values or field in self.records for field in fields)

    def staged(self, field: int) -> list[str]:
        """Return the names a field's values are staged under."""
        return [f"{field}_{place}" for place in range(len(self.values.get(field, ())))]


def _order(column: ColumnName) -> tuple[int, int]:
    return (column.instance or 0, column.array or 0)


def check_pairs(wanted: Wanted, visit: int) -> None:
    """Check that the extract has the visit's date, and with every list of codes its dates.

    Raises:
        CohortError: A field is missing.
    """
    if not wanted.has(VISIT_DATE):
        raise CohortError(
            f"Extract must have the date of visit {visit} (field {VISIT_DATE})", "none", "add it, or name another visit"
        )
    alone = [(field, needed) for field, needed in _PAIRS if wanted.has(field) and not wanted.has(needed)]
    if alone:
        told = "; ".join(f"{field} without {needed}" for field, needed in alone)
        raise CohortError("Extract must have codes with their dates", told, "add the missing field, or leave both out")
