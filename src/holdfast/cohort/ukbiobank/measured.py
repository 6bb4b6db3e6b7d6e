"""Turn a batch's staged values into the columns of ``people.parquet``, and say which columns those are."""

from dataclasses import dataclass
from typing import Self

import polars as pl

from holdfast.cohort.schema import Feature, Kind, SensitiveAttribute
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary
from holdfast.cohort.ukbiobank.field_list import FeatureField, FieldList
from holdfast.cohort.ukbiobank.values import codes, numbers
from holdfast.cohort.ukbiobank.wanted import Wanted

__all__ = ["MeasuredColumns"]

_SENSITIVE = ("sex", "age", "ethnicity", "townsend_deprivation", "assessment_centre")


@dataclass(frozen=True, kw_only=True)
class MeasuredColumns:
    """The features an extract has.

    Attributes:
        used: Those it has, in the list's order.
        absent: Names of those it does not have.
    """

    used: tuple[FeatureField, ...]
    absent: tuple[str, ...]
    fields: FieldList
    dictionary: FieldDictionary
    wanted: Wanted

    @classmethod
    def among(cls, *, fields: FieldList, dictionary: FieldDictionary, wanted: Wanted) -> Self:
        """Choose the features that the extract has a field for."""
        used = [feature for feature in fields.features if any(wanted.has(field) for field in feature.field_ids)]
        absent = [feature.name for feature in fields.features if feature not in used]
        return cls(used=tuple(used), absent=tuple(absent), fields=fields, dictionary=dictionary, wanted=wanted)

    def features(self) -> tuple[Feature, ...]:
        """Return them as a cohort's schema has them; titles and levels are the dictionary's."""
        return tuple(
            Feature(
                name=feature.name,
                kind=feature.kind,
                title=self.dictionary.fields[feature.field].title,
                unit=feature.unit,
                plausible=feature.plausible,
                levels=self._levels(feature),
                group=feature.group,
                source=" or ".join(map(str, feature.field_ids)),
            )
            for feature in self.used
        )

    def sensitive(self) -> tuple[SensitiveAttribute, ...]:
        """Return the features by which figures are broken down."""
        return tuple(
            SensitiveAttribute(name=feature.name, title=feature.title, levels=feature.levels)
            for feature in self.features()
            if feature.name in _SENSITIVE
        )

    def read(self, batch: pl.DataFrame) -> list[pl.Series]:
        """Return one series a feature.

        Raises:
            CohortError: A value is of another type than the dictionary says.
        """
        return [self._read(feature, batch).alias(feature.name) for feature in self.used]

    def _levels(self, feature: FeatureField) -> dict[str | int, str] | None:
        """Return the dictionary's codes without the special ones, and without those counted under another."""
        coding = self.dictionary.fields[feature.field].coding
        if feature.kind is Kind.NUMERIC or coding is None:
            return None
        special = self.fields.codings.get(coding, {})
        said = {int(code): meaning for code, meaning in self.dictionary.codings[coding].items()}
        return {code: said[code] for code in sorted(said) if code not in special and code not in feature.collapse}

    def _read(self, feature: FeatureField, batch: pl.DataFrame) -> pl.Series:
        by_field = [self._value(feature, field, batch) for field in feature.field_ids if self.wanted.has(field)]
        value = by_field[0] if len(by_field) == 1 else by_field[0].zip_with(by_field[0].is_not_null(), by_field[1])
        if feature.collapse:
            value = value.replace(feature.collapse)
        flag = feature.below_detection
        if flag is not None and self.wanted.has(flag.flag):
            for name in self.wanted.staged(flag.flag):
                says_low = (batch[name].cast(pl.String) == flag.says).fill_null(value=False)
                value = value.set(says_low & value.is_null(), flag.value)
        return value

    def _value(self, feature: FeatureField, field: int, batch: pl.DataFrame) -> pl.Series:
        """Return a field's value: the mean of its readings, or its first code."""
        read = numbers if feature.kind is Kind.NUMERIC else codes
        places = [self._plain(read(batch[name], field=field), field) for name in self.wanted.staged(field)]
        if len(places) == 1:
            return places[0]
        return batch.select(
            pl.mean_horizontal(places) if feature.kind is Kind.NUMERIC else pl.coalesce(places)
        ).to_series()

    def _plain(self, values: pl.Series, field: int) -> pl.Series:
        """Replace special codes by the value they stand for, or by none."""
        coding = self.dictionary.fields[field].coding
        special = self.fields.codings.get(coding or 0, {})
        if not special:
            return values
        stands_for = {code: None if value == "missing" else float(value) for code, value in special.items()}
        return values.replace_strict(
            list(stands_for), list(stands_for.values()), default=values, return_dtype=values.dtype
        )
