"""The phenotypes: well formed, sourced, marked as not reviewed, and made of codes that exist."""

import os
from pathlib import Path

import polars as pl
import pytest

from holdfast.cohort import CohortError
from holdfast.cohort.phenotypes import load_phenotypes
from holdfast.cohort.phenotypes.catalogue import FOLDER, NOT_YET_REVIEWED, chosen
from holdfast.cohort.phenotypes.codes import prefixes
from holdfast.errors import ContentError, UnknownNameError

ASKED_FOR = {
    "type_2_diabetes",
    "coronary_disease",
    "heart_failure",
    "stroke",
    "copd",
    "chronic_kidney_disease",
    "liver_disease",
    "cancer",
    "breast_cancer",
    "dementia",
    "depression",
    "anxiety",
    "bipolar",
    "schizophrenia",
    "substance_use",
    "self_harm",
}


FREE = {"C27", "C28", "C29", "C35", "C36", "C59", "C87", "C89", "D54", "F26", "F27", "I14"}
"""Numbers that ICD-10 leaves free within the ranges that are used."""


def coding(number: str) -> set[str]:
    """Return the values of one of UK Biobank's codings, from its public dictionary."""
    data = Path(os.environ.get("HOLDFAST_DATA", "../shared/data")) / "ukb_dictionary" / "df_lkp_encodings.csv.gz"
    if not data.is_file():
        pytest.skip("no UK Biobank dictionary: set HOLDFAST_DATA to the folder that holds ukb_dictionary")
    table = pl.read_csv(data, infer_schema=False)
    return set(table.filter(pl.col("encoding_id") == number)["value"])


def test_every_condition_that_was_asked_for_is_there_with_a_source_and_the_mark() -> None:
    found = load_phenotypes()
    assert set(found) >= ASKED_FOR
    for phenotype in found.values():
        assert phenotype.source.title
        assert phenotype.review.status == NOT_YET_REVIEWED
        assert phenotype.review.reviewers == ()
        assert phenotype.review.due > phenotype.review.written


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("type_2_diabetes", ["E11", "E11.9", "e119"], ["E10.9", "E14", "O24.1"]),
        ("coronary_disease", ["I20.0", "I219", "I25"], ["I26", "I19"]),
        ("heart_failure", ["I50.1", "I110", "I13.2"], ["I11.9", "I13.1", "I51"]),
        ("stroke", ["I61.9", "I64"], ["I62.0", "I65", "G45.9"]),
        ("copd", ["J44.1"], ["J45", "J40"]),
        ("cancer", ["C50.9", "C97", "C00"], ["C44.3", "D05.1"]),
        ("dementia", ["G30.9", "F03"], ["F04", "G31"]),
        ("depression", ["F32.2", "F339"], ["F31.3", "F34.1"]),
        ("substance_use", ["F10.2", "F199"], ["F17.2", "F20"]),
        ("self_harm", ["X60", "X84"], ["X59", "X85"]),
    ],
)
def test_codes_belong_where_a_coder_would_put_them(name: str, inside: list[str], outside: list[str]) -> None:
    phenotype = load_phenotypes()[name]
    assert [code for code in inside if not phenotype.holds(code)] == []
    assert [code for code in outside if phenotype.holds(code)] == []


def test_every_code_is_in_the_published_classification() -> None:
    known = coding("19")
    missing = {code for p in load_phenotypes().values() for code in prefixes(p.icd10) if code not in known}
    assert missing == FREE


def test_every_self_reported_code_is_one_of_uk_biobanks() -> None:
    known = coding("6")
    assert {str(code) for p in load_phenotypes().values() for code in p.self_report} <= known


def test_self_harm_is_codes_only() -> None:
    """No words on how: the title is the only text, and the range is written as a range."""
    phenotype = load_phenotypes()["self_harm"]
    assert (phenotype.title, phenotype.icd10) == ("Self-harm", ("X60-X84",))
    text = (FOLDER / "mental_health.yaml").read_text()
    entry = text[text.index("- id: self_harm") :]
    assert [line.strip().split(":")[0] for line in entry.splitlines()[1:]] == [
        "title",
        "icd10",
        "self_report",
        "source",
    ]


def test_ranges_hold_both_ends() -> None:
    assert prefixes(["I20-I22", "E11.9", "F32"]) == ("E119", "F32", "I20", "I21", "I22")


@pytest.mark.parametrize("code", ["", "E1", "e11", "E11.99", "I25-I20", "I20-J25", "I20.1-I20.3", "E11 "])
def test_codes_that_are_none_are_refused(code: str) -> None:
    with pytest.raises(CohortError, match="ICD-10 code must be a category"):
        prefixes([code])


FILE = """
version: 1
sources: [{id: s, publisher: P, title: T, year: 2019}]
review: {written: 2026-11-22, due: 2027-11-22, reviewers: [], status: %s}
phenotypes: [{id: a, title: A, icd10: [%s], source: %s}]
"""


@pytest.mark.parametrize(
    ("status", "code", "source", "message"),
    [
        ("reviewed", "E11", "s", "status must read 'not yet reviewed"),
        (NOT_YET_REVIEWED, "E1", "s", "ICD-10 code must be a category"),
        (NOT_YET_REVIEWED, "E11", "t", "sources must list t"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path: Path, status: str, code: str, source: str, message: str) -> None:
    (tmp_path / "x.yaml").write_text(FILE % (status, code, source))
    with pytest.raises(ContentError, match=message):
        load_phenotypes(tmp_path)


def test_two_phenotypes_of_one_id_and_none_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="must hold phenotypes as YAML, got none"):
        load_phenotypes(tmp_path)
    for name in ("x", "y"):
        (tmp_path / f"{name}.yaml").write_text(FILE % (NOT_YET_REVIEWED, "E11", "s"))
    with pytest.raises(ContentError, match="ids of its own, got 'a' again"):
        load_phenotypes(tmp_path)


def test_an_unknown_phenotype_is_refused_with_the_closest() -> None:
    found = load_phenotypes()
    assert list(chosen(found, ("stroke",))) == ["stroke"]
    assert chosen(found, None) == found
    with pytest.raises(UnknownNameError, match="did you mean depression"):
        chosen(found, ("depresion",))
