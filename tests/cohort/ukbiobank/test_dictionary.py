"""The publisher's dictionary, in both packagings."""

import gzip
from pathlib import Path

import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.schema import Kind
from holdfast.cohort.ukbiobank.dictionary import FieldDictionary, ValueType
from holdfast.cohort.ukbiobank.field_check import check_fields
from holdfast.cohort.ukbiobank.field_list import DateMeaning, FeatureField, FieldList, load_field_list

SHOWCASE_FIELDS = (
    "FieldID\tField\tValueType\tUnits\tInstances\tCoding\n"
    '31\tSex\tCategorical single\t\t1\t9\n30750\tHbA1c, "glycated"\tContinuous\tmmol/mol\t2\t\n'
)


def test_fields_have_their_published_type_unit_and_coding(whole_dictionary: Path) -> None:
    found = FieldDictionary.open(whole_dictionary)
    hba1c, sex, diagnosis = (found.fields[i] for i in (30750, 31, 41270))
    assert (hba1c.unit, hba1c.value_type, hba1c.is_instanced) == ("mmol/mol", ValueType.NUMBER, True)
    assert (sex.value_type, sex.coding, sex.is_instanced) == (ValueType.CODE, 9, False)
    assert (diagnosis.value_type, found.codings[19]["E119"]) == (ValueType.CODES, "E11.9 Without complications")
    assert found.codings[9] == {"0": "Female", "1": "Male"}
    assert len(found.fields) == 7450


@pytest.mark.parametrize("is_zipped", [False, True])
def test_the_showcases_own_files_are_read_as_well(tmp_path: Path, is_zipped: bool) -> None:
    texts = {
        "Data_Dictionary_Showcase.tsv": SHOWCASE_FIELDS,
        "Codings.csv": "Coding,Value,Meaning\n9,0,Female\n9,1,Male\n",
    }
    for name, text in texts.items():
        if is_zipped:
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (tmp_path / name).write_text(text)
    found = FieldDictionary.open(tmp_path)
    assert found.fields[31].value_type is ValueType.CODE
    assert found.fields[31].is_instanced is False
    assert (found.fields[30750].unit, found.fields[30750].is_instanced) == ("mmol/mol", True)
    assert found.codings == {9: {"0": "Female", "1": "Male"}}


def test_a_folder_without_a_dictionary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="Dictionary must be a folder with UK Biobank's fields and codings"):
        FieldDictionary.open(tmp_path)


def test_a_truncated_dictionary_is_refused(tmp_path: Path, whole_dictionary: Path) -> None:
    for name in ("df_lkp_fields.tsv.gz", "df_lkp_encodings.csv.gz"):
        (tmp_path / name).write_bytes((whole_dictionary / name).read_bytes()[:20_000])
    with pytest.raises(CohortError, match=r"df_lkp_fields.tsv.gz must be a whole table, got a EOFError"):
        FieldDictionary.open(tmp_path)


def test_a_dictionary_without_a_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Data_Dictionary_Showcase.csv").write_text("FieldID,Field\n31,Sex\n")
    (tmp_path / "Codings.csv").write_text("Coding,Value,Meaning\n")
    with pytest.raises(CohortError, match="none called 'ValueType'"):
        FieldDictionary.open(tmp_path)


def test_the_list_that_ships_is_what_the_dictionary_says(whole_dictionary: Path) -> None:
    fields = load_field_list().value
    check_fields(fields, FieldDictionary.open(whole_dictionary))
    names = [feature.name for feature in fields.features]
    assert len(set(names)) == len(names) > 140
    assert {2050, 2060, 2070, 2080, 2178, 31, 21003, 21000, 189, 54} <= set(fields.field_ids)


def test_ranges_of_the_list_hold_the_published_mean_of_every_field(whole_dictionary: Path) -> None:
    with gzip.open(whole_dictionary / "df_showcase_desc_stats.csv.gz", "rt") as lines:
        means = {int(row.split(",")[0]): float(row.split(",")[1]) for row in list(lines)[1:]}
    checked = [f for f in load_field_list().value.features if f.plausible is not None and f.field in means]
    assert len(checked) > 80
    for feature in checked:
        assert feature.plausible is not None
        assert feature.plausible[0] <= means[feature.field] <= feature.plausible[1], feature.name


def test_special_dates_are_those_of_data_coding_819() -> None:
    unknown, birth = DateMeaning.UNKNOWN, DateMeaning.BIRTH
    assert {str(day): said.means for day, said in load_field_list().value.special_dates.items()} == {
        "1900-01-01": unknown,
        "1901-01-01": unknown,
        "1902-02-02": birth,
        "1903-03-03": birth,
        "1909-09-09": unknown,
        "2037-07-07": unknown,
    }


def changed(**changes: object) -> FieldList:
    fields = load_field_list().value
    feature = FeatureField(name="x", field=30750, kind=Kind.NUMERIC, group="biochemistry", unit="mmol/mol")
    return fields.model_copy(update={"features": (feature.model_copy(update=changes),)})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"unit": "percent"}, r"30750 \(Glycated haemoglobin \(HbA1c\)\) is in mmol/mol, not percent"),
        ({"field": 307500}, r"307500 is unknown, closest: 30750 \(Glycated haemoglobin"),
        ({"field": 53}, r"53 \(Date of attending assessment centre\) holds Date, not Continuous"),
        ({"kind": Kind.ORDINAL}, r"30750 \(.*\) holds Continuous, not Categorical single"),
        ({"field": 1060, "unit": "hours/day"}, r"1060 \(.*\) uses coding 100329|1060 \(.*\) is in"),
    ],
)
def test_a_list_that_is_not_what_the_dictionary_says_is_refused_by_field(
    dictionary: Path, changes: dict[str, object], said: str
) -> None:
    fields = changed(**changes).model_copy(update={"codings": {}})
    with pytest.raises(CohortError, match=said):
        check_fields(fields, FieldDictionary.open(dictionary))


def test_a_special_code_the_list_does_not_declare_is_refused(whole_dictionary: Path) -> None:
    fields = load_field_list().value
    codings = dict(fields.codings) | {100373: {-1: "missing", -3: "missing"}}
    with pytest.raises(
        CohortError, match=r"1488 \(Tea intake\) uses coding 100373, whose codes -10 are not the list's"
    ):
        check_fields(fields.model_copy(update={"codings": codings}), FieldDictionary.open(whole_dictionary))
