"""The dictionary is whole: every column named once, with a source, a range and codes that do not contradict."""

from pathlib import Path

import pytest

from holdfast.cohort.nhanes.dictionary import PATH, load_dictionary
from holdfast.cohort.schema import Kind
from holdfast.errors import ContentError


def test_every_variable_has_a_documented_source_at_cdc() -> None:
    dictionary = load_dictionary()
    assert len(dictionary.variables) > 100
    for name, file in dictionary.files.items():
        assert file.source.startswith("https://wwwn.cdc.gov/Nchs/Nhanes/20")
        assert file.source.split("/")[-1].rsplit("_", 1)[0] == name


def test_every_number_has_a_plausible_range_and_every_code_a_label() -> None:
    for variable in load_dictionary().variables:
        if variable.kind is Kind.NUMERIC:
            assert variable.plausible is not None, variable.name
        if variable.kind is Kind.ORDINAL:
            assert variable.levels is not None, variable.name


def test_no_code_means_both_something_and_missing() -> None:
    for variable in load_dictionary().variables:
        said = {*(variable.levels or ()), variable.present, variable.absent}
        assert not said & set(variable.missing), variable.name


def test_units_of_a_pair_follow_from_molar_masses() -> None:
    """Molar masses in g/mol, from the formulas of the substances."""
    molar_mass = {
        "LBXSCH": 386.65,
        "LBXSCR": 113.12,
        "LBXSGL": 180.16,
        "LBXSIR": 55.845,
        "LBXSPH": 30.974,
        "LBXSTB": 584.66,
        "LBXSUA": 168.11,
        "LBXSCA": 40.078,
        "LBXBPB": 207.2,
        "LBXBCD": 112.41,
        "LBXTHG": 200.59,
        "LBXBSE": 78.97,
        "LBXBMN": 54.938,
        "URXUCR": 113.12,
    }
    grams = {"mg/dL": 1e-2, "ug/dL": 1e-5, "ug/L": 1e-6}
    moles = {"mmol/L": 1e-3, "umol/L": 1e-6, "nmol/L": 1e-9}
    found = {v.name: v for v in load_dictionary().paired}
    for name, mass in molar_mass.items():
        variable = found[name]
        assert variable.si is not None
        assert variable.si.factor == pytest.approx(grams[str(variable.unit)] / mass / moles[variable.si.unit], rel=0.01)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: LBXSAL,", "name: LBXSTP,", "named twice: LBXSTP"),
        ("{name: RIDSTATR, file: DEMO}", "{name: RIDSTATR, file: NOWHERE}", "of no known file: NOWHERE"),
        ("derived_from: [RIDAGEYR]", "derived_from: [RIDAGEMO]", "not listed: RIDAGEMO"),
        ("present: 2, absent: 1", "present: 2", "BPXPULS: a published binary column"),
    ],
)
def test_a_dictionary_that_contradicts_itself_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = PATH.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "variables.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=said):
        load_dictionary(path)
