"""Refused and don't know become missing by each variable's own list; unknown codes are refused."""

from collections.abc import Sequence

import polars as pl
import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.codes import decoded
from holdfast.cohort.nhanes.dictionary import load_dictionary


def decode(**columns: Sequence[float | None]) -> pl.DataFrame:
    return decoded(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Float64)), load_dictionary())


@pytest.mark.parametrize(
    ("column", "given", "kept"),
    [
        ("DPQ010", [0, 3, 7, 9, None], [0, 3, None, None, None]),
        ("DMDMARTL", [6, 77, 99], [6, None, None]),
        ("DMDEDUC2", [5, 7, 9], [5, None, None]),
        ("ALQ130", [7, 9, 777, 999], [7, 9, None, None]),
        ("SMD650", [77, 95, 777, 999], [77, 95, None, None]),
        ("PAD680", [77, 999, 7777, 9999], [77, 999, None, None]),
        ("PAQ610", [7, 77, 99], [7, None, None]),
        ("SLD010H", [7, 9, 77, 99], [7, 9, None, None]),
        ("BPXDI1", [0, 70], [None, 70]),
        ("BPXSY1", [0, 120], [0, 120]),
        ("LBXSTB", [0, 0.5], [0, 0.5]),
        ("SLQ050", [1, 2, 7, 9], [1, 0, None, None]),
        ("BPXPULS", [1, 2, None], [0, 1, None]),
        ("RIDEXPRG", [1, 2, 3], [1, 0, None]),
        ("LBDBCDLC", [0, 1], [0, 1]),
    ],
)
def test_codes_become_values(column: str, given: list[float], kept: list[float]) -> None:
    assert decode(**{column: given})[column].to_list() == kept


def test_a_value_below_the_detection_limit_stays_as_published() -> None:
    """0.1 ug/L over the square root of 2 is published as 0.07."""
    read = decode(LBXBCD=[0.07, 0.2], LBDBCDLC=[1, 0])
    assert read.rows() == [(0.07, 1), (0.2, 0)]
    assert read["LBXBCD"][0] == pytest.approx(0.1 / 2**0.5, abs=0.001)


@pytest.mark.parametrize(
    ("column", "codes"), [("DPQ010", [0, 4]), ("RIAGENDR", [1, 3]), ("SLQ050", [1, 0]), ("LBDBCDLC", [0, 2])]
)
def test_unknown_codes_are_refused_with_their_count(column: str, codes: list[float]) -> None:
    with pytest.raises(CohortError, match=f"Codes of {column} must be .*, got 1 of 2 rows with others") as caught:
        decode(**{column: codes})
    assert (caught.value.columns, caught.value.rows) == ((column,), 1)
