"""Column names of every layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.cohort.ukbiobank.column_name import ColumnName, Layout

small = st.integers(min_value=0, max_value=400)
field = st.integers(min_value=1, max_value=200_000)


@given(field=field, instance=small, array=small)
def test_a_name_reads_back_what_it_was_made_of(field: int, instance: int, array: int) -> None:
    for text, layout in (
        (f"p{field}_i{instance}_a{array}", Layout.PLATFORM),
        (f"participant.p{field}_i{instance}_a{array}", Layout.PLATFORM),
        (f"{field}-{instance}.{array}", Layout.CLASSIC),
        (f"f.{field}.{instance}.{array}", Layout.CLASSIC_R),
    ):
        read = ColumnName.read(text)
        assert read == ColumnName(text=text, field=field, instance=instance, array=array, layout=layout)


@pytest.mark.parametrize(
    ("text", "field", "instance", "array"),
    [("p31", 31, None, None), ("p53_i0", 53, 0, None), ("p41280_a7", 41280, None, 7), ("p41270", 41270, None, None)],
)
def test_the_platform_leaves_out_what_a_field_does_not_have(
    text: str, field: int, instance: int | None, array: int | None
) -> None:
    read = ColumnName.read(text)
    assert read is not None
    assert (read.field, read.instance, read.array) == (field, instance, array)


@pytest.mark.parametrize("text", ["", "eid", "p", "p31_", "p31_x0", "31", "31-0", "f.31.0", "age", "p31_a0_i0", "p31 "])
def test_what_is_no_field_is_none(text: str) -> None:
    assert ColumnName.read(text) is None


@pytest.mark.parametrize("name", ["eid", "participant.eid", "f.eid"])
def test_the_identifier_is_found_among_other_columns(name: str) -> None:
    assert ColumnName.identifier(["p31", name]) == name
    assert ColumnName.identifier(["p31", "id"]) is None
