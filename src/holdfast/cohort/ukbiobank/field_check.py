"""Check a field list and an extract's columns against the dictionary, before any row is read."""

from collections.abc import Iterable, Iterator

from holdfast.cohort.error import CohortError
from holdfast.cohort.schema import Kind
from holdfast.cohort.ukbiobank.column_name import ColumnName
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary, ValueType
from holdfast.cohort.ukbiobank.field_list import FeatureField, FieldList
from holdfast.cohort.ukbiobank.wanted import PERSONAL, RECORDS

__all__ = ["check_columns", "check_fields"]


def check_fields(fields: FieldList, dictionary: FieldDictionary) -> None:
    """Check that every field of the list is what the dictionary says, unit and special codes included.

    Raises:
        CohortError: It names every field that is not.
    """
    wrong = [problem for feature in fields.features for problem in _problems(feature, fields, dictionary)]
    wrong += [problem for field, kind in {**PERSONAL, **RECORDS}.items() for problem in _typed(field, kind, dictionary)]
    if wrong:
        raise CohortError(
            "Fields must be what the dictionary says", "; ".join(wrong), "mend the field list, or use its dictionary"
        )


def check_columns(columns: Iterable[ColumnName], dictionary: FieldDictionary) -> None:
    """Check that the dictionary knows the field of every column.

    Raises:
        CohortError: It names the first few unknown fields, and the closest known ones.
    """
    unknown = sorted({column.field for column in columns} - dictionary.fields.keys())
    if unknown:
        told = "; ".join(f"{field}, closest: {dictionary.closest(field)}" for field in unknown[:5])
        raise CohortError(
            "Columns must be of fields in the dictionary",
            f"{len(unknown)} unknown ({told})",
            "use the dictionary of that release, or give --allow-unknown-fields to leave them aside",
            columns=map(str, unknown),
        )


def _problems(feature: FeatureField, fields: FieldList, dictionary: FieldDictionary) -> Iterator[str]:
    for field in feature.field_ids:
        yield from _typed(field, ValueType.NUMBER if feature.kind is Kind.NUMERIC else ValueType.CODE, dictionary)
        known = dictionary.fields.get(field)
        if known is None:
            continue
        if feature.kind is Kind.NUMERIC and known.unit != feature.unit:
            yield f"{field} ({known.title}) is in {known.unit}, not {feature.unit}"
        yield from _coded(field, fields, dictionary)
    flag = feature.below_detection
    if flag is not None:
        yield from _typed(flag.flag, ValueType.CODE, dictionary)
        known = dictionary.fields.get(flag.flag)
        if known is not None and flag.says not in dictionary.codings.get(known.coding or 0, {}):
            yield f"{flag.flag} ({known.title}) has no code {flag.says!r}"


def _typed(field: int, expected: ValueType, dictionary: FieldDictionary) -> Iterator[str]:
    """Yield what is wrong with a field's type; an integer is a number."""
    known = dictionary.fields.get(field)
    if known is None:
        yield f"{field} is unknown, closest: {dictionary.closest(field)}"
        return
    types = {expected, ValueType.INTEGER} if expected is ValueType.NUMBER else {expected}
    if known.value_type not in types:
        yield f"{field} ({known.title}) holds {known.value_type.value}, not {expected.value}"


def _coded(field: int, fields: FieldList, dictionary: FieldDictionary) -> Iterator[str]:
    """Yield what is wrong with a field's special codes: every negative code must have a declared meaning."""
    known = dictionary.fields[field]
    if known.coding is None:
        return
    special = {int(code) for code in dictionary.codings.get(known.coding, {}) if code.startswith("-")}
    declared = set(fields.codings.get(known.coding, {}))
    if special != declared:
        told = ", ".join(map(str, sorted(special ^ declared)))
        yield f"{field} ({known.title}) uses coding {known.coding}, whose codes {told} are not the list's"
