"""SAS transport files: read as published, refused when damaged."""

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from holdfast.cohort.error import CohortError
from holdfast.cohort.nhanes.transport import read_transport
from holdfast.cohort.nhanes.transport_header import read_transport_header

Write = Callable[..., Path]


def test_numbers_come_back_as_they_were_written(write_transport: Write) -> None:
    values = [1.5, -2.25, 1e-6, 123456.789, 0.1, 16.0, 1 / 3]
    path = write_transport("CBC_H.XPT", {"SEQN": range(1, 8), "LBXHGB": values})
    read = read_transport(path, ["LBXHGB"])
    assert read["SEQN"].to_list() == list(range(1, 8))
    assert read["LBXHGB"].to_list() == pytest.approx(values, rel=1e-15)


def test_zero_is_zero_and_every_kind_of_missing_value_is_empty(write_transport: Write) -> None:
    path = write_transport("CBC_H.XPT", {"SEQN": range(1, 7), "LBXHGB": [0.0, None, "._", ".A", ".Z", 7.0]})
    read = read_transport(path, ["LBXHGB"])["LBXHGB"].to_list()
    assert read == [0.0, None, None, None, None, 7.0]
    assert math.copysign(1, read[0]) == 1


def test_only_the_columns_asked_for_are_read_and_words_beside_them_do_not_matter(write_transport: Write) -> None:
    columns = {"SEQN": [1, 2], "SMDUPCA": ["02820000", ""], "SMQ020": [1, 2]}
    path = write_transport("SMQ_H.XPT", columns, texts=["SMDUPCA"])
    assert read_transport(path, ["SMQ020", "LBXHGB"]).columns == ["SEQN", "SMQ020"]


def test_names_in_lower_case_are_the_same_names(write_transport: Write) -> None:
    path = write_transport("CBC_H.XPT", {"seqn": [1], "lbxhgb": [13.0]})
    assert read_transport(path, ["LBXHGB"]).row(0) == (1, 13.0)


@pytest.mark.parametrize("n", range(1, 12))
def test_the_blanks_that_fill_the_last_record_are_no_people(write_transport: Write, n: int) -> None:
    path = write_transport("CBC_H.XPT", {"SEQN": range(1, n + 1), "LBXHGB": [13.0] * n})
    assert read_transport_header(path).rows == read_transport(path, ["LBXHGB"]).height == n


def test_a_file_cut_anywhere_is_refused(write_transport: Write) -> None:
    path = write_transport("BMX_H.XPT", {"SEQN": range(1, 40)} | {f"X{i}": [1.5] * 39 for i in range(12)})
    whole = path.read_bytes()
    for size in (0, 79, 81, 640, 700, 2000, len(whole) - 1, len(whole) - 80, len(whole) - 1500):
        path.write_bytes(whole[:size])
        with pytest.raises(CohortError, match=r"BMX_H\.XPT must (be a (whole )?SAS transport file|hold observations)"):
            read_transport(path, ["X1"])


def test_a_file_without_people_is_refused(write_transport: Write) -> None:
    path = write_transport("CBC_H.XPT", {"SEQN": [], "LBXHGB": []})
    with pytest.raises(CohortError, match="must hold observations, got 0"):
        read_transport(path, ["LBXHGB"])


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!", "version 8"),
        (b"<!DOCTYPE html><title>Page not found</title>", "other bytes"),
    ],
)
def test_a_file_of_another_format_is_refused(write_transport: Write, start: bytes, said: str) -> None:
    path = write_transport("CBC_H.XPT", {"SEQN": [1]})
    path.write_bytes(start.ljust(80) + path.read_bytes()[80:])
    with pytest.raises(CohortError, match=f"must be a SAS transport file of version 5, got {said}"):
        read_transport(path, [])


def test_a_file_of_two_tables_is_refused(write_transport: Write) -> None:
    path = write_transport("CBC_H.XPT", {"SEQN": [1]})
    path.write_bytes(path.read_bytes() + path.read_bytes()[240:])
    with pytest.raises(CohortError, match="must hold one table, got several"):
        read_transport(path, [])


@pytest.mark.parametrize(
    ("columns", "texts", "said"),
    [
        ({"SEQN": [1, 2, 1]}, [], "SEQN of CBC_H.XPT must be unique, got 1 of 3 rows repeated"),
        ({"SEQN": [1, None, 2]}, [], "SEQN of CBC_H.XPT must be whole numbers, got 1 rows without"),
        ({"SEQN": [1, 2.5]}, [], "SEQN of CBC_H.XPT must be whole numbers, got 1 rows without"),
        ({"LBXHGB": [1]}, [], "must hold SEQN, got none"),
        ({"SEQN": [1], "LBXHGB": ["13.0"]}, ["LBXHGB"], "must hold numbers, got text in LBXHGB"),
    ],
)
def test_rows_that_name_nobody_or_somebody_twice_are_refused(
    write_transport: Write, columns: dict[str, list[float]], texts: list[str], said: str
) -> None:
    path = write_transport("CBC_H.XPT", columns, texts=texts)
    with pytest.raises(CohortError, match=said):
        read_transport(path, ["LBXHGB"])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="must be a readable file"):
        read_transport(tmp_path / "CBC_H.XPT", [])
