"""Columns in another unit are refused: against their SI partner, or against what a living person has."""

import polars as pl
import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.dictionary import load_dictionary
from holdfast.cohort.nhanes.units import check_pairs_present, check_units


def check(**columns: list[float]) -> None:
    check_units(pl.DataFrame(columns), load_dictionary(), years="2013-2014")


def test_pairs_as_published_pass() -> None:
    check(LBXSAL=[4.1, 3.9], LBDSALSI=[41.0, 39.0], LBXBPB=[0.07, 1.2], LBDBPBSI=[0.0, 0.058])


@pytest.mark.parametrize("si_values", [[41.0, 39.0], [4.1, 3.9]])
def test_si_values_in_the_conventional_column_are_refused(si_values: list[float]) -> None:
    with pytest.raises(CohortError, match=r"LBXSAL of 2013-2014 must be in g/dL, .* got 2 of 2 rows that disagree"):
        check(LBXSAL=[41.0, 39.0], LBDSALSI=[41.0, 39.0])


def test_one_mixed_row_in_a_hundred_is_refused() -> None:
    values = [1.0] * 99
    with pytest.raises(CohortError, match="got 1 of 100 rows that disagree"):
        check(LBXSCR=[*values, 88.4], LBDSCRSI=[88.4] * 100)


@pytest.mark.parametrize(
    ("column", "value", "unit"),
    [
        ("LBXSAL", 41.0, "g/L"),
        ("LBXSCR", 88.4, "umol/L"),
        ("LBXSCH", 4.9, "mmol/L"),
        ("LBXSGL", 5.2, "mmol/L"),
        ("LBXHGB", 138.0, "g/L"),
        ("LBXHCT", 0.41, "share"),
        ("BMXHT", 1.72, "m"),
        ("BMXHT", 67.7, "in"),
        ("SYSTOLIC_MEAN", 16.3, "kPa"),
        ("SLEEP_HOURS", 420.0, "minutes"),
    ],
)
def test_a_column_in_another_unit_alone_is_refused_and_the_unit_is_named(column: str, value: float, unit: str) -> None:
    with pytest.raises(CohortError, match=f"{column} of 2013-2014 .* got 20 of 20 values outside, as {unit} would be"):
        check(**{column: [value * (1 + 0.001 * i) for i in range(20)]})


def test_pounds_show_in_the_body_mass_index() -> None:
    with pytest.raises(CohortError, match="BMXBMI of 2013-2014 must be BMXWT"):
        check(BMXWT=[154.0], BMXHT=[172.0], BMXBMI=[23.7])
    check(BMXWT=[70.0], BMXHT=[172.0], BMXBMI=[23.7])


def test_a_few_people_far_out_are_kept() -> None:
    """A white cell count of 400 is leukaemia, not a unit."""
    check(LBXWBCSI=[7.0] * 19 + [600.0])


def test_si_units_alone_are_refused_rather_than_converted() -> None:
    dictionary = load_dictionary()
    check_pairs_present({"LBXSAL", "LBDSALSI"}, dictionary, years="2013-2014")
    with pytest.raises(CohortError, match="of 2013-2014 must be there in conventional units, got 1 in SI units alone"):
        check_pairs_present({"LBDSALSI"}, dictionary, years="2013-2014")
